package hooks

import (
	"mostrador/hooks/store"

	"github.com/pocketbase/pocketbase/tools/types"
)

// addMessage writes a message that happened now and keeps the conversation's preview, unread count and waiting time.
// Id, conversation, contact, line, pos and seq are filled in; sentAt and state too when they are empty.
//
// A reaction, an edit or a revoke of ours has no place in the conversation (pos 0): it only travels through the outbox.
func (d *Desk) addMessage(t *store.Tx, c *store.Conversation, m *store.Message) error {
	if err := t.InsertMessage(c, m); err != nil {
		return err
	}
	if m.Pos == 0 || m.Kind == store.KindNote {
		return nil
	}
	before := *c
	countMessage(c, m)
	return d.counted(t, c, before)
}

// counted writes what a message changed about its conversation; a customer who writes wakes it.
func (d *Desk) counted(t *store.Tx, c *store.Conversation, before store.Conversation) error {
	if err := t.Save(c, before); err != nil {
		return err
	}
	return d.woken(t, c, before)
}

// countMessage carries a message into the conversation's preview and counters.
func countMessage(c *store.Conversation, m *store.Message) {
	c.LastMessage, c.LastKind, c.LastAuthor, c.LastText = m.ID, m.Kind, m.Author, store.Preview(m.Text)
	if m.SentAt.Time().After(c.LastAt.Time()) {
		c.LastAt = m.SentAt
	}
	switch {
	case m.Direction == "in" && c.Status == store.StatusClosed: // an answer to the survey: nobody has to read it
	case m.Direction == "in":
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
