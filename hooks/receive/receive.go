// Package receive: what comes in: stored before it is acknowledged.
package receive

import (
	"context"
	"database/sql"
	"fmt"
	"sync/atomic"
	"time"

	"mostrador/hooks/contacts"
	"mostrador/hooks/conversation"
	"mostrador/hooks/media"
	"mostrador/hooks/outbox"
	"mostrador/hooks/settings"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// Receiver stores what WhatsApp delivers.
type Receiver struct {
	Contacts      *contacts.Contacts
	Conversations *conversation.Conversations
	Files         *media.Files
	Outbox        *outbox.Outbox
	Settings      *settings.Keeper
	Store         *store.Store

	Answer    func(t *store.Tx, id, chat string) error // the flow's answer, in the commit of the message
	Answering atomic.Bool                              // flows answer as soon as a message is stored: the loops run
}

// storeTimeout bounds how long WhatsApp waits for a commit; whatsmeow itself gives a handler 5 minutes.
const storeTimeout = time.Minute

// ReadableAfter is how long a message that could not be decrypted stays out of sight. The sender's phone is asked to
// send it again, which mostly takes seconds.
const ReadableAfter = 30 * time.Second

// Receive stores what happened in a chat of a line. When it returns nil the message is on disk and may be acknowledged;
// after an error WhatsApp delivers it again. The same message any number of times is stored once.
func (s *Receiver) Receive(line string, m whatsapp.Message) error {
	outcome := make(chan error, 1)
	s.Accept(line, m, func(err error) { outcome <- err })
	return <-outcome
}

// Accept is Receive without the waiting: done hears the outcome once. Messages are stored in the order of the calls, many
// in one commit when they come fast.
func (s *Receiver) Accept(line string, m whatsapp.Message, done func(error)) {
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	s.Store.Submit(ctx, func(t *store.Tx) error { return s.receive(t, line, m) }, func(err error) {
		cancel()
		if err != nil {
			err = fmt.Errorf("store message %s: %w", m.ID, err)
		}
		done(err)
	})
}

func (s *Receiver) receive(t *store.Tx, line string, m whatsapp.Message) error {
	m = m.Bounded()
	m.At = contacts.ClampTime(m.At, t.Now)
	name := m.Name
	if m.FromMe {
		name = "" // the owner's
	}
	p, err := s.Contacts.Person(t, m.Chat, name)
	if err != nil {
		return err
	}
	switch m.Kind {
	case whatsapp.Reaction, whatsapp.Edit, whatsapp.Revoke:
		return changeAnother(t, line, p.ID, m)
	}
	old, err := t.MessageBy(m.ID, line, p.ID, contacts.Direction(m))
	switch {
	case store.IsNone(err):
	case err != nil:
		return err
	case old.Kind == string(whatsapp.Undecryptable) && m.Kind != whatsapp.Undecryptable:
		return s.readable(t, old, line, p.ID, m)
	default: // seen before: WhatsApp delivers at least once
		if old.Text != m.Text && !old.Cut() && old.EditedAt.IsZero() && old.Kind != string(whatsapp.Vote) {
			t.App.Logger().Warn("a message came again with other content; the first one stays", "message", old.ID)
		}
		return nil
	}
	switch {
	case m.Kind == whatsapp.Vote:
		return s.vote(t, line, p.ID, m)
	case m.Kind == whatsapp.Undecryptable:
		return s.hide(t, line, p.ID, m)
	case p.Blocked && !m.FromMe:
		_, err := s.Shelve(t, line, p.ID, newRow(m), m.Media)
		return err
	}
	return s.storeMessage(t, line, p.ID, m)
}

// storeMessage writes a live message into the contact's conversation.
func (s *Receiver) storeMessage(t *store.Tx, line, contact string, m whatsapp.Message) error {
	c, err := s.PlaceFor(t, line, contact, m.FromMe)
	if err != nil {
		return err
	}
	if !m.FromMe {
		if err := s.Outbox.EndTimelock(t, line, contact); err != nil {
			return err
		}
	}
	row := newRow(m)
	row.Pending = !m.FromMe && s.Conversations.WantsInbox(t, c)
	if err := s.Files.StoreMedia(t, row, c, m.Media); err != nil {
		return err
	}
	if row.Pending && s.Answering.Load() {
		// One commit instead of two, when nothing stands in the way; otherwise the inbox loop answers.
		t.Then(func(t *store.Tx) error { return s.Answer(t, row.ID, c.ID) })
	}
	return s.Conversations.AddMessage(t, c, row)
}

// PlaceFor is conversationFor for a message that is about to be shown there. When the owner answers on the phone the flow
// must not talk on top of it.
func (s *Receiver) PlaceFor(t *store.Tx, line, contact string, fromMe bool) (*store.Conversation, error) {
	c, err := s.conversationFor(t, line, contact, fromMe)
	if err == nil && fromMe && c.InFlow() {
		err = s.Conversations.Silence(t, c)
	}
	return c, err
}

// conversationFor is the conversation that a live message belongs to. What the owner writes on the phone right after
// closing stays with the closed conversation; what a customer writes opens one.
func (s *Receiver) conversationFor(t *store.Tx, line, contact string, fromMe bool) (*store.Conversation, error) {
	c, err := t.Live(contact, line)
	if !store.IsNone(err) {
		return c, err
	}
	if c, err := conversation.SurveyOpen(t, contact, line); !store.IsNone(err) {
		return c, err
	}
	if fromMe {
		window := time.Duration(s.Settings.Get().ReopenMinutes) * time.Minute
		if c, err := lastWithin(t, line, contact, window); !store.IsNone(err) {
			return c, err
		}
	}
	c, _, err = s.Conversations.ForCustomer(t, contact, line)
	return c, err
}

// lastWithin is the contact's last conversation if it was closed no longer ago than window; sql.ErrNoRows otherwise.
func lastWithin(t *store.Tx, line, contact string, window time.Duration) (*store.Conversation, error) {
	c, err := conversation.LastClosed(t, contact, line)
	if err != nil {
		return nil, err
	}
	if t.Now.Sub(c.ClosedAt.Time()) > window {
		return nil, sql.ErrNoRows
	}
	return c, nil
}

// newRow is a message of WhatsApp as a row, without what only the conversation can tell.
func newRow(m whatsapp.Message) *store.Message {
	row := &store.Message{WaID: m.ID, Direction: contacts.Direction(m), Kind: string(m.Kind), Text: m.Text, Author: store.ByContact, State: "received",
		SentAt: store.Stamp(m.At)}
	if m.FromMe {
		row.Author, row.State = store.ByPhone, store.StateSent
	}
	if m.Quote != nil {
		row.Quote = store.Raw(m.Quote)
	}
	x := store.Extra{Place: m.Place, Cards: m.Cards, Poll: m.Poll, What: m.What, Ad: m.Ad, Dropped: m.Dropped}
	if x.Place != nil || x.Cards != nil || x.Poll != nil || x.What != "" || x.Ad != nil || x.Dropped {
		row.Extra = store.Raw(x)
	}
	return row
}

// hide keeps the place of a message that could not be decrypted. The inbox loop shows it when its time is up; until then
// it has neither conversation nor position, and nobody sees it. Of what is to be seen once nothing better comes.
func (s *Receiver) hide(t *store.Tx, line, contact string, m whatsapp.Message) error {
	row := newRow(m)
	row.ID, row.Line, row.Contact, row.Seq = store.NewID(t.Now), line, contact, t.Seq()
	row.Pending, row.DueAt = true, store.Stamp(t.Now.Add(ReadableAfter))
	if m.What == whatsapp.WhatViewOnce {
		row.DueAt = store.Stamp(t.Now)
		t.After(s.Store.WakeInbox)
	}
	if err := t.Insert(row); err != nil {
		return fmt.Errorf("hide message: %w", err)
	}
	return nil
}

// readable replaces what could not be decrypted by what came later under the same id.
func (s *Receiver) readable(t *store.Tx, old *store.Message, line, contact string, m whatsapp.Message) error {
	if old.Pos == 0 { // nobody has seen it
		if _, err := t.DB().Delete("messages", dbx.HashExp{"id": old.ID}).Execute(); err != nil {
			return fmt.Errorf("forget the unreadable form: %w", err)
		}
		return s.receive(t, line, m)
	}
	if m.Kind == whatsapp.Vote { // it is shown with its poll; people have seen the other row, which gives the id to it
		if _, err := t.SQL().Exec(`UPDATE messages SET waId = '' WHERE id = ?`, old.ID); err != nil {
			return fmt.Errorf("give up the unreadable form: %w", err)
		}
		return s.receive(t, line, m)
	}
	c, err := t.Conversation(old.Conversation)
	if err != nil {
		return err
	}
	row := newRow(m)
	row.ID, row.Conversation, row.Contact, row.Line, row.Pos = old.ID, old.Conversation, contact, line, old.Pos
	row.Pending, row.RevokedAt = !m.FromMe && s.Conversations.WantsInbox(t, c), old.RevokedAt
	if !old.EditedAt.IsZero() {
		row.Text, row.EditedAt = old.Text, old.EditedAt
	}
	if m.Media != nil {
		if err := s.Files.StoreMedia(t, row, c, m.Media); err != nil {
			return err
		}
		row.ID = old.ID
		if _, err := t.DB().Update("media", dbx.Params{"message": row.ID}, dbx.HashExp{"id": row.Media}).Execute(); err != nil {
			return err
		}
	}
	if row.Pending {
		t.After(s.Store.WakeInbox)
	}
	return t.Retell(c, row)
}
