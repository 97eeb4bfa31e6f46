//go:build linux || darwin

package media

import (
	"fmt"
	"syscall"
)

// StatDisk asks the file system that a folder is on.
func StatDisk(dir string) (Space, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return Space{}, fmt.Errorf("ask the disk for its space: %w", err)
	}
	block := int64(s.Bsize) //nolint:unconvert // not an int64 everywhere
	free := int64(s.Bavail) * block
	return Space{Free: free, Total: int64(s.Blocks-s.Bfree)*block + free}, nil // as df counts: what is root's alone is no part
}
