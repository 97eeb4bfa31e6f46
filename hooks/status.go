package hooks

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

// cause is what can happen to a conversation's status.
type cause string

const (
	causeHandover cause = "handover" // the flow gives it to people
	causeClaim    cause = "claim"    // somebody takes it
	causeAssign   cause = "assign"   // routing, or a colleague, gives it to somebody
	causeTransfer cause = "transfer" // to another area or person; an assignment may follow
	causeReturn   cause = "return"   // back into the line
	causeClose    cause = "close"
	causeQuiet    cause = "goes quiet" // nobody has written for long, and ours was the last word
	causeCustomer cause = "customer writes"
	causeReopen   cause = "reopen" // a closed one goes on
	causeFlow     cause = "flow"   // somebody gives it to the bot
)

// moves is the whole of it: what a status becomes by a cause. What is not here cannot happen.
var moves = map[string]map[cause]string{
	store.StatusBot: {causeHandover: store.StatusWaiting, causeClaim: store.StatusOpen, causeTransfer: store.StatusWaiting,
		causeClose: store.StatusClosed, causeCustomer: store.StatusBot, causeQuiet: store.StatusBot, causeFlow: store.StatusBot},
	store.StatusWaiting: {causeClaim: store.StatusOpen, causeAssign: store.StatusOpen, causeTransfer: store.StatusWaiting,
		causeClose: store.StatusClosed, causeCustomer: store.StatusWaiting, causeQuiet: store.StatusWaiting, causeFlow: store.StatusBot},
	store.StatusOpen: {causeTransfer: store.StatusWaiting, causeReturn: store.StatusWaiting,
		causeClose: store.StatusClosed, causeCustomer: store.StatusOpen, causeQuiet: store.StatusClosed, causeFlow: store.StatusBot},
	store.StatusClosed: {causeReopen: store.StatusWaiting}, // an assignment may follow
}

// move changes the status, or refuses.
func move(c *store.Conversation, why cause) error {
	to, ok := moves[c.Status][why]
	if !ok {
		return refuseMove(c, why)
	}
	c.Status = to
	switch why {
	case causeReopen: // nobody has answered by closing
		c.WaitingSince = c.WaitedSince
	case causeFlow:
		c.WaitedSince = types.DateTime{}
	}
	return nil
}

func refuseMove(c *store.Conversation, why cause) *api.Refusal {
	switch {
	case c.Status == store.StatusClosed:
		return api.Refuse(409, api.CodeClosed)
	case why == causeReopen:
		return api.Refuse(409, api.CodeNotClosed)
	case why == causeReturn:
		return api.Refuse(409, api.CodeNotOpen)
	case why == causeClaim || why == causeAssign:
		return api.Refuse(409, api.CodeTaken)
	}
	return api.Refuse(409, api.CodeNotPossible)
}

// leaveFlow takes the conversation out of its flow: from now on the customer waits for a person.
func leaveFlow(c *store.Conversation, was string, now time.Time) {
	if was == store.StatusBot && c.WaitingSince.IsZero() {
		c.WaitingSince = store.Stamp(now)
	}
	c.Flow, c.Version, c.Session, c.WakeAt = "", 0, nil, types.DateTime{}
}

// Handover gives a conversation to people. The zero Handover means: whoever is responsible by default.
type Handover struct {
	Area     string // id or key; empty, unknown or inactive: the contact's preferred area, else the desk's default
	User     string // only if that person can take it now
	Reason   string // a code
	Note     string // for whoever takes it
	Priority int    // higher first
	Unasked  bool   // the customer has written nothing: nobody is called until they do
	Actor    string // empty: the flow
}

// handover takes a conversation from the bot and finds it an area and, if it can, a person. It always succeeds in
// leaving the customer with somebody: where no area fits, the conversation waits for an admin.
func (d *Desk) handover(t *store.Tx, c *store.Conversation, h Handover) error {
	before := *c
	if err := move(c, causeHandover); err != nil {
		return fmt.Errorf("hand over conversation %s: %w", c.ID, err)
	}
	if h.Actor == "" {
		h.Actor = store.ByFlow
	}
	leaveFlow(c, before.Status, t.Now)
	if h.Unasked {
		c.WaitingSince = types.DateTime{}
	}
	c.Priority, c.Assignee = h.Priority, ""
	area, err := d.areaFor(t, c, h)
	if err != nil {
		return err
	}
	c.Area = area
	if err := t.Save(c, before); err != nil {
		return err
	}
	if err := t.Event(c, "handover", h.Actor, handedOver{c.Area, h.Reason, h.Priority}); err != nil {
		return err
	}
	if err := d.note(t, c, h.Actor, h.Note); err != nil || h.Unasked {
		return err
	}
	if before.Area != c.Area {
		return d.give(t, c, h.User, h.Actor)
	}
	return d.give(t, c, cmp.Or(h.User, before.Assignee), h.Actor) // whoever gave it to the flow gets it back
}

// give assigns a waiting conversation to a person if they can take it now, else to whoever the area's policy finds.
func (d *Desk) give(t *store.Tx, c *store.Conversation, user, actor string) error {
	if user != "" {
		if free, err := free(t, user); err != nil {
			return err
		} else if free {
			return assign(t, c, user, actor)
		}
	}
	return d.route(t, c, "")
}

// handedOver is an event's data.
type handedOver struct {
	Area     string `json:"area,omitempty"`
	Reason   string `json:"reason,omitempty"`
	Priority int    `json:"priority,omitempty"`
}

// areaFor finds the area that a handover means, active ones only: the one named, the named person's, the one it is in,
// the contact's, the desk's. Empty: none of them.
func (d *Desk) areaFor(t *store.Tx, c *store.Conversation, h Handover) (string, error) {
	var preferred string
	err := t.DB().Select("preferredArea").From("contacts").Where(dbx.HashExp{"id": c.Contact}).Row(&preferred)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("read the preferred area: %w", err)
	}
	home, err := homeOf(t, h.User)
	if err != nil {
		return "", err
	}
	for _, name := range []string{h.Area, home, c.Area, preferred, d.Settings.Get().DefaultArea} {
		if a, err := activeArea(t, name); err != nil || a != nil {
			return a.id(), err
		}
	}
	return "", nil
}

// assign gives a waiting conversation to a person.
func assign(t *store.Tx, c *store.Conversation, user, actor string) error {
	before := *c
	if err := move(c, causeAssign); err != nil {
		return err
	}
	return taken(t, c, before, user, actor)
}

// taken writes that user has it now; the status has moved already.
func taken(t *store.Tx, c *store.Conversation, before store.Conversation, user, actor string) error {
	leaveFlow(c, before.Status, t.Now)
	c.Assignee, c.AssignedAt, c.QuietFrom, c.SnoozedUntil = user, store.Stamp(t.Now), store.Stamp(t.Now), types.DateTime{}
	if err := t.Save(c, before); err != nil {
		return err
	}
	if err := assignedNow(t, user); err != nil {
		return err
	}
	return t.Event(c, "assigned", actor, map[string]string{"user": user})
}

// transfer moves a live conversation to an area (routing looks for somebody) or to a person of it.
func (d *Desk) transfer(t *store.Tx, c *store.Conversation, area, user, note, actor string) error {
	before := *c
	if err := move(c, causeTransfer); err != nil {
		return err
	}
	leaveFlow(c, before.Status, t.Now)
	c.Area, c.Assignee, c.SnoozedUntil, c.EscalatedAt = area, "", types.DateTime{}, types.DateTime{}
	if err := t.Save(c, before); err != nil {
		return err
	}
	if err := t.Event(c, "transferred", actor, map[string]string{"area": area, "user": user, "from": before.Area}); err != nil {
		return err
	}
	if err := d.note(t, c, actor, note); err != nil {
		return err
	}
	var err error
	if user != "" {
		err = assign(t, c, user, actor)
	} else {
		err = d.line(t, c, before.Assignee)
	}
	if err != nil || before.Assignee == c.Assignee {
		return err
	}
	return freed(t, before.Assignee, c.ID)
}

// giveBack puts an open conversation back into the line of its area; whoever gives it back does not get it at once again.
func (d *Desk) giveBack(t *store.Tx, c *store.Conversation, actor string) error {
	before := *c
	if err := move(c, causeReturn); err != nil {
		return err
	}
	c.Assignee, c.SnoozedUntil = "", types.DateTime{} // one that is snoozed has no place in the line
	if err := t.Save(c, before); err != nil {
		return err
	}
	if err := t.Event(c, "returned", actor, nil); err != nil {
		return err
	}
	if err := d.line(t, c, before.Assignee); err != nil {
		return err
	}
	return freed(t, before.Assignee, c.ID)
}

// line puts a conversation into the line of its area: somebody gets it at once, or the customer waits from now on, also one
// who had an answer.
func (d *Desk) line(t *store.Tx, c *store.Conversation, except string) error {
	if err := d.route(t, c, except); err != nil || c.Status != store.StatusWaiting || !c.WaitingSince.IsZero() {
		return err
	}
	before := *c
	c.WaitingSince = store.Stamp(t.Now)
	return t.Save(c, before)
}

// shut ends a conversation, after a last message to the customer if there is one. why is close or goes quiet.
func (d *Desk) shut(t *store.Tx, c *store.Conversation, why cause, by, reason, goodbye string) error {
	if to := moves[c.Status][why]; to != store.StatusClosed {
		return refuseMove(c, why)
	}
	blocked, err := blocked(t, c.Contact)
	if err != nil {
		return err
	}
	if goodbye != "" && !blocked {
		if err := d.say(t, c, by, goodbye); err != nil {
			return err
		}
	}
	before := *c
	c.Status = store.StatusClosed
	leaveFlow(c, before.Status, t.Now)
	c.ClosedAt, c.ClosedBy, c.CloseReason = store.Stamp(t.Now), by, reason
	c.Unread, c.SnoozedUntil = 0, types.DateTime{}
	leaveWaiting(c)
	survey, err := d.surveyAt(t, c)
	if err != nil {
		return err
	}
	c.WakeAt = survey
	if err := t.Save(c, before); err != nil {
		return err
	}
	if err := t.Event(c, "closed", by, map[string]string{"reason": reason}); err != nil {
		return err
	}
	return freed(t, c.Assignee, "")
}

// close ends a conversation. by is who did it: a user's id, flow or system.
func (d *Desk) close(t *store.Tx, c *store.Conversation, by, reason, goodbye string) error {
	return d.shut(t, c, causeClose, by, reason, goodbye)
}
