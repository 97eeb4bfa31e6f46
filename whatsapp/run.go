package whatsapp

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// run is the time between a Start and its Stop.
type run struct {
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{} // closed when live returned: after Stop, or in a state that does not end by itself
	over   atomic.Bool   // such a state is reached; live is about to return
	woken  chan struct{} // one token: Start was called meanwhile, so a pause is to end
	gate   gate

	underway chan struct{} // one token for each message between the handler and its acknowledgement
	acks     chan ack      // what to acknowledge; closed after the gate

	scanning time.Time // when the first QR code came up; guarded by Line.mu
}

func newRun() *run {
	ctx, cancel := context.WithCancel(context.Background())
	return &run{
		ctx: ctx, cancel: cancel, done: make(chan struct{}), woken: make(chan struct{}, 1),
		underway: make(chan struct{}, maxUnderway), acks: make(chan ack, maxUnderway),
	}
}

// wake ends the pause that the run is in, if it is in one.
func (r *run) wake() {
	select {
	case r.woken <- struct{}{}:
	default:
	}
}

// gate lets Stop wait for what is under way and keeps out what comes later.
type gate struct {
	mu     sync.Mutex
	closed bool
	inside sync.WaitGroup
}

// enter is false when the gate is closed; otherwise leave must follow.
func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return false
	}
	g.inside.Add(1)
	return true
}

func (g *gate) leave() { g.inside.Done() }

// close waits until everyone left.
func (g *gate) close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.inside.Wait()
}
