// Package desktest: the desk for tests: alone, over HTTP, and with an emulated WhatsApp.
package desktest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"mostrador/hooks"
	"mostrador/hooks/media"
	"mostrador/hooks/store"
	_ "mostrador/pb_migrations"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tests"
	"golang.org/x/crypto/bcrypt"
)

// template is a migrated, empty data folder that every test clones: 5 ms instead of 120.
var template string

// Main runs the tests of a package; each of their desks begins as a copy of one migrated folder.
func Main(m *testing.M) {
	dir, err := os.MkdirTemp("", "mostrador-template")
	if err == nil {
		err = makeTemplate(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "make the template database:", err)
		os.Exit(1)
	}
	template = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func makeTemplate(dir string) error {
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: dir, DBConnect: store.Connect})
	if err := app.Bootstrap(); err != nil {
		return err
	}
	if err := app.RunAllMigrations(); err != nil {
		return err
	}
	if err := hashQuickly(app); err != nil {
		return err
	}
	if _, err := app.NonconcurrentDB().NewQuery("PRAGMA wal_checkpoint(TRUNCATE)").Execute(); err != nil {
		return err
	}
	return app.ResetBootstrapState()
}

// PasswordCost is what a password of the program costs (bcrypt); 0: what PocketBase means by it. Those of tests cost the least:
// a real one takes a second under the race detector.
var PasswordCost = map[string]int{}

func hashQuickly(app core.App) error {
	for _, name := range []string{"users", core.CollectionNameSuperusers} {
		c, err := app.FindCollectionByNameOrId(name)
		if err != nil {
			return err
		}
		field := c.Fields.GetByName("password").(*core.PasswordField)
		PasswordCost[name], field.Cost = field.Cost, bcrypt.MinCost
		if err := app.Save(c); err != nil {
			return err
		}
	}
	return nil
}

// NewApp is an app on a fresh migrated database.
func NewApp(t testing.TB) *tests.TestApp {
	t.Helper()
	app, err := tests.NewTestAppWithConfig(core.BaseAppConfig{DataDir: template, DBConnect: store.Connect})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(app.Cleanup)
	files, _ := filepath.Glob(filepath.Join(app.DataDir(), "*.db*"))
	for _, file := range files { // copied with whatever mode; the program makes them its owner's
		if err := os.Chmod(file, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	return app
}

// roomy is a disk that no test fills.
func roomy(string) (media.Space, error) { return media.Space{Free: 50 << 30, Total: 100 << 30}, nil }

// NewDesk is a started desk without lines or loops; its clock stands at noon of a Monday until the test moves it.
func NewDesk(t testing.TB) *hooks.Desk {
	t.Helper()
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	d := &hooks.Desk{Store: store.Store{App: NewApp(t), Now: func() time.Time { return now }}, Files: media.Files{Disk: roomy}}
	if err := d.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Stop)
	return d
}
