package commands

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"mostrador/hooks/store"
	_ "mostrador/pb_migrations"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// errFolderInUse means that another process owns the folder.
var errFolderInUse = errors.New("is in use by another mostrador")

// folder is an opened data folder: the lock on it, if it was asked for, and its databases.
type folder struct {
	dir  string
	app  core.App
	lock *os.File
}

// openFolder makes the folder if need be, opens its databases and brings them to this version's schema. With own it is
// locked as well: one process at a time holds the line and counts the cursors. first is done before anything in it is opened;
// nil: nothing is.
func openFolder(dir string, own bool, first func(dir string) error) (*folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w; name another one with --dir", explain(err))
	}
	f := &folder{dir: dir}
	if own {
		lock, err := lockFolder(dir)
		if err != nil {
			return nil, err
		}
		f.lock = lock
	}
	if first != nil {
		if err := first(dir); err != nil {
			f.unlock()
			return nil, err
		}
	}
	f.app = core.NewBaseApp(core.BaseAppConfig{
		DataDir: dir, DBConnect: store.Connect,
		DataMaxOpenConns: store.MaxConns, DataMaxIdleConns: store.MaxConns, AuxMaxOpenConns: 2, AuxMaxIdleConns: 2,
	})
	err := f.app.Bootstrap()
	if err == nil {
		err = f.app.RunAllMigrations()
	}
	if err != nil {
		f.close()
		return nil, fmt.Errorf("open the data folder %s: %w; mostrador doctor --dir %s says more", dir, explain(err), dir)
	}
	return f, nil
}

// close lets go of the databases, then of the folder.
func (f *folder) close() {
	_ = f.app.ResetBootstrapState() // closes the databases; what was committed is on disk
	f.unlock()
}

func (f *folder) unlock() {
	if f.lock != nil {
		_ = f.lock.Close() // lets go of the lock
	}
}

const lockName = "mostrador.lock"

// lockFolder takes the folder for this process. The system lets go of it when the process ends, however it ends.
func lockFolder(dir string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", explain(err))
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer file.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock the data folder: %w", explain(err))
		}
		owner := make([]byte, 20)
		n, _ := file.Read(owner)
		return nil, fmt.Errorf("the folder %s %w (process %s); stop that one, or name another folder with --dir", dir, errFolderInUse, strings.TrimSpace(string(owner[:n])))
	}
	_ = file.Truncate(0) // the number is for people; the lock holds without it
	_, _ = file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return file, nil
}

// emulatedMark is a file in a folder whose lines were linked to an emulated WhatsApp.
const emulatedMark = "emulated-whatsapp"

// settle keeps real and emulated lines apart: the key that the WhatsApp library trusts belongs to the whole process, and
// a link made with one server is refused, and thrown away, by the other.
func (f *folder) settle(emulated bool) error {
	mark := filepath.Join(f.dir, emulatedMark)
	_, err := os.Stat(mark)
	marked := err == nil
	if marked == emulated {
		return nil
	}
	linked, err := f.app.CountRecords("lines", dbx.NewExp("device != ''"))
	switch {
	case err != nil:
		return fmt.Errorf("count the linked lines: %w", err)
	case linked > 0 && emulated:
		return fmt.Errorf("the folder %s holds a line that is linked to the real WhatsApp; name another folder with --dir for tests", f.dir)
	case linked > 0:
		return fmt.Errorf("the lines in the folder %s are linked to an emulated WhatsApp; give its address with --whatsapp, or name another folder with --dir", f.dir)
	case emulated:
		if err := os.WriteFile(mark, nil, 0o600); err != nil {
			return fmt.Errorf("mark the folder: %w", explain(err))
		}
		return nil
	}
	return os.Remove(mark)
}
