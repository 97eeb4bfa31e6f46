package whatsapp

import (
	"math"
	"slices"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"

	"mostrador/whatsapp/wasim"
)

const day, week = 24 * 60 * 60, 7 * 24 * 60 * 60

// staying is a text as phones write it in a chat whose messages disappear.
func staying(seconds uint32, set int64) *waE2E.Message {
	info := &waE2E.ContextInfo{Expiration: &seconds}
	if set != 0 {
		info.EphemeralSettingTimestamp = &set
	}
	return &waE2E.Message{ExtendedTextMessage: &waE2E.ExtendedTextMessage{Text: proto.String("hola"), ContextInfo: info}}
}

// setting is what a phone sends when somebody sets how long messages stay.
func setting(seconds uint32, set int64) *waE2E.Message {
	return &waE2E.Message{EphemeralMessage: &waE2E.FutureProofMessage{Message: &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{
		Type: waE2E.ProtocolMessage_EPHEMERAL_SETTING.Enum(), EphemeralExpiration: &seconds, EphemeralSettingTimestamp: &set}}}}
}

// Everything that a desk says in a chat whose messages disappear disappears like what the customer says, until that is changed.
func TestAllThatIsSaidDisappears(t *testing.T) {
	r := newDesk(t)
	carla, dora := r.server.Phone(carlaNumber), r.server.Phone("+5491123450000")
	question := r.say(carla, wasim.Say{Proto: staying(week, 1_800_000_000)})
	r.message(question)
	r.message(r.sayText(dora, "hola"))
	ours := r.sendText(carla, "buenas")
	r.shows(carla, ours)
	file := &File{Data: []byte("a file"), MIME: "application/pdf", Name: "a.pdf"}
	for _, m := range []Outgoing{
		{Kind: Text, Text: "hola"}, {Kind: Text, Text: "hola", Quote: &Quote{ID: question, Text: "hola"}},
		{Kind: Image, File: file}, {Kind: Video, File: file}, {Kind: Audio, File: file}, {Kind: Voice, File: &File{Data: []byte("a note"), MIME: "audio/ogg; codecs=opus"}}, {Kind: Document, File: file},
		{Kind: Sticker, File: file}, {Kind: Location, Place: &Place{Lat: 1}}, {Kind: Contact, Cards: []Card{{Name: "Ana"}}},
		{Kind: Contact, Cards: []Card{{Name: "Ana"}, {Name: "Eva"}}}, {Kind: Poll, Poll: &PollQuestion{Question: "?", Options: []string{"a", "b"}}},
		{Kind: Edit, Text: "buenas tardes", Target: ours, FromMe: true},
	} {
		m.To = addressOfPhone(carla)
		if got := r.shows(carla, r.send(m)); got.Stays != week {
			t.Errorf("%s: stays %d seconds, want %d", m.Kind, got.Stays, week)
		}
	}
	if got := r.shows(dora, r.sendText(dora, "buenas")); got.Stays != 0 {
		t.Errorf("in another chat: stays %d seconds", got.Stays)
	}
	raw := r.shows(carla, r.sendText(carla, "y"))
	if raw.Quote != "" || raw.Text != "y" {
		t.Errorf("got %+v", raw)
	}
}

// What was set last counts, whichever side says it and in which order it arrives.
func TestTimerOfAChat(t *testing.T) {
	r := newDesk(t)
	carla := r.server.Phone(carlaNumber)
	r.message(r.sayText(carla, "hola"))
	const noon = 1_780_000_000
	for _, step := range []struct {
		name  string
		owner bool
		said  *waE2E.Message
		want  int
	}{
		{"a client that knows no time", false, staying(day, 0), day},
		{"set", false, setting(week, noon), week},
		{"said again", false, staying(week, noon), week},
		{"of before", false, staying(day, noon-10), week},
		{"set before, comes late", false, setting(0, noon-5), week},
		{"the owner's", true, setting(day, noon+10), day},
		{"off", false, setting(0, noon+20), 0},
		{"on by a message", false, staying(week, noon+30), week},
		{"on by a picture of the owner", true, &waE2E.Message{ImageMessage: &waE2E.ImageMessage{
			ContextInfo: staying(day, noon+40).ExtendedTextMessage.ContextInfo}}, day},
		{"longer than there is", false, staying(math.MaxUint32, noon+50), day},
		{"off without its time", false, &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{Type: waE2E.ProtocolMessage_EPHEMERAL_SETTING.Enum()}}, 0},
		{"from far ahead", false, setting(day, math.MaxInt64), day},
		{"after that", false, setting(week, time.Now().Add(time.Hour).Unix()), week},
	} {
		var err error
		if step.owner {
			_, err = r.owner.Say(carla, wasim.Say{Proto: step.said})
		} else {
			_, err = carla.Say(r.owner, wasim.Say{Proto: step.said})
		}
		if err != nil {
			t.Fatal(err)
		}
		r.message(r.sayText(carla, "after"))
		if got := r.shows(carla, r.sendText(carla, step.name)).Stays; got != step.want {
			t.Errorf("%s: stays %d seconds, want %d", step.name, got, step.want)
		}
	}
	for _, m := range r.messages {
		if !slices.Contains([]string{"hola", "after", ""}, m.Text) || m.Kind == Unsupported {
			t.Errorf("a setting was stored as %+v", m)
		}
	}
}

// A desk that is linked to a phone whose chats disappear already knows it from the phone.
func TestTimersOfTheHistory(t *testing.T) {
	s := newServer(t)
	owner, carla := s.Phone(deskNumber, wasim.Owner()), s.Phone(carlaNumber)
	if _, err := carla.Say(owner, wasim.Say{Proto: staying(week, 0)}); err != nil {
		t.Fatal(err)
	}
	r := newRig(t, s, newStore(t))
	r.link(owner)
	eventually(t, "a message that disappears", func() bool { return r.shows(carla, r.sendText(carla, "hola")).Stays == week })
}
