package wasim

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"time"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// sayBody is what a phone is told to write.
type sayBody struct {
	From, To string
	Text     *string // nil: none, which is not the same as an empty one
	Media    *mediaBody
	Location *SayLocation
	Contact  *SayContact
	Poll     *SayPoll
	Reaction *SayReaction
	Edit     *SayEdit
	Vote     *SayVote
	Revoke   *struct{ ID string }
	Quote    *struct {
		ID   string
		Text *string // of a hostile phone, as By
		By   string
	}
	Proto    json.RawMessage // any waE2E.Message as protojson
	ViewOnce bool
	In       string // a group, status broadcast or newsletter
	At       string // when it was written: RFC 3339, or a duration from now

	// Of a hostile phone.
	ID       string
	Mentions []string
	Attrs    map[string]string
}

type mediaBody struct {
	Kind, MIME, Name, Caption, Base64 string
	Size                              *uint64 // of a hostile phone, as the hashes (hex)
	SHA256, EncSHA256                 string
}

// kinds counts what is to be written. Text beside a file is its caption; an empty one alone is an empty message.
func (b *sayBody) kinds() (n int) {
	for _, there := range []bool{b.text() != "" && b.Media == nil, b.Media != nil, b.Location != nil, b.Contact != nil, b.Poll != nil,
		b.Reaction != nil, b.Edit != nil, b.Vote != nil, b.Revoke != nil, b.Proto != nil} {
		if there {
			n++
		}
	}
	if n == 0 && b.Text != nil {
		return 1
	}
	return n
}

func (b *sayBody) text() string {
	if b.Text == nil {
		return ""
	}
	return *b.Text
}

// say reads a body into what Phone.Say wants.
func (b *sayBody) say(now time.Time) (Say, error) {
	if b.kinds() != 1 {
		return Say{}, badRequest("want one of text, media, location, contact, poll, vote, reaction, edit, revoke or proto; got %d of them", b.kinds())
	}
	out := Say{Text: b.text(), Location: b.Location, Contact: b.Contact, Poll: b.Poll, Reaction: b.Reaction, Edit: b.Edit, Vote: b.Vote,
		ViewOnce: b.ViewOnce, In: b.In}
	if b.Quote != nil {
		out.Quote = b.Quote.ID
	}
	if b.Revoke != nil {
		out.Revoke = b.Revoke.ID
	}
	if b.Media != nil {
		data, err := base64.StdEncoding.DecodeString(b.Media.Base64)
		if err != nil {
			return out, badRequest("media: not base64: %v", err)
		}
		out.Media = &SayMedia{Kind: b.Media.Kind, MIME: b.Media.MIME, Name: b.Media.Name, Caption: b.Media.Caption, Data: data}
	}
	if b.Proto != nil {
		out.Proto = &waE2E.Message{}
		if err := protojson.Unmarshal(b.Proto, out.Proto); err != nil {
			return out, badRequest("proto: not a waE2E.Message as protojson: %v", err)
		}
	}
	var err error
	if out.At, err = written(b.At, now); err != nil {
		return out, err
	}
	out.Lie, err = b.lie()
	return out, err
}

// lie reads what only hostile phones say; nil for none of it.
func (b *sayBody) lie() (*Lie, error) {
	l, lies := &Lie{ID: b.ID, Mentions: b.Mentions, Attrs: b.Attrs}, b.ID != "" || b.Mentions != nil || b.Attrs != nil
	if q := b.Quote; q != nil && (q.Text != nil || q.By != "") {
		l.QuoteText, l.QuoteOf, lies = q.Text, q.By, true
	}
	if m := b.Media; m != nil && (m.Size != nil || m.SHA256 != "" || m.EncSHA256 != "") {
		l.Size, lies = m.Size, true
		for hash, text := range map[*[]byte]string{&l.Plain: m.SHA256, &l.Sealed: m.EncSHA256} {
			sum, err := hex.DecodeString(text)
			if err != nil {
				return nil, badRequest("media: the hash is not hex: %v", err)
			}
			if text != "" {
				*hash = sum
			}
		}
	}
	if !lies {
		return nil, nil
	}
	return l, nil
}

// written reads when a message was written: a time, or a duration from now such as -8h; the zero time for nothing.
func written(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if d, err := time.ParseDuration(text); err == nil {
		return now.Add(d), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, badRequest("at %q: want a time such as 2026-01-31T09:30:00Z, or a duration before now such as -8h", text)
	}
	return at, nil
}

// rawEntry is an entry with the message as it was sent.
type rawEntry struct {
	Entry
	Proto json.RawMessage `json:"proto,omitempty"`
}

// withProto adds the messages as protojson. One that JSON can't hold (a text that is not UTF-8) comes as its bytes, in base64.
func withProto(entries []Entry) []rawEntry {
	out := make([]rawEntry, len(entries))
	for i, e := range entries {
		out[i].Entry = e
		if e.raw == nil {
			continue
		}
		var m waE2E.Message
		text, err := []byte(nil), proto.Unmarshal(e.raw, &m)
		if err == nil {
			text, err = protojson.Marshal(&m)
		}
		if err != nil {
			text, _ = json.Marshal(map[string][]byte{"base64": e.raw}) // bytes always marshal
		}
		out[i].Proto = text
	}
	return out
}
