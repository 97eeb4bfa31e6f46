package commands

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mostrador/hooks"
	"mostrador/hooks/lines"
	"mostrador/hooks/store"
	"mostrador/whatsapp"
)

// TestFilesAreTheirOwnersOnly: databases with what SQLite puts beside them, and copies; one that was wider stays as it is.
func TestFilesAreTheirOwnersOnly(t *testing.T) {
	dir := t.TempDir()
	f, err := openFolder(dir, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	links, err := whatsapp.OpenStore(t.Context(), filepath.Join(dir, lines.StoreName), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer links.Close()
	private() // as main does, for what others write: PocketBase, zip
	if err := f.app.CreateBackup(t.Context(), "copy.zip"); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	_ = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		seen[entry.Name()] = true
		if info, err := entry.Info(); err == nil && info.Mode().Perm()&0o077 != 0 && !strings.HasSuffix(path, ".attrs") {
			t.Errorf("%s has mode %o", path, info.Mode().Perm())
		}
		return nil
	})
	for _, name := range []string{"data.db", "data.db-wal", "data.db-shm", "auxiliary.db", "whatsapp.db", "whatsapp.db-wal", "copy.zip"} {
		if !seen[name] {
			t.Errorf("%s is not there; got %v", name, seen)
		}
	}
	if got := hooks.OpenToOthers(dir); len(got) != 0 {
		t.Errorf("got %v, want none that others can read", got)
	}

	wide := filepath.Join(t.TempDir(), "data.db")
	makeDatabase(t, wide)
	if err := os.Chmod(wide, 0o644); err != nil {
		t.Fatal(err)
	}
	db, err := store.Connect(wide)
	if err == nil {
		err = db.DB().Ping()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if info, err := os.Stat(wide); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("got mode %v, %v, want it as it was", info.Mode(), err)
	}
	_, stdout, _ := runMain(t, "doctor", "--dir", filepath.Dir(wide), "--whatsapp", "http://127.0.0.1:1")
	if !strings.Contains(stdout, "note  privacy") || !strings.Contains(stdout, "chmod 600") {
		t.Errorf("doctor says nothing of it:\n%s", stdout)
	}
}
