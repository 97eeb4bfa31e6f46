package store

import (
	"context"
	"sync"
	"time"
)

// ClockBatch is how many conversations one job looks at in one go.
const ClockBatch = 64

// Due is a conversation that may have something due: id and the time by which it was found.
type Due struct {
	ID string `db:"id"`
	At string `db:"at"`
}

// BackOff is attempt⁴ seconds: 1 s, 16 s, 81 s, 4 min, 10 min…
func BackOff(attempts int, counts bool) time.Duration {
	if !counts {
		return 0
	}
	return time.Duration(attempts*attempts*attempts*attempts) * time.Second
}

// Poke wakes a loop that waits on a channel of one; if it is awake already it looks once more.
func Poke(wake chan struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}

// Rest waits, or returns early when ctx ends.
func Rest(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// crew is goroutines that end together.
type crew struct {
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

func Group(ctx context.Context) *crew {
	ctx, cancel := context.WithCancel(ctx)
	return &crew{ctx: ctx, cancel: cancel}
}

func (c *crew) Run(fn func(context.Context)) { c.wg.Go(func() { fn(c.ctx) }) }

// Stop asks all to end and waits until they did.
func (c *crew) Stop() {
	c.cancel()
	c.wg.Wait()
}
