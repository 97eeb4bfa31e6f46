package whatsapp

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"go.mau.fi/whatsmeow/proto/waCommon"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// textEvent is a text as whatsmeow hands it over.
func textEvent(chat types.JID, text string) *events.Message {
	m := &waE2E.Message{Conversation: proto.String(text)}
	return &events.Message{
		Info:    types.MessageInfo{MessageSource: types.MessageSource{Chat: chat, Sender: chat}, ID: "ID1", Type: "text", Timestamp: time.Now()},
		Message: m, RawMessage: m,
	}
}

func wrapped(m *waE2E.Message) *waE2E.FutureProofMessage {
	return &waE2E.FutureProofMessage{Message: m}
}

func TestContent(t *testing.T) {
	text := &waE2E.Message{Conversation: proto.String("hola")}
	poll := &waE2E.PollCreationMessage{Name: proto.String("?"), Options: []*waE2E.PollCreationMessage_Option{{OptionName: proto.String("a")}}}
	for name, c := range map[string]struct {
		proto *waE2E.Message
		want  Message
		skip  bool // nothing that concerns people
	}{
		"nil":            {proto: nil, skip: true},
		"nothing":        {proto: &waE2E.Message{}, skip: true},
		"view once":      {proto: &waE2E.Message{ViewOnceMessageV2: wrapped(text)}, want: Message{Kind: Text, Text: "hola"}},
		"disappearing":   {proto: &waE2E.Message{EphemeralMessage: wrapped(&waE2E.Message{ViewOnceMessage: wrapped(text)})}, want: Message{Kind: Text, Text: "hola"}},
		"in an album":    {proto: &waE2E.Message{AssociatedChildMessage: wrapped(text)}, want: Message{Kind: Text, Text: "hola"}},
		"album":          {proto: &waE2E.Message{AlbumMessage: &waE2E.AlbumMessage{}}, skip: true},
		"pin":            {proto: &waE2E.Message{PinInChatMessage: &waE2E.PinInChatMessage{}}, skip: true},
		"key share":      {proto: &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{Type: waE2E.ProtocolMessage_APP_STATE_SYNC_KEY_SHARE.Enum()}}, skip: true},
		"no type":        {proto: &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{}}, skip: true},
		"poll 3":         {proto: &waE2E.Message{PollCreationMessageV3: poll}, want: Message{Kind: Poll, Text: "?"}},
		"poll 4":         {proto: &waE2E.Message{PollCreationMessageV4: wrapped(&waE2E.Message{PollCreationMessage: poll})}, want: Message{Kind: Poll, Text: "?"}},
		"button":         {proto: &waE2E.Message{TemplateButtonReplyMessage: &waE2E.TemplateButtonReplyMessage{SelectedDisplayText: proto.String("yes")}}, want: Message{Kind: Text, Text: "yes"}},
		"list":           {proto: &waE2E.Message{ListResponseMessage: &waE2E.ListResponseMessage{Title: proto.String("two")}}, want: Message{Kind: Text, Text: "two"}},
		"order":          {proto: &waE2E.Message{OrderMessage: &waE2E.OrderMessage{Message: proto.String("3 pizzas")}}, want: Message{Kind: Text, Text: "3 pizzas"}},
		"masked":         {proto: &waE2E.Message{PlaceholderMessage: &waE2E.PlaceholderMessage{}}, want: Message{Kind: Undecryptable, What: WhatUnavailable}},
		"round video":    {proto: &waE2E.Message{PtvMessage: &waE2E.VideoMessage{Seconds: proto.Uint32(3)}}, want: Message{Kind: Video}},
		"off the globe":  {proto: &waE2E.Message{LocationMessage: &waE2E.LocationMessage{DegreesLatitude: proto.Float64(math.NaN())}}, want: Message{Kind: Unsupported, What: "locationMessage"}},
		"live":           {proto: &waE2E.Message{LiveLocationMessage: &waE2E.LiveLocationMessage{DegreesLatitude: proto.Float64(1)}}, want: Message{Kind: Location}},
		"broken letters": {proto: &waE2E.Message{Conversation: proto.String("a\x00b\xff")}, want: Message{Kind: Text, Text: "ab\uFFFD"}},
		"edited caption": {
			proto: &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{Type: waE2E.ProtocolMessage_MESSAGE_EDIT.Enum(), Key: &waCommon.MessageKey{ID: proto.String("X")},
				EditedMessage: &waE2E.Message{ImageMessage: &waE2E.ImageMessage{Caption: proto.String("new")}}}},
			want: Message{Kind: Edit, Target: "X", Text: "new"},
		},
		"empty envelope": {proto: &waE2E.Message{EphemeralMessage: wrapped(nil)}, skip: true},
		"empty button":   {proto: &waE2E.Message{ButtonsMessage: &waE2E.ButtonsMessage{}}, want: Message{Kind: Unsupported, What: "buttonsMessage"}},
		"newer than we":  {proto: unknownField(t), want: Message{Kind: Unsupported, What: "unknown"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := reader{}.message(c.proto)
			if ok == c.skip {
				t.Fatalf("for people: %v, want %v (%+v)", ok, !c.skip, got)
			}
			if got.Kind != c.want.Kind || got.Text != c.want.Text || got.What != c.want.What || got.Target != c.want.Target {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// unknownField is a message with a field that this version of the schema does not have.
func unknownField(t *testing.T) *waE2E.Message {
	m := &waE2E.Message{}
	if err := proto.Unmarshal([]byte{0xfa, 0x7f, 0x01, 'x'}, m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTimesThatCannotBe(t *testing.T) {
	now := time.Date(2026, 7, 1, 12, 0, 0, 500, time.UTC)
	for _, c := range []struct{ at, want time.Time }{
		{now.Add(-time.Hour), now.Add(-time.Hour)},
		{now.Add(time.Minute), now.Add(time.Minute)},
		{now.Add(time.Hour), now.Truncate(time.Second)},
		{time.Time{}, now.Truncate(time.Second)},
		{time.Unix(0, 0), now.Truncate(time.Second)},
		{time.Unix(1<<40, 0), now.Truncate(time.Second)},
	} {
		if got := sane(c.at, now); !got.Equal(c.want) {
			t.Errorf("%v: got %v, want %v", c.at, got, c.want)
		}
	}
}

func TestFileNames(t *testing.T) {
	for name, want := range map[string]string{
		"offer.pdf": "offer.pdf", "../../etc/passwd": "../../etc/passwd", `C:\temp\a.doc`: `C:\temp\a.doc`, "..": "", "../..": "",
		"Plano 3/4.pdf": "Plano 3/4.pdf", strings.Repeat("ñ", 200) + ".pdf": strings.Repeat("ñ", 125) + ".pdf",
		strings.Repeat("a", 300) + "." + strings.Repeat("b", 40): strings.Repeat("a", 255), "a\nb.txt": "ab.txt", "": "", "/": "",
		strings.Repeat("ñ", 200): strings.Repeat("ñ", 127),
	} {
		if got := fileName(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
	if got := fileName("", "title"); got != "title" {
		t.Errorf("got %q, want the title", got)
	}
}

func TestMediaTypesOfStrangers(t *testing.T) {
	for name, want := range map[string]string{
		"audio/ogg; codecs=opus": "audio/ogg; codecs=opus", "": "application/octet-stream", "html": "application/octet-stream",
		"text/html\r\nX: y": "application/octet-stream", strings.Repeat("a/", 100): "application/octet-stream",
	} {
		if got := mime(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestQuoteOfBothAddresses(t *testing.T) {
	r := reader{ownPN: "5491100000001", ownLID: "99"}
	for participant, want := range map[string]bool{
		"5491100000001@s.whatsapp.net": true, "99@lid": true, "5491100000001:11@s.whatsapp.net": true, "5@lid": false, "": false,
	} {
		q := r.quote(&waE2E.ContextInfo{StanzaID: proto.String("X"), Participant: proto.String(participant)})
		if q == nil || q.FromMe != want {
			t.Errorf("%q: got %+v, want FromMe=%v", participant, q, want)
		}
	}
	if q := r.quote(nil); q != nil {
		t.Errorf("got %+v, want none", q)
	}
}

// Whatever bytes a customer's app calls a message become a message that can be stored and shown, or nothing.
func FuzzContent(f *testing.F) {
	for _, m := range []*waE2E.Message{
		{Conversation: proto.String("hola")},
		{ImageMessage: &waE2E.ImageMessage{Caption: proto.String("c"), DirectPath: proto.String("/v/x?"), MediaKey: []byte("k"), JPEGThumbnail: []byte{1}}},
		{ProtocolMessage: &waE2E.ProtocolMessage{Type: waE2E.ProtocolMessage_MESSAGE_EDIT.Enum(), EditedMessage: &waE2E.Message{Conversation: proto.String("x")}}},
		{EphemeralMessage: wrapped(&waE2E.Message{LocationMessage: &waE2E.LocationMessage{DegreesLatitude: proto.Float64(1)}})},
		{ContactsArrayMessage: &waE2E.ContactsArrayMessage{Contacts: []*waE2E.ContactMessage{{Vcard: proto.String("BEGIN:VCARD")}}}},
		{AudioMessage: &waE2E.AudioMessage{PTT: proto.Bool(true), Waveform: make([]byte, 64)}},
		{PollCreationMessage: &waE2E.PollCreationMessage{Name: proto.String("?"), SelectableOptionsCount: proto.Uint32(9)}},
		nested(20, &waE2E.Message{Conversation: proto.String("deep")}),
		{ExtendedTextMessage: &waE2E.ExtendedTextMessage{Text: proto.String("@1 \xff"), ContextInfo: &waE2E.ContextInfo{StanzaID: proto.String("A\x00"),
			QuotedMessage: &waE2E.Message{Conversation: proto.String("said")}, MentionedJID: []string{"1@lid", "all"}}}},
		{ReactionMessage: &waE2E.ReactionMessage{Key: &waCommon.MessageKey{ID: proto.String("\xff")}, Text: proto.String("👍")}},
		{ButtonsResponseMessage: &waE2E.ButtonsResponseMessage{SelectedButtonID: proto.String("1"), ContextInfo: &waE2E.ContextInfo{
			ExternalAdReply: &waE2E.ContextInfo_ExternalAdReplyInfo{Title: proto.String("\xff"), SourceURL: proto.String("https://x.example/\x00")}}}},
		{DeviceSentMessage: &waE2E.DeviceSentMessage{DestinationJID: proto.String("1@lid"), Message: &waE2E.Message{Conversation: proto.String("x")}}},
	} {
		data, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, c := range whatIsRead {
		m := &waE2E.Message{}
		if err := protojson.Unmarshal([]byte(c.proto), m); err != nil {
			f.Fatal(err)
		}
		data, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p := &waE2E.Message{}
		if proto.Unmarshal(data, p) != nil {
			return
		}
		event := (&events.Message{RawMessage: proto.Clone(p).(*waE2E.Message)}).UnwrapRaw() // as whatsmeow does before
		if event.Message != nil {
			reader{}.message(event.Message)
		}
		m, ok := reader{ownPN: "1", ownLID: "2"}.message(p)
		if ok != (m.Kind != "") {
			t.Fatalf("kind %q, for people: %v", m.Kind, ok)
		}
		if !utf8.ValidString(m.Text) || strings.Contains(m.Text, "\x00") || utf8.RuneCountInString(m.Text) > MaxText || weight(m) > 400<<10 {
			t.Fatalf("text %q cannot be stored", m.Text)
		}
		if m.Kind == Unsupported && m.What == "" {
			t.Fatal("an unsupported message without its name")
		}
		isMedia := slices.Contains([]Kind{Image, Video, Audio, Voice, Document, Sticker}, m.Kind)
		if isMedia != (m.Media != nil) || (m.Kind == Location) != (m.Place != nil) || (m.Kind == Poll) != (m.Poll != nil) {
			t.Fatalf("kind %q and content do not fit: %+v", m.Kind, m)
		}
		for _, id := range []string{m.Target, quoteOf(m).ID} {
			if id != known(id) {
				t.Fatalf("id %q cannot be stored", id)
			}
		}
		raw, err := json.Marshal(m)
		if err != nil {
			t.Fatalf("cannot be stored: %v", err)
		}
		// A letter may take six in JSON, and each card, option and file a few words of ours.
		if len(raw) > 64*len(data)+4<<10 {
			t.Fatalf("%d bytes became %d", len(data), len(raw))
		}
	})
}

func quoteOf(m Message) Quote {
	if m.Quote == nil {
		return Quote{}
	}
	return *m.Quote
}
