package hooks

import (
	"context"
	"strconv"
	"testing"
	"time"

	"mostrador/hooks/conversation"
	"mostrador/hooks/outbox"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

func TestSnoozedWakesUpAndIsDealt(t *testing.T) {
	w := newWorld(t)
	sales := w.area("sales")
	boss := w.user("boss", rights.Admin)
	id := w.conversation(store.StatusWaiting, sales, "")
	if _, err := w.d.Conversations.Snooze(t.Context(), boss, id, w.d.Store.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	ana := w.user("ana", rights.Operator, sales)
	w.tick()
	if c := w.get(id); c.Assignee != "" {
		t.Fatal("it was woken before its time")
	}
	w.pass(time.Minute)
	w.tick()
	if c := w.get(id); !c.SnoozedUntil.IsZero() || c.Assignee != ana.ID {
		t.Errorf("got snoozed until %v with %q, want it awake with %s", c.SnoozedUntil, c.Assignee, ana.ID)
	}
}

func TestSweepGoesThroughAllBatches(t *testing.T) {
	w := newWorld(t)
	ana := w.user("ana", rights.Operator)
	const many = 3*store.ClockBatch + 5
	for i := range many {
		w.insert("conversations", dbx.Params{"line": "line", "contact": "c" + strconv.Itoa(i), "status": store.StatusOpen, "assignee": ana.ID,
			"lastAuthor": ana.ID, "lastAt": store.Stamp(w.d.Store.Now()), "startedAt": store.Stamp(w.d.Store.Now())})
	}
	w.pass(time.Hour)
	w.tick()
	var left int
	if err := w.d.Store.App.DB().NewQuery("SELECT COUNT(*) FROM conversations WHERE status != 'closed'").Row(&left); err != nil {
		t.Fatal(err)
	}
	if left != 0 {
		t.Errorf("%d of %d are still open", left, many)
	}
}

func TestClockStops(t *testing.T) {
	w := newWorld(t)
	ana := w.user("ana", rights.Operator)
	id := w.answered("", ana)
	w.pass(time.Hour)
	closed := make(chan struct{}, 1)
	w.d.Store.PublishTo = func(e store.Event) {
		if e.Name == store.EventClosed {
			closed <- struct{}{}
		}
	}
	stop := w.d.startClock(context.Background(), time.Second)
	<-closed
	stop()
	if c := w.get(id); c.Status != store.StatusClosed {
		t.Errorf("got %s", c.Status)
	}
}

// Whatever wakes a conversation that waits, it goes to whoever can take it, as it would have if it had not been snoozed.
func TestWokenIsDealt(t *testing.T) {
	for name, wake := range map[string]func(w *world, boss rights.Viewer, id string){
		"the customer writes": func(w *world, _ rights.Viewer, id string) { w.says(id, "¿hola?") },
		"somebody cannot wait": func(w *world, boss rights.Viewer, id string) {
			if _, err := w.d.Conversations.Snooze(w.t.Context(), boss, id, time.Time{}); err != nil {
				w.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			sales := w.area("sales")
			boss := w.user("boss", rights.Admin)
			id := w.conversation(store.StatusWaiting, sales, "")
			if _, err := w.d.Conversations.Snooze(t.Context(), boss, id, w.d.Store.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			ana := w.user("ana", rights.Operator, sales)
			wake(w, boss, id)
			if c := w.get(id); !c.SnoozedUntil.IsZero() || c.Assignee != ana.ID || c.Status != store.StatusOpen {
				t.Errorf("got %s, snoozed until %v with %q, want it open with %s", c.Status, c.SnoozedUntil, c.Assignee, ana.ID)
			}
		})
	}
}

// Who wakes an old conversation by hand wants to work on it, not to see it closed within a minute.
func TestWokenByHandIsNotClosedAtOnce(t *testing.T) {
	w := newWorld(t)
	ana := w.user("ana", rights.Operator, w.area("sales"))
	id := w.conversation(store.StatusOpen, ana.Areas[0], ana.ID)
	w.send(ana, id, outbox.NewMessage{Text: "listo"})
	w.exec("UPDATE messages SET state = 'sent', outbox = FALSE")
	if _, err := w.d.Conversations.Snooze(t.Context(), ana, id, w.d.Store.Now().Add(48*time.Hour)); err != nil {
		t.Fatal(err)
	}
	w.pass(24 * time.Hour)
	if _, err := w.d.Conversations.Snooze(t.Context(), ana, id, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if err := w.d.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := w.get(id); c.Status != store.StatusOpen {
		t.Errorf("got %s, want open", c.Status)
	}
}

func TestReturnedIsNotSnoozed(t *testing.T) {
	w := newWorld(t)
	sales := w.area("sales")
	ana := w.user("ana", rights.Operator, sales)
	id := w.conversation(store.StatusOpen, sales, ana.ID)
	if _, err := w.d.Conversations.Snooze(t.Context(), ana, id, w.d.Store.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.d.Conversations.Return(t.Context(), ana, id); err != nil {
		t.Fatal(err)
	}
	w.available(ana, "away")
	bea := w.user("bea", rights.Operator, sales)
	w.write(func(tx *store.Tx) error { return conversation.Freed(tx, bea.ID, "") })
	if c := w.get(id); !c.SnoozedUntil.IsZero() || c.Assignee != bea.ID {
		t.Errorf("got snoozed until %v with %q, want it in the line and with %s", c.SnoozedUntil, c.Assignee, bea.ID)
	}
}
