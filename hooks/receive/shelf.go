package receive

import (
	"mostrador/hooks/conversation"
	"mostrador/hooks/store"
	"mostrador/whatsapp"
)

// shelf is the conversation that holds what a blocked contact writes: the one that there is, in whatever state.
func shelf(t *store.Tx, line, contact string) (*store.Conversation, error) {
	c, err := t.Live(contact, line)
	if store.IsNone(err) {
		c, err = conversation.LastClosed(t, contact, line)
	}
	if store.IsNone(err) {
		c = &store.Conversation{Line: line, Contact: contact, Status: store.StatusClosed, ClosedAt: store.Stamp(t.Now), ClosedBy: store.BySystem, CloseReason: conversation.ClosedBlocked}
		err = t.Create(c)
	}
	return c, err
}

// Shelve stores what a blocked contact writes. Where the conversation is live it changes nothing about it.
func (s *Receiver) Shelve(t *store.Tx, line, contact string, row *store.Message, file *whatsapp.Media) (*store.Conversation, error) {
	c, err := shelf(t, line, contact)
	if err != nil {
		return nil, err
	}
	if err := s.Files.StoreMedia(t, row, c, file); err != nil {
		return nil, err
	}
	if c.Status == store.StatusClosed {
		return c, s.Conversations.AddMessage(t, c, row)
	}
	return c, t.InsertMessage(c, row)
}
