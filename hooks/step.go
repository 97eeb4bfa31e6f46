package hooks

import (
	"fmt"
	"math/rand/v2"

	"mostrador/flows"
)

// Reasons of handovers that no flow chose.
const (
	reasonPhone  = "answered_on_phone" // the owner wrote on the phone
	reasonPaused = "paused"            // the bot of this line is switched off
	reasonNoFlow = "no_flow"           // no flow begins with this message
)

// advance gives an input to the flow of a conversation that is with the bot, inside the transaction: the answers, the new
// session and everything else that the flow decides are written together, or not at all. m is the message that the input
// came from; nil for a timer.
func (d *Desk) advance(t *Tx, c *Conversation, in flows.Input, m *Message) error {
	f, err := d.factsNow(t)
	if err != nil {
		return err
	}
	line, err := readLineFacts(t, c.Line)
	if err != nil {
		return err
	}
	blocked, err := blocked(t, c.Contact)
	if err != nil {
		return err
	}
	switch {
	case blocked:
		return d.dismiss(t, c)
	case line.Paused && c.Status == statusClosed && m == nil: // a survey that nobody answered
		return endSurvey(t, c)
	case line.Paused:
		return d.giveToPeople(t, c, Handover{Reason: reasonPaused, Actor: bySystem})
	}
	var first flows.Flow
	if !c.session().Started() {
		text := ""
		if m != nil {
			text = m.Text
		}
		var ok bool
		if first, ok = f.begin(c, text, t.Now); !ok {
			return d.giveToPeople(t, c, Handover{Reason: reasonNoFlow, Actor: bySystem})
		}
	}
	if err := describeMedia(t, &in); err != nil {
		return err
	}
	return d.step(t, c, f, line, first, in)
}

// step lets the flow engine take one input and does what it decides. first is the flow that a new session begins with.
func (d *Desk) step(t *Tx, c *Conversation, f *facts, line lineFacts, first flows.Flow, in flows.Input) error {
	session := c.session()
	if err := d.need(t, f, session.Needs()); err != nil {
		return err
	}
	env, err := d.envOf(t, f, c, line)
	if err != nil {
		return err
	}
	next, actions := flows.Step(first, session, in, env)
	if c.Status == statusClosed {
		actions = unasked(in, actions)
	}
	return d.carryOut(t, c, next, actions)
}

// session is where the conversation stands in its flow.
func (c *Conversation) session() (s flows.Session) {
	decode(c.Session, &s)
	return s
}

// inFlow tells whether a flow hears what the customer writes: the bot's, or the survey after closing.
func (c *Conversation) inFlow() bool {
	return c.Status == statusBot || c.Status == statusClosed && !c.WakeAt.IsZero()
}

// silence ends the flow because a person has written.
func (d *Desk) silence(t *Tx, c *Conversation) error {
	if c.Status == statusClosed {
		return endSurvey(t, c)
	}
	return d.handover(t, c, Handover{Reason: reasonPhone, Actor: byPhone, Unasked: c.LastMessage == ""})
}

// envOf is what a flow may know about the world at this step.
func (d *Desk) envOf(t *Tx, f *facts, c *Conversation, line lineFacts) (flows.Env, error) {
	contact, err := one[contactRow](t.sql(), "SELECT * FROM contacts WHERE id = ?", c.Contact)
	if err != nil {
		return flows.Env{}, fmt.Errorf("read contact %s: %w", c.Contact, err)
	}
	who := flows.Contact{Name: contact.Name, Phone: contact.Phone, Email: contact.Email, Document: contact.Document,
		Language: contact.Lang, Area: f.areas[contact.PreferredArea].Key}
	if who.Name == "" {
		who.Name = contact.PushName
	}
	decode(contact.Fields, &who.Fields)
	decode(c.Tags, &who.Tags)
	return flows.Env{
		Now: t.Now, Zone: d.Settings().Location(), Hours: f.hours, Areas: f.names(), Contact: who,
		Line: flows.Line{ID: c.Line, Name: line.Name, Phone: line.Phone}, Area: f.areas[c.Area].Key,
		Patience: d.patience(), Random: rand.Uint64(), Flows: f.flows,
	}, nil
}

// lineFacts is what a flow may know about the line.
type lineFacts struct {
	Name   string `db:"name"`
	Phone  string `db:"phone"`
	Paused bool   `db:"paused"`
}

func readLineFacts(t *Tx, id string) (lineFacts, error) {
	l, err := one[lineFacts](t.sql(), `SELECT displayName AS name, phone, paused FROM lines WHERE id = ?`, id)
	if isNone(err) {
		return lineFacts{}, nil
	}
	if err != nil {
		return lineFacts{}, fmt.Errorf("read line %s: %w", id, err)
	}
	return *l, nil
}
