package whatsapp

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/types/events"

	"mostrador/whatsapp/wasim"
)

// unlinked runs a test on a line that shows a QR code, in virtual time.
func unlinked(t *testing.T, scanFor time.Duration, test func(t *testing.T, r *rig)) {
	t.Helper()
	bubble(t, func(t *testing.T) {
		s := newServer(t)
		r := newRig(t, s, newStore(t), func(c *Config) { c.ScanFor = scanFor })
		r.owner = s.Phone(deskNumber, wasim.Owner())
		r.start()
		r.code()
		test(t, r)
		settle()
		r.Stop()
	})
}

// WhatsApp gives six codes a connection: one for a minute, five for 20 s. After them the line asks for new ones.
func TestQRCodesFollowEachOther(t *testing.T) {
	unlinked(t, 0, func(t *testing.T, r *rig) {
		time.Sleep(10 * time.Minute)
		r.mu.Lock()
		codes := r.codes
		r.mu.Unlock()
		seen := map[string]bool{}
		for i, code := range codes {
			if seen[code.Text] {
				t.Fatalf("code %d was shown before", i)
			}
			seen[code.Text] = true
			if i == 0 {
				continue
			}
			if gap := code.Expires.Sub(codes[i-1].Expires); gap < laterCode || gap > firstCode+maxPause {
				t.Errorf("code %d is good for %v after the one before", i, gap)
			}
		}
		if len(codes) < 20 {
			t.Errorf("%d codes in ten minutes, want at least 20", len(codes))
		}
		if s := r.reaches(WaitingScan); time.Since(s.Since) < 9*time.Minute {
			t.Errorf("waiting since %v: the state changed in between: %s", s.Since, states(r.statuses))
		}
		if _, err := r.owner.ScanQR(r.code().Text); err != nil {
			t.Fatal(err)
		}
		r.reaches(Connected)
	})
}

// Each code stays up as long as it says, and not longer.
func TestQRCodeExpires(t *testing.T) {
	unlinked(t, 0, func(t *testing.T, r *rig) {
		first := r.code()
		time.Sleep(time.Until(first.Expires) - time.Second)
		if got := r.code(); got != first {
			t.Error("the code changed before its time")
		}
		time.Sleep(2 * time.Second)
		if got := r.code(); got.Text == first.Text {
			t.Error("the code is still shown after its time")
		}
	})
}

func TestQRCodeThatNobodyScans(t *testing.T) {
	for _, scanFor := range []time.Duration{30 * time.Second, 5 * time.Minute} {
		unlinked(t, scanFor, func(t *testing.T, r *rig) {
			began := r.Status().Since
			var s Status
			r.patient(func() { s = r.reaches(Stopped, ReasonTimeout) })
			if got := s.Since.Sub(began); got != scanFor {
				t.Errorf("stopped after %v, want %v", got, scanFor)
			}
			if _, ok := r.QR(); ok {
				t.Error("a stopped line shows a code")
			}
			time.Sleep(time.Hour)
			r.reaches(Stopped, ReasonTimeout)
			r.start()
			r.code()
		})
	}
}

// A code whose phone does not answer to the end is no dead end: the next one comes.
func TestConnectionLostWhileWaitingForAScan(t *testing.T) {
	unlinked(t, 0, func(t *testing.T, r *rig) {
		old := r.code()
		if _, err := r.server.Inject(wasim.Fault{Kind: wasim.FaultDown, For: time.Minute}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Minute)
		if got := r.code(); got.Text == old.Text {
			t.Error("the same code is shown")
		}
		if _, err := r.owner.ScanQR(r.code().Text); err != nil {
			t.Fatal(err)
		}
		r.reaches(Connected)
	})
}

// Newer accounts may demand a passkey, which a desk cannot give: the line says so, and offers a new code after a while.
func TestPasskeyIsExplained(t *testing.T) {
	for name, event := range map[string]any{
		"request": &events.PairPasskeyRequest{}, "failure": &events.PairPasskeyError{Error: errors.New("no such key")},
	} {
		t.Run(name, func(t *testing.T) {
			unlinked(t, 0, func(t *testing.T, r *rig) {
				r.handle(r.current(), event)
				r.reaches(Passkey, ReasonPasskey)
				if _, ok := r.QR(); ok {
					t.Error("a code is shown meanwhile")
				}
				if _, err := r.PairPhone(context.Background(), deskNumber); !errors.Is(err, ErrNotWaiting) {
					t.Errorf("PairPhone: got %v, want ErrNotWaiting", err)
				}
				time.Sleep(passkeyTime + time.Second)
				if _, err := r.owner.ScanQR(r.code().Text); err != nil {
					t.Fatal(err)
				}
				r.reaches(Connected)
			})
		})
	}
}

// A phone that may not link devices yet can scan the same code again.
func TestPhoneWithoutLinkedDevices(t *testing.T) {
	unlinked(t, 0, func(t *testing.T, r *rig) {
		r.handle(r.current(), &events.QRScannedWithoutMultidevice{})
		r.reaches(WaitingScan, ReasonNoMultidevice)
		if _, err := r.owner.ScanQR(r.code().Text); err != nil {
			t.Fatal(err)
		}
		r.reaches(Connected)
	})
}

// A scan that fails half-way is said, and the next code links.
func TestPairingFails(t *testing.T) {
	unlinked(t, 0, func(t *testing.T, r *rig) {
		old := r.code().Text
		r.handle(r.current(), &events.PairError{Error: errors.New("signature mismatch for 5491100000001@s.whatsapp.net")})
		if s := r.reaches(WaitingScan, ReasonPairFailed); s.Detail != "signature mismatch for @s.whatsapp.net" {
			t.Errorf("detail %q", s.Detail)
		}
		settle()
		if got := r.code().Text; got == old {
			t.Error("the old code is shown")
		}
		r.reaches(WaitingScan, ReasonPairFailed)
		if _, err := r.owner.ScanQR(r.code().Text); err != nil {
			t.Fatal(err)
		}
		r.reaches(Connected)
	})
}

// WhatsApp ends the connection after pairing; when its last word gets lost the line logs in all the same.
func TestLoginAfterPairingWithoutTheLastWord(t *testing.T) {
	l := New(Config{Store: &Store{}, Handler: Handler{Message: func(Message) error { return nil }}})
	c := &connection{line: l, link: &link{}, watch: time.NewTimer(time.Hour)}
	if _, over := c.on(&events.PairSuccess{}); over {
		t.Error("the connection is ended at once")
	}
	if end, over := c.timeout(); !over || !end.again || end.status.State != Connecting {
		t.Errorf("got %+v, %v; want another connection", end, over)
	}
	if end, over := c.dropped(); !over || !end.again || end.status.State != Connecting {
		t.Errorf("got %+v, %v; want another connection", end, over)
	}
}
