package hooks

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"mostrador/flows"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
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
func (t *Tx) advance(c *Conversation, in flows.Input, m *Message) error {
	f, err := t.facts()
	if err != nil {
		return err
	}
	line, err := t.lineFacts(c.Line)
	if err != nil {
		return err
	}
	blocked, err := t.blocked(c.Contact)
	if err != nil {
		return err
	}
	switch {
	case blocked:
		return t.dismiss(c)
	case line.Paused && c.Status == statusClosed && m == nil: // a survey that nobody answered
		return t.endSurvey(c)
	case line.Paused:
		return t.giveToPeople(c, Handover{Reason: reasonPaused, Actor: bySystem})
	}
	var first flows.Flow
	if !c.session().Started() {
		text := ""
		if m != nil {
			text = m.Text
		}
		var ok bool
		if first, ok = f.begin(c, text, t.Now); !ok {
			return t.giveToPeople(c, Handover{Reason: reasonNoFlow, Actor: bySystem})
		}
	}
	if err := t.describeMedia(&in); err != nil {
		return err
	}
	return t.step(c, f, line, first, in)
}

// step lets the flow engine take one input and does what it decides. first is the flow that a new session begins with.
func (t *Tx) step(c *Conversation, f *facts, line lineFacts, first flows.Flow, in flows.Input) error {
	session := c.session()
	if err := t.need(f, session.Needs()); err != nil {
		return err
	}
	env, err := t.env(f, c, line)
	if err != nil {
		return err
	}
	next, actions := flows.Step(first, session, in, env)
	if c.Status == statusClosed {
		actions = unasked(in, actions)
	}
	return t.carryOut(c, next, actions)
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
func (t *Tx) silence(c *Conversation) error {
	if c.Status == statusClosed {
		return t.endSurvey(c)
	}
	return t.handover(c, Handover{Reason: reasonPhone, Actor: byPhone, Unasked: c.LastMessage == ""})
}

// env is what a flow may know about the world at this step.
func (t *Tx) env(f *facts, c *Conversation, line lineFacts) (flows.Env, error) {
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
		Now: t.Now, Zone: t.desk.Settings().Location(), Hours: f.hours, Areas: f.names(), Contact: who,
		Line: flows.Line{ID: c.Line, Name: line.Name, Phone: line.Phone}, Area: f.areas[c.Area].Key,
		Patience: t.desk.patience(), Random: rand.Uint64(), Flows: f.flows,
	}, nil
}

// lineFacts is what a flow may know about the line.
type lineFacts struct {
	Name   string `db:"name"`
	Phone  string `db:"phone"`
	Paused bool   `db:"paused"`
}

func (t *Tx) lineFacts(id string) (lineFacts, error) {
	l, err := one[lineFacts](t.sql(), `SELECT displayName AS name, phone, paused FROM lines WHERE id = ?`, id)
	if isNone(err) {
		return lineFacts{}, nil
	}
	if err != nil {
		return lineFacts{}, fmt.Errorf("read line %s: %w", id, err)
	}
	return *l, nil
}

// describeMedia tells a flow what kind of file it got.
func (t *Tx) describeMedia(in *flows.Input) error {
	media, ok := (*in).(flows.Media)
	if !ok {
		return nil
	}
	err := t.DB().NewQuery(`SELECT mime, name, size FROM media WHERE id = {:id}`).Bind(dbx.Params{"id": media.Ref}).
		Row(&media.MIME, &media.Name, &media.Size)
	if err != nil && !isNone(err) {
		return fmt.Errorf("read media %s: %w", media.Ref, err)
	}
	*in = media
	return nil
}

// carryOut writes a step's session and does its actions in order.
func (t *Tx) carryOut(c *Conversation, next flows.Session, actions []flows.Action) error {
	before := *c
	c.Session, c.WakeAt = raw(next), stamp(next.WakesAt)
	if n := len(next.Frames); n > 0 {
		c.Flow, c.Version = next.Frames[n-1].Flow, next.Frames[n-1].Version
	}
	if err := t.save(c, before); err != nil {
		return err
	}
	for _, a := range actions {
		if err := t.act(c, a); err != nil {
			return fmt.Errorf("%T: %w", a, err)
		}
	}
	return nil
}

func (t *Tx) act(c *Conversation, a flows.Action) error {
	switch a := a.(type) {
	case flows.Send:
		return t.sendForFlow(c, a)
	case flows.Handover:
		return t.giveToPeople(c, Handover{Area: a.Area, User: a.User, Reason: string(a.Reason), Note: a.Note, Priority: a.Priority})
	case flows.Close:
		return t.closeByFlow(c, a)
	case flows.SetContact:
		return t.setContact(c, a)
	case flows.Tag:
		return t.tag(c, a)
	case flows.Note:
		return t.note(c, byFlow, a.Text)
	case flows.Rate:
		return t.event(c, "rated", byContact, a)
	case flows.Trace:
		return t.trace(c, a.Visits)
	case flows.Call:
		return t.ask(c, a)
	}
	return fmt.Errorf("no such action")
}

// trace writes down the way through the flow, with what people call its steps: the flow may have changed when it is read.
func (t *Tx) trace(c *Conversation, visits []flows.Visit) error {
	f, err := t.facts()
	if err != nil {
		return err
	}
	labels := map[string]string{}
	for _, v := range visits {
		node, port := f.flows[v.Ref].Label(v)
		labels[v.Node] = node
		if port != v.Port {
			labels[v.Node+"/"+v.Port] = port
		}
	}
	return t.event(c, "flow", byFlow, map[string]any{"flow": c.Flow, "version": c.Version, "visits": visits, "labels": labels})
}

// giveToPeople hands over and says so out of hours.
func (t *Tx) giveToPeople(c *Conversation, h Handover) error {
	if err := t.toPeople(c, h); err != nil {
		return err
	}
	return t.sayAway(c)
}

// toPeople ends the flow with people: those that a handover finds, or, after a survey, whoever had the conversation.
func (t *Tx) toPeople(c *Conversation, h Handover) error {
	if c.Status == statusClosed {
		return t.takeUp(c, h)
	}
	return t.handover(c, h)
}

// closeByFlow ends a conversation, or its survey. Who was silent in a flow hears the same goodbye as who was silent with
// a person.
func (t *Tx) closeByFlow(c *Conversation, a flows.Close) error {
	if c.Status == statusClosed {
		return t.endSurvey(c)
	}
	goodbye := ""
	if a.Reason == flows.ReasonSilence {
		goodbye = t.desk.Settings().AutoCloseMessage
	}
	return t.close(c, byFlow, string(a.Reason), goodbye)
}

// unasked are the actions of a survey: one that begins, or that nobody answers, calls no person whatever is wrong with it.
func unasked(in flows.Input, actions []flows.Action) []flows.Action {
	switch in.(type) {
	case flows.Start, flows.Timeout:
		for i, a := range actions {
			if h, ok := a.(flows.Handover); ok {
				actions[i] = flows.Close{Reason: h.Reason}
			}
		}
	}
	return actions
}

// sendForFlow queues what a flow says.
func (t *Tx) sendForFlow(c *Conversation, s flows.Send) error {
	m := &Message{Direction: "out", Kind: string(whatsapp.Text), Text: s.Text, Author: byFlow, WaID: whatsapp.NewID(), Outbox: true}
	switch {
	case s.Poll != nil:
		m.Kind, m.Text = string(whatsapp.Poll), s.Poll.Question
		m.Extra = raw(extra{Poll: &whatsapp.PollQuestion{Question: s.Poll.Question, Options: s.Poll.Options, Max: 1}})
	case s.Media != nil:
		m.Kind, m.Media = s.Media.Kind, s.Media.Ref
	}
	return t.addMessage(c, m)
}

// setContact writes a field that a flow asked for.
func (t *Tx) setContact(c *Conversation, a flows.SetContact) error {
	contact, err := one[contactRow](t.sql(), "SELECT * FROM contacts WHERE id = ?", c.Contact)
	if err != nil {
		return err
	}
	switch a.Field {
	case "name":
		contact.Name = clipName(a.Value)
	case "email":
		contact.Email = clipName(a.Value)
	case "document":
		contact.Document = a.Value
	case "language":
		contact.Lang = a.Value
	case "area":
		f, err := t.facts()
		if err != nil {
			return err
		}
		contact.PreferredArea = f.ids[a.Value]
	case "phone":
		return nil // WhatsApp's to say
	default:
		fields := map[string]json.RawMessage{}
		decode(contact.Fields, &fields)
		fields[a.Field] = json.RawMessage(raw(a.Value))
		if a.Value == "" {
			delete(fields, a.Field)
		}
		contact.Fields = raw(fields)
	}
	return t.saveContact(contact)
}

// tag changes the conversation's tags.
func (t *Tx) tag(c *Conversation, a flows.Tag) error {
	var tags []string
	decode(c.Tags, &tags)
	set := map[string]bool{}
	for _, tag := range append(tags, a.Add...) {
		set[tag] = true
	}
	for _, tag := range a.Remove {
		delete(set, tag)
	}
	before := *c
	c.Tags = types.JSONRaw(raw(slices.Sorted(maps.Keys(set))))
	return t.save(c, before)
}

// sayAway tells a customer whose area is closed that nobody answers now: once in a conversation and closed period, and
// only when no flow is talking.
func (t *Tx) sayAway(c *Conversation) error {
	f, err := t.facts()
	if err != nil || !t.awayDue(f, c) {
		return err
	}
	if blocked, err := t.blocked(c.Contact); err != nil || blocked {
		return err
	}
	before := *c
	c.AwayAt = stamp(t.Now)
	if err := t.save(c, before); err != nil {
		return err
	}
	return t.addMessage(c, &Message{Direction: "out", Kind: string(whatsapp.Text), Text: f.areas[c.Area].AwayText, Author: byFlow,
		WaID: whatsapp.NewID(), Outbox: true})
}

// awayDue reports whether the customer should hear the away text now.
func (t *Tx) awayDue(f *facts, c *Conversation) bool {
	if c.Status == statusBot || c.Status == statusClosed || strings.TrimSpace(f.areas[c.Area].AwayText) == "" {
		return false
	}
	calendar := f.calendar(c.Area)
	if calendar.Open(t.Now) {
		return false
	}
	if c.AwayAt.IsZero() {
		return true
	}
	opened := calendar.Opens(c.AwayAt.Time())
	return !opened.IsZero() && opened.Before(t.Now) // it was open in between
}

// wantsInbox reports whether a customer's message needs more than to be stored: an answer of the flow, or the away text.
func (t *Tx) wantsInbox(c *Conversation) bool {
	if c.inFlow() {
		return true
	}
	f, err := t.facts()
	return err == nil && t.awayDue(f, c)
}

// votesOf reads the options out of a stored vote.
func votesOf(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// cardPhone finds the number in a vCard; empty when there is none.
func cardPhone(vcard string) string {
	for line := range strings.Lines(vcard) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		if base, params, _ := strings.Cut(name, ";"); !ok || !strings.EqualFold(lastPart(base), "TEL") {
			continue
		} else if _, id, found := strings.Cut(strings.ToLower(params), "waid="); found {
			id, _, _ = strings.Cut(id, ";")
			return "+" + id
		}
		return strings.TrimSpace(value)
	}
	return ""
}

// lastPart drops the group of a vCard property: item1.TEL.
func lastPart(s string) string { return s[strings.LastIndexByte(s, '.')+1:] }
