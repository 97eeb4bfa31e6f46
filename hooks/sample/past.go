package sample

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"mostrador/flows"
	"mostrador/hooks"
	"mostrador/hooks/conversation"
	"mostrador/hooks/lines"
	"mostrador/hooks/outbox"
	"mostrador/hooks/rights"
	"mostrador/hooks/runner"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Past is what an empty desk is given to remember, so that a demo does not begin with a blank page. It is not written
// into tables: customers write, the flow answers, people claim, answer and close, on a desk whose clock stands in the
// past and whose line takes everything. The samples of Seed and the people named in past/*.txt must be there.
type Past struct {
	App  core.App
	Now  time.Time
	Lang string // es, pt-BR or en
}

// PastMessage is one message of it, for the phone of the customer to show as well.
type PastMessage struct {
	Name, Phone string // of the customer; with a plus sign
	ID          string // WhatsApp's
	FromDesk    bool
	Text        string
	State       string // of ours: sent, delivered, read; of theirs: read once somebody of the desk did, else delivered
	At          time.Time
}

// Play writes the past and returns its messages in order. A desk that has a conversation already, or a linked phone,
// keeps what it has: then there is nothing to return.
func (p Past) Play(ctx context.Context) ([]PastMessage, error) {
	beats, err := p.script()
	if err != nil {
		return nil, err
	}
	s := &stagehand{chats: map[string]*pastChat{}, staff: map[string]rights.Viewer{}}
	s.desk = &hooks.Desk{Store: store.Store{App: p.App, Now: func() time.Time { return time.UnixMilli(s.clock.Load()) }}}
	s.clock.Store(p.Now.UnixMilli())
	var used bool
	err = p.App.ConcurrentDB().NewQuery(`SELECT EXISTS (SELECT 1 FROM conversations) OR EXISTS (SELECT 1 FROM lines WHERE device != '')`).
		WithContext(ctx).Row(&used)
	if err != nil || used {
		return nil, err
	}
	if err := s.desk.Start(ctx); err != nil {
		return nil, err
	}
	defer s.desk.Stop()
	s.desk.Receiver.Answering.Store(true) // the flow, in the commit of the message
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	for _, b := range beats {
		s.clock.Store(b.at.UnixMilli())
		if err := s.play(ctx, b); err != nil {
			return nil, fmt.Errorf("play the past, %s, %q: %w", b.chat.name, b.text, err)
		}
	}
	return s.remember(ctx)
}

// stagehand plays the past.
type stagehand struct {
	desk  *hooks.Desk
	clock atomic.Int64 // Unix milliseconds
	line  string
	out   *outbox.Lane
	sent  int // messages that the line took
	marks outbox.Marks
	staff map[string]rights.Viewer // by user name
	chats map[string]*pastChat     // by phone
}

// pastChat is what is known of one customer while it is played.
type pastChat struct {
	conversation string
	unread       []string // ids of ours that their phone has and they have not read
}

// enter makes the line, whose WhatsApp takes everything, and lets everybody be there.
func (s *stagehand) enter(ctx context.Context) error {
	if err := s.desk.Lines.FirstLine(ctx); err != nil {
		return err
	}
	if err := s.desk.Store.App.ConcurrentDB().NewQuery("SELECT id FROM lines ORDER BY id LIMIT 1").WithContext(ctx).Row(&s.line); err != nil {
		return fmt.Errorf("find the line: %w", err)
	}
	up := func() bool { return true }
	s.desk.Lines.Set.ByID = map[string]*lines.LineRun{s.line: {ID: s.line, Lines: &s.desk.Lines, // it was up all the time
		Status: func() whatsapp.Status { return whatsapp.Status{State: whatsapp.Connected} }}}
	out := &outbox.LineOutbox{Outbox: &s.desk.Outbox, Line: s.line, Up: up, Send: func(_ context.Context, m whatsapp.Outgoing) (time.Time, error) {
		c := s.chats[m.To.Phone]
		c.unread = append(c.unread, m.ID)
		s.sent++
		return s.desk.Store.Now(), nil
	}}
	s.out = out.Lane(false, 1, 1)
	s.marks = outbox.Marks{Outbox: &s.desk.Outbox, Line: s.line, Up: up, Tell: func(context.Context, whatsapp.Address, []string, time.Time) error { return nil }}
	return s.everybody(ctx, "available")
}

func (s *stagehand) everybody(ctx context.Context, availability string) error {
	var ids []string
	if err := s.desk.Store.App.ConcurrentDB().NewQuery("SELECT id FROM users WHERE active ORDER BY id").WithContext(ctx).Column(&ids); err != nil {
		return fmt.Errorf("read the people: %w", err)
	}
	for _, id := range ids {
		who, err := s.desk.Guard.Accounts.Get(ctx, id)
		if err != nil {
			return err
		}
		s.staff[who.Username] = who.Viewer
		if err := s.desk.Presence.SetAvailability(ctx, who.Viewer, availability); err != nil {
			return err
		}
	}
	return nil
}

// play carries out one beat, and what follows from it on the line.
func (s *stagehand) play(ctx context.Context, b beat) error {
	chat := s.chats[b.chat.digits()]
	if chat == nil {
		chat = &pastChat{}
		s.chats[b.chat.digits()] = chat
	}
	var err error
	switch {
	case b.do == "nobody":
		err = s.everybody(ctx, "offline")
	case b.do == "quiet":
		err = s.desk.Tick(ctx)
	case b.who == "":
		err = s.customer(b, chat)
	default:
		err = s.person(ctx, b, chat)
	}
	if err != nil {
		return err
	}
	for before := -1; before < s.sent; {
		before = s.sent
		err := s.out.Round(ctx)
		s.out.Sends.Wait()
		if err != nil {
			return err
		}
	}
	if err := s.marks.Round(ctx); err != nil {
		return err
	}
	return s.receipt("delivered", chat)
}

// customer writes, having read what the desk wrote before.
func (s *stagehand) customer(b beat, chat *pastChat) error {
	if err := s.receipt("read", chat); err != nil {
		return err
	}
	chat.unread = nil
	err := s.desk.Receiver.Receive(s.line, whatsapp.Message{ID: whatsapp.NewID(), Chat: whatsapp.Address{Phone: b.chat.digits()}, Name: b.chat.name,
		Kind: whatsapp.Text, Text: b.text, At: b.at})
	if err != nil {
		return err
	}
	return s.desk.Store.App.ConcurrentDB().NewQuery(`SELECT c.id FROM conversations c JOIN contacts p ON p.id = c.contact
		WHERE p.phone = {:phone} AND c.status != 'closed'`).Bind(dbx.Params{"phone": b.chat.digits()}).Row(&chat.conversation)
}

// person does what people of the desk do, having read what the customer wrote.
func (s *stagehand) person(ctx context.Context, b beat, chat *pastChat) error {
	v, ok := s.staff[b.who]
	if !ok {
		return fmt.Errorf("there is no %s", b.who)
	}
	_, err := s.desk.Conversations.MarkRead(ctx, v, chat.conversation)
	if err != nil {
		return err
	}
	what, to, _ := strings.Cut(b.do, " ")
	switch what {
	case "", "note":
		_, err = s.desk.Outbox.Send(ctx, v, chat.conversation, outbox.NewMessage{Text: b.text, Note: what == "note"})
	case "close":
		_, err = s.desk.Conversations.CloseConversation(ctx, v, chat.conversation, conversation.Closing{Reason: b.text})
	case "transfer":
		_, err = s.desk.Conversations.Transfer(ctx, v, chat.conversation, conversation.Transfer{Area: to, Note: b.text})
	case "tag":
		_, err = s.desk.Conversations.Act(ctx, v, func(t *store.Tx) (*store.Conversation, error) {
			c, err := conversation.Mine(t, v, chat.conversation)
			if err != nil {
				return nil, err
			}
			return c, runner.Tag(t, c, flows.Tag{Add: []string{b.text}})
		})
	default:
		err = fmt.Errorf("people do not %q", what)
	}
	return err
}

// receipt tells that the customer's phone has what the desk wrote, or that they have read it.
func (s *stagehand) receipt(state string, chat *pastChat) error {
	if len(chat.unread) == 0 {
		return nil
	}
	return s.desk.Outbox.WriteReceipts([]outbox.LineReceipt{{Line: s.line, Receipt: whatsapp.Receipt{IDs: slices.Clone(chat.unread), State: whatsapp.ReceiptState(state)}}})
}
