package hooks_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"mostrador/hooks/api"
	"mostrador/hooks/realtime"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"

	"github.com/pocketbase/dbx"
)

// TestEverythingElseIsThePlainRule holds threads, single conversations, files, contacts, what was missed, what streams hear and
// the counts of these equal to the plain rule, for random desks and viewers.
func TestEverythingElseIsThePlainRule(t *testing.T) {
	for _, seed := range seeds(2) {
		w := newWalled(t, seed)
		w.fill()
		for _, v := range w.viewers {
			sees := w.keys(v, "-", "-")
			who := fmt.Sprintf("seed %d: %s of %d areas", seed, v.Role, len(v.Areas))
			for _, c := range w.rows {
				w.holdOne(who, v, c, sees[c.ID])
			}
			got, err := w.Desk.Views.Changes(t.Context(), v, 0)
			if err != nil {
				t.Fatal(err)
			}
			ids := store.Distinct(got.Conversations, func(c *view.Conversation) string { return c.ID })
			if len(ids) != len(sees) || slices.ContainsFunc(ids, func(id any) bool { return !sees[id.(string)] }) {
				t.Errorf("%s missed: got %d conversations, want %d", who, len(ids), len(sees))
			}
			if len(got.Messages) != 2*len(sees) { // one message and one event of each
				t.Errorf("%s missed: got %d messages and events, want %d", who, len(got.Messages), 2*len(sees))
			}
			lost := 0 // all came from the first area, where nobody had them
			for _, c := range w.rows {
				if v.Sees(w.areas[0], "") && !sees[c.ID] {
					lost++
				}
			}
			if len(got.Removed) != lost {
				t.Errorf("%s missed: got %d that left, want %d", who, len(got.Removed), lost)
			}
		}
	}
}

// fill gives each conversation a message with a file, and an event by which it came from the first area.
func (w *walled) fill() {
	for i, c := range w.rows {
		n := 3 * (i + 1)
		w.Exec(fmt.Sprintf("UPDATE conversations SET seq = %d WHERE id = '%s'", n, c.ID))
		m := w.Insert("messages", dbx.Params{"conversation": c.ID, "contact": c.Contact, "line": c.Line, "direction": "in", "kind": "text", "text": "hola",
			"author": store.ByContact, "state": "received", "sentAt": c.LastAt, "seq": n + 1, "pos": n + 1})
		w.Insert("media", dbx.Params{"conversation": c.ID, "message": m, "state": "ready"})
		w.Insert("events", dbx.Params{"conversation": c.ID, "kind": "transferred", "actor": store.BySystem, "at": c.LastAt, "pos": n + 2, "fromArea": w.areas[0]})
	}
	w.Desk.Hub.Cursor = 1000
}

// holdOne asks for one conversation in every way.
func (w *walled) holdOne(who string, v rights.Viewer, c store.Conversation, may bool) {
	w.T.Helper()
	for what, ask := range map[string]func() (int, error){
		"conversation": func() (int, error) { _, err := w.Desk.Views.See(w.T.Context(), v, c.ID); return 2, err },
		"file":         func() (int, error) { return 2, w.Desk.Files.SeeFile(w.T.Context(), v, c.ID) },
		"thread": func() (int, error) {
			p, err := w.Desk.Views.Thread(w.T.Context(), v, c.ID, 1<<62, 50)
			return len(p.Items), err
		},
		"contact": func() (int, error) {
			card, err := w.Desk.Contacts.ContactCard(w.T.Context(), v, c.Contact)
			if err == nil && v.Role != rights.Admin && len(card.Conversations) != 1 {
				return 0, err
			}
			return 2, err
		},
		"stream": func() (int, error) {
			e := store.Event{Conversation: true, Area: c.Area, Assignee: c.Assignee}
			if realtime.Reaches(&e, v) != realtime.Sees {
				return 0, api.ErrNotFound
			}
			return 2, nil
		},
	} {
		if n, err := ask(); (err == nil) != may || err != nil && !errors.Is(err, api.ErrNotFound) || may && n != 2 {
			w.T.Errorf("%s asks for the %s of a conversation: got %d, %v; sees it: %v", who, what, n, err, may)
		}
	}
}
