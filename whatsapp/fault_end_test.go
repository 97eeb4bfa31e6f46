package whatsapp

import (
	"context"
	"errors"
	"testing"
	"time"

	"mostrador/whatsapp/wasim"
)

func faultTimelock(t *testing.T, r *rig, carla *wasim.Phone) {
	r.message(r.sayText(carla, "hola"))
	stranger := r.server.Phone("+5491177777777")
	began := time.Now()
	r.inject(wasim.Fault{Kind: wasim.FaultTimelock, For: 2 * time.Hour})
	if s := r.reaches(Restricted, ReasonTimelock); s.Until.Sub(began).Round(time.Minute) != 2*time.Hour {
		t.Errorf("until %v, want two hours from %v", s.Until, began)
	}
	r.shows(carla, r.sendText(carla, "an answer"))
	for _, first := range []bool{true, false} { // held back here, or refused there
		_, err := r.Send(context.Background(), Outgoing{ID: NewID(), To: addressOfPhone(stranger), Kind: Text, Text: "hi", First: first})
		var refused *RefusedError
		if !errors.As(err, &refused) || refused.Code != 463 || refused.Until.Sub(began).Round(time.Minute) != 2*time.Hour {
			t.Errorf("first %v: got %v (%+v), want a refusal with 463 for two hours", first, err, refused)
		}
	}
	r.inject(wasim.Fault{Kind: wasim.FaultDrop})
	settle()
	r.reaches(Restricted, ReasonTimelock)
	r.message(r.sayText(carla, "still open"))
	r.Stop()
	r.start()
	r.reaches(Restricted, ReasonTimelock)
	time.Sleep(2 * time.Hour)
	r.reaches(Connected)
	r.shows(stranger, r.send(Outgoing{To: addressOfPhone(stranger), Kind: Text, Text: "hi", First: true}))
}

// A newer version may be all it takes: the line looks for one at once, and every hour after that.
func faultOutdated(t *testing.T, r *rig, carla *wasim.Phone) {
	since := r.mark()
	r.inject(wasim.Fault{Kind: wasim.FaultOutdated})
	settle()
	r.reaches(Connected)
	for _, s := range r.statuses[since:] {
		if s.State == Outdated {
			t.Error("a single 405 was shown as outdated")
		}
	}
	settle()

	id := r.inject(wasim.Fault{Kind: wasim.FaultOutdated, Count: 100})
	waiting := r.sayText(carla, "hello?")
	r.reaches(Outdated)
	logins := r.server.Counters().Dials
	time.Sleep(3*time.Hour + time.Minute)
	if got := r.server.Counters().Dials - logins; got != 3 {
		t.Errorf("%d tries in three hours, want 3", got)
	}
	r.reaches(Outdated)
	if err := r.server.ClearFault(id); err != nil {
		t.Fatal(err)
	}
	time.Sleep(outdatedPause)
	r.reaches(Connected)
	r.message(waiting)
}

func faultTempban(t *testing.T, r *rig, carla *wasim.Phone) {
	began := time.Now()
	r.inject(wasim.Fault{Kind: wasim.FaultTempBan, For: 3 * time.Hour})
	s := r.reaches(Restricted, ReasonTempban)
	if got := s.Until.Sub(began).Round(time.Minute); got != 3*time.Hour {
		t.Errorf("until %v from now, want 3 h", got)
	}
	waiting := r.sayText(carla, "hello?")
	dials := r.server.Counters().Dials
	time.Sleep(2 * time.Hour)
	if got := r.server.Counters().Dials; got != dials {
		t.Errorf("%d tries during the ban, want none", got-dials)
	}
	r.reaches(Restricted, ReasonTempban)
	if _, err := r.Send(context.Background(), Outgoing{ID: NewID(), To: addressOfPhone(carla), Kind: Text, Text: "x"}); !errors.Is(err, ErrOffline) {
		t.Errorf("send: got %v, want ErrOffline", err)
	}
	time.Sleep(time.Hour + time.Minute)
	r.reaches(Connected)
	r.message(waiting)
	comesThrough(t, r, carla)
}

// ended checks that the line stays in a state that only a person can end.
func ended(t *testing.T, r *rig, state State, reason Reason) {
	t.Helper()
	r.reaches(state, reason)
	dials := r.server.Counters().Dials
	time.Sleep(24 * time.Hour)
	r.reaches(state, reason)
	if got := r.server.Counters().Dials; got != dials {
		t.Errorf("%d tries in a day, want none", got-dials)
	}
}

// Another program took the link over. Fighting for it would throw out the other one in turn, for ever.
func faultReplaced(t *testing.T, r *rig, carla *wasim.Phone) {
	r.inject(wasim.Fault{Kind: wasim.FaultReplaced})
	ended(t, r, Replaced, "")
	waiting := r.sayText(carla, "hello?")
	r.start()
	r.reaches(Connected)
	r.message(waiting)
	comesThrough(t, r, carla)
}

func faultLogout(t *testing.T, r *rig, carla *wasim.Phone) {
	r.inject(wasim.Fault{Kind: wasim.FaultLogout})
	ended(t, r, LoggedOut, ReasonUnlinked)
	linksAgain(t, r, carla)
}

func faultLocked(t *testing.T, r *rig, _ *wasim.Phone) {
	r.inject(wasim.Fault{Kind: wasim.FaultLogout, Code: 403})
	ended(t, r, LoggedOut, ReasonLocked)
	if got := r.linked[len(r.linked)-1]; got != "" {
		t.Errorf("Linked was told %q last, want nothing", got)
	}
}

func faultBanned(t *testing.T, r *rig, _ *wasim.Phone) {
	r.inject(wasim.Fault{Kind: wasim.FaultLogout, Code: 406})
	ended(t, r, Banned, "")
	if got := r.linked[len(r.linked)-1]; got != "" {
		t.Errorf("Linked was told %q last, want nothing", got)
	}
}

// linksAgain scans a new code after the link was lost.
func linksAgain(t *testing.T, r *rig, carla *wasim.Phone) {
	t.Helper()
	if got := r.linked[len(r.linked)-1]; got != "" {
		t.Errorf("Linked was told %q last, want nothing", got)
	}
	r.start()
	if _, err := r.owner.ScanQR(r.code().Text); err != nil {
		t.Fatal(err)
	}
	r.reaches(Connected)
	settle()
	comesThrough(t, r, carla)
}
