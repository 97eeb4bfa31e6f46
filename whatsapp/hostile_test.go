package whatsapp

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"

	"mostrador/whatsapp/wasim"
)

const malloryNumber = "+5491166666666"

func newMallory(r *rig) *wasim.Phone {
	return r.server.Phone(malloryNumber, wasim.Name("Mallory"), wasim.Hostile(true))
}

// A poll is one of its chat: another one under the same id, of a stranger or of the voter, changes nothing about its votes.
func TestVotesAreReadWithThePollOfTheirChat(t *testing.T) {
	r := newDesk(t)
	carla, mallory := r.server.Phone(carlaNumber), newMallory(r)
	poll := r.send(Outgoing{To: addressOfPhone(carla), Kind: Poll, Poll: &PollQuestion{Question: "¿Qué área?", Options: []string{"Ventas", "Soporte"}, Max: 1}})
	r.shows(carla, poll)
	other := &wasim.SayPoll{Question: "?", Options: []string{"a", "b"}}
	r.message(r.say(mallory, wasim.Say{Poll: other, Lie: &wasim.Lie{ID: poll}}))
	vote := r.message(r.say(carla, wasim.Say{Vote: &wasim.SayVote{ID: poll, Options: []string{"Soporte"}}}))
	if !slices.Equal(vote.Votes, []string{"Soporte"}) || vote.Target != poll {
		t.Errorf("got a vote for %q, want Soporte", vote.Votes)
	}
	vote = r.message(r.say(mallory, wasim.Say{Vote: &wasim.SayVote{ID: poll, Options: []string{"b"}}}))
	if !slices.Equal(vote.Votes, []string{"b"}) {
		t.Errorf("got a vote for %q in the other poll of that id, want b", vote.Votes)
	}
	r.server.Phone(carlaNumber, wasim.Hostile(true)) // and so does she now
	r.say(carla, wasim.Say{Poll: &wasim.SayPoll{Question: "?", Options: []string{"c", "d"}}, Lie: &wasim.Lie{ID: poll}})
	vote = r.message(r.say(carla, wasim.Say{Vote: &wasim.SayVote{ID: poll, Options: []string{"d"}}}))
	if !slices.Equal(vote.Votes, []string{"d"}) {
		t.Errorf("got a vote for %q in her own poll of that id, want d", vote.Votes)
	}
}

// A version before kept polls by their id alone.
func TestVotesOnPollsOfTheVersionBefore(t *testing.T) {
	r := newDesk(t)
	carla := r.server.Phone(carlaNumber)
	poll := r.send(Outgoing{To: addressOfPhone(carla), Kind: Poll, Poll: &PollQuestion{Question: "?", Options: []string{"sí", "no"}, Max: 1}})
	r.shows(carla, poll)
	for _, statement := range []string{
		`UPDATE mostrador_poll SET id = '` + poll + `' WHERE id LIKE '%@lid%'`, `DELETE FROM mostrador_poll WHERE id != '` + poll + `'`,
	} {
		if _, err := r.store.db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	vote := r.message(r.say(carla, wasim.Say{Vote: &wasim.SayVote{ID: poll, Options: []string{"sí"}}}))
	if !slices.Equal(vote.Votes, []string{"sí"}) {
		t.Errorf("got a vote for %q, want sí", vote.Votes)
	}
}

func TestBallotsAreBounded(t *testing.T) {
	ballot := &waE2E.PollVoteMessage{SelectedOptions: [][]byte{nil, []byte("short"), make([]byte, 1<<20)}}
	for i := range 1000 {
		sum := sha256.Sum256([]byte{byte(i), byte(i >> 8)})
		ballot.SelectedOptions = append(ballot.SelectedOptions, sum[:])
	}
	if got := chosen(ballot, nil); len(got) != maxOptions || len(got[0]) != 2*sha256.Size {
		t.Errorf("got %d votes, the first of %d letters, want %d of %d", len(got), len(got[0]), maxOptions, 2*sha256.Size)
	}
}

// A call is one of who calls, whoever its program says began it.
func TestCallsAreOfWhoCalls(t *testing.T) {
	r := newDesk(t)
	carla, mallory := r.server.Phone(carlaNumber), newMallory(r)
	for i, creator := range []*wasim.Phone{carla, mallory} {
		id := "CALL" + string(rune('A'+i))
		r.owner.Raw(wasim.Node{Tag: "call", Attrs: wasim.Attrs{"id": id, "t": "1", "from": mallory.LID()}, Content: []wasim.Node{{Tag: "offer",
			Attrs:   wasim.Attrs{"call-id": id, "call-creator": creator.LID(), "caller_pn": creator.PN()},
			Content: []wasim.Node{{Tag: "audio", Attrs: waBinary.Attrs{"enc": "opus"}}}}}}, true)
		m := r.message(id)
		if m.Kind != Call || m.Chat.LID != mallory.LID().User || m.Chat.Phone == carla.PN().User {
			t.Errorf("a call of Mallory by the name of %s: got %+v", creator.Number(), m)
		}
	}
}

// Whoever uses an id of another must neither take the answer to a request for a file nor end the request.
func TestFilesAreAskedForBySenderAndID(t *testing.T) {
	r := newDesk(t)
	carla, mallory := r.server.Phone(carlaNumber), newMallory(r)
	file := func(text string) *wasim.SayMedia {
		return &wasim.SayMedia{Kind: "image", MIME: "image/png", Data: []byte(text)}
	}
	r.inject(wasim.Fault{Kind: wasim.FaultExpireMedia, Count: 2})
	hers := r.message(r.say(carla, wasim.Say{Media: file("hers")}))
	r.say(mallory, wasim.Say{Media: file("not hers"), Lie: &wasim.Lie{ID: hers.ID}})
	r.until("both files", func() bool { return len(r.messages) == 2 })
	not := r.messages[1]
	for i, m := range []Message{not, hers} { // the one who lies is asked first, and answers first
		ask := MediaRequest{ID: m.ID, Chat: m.Chat, Ref: m.Media.Ref}
		r.Line.mu.Lock()
		r.asked[MediaRequest{ID: hers.ID, Chat: hers.Chat}.own()] = MediaRequest{ID: hers.ID, Chat: hers.Chat, Ref: hers.Media.Ref}
		r.Line.mu.Unlock()
		if err := r.RequestAgain(context.Background(), ask); err != nil {
			t.Fatal(err)
		}
		r.until("an answer", func() bool { return len(r.again) == i+1 })
		if got := r.again[i]; got.Chat != m.Chat || got.Ref == nil {
			t.Errorf("answer %d is for %+v with a new place: %v; want %+v", i, got.Chat, got.Ref != nil, m.Chat)
		}
	}
}

// What cannot be a file is not tried for hours.
func TestFilesThatCannotBe(t *testing.T) {
	r := newDesk(t)
	sum := make([]byte, 32)
	for name, ref := range map[string]mediaRef{
		"another host":     {Path: "@127.0.0.1/x", Key: sum, Sealed: sum, Plain: sum},
		"a port":           {Path: ":8080/x", Key: sum, Sealed: sum, Plain: sum},
		"no address":       {Path: "/\x7f", Key: sum, Sealed: sum, Plain: sum},
		"no key":           {Path: "/v/x", Sealed: sum, Plain: sum},
		"no hash":          {Path: "/v/x", Key: sum, Sealed: sum},
		"half a hash":      {Path: "/v/x", Key: sum, Sealed: sum[:16], Plain: sum},
		"a hash too long":  {Path: "/v/x", Key: sum, Sealed: sum, Plain: append(sum, 0)},
		"nothing whatever": {},
	} {
		raw, err := json.Marshal(ref)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Download(context.Background(), raw, 0); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: got %v, want ErrDamaged", name, err)
		}
	}
}

func TestMediaOfStrangersIsBounded(t *testing.T) {
	huge := bytes.Repeat([]byte("x"), 1<<20)
	m, ok := reader{}.message(&waE2E.Message{DocumentMessage: &waE2E.DocumentMessage{DirectPath: proto.String("/" + string(huge)), MediaKey: huge,
		FileEncSHA256: huge, FileSHA256: huge, FileLength: proto.Uint64(math.MaxUint64), JPEGThumbnail: huge, FileName: proto.String(string(huge)),
		Mimetype: proto.String(string(huge)), PageCount: proto.Uint32(math.MaxUint32)}})
	if raw, err := json.Marshal(m); err != nil || !ok || len(raw) > 4<<10 || m.Media.Size < 0 {
		t.Errorf("got a file of %d bytes in %d bytes (%v), want it told in a few", m.Media.Size, len(raw), err)
	}
}

func TestNamesOfStrangers(t *testing.T) {
	for name, want := range map[string]string{
		"Carla": "Carla", " Ana María\n": "Ana María", "": "", "\u200b\u200d\u2060": "", "\u3164 \u2800\ufe0f": "", "\u0301\u0301": "", "a\x00b": "ab",
		"\u202eanA": "anA", "x\u2067y\u2069": "xy", "👩\u200d👩\u200d👧": "👩\u200d👩\u200d👧", "سارة": "سارة", "क्\u200dष": "क्\u200dष", "a\u2028b": "a b", "\xff": "\uFFFD", "1": "1", "·": "·",
	} {
		if got := called(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestIDsOfStrangers(t *testing.T) {
	long := strings.Repeat("A", 1<<20)
	seen := map[string]string{}
	for _, id := range []string{"3EB0AB", strings.Repeat("A", maxID), long, long + "B", "a\xff", "a\xfe", "a\x00", "a", "\uFFFD"} {
		got := known(id)
		if len(got) > maxID || got != clean(got) || got != known(id) {
			t.Errorf("%.20q: got %q", id, got)
		}
		if other, twice := seen[got]; twice {
			t.Errorf("%.20q and %.20q are both %q", id, other, got)
		}
		seen[got] = id
	}
	if got := known("3EB0AB"); got != "3EB0AB" {
		t.Errorf("an ordinary id became %q", got)
	}
}

// A change of a change is none: the text would be read again for every one around it.
func TestChangesAreNotReadInsideChanges(t *testing.T) {
	inner := &waE2E.Message{Conversation: proto.String(strings.Repeat("ñ", 1<<19))}
	for range 4000 {
		inner = &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{Type: waE2E.ProtocolMessage_MESSAGE_EDIT.Enum(), EditedMessage: inner}}
	}
	if m, ok := (reader{}).message(inner); !ok || m.Kind != Edit || m.Text != "" {
		t.Errorf("got %s with %d bytes, want an edit of nothing", m.Kind, len(m.Text))
	}
	raw := nested(maxWraps+1, &waE2E.Message{Conversation: proto.String("deep")})
	if m, ok := (reader{}).message(raw); !ok || m.Kind != Unsupported || m.What == "" {
		t.Errorf("got %+v, want a message that is not unwrapped any further", m)
	}
	if m, _ := (reader{}).message(nested(maxWraps, &waE2E.Message{Conversation: proto.String("deep")})); m.Text != "deep" {
		t.Errorf("got %+v, want what is within %d envelopes", m, maxWraps)
	}
}

// nested puts a message into so many envelopes.
func nested(n int, m *waE2E.Message) *waE2E.Message {
	for i := range n {
		switch i % 3 {
		case 0:
			m = &waE2E.Message{EphemeralMessage: wrapped(m)}
		case 1:
			m = &waE2E.Message{ViewOnceMessageV2Extension: wrapped(m)}
		case 2:
			m = &waE2E.Message{EditedMessage: wrapped(m)}
		}
	}
	return m
}
