package conversation

import (
	"cmp"
	"fmt"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Cause is what can happen to a conversation's status.
type Cause string

const (
	CauseHandover Cause = "handover" // the flow gives it to people
	CauseClaim    Cause = "claim"    // somebody takes it
	CauseAssign   Cause = "assign"   // routing, or a colleague, gives it to somebody
	CauseTransfer Cause = "transfer" // to another area or person; an assignment may follow
	CauseReturn   Cause = "return"   // back into the line
	CauseClose    Cause = "close"
	CauseQuiet    Cause = "goes quiet" // nobody has written for long, and ours was the last word
	CauseCustomer Cause = "customer writes"
	CauseReopen   Cause = "reopen" // a closed one goes on
	CauseFlow     Cause = "flow"   // somebody gives it to the bot
)

// moves is the whole of it: what a status becomes by a cause. What is not here cannot happen.
var moves = map[string]map[Cause]string{
	store.StatusBot: {CauseHandover: store.StatusWaiting, CauseClaim: store.StatusOpen, CauseTransfer: store.StatusWaiting,
		CauseClose: store.StatusClosed, CauseCustomer: store.StatusBot, CauseQuiet: store.StatusBot, CauseFlow: store.StatusBot},
	store.StatusWaiting: {CauseClaim: store.StatusOpen, CauseAssign: store.StatusOpen, CauseTransfer: store.StatusWaiting,
		CauseClose: store.StatusClosed, CauseCustomer: store.StatusWaiting, CauseQuiet: store.StatusWaiting, CauseFlow: store.StatusBot},
	store.StatusOpen: {CauseTransfer: store.StatusWaiting, CauseReturn: store.StatusWaiting,
		CauseClose: store.StatusClosed, CauseCustomer: store.StatusOpen, CauseQuiet: store.StatusClosed, CauseFlow: store.StatusBot},
	store.StatusClosed: {CauseReopen: store.StatusWaiting}, // an assignment may follow
}

// Move changes the status, or refuses.
func Move(c *store.Conversation, why Cause) error {
	to, ok := moves[c.Status][why]
	if !ok {
		return refuseMove(c, why)
	}
	c.Status = to
	switch why {
	case CauseReopen: // nobody has answered by closing
		c.WaitingSince = c.WaitedSince
	case CauseFlow:
		c.WaitedSince = types.DateTime{}
	}
	return nil
}

func refuseMove(c *store.Conversation, why Cause) *api.Refusal {
	switch {
	case c.Status == store.StatusClosed:
		return ErrClosed
	case why == CauseReopen:
		return ErrNotClosed
	case why == CauseReturn:
		return ErrNotOpen
	case why == CauseClaim || why == CauseAssign:
		return ErrTaken
	}
	return errNotPossible
}

// LeaveFlow takes the conversation out of its flow: from now on the customer waits for a person.
func LeaveFlow(c *store.Conversation, was string, now time.Time) {
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

// Handover takes a conversation from the bot and finds it an area and, if it can, a person. It always succeeds in
// leaving the customer with somebody: where no area fits, the conversation waits for an admin.
func (s *Conversations) Handover(t *store.Tx, c *store.Conversation, h Handover) error {
	before := *c
	if err := Move(c, CauseHandover); err != nil {
		return fmt.Errorf("hand over conversation %s: %w", c.ID, err)
	}
	if h.Actor == "" {
		h.Actor = store.ByFlow
	}
	LeaveFlow(c, before.Status, t.Now)
	if h.Unasked {
		c.WaitingSince = types.DateTime{}
	}
	c.Priority, c.Assignee = h.Priority, ""
	area, err := s.areaFor(t, c, h)
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
	if err := s.Note(t, c, h.Actor, h.Note); err != nil || h.Unasked {
		return err
	}
	if before.Area != c.Area {
		return s.give(t, c, h.User, h.Actor)
	}
	return s.give(t, c, cmp.Or(h.User, before.Assignee), h.Actor) // whoever gave it to the flow gets it back
}

// give assigns a waiting conversation to a person if they can take it now, else to whoever the area's policy finds.
func (s *Conversations) give(t *store.Tx, c *store.Conversation, user, actor string) error {
	if user != "" {
		if free, err := free(t, user); err != nil {
			return err
		} else if free {
			return assign(t, c, user, actor)
		}
	}
	return s.route(t, c, "")
}

// handedOver is an event's data.
type handedOver struct {
	Area     string `json:"area,omitempty"`
	Reason   string `json:"reason,omitempty"`
	Priority int    `json:"priority,omitempty"`
}

// areaFor finds the area that a handover means, active ones only: the one named, the named person's, the one it is in,
// the contact's, the desk's. Empty: none of them.
func (s *Conversations) areaFor(t *store.Tx, c *store.Conversation, h Handover) (string, error) {
	var preferred string
	err := t.DB().Select("preferredArea").From("contacts").Where(dbx.HashExp{"id": c.Contact}).Row(&preferred)
	if err != nil && !store.IsNone(err) {
		return "", fmt.Errorf("read the preferred area: %w", err)
	}
	home, err := homeOf(t, h.User)
	if err != nil {
		return "", err
	}
	for _, name := range []string{h.Area, home, c.Area, preferred, s.Settings.Get().DefaultArea} {
		if a, err := activeArea(t, name); err != nil || a != nil {
			return a.id(), err
		}
	}
	return "", nil
}

// assign gives a waiting conversation to a person.
func assign(t *store.Tx, c *store.Conversation, user, actor string) error {
	before := *c
	if err := Move(c, CauseAssign); err != nil {
		return err
	}
	return nowHas(t, c, before, user, actor)
}

// nowHas writes that user has it now; the status has moved already.
func nowHas(t *store.Tx, c *store.Conversation, before store.Conversation, user, actor string) error {
	LeaveFlow(c, before.Status, t.Now)
	c.Assignee, c.AssignedAt, c.QuietFrom, c.SnoozedUntil = user, store.Stamp(t.Now), store.Stamp(t.Now), types.DateTime{}
	if err := t.Save(c, before); err != nil {
		return err
	}
	if err := assignedNow(t, user); err != nil {
		return err
	}
	return t.Event(c, "assigned", actor, map[string]string{"user": user})
}

// TransferIn moves a live conversation to an area (routing looks for somebody) or to a person of it.
func (s *Conversations) TransferIn(t *store.Tx, c *store.Conversation, area, user, note, actor string) error {
	before := *c
	if err := Move(c, CauseTransfer); err != nil {
		return err
	}
	LeaveFlow(c, before.Status, t.Now)
	c.Area, c.Assignee, c.SnoozedUntil, c.EscalatedAt = area, "", types.DateTime{}, types.DateTime{}
	if err := t.Save(c, before); err != nil {
		return err
	}
	if err := t.Event(c, "transferred", actor, map[string]string{"area": area, "user": user, "from": before.Area}); err != nil {
		return err
	}
	if err := s.Note(t, c, actor, note); err != nil {
		return err
	}
	var err error
	if user != "" {
		err = assign(t, c, user, actor)
	} else {
		err = s.queue(t, c, before.Assignee)
	}
	if err != nil || before.Assignee == c.Assignee {
		return err
	}
	return Freed(t, before.Assignee, c.ID)
}

// GiveBack puts an open conversation back into the queue of its area; whoever gives it back does not get it at once again.
func (s *Conversations) GiveBack(t *store.Tx, c *store.Conversation, actor string) error {
	before := *c
	if err := Move(c, CauseReturn); err != nil {
		return err
	}
	c.Assignee, c.SnoozedUntil = "", types.DateTime{} // one that is snoozed has no place in the queue
	if err := t.Save(c, before); err != nil {
		return err
	}
	if err := t.Event(c, "returned", actor, nil); err != nil {
		return err
	}
	if err := s.queue(t, c, before.Assignee); err != nil {
		return err
	}
	return Freed(t, before.Assignee, c.ID)
}

// queue puts a conversation into the queue of its area: somebody gets it at once, or the customer waits from now on, also one
// who had an answer.
func (s *Conversations) queue(t *store.Tx, c *store.Conversation, except string) error {
	if err := s.route(t, c, except); err != nil || c.Status != store.StatusWaiting || !c.WaitingSince.IsZero() {
		return err
	}
	before := *c
	c.WaitingSince = store.Stamp(t.Now)
	return t.Save(c, before)
}

// shut ends a conversation, after a last message to the customer if there is one. why is close or goes quiet.
func (s *Conversations) shut(t *store.Tx, c *store.Conversation, why Cause, by, reason, goodbye string) error {
	if to := moves[c.Status][why]; to != store.StatusClosed {
		return refuseMove(c, why)
	}
	blocked, err := Blocked(t, c.Contact)
	if err != nil {
		return err
	}
	if goodbye != "" && !blocked {
		if err := s.Say(t, c, by, goodbye); err != nil {
			return err
		}
	}
	before := *c
	c.Status = store.StatusClosed
	LeaveFlow(c, before.Status, t.Now)
	c.ClosedAt, c.ClosedBy, c.CloseReason = store.Stamp(t.Now), by, reason
	c.Unread, c.SnoozedUntil = 0, types.DateTime{}
	leaveWaiting(c)
	survey, err := s.surveyAt(t, c)
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
	return Freed(t, c.Assignee, "")
}

// Close ends a conversation. by is who did it: a user's id, flow or system.
func (s *Conversations) Close(t *store.Tx, c *store.Conversation, by, reason, goodbye string) error {
	return s.shut(t, c, CauseClose, by, reason, goodbye)
}
