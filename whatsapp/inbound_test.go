package whatsapp

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"

	"mostrador/whatsapp/wasim"
)

// A customer is one Address, however WhatsApp names the sender.
func TestAddressForms(t *testing.T) {
	r := newDesk(t)
	for i, form := range []struct {
		mode       wasim.AddressMode
		phone, lid bool // what the line knows after the first message
		afterReply bool // the LID is known once the line has answered
	}{
		{wasim.LID, true, true, true},
		{wasim.PNWithLID, true, true, true},
		{wasim.PN, true, false, true},
		{wasim.LIDHidden, false, true, false},
	} {
		t.Run(string(form.mode), func(t *testing.T) {
			p := r.server.Phone("+549112345670"+string(rune('0'+i)), wasim.Address(form.mode), wasim.Name("Carla"))
			m := r.message(r.sayText(p, "hola"))
			full := addressOfPhone(p)
			if got, want := m.Chat.Phone != "", form.phone; got != want || (got && m.Chat.Phone != full.Phone) {
				t.Errorf("phone %q, want known=%v", m.Chat.Phone, want)
			}
			if got, want := m.Chat.LID != "", form.lid; got != want || (got && m.Chat.LID != full.LID) {
				t.Errorf("LID %q, want known=%v", m.Chat.LID, want)
			}
			if m.Name != "Carla" || m.FromMe || m.Kind != Text || m.Text != "hola" || time.Since(m.At) > time.Minute {
				t.Errorf("got %+v", m)
			}
			reply := r.send(Outgoing{To: m.Chat, Kind: Text, Text: "¿qué tal?"})
			r.shows(p, reply)
			r.receipt(reply, Read)
			second := r.message(r.sayText(p, "bien"), Text)
			if got := second.Chat == full; got != form.afterReply {
				t.Errorf("after the reply the address is %+v; complete: %v, want %v", second.Chat, got, form.afterReply)
			}
		})
	}
	r.until("the pair that the reply found out", func() bool {
		return slices.Contains(r.people, addressOfPhone(r.server.Phone("+5491123456702")))
	})
}

func TestMessageKindsIn(t *testing.T) {
	r := newDesk(t)
	carla := r.server.Phone(carlaNumber)
	first := r.sayText(carla, "first")
	r.message(first)
	ours := r.sendText(carla, "our words")
	r.shows(carla, ours)

	for _, k := range []struct {
		kind  Kind
		say   wasim.Say
		check func(Message) bool
	}{
		{Text, wasim.Say{Text: "answering", Quote: ours}, func(m Message) bool { return *m.Quote == Quote{ID: ours, FromMe: true, Text: "our words"} }},
		{Text, wasim.Say{Text: "to myself", Quote: first}, func(m Message) bool { return m.Quote.ID == first && !m.Quote.FromMe }},
		{Location, wasim.Say{Location: &wasim.SayLocation{Lat: -34.6, Lng: -58.4, Name: "Obelisco", Address: "CABA"}},
			func(m Message) bool {
				return *m.Place == Place{Lat: -34.6, Lng: -58.4, Name: "Obelisco", Address: "CABA"}
			}},
		{Contact, wasim.Say{Contact: &wasim.SayContact{Name: "Ana", Phone: "+5491155555555"}},
			func(m Message) bool {
				return len(m.Cards) == 1 && m.Cards[0].Name == "Ana" && strings.Contains(m.Cards[0].VCard, "BEGIN:VCARD")
			}},
		{Poll, wasim.Say{Poll: &wasim.SayPoll{Question: "When?", Options: []string{"Mon", "Tue"}, Max: 1}},
			func(m Message) bool {
				return m.Poll.Question == "When?" && slices.Equal(m.Poll.Options, []string{"Mon", "Tue"})
			}},
		{Reaction, wasim.Say{Reaction: &wasim.SayReaction{ID: ours, Emoji: "👍"}}, func(m Message) bool { return m.Target == ours && m.Text == "👍" }},
		{Reaction, wasim.Say{Reaction: &wasim.SayReaction{ID: ours}}, func(m Message) bool { return m.Target == ours && m.Text == "" }},
		{Edit, wasim.Say{Edit: &wasim.SayEdit{ID: first, Text: "corrected"}}, func(m Message) bool { return m.Target == first && m.Text == "corrected" }},
		{Revoke, wasim.Say{Revoke: first}, func(m Message) bool { return m.Target == first }},
		{Text, wasim.Say{Text: strings.Repeat("ñandú ", 10_000)}, func(m Message) bool { return len(m.Text) == 80_000 }},
		{Text, wasim.Say{Proto: &waE2E.Message{Conversation: proto.String("")}}, func(m Message) bool { return m.Text == "" }},
		{Text, wasim.Say{Proto: &waE2E.Message{ExtendedTextMessage: &waE2E.ExtendedTextMessage{}}}, func(m Message) bool { return m.Text == "" }},
		{Unsupported, wasim.Say{Proto: &waE2E.Message{RequestPhoneNumberMessage: &waE2E.RequestPhoneNumberMessage{}}},
			func(m Message) bool { return m.What == "requestPhoneNumberMessage" }},
	} {
		t.Run(string(k.kind), func(t *testing.T) {
			m := r.message(r.say(carla, k.say))
			if m.Kind != k.kind || !k.check(m) || m.Chat != addressOfPhone(carla) {
				t.Errorf("got %+v", m)
			}
		})
	}
}

func TestMediaIn(t *testing.T) {
	r := newDesk(t)
	carla := r.server.Phone(carlaNumber)
	data := bytes.Repeat([]byte("a file "), 5000)
	for _, k := range []struct {
		kind Kind
		mime string
	}{
		{Image, "image/jpeg"}, {Video, "video/mp4"}, {Audio, "audio/mpeg"}, {Voice, "audio/ogg; codecs=opus"},
		{Document, "application/pdf"}, {Sticker, "image/webp"},
	} {
		t.Run(string(k.kind), func(t *testing.T) {
			say := wasim.SayMedia{Kind: string(k.kind), MIME: k.mime, Data: data}
			if k.kind == Document {
				say.Name, say.Caption = "offer.pdf", "our offer"
			}
			m := r.message(r.say(carla, wasim.Say{Media: &say}))
			if m.Kind != k.kind || m.Media == nil || m.Media.MIME != k.mime || m.Media.Size != int64(len(data)) || m.Media.Name != say.Name || m.Text != say.Caption {
				t.Fatalf("got %+v with %+v", m, m.Media)
			}
			got, err := r.Download(context.Background(), m.Media.Ref, 1<<20)
			if err != nil || !bytes.Equal(got, data) {
				t.Errorf("downloaded %d bytes, %v; want %d", len(got), err, len(data))
			}
			if _, err := r.Download(context.Background(), m.Media.Ref, 100); !errors.Is(err, ErrTooLarge) {
				t.Errorf("a limit of 100 bytes: got %v, want ErrTooLarge", err)
			}
		})
	}
}

func TestDownloadOfNonsense(t *testing.T) {
	r := newDesk(t)
	for _, ref := range []string{``, `{}`, `[]`, `{"path":"/x"}`} {
		if _, err := r.Download(context.Background(), []byte(ref), 0); !errors.Is(err, ErrDamaged) {
			t.Errorf("%q: got %v, want ErrDamaged", ref, err)
		}
	}
}

// A file whose key does not fit is damaged, not a reason to try for ever.
func TestDownloadThatDoesNotDecrypt(t *testing.T) {
	r := newDesk(t)
	carla := r.server.Phone(carlaNumber)
	m := r.message(r.say(carla, wasim.Say{Media: &wasim.SayMedia{Kind: "image", MIME: "image/png", Data: []byte("picture")}}))
	ref := bytes.Replace(m.Media.Ref, []byte(`"key":"`), []byte(`"key":"AAAA`), 1)
	if _, err := r.Download(context.Background(), ref, 0); !errors.Is(err, ErrDamaged) {
		t.Errorf("got %v, want ErrDamaged", err)
	}
}

// What the owner writes on the phone belongs to the customer's chat.
func TestOwnerWritesFromThePhone(t *testing.T) {
	r := newDesk(t)
	carla := r.server.Phone(carlaNumber)
	id, err := r.owner.SayText(carla, "I'll take this one")
	if err != nil {
		t.Fatal(err)
	}
	m := r.message(id)
	if !m.FromMe || m.Chat != addressOfPhone(carla) || m.Text != "I'll take this one" || m.Name != "" {
		t.Errorf("got %+v", m)
	}
	hello := r.sayText(carla, "hello")
	r.message(hello)
	if err := r.owner.MarkRead(carla, hello); err != nil {
		t.Fatal(err)
	}
	if x := r.receipt(hello, Read); !x.ByOwner || x.Chat != addressOfPhone(carla) {
		t.Errorf("read on the phone: got %+v", x)
	}
}

// A vote names options by hash; the line gives them back as texts, also after a restart.
func TestVotes(t *testing.T) {
	r := newDesk(t)
	carla := r.server.Phone(carlaNumber)
	r.message(r.sayText(carla, "hola"))
	poll := r.send(Outgoing{To: addressOfPhone(carla), Kind: Poll, Poll: &PollQuestion{Question: "¿Qué área?", Options: []string{"Ventas", "Soporte"}, Max: 1}})
	r.shows(carla, poll)
	m := r.message(r.say(carla, wasim.Say{Vote: &wasim.SayVote{ID: poll, Options: []string{"Soporte"}}}))
	if m.Kind != Vote || m.Target != poll || !slices.Equal(m.Votes, []string{"Soporte"}) {
		t.Errorf("got %+v, want a vote for Soporte", m)
	}
	device := r.linked[0]
	r.Stop()
	back := newRig(t, r.server, r.store, func(c *Config) { c.Device = device })
	back.owner = r.owner
	back.start()
	back.reaches(Connected)
	m = back.message(back.say(carla, wasim.Say{Vote: &wasim.SayVote{ID: poll}}))
	if m.Kind != Vote || len(m.Votes) != 0 {
		t.Errorf("taken back: got %+v", m)
	}
	if _, err := r.store.db.Exec(`DELETE FROM mostrador_poll`); err != nil {
		t.Fatal(err)
	}
	m = back.message(back.say(carla, wasim.Say{Vote: &wasim.SayVote{ID: poll, Options: []string{"Ventas"}}}))
	if !slices.Equal(m.Votes, []string{VoteHash("Ventas")}) {
		t.Errorf("a poll that is not known: got %q, want its hash", m.Votes)
	}
}

func TestPeopleAroundTheMessages(t *testing.T) {
	r := newDesk(t)
	carla := r.server.Phone(carlaNumber, wasim.Name("Carla"))
	r.message(r.sayText(carla, "hola"))
	r.until("Carla's name", func() bool { return slices.Contains(r.names, "Carla") })
	r.until("the own name", func() bool { return r.Status().Name != "" })
	for _, state := range []string{"composing", "recording", "paused"} {
		if err := carla.Typing(r.owner, state); err != nil {
			t.Fatal(err)
		}
		r.until(state, func() bool {
			return slices.ContainsFunc(r.acts, func(a Activity) bool { return a.State == state && a.Chat == addressOfPhone(carla) })
		})
	}
	call := r.message(carla.Call(r.owner))
	if call.Kind != Call || call.Chat != addressOfPhone(carla) || call.What != "audio" {
		t.Errorf("a call: got %+v", call)
	}
	r.server.Phone(carlaNumber, wasim.Name("Carla G."))
	r.message(r.sayText(carla, "new name"))
	r.until("Carla's new name", func() bool { return slices.Contains(r.names, "Carla G.") })
}

// A desk is not online by itself: the owner's phone keeps ringing. Customers get their second tick all the same.
func TestUnavailableButDelivered(t *testing.T) {
	r := newDesk(t)
	r.until("the own name", func() bool { return r.Status().Name != "" })
	carla := r.server.Phone(carlaNumber)
	id := r.sayText(carla, "hola")
	r.message(id)
	r.shows(carla, id, inState("delivered"))
	if got := r.owner.Companions()[0].State().Presence; got == "available" {
		t.Error("the desk shows itself online")
	}
}
