package conversation_test

import (
	"strconv"
	"testing"
	"time"

	"mostrador/hooks/conversation"
	"mostrador/hooks/desktest"
	"mostrador/hooks/outbox"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

func TestSnoozedWakesUpAndIsDealt(t *testing.T) {
	w := desktest.NewWorld(t)
	sales := w.Area("sales")
	boss := w.User("boss", rights.Admin)
	id := w.Conversation(store.StatusWaiting, sales, "")
	if _, err := w.Desk.Conversations.Snooze(t.Context(), boss, id, w.Desk.Store.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	ana := w.User("ana", rights.Operator, sales)
	w.Tick()
	if c := w.Get(id); c.Assignee != "" {
		t.Fatal("it was woken before its time")
	}
	w.Pass(time.Minute)
	w.Tick()
	if c := w.Get(id); !c.SnoozedUntil.IsZero() || c.Assignee != ana.ID {
		t.Errorf("got snoozed until %v with %q, want it awake with %s", c.SnoozedUntil, c.Assignee, ana.ID)
	}
}

func TestSweepGoesThroughAllBatches(t *testing.T) {
	w := desktest.NewWorld(t)
	ana := w.User("ana", rights.Operator)
	const many = 3*store.ClockBatch + 5
	for i := range many {
		w.Insert("conversations", dbx.Params{"line": "line", "contact": "c" + strconv.Itoa(i), "status": store.StatusOpen, "assignee": ana.ID,
			"lastAuthor": ana.ID, "lastAt": store.Stamp(w.Desk.Store.Now()), "startedAt": store.Stamp(w.Desk.Store.Now())})
	}
	w.Pass(time.Hour)
	w.Tick()
	var left int
	if err := w.Desk.Store.App.DB().NewQuery("SELECT COUNT(*) FROM conversations WHERE status != 'closed'").Row(&left); err != nil {
		t.Fatal(err)
	}
	if left != 0 {
		t.Errorf("%d of %d are still open", left, many)
	}
}

// Whatever wakes a conversation that waits, it goes to whoever can take it, as it would have if it had not been snoozed.
func TestWokenIsDealt(t *testing.T) {
	for name, wake := range map[string]func(w *desktest.World, boss rights.Viewer, id string){
		"the customer writes": func(w *desktest.World, _ rights.Viewer, id string) { w.Says(id, "¿hola?") },
		"somebody cannot wait": func(w *desktest.World, boss rights.Viewer, id string) {
			if _, err := w.Desk.Conversations.Snooze(w.T.Context(), boss, id, time.Time{}); err != nil {
				w.T.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := desktest.NewWorld(t)
			sales := w.Area("sales")
			boss := w.User("boss", rights.Admin)
			id := w.Conversation(store.StatusWaiting, sales, "")
			if _, err := w.Desk.Conversations.Snooze(t.Context(), boss, id, w.Desk.Store.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			ana := w.User("ana", rights.Operator, sales)
			wake(w, boss, id)
			if c := w.Get(id); !c.SnoozedUntil.IsZero() || c.Assignee != ana.ID || c.Status != store.StatusOpen {
				t.Errorf("got %s, snoozed until %v with %q, want it open with %s", c.Status, c.SnoozedUntil, c.Assignee, ana.ID)
			}
		})
	}
}

// Who wakes an old conversation by hand wants to work on it, not to see it closed within a minute.
func TestWokenByHandIsNotClosedAtOnce(t *testing.T) {
	w := desktest.NewWorld(t)
	ana := w.User("ana", rights.Operator, w.Area("sales"))
	id := w.Conversation(store.StatusOpen, ana.Areas[0], ana.ID)
	w.Send(ana, id, outbox.NewMessage{Text: "listo"})
	w.Exec("UPDATE messages SET state = 'sent', outbox = FALSE")
	if _, err := w.Desk.Conversations.Snooze(t.Context(), ana, id, w.Desk.Store.Now().Add(48*time.Hour)); err != nil {
		t.Fatal(err)
	}
	w.Pass(24 * time.Hour)
	if _, err := w.Desk.Conversations.Snooze(t.Context(), ana, id, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if err := w.Desk.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := w.Get(id); c.Status != store.StatusOpen {
		t.Errorf("got %s, want open", c.Status)
	}
}

func TestReturnedIsNotSnoozed(t *testing.T) {
	w := desktest.NewWorld(t)
	sales := w.Area("sales")
	ana := w.User("ana", rights.Operator, sales)
	id := w.Conversation(store.StatusOpen, sales, ana.ID)
	if _, err := w.Desk.Conversations.Snooze(t.Context(), ana, id, w.Desk.Store.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Desk.Conversations.Return(t.Context(), ana, id); err != nil {
		t.Fatal(err)
	}
	w.Available(ana, "away")
	bea := w.User("bea", rights.Operator, sales)
	w.Write(func(tx *store.Tx) error { return conversation.Freed(tx, bea.ID, "") })
	if c := w.Get(id); !c.SnoozedUntil.IsZero() || c.Assignee != bea.ID {
		t.Errorf("got snoozed until %v with %q, want it in the line and with %s", c.SnoozedUntil, c.Assignee, bea.ID)
	}
}
