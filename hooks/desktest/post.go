package desktest

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mostrador/hooks/outbox"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
	"mostrador/whatsapp"

	"github.com/pocketbase/pocketbase/tools/filesystem"
)

// Post is a desk with an outbox whose line is a function. It sends one message after the other, in the order of the rounds.
type Post struct {
	*World
	Out    *outbox.LineOutbox
	Lanes  map[bool]*outbox.Lane
	mu     sync.Mutex
	Sent   []whatsapp.Outgoing
	Answer func(whatsapp.Outgoing) error // nil: WhatsApp takes everything
	Off    atomic.Bool
}

func NewPost(t testing.TB) *Post {
	p := &Post{World: NewWorld(t)}
	run := p.Line(whatsapp.Status{State: whatsapp.Connected})
	p.Out = &run.Out
	*p.Out = outbox.LineOutbox{Outbox: &p.Desk.Outbox, Line: "line", Up: func() bool { return !p.Off.Load() }, Wake: make(chan struct{}, 1), FirstWake: make(chan struct{}, 1)}
	run.Out.Send = func(_ context.Context, m whatsapp.Outgoing) (time.Time, error) {
		p.mu.Lock()
		p.Sent = append(p.Sent, m)
		p.mu.Unlock()
		if p.Answer != nil {
			if err := p.Answer(m); err != nil {
				return time.Time{}, err
			}
		}
		return p.Desk.Store.Now(), nil
	}
	p.Lanes = map[bool]*outbox.Lane{true: p.Out.Lane(true, 1, 1), false: p.Out.Lane(false, 1, 1)}
	return p
}

// Chat is an open conversation of a customer who has written before.
func (p *Post) Chat() string {
	id := p.Conversation(store.StatusOpen, "", "")
	p.Says(id, "hola")
	return id
}

// Queue puts texts into the outbox of a conversation.
func (p *Post) Queue(chat string, texts ...string) {
	p.T.Helper()
	for _, text := range texts {
		p.Add(chat, &store.Message{Direction: "out", Kind: "text", Author: store.ByFlow, Text: text, WaID: "wa-" + text, Outbox: true})
	}
}

// Rounds runs the outbox until nothing is due.
func (p *Post) Rounds(first bool) {
	p.T.Helper()
	for range 50 {
		before := len(p.Sent)
		if err := p.Round(first); err != nil {
			p.T.Fatal(err)
		}
		if len(p.Sent) == before && len(p.Lanes[first].Wake) == 0 {
			return
		}
		select {
		case <-p.Lanes[first].Wake:
		default:
		}
	}
	p.T.Fatal("the outbox never came to rest")
}

// Round runs one of the outbox and waits for its sends.
func (p *Post) Round(first bool) error {
	err := p.Lanes[first].Round(p.T.Context())
	p.Lanes[first].Sends.Wait()
	return err
}

func (p *Post) Order() string {
	var texts []string
	for _, m := range p.Sent {
		texts = append(texts, m.Text)
	}
	return strings.Join(texts, " ")
}

func (p *Post) Row(text string) store.Message {
	p.T.Helper()
	return All[store.Message](p.World, "SELECT * FROM messages WHERE text = '"+text+"'")[0]
}

// Upload stores a file as a row of media.
func (p *Post) Upload(mime, data string) string {
	p.T.Helper()
	row := view.MediaRow{ID: store.NewID(p.Desk.Store.Now()), State: "ready", MIME: mime, Name: "file"}
	file, err := filesystem.NewFileFromBytes([]byte(data), "file")
	if err == nil {
		err = p.Desk.Files.KeepNew(p.T.Context(), row, file, "c", "", "owner")
	}
	if err != nil {
		p.T.Fatal(err)
	}
	return row.ID
}

// Phone is the number of a conversation's customer.
func (p *Post) Phone(chat string) string {
	p.T.Helper()
	c, err := store.Find[store.ContactRow](p.Desk.Store.App.DB(), "contacts", p.Get(chat).Contact)
	if err != nil {
		p.T.Fatal(err)
	}
	return c.Phone
}
