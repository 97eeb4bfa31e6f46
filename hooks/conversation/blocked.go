package conversation

import (
	"fmt"

	"mostrador/hooks/store"
)

// A contact who is blocked is still written down, and that is all: no flow hears them, nobody is given or told anything,
// and nothing is said to them. People who unblock them find what they wrote.

// ClosedBlocked is why a conversation is closed that a blocked contact's flow would go on with, or that holds what they
// write when there was none.
const ClosedBlocked = "blocked"

// Blocked tells whether nobody wants to hear of a contact.
func Blocked(t *store.Tx, contact string) (blocked bool, err error) {
	err = t.First(&blocked, "SELECT blocked FROM contacts WHERE id = ?", contact)
	if err != nil && !store.IsNone(err) {
		return false, fmt.Errorf("see whether contact %s is blocked: %w", contact, err)
	}
	return blocked, nil
}

// MayHear refuses what would be said to a blocked contact.
func MayHear(t *store.Tx, contact string) error {
	blocked, err := Blocked(t, contact)
	if err == nil && blocked {
		return ErrBlocked
	}
	return err
}

// Dismiss ends the flow of a blocked contact without a word.
func (s *Conversations) Dismiss(t *store.Tx, c *store.Conversation) error {
	if c.Status == store.StatusClosed {
		return EndSurvey(t, c)
	}
	return s.Close(t, c, store.BySystem, ClosedBlocked, "")
}

const (
	reasonPhone = "answered_on_phone" // the owner wrote on the phone
)

// Silence ends the flow because a person has written.
func (s *Conversations) Silence(t *store.Tx, c *store.Conversation) error {
	if c.Status == store.StatusClosed {
		return EndSurvey(t, c)
	}
	return s.Handover(t, c, Handover{Reason: reasonPhone, Actor: store.ByPhone, Unasked: c.LastMessage == ""})
}
