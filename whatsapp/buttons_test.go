package whatsapp

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/types/events"

	"mostrador/whatsapp/wasim"
)

// soon is how long a person who pressed a button waits before they press it again.
const soon = 2 * time.Second

// buttons says what each button does in a state.
type buttons struct {
	state  State
	reason Reason
	reach  func(t *testing.T, r *rig) // brings a line there; it is linked and connected, unless fresh
	fresh  bool                       // the line was never linked and shows a code
	start  func(t *testing.T, r *rig) // presses Start, and looks
	stop   Status                     // after Stop; zero: stopped
}

// TestButtons presses every button in every state, in virtual time: Start never leaves a person waiting, except for the end of
// a ban, and nothing goes on after Stop and Logout.
func TestButtons(t *testing.T) {
	table := buttonTable()
	for _, code := range codesOf(t) {
		if !slices.ContainsFunc(table, func(b buttons) bool { return code == code.of(b) }) {
			t.Errorf("no button is pressed in %s %q", code.kind, code.value)
		}
	}
	for _, b := range table {
		name := strings.TrimSuffix(string(b.state)+"-"+string(b.reason), "-")
		t.Run(name+"/start", func(t *testing.T) { b.run(t, b.start) })
		t.Run(name+"/stop", func(t *testing.T) {
			b.run(t, func(t *testing.T, r *rig) {
				r.Stop()
				want := b.stop
				if want.State == "" {
					want.State = Stopped
				}
				r.quiet(t, want.State, want.Reason)
			})
		})
		t.Run(name+"/logout", func(t *testing.T) {
			b.run(t, func(t *testing.T, r *rig) {
				if err := r.Logout(context.Background()); err != nil {
					t.Fatal(err)
				}
				r.quiet(t, LoggedOut, ReasonByDesk)
				UseServer(Server{RootKey: r.server.RootKey(), Dial: r.server.Dial}) // which answers again
				showsCode(t, r)                                                     // the link is gone, and with it what was the matter with it
			})
		})
	}
}

// of is the code of this kind that a row is about.
func (c code) of(b buttons) code {
	if c.kind == "State" {
		return code{"State", string(b.state)}
	}
	return code{"Reason", string(b.reason)}
}

func (b buttons) run(t *testing.T, press func(t *testing.T, r *rig)) {
	run := func(t *testing.T, r *rig) {
		b.reach(t, r)
		r.reaches(b.state, b.reason)
		press(t, r)
	}
	if b.fresh {
		unlinked(t, 5*time.Minute, run)
		return
	}
	virtual(t, func(t *testing.T, r *rig, _ *wasim.Phone) { run(t, r) })
}

func buttonTable() []buttons {
	return append(append(buttonsWhileLinking(), buttonsWhileOffline()...), []buttons{
		{state: Stopped, reach: func(_ *testing.T, r *rig) { r.Stop() }, start: connects},
		{state: Connecting, reach: nobodyAnswers, start: changesNothing},
		{state: Connected, reach: nothing, start: changesNothing},
		newestVersion(),
		{state: Outdated, reach: faulty(wasim.Fault{Kind: wasim.FaultOutdated, Count: 100}), start: triesOnce},
		{state: Replaced, reach: faulty(wasim.Fault{Kind: wasim.FaultReplaced}), start: connects},
		{state: LoggedOut, reason: ReasonUnlinked, reach: faulty(wasim.Fault{Kind: wasim.FaultLogout}), start: showsCode,
			stop: Status{State: LoggedOut, Reason: ReasonUnlinked}},
		{state: LoggedOut, reason: ReasonLocked, reach: faulty(wasim.Fault{Kind: wasim.FaultLogout, Code: 403}), start: showsCode,
			stop: Status{State: LoggedOut, Reason: ReasonLocked}},
		{state: LoggedOut, reason: ReasonByDesk, reach: loggedOutHere, start: showsCode, stop: Status{State: LoggedOut, Reason: ReasonByDesk}},
		{state: LoggedOut, reason: ReasonLost, reach: keysAreGone, start: showsCode, stop: Status{State: LoggedOut, Reason: ReasonLost}},
		{state: Banned, reach: faulty(wasim.Fault{Kind: wasim.FaultLogout, Code: 406}), start: showsCode, stop: Status{State: Banned}},
		{state: Restricted, reason: ReasonTimelock, reach: faulty(wasim.Fault{Kind: wasim.FaultTimelock, For: time.Hour}), start: changesNothing},
		{state: Restricted, reason: ReasonTempban, reach: faulty(tempban), start: waitsForTheEnd, stop: Status{State: Stopped, Reason: ReasonTempban}},
		{state: Restricted, reason: ReasonTempban, reach: bannedForNobodyKnowsHowLong, start: connects},
		{state: Stopped, reason: ReasonTempban, reach: stoppedWhileBanned, start: waitsForTheEnd, stop: Status{State: Stopped, Reason: ReasonTempban}},
	}...)
}

func buttonsWhileLinking() []buttons {
	return []buttons{
		{fresh: true, state: Stopped, reason: ReasonTimeout, start: showsCode,
			reach: func(_ *testing.T, r *rig) { r.patient(func() { r.reaches(Stopped, ReasonTimeout) }) }},
		{fresh: true, state: WaitingScan, reach: nothing, start: changesNothing},
		{fresh: true, state: WaitingScan, reason: ReasonCode, start: changesNothing, reach: told(codeAsked{})},
		{fresh: true, state: WaitingScan, reason: ReasonNoMultidevice, start: changesNothing, reach: told(&events.QRScannedWithoutMultidevice{})},
		{fresh: true, state: WaitingScan, reason: ReasonPairFailed, start: showsCode, reach: told(&events.PairError{Error: errors.New("no")})},
		{fresh: true, state: Passkey, reason: ReasonPasskey, start: showsCode, reach: told(&events.PairPasskeyRequest{})},
	}
}

func buttonsWhileOffline() []buttons {
	return []buttons{
		{state: Offline, reason: ReasonNetwork, reach: offlineForLong, start: connects},
		{state: Offline, reason: ReasonSilent, start: connects, reach: func(t *testing.T, r *rig) {
			offlineForLong(t, r)
			connects(t, r)
			told(&events.KeepAliveTimeout{ErrorCount: silentPings})(t, r)
		}},
		{state: Offline, reason: ReasonRefused, reach: faulty(wasim.Fault{Kind: wasim.FaultFailLogin, Code: 418}), start: connects},
		{state: Offline, reason: ReasonStorage, reach: told(notStored{maxPause}), start: connects},
	}
}

var tempban = wasim.Fault{Kind: wasim.FaultTempBan, For: 3 * time.Hour}

func nothing(*testing.T, *rig) {}

func faulty(f wasim.Fault) func(*testing.T, *rig) {
	return func(_ *testing.T, r *rig) { r.inject(f) }
}

// told is what WhatsApp says on the connection that the line has.
func told(event any) func(*testing.T, *rig) {
	return func(_ *testing.T, r *rig) { r.current().decide(event) }
}

func loggedOutHere(t *testing.T, r *rig) {
	if err := r.Logout(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func keysAreGone(t *testing.T, r *rig) {
	device := r.linked[len(r.linked)-1]
	r.Stop()
	if err := r.store.forget(context.Background(), device); err != nil {
		t.Fatal(err)
	}
	r.start()
}

func nobodyAnswers(_ *testing.T, r *rig) {
	r.Stop()
	UseServer(Server{RootKey: r.server.RootKey(), Dial: func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		go func() { _, _ = io.Copy(io.Discard, far) }()
		return near, nil
	}})
	r.start()
}

// offlineForLong leaves the line at the beginning of its longest pause, with the way to WhatsApp free again.
func offlineForLong(t *testing.T, r *rig) {
	down := r.inject(wasim.Fault{Kind: wasim.FaultDown})
	time.Sleep(5 * time.Minute)
	for dials := r.server.Counters().Dials; r.server.Counters().Dials == dials; {
		time.Sleep(100 * time.Millisecond)
	}
	if err := r.server.ClearFault(down); err != nil {
		t.Fatal(err)
	}
}

func bannedForNobodyKnowsHowLong(t *testing.T, r *rig) { told(&events.TemporaryBan{Code: 101})(t, r) }

func stoppedWhileBanned(_ *testing.T, r *rig) {
	r.inject(tempban)
	r.reaches(Restricted, ReasonTempban)
	r.Stop()
}

func connects(_ *testing.T, r *rig) {
	r.start()
	r.within(soon, func() { r.reaches(Connected) })
}

// showsCode: a code to scan comes that is not the one before.

func showsCode(t *testing.T, r *rig) {
	t.Helper()
	r.mu.Lock()
	before := len(r.codes)
	r.mu.Unlock()
	r.start()
	r.within(soon, func() {
		r.reaches(WaitingScan)
		r.until("another code", func() bool { return len(r.codes) > before })
	})
}

func changesNothing(t *testing.T, r *rig) {
	t.Helper()
	was, since, dials := r.Status(), r.mark(), r.server.Counters().Dials
	r.start()
	time.Sleep(2 * soon)
	if got := r.Status(); got != was || r.mark() != since {
		t.Errorf("got %+v, want it left at %+v", got, was)
	}
	if got := r.server.Counters().Dials - dials; got != 0 {
		t.Errorf("%d tries, want none", got)
	}
}

// newestVersion is a row: what WhatsApp's page says when Start is pressed counts for that try, not for the one after it.
func newestVersion() buttons {
	var asked []string
	return buttons{state: Outdated,
		reach: func(t *testing.T, r *rig) {
			r.Stop()
			UseServer(Server{RootKey: r.server.RootKey(), Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
				who := "page"
				if version.mu.TryLock() { // it is held while the page is read
					version.mu.Unlock()
					who = "line"
				}
				r.told(func() { asked = append(asked, who) })
				return r.server.Dial(ctx, network, addr)
			}})
			connects(t, r)
			r.inject(wasim.Fault{Kind: wasim.FaultOutdated, Count: 2})
		},
		start: func(t *testing.T, r *rig) {
			r.told(func() { asked = nil })
			connects(t, r)
			if want := []string{"page", "line"}; !slices.Equal(asked, want) {
				t.Errorf("asked in the order %v, want %v", asked, want)
			}
		}}
}

// triesOnce: WhatsApp still refuses. Each press is one try, seen by who pressed, and the pause begins anew.
func triesOnce(t *testing.T, r *rig) {
	for range 3 {
		since, dials := r.mark(), r.server.Counters().Dials
		r.start()
		r.within(soon, func() {
			r.passed(since, Connecting, "")
			r.passed(since, Outdated, "")
		})
		time.Sleep(outdatedPause - soon)
		if got := r.server.Counters().Dials - dials; got != 1 {
			t.Errorf("%d tries, want 1", got)
		}
	}
}

// waitsForTheEnd: whoever knocks during a ban may make it longer, so nobody's impatience does.
func waitsForTheEnd(t *testing.T, r *rig) {
	dials := r.server.Counters().Dials
	for range 3 {
		r.start()
		s := r.reaches(Restricted, ReasonTempban)
		if left := time.Until(s.Until); left < 2*time.Hour-time.Minute || left > tempban.For {
			t.Errorf("%v left, want what remains of %v", left, tempban.For)
		}
		time.Sleep(20 * time.Minute)
		r.Stop()
		r.start()
	}
	if got := r.server.Counters().Dials - dials; got != 0 {
		t.Errorf("%d tries during the ban, want none", got)
	}
	time.Sleep(time.Until(r.Status().Until))
	r.within(soon, func() { r.reaches(Connected) })
}

// quiet checks that the line stays where it is and does nothing.
func (r *rig) quiet(t *testing.T, state State, reason Reason) {
	t.Helper()
	dials := r.server.Counters().Dials
	time.Sleep(4 * time.Hour)
	if s := r.Status(); s.State != state || s.Reason != reason {
		t.Errorf("got %s/%s, want %s/%s", s.State, s.Reason, state, reason)
	}
	if got := r.server.Counters().Dials - dials; got != 0 {
		t.Errorf("%d tries, want none", got)
	}
}
