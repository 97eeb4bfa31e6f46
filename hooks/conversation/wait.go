package conversation

import (
	"cmp"
	"fmt"

	"mostrador/hooks/store"

	"github.com/pocketbase/pocketbase/tools/types"
)

// A customer waits (waitingSince) from their first message that no person has answered. An answer ends the wait when it is
// queued, because whoever looks for work has none here; but it is one only when WhatsApp has it. Until then waitedSince
// remembers the wait: when the answer fails or is taken back, and no other is on its way, the customer waits as before.

// isAnswer tells whether a message is a person's word to the customer.
func isAnswer(m *store.Message) bool {
	return m.Direction == store.Outbound && m.Pos > 0 && m.Kind != store.KindNote && store.ByPerson(m.Author)
}

// answered ends the customer's wait.
func answered(c *store.Conversation, m *store.Message) {
	if m.Outbox && c.WaitedSince.IsZero() {
		c.WaitedSince = c.WaitingSince
	}
	if !m.Outbox { // written on the phone
		c.WaitedSince = types.DateTime{}
	}
	c.WaitingSince, c.EscalatedAt = types.DateTime{}, types.DateTime{}
	if c.FirstReplyAt.IsZero() {
		c.FirstReplyAt = m.SentAt
	}
}

// SettleSend carries on with what became of a message that was queued, once it is known. queued is when it was written.
func SettleSend(t *store.Tx, m *store.Message, queued types.DateTime) error {
	if m.Outbox || !m.RevokedAt.IsZero() {
		return nil
	}
	if m.State != store.StateFailed {
		return reachedWhatsApp(t, m, queued)
	}
	if !isAnswer(m) {
		return nil
	}
	c, err := t.Conversation(m.Conversation)
	if err != nil {
		return store.MissingRow(err)
	}
	return Unanswered(t, c, m)
}

// reachedWhatsApp takes note that WhatsApp has a message of ours: only now can the customer be the silent side.
func reachedWhatsApp(t *store.Tx, m *store.Message, queued types.DateTime) error {
	if !isAnswer(m) {
		_, err := t.SQL().Exec(`UPDATE conversations SET quietFrom = ? WHERE id = ? AND status = 'open'`, store.Stamp(t.Now), m.Conversation)
		return err
	}
	c, err := t.Conversation(m.Conversation)
	if err != nil {
		return store.MissingRow(err)
	}
	next, err := nextWord(t, m)
	if err != nil {
		return err
	}
	before := *c
	c.QuietFrom = store.Stamp(t.Now)
	if c.FirstReplyAt.IsZero() || c.FirstReplyAt.Equal(queued) {
		c.FirstReplyAt = m.SentAt
	}
	if !c.WaitedSince.IsZero() {
		c.WaitedSince = next
	}
	if w := c.WaitingSince; !w.IsZero() && !w.Time().After(queued.Time()) { // planned, or opened again meanwhile
		c.WaitingSince, c.EscalatedAt = next, types.DateTime{}
	}
	return waitAgain(t, c, before)
}

// Unanswered takes note that an answer will not leave.
func Unanswered(t *store.Tx, c *store.Conversation, m *store.Message) error {
	before := *c
	if c.FirstReplyAt.Equal(m.SentAt) {
		c.FirstReplyAt = types.DateTime{}
	}
	return waitAgain(t, c, before)
}

const OnItsWayQuery = `SELECT EXISTS (SELECT 1 FROM messages INDEXED BY idx_msg_outbox WHERE outbox = TRUE AND line = ? AND contact = ? AND conversation = ?
	AND direction = 'out' AND pos > 0 AND author NOT IN ('` + store.ByFlow + `', '` + store.BySystem + `') AND (dueAt = '' OR dueAt <= ? OR attempts > 0 OR reason != ''))`

// waitAgain lets the customer wait as before when no answer is on its way any more, and writes the conversation.
func waitAgain(t *store.Tx, c *store.Conversation, before store.Conversation) error {
	if !c.WaitedSince.IsZero() && (c.Status == store.StatusOpen || c.Status == store.StatusWaiting) {
		var answered bool
		if err := t.First(&answered, OnItsWayQuery, c.Line, c.Contact, c.ID, store.Stamp(t.Now)); err != nil {
			return fmt.Errorf("look for an answer on its way: %w", err)
		}
		if !answered {
			if c.WaitingSince.IsZero() || c.WaitingSince.Time().After(c.WaitedSince.Time()) {
				c.WaitingSince = c.WaitedSince
			}
			c.WaitedSince = types.DateTime{}
		}
	}
	if c.WaitingSince.Equal(before.WaitingSince) && c.EscalatedAt.Equal(before.EscalatedAt) {
		return t.SaveQuietly(c, before)
	}
	return t.Save(c, before)
}

const NextWordQuery = `SELECT sentAt FROM messages WHERE conversation = ? AND pos > ? AND direction = 'in' ORDER BY pos LIMIT 1`

// nextWord is when the customer first wrote after a message; zero: not yet.
func nextWord(t *store.Tx, m *store.Message) (types.DateTime, error) {
	var at types.DateTime
	err := t.First(&at, NextWordQuery, m.Conversation, m.Pos)
	if err := store.MissingRow(err); err != nil {
		return at, fmt.Errorf("read what came after message %s: %w", m.ID, err)
	}
	return at, nil
}

// leaveWaiting closes the book on a wait: should the conversation go on, so does the wait.
func leaveWaiting(c *store.Conversation) {
	c.WaitedSince = cmp.Or(c.WaitedSince, c.WaitingSince)
	c.WaitingSince, c.EscalatedAt = types.DateTime{}, types.DateTime{}
}
