package runner

import (
	"fmt"
	"math/rand/v2"

	"mostrador/flows"
	"mostrador/hooks/conversation"
	"mostrador/hooks/facts"
	"mostrador/hooks/store"
)

// Reasons of handovers that no flow chose.
const (
	ReasonPaused = "paused"  // the bot of this line is switched off
	ReasonNoFlow = "no_flow" // no flow begins with this message
)

// advance gives an input to the flow of a conversation that is with the bot, inside the transaction: the answers, the new
// session and everything else that the flow decides are written together, or not at all. m is the message that the input
// came from; nil for a timer.
func (ru *Runner) advance(t *store.Tx, c *store.Conversation, in flows.Input, m *store.Message) error {
	f, err := ru.Facts.Of(t)
	if err != nil {
		return err
	}
	line, err := readLineFacts(t, c.Line)
	if err != nil {
		return err
	}
	blocked, err := conversation.Blocked(t, c.Contact)
	if err != nil {
		return err
	}
	switch {
	case blocked:
		return ru.Conversations.Dismiss(t, c)
	case line.Paused && c.Status == store.StatusClosed && m == nil: // a survey that nobody answered
		return conversation.EndSurvey(t, c)
	case line.Paused:
		return ru.GiveToPeople(t, c, conversation.Handover{Reason: ReasonPaused, Actor: store.BySystem})
	}
	var first flows.Flow
	if !c.FlowSession().Started() {
		text := ""
		if m != nil {
			text = m.Text
		}
		var ok bool
		if first, ok = f.Begin(c, text, t.Now); !ok {
			return ru.GiveToPeople(t, c, conversation.Handover{Reason: ReasonNoFlow, Actor: store.BySystem})
		}
	}
	if err := describeMedia(t, &in); err != nil {
		return err
	}
	return ru.step(t, c, f, line, first, in)
}

// step lets the flow engine take one input and does what it decides. first is the flow that a new session begins with.
func (ru *Runner) step(t *store.Tx, c *store.Conversation, f *facts.Facts, line lineFacts, first flows.Flow, in flows.Input) error {
	session := c.FlowSession()
	if err := ru.Facts.Need(t, f, session.Needs()); err != nil {
		return err
	}
	env, err := ru.envOf(t, f, c, line)
	if err != nil {
		return err
	}
	next, actions := flows.Step(first, session, in, env)
	if c.Status == store.StatusClosed {
		actions = unasked(in, actions)
	}
	return ru.carryOut(t, c, next, actions)
}

// envOf is what a flow may know about the world at this step.
func (ru *Runner) envOf(t *store.Tx, f *facts.Facts, c *store.Conversation, line lineFacts) (flows.Env, error) {
	contact, err := store.One[store.ContactRow](t.SQL(), "SELECT * FROM contacts WHERE id = ?", c.Contact)
	if err != nil {
		return flows.Env{}, fmt.Errorf("read contact %s: %w", c.Contact, err)
	}
	who := flows.Contact{Name: contact.Name, Phone: contact.Phone, Email: contact.Email, Document: contact.Document,
		Language: contact.Lang, Area: f.Areas[contact.PreferredArea].Key}
	if who.Name == "" {
		who.Name = contact.PushName
	}
	store.Decode(contact.Fields, &who.Fields)
	store.Decode(c.Tags, &who.Tags)
	return flows.Env{
		Now: t.Now, Zone: ru.Settings.Get().Location(), Hours: f.Hours, Areas: f.Names(), Contact: who,
		Line: flows.Line{ID: c.Line, Name: line.Name, Phone: line.Phone}, Area: f.Areas[c.Area].Key,
		Patience: ru.Patience(), Random: rand.Uint64(), Flows: f.Flows,
	}, nil
}

// lineFacts is what a flow may know about the line.
type lineFacts struct {
	Name   string `db:"name"`
	Phone  string `db:"phone"`
	Paused bool   `db:"paused"`
}

func readLineFacts(t *store.Tx, id string) (lineFacts, error) {
	l, err := store.One[lineFacts](t.SQL(), `SELECT displayName AS name, phone, paused FROM lines WHERE id = ?`, id)
	if store.IsNone(err) {
		return lineFacts{}, nil
	}
	if err != nil {
		return lineFacts{}, fmt.Errorf("read line %s: %w", id, err)
	}
	return *l, nil
}
