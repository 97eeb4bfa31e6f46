package whatsapp

import (
	"context"
	"math/rand/v2"
	"time"
)

// Times between connections.
const (
	maxPause  = 30 * time.Second // between two tries to connect
	maxAtOnce = 5                // connections in a row without a pause
)

// tries is how the connections of a run went so far.
type tries struct {
	failures int  // in a row
	atOnce   int  // in a row without a pause
	outdated bool // a newer version was looked for at once, and did not help
	look     bool // for a newer version before the next one
}

// live keeps the line connected until the run is stopped or a state is reached that only a person can end.
func (l *Line) live(r *run) {
	if ban := l.Status(); ban.bars(l.now()) { // it was told before this run
		l.rest(r, ban, ban.Until.Sub(l.now()))
	}
	var t tries
	for r.ctx.Err() == nil {
		if s, out := l.late(l.current()); out {
			l.show(r, ending{status: s, unlink: true})
			return
		}
		k, err := l.usable(r.ctx)
		if err != nil {
			l.show(r, ending{status: Status{State: Stopped, Reason: ReasonPairFailed, Detail: err.Error()}})
			return
		}
		end, steady := l.session(r, k, t.look)
		if r.ctx.Err() != nil {
			return
		}
		t.next(&end, steady)
		l.show(r, end)
		if !end.again {
			return
		}
		l.rest(r, end.status, end.pause)
	}
}

// next takes note of a connection that ended, and says how long to wait before the one after it.
func (t *tries) next(end *ending, steady bool) {
	if steady {
		*t = tries{}
	}
	if t.look = end.refresh; end.refresh && !t.outdated { // once at once: a newer version may be all it takes
		t.outdated, end.pause, end.status = true, 0, Status{State: Connecting}
	}
	if end.pause == 0 { // WhatsApp asked for it, which may not go on for ever
		if t.atOnce++; t.atOnce > maxAtOnce {
			end.pause = -1
		}
	}
	if end.pause < 0 {
		end.pause = pause(t.failures)
		t.failures++
	}
}

// show shows how a connection ended.
func (l *Line) show(r *run, end ending) {
	select {
	case <-r.woken: // Start was called before there was anything to hurry
	default:
	}
	if end.status.Reason == ReasonTempban {
		l.mu.Lock()
		l.ban = end.status
		l.mu.Unlock()
	}
	if !end.again {
		r.over.Store(true) // first: who sees the state may start the line at once
	}
	if end.unlink {
		l.unlink(end.status)
	} else {
		l.set(end.status)
	}
}

// rest waits before the next try. Start cuts it short, unless WhatsApp said until when it lets nobody in.
func (l *Line) rest(r *run, s Status, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	for {
		select {
		case <-r.ctx.Done():
			return
		case <-t.C:
			return
		case <-r.woken:
			if !s.bars(l.now()) {
				l.set(Status{State: Connecting})
				return
			}
		}
	}
}

// pause is the time before the next try after so many failures in a row: at once, then 1, 2, 4… up to 30 s, each up to a
// tenth shorter, so that many lines do not come back in step.
func pause(failures int) time.Duration {
	if failures == 0 {
		return 0
	}
	d := min(maxPause, time.Second<<min(failures-1, 10))
	return d - rand.N(d/10)
}

// wait sleeps for d or until the context ends.
func wait(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// late drops the events of an earlier connection, except that the link is gone: whatsmeow may come to read that only after the
// connection broke. Without it the line would offer a new code and not say why.
func (l *Line) late(k *link) (s Status, out bool) {
	event := k.forget()
	l.mu.Lock()
	linked := l.device != ""
	l.mu.Unlock()
	switch {
	case k.leaving.Load(): // Logout says what there is to say
		return Status{}, false
	case event != nil:
		return loggedOut(event), true
	}
	return Status{State: LoggedOut, Reason: ReasonUnlinked}, linked && k.device.Deleted
}

// usable gives the link in use, or a new one after a pairing that failed half-way, which deletes the device.
func (l *Line) usable(ctx context.Context) (*link, error) {
	k := l.current()
	if !k.device.Deleted {
		return k, nil
	}
	fresh, err := l.newLink(ctx, "")
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	l.link = fresh
	l.mu.Unlock()
	return fresh, nil
}

func (l *Line) current() *link {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.link
}
