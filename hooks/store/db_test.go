package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"mostrador/hooks/store"
)

// A data folder may be called anything: SQLite takes a database's name for an address.
func TestConnectTakesAnyFolder(t *testing.T) {
	for _, name := range []string{"plain", "desk #1", "50%", "a%20b", "what?", "año"} {
		path := filepath.Join(t.TempDir(), name, "data.db")
		if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		db, err := store.Connect(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.NewQuery("CREATE TABLE t (id TEXT)").Execute(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s: %v, want the database there", name, err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}
