package whatsapp

import (
	"context"
	"testing"
	"time"

	"mostrador/whatsapp/wasim"
)

// Who sees that the line gave up, and presses Start in the same moment, is heard.
func TestStartWhileTheEndIsShown(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var r *rig
		r = newDesk(t, func(c *Config) {
			tell := c.Handler.Status
			c.Handler.Status = func(s Status) {
				tell(s)
				if s.State == Replaced {
					go func() { _ = r.Start(context.Background()) }()
					time.Sleep(time.Second) // Start has looked
				}
			}
		})
		settle()
		since := r.mark()
		r.inject(wasim.Fault{Kind: wasim.FaultReplaced})
		r.passed(since, Replaced, "")
		r.reaches(Connected)
		settle()
		r.Stop()
	})
}

// A ban outlives the program: a restart of the desk is no reason to knock.
func TestBanOutlivesTheProgram(t *testing.T) {
	virtual(t, func(t *testing.T, r *rig, _ *wasim.Phone) {
		r.inject(tempban)
		until := r.reaches(Restricted, ReasonTempban).Until
		r.Stop()
		dials := r.server.Counters().Dials
		again := newRig(t, r.server, r.store, func(c *Config) { c.Device, c.Barred = r.linked[len(r.linked)-1], until })
		again.owner = r.owner
		if s := again.Status(); s.State != Stopped || s.Reason != ReasonTempban || !s.Until.Equal(until) {
			t.Errorf("before Start: got %+v, want it stopped and barred until %v", s, until)
		}
		again.start()
		time.Sleep(time.Hour)
		if s := again.Status(); s.State != Restricted || !s.Until.Equal(until) || r.server.Counters().Dials != dials {
			t.Errorf("got %+v after %d tries, want it to wait until %v", s, r.server.Counters().Dials-dials, until)
		}
		time.Sleep(time.Until(until))
		again.within(soon, func() { again.reaches(Connected) })
		again.Stop()
	})
}

// A clock that was years ahead when a ban was told must not keep the line away for years.
func TestBanOfAWrongClock(t *testing.T) {
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	for until, want := range map[time.Time]bool{
		now.Add(24 * time.Hour): true, now.Add(30 * 24 * time.Hour): true, now: false, now.Add(-time.Hour): false, {}: false, now.AddDate(2, 0, 0): false,
	} {
		if got := (Status{State: Restricted, Reason: ReasonTempban, Until: until}).bars(now); got != want {
			t.Errorf("until %v: got %v, want %v", until, got, want)
		}
	}
}
