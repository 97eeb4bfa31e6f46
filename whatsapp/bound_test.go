package whatsapp

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// weight is how many bytes a message has, as it is kept.
func weight(m Message) int {
	text, _ := json.Marshal(m)
	return len(strings.ReplaceAll(string(text), `\u003c`, "<"))
}

// stuff fills every text and every file of a protobuf with as much as a stranger can send, and every list.
func stuff(m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		switch {
		case f.IsMap():
		case f.IsList() && f.Kind() == protoreflect.MessageKind && depth > 0:
			list := m.Mutable(f).List()
			for range 300 {
				one := list.NewElement()
				list.Append(one)
			}
			for i := range 2 {
				stuff(list.Get(i).Message(), depth-1)
			}
		case f.IsList():
		case f.Kind() == protoreflect.StringKind:
			m.Set(f, protoreflect.ValueOfString(long))
		case f.Kind() == protoreflect.BytesKind:
			m.Set(f, protoreflect.ValueOfBytes([]byte(long)))
		case f.Kind() == protoreflect.MessageKind && depth > 0:
			stuff(m.Mutable(f).Message(), depth-1)
		}
	}
}

var long = strings.Repeat("ñandú 🇦🇷\n", 1<<20/16)

// TestEveryKindIsBounded fills each field that a message of the protocol has: none is kept beyond what one message may say.
func TestEveryKindIsBounded(t *testing.T) {
	fields := (&waE2E.Message{}).ProtoReflect().Descriptor().Fields()
	kinds := map[Kind]bool{}
	for i := range fields.Len() {
		p := &waE2E.Message{}
		f := fields.Get(i)
		switch {
		case f.Kind() == protoreflect.StringKind:
			p.ProtoReflect().Set(f, protoreflect.ValueOfString(long))
		case f.Kind() == protoreflect.MessageKind && !f.IsList() && !f.IsMap():
			stuff(p.ProtoReflect().Mutable(f).Message(), 3)
		default:
			continue
		}
		m, ok := reader{}.message(p)
		kinds[m.Kind] = true
		if got := weight(m); got > 400<<10 {
			t.Errorf("%s: got a message of %d bytes", f.Name(), got)
		}
		if ok && m.Kind != Reaction && m.Kind != Revoke && len(m.Text) > 4096 && !m.Dropped {
			t.Errorf("%s: got %d bytes of text and no word of what was dropped", f.Name(), len(m.Text))
		}
	}
	for _, kind := range []Kind{Text, Image, Video, Audio, Document, Sticker, Location, Contact, Poll, Reaction, Unsupported} {
		if !kinds[kind] {
			t.Errorf("no %s was tried", kind)
		}
	}
}

func TestBoundedLeavesWhatPeopleSend(t *testing.T) {
	card := "BEGIN:VCARD\nVERSION:3.0\nFN:Ana\nTEL;waid=5491122223333:+54 9 11 2222-3333\nPHOTO:" + strings.Repeat("A", 30_000) + "\nEND:VCARD"
	m := Message{ID: NewID(), Kind: Contact, Text: strings.Repeat("🙂", MaxText), Quote: &Quote{ID: "Q", Text: "menu"}, Votes: []string{},
		Place: &Place{Name: "Casa", Address: "Av. 1"}, Cards: []Card{{"Ana", card}}, Poll: &PollQuestion{Question: "?", Options: []string{"a", "b"}},
		Media: &Media{MIME: "image/jpeg", Name: "a.jpg", Thumb: make([]byte, 20_000), Ref: json.RawMessage(`{}`)}}
	before := weight(m)
	if got := m.Bounded(); got.Dropped || weight(got) != before {
		t.Errorf("got %d of %d bytes, dropped %v, want all of it", weight(got), before, got.Dropped)
	}
	m.Text += "x"
	if got := m.Bounded(); !got.Dropped || utf8.RuneCountInString(got.Text) != MaxText {
		t.Errorf("got %d characters, dropped %v, want what WhatsApp takes", utf8.RuneCountInString(got.Text), got.Dropped)
	}
}

// TestOneMessageHasOneBudget: what is short enough by itself is not, all of it together.
func TestOneMessageHasOneBudget(t *testing.T) {
	card := Card{"Ana", "BEGIN:VCARD\nTEL:1\nNOTE:" + strings.Repeat("a", maxCard-100) + "\nEND:VCARD"}
	option, text := strings.Repeat("o", maxField), strings.Repeat("🙂", MaxText)
	for name, m := range map[string]Message{
		"cards":           {Cards: slices.Repeat([]Card{card}, maxCards)},
		"options":         {Poll: &PollQuestion{Question: "?", Options: slices.Repeat([]string{option}, maxOptions)}},
		"votes":           {Votes: slices.Repeat([]string{option}, maxOptions)},
		"text and quote":  {Text: text, Quote: &Quote{ID: "Q", Text: text}},
		"too many cards":  {Cards: slices.Repeat([]Card{{Name: "Ana"}}, maxCards+1)},
		"too many votes":  {Votes: slices.Repeat([]string{"a"}, maxOptions+1)},
		"too many to ask": {Poll: &PollQuestion{Question: "?", Options: slices.Repeat([]string{"a"}, maxOptions+1)}},
	} {
		got := m.Bounded()
		if n := weight(got); n > 400<<10 || !got.Dropped {
			t.Errorf("%s: got %d bytes, dropped %v, want what there is room for and to be told", name, n, got.Dropped)
		}
		if len(got.Cards) > maxCards || len(got.Votes) > maxOptions || got.Poll != nil && len(got.Poll.Options) > maxOptions {
			t.Errorf("%s: got %d cards, %d votes and %v, want no more than a desk keeps", name, len(got.Cards), len(got.Votes), got.Poll)
		}
	}
}

// TestLongIDsStayTheSame: what names a message finds it, whatever the length of its id.
func TestLongIDsStayTheSame(t *testing.T) {
	a, b := Message{ID: long}.Bounded(), Message{Target: long, Quote: &Quote{ID: long}}.Bounded()
	if a.ID != b.Target || a.ID != b.Quote.ID || len(a.ID) > maxID || a.ID == known(long+"x") || a.Bounded().ID != a.ID {
		t.Errorf("got %q, %q, %q", a.ID, b.Target, b.Quote.ID)
	}
}

func TestCutKeepsSignsWhole(t *testing.T) {
	for _, sign := range []string{"e\u0301", "ñ", "👩‍👩‍👧‍👦", "👍🏽", "🇦🇷", "🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F", "❤️", "1️⃣", "\r\n"} {
		text := "a" + sign + sign + "b"
		for n := range len(text) {
			got := Cut(text, n)
			rest := strings.TrimPrefix(got, "a")
			if got != "" && rest != "" && rest != sign && rest != sign+sign {
				t.Errorf("%q at %d: got %q", text, n, got)
			}
		}
	}
}

func TestCutCardKeepsTheNumbers(t *testing.T) {
	card := "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Ana;;;;\r\nFN:Ana\r\nPHOTO;BASE64:" + strings.Repeat("A\r\n ", 9000) + "B\r\nTEL;waid=5491122223333:+54 9 11\r\nEND:VCARD\r\n"
	got := CutCard(card, 4096)
	if len(got) > 4096 || !strings.HasPrefix(got, "BEGIN:VCARD") || !strings.HasSuffix(got, "END:VCARD") || !strings.Contains(got, "TEL;waid=5491122223333") || strings.Contains(got, "PHOTO") {
		t.Errorf("got %d bytes: %.200q", len(got), got)
	}
	if got := CutCard(card, 5); got != "" {
		t.Errorf("got %q, want nothing", got)
	}
}

// FuzzCut: what is cut is a beginning of the text, not longer than asked, UTF-8 when the text was, and ends between signs.
func FuzzCut(f *testing.F) {
	f.Add("a👩‍👩‍👧‍👦b", 7)
	f.Add("🇦🇷🇧🇷", 6)
	f.Add("e\u0301\u0302\xff", 2)
	f.Fuzz(func(t *testing.T, text string, max int) {
		got := Cut(text, max)
		if !strings.HasPrefix(text, got) || len(got) > max0(max) {
			t.Fatalf("%q at %d: got %q", text, max, got)
		}
		if utf8.ValidString(text) && !utf8.ValidString(got) {
			t.Fatalf("%q at %d: got %q, which is no UTF-8", text, max, got)
		}
		if got != "" && got != text && together(got, text[len(got):]) && !endless(text[:len(got)]) {
			t.Fatalf("%q at %d: got %q, in the middle of a sign", text, max, got)
		}
		if n := utf8.RuneCountInString(CutLetters(text, max)); n > max0(max) {
			t.Fatalf("%q at %d: got %d letters", text, max, n)
		}
		if card := CutCard(text, max); len(card) > max0(max) && card != text {
			t.Fatalf("%q at %d: got the card %q", text, max, card)
		}
	})
}

func max0(n int) int { return max(n, 0) }

// endless tells whether a text ends with more marks than belong to one sign.
func endless(text string) bool {
	for back := len(text); back > 0 && len(text)-back < maxCluster; {
		if !together(text[:back], text[back:]) && back < len(text) {
			return false
		}
		_, size := utf8.DecodeLastRuneInString(text[:back])
		back -= size
	}
	return true
}
