package view

import (
	"fmt"

	"mostrador/hooks/store"
)

// Settle turns what the cause changed into events, once, when it has done everything else. It runs inside the
// transaction, so that what agents get is what was committed.
func Settle(t *store.Tx) error {
	if err := settleThreads(t); err != nil {
		return fmt.Errorf("show messages: %w", err)
	}
	if err := settleConversations(t); err != nil {
		return fmt.Errorf("show conversations: %w", err)
	}
	return nil
}

func settleConversations(t *store.Tx) error {
	if len(t.Touches) == 0 {
		return nil
	}
	rows := make([]store.Conversation, len(t.Touches))
	for i, touch := range t.Touches {
		rows[i] = *touch.Now
	}
	views, err := Conversations(t.DB(), Everyone, rows)
	if err != nil {
		return err
	}
	for i, touch := range t.Touches {
		before, now := touch.Before, touch.Now
		e := store.Event{Name: store.EventConversation, Cursor: now.Seq, Data: views[i], ID: now.ID,
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
func milestones(before, now store.Conversation) (names []string) {
	if now.Assignee != "" && now.Assignee != before.Assignee {
		names = append(names, store.EventIncoming)
	}
	escalated := !now.EscalatedAt.IsZero() && before.EscalatedAt.IsZero()
	waits := func(c store.Conversation) bool {
		return c.Status == store.StatusWaiting && c.Assignee == "" && !c.WaitingSince.IsZero()
	}
	if escalated || waits(now) && (!waits(before) || now.Area != before.Area) {
		names = append(names, store.EventPending)
	}
	if now.Status == store.StatusClosed && before.Status != store.StatusClosed {
		names = append(names, store.EventClosed)
	}
	return names
}

// sight is who may see a conversation.
type sight struct {
	ID       string `db:"id"`
	Area     string `db:"area"`
	Assignee string `db:"assignee"`
}

func settleThreads(t *store.Tx) error {
	if len(t.Changes) == 0 {
		return nil
	}
	sights, err := sights(t)
	if err != nil {
		return err
	}
	var rows []store.Message
	for _, ch := range t.Changes {
		if ch.Message != nil {
			rows = append(rows, *ch.Message)
		}
	}
	views, err := Messages(t.DB(), Everyone, rows)
	if err != nil {
		return err
	}
	for _, ch := range t.Changes {
		e := store.Event{Name: store.EventMessageNew, Conversation: true}
		if ch.Event != nil {
			e.ID, e.Cursor, e.Data = ch.Event.Conversation, ch.Event.Pos, viewEvent(ch.Event)
		} else {
			e.ID, e.Cursor, e.Data = views[0].Conversation, views[0].Cursor, views[0]
			views = views[1:]
			if !ch.Fresh {
				e.Name = store.EventMessage
			}
		}
		e.Area, e.Assignee = sights[e.ID].Area, sights[e.ID].Assignee
		t.Publish(e)
	}
	return nil
}

// sights tells who may see the conversations whose threads changed; those that this cause did not touch are looked up.
func sights(t *store.Tx) (map[string]sight, error) {
	known := map[string]sight{}
	var missing []any
	for _, ch := range t.Changes {
		id := ""
		if ch.Event != nil {
			id = ch.Event.Conversation
		} else {
			id = ch.Message.Conversation
		}
		if _, ok := known[id]; ok {
			continue
		}
		if touch := t.Touched(id); touch != nil {
			known[id] = sight{id, touch.Now.Area, touch.Now.Assignee}
			continue
		}
		known[id] = sight{ID: id}
		missing = append(missing, id)
	}
	rows, err := store.WhereIn[sight](t.DB(), "conversations", "id", missing, "id", "area", "assignee")
	for _, r := range rows {
		known[r.ID] = r
	}
	return known, err
}
