package conversation

import (
	"strings"

	"mostrador/hooks/facts"
	"mostrador/hooks/store"
	"mostrador/whatsapp"
)

// SayAway tells a customer whose area is closed that nobody answers now: once in a conversation and closed period, and
// only when no flow is talking.
func (s *Conversations) SayAway(t *store.Tx, c *store.Conversation) error {
	f, err := s.Facts.Of(t)
	if err != nil || !awayDue(t, f, c) {
		return err
	}
	if blocked, err := Blocked(t, c.Contact); err != nil || blocked {
		return err
	}
	before := *c
	c.AwayAt = store.Stamp(t.Now)
	if err := t.Save(c, before); err != nil {
		return err
	}
	return s.AddMessage(t, c, &store.Message{Direction: store.Outbound, Kind: string(whatsapp.Text), Text: f.Areas[c.Area].AwayText, Author: store.ByFlow,
		WaID: whatsapp.NewID(), Outbox: true})
}

// awayDue reports whether the customer should hear the away text now.
func awayDue(t *store.Tx, f *facts.Facts, c *store.Conversation) bool {
	if c.Status == store.StatusBot || c.Status == store.StatusClosed || strings.TrimSpace(f.Areas[c.Area].AwayText) == "" {
		return false
	}
	calendar := f.Calendar(c.Area)
	if calendar.Open(t.Now) {
		return false
	}
	if c.AwayAt.IsZero() {
		return true
	}
	opened := calendar.Opens(c.AwayAt.Time())
	return !opened.IsZero() && opened.Before(t.Now) // it was open in between
}

// WantsInbox reports whether a customer's message needs more than to be stored: an answer of the flow, or the away text.
func (s *Conversations) WantsInbox(t *store.Tx, c *store.Conversation) bool {
	if c.InFlow() {
		return true
	}
	f, err := s.Facts.Of(t)
	return err == nil && awayDue(t, f, c)
}
