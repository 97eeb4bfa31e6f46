package commands

import (
	"database/sql"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestDoctor(t *testing.T) {
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {}))
	defer page.Close()
	newer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`x="client_revision":4012345678,`))
	}))
	defer newer.Close()
	late := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
	}))
	defer late.Close()
	gone := httptest.NewServer(nil)
	gone.Close()

	good, torn := t.TempDir(), t.TempDir()
	makeDatabase(t, filepath.Join(good, "data.db"))
	makeDatabase(t, filepath.Join(torn, "data.db"))
	data := read(t, filepath.Join(torn, "data.db"))
	writeFile(t, filepath.Join(torn, "data.db"), string(data[:len(data)/2]))

	for name, c := range map[string]struct {
		dir, whatsapp string
		code          int
		says          string
	}{
		"all in order":          {good, page.URL, 0, "ok    data.db      whole"},
		"no folder yet":         {filepath.Join(good, "none"), page.URL, 0, "note  folder"},
		"a file for a folder":   {filepath.Join(good, "data.db"), page.URL, 1, "BAD   folder"},
		"half a database":       {torn, page.URL, 1, "BAD   data.db"},
		"WhatsApp out of reach": {good, gone.URL, 1, "BAD   WhatsApp"},
		"a newer WhatsApp Web":  {good, newer.URL, 0, "its page names 2.3000.4012345678"},
		"an unreadable page":    {good, page.URL, 0, "note  version"},
		"a clock an hour ahead": {good, late.URL, 1, "BAD   clock        1h0m"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := runMain(t, "doctor", "--dir", c.dir, "--whatsapp", c.whatsapp)
			if code != c.code || !strings.Contains(stdout, c.says) || (code == 0) != (stderr == "") {
				t.Errorf("got exit code %d, stderr %q and\n%s\nwant %d and %q", code, stderr, stdout, c.code, c.says)
			}
		})
	}
}

func makeDatabase(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE a (b TEXT); INSERT INTO a SELECT hex(randomblob(500)) FROM json_each('[" + strings.Repeat("1,", 99) + "1]')"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
}
