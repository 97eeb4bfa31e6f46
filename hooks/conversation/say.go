package conversation

import (
	"mostrador/hooks/store"
	"mostrador/whatsapp"
)

// Say queues a text to the customer in the name of author.
func (s *Conversations) Say(t *store.Tx, c *store.Conversation, author, text string) error {
	return s.AddMessage(t, c, &store.Message{Direction: store.Outbound, Kind: string(whatsapp.Text), Author: author, Text: text,
		WaID: whatsapp.NewID(), Outbox: true})
}

// Note leaves an internal note that the customer does not see. An empty one is none.
func (s *Conversations) Note(t *store.Tx, c *store.Conversation, author, text string) error {
	if text == "" {
		return nil
	}
	return s.AddMessage(t, c, &store.Message{Direction: store.Outbound, Kind: store.KindNote, Author: author, Text: text, State: store.StateSent})
}
