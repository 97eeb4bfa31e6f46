package whatsapp

import (
	"context"
	"fmt"
	"time"

	"go.mau.fi/whatsmeow/types/events"
)

// Times of a connection.
const (
	refusedPause  = 30 * time.Second // after WhatsApp refused the login for an unknown cause
	outdatedPause = time.Hour        // between two looks for a newer version that WhatsApp lets in
	tempbanPause  = time.Hour        // when WhatsApp does not say how long a ban lasts
	drain         = time.Second      // for what is on its way when we hang up: a frame that nobody takes leaves a goroutine of whatsmeow behind
	steadyAfter   = 30 * time.Second // a connection that lasted this long was a good one: the next pause begins small again
	loginTimeout  = 100 * time.Second
	pairedTimeout = 10 * time.Second // WhatsApp closes the connection after pairing; its last words may get lost
	silentPings   = 2                // unanswered keepalives, 30 to 40 s apart, after which the connection counts as dead
)

// ending says how a connection came to its end and what follows.
type ending struct {
	status  Status
	again   bool          // connect once more
	pause   time.Duration // before that; negative: growing with each failure in a row
	unlink  bool          // the link is gone
	refresh bool          // look for a newer version first
}

// session connects and stays until the connection ends or the run does. look: for a newer version first. steady: it was a good
// connection.
func (l *Line) session(r *run, k *link, look bool) (end ending, steady bool) {
	ctx := r.ctx
	version.refresh(ctx, l.now(), look, l.log)
	k.refusing.Store(false)
	l.mu.Lock()
	l.qr = QR{} // its connection is gone, and it with it
	l.mu.Unlock()
	l.adopt(k)
	if l.cfg.Handler.Accept != nil {
		k.watchBuffer()
	}
	hangUp, err := k.dial(ctx)
	defer hangUp()
	if err != nil {
		return offline(ReasonNetwork, anonymous(err.Error())), false
	}
	began := time.Now()
	s := &connection{line: l, link: k, watch: time.NewTimer(loginTimeout)}
	defer s.watch.Stop()
	for {
		select {
		case <-ctx.Done():
			return ending{}, false
		case event := <-k.fates:
			if end, over := s.on(event); over {
				if _, full := event.(notStored); full {
					wait(ctx, drain)
				}
				return end, s.connected && time.Since(began) > steadyAfter
			}
		case <-s.watch.C:
			if end, over := s.timeout(); over {
				return end, false
			}
		case <-r.woken: // a line that connects or is connected has nothing to hurry
			if s.pairing.passkey {
				return l.scanAgain("", nil), false
			}
		}
	}
}

// dial connects. ctx ends the dialling, not the connection: that takes hangUp, which closes the web socket in order. A
// context that ended under a connection would tear it down at the same moment.
func (k *link) dial(ctx context.Context) (hangUp func(), err error) {
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, cancel)
	err = k.client.ConnectContext(lasting)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	return func() {
		k.up.Store(false)
		k.client.Disconnect()
		cancel()
	}, err
}

// offline is an ending after which the line tries again by itself.
func offline(reason Reason, detail string) ending {
	return ending{status: Status{State: Offline, Reason: reason, Detail: detail}, again: true, pause: -1}
}

// connection is what session knows of the connection that it watches.
type connection struct {
	line      *Line
	link      *link
	connected bool
	watch     *time.Timer // until the login, or until the next QR code
	pairing   pairing
}

// notStored is the fate after a message that Handler.Message did not take.
type notStored struct{ pause time.Duration }

// on reacts to an event; over: the connection is to be ended.
func (c *connection) on(event any) (end ending, over bool) {
	switch event := event.(type) {
	case *events.Connected:
		c.connected = true
		c.watch.Stop()
		c.line.connected(c.link)
		return ending{}, false
	case *events.Disconnected:
		if c.link.client.IsConnected() { // of an earlier connection
			return ending{}, false
		}
		return c.dropped()
	case *events.KeepAliveTimeout:
		if event.ErrorCount < silentPings {
			return ending{}, false
		}
		return offline(ReasonSilent, ""), true
	case *events.StreamError:
		return offline(ReasonNetwork, "stream error "+event.Code), true
	case notStored:
		end := offline(ReasonStorage, "")
		end.pause = event.pause
		return end, true
	case *events.ManualLoginReconnect:
		return ending{status: Status{State: Connecting}, again: true}, true
	case *events.QR, *events.PairSuccess, *events.PairError, *events.PairPasskeyRequest, *events.PairPasskeyError,
		*events.QRScannedWithoutMultidevice, codeAsked:
		return c.onPairing(event)
	}
	if _, out := event.(*events.LoggedOut); out && c.link.leaving.Load() {
		return ending{}, false // Logout says what there is to say
	}
	return final(event, c.line.now())
}

// final gives the endings that WhatsApp decides. They are the events that implement events.PermanentDisconnect.
func final(event any, now time.Time) (end ending, over bool) {
	switch event := event.(type) {
	case *events.LoggedOut:
		return ending{status: loggedOut(event), unlink: true}, true
	case *events.StreamReplaced:
		return ending{status: Status{State: Replaced}}, true
	case *events.ClientOutdated:
		return ending{status: Status{State: Outdated}, again: true, pause: outdatedPause, refresh: true}, true
	case *events.TemporaryBan:
		lasts := event.Expire
		s := Status{State: Restricted, Reason: ReasonTempban, Detail: event.Code.String()}
		if lasts > 0 {
			s.Until = now.Add(lasts)
		} else {
			lasts = tempbanPause
		}
		return ending{status: s, again: true, pause: lasts}, true
	case *events.ConnectFailure:
		end := offline(ReasonRefused, fmt.Sprintf("code %d", int(event.Reason)))
		end.pause = refusedPause
		return end, true
	}
	return ending{}, false
}

// loggedOut tells an unlinking by the owner from a lock and a ban.
func loggedOut(event *events.LoggedOut) Status {
	switch {
	case event.OnConnect && event.Reason == events.ConnectFailureUnknownLogout: // 406, "BANNED" in WhatsApp Web's code
		return Status{State: Banned, Detail: event.Reason.NumberString()}
	case event.OnConnect && event.Reason == events.ConnectFailureMainDeviceGone: // 403, "LOCKED" there
		return Status{State: LoggedOut, Reason: ReasonLocked, Detail: event.Reason.NumberString()}
	}
	return Status{State: LoggedOut, Reason: ReasonUnlinked}
}

// connected runs when the line is logged in.
func (l *Line) connected(k *link) {
	l.adopt(k)
	k.up.Store(true)
	l.set(l.upStatus())
	l.announce(k)
}
