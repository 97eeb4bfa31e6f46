package conversation

import (
	"database/sql"
	"time"

	"mostrador/hooks/store"

	"github.com/pocketbase/pocketbase/tools/types"
)

// A flow that is triggered by the end of a conversation, mostly a survey, runs on the closed conversation: it stays closed
// while the customer answers, and is opened again only when the flow leads to people.
//
//	closed → wakeAt: the survey begins then → session: the customer is asked → closed and done
//	                                                                        ↘ opened again
const (
	SurveyAfter = 10 * time.Second // closing can be undone until then
	SurveyStale = time.Hour        // after a longer stop nobody is asked any more
)

// surveyAt is when the survey of a conversation that is being closed begins; zero: never. Only who talked to a person is
// asked how it was.
func (s *Conversations) surveyAt(t *store.Tx, c *store.Conversation) (types.DateTime, error) {
	if c.FirstReplyAt.IsZero() || c.ClosedBy == store.ByFlow {
		return types.DateTime{}, nil
	}
	f, err := s.Facts.Of(t)
	if err != nil {
		return types.DateTime{}, err
	}
	if _, ok := f.Begin(c, "", t.Now); !ok {
		return types.DateTime{}, nil
	}
	return store.Stamp(t.Now.Add(SurveyAfter)), nil
}

// EndSurvey leaves the conversation closed, as it was before.
func EndSurvey(t *store.Tx, c *store.Conversation) error {
	before := *c
	LeaveFlow(c, store.StatusClosed, t.Now)
	return t.Save(c, before)
}

// SurveyOpen is the closed conversation whose survey waits for the customer; sql.ErrNoRows when there is none.
func SurveyOpen(t *store.Tx, contact, line string) (*store.Conversation, error) {
	c, err := LastClosed(t, contact, line)
	if err == nil && !(c.InFlow() && c.FlowSession().Started()) {
		return nil, sql.ErrNoRows
	}
	return c, err
}

// TakeUp opens a closed conversation again because its survey leads to people: those of the area that the flow names, else
// whoever had it.
func (s *Conversations) TakeUp(t *store.Tx, c *store.Conversation, h Handover) error {
	before := *c
	if err := Move(c, CauseReopen); err != nil {
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
	if err := s.Note(t, c, store.ByFlow, h.Note); err != nil {
		return err
	}
	return s.give(t, c, user, store.BySystem)
}
