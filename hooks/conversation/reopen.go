package conversation

import (
	"fmt"
	"time"

	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

// ForCustomer finds the conversation that a customer's message belongs to: the live one; else the last one, opened
// again, when people closed it within the reopen window; else a new one with the bot. fresh tells the last case.
func (s *Conversations) ForCustomer(t *store.Tx, contact, line string) (c *store.Conversation, fresh bool, err error) {
	c, err = t.Live(contact, line)
	if err == nil || !store.IsNone(err) {
		return c, false, err
	}
	c, err = s.reopenable(t, contact, line)
	if err != nil {
		return nil, false, err
	}
	if c != nil {
		return c, false, s.ReopenIn(t, c, store.ByContact)
	}
	c = &store.Conversation{Line: line, Contact: contact, Status: store.StatusBot}
	return c, true, t.Create(c)
}

const LastQuery = `SELECT * FROM conversations WHERE contact = {:contact} AND line = {:line} AND status = 'closed' ORDER BY closedAt DESC, id DESC LIMIT 1`

// LastClosed is the contact's conversation on the line that was closed last; sql.ErrNoRows when there is none.
func LastClosed(t *store.Tx, contact, line string) (*store.Conversation, error) {
	c := new(store.Conversation)
	return c, t.DB().NewQuery(LastQuery).Bind(dbx.Params{"contact": contact, "line": line}).One(c)
}

// reopenable is the contact's last conversation on the line if it may go on; nil when it may not.
func (s *Conversations) reopenable(t *store.Tx, contact, line string) (*store.Conversation, error) {
	window := time.Duration(s.Settings.Get().ReopenMinutes) * time.Minute
	c, err := LastClosed(t, contact, line)
	switch {
	case store.IsNone(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("find the last conversation: %w", err)
	case !hadPeople(c) || c.ClosedBy == store.ByFlow: // the menu again is what helps
		return nil, nil
	case t.Now.Sub(c.ClosedAt.Time()) >= window:
		return nil, nil
	}
	return c, nil
}

// hadPeople tells whether a person has it, or ever answered: one that is given back has no assignee any more.
func hadPeople(c *store.Conversation) bool { return c.Assignee != "" || !c.FirstReplyAt.IsZero() }

// ReopenIn lets a closed conversation go on: with whoever opens it; when the customer does, with the person who had it if
// they can take it, else in the line of its area.
func (s *Conversations) ReopenIn(t *store.Tx, c *store.Conversation, actor string) error {
	before := *c
	if err := Move(c, CauseReopen); err != nil {
		return err
	}
	had := c.Assignee
	unclose(c, t.Now)
	if err := t.Save(c, before); err != nil {
		return err
	}
	if err := t.Event(c, "reopened", actor, nil); err != nil {
		return err
	}
	if store.ByPerson(actor) && actor != store.ByPhone { // who opens it again takes it on
		return assign(t, c, actor, actor)
	}
	return s.give(t, c, had, store.BySystem)
}

// unclose takes back what closing wrote, and ends the survey that followed.
func unclose(c *store.Conversation, now time.Time) {
	c.Assignee, c.ClosedAt, c.ClosedBy, c.CloseReason = "", types.DateTime{}, "", ""
	c.AwayAt = types.DateTime{}
	LeaveFlow(c, store.StatusClosed, now)
}
