package store

// change is one thing that a cause did to a thread, in order.
type change struct {
	Message *Message
	Fresh   bool // new, not changed
	Event   *EventRow
}

// Changed notes a message that agents must see anew. One that a cause writes and changes again is shown once.
func (t *Tx) Changed(m *Message, fresh bool) {
	if m.Pos == 0 {
		return
	}
	for i := range t.Changes {
		if old := t.Changes[i].Message; old != nil && old.ID == m.ID {
			t.Changes[i].Message = m
			return
		}
	}
	t.Changes = append(t.Changes, change{Message: m, Fresh: fresh})
}

// touch is a conversation that a cause changed: how it was before the first change, and the row as it is now.
type touch struct {
	Before Conversation
	Now    *Conversation
}

func (t *Tx) touch(c *Conversation, before Conversation) {
	if old := t.Touched(c.ID); old != nil {
		old.Now = c
		return
	}
	t.Touches = append(t.Touches, touch{before, c})
}

// Touched is nil when this cause has not changed the conversation. Causes touch one or two, so a list will do.
func (t *Tx) Touched(id string) *touch {
	for i := range t.Touches {
		if t.Touches[i].Now.ID == id {
			return &t.Touches[i]
		}
	}
	return nil
}
