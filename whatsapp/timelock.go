package whatsapp

import (
	"time"

	"go.mau.fi/whatsmeow/types/events"
)

// timelock is WhatsApp's limit on messages to people who did not write first. The line stays connected and replies go on.
type timelock struct {
	active bool
	until  time.Time   // zero: WhatsApp did not say
	lift   *time.Timer // ends it
}

// timelockGuess is how long a time-lock of unknown length holds back first messages before one is tried again.
const timelockGuess = 15 * time.Minute

func (t *timelock) stop() {
	if t.lift != nil {
		t.lift.Stop()
	}
}

// restrict begins a time-lock, or gives a running one its end; a zero until does not shorten what is known.
func (l *Line) restrict(until time.Time) {
	now := l.now()
	lasts := timelockGuess
	if !until.IsZero() {
		if lasts = until.Sub(now); lasts <= 0 {
			l.lift()
			return
		}
	}
	l.mu.Lock()
	if until.IsZero() && l.lock.active && l.lock.until.After(now) {
		l.mu.Unlock()
		return
	}
	l.lock.stop()
	l.lock = timelock{active: true, until: until, lift: time.AfterFunc(lasts, l.lift)}
	l.mu.Unlock()
	l.showLock()
}

// lift ends the time-lock.
func (l *Line) lift() {
	l.mu.Lock()
	l.lock.stop()
	l.lock = timelock{}
	l.mu.Unlock()
	l.showLock()
}

// showLock brings the status of a connected line up to date.
func (l *Line) showLock() {
	k := l.current()
	if k != nil && k.up.Load() {
		l.set(l.upStatus())
	}
}

// upStatus is the status of a line that is logged in.
func (l *Line) upStatus() Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lock.active {
		return Status{State: Restricted, Reason: ReasonTimelock, Until: l.lock.until}
	}
	return Status{State: Connected}
}

// locked tells whether first messages are held back, and until when if known.
func (l *Line) locked() (until time.Time, locked bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lock.until, l.lock.active
}

// onTimelock takes WhatsApp's own word about a time-lock, which it sends when one begins and when one ends.
func (l *Line) onTimelock(event *events.NotifyAccountReachoutTimelock) {
	if event.IsActive {
		l.restrict(event.TimeEnforcementEnds.Time)
	} else {
		l.lift()
	}
}
