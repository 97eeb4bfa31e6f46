package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// StorageFault reports whether an error is the disk's or the database's: what was tried may work later, and no flow or
// message is to blame.
func StorageFault(err error) bool {
	var e sqlite3.Error
	if errors.As(err, &e) {
		switch e.Code {
		case sqlite3.ErrFull, sqlite3.ErrIoErr, sqlite3.ErrBusy, sqlite3.ErrLocked, sqlite3.ErrNomem, sqlite3.ErrReadonly,
			sqlite3.ErrCantOpen, sqlite3.ErrCorrupt, sqlite3.ErrInterrupt:
			return true
		}
	}
	return errors.Is(err, ErrStopped) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// Safely turns a panic into an error: one broken message or file must not stop the desk, now and at each start.
func Safely[T any](do func() (T, error)) (v T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return do()
}
