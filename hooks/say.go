package hooks

import (
	"mostrador/hooks/store"
	"mostrador/whatsapp"
)

// say queues a text to the customer in the name of author.
func (d *Desk) say(t *store.Tx, c *store.Conversation, author, text string) error {
	return d.addMessage(t, c, &store.Message{Direction: "out", Kind: string(whatsapp.Text), Author: author, Text: text,
		WaID: whatsapp.NewID(), Outbox: true})
}

// note leaves an internal note that the customer does not see. An empty one is none.
func (d *Desk) note(t *store.Tx, c *store.Conversation, author, text string) error {
	if text == "" {
		return nil
	}
	return d.addMessage(t, c, &store.Message{Direction: "out", Kind: store.KindNote, Author: author, Text: text, State: "sent"})
}
