package hooks_test

import (
	"context"
	"testing"
	"time"

	"mostrador/hooks/desktest"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
)

func TestClockStops(t *testing.T) {
	w := desktest.NewWorld(t)
	ana := w.User("ana", rights.Operator)
	id := w.Answered("", ana)
	w.Pass(time.Hour)
	closed := make(chan struct{}, 1)
	w.Desk.Store.PublishTo = func(e store.Event) {
		if e.Name == store.EventClosed {
			closed <- struct{}{}
		}
	}
	stop := w.Desk.StartClock(context.Background(), time.Second)
	<-closed
	stop()
	if c := w.Get(id); c.Status != store.StatusClosed {
		t.Errorf("got %s", c.Status)
	}
}
