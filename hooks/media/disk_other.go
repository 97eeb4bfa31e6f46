//go:build !linux && !darwin

package media

import "errors"

// statDisk does not know how to ask elsewhere: files are fetched until the disk refuses them.
func statDisk(string) (Space, error) { return Space{}, errors.ErrUnsupported }
