package main

import (
	"embed"
	"io/fs"
)

// builtPage is what web/ builds, committed: a bare clone makes the whole product with the Go compiler alone.
//
//go:embed all:pb_public
var builtPage embed.FS

// newBuiltPage serves the page that is in this binary.
func newBuiltPage(demo bool) (*page, error) {
	files, err := fs.Sub(builtPage, "pb_public")
	if err != nil {
		return nil, err
	}
	return newPage(files, demo)
}
