package hooks_test

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"mostrador/hooks"
	"mostrador/hooks/desktest"
	"mostrador/hooks/lines"
	"mostrador/hooks/media"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/whatsapp"
	"mostrador/whatsapp/wasim"

	"github.com/pocketbase/dbx"
)

func TestRestartGoesOnWhereItStopped(t *testing.T) {
	s := desktest.NewShop(t)
	carla := s.Server.Phone(desktest.CarlaNumber, wasim.Name("Carla"))
	s.Say(carla, "hola")
	s.Reads(carla, desktest.MenuText)
	s.Quit()
	app := s.Reopened()
	if n, err := app.CountRecords("lines", dbx.HashExp{"state": string(whatsapp.Stopped)}); err != nil || n != 1 {
		t.Errorf("got %d lines (%v) that say that they were stopped, want 1: what waits there certainly never left", n, err)
	}
	desktest.CloseApp(app)
	s.Say(carla, "ventas") // WhatsApp keeps it
	s.Open()
	s.Connected() // without a new scan
	s.Reads(carla, "Te paso con ventas.")
	if got, want := s.Shown(carla), []string{desktest.MenuText, "Te paso con ventas."}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Each case leaves the folder as a crash at that moment would, and the next start has to make it good.
func TestCrash(t *testing.T) {
	t.Run("stored, not answered", func(t *testing.T) {
		s := desktest.NewShop(t)
		carla := s.Server.Phone(desktest.CarlaNumber, wasim.Name("Carla"))
		s.Say(carla, "hola")
		s.Reads(carla, desktest.MenuText)
		s.Quit()
		half := &hooks.Desk{Store: store.Store{App: s.Reopened(), Now: time.Now}} // a desk without loops: it only stores
		if err := half.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		phone := desktest.All[store.ContactRow](&desktest.World{T: t, Desk: half}, "SELECT * FROM contacts")[0]
		err := half.Receiver.Receive(s.Line, whatsapp.Message{ID: "late", Chat: whatsapp.Address{Phone: phone.Phone, LID: phone.LID}, Kind: whatsapp.Text, Text: "ventas", At: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		half.Stop()
		desktest.CloseApp(half.Store.App)
		s.Open()
		s.Reads(carla, "Te paso con ventas.")
	})
	t.Run("sent, not written down", func(t *testing.T) {
		s := desktest.NewShop(t)
		carla := s.Server.Phone(desktest.CarlaNumber, wasim.Name("Carla"))
		s.Inject(wasim.Fault{Kind: wasim.FaultWithholdAck})
		s.Say(carla, "hola")
		s.Reads(carla, desktest.MenuText)
		s.Quit() // no confirmation came: nobody knows that it arrived
		app := s.Reopened()
		if _, err := app.NonconcurrentDB().NewQuery("UPDATE messages SET state = 'sending', outbox = TRUE WHERE direction = 'out'").Execute(); err != nil {
			t.Fatal(err)
		}
		desktest.CloseApp(app)
		s.Open()
		s.Connected()
		s.Message(desktest.MenuText, func(m store.Message) bool { return !m.Outbox })
		s.Say(carla, "ventas")
		s.Reads(carla, "Te paso con ventas.")
		if got, want := s.Shown(carla), []string{desktest.MenuText, "Te paso con ventas."}; !slices.Equal(got, want) {
			t.Errorf("the phone shows %q, want %q", got, want)
		}
	})
}

func TestLineDownDelaysAndLosesNothing(t *testing.T) {
	s := desktest.NewShop(t)
	carla := s.Server.Phone(desktest.CarlaNumber, wasim.Name("Carla"))
	s.Say(carla, "hola")
	s.Reads(carla, desktest.MenuText)
	c := s.Thread("it is with the bot", func(c store.Conversation) bool { return c.Status == store.StatusBot })
	down := s.Inject(wasim.Fault{Kind: wasim.FaultDown})
	s.Until("the line is offline", func() bool {
		v, err := s.Desk.Lines.Status(t.Context(), "")
		return err == nil && v.State == string(whatsapp.Offline)
	})
	s.Answers(c.ID, store.ByFlow, "uno")
	s.Answers(c.ID, store.ByFlow, "dos")
	s.Say(carla, "ventas")
	if m := s.Message("uno", func(m store.Message) bool { return m.Outbox }); m.State != "queued" || m.Attempts != 0 {
		t.Errorf("got %s after %d attempts, want it queued and not tried", m.State, m.Attempts)
	}
	s.Clear(down)
	s.Reads(carla, "Te paso con ventas.")
	if got, want := s.Shown(carla)[:3], []string{desktest.MenuText, "uno", "dos"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFullDiskKeepsTheMessageAtWhatsApp(t *testing.T) {
	s := desktest.NewShop(t)
	carla := s.Server.Phone(desktest.CarlaNumber, wasim.Name("Carla"))
	desktest.SetPages(s.World, 1)
	s.Say(carla, strings.Repeat("hola ", 20_000))
	s.Until("the line says that it cannot store", func() bool {
		v, err := s.Desk.Lines.Status(t.Context(), "")
		return err == nil && v.State == string(whatsapp.Offline) && v.Reason == string(whatsapp.ReasonStorage)
	})
	desktest.SetPages(s.World, 1<<30)
	s.Reads(carla, desktest.MenuText)
	if got := s.Count("SELECT COUNT(*) FROM messages WHERE direction = 'in'"); got != 1 {
		t.Errorf("got %d messages, want the one that waited", got)
	}
}

func TestMediaIsFetchedAndSent(t *testing.T) {
	for name, fault := range map[string]wasim.FaultKind{"at once": "", "after the sender uploaded it again": wasim.FaultExpireMedia} {
		t.Run(name, func(t *testing.T) {
			s := desktest.NewShop(t)
			carla := s.Server.Phone(desktest.CarlaNumber, wasim.Name("Carla"))
			if fault != "" {
				s.Inject(wasim.Fault{Kind: fault})
			}
			picture := append([]byte{0xff, 0xd8, 0xff, 0xe0}, bytes.Repeat([]byte("picture"), 2000)...)
			if _, err := carla.Say(s.Owner, wasim.Say{Media: &wasim.SayMedia{Kind: "image", MIME: "image/jpeg", Caption: "mira", Data: picture}}); err != nil {
				t.Fatal(err)
			}
			m := s.Message("mira", func(m store.Message) bool { return m.Media != "" })
			file := desktest.Row(s, "the file is here", "SELECT * FROM media WHERE id = {:id}", dbx.Params{"id": m.Media}, func(f media.MediaFile) bool { return f.File != "" })
			got, err := s.Desk.Files.ReadFile(&file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, picture) {
				t.Errorf("got %d bytes, want the %d that were sent", len(got), len(picture))
			}
			// And back: the same file as a message of ours.
			s.Write(func(tx *store.Tx) error {
				c, err := tx.Conversation(m.Conversation)
				if err != nil {
					return err
				}
				return s.Desk.Conversations.AddMessage(tx, c, &store.Message{Direction: "out", Kind: "image", Author: store.ByFlow, Text: "toma", WaID: whatsapp.NewID(), Outbox: true, Media: file.ID})
			})
			if e := s.Reads(carla, "toma"); e.Media == nil || e.Media.Size != len(picture) || e.Media.Error != "" {
				t.Errorf("the phone shows %+v, want the file of %d bytes", e.Media, len(picture))
			}
		})
	}
}

func TestReadMarksTurnTicksBlue(t *testing.T) {
	s := desktest.NewShop(t)
	carla := s.Server.Phone(desktest.CarlaNumber, wasim.Name("Carla"))
	id := s.Say(carla, "hola")
	s.Reads(carla, desktest.MenuText)
	s.Write(func(tx *store.Tx) error {
		c, err := tx.Conversation(s.Only().ID)
		if err != nil {
			return err
		}
		before := *c
		c.ReadPos, c.Unread = tx.LastSeq(), 0
		return tx.Save(c, before)
	})
	ctx, cancel := context.WithTimeout(t.Context(), desktest.Patience)
	defer cancel()
	_, err := carla.WaitFor(ctx, func(e wasim.Entry) bool { return e.ID == id && e.State == "read" })
	if err != nil {
		t.Errorf("the customer's message never turned blue: %v", err)
	}
}

func TestPausedLineIsSilentAndSaysSo(t *testing.T) {
	s := desktest.NewShop(t)
	heard := s.Desk.Hub.Join(rights.Viewer{ID: "ana", Role: rights.Operator}, "s")
	heard.Listen([]string{store.EventStatus})
	if _, err := s.Desk.Lines.Pause(t.Context(), "", true); err != nil {
		t.Fatal(err)
	}
	for told := false; !told; {
		e := <-heard.Events
		var p struct{ Data lines.LineView }
		err := json.Unmarshal(e.Data, &p)
		if err != nil || e.Name != store.EventStatus || p.Data.State != string(whatsapp.Connected) || p.Data.Phone != desktest.ShopNumber {
			t.Fatalf("got %s %s (%v), want everybody to hear how the connected line is", e.Name, e.Data, err)
		}
		told = p.Data.Paused // what came before was its connecting
	}
	carla := s.Server.Phone(desktest.CarlaNumber, wasim.Name("Carla"))
	s.Say(carla, "hola")
	s.Thread("people have it", func(c store.Conversation) bool { return c.Status == store.StatusWaiting })
	if got := s.Shown(carla); len(got) != 0 {
		t.Errorf("the phone shows %q, want nothing from a paused bot", got)
	}
}
