package hooks_test

import (
	"slices"
	"testing"

	"mostrador/hooks/desktest"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"

	"github.com/pocketbase/dbx"
)

// There is more than one wall between a row and a viewer, so that a hole in one lets nothing out. Each is held alone: behind
// the others nobody would see the hole.

// TestEachSeekFindsWhatOneSees: what the keys alone find is the viewer's, for all that can be asked.
func TestEachSeekFindsWhatOneSees(t *testing.T) {
	for _, seed := range seeds(2) {
		w := newWalled(t, seed)
		for _, v := range w.viewers {
			for _, area := range append(w.areas, "-", "gone") {
				for _, who := range []string{"-", "", v.ID, w.viewers[1].ID, w.viewers[4].ID, "gone"} {
					for _, status := range append(view.AllStatuses, "-") {
						all := view.Narrow(view.Seeks(v), given(area), given(who), oneStatus(status))
						want := w.keys(v, area, who)
						byTime, err := view.Newest(t.Context(), w.Desk.Store.App.ConcurrentDB(), all, view.Key{}, 1000)
						if err != nil || !within(byTime, want) {
							t.Fatalf("seed %d: %s of %d areas seeks area %s, assignee %q, status %s: got what is not theirs (%v)", seed, v.Role, len(v.Areas), area, who, status, err)
						}
						byWait, err := view.Longest(view.LongestQuery)(t.Context(), w.Desk.Store.App.ConcurrentDB(), all, view.Key{}, 1000)
						if err != nil || !within(byWait, want) {
							t.Fatalf("seed %d: %s of %d areas seeks who waits in area %s, assignee %q, status %s: got what is not theirs (%v)", seed, v.Role, len(v.Areas), area, who, status, err)
						}
						if status == "-" && len(byTime) != len(want) {
							t.Fatalf("seed %d: %s of %d areas seeks area %s, assignee %q: got %d, want %d", seed, v.Role, len(v.Areas), area, who, len(byTime), len(want))
						}
					}
				}
			}
		}
	}
}

func given(value string) *string {
	if value == "-" {
		return nil
	}
	return &value
}

func oneStatus(status string) []string {
	if status == "-" {
		return nil
	}
	return []string{status}
}

func within(keys []view.Key, ids map[string]bool) bool {
	return !slices.ContainsFunc(keys, func(k view.Key) bool { return !ids[k.ID] })
}

// keys are the conversations of an area and an assignee that a viewer sees; "-" is any.
func (w *walled) keys(v rights.Viewer, area, who string) map[string]bool {
	ids := map[string]bool{}
	for _, c := range w.rows {
		if v.Sees(c.Area, c.Assignee) && (area == "-" || area == c.Area) && (who == "-" || who == c.Assignee) {
			ids[c.ID] = true
		}
	}
	return ids
}

// TestEachViewShowsWhatOneSees: given the keys or the rows of everything, no more becomes a view than its viewer sees.
func TestEachViewShowsWhatOneSees(t *testing.T) {
	for _, seed := range seeds(2) {
		w := newWalled(t, seed)
		db := w.Desk.Store.App.ConcurrentDB()
		var keys []view.Key
		for _, c := range w.rows {
			w.Insert("messages", dbx.Params{"conversation": c.ID, "contact": c.Contact, "line": c.Line, "direction": "in", "kind": "text", "text": "hola",
				"author": store.ByContact, "state": "received", "sentAt": c.LastAt})
			w.Insert("events", dbx.Params{"conversation": c.ID, "kind": "claimed", "actor": store.BySystem, "at": c.LastAt})
			keys = append(keys, view.Key{At: c.LastAt.String(), ID: c.ID})
		}
		messages, events := desktest.All[store.Message](w.World, "SELECT * FROM messages ORDER BY id"), desktest.All[store.EventRow](w.World, "SELECT * FROM events ORDER BY id")
		for _, v := range w.viewers {
			sees := w.keys(v, "-", "-")
			picked, err := (&view.Wanted{Limit: 1000}).Pick(t.Context(), db, v, keys)
			if err != nil {
				t.Fatal(err)
			}
			views, err := view.Conversations(db, v, w.rows)
			if err != nil {
				t.Fatal(err)
			}
			texts, rows, err := view.ViewThread(db, v, messages, events)
			if err != nil {
				t.Fatal(err)
			}
			for what, ids := range map[string][]any{
				"rows":          store.Distinct(picked, func(c *store.Conversation) string { return c.ID }),
				"conversations": store.Distinct(views, func(c *view.Conversation) string { return c.ID }),
				"messages":      store.Distinct(texts, func(m *view.Message) string { return m.Conversation }),
				"events":        store.Distinct(rows, func(e *view.Event) string { return e.Conversation }),
			} {
				if len(ids) != len(sees) || slices.ContainsFunc(ids, func(id any) bool { return !sees[id.(string)] }) {
					t.Errorf("seed %d: %s of %d areas: got %s of %d conversations, want of %d", seed, v.Role, len(v.Areas), what, len(ids), len(sees))
				}
			}
		}
	}
}
