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
func (t *Tx) forCustomer(contact, line string) (c *Conversation, fresh bool, err error) {
	c, err = t.live(contact, line)
	if err == nil || !errors.Is(err, sql.ErrNoRows) {
		return c, false, err
	}
	c, err = t.reopenable(contact, line)
	if err != nil {
		return nil, false, err
	}
	if c != nil {
		return c, false, t.reopen(c, byContact)
	}
	c = &Conversation{Line: line, Contact: contact, Status: statusBot}
	return c, true, t.create(c)
}

const lastQuery = `SELECT * FROM conversations WHERE contact = {:contact} AND line = {:line} ORDER BY startedAt DESC, id DESC LIMIT 1`

// reopenable is the contact's last conversation on the line if it may go on; nil when it may not.
func (t *Tx) reopenable(contact, line string) (*Conversation, error) {
	window := time.Duration(t.desk.Settings().ReopenMinutes) * time.Minute
	c := new(Conversation)
	err := t.DB().NewQuery(lastQuery).Bind(dbx.Params{"contact": contact, "line": line}).One(c)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("find the last conversation: %w", err)
	case c.Assignee == "" || c.ClosedBy == byFlow: // no person ever had it: the menu again is what helps
		return nil, nil
	case t.Now.Sub(c.ClosedAt.Time()) >= window:
		return nil, nil
	}
	return c, nil
}

// reopen lets a closed conversation go on: with whoever opens it; when the customer does, with the person who had it if
// they can take it, else in the line of its area.
func (t *Tx) reopen(c *Conversation, actor string) error {
	before := *c
	if err := c.move(causeReopen); err != nil {
		return err
	}
	had := c.Assignee
	c.unclose(t.Now)
	if err := t.save(c, before); err != nil {
		return err
	}
	if err := t.event(c, "reopened", actor, nil); err != nil {
		return err
	}
	if byPerson(actor) && actor != byPhone { // who opens it again takes it on
		return t.assign(c, actor, actor)
	}
	return t.give(c, had, bySystem)
}

// unclose takes back what closing wrote, and ends the survey that followed.
func (c *Conversation) unclose(now time.Time) {
	c.Assignee, c.ClosedAt, c.ClosedBy, c.CloseReason = "", types.DateTime{}, "", ""
	c.AwayAt = types.DateTime{}
	c.leaveFlow(statusClosed, now)
}
