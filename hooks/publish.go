package hooks

import "fmt"

// The realtime events that a conversation's changes become.
const (
	eventConversation = "conversation:update"
	eventIncoming     = "conversation:incoming"           // somebody has it now who had it not
	eventClosed       = "conversation:closed"             //
	eventPending      = "conversation:pending_assignment" // it waits, and nobody has it; or nobody answers
	eventMessageNew   = "message:new"
	eventMessage      = "message:update" // it was there before
)

// change is one thing that a cause did to a thread, in order.
type change struct {
	message *Message
	fresh   bool // new, not changed
	event   *eventRow
}

// changed notes a message that agents must see anew. One that a cause writes and changes again is shown once.
func (t *Tx) changed(m *Message, fresh bool) {
	if m.Pos == 0 {
		return
	}
	for i := range t.changes {
		if old := t.changes[i].message; old != nil && old.ID == m.ID {
			t.changes[i].message = m
			return
		}
	}
	t.changes = append(t.changes, change{message: m, fresh: fresh})
}

// touch is a conversation that a cause changed: how it was before the first change, and the row as it is now.
type touch struct {
	before Conversation
	now    *Conversation
}

func (t *Tx) touch(c *Conversation, before Conversation) {
	if old := t.touched(c.ID); old != nil {
		old.now = c
		return
	}
	t.touches = append(t.touches, touch{before, c})
}

// touched is nil when this cause has not changed the conversation. Causes touch one or two, so a list will do.
func (t *Tx) touched(id string) *touch {
	for i := range t.touches {
		if t.touches[i].now.ID == id {
			return &t.touches[i]
		}
	}
	return nil
}

// settle turns what the cause changed into events, once, when it has done everything else. It runs inside the
// transaction, so that what agents get is what was committed.
func settle(t *Tx) error {
	if err := settleThreads(t); err != nil {
		return fmt.Errorf("show messages: %w", err)
	}
	if err := settleConversations(t); err != nil {
		return fmt.Errorf("show conversations: %w", err)
	}
	return nil
}

func settleConversations(t *Tx) error {
	if len(t.touches) == 0 {
		return nil
	}
	rows := make([]Conversation, len(t.touches))
	for i, touch := range t.touches {
		rows[i] = *touch.now
	}
	views, err := viewConversations(t.DB(), everyone, rows)
	if err != nil {
		return err
	}
	for i, touch := range t.touches {
		before, now := touch.before, touch.now
		e := Event{Name: eventConversation, Cursor: now.Seq, Data: views[i], ID: now.ID,
			Conversation: true, Area: now.Area, Assignee: now.Assignee}
		e.Moved = before.Status != "" && (before.Area != now.Area || before.Assignee != now.Assignee)
		e.FromArea, e.FromAssignee = before.Area, before.Assignee
		t.Publish(e)
		e.Moved, e.FromArea, e.FromAssignee = false, "", ""
		for _, name := range milestones(before, *now) {
			e.Name = name
			t.Publish(e)
		}
	}
	return nil
}

// milestones names what agents are alerted to, besides the plain update.
func milestones(before, now Conversation) (names []string) {
	if now.Assignee != "" && now.Assignee != before.Assignee {
		names = append(names, eventIncoming)
	}
	escalated := !now.EscalatedAt.IsZero() && before.EscalatedAt.IsZero()
	waits := func(c Conversation) bool {
		return c.Status == statusWaiting && c.Assignee == "" && !c.WaitingSince.IsZero()
	}
	if escalated || waits(now) && (!waits(before) || now.Area != before.Area) {
		names = append(names, eventPending)
	}
	if now.Status == statusClosed && before.Status != statusClosed {
		names = append(names, eventClosed)
	}
	return names
}

// sight is who may see a conversation.
type sight struct {
	ID       string `db:"id"`
	Area     string `db:"area"`
	Assignee string `db:"assignee"`
}

func settleThreads(t *Tx) error {
	if len(t.changes) == 0 {
		return nil
	}
	sights, err := sights(t)
	if err != nil {
		return err
	}
	var rows []Message
	for _, ch := range t.changes {
		if ch.message != nil {
			rows = append(rows, *ch.message)
		}
	}
	views, err := viewMessages(t.DB(), everyone, rows)
	if err != nil {
		return err
	}
	for _, ch := range t.changes {
		e := Event{Name: eventMessageNew, Conversation: true}
		if ch.event != nil {
			e.ID, e.Cursor, e.Data = ch.event.Conversation, ch.event.Pos, viewEvent(ch.event)
		} else {
			e.ID, e.Cursor, e.Data = views[0].Conversation, views[0].Cursor, views[0]
			views = views[1:]
			if !ch.fresh {
				e.Name = eventMessage
			}
		}
		e.Area, e.Assignee = sights[e.ID].Area, sights[e.ID].Assignee
		t.Publish(e)
	}
	return nil
}

// sights tells who may see the conversations whose threads changed; those that this cause did not touch are looked up.
func sights(t *Tx) (map[string]sight, error) {
	known := map[string]sight{}
	var missing []any
	for _, ch := range t.changes {
		id := ""
		if ch.event != nil {
			id = ch.event.Conversation
		} else {
			id = ch.message.Conversation
		}
		if _, ok := known[id]; ok {
			continue
		}
		if touch := t.touched(id); touch != nil {
			known[id] = sight{id, touch.now.Area, touch.now.Assignee}
			continue
		}
		known[id] = sight{ID: id}
		missing = append(missing, id)
	}
	rows, err := whereIn[sight](t.DB(), "conversations", "id", missing, "id", "area", "assignee")
	for _, r := range rows {
		known[r.ID] = r
	}
	return known, err
}
