package whatsapp

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"mostrador/whatsapp/wasim"
)

func TestLinkByQR(t *testing.T) {
	r := newDesk(t)
	r.mu.Lock()
	defer r.mu.Unlock()
	if got, want := len(r.linked), 1; got != want {
		t.Fatalf("Linked was called %d times, want %d", got, want)
	}
	if got, want := states(r.statuses), "connecting/ waiting_scan/ connecting/ connected/ "; got != want {
		t.Errorf("states %q, want %q", got, want)
	}
	s := r.Status()
	if s.Phone != strings.TrimPrefix(deskNumber, "+") {
		t.Errorf("the status shows the number %q, want %q", s.Phone, deskNumber)
	}
	if _, ok := r.QR(); ok {
		t.Error("a connected line shows a QR code")
	}
	if got := r.owner.Companions()[0].State().Name; got != "Mostrador" {
		t.Errorf("the phone shows the device as %q, want Mostrador", got)
	}
}

func TestOwnNameArrivesFromThePhone(t *testing.T) {
	r := newDesk(t)
	r.until("the own name", func() bool { return r.Status().Name == "Desk GmbH" })
}

func TestLinkByPhoneCode(t *testing.T) {
	s := newServer(t)
	r := newRig(t, s, newStore(t))
	r.owner = s.Phone(deskNumber, wasim.Owner())
	if _, err := r.PairPhone(context.Background(), deskNumber); !errors.Is(err, ErrNotWaiting) {
		t.Errorf("a line that is off: got %v, want ErrNotWaiting", err)
	}
	r.start()
	r.code()
	if _, err := r.PairPhone(context.Background(), "0123"); !errors.Is(err, ErrBadNumber) {
		t.Errorf("a number without country: got %v, want ErrBadNumber", err)
	}
	code, err := r.PairPhone(context.Background(), deskNumber)
	if err != nil {
		t.Fatal(err)
	}
	r.reaches(WaitingScan, ReasonCode)
	if _, err := r.owner.EnterCode(code); err != nil {
		t.Fatal(err)
	}
	r.reaches(Connected)
}

// The link outlives the process: the same store and the name that Linked gave connect without a code.
func TestRestartKeepsTheLink(t *testing.T) {
	r := newDesk(t)
	device := r.linked[0]
	r.Stop()
	if s := r.Status(); s.State != Stopped {
		t.Errorf("after Stop the state is %s, want %s", s.State, Stopped)
	}
	carla := r.server.Phone(carlaNumber)
	id := r.sayText(carla, "while you were away")

	again := newRig(t, r.server, r.store, func(c *Config) { c.Device = device })
	again.owner = r.owner
	if got := again.Status().Phone; got != strings.TrimPrefix(deskNumber, "+") {
		t.Errorf("a line that is off shows the number %q, want %q", got, deskNumber)
	}
	again.start()
	again.reaches(Connected)
	if m := again.message(id); m.Text != "while you were away" {
		t.Errorf("got %q", m.Text)
	}
	if again.mark(); slices.ContainsFunc(again.statuses, func(s Status) bool { return s.State == WaitingScan }) {
		t.Error("it asked for a scan")
	}
}

func TestStartTwiceIsOneLine(t *testing.T) {
	r := newDesk(t)
	before := r.server.Counters().Dials
	r.start()
	r.Stop()
	r.Stop()
	if got := r.server.Counters().Dials; got != before {
		t.Errorf("a second Start dialled: %d dials, want %d", got, before)
	}
}

func TestLinkThatTheStoreDoesNotHold(t *testing.T) {
	r := newRig(t, newServer(t), newStore(t), func(c *Config) { c.Device = "5491100000001:11@s.whatsapp.net" })
	r.start()
	if s := r.Status(); s.State != LoggedOut || s.Reason != ReasonLost {
		t.Errorf("got %s/%s, want %s/%s", s.State, s.Reason, LoggedOut, ReasonLost)
	}
	if !slices.Equal(r.linked, []string{""}) {
		t.Errorf("Linked was told %q, want one empty name", r.linked)
	}
	r.start()
	r.reaches(WaitingScan)
}

func TestLogoutHere(t *testing.T) {
	r := newDesk(t)
	if err := r.Logout(context.Background()); err != nil {
		t.Fatal(err)
	}
	if s := r.Status(); s.State != LoggedOut || s.Reason != ReasonByDesk || s.Phone != "" {
		t.Errorf("got %+v, want logged out by the desk", s)
	}
	if got := r.linked[len(r.linked)-1]; got != "" {
		t.Errorf("Linked was told %q last, want nothing", got)
	}
	if got := len(r.owner.Companions()); got != 0 {
		t.Errorf("the phone still shows %d devices", got)
	}
	r.start()
	if _, err := r.owner.ScanQR(r.code().Text); err != nil {
		t.Fatal(err)
	}
	r.reaches(Connected)
}

func TestLogoutWhileOffline(t *testing.T) {
	r := newDesk(t)
	r.Stop()
	if err := r.Logout(context.Background()); err != nil {
		t.Fatal(err)
	}
	if s := r.Status(); s.State != LoggedOut || s.Reason != ReasonByDesk {
		t.Errorf("got %s/%s, want %s/%s", s.State, s.Reason, LoggedOut, ReasonByDesk)
	}
	if device, err := r.store.device(context.Background(), r.linked[0]); err != nil || device != nil {
		t.Errorf("the store still holds the link (%v, %v)", device, err)
	}
}

// A process holds several numbers: each hears its own customers only.
func TestTwoLinesInOneProcess(t *testing.T) {
	s := newServer(t)
	store := newStore(t)
	first := newRig(t, s, store, func(c *Config) { c.DeviceName = "First" })
	second := newRig(t, s, store, func(c *Config) { c.DeviceName = "Second" })
	first.link(s.Phone(deskNumber, wasim.Owner()))
	second.link(s.Phone("+5491100000002", wasim.Owner()))
	carla := s.Phone(carlaNumber)

	one, two := first.sayText(carla, "to the first"), second.sayText(carla, "to the second")
	if m := first.message(one); m.Text != "to the first" {
		t.Errorf("the first line got %q", m.Text)
	}
	if m := second.message(two); m.Text != "to the second" {
		t.Errorf("the second line got %q", m.Text)
	}
	first.shows(carla, first.sendText(carla, "from the first"))
	second.shows(carla, second.sendText(carla, "from the second"))
	if first.times(two) != 0 || second.times(one) != 0 {
		t.Error("a line got the other's message")
	}
	for _, r := range []struct {
		*rig
		want string
	}{{first, "First"}, {second, "Second"}} {
		if got := r.owner.Companions()[0].State().Name; got != r.want {
			t.Errorf("the phone shows %q, want %q", got, r.want)
		}
	}
	first.Stop()
	second.message(second.sayText(carla, "still here"))
}
