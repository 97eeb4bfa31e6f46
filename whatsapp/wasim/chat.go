package wasim

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
)

// Entry is one thing that a phone shows in a chat.
type Entry struct {
	N      int    `json:"n"` // grows by one with every entry of the phone
	ID     string `json:"id"`
	With   string `json:"with"` // number of the other side, with a plus sign
	FromMe bool   `json:"fromMe"`
	// Kind is text, image, video, audio, voice, document, sticker, location, contact, poll, vote, reaction, edit, revoke,
	// call, or the protocol's own name of what the phone doesn't know.
	Kind    string      `json:"kind"`
	Text    string      `json:"text"`            // text, caption, emoji, question, place name, contact's name
	State   string      `json:"state"`           // sent, delivered, read, played: for fromMe, how far it got; else how far we confirmed it
	At      time.Time   `json:"at"`              // when the phone showed it
	Ref     string      `json:"ref,omitempty"`   // reaction, edit, revoke, vote: the message that it is about
	Quote   string      `json:"quote,omitempty"` // the message that it answers
	Media   *EntryMedia `json:"media,omitempty"`
	Options []string    `json:"options,omitempty"` // poll: the choices; vote: the chosen ones
	Stays   int         `json:"stays,omitempty"`   // seconds until it disappears, as the message says; 0: for ever
	Lat     float64     `json:"lat,omitempty"`     // degrees
	Lng     float64     `json:"lng,omitempty"`

	raw []byte // the message as it was encrypted; nil: none was
}

// EntryMedia is a file as the phone sees it after downloading and decrypting it.
type EntryMedia struct {
	MIME    string `json:"mime"`
	Size    int    `json:"size"`   // bytes
	SHA256  string `json:"sha256"` // of the plain file, hex
	Name    string `json:"name,omitempty"`
	Seconds int    `json:"seconds,omitempty"`
	Error   string `json:"error,omitempty"` // why the file could not be read; Size and SHA256 are then what the message says

	path string // where the encrypted file lies, with its key and kind
	key  []byte
	kind whatsmeow.MediaType
}

// chatLog is what one phone shows, all chats together. It is guarded by the server's mutex.
type chatLog struct {
	entries []Entry
	base    int // entries[i].N == base+i+1
	index   map[entryKey]int
	typing  map[*Phone]string
	asked   map[string]int // ids asked for again, with how often
	bump    chan struct{}  // closed at the next change; nil while nobody waits
}

type entryKey struct {
	with   *Phone
	fromMe bool
	id     string
}

// entryBudget bounds the entries of all phones: it knows in which order they were made.
type entryBudget struct {
	order []*Phone
	head  int
}

// add shows an entry, unless the phone shows this id already. s.mu is held.
func (p *Phone) add(with *Phone, e Entry) bool {
	l, key := &p.chat, entryKey{with, e.FromMe, e.ID}
	if l.index == nil {
		l.index = map[entryKey]int{}
	}
	if _, have := l.index[key]; have {
		return false
	}
	if e.At.IsZero() {
		e.At = p.srv.now()
	}
	e.N, e.With, e.At = l.base+len(l.entries)+1, with.Number(), e.At.UTC().Truncate(time.Millisecond)
	l.entries = append(l.entries, e)
	l.index[key] = e.N
	delete(l.typing, with)
	p.srv.trim(p)
	p.srv.changed()
	l.changed()
	return true
}

// Remember shows, on both phones, what they wrote to each other before this server was there: nothing is sent for it. The
// entries are as p shows them, oldest first, with the time and the ids that others know; an id that a phone shows already
// stays as it is. A device that is linked later gets them as its phone's history.
func (p *Phone) Remember(with *Phone, past ...Entry) {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	p.partners[with], with.partners[p] = true, true
	for _, e := range past {
		p.add(with, e)
		if e.FromMe = !e.FromMe; e.FromMe {
			p.known[with] = true
		} else {
			with.known[p] = true
		}
		with.add(p, e)
	}
}

// trim forgets the oldest entries of all phones when there are too many. s.mu is held.
func (s *Server) trim(p *Phone) {
	b := &s.entries
	b.order = append(b.order, p)
	for len(b.order)-b.head > s.opts.MaxEntries {
		b.order[b.head].chat.forgetOldest(s)
		b.order[b.head] = nil
		b.head++
	}
	if b.head > 1024 && b.head > len(b.order)/2 {
		b.order = append([]*Phone(nil), b.order[b.head:]...)
		b.head = 0
	}
}

func (l *chatLog) forgetOldest(s *Server) {
	if len(l.entries) == 0 {
		return
	}
	e := l.entries[0]
	digits, _ := Number(e.With)
	delete(l.index, entryKey{s.byNumber(digits), e.FromMe, e.ID})
	l.entries = l.entries[1:]
	l.base++
}

func (l *chatLog) changed() {
	if l.bump != nil {
		close(l.bump)
		l.bump = nil
	}
}

func (l *chatLog) has(with *Phone, fromMe bool, id string) bool {
	_, have := l.index[entryKey{with, fromMe, id}]
	return have
}

// find returns the entry with this id in the chat with someone, whoever wrote it; nil if it isn't known. s.mu is held.
func (l *chatLog) find(with *Phone, id string) *Entry {
	for _, fromMe := range []bool{true, false} {
		if n, have := l.index[entryKey{with, fromMe, id}]; have && n > l.base {
			return &l.entries[n-l.base-1]
		}
	}
	return nil
}

var tick = map[string]int{"sent": 1, "delivered": 2, "read": 3, "played": 4}

// raise moves entries up to a state; ticks never go back. s.mu is held.
func (l *chatLog) raise(with *Phone, fromMe bool, state string, ids ...string) {
	for _, id := range ids {
		n, have := l.index[entryKey{with, fromMe, id}]
		if !have || n <= l.base {
			continue
		}
		if e := &l.entries[n-l.base-1]; tick[state] > tick[e.State] {
			e.State = state
			l.changed()
		}
	}
}

func (l *chatLog) setTyping(with *Phone, state string) {
	if l.typing == nil {
		l.typing = map[*Phone]string{}
	}
	if state == "paused" {
		delete(l.typing, with)
	} else {
		l.typing[with] = state
	}
	l.changed()
}

// after returns the entries with numbers above n, in the chat with someone or in all chats (nil). s.mu is held.
func (l *chatLog) after(n int, with *Phone) []Entry {
	out := []Entry{}
	for i := max(n-l.base, 0); i < len(l.entries); i++ {
		if with == nil || l.entries[i].With == with.Number() {
			out = append(out, l.entries[i])
		}
	}
	return out
}

// Media returns the file of entry n as the phone sees it, with its MIME type.
func (p *Phone) Media(n int) ([]byte, string, error) {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	if n <= p.chat.base || n > p.chat.base+len(p.chat.entries) {
		return nil, "", fmt.Errorf("the phone shows no message %d", n)
	}
	m := p.chat.entries[n-p.chat.base-1].Media
	if m == nil {
		return nil, "", fmt.Errorf("message %d has no file", n)
	}
	data, err := p.srv.download(m.path, m.key, m.kind)
	return data, m.MIME, err
}

// wait returns a channel that is closed at the next change. s.mu is held.
func (l *chatLog) wait() <-chan struct{} {
	if l.bump == nil {
		l.bump = make(chan struct{})
	}
	return l.bump
}

// Chat returns what the phone shows in the chat with another, oldest first; nil means all chats.
func (p *Phone) Chat(with *Phone) []Entry {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	return p.chat.after(0, with)
}

// TypingShown tells what the phone shows the other side doing: "composing", "recording" or "".
func (p *Phone) TypingShown(with *Phone) string {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	return p.chat.typing[with]
}

// WaitFor returns the first entry that matches, waiting for it until the context ends. It looks at all entries again
// whenever one comes or gets a tick.
func (p *Phone) WaitFor(ctx context.Context, match func(Entry) bool) (Entry, error) {
	for {
		p.srv.mu.Lock()
		all, bump := p.chat.after(0, nil), p.chat.wait()
		p.srv.mu.Unlock()
		for _, e := range all {
			if match(e) {
				return e, nil
			}
		}
		select {
		case <-bump:
		case <-ctx.Done():
			return Entry{}, ctx.Err()
		case <-p.srv.done:
			return Entry{}, errors.New("the server is closed")
		}
	}
}

// byNumber finds a phone by its digits. s.mu is held.
func (s *Server) byNumber(digits string) *Phone {
	return s.users[types.NewJID(digits, types.DefaultUserServer)]
}
