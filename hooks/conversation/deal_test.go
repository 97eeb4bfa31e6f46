package conversation_test

import (
	"context"
	"testing"
	"time"

	"mostrador/hooks/desktest"
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
				s := desktest.NewSite(t)
				sales := s.Area("sales")
				s.Exec("UPDATE areas SET " + tt.before)
				ana := s.User("ana", rights.Operator, sales)
				id := s.Conversation(store.StatusWaiting, sales, "")
				s.Tick()
				if c := s.Get(id); c.Assignee != "" {
					t.Fatalf("got it with %s before the change", c.Assignee)
				}
				if way == "route" {
					s.SignIn(s.User("boss", rights.Admin)).Do("PUT", "/api/areas/"+sales, tt.change).Want(200)
				} else {
					s.Exec("UPDATE areas SET active = TRUE, policy = 'least_loaded'")
					s.Tick()
				}
				if c := s.Get(id); c.Assignee != ana.ID || c.Status != store.StatusOpen {
					t.Errorf("got %s with %q, want it open with %s", c.Status, c.Assignee, ana.ID)
				}
			})
		}
	}
}

func TestWhatWaitsInAnAreaThatIsSwitchedOffGoesToAnother(t *testing.T) {
	s := desktest.NewSite(t)
	sales, help := s.Area("sales"), s.Area("help")
	boss := s.User("boss", rights.Admin)
	b := s.SignIn(boss)
	waiting := []string{s.Conversation(store.StatusWaiting, sales, ""), s.Conversation(store.StatusWaiting, sales, "")}
	sam := s.User("sam", rights.Operator, sales)
	open := s.Conversation(store.StatusOpen, sales, sam.ID)
	nowhere := s.Conversation(store.StatusWaiting, "", "")
	s.Available(sam, "away")
	b.Do("PUT", "/api/areas/"+sales, map[string]any{"active": false}).Want(200)
	for _, id := range waiting {
		if c := s.Get(id); c.Area != sales || c.Status != store.StatusWaiting {
			t.Fatalf("with no other area to go to: got %s in %q, want it where those of sales can claim it", c.Status, c.Area)
		}
	}
	s.Setting("defaultArea", `"`+help+`"`)
	hal := s.User("hal", rights.Operator, help)
	s.Tick()
	for _, id := range append(waiting, nowhere) {
		if c := s.Get(id); c.Area != help || c.Assignee != hal.ID {
			t.Errorf("got it in %q with %q, want it in help with %s", c.Area, c.Assignee, hal.ID)
		}
	}
	if c := s.Get(open); c.Area != sales || c.Assignee != sam.ID {
		t.Errorf("what somebody has: got it in %q with %q, want it to stay", c.Area, c.Assignee)
	}
	if _, err := s.Desk.Conversations.Return(t.Context(), sam, open); err != nil {
		t.Fatal(err)
	}
	if c := s.Get(open); c.Area != help || c.Assignee != hal.ID || s.Events(open) != "returned transferred assigned" {
		t.Errorf("returned: got it in %q with %q after %q, want it in help with %s", c.Area, c.Assignee, s.Events(open), hal.ID)
	}
}

func TestSnoozedInAnAreaThatIsSwitchedOffSleepsOn(t *testing.T) {
	w := desktest.NewWorld(t)
	sales, help := w.Area("sales"), w.Area("help")
	hal := w.User("hal", rights.Operator, help)
	w.Setting("defaultArea", `"`+help+`"`)
	boss := w.User("boss", rights.Admin)
	id := w.Conversation(store.StatusWaiting, sales, "")
	if _, err := w.Desk.Conversations.Snooze(t.Context(), boss, id, w.Desk.Store.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	w.Exec("UPDATE areas SET active = FALSE WHERE id = '" + sales + "'")
	w.Tick()
	if c := w.Get(id); c.Assignee != "" || c.SnoozedUntil.IsZero() {
		t.Errorf("got it with %q, snoozed until %v, want it asleep", c.Assignee, c.SnoozedUntil)
	}
	w.Pass(time.Hour)
	w.Tick()
	if c := w.Get(id); c.Assignee != hal.ID {
		t.Errorf("got it with %q, want %s", c.Assignee, hal.ID)
	}
}

// However somebody goes, what they had open waits for the others.
func TestWhoIsGoneKeepsNothing(t *testing.T) {
	user := func(w *desktest.World, v rights.Viewer) *core.Record {
		u, err := w.Desk.Store.App.FindRecordById("users", v.ID)
		if err != nil {
			w.T.Fatal(err)
		}
		return u
	}
	off := false
	for name, leave := range map[string]func(w *desktest.World, v rights.Viewer) error{
		"by an admin whose browser does not wait for the answer": func(w *desktest.World, v rights.Viewer) error {
			ctx, cancel := context.WithCancel(w.T.Context())
			w.Desk.Store.App.OnRecordAfterUpdateSuccess("users").BindFunc(func(e *core.RecordEvent) error { cancel(); return e.Next() })
			return w.Desk.People.UpdateUser(ctx, v.ID, people.Person{Active: &off})
		},
		"in the dashboard": func(w *desktest.World, v rights.Viewer) error {
			u := user(w, v)
			u.Set("active", false)
			return w.Desk.Store.App.Save(u)
		},
		"deleted in the dashboard": func(w *desktest.World, v rights.Viewer) error { return w.Desk.Store.App.Delete(user(w, v)) },
		"and the desk stopped right then": func(w *desktest.World, v rights.Viewer) error {
			w.Exec("UPDATE users SET active = FALSE WHERE id = '" + v.ID + "'")
			return w.Desk.Tick(w.T.Context())
		},
		"deleted, and the desk stopped right then": func(w *desktest.World, v rights.Viewer) error {
			w.Exec("DELETE FROM users WHERE id = '" + v.ID + "'")
			return w.Desk.Tick(w.T.Context())
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := desktest.NewWorld(t)
			sales := w.Area("sales")
			ana, bea := w.User("ana", rights.Operator, sales), w.User("bea", rights.Operator, sales)
			w.Exec("UPDATE users SET tokenKey = id || id || id") // long enough to be saved
			id, others := w.Conversation(store.StatusOpen, sales, ana.ID), w.Conversation(store.StatusOpen, sales, bea.ID)
			if err := leave(w, ana); err != nil {
				t.Fatal(err)
			}
			w.Until(func() bool { return w.Get(id).Assignee == bea.ID })
			if got := w.Events(others); got != "" {
				t.Errorf("what bea has: got events %q, want none", got)
			}
		})
	}
}
