package hooks

import (
	"context"
	"testing"
	"time"

	"mostrador/hooks/people"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/pocketbase/core"
)

// An area's change is felt by who waits there, whether it is made on our page or in the dashboard, where the clock finds it.
func TestWhatWaitsFollowsItsArea(t *testing.T) {
	for name, tt := range map[string]struct {
		before string         // of the area
		change map[string]any // by an admin
	}{
		"people do not claim any more": {"policy = 'manual'", map[string]any{"policy": "least_loaded"}},
		"it is in use again":           {"active = FALSE", map[string]any{"active": true}},
	} {
		for _, way := range []string{"route", "dashboard"} {
			t.Run(name+" by "+way, func(t *testing.T) {
				s := newSite(t)
				sales := s.area("sales")
				s.exec("UPDATE areas SET " + tt.before)
				ana := s.user("ana", rights.Operator, sales)
				id := s.conversation(store.StatusWaiting, sales, "")
				s.tick()
				if c := s.get(id); c.Assignee != "" {
					t.Fatalf("got it with %s before the change", c.Assignee)
				}
				if way == "route" {
					s.signIn(s.user("boss", rights.Admin)).do("PUT", "/api/areas/"+sales, tt.change).want(200)
				} else {
					s.exec("UPDATE areas SET active = TRUE, policy = 'least_loaded'")
					s.tick()
				}
				if c := s.get(id); c.Assignee != ana.ID || c.Status != store.StatusOpen {
					t.Errorf("got %s with %q, want it open with %s", c.Status, c.Assignee, ana.ID)
				}
			})
		}
	}
}

func TestWhatWaitsInAnAreaThatIsSwitchedOffGoesToAnother(t *testing.T) {
	s := newSite(t)
	sales, help := s.area("sales"), s.area("help")
	boss := s.user("boss", rights.Admin)
	b := s.signIn(boss)
	waiting := []string{s.conversation(store.StatusWaiting, sales, ""), s.conversation(store.StatusWaiting, sales, "")}
	sam := s.user("sam", rights.Operator, sales)
	open := s.conversation(store.StatusOpen, sales, sam.ID)
	nowhere := s.conversation(store.StatusWaiting, "", "")
	s.available(sam, "away")
	b.do("PUT", "/api/areas/"+sales, map[string]any{"active": false}).want(200)
	for _, id := range waiting {
		if c := s.get(id); c.Area != sales || c.Status != store.StatusWaiting {
			t.Fatalf("with no other area to go to: got %s in %q, want it where those of sales can claim it", c.Status, c.Area)
		}
	}
	s.setting("defaultArea", `"`+help+`"`)
	hal := s.user("hal", rights.Operator, help)
	s.tick()
	for _, id := range append(waiting, nowhere) {
		if c := s.get(id); c.Area != help || c.Assignee != hal.ID {
			t.Errorf("got it in %q with %q, want it in help with %s", c.Area, c.Assignee, hal.ID)
		}
	}
	if c := s.get(open); c.Area != sales || c.Assignee != sam.ID {
		t.Errorf("what somebody has: got it in %q with %q, want it to stay", c.Area, c.Assignee)
	}
	if _, err := s.d.Conversations.Return(t.Context(), sam, open); err != nil {
		t.Fatal(err)
	}
	if c := s.get(open); c.Area != help || c.Assignee != hal.ID || s.events(open) != "returned transferred assigned" {
		t.Errorf("returned: got it in %q with %q after %q, want it in help with %s", c.Area, c.Assignee, s.events(open), hal.ID)
	}
}

func TestSnoozedInAnAreaThatIsSwitchedOffSleepsOn(t *testing.T) {
	w := newWorld(t)
	sales, help := w.area("sales"), w.area("help")
	hal := w.user("hal", rights.Operator, help)
	w.setting("defaultArea", `"`+help+`"`)
	boss := w.user("boss", rights.Admin)
	id := w.conversation(store.StatusWaiting, sales, "")
	if _, err := w.d.Conversations.Snooze(t.Context(), boss, id, w.d.Store.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	w.exec("UPDATE areas SET active = FALSE WHERE id = '" + sales + "'")
	w.tick()
	if c := w.get(id); c.Assignee != "" || c.SnoozedUntil.IsZero() {
		t.Errorf("got it with %q, snoozed until %v, want it asleep", c.Assignee, c.SnoozedUntil)
	}
	w.pass(time.Hour)
	w.tick()
	if c := w.get(id); c.Assignee != hal.ID {
		t.Errorf("got it with %q, want %s", c.Assignee, hal.ID)
	}
}

// However somebody goes, what they had open waits for the others.
func TestWhoIsGoneKeepsNothing(t *testing.T) {
	user := func(w *world, v rights.Viewer) *core.Record {
		u, err := w.d.Store.App.FindRecordById("users", v.ID)
		if err != nil {
			w.t.Fatal(err)
		}
		return u
	}
	off := false
	for name, leave := range map[string]func(w *world, v rights.Viewer) error{
		"by an admin whose browser does not wait for the answer": func(w *world, v rights.Viewer) error {
			ctx, cancel := context.WithCancel(w.t.Context())
			w.d.Store.App.OnRecordAfterUpdateSuccess("users").BindFunc(func(e *core.RecordEvent) error { cancel(); return e.Next() })
			return w.d.People.UpdateUser(ctx, v.ID, people.Person{Active: &off})
		},
		"in the dashboard": func(w *world, v rights.Viewer) error {
			u := user(w, v)
			u.Set("active", false)
			return w.d.Store.App.Save(u)
		},
		"deleted in the dashboard": func(w *world, v rights.Viewer) error { return w.d.Store.App.Delete(user(w, v)) },
		"and the desk stopped right then": func(w *world, v rights.Viewer) error {
			w.exec("UPDATE users SET active = FALSE WHERE id = '" + v.ID + "'")
			return w.d.Tick(w.t.Context())
		},
		"deleted, and the desk stopped right then": func(w *world, v rights.Viewer) error {
			w.exec("DELETE FROM users WHERE id = '" + v.ID + "'")
			return w.d.Tick(w.t.Context())
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			sales := w.area("sales")
			ana, bea := w.user("ana", rights.Operator, sales), w.user("bea", rights.Operator, sales)
			w.exec("UPDATE users SET tokenKey = id || id || id") // long enough to be saved
			id, others := w.conversation(store.StatusOpen, sales, ana.ID), w.conversation(store.StatusOpen, sales, bea.ID)
			if err := leave(w, ana); err != nil {
				t.Fatal(err)
			}
			w.until(func() bool { return w.get(id).Assignee == bea.ID })
			if got := w.events(others); got != "" {
				t.Errorf("what bea has: got events %q, want none", got)
			}
		})
	}
}
