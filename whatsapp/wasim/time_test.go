package wasim

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types/events"
)

func TestQRCodesExpire(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newServer(t, Options{})
		owner := s.Phone(ownerNumber)
		d := openDesk(t, s, filepath.Join(t.TempDir(), "w.db"))
		qr, err := d.GetQRChannel(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if err = d.Connect(); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		var codes []whatsmeow.QRChannelItem
		for item := range qr {
			codes = append(codes, item)
			if len(codes) == 3 {
				if _, err := owner.ScanQR(codes[0].Code); err == nil {
					t.Error("a code that is shown no longer linked the client")
				}
			}
		}
		if len(codes) != refCount+1 || codes[refCount].Event != "timeout" {
			t.Errorf("got %d codes, the last item is %q; want %d and a timeout", len(codes)-1, codes[len(codes)-1].Event, refCount)
		}
		if took := time.Since(start); took != firstQR+(refCount-1)*nextQR {
			t.Errorf("the codes lasted %v, want 160 s", took)
		}
		time.Sleep(5 * time.Second) // until the server notices
		if _, err := owner.ScanQR(codes[refCount-1].Code); err == nil {
			t.Error("the code of a client that hung up linked it")
		}
	})
}

func TestLastShownQRCodeLinks(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newServer(t, Options{})
		d := openDesk(t, s, filepath.Join(t.TempDir(), "w.db"))
		qr, err := d.GetQRChannel(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if err = d.Connect(); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			<-qr
		}
		time.Sleep(10 * time.Second)
		if _, err = s.Phone(ownerNumber).ScanQR((<-qr).Code); err != nil {
			t.Fatal(err)
		}
		await[*events.Connected](d, nil)
		if _, err = s.Phone("+5491100000002").ScanQR("https://wa.me/settings/linked_devices#x,y,z"); err == nil {
			t.Error("half a code linked something")
		}
		time.Sleep(5 * time.Second)
		d.Disconnect()
		time.Sleep(5 * time.Minute)
	})
}

func TestSilentConnectionIsCutAfterTheHandshakeLimit(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newServer(t, Options{})
		ws, _, err := dialRaw(s)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if _, _, err = ws.Read(context.Background()); err == nil {
			t.Error("the server said something to a client that said nothing")
		}
		if took := time.Since(start); took != handshakeLimit {
			t.Errorf("cut after %v, want %v", took, handshakeLimit)
		}
		_ = ws.CloseNow()
	})
}

// The clock of the options is the time of every stanza.
func TestStanzasCarryTheClock(t *testing.T) {
	noon := time.Date(2031, 5, 6, 12, 0, 0, 0, time.UTC)
	s := newServer(t, Options{Clock: func() time.Time { return noon }})
	owner, carla := s.Phone(ownerNumber), s.Phone(carlaNumber)
	d := newDesk(t, s, owner)
	if got := d.message(say(t, carla, owner, Say{Text: "hola"})).Info.Timestamp; !got.Equal(noon) {
		t.Errorf("the message is of %v, want %v", got, noon)
	}
	if got := carla.Chat(owner)[0].At; !got.Equal(noon) {
		t.Errorf("the phone shows %v, want %v", got, noon)
	}
}
