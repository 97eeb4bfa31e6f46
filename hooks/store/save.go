package store

import (
	"cmp"
	"fmt"
	"reflect"

	"github.com/pocketbase/dbx"
)

// NameOf is a user's name; empty when there is no such user.
func (t *Tx) NameOf(user string) (string, error) {
	var name string
	err := t.DB().NewQuery("SELECT COALESCE(NULLIF(name, ''), username) FROM users WHERE id = {:id}").Bind(dbx.Params{"id": user}).Row(&name)
	if IsNone(err) {
		return "", nil
	}
	return name, err
}

// Has tells whether a table has a row with this id.
func (t *Tx) Has(table, id string) (has bool, err error) {
	if err := t.First(&has, "SELECT EXISTS (SELECT 1 FROM "+table+" WHERE id = ?)", id); err != nil {
		return false, fmt.Errorf("look for row %s of %s: %w", id, table, err)
	}
	return has, nil
}

// Conversation reads one; sql.ErrNoRows when there is none. Change the row and give it to save with a copy of how it was.
func (t *Tx) Conversation(id string) (*Conversation, error) {
	return One[Conversation](t.SQL(), "SELECT * FROM conversations WHERE id = ?", id)
}

const LiveQuery = `SELECT * FROM conversations WHERE contact = ? AND line = ? AND status != 'closed'`

// Live is the conversation that a contact has on a line right now; sql.ErrNoRows when there is none.
func (t *Tx) Live(contact, line string) (*Conversation, error) {
	return One[Conversation](t.SQL(), LiveQuery, contact, line)
}

// Create writes a new conversation. Status, line and contact must be set; the rest is filled in.
func (t *Tx) Create(c *Conversation) error {
	c.ID = NewID(t.Now)
	c.Seq = t.Seq()
	if c.StartedAt.IsZero() {
		c.StartedAt = Stamp(t.Now)
	}
	if c.LastAt.IsZero() {
		c.LastAt = c.StartedAt
	}
	if err := t.Insert(c); err != nil {
		return fmt.Errorf("create conversation: %w", err)
	}
	t.touch(c, Conversation{ID: c.ID})
	return nil
}

// Save writes what differs from before under a new seq. Agents hear of it once per cause, with everything else that the
// cause changed; those who lost sight of the conversation hear that it is gone.
func (t *Tx) Save(c *Conversation, before Conversation) error {
	fields := differing(*c, before)
	if len(fields) == 0 {
		return nil
	}
	c.Seq = t.Seq()
	if err := t.Update(c, append(fields, "Seq")...); err != nil {
		return fmt.Errorf("save conversation %s: %w", c.ID, err)
	}
	if d, line := t.store, c.Line; c.ReadPos > before.ReadPos && d.Read != nil {
		t.After(func() { d.Read(line) })
	}
	t.touch(c, before)
	return nil
}

// differing lists the fields that are not the same. Writing only those spares the indexes of all the others.
func differing(a, b Conversation) (fields []string) {
	va, vb := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range va.NumField() {
		if name := va.Type().Field(i).Name; name != "Seq" && !reflect.DeepEqual(va.Field(i).Interface(), vb.Field(i).Interface()) {
			fields = append(fields, name)
		}
	}
	return fields
}

func (t *Tx) InsertMessage(c *Conversation, m *Message) error {
	m.ID = cmp.Or(m.ID, NewID(t.Now))
	m.Conversation, m.Contact, m.Line = c.ID, c.Contact, c.Line
	m.Seq = t.Seq()
	if m.Direction == Inbound || !changesAnother(m.Kind) {
		m.Pos = m.Seq
	}
	if m.SentAt.IsZero() {
		m.SentAt = Stamp(t.Now)
	}
	if m.State == "" {
		m.State = map[string]string{Inbound: StateReceived, Outbound: StateQueued}[m.Direction]
	}
	if err := t.Bound(m); err != nil {
		return err
	}
	if err := t.Insert(m); err != nil {
		return fmt.Errorf("add message: %w", err)
	}
	t.Changed(m, true)
	t.nudge(m)
	return nil
}

// nudge wakes the loop that has to do with a message, after the commit. A loop that misses it finds the row by itself.
func (t *Tx) nudge(m *Message) {
	if d := t.store; m.Pending && d.Pending != nil {
		t.After(func() {
			if !t.followed {
				d.Pending()
			}
		})
	} else if m.Outbox && d.Queued != nil {
		line := m.Line
		t.After(func() { d.Queued(line) })
	}
}

// UpdateMessage writes a changed message under a new seq.
func (t *Tx) UpdateMessage(m *Message) error {
	m.Seq = t.Seq()
	if err := t.Bound(m); err != nil {
		return err
	}
	if err := t.Update(m); err != nil {
		return fmt.Errorf("update message %s: %w", m.ID, err)
	}
	t.Changed(m, false)
	t.nudge(m)
	return nil
}

// Retell is updateMessage for a message that now reads differently (edited, taken back, readable at last): the
// conversation's preview follows.
func (t *Tx) Retell(c *Conversation, m *Message) error {
	if err := t.UpdateMessage(m); err != nil {
		return err
	}
	if c.LastMessage != m.ID {
		return nil
	}
	before := *c
	c.LastKind, c.LastText = m.Kind, Preview(m.Text)
	if !m.RevokedAt.IsZero() {
		c.LastText = ""
	}
	return t.Save(c, before)
}

// Event writes an audit row; with a conversation it is also a line between its messages. When this cause moved the
// conversation (save came first), the row remembers from where, so that those who lost it can be told later, too.
func (t *Tx) Event(c *Conversation, kind, actor string, data any) error {
	e := &EventRow{ID: NewID(t.Now), Kind: kind, Actor: actor, At: Stamp(t.Now), Pos: t.Seq()}
	if data != nil {
		e.Data = Raw(data)
	}
	if c != nil {
		e.Conversation = c.ID
		if old := t.Touched(c.ID); old != nil && (old.Before.Area != c.Area || old.Before.Assignee != c.Assignee) {
			e.FromArea, e.FromAssignee = old.Before.Area, old.Before.Assignee
		}
	}
	if err := t.Insert(e); err != nil {
		return fmt.Errorf("write event %s: %w", kind, err)
	}
	if c != nil {
		t.Changes = append(t.Changes, change{Event: e})
	}
	return nil
}

// WakeInbox tells the inbox that something waits.
func (s *Store) WakeInbox() {
	if s.Pending != nil {
		s.Pending()
	}
}

// MessageBy finds a message by WhatsApp's id, which is unique within chat and direction; sql.ErrNoRows for none.
func (t *Tx) MessageBy(waID, line, contact, direction string) (*Message, error) {
	return One[Message](t.SQL(), `SELECT * FROM messages WHERE waId = ? AND waId != '' AND line = ? AND contact = ? AND direction = ?`,
		waID, line, contact, direction)
}

// Message reads one by our own id; sql.ErrNoRows when there is none.
func (t *Tx) Message(id string) (*Message, error) {
	return One[Message](t.SQL(), "SELECT * FROM messages WHERE id = ?", id)
}

// SaveQuietly is save for what no page shows: agents hear nothing of it.
func (t *Tx) SaveQuietly(c *Conversation, before Conversation) error {
	fields := differing(*c, before)
	if len(fields) == 0 {
		return nil
	}
	if err := t.Update(c, fields...); err != nil {
		return fmt.Errorf("keep conversation %s: %w", c.ID, err)
	}
	return nil
}
