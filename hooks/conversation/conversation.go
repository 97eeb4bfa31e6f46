// Package conversation: the life of a conversation: who has it, who waits, how it ends.
package conversation

import (
	"time"

	"mostrador/hooks/facts"
	"mostrador/hooks/settings"
	"mostrador/hooks/store"

	"github.com/pocketbase/pocketbase/tools/types"
)

// Conversations moves conversations between the bot, those who wait, and people.
type Conversations struct {
	Facts    *facts.Keeper
	Settings *settings.Keeper
	Store    *store.Store

	Hears func(line string) (since time.Time, up bool) // whether its customers can be heard
}

// AddMessage writes a message that happened now and keeps the conversation's preview, unread count and waiting time.
// Id, conversation, contact, line, pos and seq are filled in; sentAt and state too when they are empty.
//
// A reaction, an edit or a revoke of ours has no place in the conversation (pos 0): it only travels through the outbox.
func (s *Conversations) AddMessage(t *store.Tx, c *store.Conversation, m *store.Message) error {
	if err := t.InsertMessage(c, m); err != nil {
		return err
	}
	if m.Pos == 0 || m.Kind == store.KindNote {
		return nil
	}
	before := *c
	CountMessage(c, m)
	return s.Counted(t, c, before)
}

// Counted writes what a message changed about its conversation; a customer who writes wakes it.
func (s *Conversations) Counted(t *store.Tx, c *store.Conversation, before store.Conversation) error {
	if err := t.Save(c, before); err != nil {
		return err
	}
	return s.woken(t, c, before)
}

// CountMessage carries a message into the conversation's preview and counters.
func CountMessage(c *store.Conversation, m *store.Message) {
	c.LastMessage, c.LastKind, c.LastAuthor, c.LastText = m.ID, m.Kind, m.Author, store.Preview(m.Text)
	if m.SentAt.Time().After(c.LastAt.Time()) {
		c.LastAt = m.SentAt
	}
	switch {
	case m.Direction == store.Inbound && c.Status == store.StatusClosed: // an answer to the survey: nobody has to read it
	case m.Direction == store.Inbound:
		c.Unread++
		c.SnoozedUntil = types.DateTime{}
		if c.WaitingSince.IsZero() && c.Status != store.StatusBot {
			c.WaitingSince = m.SentAt
		}
	case store.ByPerson(m.Author):
		c.Unread, c.ReadPos = 0, m.Pos
		if !m.Planned() { // that one is an answer when it leaves
			answered(c, m)
		}
	}
}
