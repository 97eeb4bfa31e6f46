package hooks

import "mostrador/whatsapp"

const maxText = 65_536 // characters that WhatsApp takes in one text

// say queues a text to the customer in the name of author.
func (t *Tx) say(c *Conversation, author, text string) error {
	return t.addMessage(c, &Message{Direction: "out", Kind: string(whatsapp.Text), Author: author, Text: text,
		WaID: whatsapp.NewID(), Outbox: true})
}

// note leaves an internal note that the customer does not see. An empty one is none.
func (t *Tx) note(c *Conversation, author, text string) error {
	if text == "" {
		return nil
	}
	return t.addMessage(c, &Message{Direction: "out", Kind: kindNote, Author: author, Text: text, State: "sent"})
}
