package store_test

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"mostrador/hooks"
	"mostrador/hooks/desktest"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

func setting(tx *store.Tx, key string) error {
	_, err := tx.DB().Insert("settings", dbx.Params{"id": store.NewID(tx.Now), "key": key, "value": "1", "updated": ""}).Execute()
	return err
}

func countSettings(t *testing.T, d *hooks.Desk) (n int) {
	t.Helper()
	if err := d.Store.App.DB().NewQuery("SELECT COUNT(*) FROM settings").Row(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWriteFailureTakesNothingElseWithIt(t *testing.T) {
	d := desktest.NewDesk(t)
	boom := errors.New("boom")
	busy, gate := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { // holds the writer until the others wait, so that they share one commit
		_ = d.Store.Write(context.Background(), func(*store.Tx) error { close(busy); <-gate; return nil })
	})
	<-busy
	results := make([]error, 10)
	for i := range results {
		wg.Go(func() {
			results[i] = d.Store.Write(context.Background(), func(tx *store.Tx) error {
				if err := setting(tx, "k"+strconv.Itoa(i)); err != nil {
					return err
				}
				switch i {
				case 3:
					return boom
				case 4:
					panic("bug")
				}
				return nil
			})
		})
	}
	for len(d.Store.Jobs) < len(results) {
		runtime.Gosched()
	}
	close(gate)
	wg.Wait()
	for i, err := range results {
		if wantErr := i == 3 || i == 4; (err != nil) != wantErr {
			t.Errorf("cause %d: got error %v, want error: %v", i, err, wantErr)
		}
	}
	if got, want := countSettings(t, d), 8; got != want {
		t.Errorf("got %d rows, want %d", got, want)
	}
}

func TestWhatFollowsMayFailAlone(t *testing.T) {
	for name, tt := range map[string]struct {
		err  error
		rows int
		want string
	}{"it works": {nil, 2, "first second"}, "it fails": {errors.New("no"), 1, "first"}} {
		t.Run(name, func(t *testing.T) {
			d := desktest.NewDesk(t)
			var heard []string
			d.Store.PublishTo = func(e store.Event) { heard = append(heard, e.Name) }
			err := d.Store.Write(context.Background(), func(tx *store.Tx) error {
				tx.Publish(store.Event{Name: "first"})
				tx.Then(func(tx *store.Tx) error {
					tx.Publish(store.Event{Name: "second"})
					if err := setting(tx, "second"); err != nil {
						return err
					}
					return tt.err
				})
				return setting(tx, "first")
			})
			if got := strings.Join(heard, " "); err != nil || got != tt.want || countSettings(t, d) != tt.rows {
				t.Errorf("got %v, %q and %d rows, want no error, %q and %d", err, got, countSettings(t, d), tt.want, tt.rows)
			}
		})
	}
}

func TestPublishedOnlyAfterCommit(t *testing.T) {
	d := desktest.NewDesk(t)
	var got []string
	d.Store.PublishTo = func(e store.Event) { got = append(got, e.Name) }
	_ = d.Store.Write(context.Background(), func(tx *store.Tx) error { tx.Publish(store.Event{Name: "lost"}); return errors.New("no") })
	if err := d.Store.Write(context.Background(), func(tx *store.Tx) error { tx.Publish(store.Event{Name: "kept"}); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0] != "kept" {
		t.Errorf("got %v, want [kept]", got)
	}
}

func TestSees(t *testing.T) {
	admin, sup, op := rights.Viewer{ID: "a", Role: rights.Admin, Areas: nil}, rights.Viewer{ID: "s", Role: rights.Supervisor, Areas: []string{"x"}}, rights.Viewer{ID: "o", Role: rights.Operator, Areas: []string{"x"}}
	tests := []struct {
		name           string
		v              rights.Viewer
		area, assignee string
		want           bool
	}{
		{"admin, no area", admin, "", "", true},
		{"supervisor, own area, another's", sup, "x", "o", true},
		{"supervisor, other area", sup, "y", "", false},
		{"supervisor, other area, own chat", sup, "y", "s", true},
		{"operator, own area, unassigned", op, "x", "", true},
		{"operator, own area, another's", op, "x", "s", false},
		{"operator, other area, unassigned", op, "y", "", false},
		{"operator, own chat elsewhere", op, "y", "o", true},
		{"operator, no area yet", op, "", "", false},
		{"operator without areas", rights.Viewer{ID: "p", Role: rights.Operator, Areas: nil}, "x", "", false},
		{"nobody", rights.Viewer{}, "x", "", false},
		{"nobody, unassigned and no area", rights.Viewer{}, "", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.v.Sees(tt.area, tt.assignee); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestIDsGrow(t *testing.T) {
	var g store.IDMaker
	last := ""
	for i := range 5000 {
		id := g.Next(1_700_000_000_000 - int64(i%3)) // the clock may step back
		if len(id) != 15 || id <= last {
			t.Fatalf("id %d: got %q after %q, want 15 characters and growing", i, id, last)
		}
		last = id
	}
}

func TestWriteAfterStopIsRefusedAndNothingThatGotInIsLost(t *testing.T) {
	app := desktest.NewApp(t)
	d := &hooks.Desk{Store: store.Store{App: app}}
	if err := d.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	busy, gate, served := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		_ = d.Store.Write(context.Background(), func(*store.Tx) error { close(busy); <-gate; return nil })
	}()
	<-busy
	d.Store.Submit(context.Background(), func(tx *store.Tx) error { return setting(tx, "late") }, func(err error) { served <- err })
	stopped := make(chan struct{})
	go func() { d.Stop(); close(stopped) }()
	close(gate)
	<-stopped
	if err := <-served; err != nil {
		t.Errorf("got %v for a cause that was waiting when the desk stopped, want it written", err)
	}
	if got := countSettings(t, d); got != 1 {
		t.Errorf("got %d rows, want 1", got)
	}
	if err := d.Store.Write(context.Background(), func(tx *store.Tx) error { return setting(tx, "after") }); !errors.Is(err, store.ErrStopped) {
		t.Errorf("got %v after the stop, want %v", err, store.ErrStopped)
	}
}
