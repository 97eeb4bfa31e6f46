package auth

import (
	"context"
	"runtime"
	"time"

	"mostrador/hooks/api"
)

const (
	TurnWait = 5 * time.Second
	turnLine = 64 // who waits, for each that is at work
)

// turns bounds what is made slow on purpose: hashing a password takes a core for 60 ms. Half of the cores do it at most, so
// that a flood of sign-ins leaves the desk the others; whoever would wait long is told so instead.
type turns struct {
	Slots, Line chan struct{}
	Wait        time.Duration
}

func newTurns() *turns {
	n := max(1, runtime.GOMAXPROCS(0)/2)
	return &turns{Slots: make(chan struct{}, n), Line: make(chan struct{}, n*(turnLine+1)), Wait: TurnWait}
}

// Take waits for a turn; done gives it back.
func (t *turns) Take(ctx context.Context) (done func(), err error) {
	select {
	case t.Line <- struct{}{}:
	default:
		return nil, api.Busy()
	}
	done = func() { <-t.Slots; <-t.Line }
	select {
	case t.Slots <- struct{}{}:
		return done, nil
	default:
	}
	timer := time.NewTimer(t.Wait)
	defer timer.Stop()
	select {
	case t.Slots <- struct{}{}:
		return done, nil
	case <-timer.C:
		err = api.Busy()
	case <-ctx.Done():
		err = ctx.Err()
	}
	<-t.Line
	return nil, err
}
