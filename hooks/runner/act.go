package runner

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"mostrador/flows"
	"mostrador/hooks/contacts"
	"mostrador/hooks/conversation"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/pocketbase/tools/types"
)

// carryOut writes a step's session and does its actions in order.
func (ru *Runner) carryOut(t *store.Tx, c *store.Conversation, next flows.Session, actions []flows.Action) error {
	before := *c
	c.Session, c.WakeAt = store.Raw(next), store.Stamp(next.WakesAt)
	if n := len(next.Frames); n > 0 {
		c.Flow, c.Version = next.Frames[n-1].Flow, next.Frames[n-1].Version
	}
	if err := t.Save(c, before); err != nil {
		return err
	}
	for _, a := range actions {
		if err := ru.CarryOutOne(t, c, a); err != nil {
			return fmt.Errorf("%T: %w", a, err)
		}
	}
	return nil
}

func (ru *Runner) CarryOutOne(t *store.Tx, c *store.Conversation, a flows.Action) error {
	switch a := a.(type) {
	case flows.Send:
		return ru.sendForFlow(t, c, a)
	case flows.Handover:
		return ru.GiveToPeople(t, c, conversation.Handover{Area: a.Area, User: a.User, Reason: string(a.Reason), Note: a.Note, Priority: a.Priority})
	case flows.Close:
		return ru.closeByFlow(t, c, a)
	case flows.SetContact:
		return ru.setContact(t, c, a)
	case flows.Tag:
		return Tag(t, c, a)
	case flows.Note:
		return ru.Conversations.Note(t, c, store.ByFlow, a.Text)
	case flows.Rate:
		return t.Event(c, "rated", store.ByContact, a)
	case flows.Trace:
		return ru.trace(t, c, a.Visits)
	case flows.Call:
		return ru.Calls.Ask(t, c, a)
	}
	return fmt.Errorf("no such action")
}

// trace writes down the way through the flow, with what people call its steps: the flow may have changed when it is read.
func (ru *Runner) trace(t *store.Tx, c *store.Conversation, visits []flows.Visit) error {
	f, err := ru.Facts.Of(t)
	if err != nil {
		return err
	}
	labels, last := map[string]string{}, visits[len(visits)-1] // the conversation may have left the flow already
	for _, v := range visits {
		node, port := f.Flows[v.Ref].Label(v)
		labels[v.Node] = node
		if port != v.Port {
			labels[v.Node+"/"+v.Port] = port
		}
	}
	return t.Event(c, "flow", store.ByFlow, map[string]any{"flow": last.Flow, "version": last.Version, "visits": visits, "labels": labels})
}

// GiveToPeople hands over and says so out of hours.
func (ru *Runner) GiveToPeople(t *store.Tx, c *store.Conversation, h conversation.Handover) error {
	if err := ru.toPeople(t, c, h); err != nil {
		return err
	}
	return ru.Conversations.SayAway(t, c)
}

// toPeople ends the flow with people: those that a handover finds, or, after a survey, whoever had the conversation.
func (ru *Runner) toPeople(t *store.Tx, c *store.Conversation, h conversation.Handover) error {
	if c.Status == store.StatusClosed {
		return ru.Conversations.TakeUp(t, c, h)
	}
	return ru.Conversations.Handover(t, c, h)
}

// closeByFlow ends a conversation, or its survey. Who was silent in a flow hears the same goodbye as who was silent with
// a person.
func (ru *Runner) closeByFlow(t *store.Tx, c *store.Conversation, a flows.Close) error {
	if c.Status == store.StatusClosed {
		return conversation.EndSurvey(t, c)
	}
	goodbye := ""
	if a.Reason == flows.ReasonSilence {
		goodbye = ru.Settings.Get().AutoCloseMessage
	}
	return ru.Conversations.Close(t, c, store.ByFlow, string(a.Reason), goodbye)
}

// unasked are the actions of a survey: one that begins, or that nobody answers, calls no person whatever is wrong with it,
// and promises none.
func unasked(in flows.Input, actions []flows.Action) []flows.Action {
	switch in.(type) {
	case flows.Start, flows.Timeout:
		for i, a := range actions {
			h, ok := a.(flows.Handover)
			if !ok {
				continue
			}
			actions[i] = flows.Close{Reason: h.Reason}
			if _, promise := actions[max(i-1, 0)].(flows.Send); promise && h.Reason != flows.ReasonFlow { // a fault: the engine's own sentence
				actions = slices.Delete(actions, i-1, i)
			}
			break
		}
	}
	return actions
}

// sendForFlow queues what a flow says.
func (ru *Runner) sendForFlow(t *store.Tx, c *store.Conversation, s flows.Send) error {
	m := &store.Message{Direction: store.Outbound, Kind: string(whatsapp.Text), Text: s.Text, Author: store.ByFlow, WaID: whatsapp.NewID(), Outbox: true}
	switch {
	case s.Poll != nil:
		m.Kind, m.Text = string(whatsapp.Poll), s.Poll.Question
		m.Extra = store.Raw(store.Extra{Poll: &whatsapp.PollQuestion{Question: s.Poll.Question, Options: s.Poll.Options, Max: 1}})
	case s.Media != nil:
		m.Kind, m.Media = s.Media.Kind, s.Media.Ref
	}
	return ru.Conversations.AddMessage(t, c, m)
}

// maxFields is how many bytes all fields of a contact may have, as their column holds them.
const maxFields = 64 << 10

// setContact writes a field that a flow asked for.
func (ru *Runner) setContact(t *store.Tx, c *store.Conversation, a flows.SetContact) error {
	contact, err := store.One[store.ContactRow](t.SQL(), "SELECT * FROM contacts WHERE id = ?", c.Contact)
	if err != nil {
		return err
	}
	switch a.Field {
	case "name":
		contact.Name = contacts.ClipName(a.Value)
	case "email":
		contact.Email = contacts.ClipName(a.Value)
	case "document":
		contact.Document = contacts.ClipName(a.Value)
	case "language":
		contact.Lang = contacts.ClipName(a.Value)
	case "area":
		f, err := ru.Facts.Of(t)
		if err != nil {
			return err
		}
		contact.PreferredArea = f.IDs[a.Value]
	default:
		fields := map[string]json.RawMessage{}
		store.Decode(contact.Fields, &fields)
		fields[a.Field] = json.RawMessage(store.Raw(a.Value))
		if a.Value == "" {
			delete(fields, a.Field)
		}
		if more := store.Raw(fields); len(more) <= maxFields || a.Value == "" {
			contact.Fields = more
		} else {
			t.App.Logger().Warn("a contact has no room for another field", "contact", contact.ID, "field", a.Field)
		}
	}
	return ru.Contacts.SaveContact(t, contact)
}

// Tag changes the conversation's tags.
func Tag(t *store.Tx, c *store.Conversation, a flows.Tag) error {
	var tags []string
	store.Decode(c.Tags, &tags)
	set := map[string]bool{}
	for _, tag := range append(tags, a.Add...) {
		set[tag] = true
	}
	for _, tag := range a.Remove {
		delete(set, tag)
	}
	before := *c
	c.Tags = types.JSONRaw(store.Raw(slices.Sorted(maps.Keys(set))))
	return t.Save(c, before)
}
