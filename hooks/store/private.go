package store

import (
	"errors"
	"io/fs"
	"os"
)

// makePrivate makes a database's file before SQLite does, so that only its owner may read it; SQLite gives -wal and -shm the
// same mode. One that is there is not even opened: closing it would drop the locks that SQLite has on it.
func makePrivate(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return file.Close()
}
