package hooks

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
)

func TestSnoozedWakesUpAndIsDealt(t *testing.T) {
	w := newWorld(t)
	sales := w.area("sales")
	boss := w.user("boss", Admin)
	id := w.conversation(statusWaiting, sales, "")
	if _, err := w.d.Snooze(t.Context(), boss, id, w.d.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	ana := w.user("ana", Operator, sales)
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
	ana := w.user("ana", Operator)
	const many = 3*clockBatch + 5
	for i := range many {
		w.insert("conversations", dbx.Params{"line": "line", "contact": "c" + strconv.Itoa(i), "status": statusOpen, "assignee": ana.ID,
			"lastAuthor": ana.ID, "lastAt": stamp(w.d.Now()), "startedAt": stamp(w.d.Now())})
	}
	w.pass(time.Hour)
	w.tick()
	var left int
	if err := w.d.App.DB().NewQuery("SELECT COUNT(*) FROM conversations WHERE status != 'closed'").Row(&left); err != nil {
		t.Fatal(err)
	}
	if left != 0 {
		t.Errorf("%d of %d are still open", left, many)
	}
}

func TestClockStops(t *testing.T) {
	w := newWorld(t)
	ana := w.user("ana", Operator)
	id := w.answered("", ana)
	w.pass(time.Hour)
	closed := make(chan struct{}, 1)
	w.d.publishTo = func(e Event) {
		if e.Name == eventClosed {
			closed <- struct{}{}
		}
	}
	stop := w.d.startClock(context.Background(), time.Second)
	<-closed
	stop()
	if c := w.get(id); c.Status != statusClosed {
		t.Errorf("got %s", c.Status)
	}
}
