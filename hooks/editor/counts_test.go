package editor_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mostrador/hooks/desktest"
	"mostrador/hooks/editor"
	"mostrador/hooks/store"
	"mostrador/whatsapp"
)

func TestVisitsAreCountedOnceByDay(t *testing.T) {
	w, _ := desktest.NewWorldWithFlow(t)
	w.Setting("zone", `"America/Argentina/Buenos_Aires"`) // three hours behind: the day there begins at 03:00 UTC
	now := time.Date(2026, 3, 3, 2, 59, 0, 0, time.UTC)
	w.Desk.Store.Now = func() time.Time { return now }
	w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.Round()
	want := []string{"2026-03-02 v1 menu entered  1"}
	for range 2 {
		if got := w.Counted(); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q, however often it is asked", got, want)
		}
	}
	w.Pass(2 * time.Minute)
	w.Gets(whatsapp.Message{ID: "B", Text: "what?"})
	w.Round()
	w.Gets(whatsapp.Message{ID: "C", Text: "1"})
	w.Round()
	want = append(want, "2026-03-03 v1 menu left sales 1", "2026-03-03 v1 menu missed  1", "2026-03-03 v1 sales entered  1", "2026-03-03 v1 sales handed_over  1")
	if got := w.Counted(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCountingGoesOnWhereItStopped(t *testing.T) {
	w, flow := desktest.NewWorldWithFlow(t)
	event := func(n int) {
		w.Write(func(tx *store.Tx) error {
			for range n {
				if err := tx.Event(nil, "flow", store.ByFlow, map[string]any{"visits": []map[string]any{{"flow": flow, "version": 1, "node": "menu", "what": "entered"}}}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	event(2*editor.CountBatch + 7)
	stale := func(tx *store.Tx) error { return editor.AddCounts(tx, nil, 0, 1) }
	if got := strings.Join(w.Counted(), "; "); !strings.HasSuffix(got, fmt.Sprint(" ", 2*editor.CountBatch+7)) {
		t.Errorf("got %q, want %d entered", got, 2*editor.CountBatch+7)
	}
	w.Write(stale)
	event(1)
	if got := strings.Join(w.Counted(), "; "); !strings.HasSuffix(got, fmt.Sprint(" ", 2*editor.CountBatch+8)) {
		t.Errorf("got %q, want %d entered", got, 2*editor.CountBatch+8)
	}
}

func TestTwoWhoCountCountOnce(t *testing.T) {
	w, _ := desktest.NewWorldWithFlow(t)
	w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.Round()
	events := desktest.All[editor.Uncounted](w, "SELECT pos, at, data FROM events WHERE kind = 'flow'")
	days := w.Desk.Editor.VisitsByDay(events)
	for range 2 { // both read before either wrote
		w.Write(func(tx *store.Tx) error { return editor.AddCounts(tx, days, 0, events[0].Pos) })
	}
	if got := strings.Join(w.Counted(), "; "); !strings.HasSuffix(got, "menu entered  1") {
		t.Errorf("got %q, want it counted once", got)
	}
}
