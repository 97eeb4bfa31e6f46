package hooks

import (
	"fmt"
	"net/http"

	"mostrador/hooks/api"
	"mostrador/hooks/store"
	"mostrador/whatsapp"
)

// A contact who is blocked is still written down, and that is all: no flow hears them, nobody is given or told anything,
// and nothing is said to them. People who unblock them find what they wrote.

// closedBlocked is why a conversation is closed that a blocked contact's flow would go on with, or that holds what they
// write when there was none.
const closedBlocked = "blocked"

// blocked tells whether nobody wants to hear of a contact.
func blocked(t *store.Tx, contact string) (blocked bool, err error) {
	err = t.First(&blocked, "SELECT blocked FROM contacts WHERE id = ?", contact)
	if err != nil && !store.IsNone(err) {
		return false, fmt.Errorf("see whether contact %s is blocked: %w", contact, err)
	}
	return blocked, nil
}

// mayHear refuses what would be said to a blocked contact.
func mayHear(t *store.Tx, contact string) error {
	blocked, err := blocked(t, contact)
	if err == nil && blocked {
		return api.Refuse(http.StatusConflict, api.CodeBlocked)
	}
	return err
}

// shelf is the conversation that holds what a blocked contact writes: the one that there is, in whatever state.
func shelf(t *store.Tx, line, contact string) (*store.Conversation, error) {
	c, err := t.Live(contact, line)
	if store.IsNone(err) {
		c, err = lastClosed(t, contact, line)
	}
	if store.IsNone(err) {
		c = &store.Conversation{Line: line, Contact: contact, Status: store.StatusClosed, ClosedAt: store.Stamp(t.Now), ClosedBy: store.BySystem, CloseReason: closedBlocked}
		err = t.Create(c)
	}
	return c, err
}

// shelve stores what a blocked contact writes. Where the conversation is live it changes nothing about it.
func (d *Desk) shelve(t *store.Tx, line, contact string, row *store.Message, file *whatsapp.Media) (*store.Conversation, error) {
	c, err := shelf(t, line, contact)
	if err != nil {
		return nil, err
	}
	if err := d.storeMedia(t, row, c, file); err != nil {
		return nil, err
	}
	if c.Status == store.StatusClosed {
		return c, d.addMessage(t, c, row)
	}
	return c, t.InsertMessage(c, row)
}

// dismiss ends the flow of a blocked contact without a word.
func (d *Desk) dismiss(t *store.Tx, c *store.Conversation) error {
	if c.Status == store.StatusClosed {
		return endSurvey(t, c)
	}
	return d.close(t, c, store.BySystem, closedBlocked, "")
}
