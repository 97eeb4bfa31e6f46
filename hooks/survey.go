package hooks

import (
	"database/sql"
	"time"

	"mostrador/flows"
	"mostrador/hooks/store"

	"github.com/pocketbase/pocketbase/tools/types"
)

// A flow that is triggered by the end of a conversation, mostly a survey, runs on the closed conversation: it stays closed
// while the customer answers, and is opened again only when the flow leads to people.
//
//	closed → wakeAt: the survey begins then → session: the customer is asked → closed and done
//	                                                                        ↘ opened again
const (
	surveyAfter = 10 * time.Second // closing can be undone until then
	surveyStale = time.Hour        // after a longer stop nobody is asked any more
)

// surveyAt is when the survey of a conversation that is being closed begins; zero: never. Only who talked to a person is
// asked how it was.
func (d *Desk) surveyAt(t *store.Tx, c *store.Conversation) (types.DateTime, error) {
	if c.FirstReplyAt.IsZero() || c.ClosedBy == store.ByFlow {
		return types.DateTime{}, nil
	}
	f, err := d.Facts.Of(t)
	if err != nil {
		return types.DateTime{}, err
	}
	if _, ok := f.Begin(c, "", t.Now); !ok {
		return types.DateTime{}, nil
	}
	return store.Stamp(t.Now.Add(surveyAfter)), nil
}

// beginSurvey asks the first question, unless the customer has come back meanwhile, the bot is paused, the
// customer is blocked, or it is too late for it.
func (d *Desk) beginSurvey(t *store.Tx, c *store.Conversation) error {
	f, err := d.Facts.Of(t)
	if err != nil {
		return err
	}
	first, ok := f.Begin(c, "", t.Now)
	_, err = t.Live(c.Contact, c.Line)
	if err != nil && !store.IsNone(err) {
		return err
	}
	live := err == nil
	line, err := readLineFacts(t, c.Line)
	if err != nil {
		return err
	}
	blocked, err := blocked(t, c.Contact)
	if err != nil {
		return err
	}
	if !ok || live || line.Paused || blocked || t.Now.Sub(c.WakeAt.Time()) > surveyStale {
		return endSurvey(t, c)
	}
	return d.step(t, c, f, line, first, flows.Start{})
}

// endSurvey leaves the conversation closed, as it was before.
func endSurvey(t *store.Tx, c *store.Conversation) error {
	before := *c
	leaveFlow(c, store.StatusClosed, t.Now)
	return t.Save(c, before)
}

// surveyOpen is the closed conversation whose survey waits for the customer; sql.ErrNoRows when there is none.
func surveyOpen(t *store.Tx, contact, line string) (*store.Conversation, error) {
	c, err := lastClosed(t, contact, line)
	if err == nil && !(c.InFlow() && c.FlowSession().Started()) {
		return nil, sql.ErrNoRows
	}
	return c, err
}

// takeUp opens a closed conversation again because its survey leads to people: those of the area that the flow names, else
// whoever had it.
func (d *Desk) takeUp(t *store.Tx, c *store.Conversation, h Handover) error {
	before := *c
	if err := move(c, causeReopen); err != nil {
		return err
	}
	unclose(c, t.Now)
	c.WaitingSince, c.Unread, c.Priority = store.Stamp(t.Now), 1, h.Priority
	area, err := activeArea(t, h.Area)
	if err != nil {
		return err
	}
	user := h.User
	switch {
	case area != nil && area.ID != c.Area:
		c.Area = area.ID
	case user == "":
		user = before.Assignee
	}
	if err := t.Save(c, before); err != nil {
		return err
	}
	if err := t.Event(c, "reopened", store.ByContact, nil); err != nil {
		return err
	}
	if err := t.Event(c, "handover", store.ByFlow, handedOver{c.Area, h.Reason, h.Priority}); err != nil {
		return err
	}
	if err := d.note(t, c, store.ByFlow, h.Note); err != nil {
		return err
	}
	return d.give(t, c, user, store.BySystem)
}

// patience is how long a customer may be silent in a flow that says nothing of it: as long as with a person. Where nobody is
// ever closed for silence it is a day, because a flow must not wait for ever.
func (d *Desk) patience() time.Duration {
	if minutes := d.Settings.Get().AutoCloseMinutes; minutes > 0 {
		return time.Duration(minutes) * time.Minute
	}
	return 24 * time.Hour
}
