package whatsapp

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"mostrador/whatsapp/wasim"
)

func TestMessageKindsOut(t *testing.T) {
	r := newDesk(t)
	carla := r.server.Phone(carlaNumber)
	question := r.sayText(carla, "where are you?")
	r.message(question)
	to := addressOfPhone(carla)
	ours := r.sendText(carla, "a text")
	r.shows(carla, ours)
	data := bytes.Repeat([]byte{7, 11}, 3000)
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:])
	file := func(mime string) *File {
		return &File{Data: data, MIME: mime, Name: "a.pdf", Seconds: 3, Width: 20, Height: 10}
	}
	fits := func(e wasim.Entry) bool { return e.Media != nil && e.Media.SHA256 == hash && e.Media.Error == "" }

	for _, k := range []struct {
		send  Outgoing
		check func(wasim.Entry) bool
	}{
		{Outgoing{Kind: Text, Text: "hola"}, func(e wasim.Entry) bool { return e.Text == "hola" }},
		{Outgoing{Kind: Text, Text: "here", Quote: &Quote{ID: question, Text: "where are you?"}}, func(e wasim.Entry) bool { return e.Text == "here" && e.Quote == question }},
		{Outgoing{Kind: Text, Text: "again", Quote: &Quote{ID: ours, FromMe: true, Text: "a text"}}, func(e wasim.Entry) bool { return e.Quote == ours }},
		{Outgoing{Kind: Text, Text: strings.Repeat("ñ", 35_000)}, func(e wasim.Entry) bool { return len(e.Text) == 70_000 }},
		{Outgoing{Kind: Image, Text: "look", File: file("image/png")}, func(e wasim.Entry) bool { return fits(e) && e.Text == "look" && e.Media.MIME == "image/png" }},
		{Outgoing{Kind: Video, File: file("video/mp4")}, fits},
		{Outgoing{Kind: Audio, File: file("audio/mpeg")}, fits},
		{Outgoing{Kind: Voice, File: file("audio/ogg; codecs=opus")}, func(e wasim.Entry) bool { return fits(e) && e.Media.Seconds == 3 }},
		{Outgoing{Kind: Document, File: file("application/pdf")}, func(e wasim.Entry) bool { return fits(e) && e.Media.Name == "a.pdf" }},
		{Outgoing{Kind: Sticker, File: file("image/webp")}, fits},
		{Outgoing{Kind: Location, Place: &Place{Lat: 1.5, Lng: -2.5, Name: "Office"}}, func(e wasim.Entry) bool { return e.Lat == 1.5 && e.Lng == -2.5 && e.Text == "Office" }},
		{Outgoing{Kind: Contact, Cards: []Card{{Name: "Ana", VCard: "BEGIN:VCARD\nEND:VCARD"}}}, func(e wasim.Entry) bool { return e.Text == "Ana" }},
		{Outgoing{Kind: Poll, Poll: &PollQuestion{Question: "ok?", Options: []string{"yes", "no"}, Max: 1}}, func(e wasim.Entry) bool { return slices.Equal(e.Options, []string{"yes", "no"}) }},
		{Outgoing{Kind: Reaction, Text: "❤", Target: question}, func(e wasim.Entry) bool { return e.Text == "❤" && e.Ref == question }},
		{Outgoing{Kind: Reaction, Text: "👍", Target: ours, FromMe: true}, func(e wasim.Entry) bool { return e.Ref == ours }},
		{Outgoing{Kind: Edit, Text: "a better text", Target: ours, FromMe: true}, func(e wasim.Entry) bool { return e.Text == "a better text" && e.Ref == ours }},
		{Outgoing{Kind: Revoke, Target: ours, FromMe: true}, func(e wasim.Entry) bool { return e.Ref == ours }},
	} {
		t.Run(string(k.send.Kind), func(t *testing.T) {
			k.send.To = to
			id := r.send(k.send)
			e := r.shows(carla, id)
			if e.Kind != string(k.send.Kind) || e.FromMe || !k.check(e) {
				t.Errorf("the phone shows %+v, media %+v", e, e.Media)
			}
			if own := r.shows(r.owner, id); !own.FromMe {
				t.Errorf("the owner's phone shows %+v", own)
			}
		})
	}
}

func TestSendNothing(t *testing.T) {
	r := newDesk(t)
	to := addressOfPhone(r.server.Phone(carlaNumber))
	for _, m := range []Outgoing{{Kind: Text}, {Kind: Image}, {Kind: Image, File: &File{}}, {Kind: Poll}, {Kind: Poll, Poll: &PollQuestion{}}, {Kind: Location}, {Kind: Contact}, {Kind: Call}, {}} {
		m.To, m.ID = to, NewID()
		if _, err := r.Send(context.Background(), m); !errors.Is(err, ErrEmpty) {
			t.Errorf("%q: got %v, want ErrEmpty", m.Kind, err)
		}
	}
}

func TestSendToNobody(t *testing.T) {
	r := newDesk(t)
	for _, to := range []Address{{}, {Phone: "5491100009999"}} {
		if _, err := r.Send(context.Background(), Outgoing{ID: NewID(), To: to, Kind: Text, Text: "x"}); !errors.Is(err, ErrNoAccount) {
			t.Errorf("%+v: got %v, want ErrNoAccount", to, err)
		}
	}
}

// The first message to somebody who never wrote: the line asks for the LID and tells what it found.
func TestSendToANumberOnly(t *testing.T) {
	r := newDesk(t)
	carla := r.server.Phone(carlaNumber)
	id := r.send(Outgoing{To: Address{Phone: carla.PN().User}, Kind: Text, Text: "good morning", First: true})
	r.shows(carla, id)
	r.until("the pair", func() bool { return slices.Contains(r.people, addressOfPhone(carla)) })
	if x := r.receipt(id, Delivered); x.Chat != addressOfPhone(carla) || x.ByOwner {
		t.Errorf("got %+v", x)
	}
}

func TestReceiptsOfSentMessages(t *testing.T) {
	r := newDesk(t)
	carla := r.server.Phone(carlaNumber, wasim.Receipts(true, false))
	r.message(r.sayText(carla, "hola"))
	id := r.sendText(carla, "hi")
	r.receipt(id, Delivered)
	if err := carla.MarkRead(r.owner, id); err != nil {
		t.Fatal(err)
	}
	if x := r.receipt(id, Read); x.Chat != addressOfPhone(carla) || x.ByOwner || time.Since(x.At) > time.Minute {
		t.Errorf("got %+v", x)
	}
}

// The same message sent again with the same ID is one message on the phone.
func TestSendTwiceIsOneMessage(t *testing.T) {
	r := newDesk(t)
	carla := r.server.Phone(carlaNumber)
	id := r.sendText(carla, "once")
	r.send(Outgoing{ID: id, To: addressOfPhone(carla), Kind: Text, Text: "once"})
	r.shows(carla, r.sendText(carla, "after"))
	if got := shown(carla, id); got != 1 {
		t.Errorf("the phone shows it %d times, want once", got)
	}
}

func TestReadAndTyping(t *testing.T) {
	r := newDesk(t)
	carla := r.server.Phone(carlaNumber)
	ids := []string{r.sayText(carla, "a"), r.sayText(carla, "b")}
	m := r.message(ids[1])
	if err := r.MarkRead(context.Background(), m.Chat, ids, time.Now()); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		r.shows(carla, id, inState("read"))
	}
	r.until("the own name", func() bool { return r.Status().Name != "" })
	for _, recording := range []bool{false, true} {
		if err := r.Typing(context.Background(), m.Chat, recording, true); err != nil {
			t.Fatal(err)
		}
		want := map[bool]string{false: "composing", true: "recording"}[recording]
		eventually(t, want, func() bool { return carla.TypingShown(r.owner) == want })
	}
	if err := r.Typing(context.Background(), m.Chat, false, false); err != nil {
		t.Fatal(err)
	}
	eventually(t, "no typing", func() bool { return carla.TypingShown(r.owner) == "" })
}

func TestNothingWorksWhileOffline(t *testing.T) {
	r := newRig(t, newServer(t), newStore(t))
	ctx, to := context.Background(), Address{LID: "1"}
	_, sent := r.Send(ctx, Outgoing{ID: NewID(), To: to, Kind: Text, Text: "x"})
	_, file := r.Download(ctx, []byte(`{"path":"/x","key":"eA=="}`), 0)
	for what, err := range map[string]error{
		"send": sent, "download": file, "read": r.MarkRead(ctx, to, []string{"A"}, time.Now()),
		"typing": r.Typing(ctx, to, false, true), "again": r.RequestAgain(ctx, MediaRequest{Ref: []byte(`{"key":"eA=="}`)}),
	} {
		if !errors.Is(err, ErrOffline) {
			t.Errorf("%s: got %v, want ErrOffline", what, err)
		}
	}
}

func TestNewIDs(t *testing.T) {
	a, b := NewID(), NewID()
	if len(a) != 22 || !strings.HasPrefix(a, "3EB0") || a == b || strings.ToUpper(a) != a {
		t.Errorf("got %s and %s", a, b)
	}
}
