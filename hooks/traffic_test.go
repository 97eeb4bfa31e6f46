package hooks

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"mostrador/hooks/lines"
	"mostrador/hooks/media"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/whatsapp"
	"mostrador/whatsapp/wasim"

	"github.com/pocketbase/dbx"
)

const menuText = "Hola, elige:\n1. Ventas\n2. Nada"

// shown lists what a phone got from the shop, in its order.
func (s *shop) shown(p *wasim.Phone) (texts []string) {
	for _, e := range p.Chat(s.owner) {
		if !e.FromMe {
			texts = append(texts, e.Text)
		}
	}
	return texts
}

func (s *shop) inject(f wasim.Fault) string {
	s.t.Helper()
	f.Line = s.owner
	id, err := s.server.Inject(f)
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

func (s *shop) clear(fault string) {
	s.t.Helper()
	if err := s.server.ClearFault(fault); err != nil {
		s.t.Fatal(err)
	}
}

func TestRestartGoesOnWhereItStopped(t *testing.T) {
	s := newShop(t)
	carla := s.server.Phone(carlaNumber, wasim.Name("Carla"))
	s.say(carla, "hola")
	s.reads(carla, menuText)
	s.quit()
	app := s.reopened()
	if n, err := app.CountRecords("lines", dbx.HashExp{"state": string(whatsapp.Stopped)}); err != nil || n != 1 {
		t.Errorf("got %d lines (%v) that say that they were stopped, want 1: what waits there certainly never left", n, err)
	}
	closeApp(app)
	s.say(carla, "ventas") // WhatsApp keeps it
	s.open()
	s.connected() // without a new scan
	s.reads(carla, "Te paso con ventas.")
	if got, want := s.shown(carla), []string{menuText, "Te paso con ventas."}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Each case leaves the folder as a crash at that moment would, and the next start has to make it good.
func TestCrash(t *testing.T) {
	t.Run("stored, not answered", func(t *testing.T) {
		s := newShop(t)
		carla := s.server.Phone(carlaNumber, wasim.Name("Carla"))
		s.say(carla, "hola")
		s.reads(carla, menuText)
		s.quit()
		half := &Desk{Store: store.Store{App: s.reopened(), Now: time.Now}} // a desk without loops: it only stores
		if err := half.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		phone := all[store.ContactRow](&world{t: t, d: half}, "SELECT * FROM contacts")[0]
		err := half.Receiver.Receive(s.line, whatsapp.Message{ID: "late", Chat: whatsapp.Address{Phone: phone.Phone, LID: phone.LID}, Kind: whatsapp.Text, Text: "ventas", At: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		half.Stop()
		closeApp(half.Store.App)
		s.open()
		s.reads(carla, "Te paso con ventas.")
	})
	t.Run("sent, not written down", func(t *testing.T) {
		s := newShop(t)
		carla := s.server.Phone(carlaNumber, wasim.Name("Carla"))
		s.inject(wasim.Fault{Kind: wasim.FaultWithholdAck})
		s.say(carla, "hola")
		s.reads(carla, menuText)
		s.quit() // no confirmation came: nobody knows that it arrived
		app := s.reopened()
		if _, err := app.NonconcurrentDB().NewQuery("UPDATE messages SET state = 'sending', outbox = TRUE WHERE direction = 'out'").Execute(); err != nil {
			t.Fatal(err)
		}
		closeApp(app)
		s.open()
		s.connected()
		s.message(menuText, func(m store.Message) bool { return !m.Outbox })
		s.say(carla, "ventas")
		s.reads(carla, "Te paso con ventas.")
		if got, want := s.shown(carla), []string{menuText, "Te paso con ventas."}; !slices.Equal(got, want) {
			t.Errorf("the phone shows %q, want %q", got, want)
		}
	})
}

func TestLineDownDelaysAndLosesNothing(t *testing.T) {
	s := newShop(t)
	carla := s.server.Phone(carlaNumber, wasim.Name("Carla"))
	s.say(carla, "hola")
	s.reads(carla, menuText)
	c := s.thread("it is with the bot", func(c store.Conversation) bool { return c.Status == store.StatusBot })
	down := s.inject(wasim.Fault{Kind: wasim.FaultDown})
	s.until("the line is offline", func() bool {
		v, err := s.d.Lines.Status(t.Context(), "")
		return err == nil && v.State == string(whatsapp.Offline)
	})
	s.answers(c.ID, store.ByFlow, "uno")
	s.answers(c.ID, store.ByFlow, "dos")
	s.say(carla, "ventas")
	if m := s.message("uno", func(m store.Message) bool { return m.Outbox }); m.State != "queued" || m.Attempts != 0 {
		t.Errorf("got %s after %d attempts, want it queued and not tried", m.State, m.Attempts)
	}
	s.clear(down)
	s.reads(carla, "Te paso con ventas.")
	if got, want := s.shown(carla)[:3], []string{menuText, "uno", "dos"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFullDiskKeepsTheMessageAtWhatsApp(t *testing.T) {
	s := newShop(t)
	carla := s.server.Phone(carlaNumber, wasim.Name("Carla"))
	setPages(s.world, 1)
	s.say(carla, strings.Repeat("hola ", 20_000))
	s.until("the line says that it cannot store", func() bool {
		v, err := s.d.Lines.Status(t.Context(), "")
		return err == nil && v.State == string(whatsapp.Offline) && v.Reason == string(whatsapp.ReasonStorage)
	})
	setPages(s.world, 1<<30)
	s.reads(carla, menuText)
	if got := s.count("SELECT COUNT(*) FROM messages WHERE direction = 'in'"); got != 1 {
		t.Errorf("got %d messages, want the one that waited", got)
	}
}

func TestMediaIsFetchedAndSent(t *testing.T) {
	for name, fault := range map[string]wasim.FaultKind{"at once": "", "after the sender uploaded it again": wasim.FaultExpireMedia} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			carla := s.server.Phone(carlaNumber, wasim.Name("Carla"))
			if fault != "" {
				s.inject(wasim.Fault{Kind: fault})
			}
			picture := append([]byte{0xff, 0xd8, 0xff, 0xe0}, bytes.Repeat([]byte("picture"), 2000)...)
			if _, err := carla.Say(s.owner, wasim.Say{Media: &wasim.SayMedia{Kind: "image", MIME: "image/jpeg", Caption: "mira", Data: picture}}); err != nil {
				t.Fatal(err)
			}
			m := s.message("mira", func(m store.Message) bool { return m.Media != "" })
			file := row(s, "the file is here", "SELECT * FROM media WHERE id = {:id}", dbx.Params{"id": m.Media}, func(f media.MediaFile) bool { return f.File != "" })
			got, err := s.d.Files.ReadFile(&file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, picture) {
				t.Errorf("got %d bytes, want the %d that were sent", len(got), len(picture))
			}
			// And back: the same file as a message of ours.
			s.write(func(tx *store.Tx) error {
				c, err := tx.Conversation(m.Conversation)
				if err != nil {
					return err
				}
				return s.d.Conversations.AddMessage(tx, c, &store.Message{Direction: "out", Kind: "image", Author: store.ByFlow, Text: "toma", WaID: whatsapp.NewID(), Outbox: true, Media: file.ID})
			})
			if e := s.reads(carla, "toma"); e.Media == nil || e.Media.Size != len(picture) || e.Media.Error != "" {
				t.Errorf("the phone shows %+v, want the file of %d bytes", e.Media, len(picture))
			}
		})
	}
}

func TestReadMarksTurnTicksBlue(t *testing.T) {
	s := newShop(t)
	carla := s.server.Phone(carlaNumber, wasim.Name("Carla"))
	id := s.say(carla, "hola")
	s.reads(carla, menuText)
	s.write(func(tx *store.Tx) error {
		c, err := tx.Conversation(s.only().ID)
		if err != nil {
			return err
		}
		before := *c
		c.ReadPos, c.Unread = tx.LastSeq(), 0
		return tx.Save(c, before)
	})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, err := carla.WaitFor(ctx, func(e wasim.Entry) bool { return e.ID == id && e.State == "read" })
	if err != nil {
		t.Errorf("the customer's message never turned blue: %v", err)
	}
}

func TestPausedLineIsSilentAndSaysSo(t *testing.T) {
	s := newShop(t)
	heard := s.d.Hub.Join(rights.Viewer{ID: "ana", Role: rights.Operator}, "s")
	heard.Listen([]string{store.EventStatus})
	if _, err := s.d.Lines.Pause(t.Context(), "", true); err != nil {
		t.Fatal(err)
	}
	for told := false; !told; {
		e := <-heard.Events
		var p struct{ Data lines.LineView }
		err := json.Unmarshal(e.Data, &p)
		if err != nil || e.Name != store.EventStatus || p.Data.State != string(whatsapp.Connected) || p.Data.Phone != shopNumber {
			t.Fatalf("got %s %s (%v), want everybody to hear how the connected line is", e.Name, e.Data, err)
		}
		told = p.Data.Paused // what came before was its connecting
	}
	carla := s.server.Phone(carlaNumber, wasim.Name("Carla"))
	s.say(carla, "hola")
	s.thread("people have it", func(c store.Conversation) bool { return c.Status == store.StatusWaiting })
	if got := s.shown(carla); len(got) != 0 {
		t.Errorf("the phone shows %q, want nothing from a paused bot", got)
	}
}
