package hooks

import (
	"context"
	"runtime"
	"time"

	"mostrador/hooks/api"
)

const (
	turnWait = 5 * time.Second
	turnLine = 64 // who waits, for each that is at work
)

// turns bounds what is made slow on purpose: hashing a password takes a core for 60 ms. Half of the cores do it at most, so
// that a flood of sign-ins leaves the desk the others; whoever would wait long is told so instead.
type turns struct {
	slots, line chan struct{}
	wait        time.Duration
}

func newTurns() *turns {
	n := max(1, runtime.GOMAXPROCS(0)/2)
	return &turns{slots: make(chan struct{}, n), line: make(chan struct{}, n*(turnLine+1)), wait: turnWait}
}

// take waits for a turn; done gives it back.
func (t *turns) take(ctx context.Context) (done func(), err error) {
	select {
	case t.line <- struct{}{}:
	default:
		return nil, api.RefuseBusy()
	}
	done = func() { <-t.slots; <-t.line }
	select {
	case t.slots <- struct{}{}:
		return done, nil
	default:
	}
	timer := time.NewTimer(t.wait)
	defer timer.Stop()
	select {
	case t.slots <- struct{}{}:
		return done, nil
	case <-timer.C:
		err = api.RefuseBusy()
	case <-ctx.Done():
		err = ctx.Err()
	}
	<-t.line
	return nil, err
}
