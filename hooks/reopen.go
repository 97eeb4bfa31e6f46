package hooks

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

// forCustomer finds the conversation that a customer's message belongs to: the live one; else the last one, opened
// again, when people closed it within the reopen window; else a new one with the bot. fresh tells the last case.
func (d *Desk) forCustomer(t *Tx, contact, line string) (c *Conversation, fresh bool, err error) {
	c, err = t.live(contact, line)
	if err == nil || !errors.Is(err, sql.ErrNoRows) {
		return c, false, err
	}
	c, err = d.reopenable(t, contact, line)
	if err != nil {
		return nil, false, err
	}
	if c != nil {
		return c, false, d.reopen(t, c, byContact)
	}
	c = &Conversation{Line: line, Contact: contact, Status: statusBot}
	return c, true, t.create(c)
}

const lastQuery = `SELECT * FROM conversations WHERE contact = {:contact} AND line = {:line} AND status = 'closed' ORDER BY closedAt DESC, id DESC LIMIT 1`

// lastClosed is the contact's conversation on the line that was closed last; sql.ErrNoRows when there is none.
func lastClosed(t *Tx, contact, line string) (*Conversation, error) {
	c := new(Conversation)
	return c, t.DB().NewQuery(lastQuery).Bind(dbx.Params{"contact": contact, "line": line}).One(c)
}

// reopenable is the contact's last conversation on the line if it may go on; nil when it may not.
func (d *Desk) reopenable(t *Tx, contact, line string) (*Conversation, error) {
	window := time.Duration(d.Settings().ReopenMinutes) * time.Minute
	c, err := lastClosed(t, contact, line)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("find the last conversation: %w", err)
	case !hadPeople(c) || c.ClosedBy == byFlow: // the menu again is what helps
		return nil, nil
	case t.Now.Sub(c.ClosedAt.Time()) >= window:
		return nil, nil
	}
	return c, nil
}

// hadPeople tells whether a person has it, or ever answered: one that is given back has no assignee any more.
func hadPeople(c *Conversation) bool { return c.Assignee != "" || !c.FirstReplyAt.IsZero() }

// reopen lets a closed conversation go on: with whoever opens it; when the customer does, with the person who had it if
// they can take it, else in the line of its area.
func (d *Desk) reopen(t *Tx, c *Conversation, actor string) error {
	before := *c
	if err := move(c, causeReopen); err != nil {
		return err
	}
	had := c.Assignee
	unclose(c, t.Now)
	if err := t.save(c, before); err != nil {
		return err
	}
	if err := t.event(c, "reopened", actor, nil); err != nil {
		return err
	}
	if byPerson(actor) && actor != byPhone { // who opens it again takes it on
		return assign(t, c, actor, actor)
	}
	return d.give(t, c, had, bySystem)
}

// unclose takes back what closing wrote, and ends the survey that followed.
func unclose(c *Conversation, now time.Time) {
	c.Assignee, c.ClosedAt, c.ClosedBy, c.CloseReason = "", types.DateTime{}, "", ""
	c.AwayAt = types.DateTime{}
	leaveFlow(c, statusClosed, now)
}
