package whatsapp

import (
	"context"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/types/events"

	"mostrador/whatsapp/wasim"
)

// Every event that whatsmeow calls the end of a connection has a state to show. The compiler cannot tell; this can.
func TestEveryEndHasItsState(t *testing.T) {
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		event events.PermanentDisconnect
		want  Status
		again bool
		gone  bool // the link is
	}{
		{&events.LoggedOut{}, Status{State: LoggedOut, Reason: ReasonUnlinked}, false, true},
		{&events.LoggedOut{OnConnect: true, Reason: events.ConnectFailureLoggedOut}, Status{State: LoggedOut, Reason: ReasonUnlinked}, false, true},
		{&events.LoggedOut{OnConnect: true, Reason: events.ConnectFailureMainDeviceGone}, Status{State: LoggedOut, Reason: ReasonLocked, Detail: "403"}, false, true},
		{&events.LoggedOut{OnConnect: true, Reason: events.ConnectFailureUnknownLogout}, Status{State: Banned, Detail: "406"}, false, true},
		{&events.StreamReplaced{}, Status{State: Replaced}, false, false},
		{&events.ClientOutdated{}, Status{State: Outdated}, true, false},
		{&events.TemporaryBan{Code: events.TempBanBlockedByUsers, Expire: time.Hour},
			Status{State: Restricted, Reason: ReasonTempban, Until: now.Add(time.Hour), Detail: "102: too many people blocked you"}, true, false},
		{&events.TemporaryBan{Code: 101}, Status{State: Restricted, Reason: ReasonTempban, Detail: events.TempBanReason(101).String()}, true, false},
		{&events.ConnectFailure{Reason: events.ConnectFailureBadUserAgent}, Status{State: Offline, Reason: ReasonRefused, Detail: "code 409"}, true, false},
	} {
		end, over := final(c.event, now)
		if !over || end.status != c.want || end.again != c.again || end.unlink != c.gone {
			t.Errorf("%T: got %+v, over %v; want %+v, again %v, gone %v", c.event, end, over, c.want, c.again, c.gone)
		}
	}
	if _, over := final(&events.OfflineSyncCompleted{}, now); over {
		t.Error("something else ended the connection")
	}
}

func TestPausesBetweenTries(t *testing.T) {
	if got := pause(0); got != 0 {
		t.Errorf("the first try waits %v, want none", got)
	}
	for failures, want := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 4: 8 * time.Second, 6: maxPause, 1000: maxPause} {
		for range 100 {
			if got := pause(failures); got > want || got < want*9/10 {
				t.Errorf("after %d failures: %v, want %v or up to a tenth less", failures, got, want)
			}
		}
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		began := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		wait(ctx, time.Hour)
		if took := time.Since(began); took != time.Second {
			t.Errorf("it took %v, want 1s", took)
		}
		wait(ctx, 0)
		wait(context.Background(), time.Minute)
		if took := time.Since(began); took != time.Minute+time.Second {
			t.Errorf("it took %v, want 1m1s", took)
		}
	})
}

// A time-lock outlives a connection and ends by itself; the longer word counts.
func TestTimelock(t *testing.T) {
	bubble(t, func(t *testing.T) {
		l := New(Config{Store: &Store{}, Handler: Handler{Message: func(Message) error { return nil }}})
		l.link = &link{}
		l.link.up.Store(true)
		is := func(state State) {
			t.Helper()
			if got := l.upStatus().State; got != state || l.Status().State != state {
				t.Errorf("state %s, shown %s; want %s", got, l.Status().State, state)
			}
		}
		begin := time.Now()
		l.restrict(begin.Add(time.Hour))
		is(Restricted)
		l.restrict(time.Time{}) // a 463 while it is known
		if until, _ := l.locked(); !until.Equal(begin.Add(time.Hour)) {
			t.Errorf("until %v, want an hour", until)
		}
		time.Sleep(59 * time.Minute)
		is(Restricted)
		time.Sleep(time.Minute + time.Second)
		is(Connected)
		l.restrict(time.Now().Add(-time.Hour))
		is(Connected)
		l.restrict(time.Time{})
		is(Restricted)
		l.onTimelock(&events.NotifyAccountReachoutTimelock{})
		is(Connected)
	})
}

// The owner removes the device while a message is being stored, and the connection ends before whatsmeow comes to read why:
// the cause is told when the line is already about to connect again.
func TestLoggedOutAfterTheConnectionWasLost(t *testing.T) {
	for name, after := range map[string]time.Duration{"at once": 0, "in the pause": 500 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			virtual(t, func(t *testing.T, r *rig, carla *wasim.Phone) {
				down := r.inject(wasim.Fault{Kind: wasim.FaultDown})
				settle()
				r.reaches(Offline, ReasonNetwork)
				time.Sleep(after)
				k := r.current()
				event := &events.LoggedOut{Reason: events.ConnectFailureLoggedOut} // as whatsmeow's handleStreamError does
				if after == 0 {
					r.handle(k, event)
				}
				if err := k.device.Delete(context.Background()); err != nil {
					t.Fatal(err)
				}
				if after > 0 {
					r.handle(k, event)
				}
				if err := r.server.ClearFault(down); err != nil {
					t.Fatal(err)
				}
				time.Sleep(maxPause)
				ended(t, r, LoggedOut, ReasonUnlinked)
				linksAgain(t, r, carla)
			})
		})
	}
}
