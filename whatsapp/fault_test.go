package whatsapp

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"mostrador/whatsapp/wasim"
)

// virtual runs a test on a linked desk in virtual time: waiting costs nothing.
func virtual(t *testing.T, test func(t *testing.T, r *rig, carla *wasim.Phone)) {
	t.Helper()
	bubble(t, func(t *testing.T) {
		r := newDesk(t)
		carla := r.server.Phone(carlaNumber)
		settle() // keys, names and history of a new link
		test(t, r, carla)
		settle() // a frame that comes while whatsmeow hangs up leaves a goroutine of it behind
		r.Stop()
	})
}

// settle lets everything under way come to its end.
func settle() { time.Sleep(5 * time.Second) }

// TestFault provokes every fault that the emulated server knows. Each case says which state is shown, what becomes of the
// messages, and how the line gets out of it.
func TestFault(t *testing.T) {
	for name, test := range map[string]func(t *testing.T, r *rig, carla *wasim.Phone){
		"drop":          faultDrop,
		"down":          faultDown,
		"withhold-ack":  faultWithholdAck,
		"withhold-two":  faultWithholdAckOthers,
		"ack-error":     faultAckError,
		"ack-error-463": faultAckError463,
		"fail-login":    faultFailLogin,
		"stream-error":  faultStreamError,
		"ignore-pings":  faultIgnorePings,
		"corrupt":       faultCorrupt,
		"duplicate":     faultDuplicate,
		"reorder":       faultReorder,
		"retry":         faultRetry,
		"expire-media":  faultExpireMedia,
		"slow-media":    faultSlowMedia,
		"timelock":      faultTimelock,
		"outdated":      faultOutdated,
		"tempban":       faultTempban,
		"replaced":      faultReplaced,
		"logout":        faultLogout,
		"logout-403":    faultLocked,
		"logout-406":    faultBanned,
	} {
		t.Run(name, func(t *testing.T) { virtual(t, test) })
	}
}

// comesThrough checks that messages pass both ways again.
func comesThrough(t *testing.T, r *rig, carla *wasim.Phone) {
	t.Helper()
	r.message(r.sayText(carla, "are you there?"))
	r.shows(carla, r.sendText(carla, "yes"))
}

func faultDrop(t *testing.T, r *rig, carla *wasim.Phone) {
	since := r.mark()
	r.inject(wasim.Fault{Kind: wasim.FaultDrop, Count: 3})
	id := r.sayText(carla, "in between")
	r.passed(since, Offline, ReasonNetwork)
	r.message(id)
	settle()
	r.reaches(Connected)
	comesThrough(t, r, carla)
}

func faultDown(t *testing.T, r *rig, carla *wasim.Phone) {
	since := r.mark()
	id := r.inject(wasim.Fault{Kind: wasim.FaultDown})
	waiting := r.sayText(carla, "hello?")
	r.passed(since, Offline, ReasonNetwork)
	if _, err := r.Send(context.Background(), Outgoing{ID: NewID(), To: addressOfPhone(carla), Kind: Text, Text: "x"}); !errors.Is(err, ErrOffline) {
		t.Errorf("send while down: got %v, want ErrOffline", err)
	}
	time.Sleep(24 * time.Hour)
	if s := r.Status(); s.State != Offline || time.Since(s.Since) < 23*time.Hour {
		t.Errorf("after a day: %s since %v, want offline for a day", s.State, s.Since)
	}
	back := time.Now()
	if err := r.server.ClearFault(id); err != nil {
		t.Fatal(err)
	}
	r.reaches(Connected)
	if took := time.Since(back); took > maxPause+time.Second {
		t.Errorf("it took %v to come back, want at most %v", took, maxPause)
	}
	r.message(waiting)
	comesThrough(t, r, carla)
}

func faultWithholdAck(t *testing.T, r *rig, carla *wasim.Phone) {
	r.inject(wasim.Fault{Kind: wasim.FaultWithholdAck})
	m := Outgoing{ID: NewID(), To: addressOfPhone(carla), Kind: Text, Text: "once"}
	began := time.Now()
	if _, err := r.Send(context.Background(), m); !errors.Is(err, ErrUnconfirmed) {
		t.Errorf("got %v, want ErrUnconfirmed", err)
	}
	if took := time.Since(began); took != sendTimeout {
		t.Errorf("it took %v, want %v", took, sendTimeout)
	}
	r.reaches(Connected)
	r.send(m)
	settle()
	if got := shown(carla, m.ID); got != 1 {
		t.Errorf("the phone shows it %d times, want once", got)
	}
}

// A message that hangs makes the next one wait, and takes none of its time.
func faultWithholdAckOthers(t *testing.T, r *rig, carla *wasim.Phone) {
	bea := r.server.Phone("+5491133333333")
	r.inject(wasim.Fault{Kind: wasim.FaultWithholdAck, Count: 2})
	hangs := Outgoing{ID: NewID(), To: addressOfPhone(carla), Kind: Text, Text: "hangs"}
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := r.Send(context.Background(), hangs); !errors.Is(err, ErrUnconfirmed) {
			t.Errorf("got %v, want ErrUnconfirmed", err)
		}
	})
	r.shows(carla, hangs.ID)
	began := time.Now()
	_, err := r.Send(context.Background(), Outgoing{ID: NewID(), To: addressOfPhone(bea), Kind: Text, Text: "after it"})
	if took := time.Since(began); !errors.Is(err, ErrUnconfirmed) || took < sendTimeout+sendTimeout/2 {
		t.Errorf("got %v after %v, want a time-out of its own", err, took)
	}
	wg.Wait()
	r.reaches(Connected)
	comesThrough(t, r, bea)
}

func faultAckError(t *testing.T, r *rig, carla *wasim.Phone) {
	for code, permanent := range map[int]bool{400: true, 479: true, 500: false, 503: false} {
		r.inject(wasim.Fault{Kind: wasim.FaultAckError, Code: code})
		_, err := r.Send(context.Background(), Outgoing{ID: NewID(), To: addressOfPhone(carla), Kind: Text, Text: "x"})
		var refused *RefusedError
		if !errors.As(err, &refused) || refused.Code != code || refused.Permanent != permanent {
			t.Errorf("got %v (%+v), want a refusal with %d, permanent %v", err, refused, code, permanent)
		}
	}
	if s := r.Status(); s.State != Connected {
		t.Errorf("state %s, want %s", s.State, Connected)
	}
	comesThrough(t, r, carla)
}

func faultAckError463(t *testing.T, r *rig, carla *wasim.Phone) {
	r.inject(wasim.Fault{Kind: wasim.FaultAckError})
	first := Outgoing{ID: NewID(), To: addressOfPhone(carla), Kind: Text, Text: "x", First: true}
	var refused *RefusedError
	if _, err := r.Send(context.Background(), first); !errors.As(err, &refused) || refused.Code != 463 || refused.Permanent {
		t.Errorf("got %v, want a refusal with 463 that may pass", err)
	}
	if s := r.reaches(Restricted, ReasonTimelock); !s.Until.IsZero() {
		t.Errorf("until %v, want nothing said", s.Until)
	}
	if _, err := r.Send(context.Background(), first); !errors.As(err, &refused) {
		t.Errorf("a first message while locked: got %v, want a refusal", err)
	}
	r.shows(carla, r.sendText(carla, "an answer goes on"))
	time.Sleep(timelockGuess)
	r.reaches(Connected)
	r.send(first)
	r.shows(carla, first.ID)
}

func faultFailLogin(t *testing.T, r *rig, carla *wasim.Phone) {
	since := r.mark()
	r.inject(wasim.Fault{Kind: wasim.FaultFailLogin, Count: 2})
	r.passed(since, Offline, ReasonNetwork)
	id := r.sayText(carla, "in between")
	r.message(id)
	r.reaches(Connected)
	settle()

	since = r.mark()
	r.inject(wasim.Fault{Kind: wasim.FaultFailLogin, Code: 418})
	r.passed(since, Offline, ReasonRefused)
	r.reaches(Connected)
	comesThrough(t, r, carla)
}

func faultStreamError(t *testing.T, r *rig, carla *wasim.Phone) {
	logins := r.server.Counters().Logins
	r.inject(wasim.Fault{Kind: wasim.FaultStreamError, Code: 515})
	settle()
	if got := r.server.Counters().Logins - logins; got != 1 {
		t.Errorf("%d logins after \"log in again\", want 1", got)
	}
	for _, code := range []int{503, 599, 515} {
		since := r.mark()
		r.inject(wasim.Fault{Kind: wasim.FaultStreamError, Code: code})
		id := r.sayText(carla, "in between")
		if code != 515 { // "log in again", which is no fault of anybody
			r.passed(since, Offline, ReasonNetwork)
		}
		r.message(id)
		r.reaches(Connected)
		settle()
	}
	comesThrough(t, r, carla)
}

func faultIgnorePings(t *testing.T, r *rig, carla *wasim.Phone) {
	since := r.mark()
	id := r.inject(wasim.Fault{Kind: wasim.FaultIgnorePings})
	began := time.Now()
	r.patient(func() { r.passed(since, Offline, ReasonSilent) })
	if took := time.Since(began); took > 90*time.Second {
		t.Errorf("it took %v to notice, want at most 90 s", took)
	}
	if err := r.server.ClearFault(id); err != nil {
		t.Fatal(err)
	}
	r.reaches(Connected)
	comesThrough(t, r, carla)
}

func faultCorrupt(t *testing.T, r *rig, carla *wasim.Phone) {
	r.inject(wasim.Fault{Kind: wasim.FaultCorrupt})
	id := r.sayText(carla, "legible in the end")
	if m := r.message(id, Undecryptable); m.What != WhatRetry || m.Chat != addressOfPhone(carla) {
		t.Errorf("got %+v", m)
	}
	if m := r.message(id, Text); m.Text != "legible in the end" {
		t.Errorf("got %+v", m)
	}
	r.reaches(Connected)
	comesThrough(t, r, carla)
}

func faultDuplicate(t *testing.T, r *rig, carla *wasim.Phone) {
	r.inject(wasim.Fault{Kind: wasim.FaultDuplicate, Count: 2})
	one, two := r.sayText(carla, "one"), r.sayText(carla, "two")
	r.message(one)
	r.message(two)
	settle()
	for _, id := range []string{one, two} {
		if n := r.times(id); n != 1 {
			t.Errorf("the desk was given %s %d times, want once", id, n)
		}
		r.shows(carla, id, inState("delivered"))
	}
	r.reaches(Connected)
}

func faultReorder(t *testing.T, r *rig, carla *wasim.Phone) {
	r.inject(wasim.Fault{Kind: wasim.FaultReorder})
	one, two := r.sayText(carla, "one"), r.sayText(carla, "two")
	r.message(one)
	r.message(two)
	settle()
	if r.times(one) != 1 || r.times(two) != 1 {
		t.Errorf("the desk was given %d and %d, want each once", r.times(one), r.times(two))
	}
	r.reaches(Connected)
}

func faultRetry(t *testing.T, r *rig, carla *wasim.Phone) {
	r.inject(wasim.Fault{Kind: wasim.FaultRetry})
	id := r.sendText(carla, "say again?")
	if e := r.shows(carla, id); e.Text != "say again?" {
		t.Errorf("the phone shows %+v", e)
	}
	r.receipt(id, Read)
	if got := r.server.Counters().RetriesByPhones; got == 0 {
		t.Error("the phone did not ask again: nothing was tested")
	}
	r.reaches(Connected)
}

// patient gives a wait the time of many pings.
func (r *rig) patient(wait func()) {
	r.t.Helper()
	r.within(time.Hour, wait)
}

// within bounds how long a wait may take.
func (r *rig) within(d time.Duration, wait func()) {
	r.t.Helper()
	before := patience
	patience = d
	defer func() { patience = before }()
	wait()
}
