package hooks

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"

	"github.com/pocketbase/pocketbase/tools/types"
)

// TableName tells dbx where a row lives.
func (Conversation) TableName() string { return "conversations" }

// TableName tells dbx where a row lives.
func (Message) TableName() string { return "messages" }

const kindNote = "note" // an internal note among the message kinds

// conversation reads one; sql.ErrNoRows when there is none. Change the row and give it to save with a copy of how it was.
func (t *Tx) conversation(id string) (*Conversation, error) {
	return one[Conversation](t.sql(), "SELECT * FROM conversations WHERE id = ?", id)
}

const liveQuery = `SELECT * FROM conversations WHERE contact = ? AND line = ? AND status != 'closed'`

// live is the conversation that a contact has on a line right now; sql.ErrNoRows when there is none.
func (t *Tx) live(contact, line string) (*Conversation, error) {
	return one[Conversation](t.sql(), liveQuery, contact, line)
}

// create writes a new conversation. Status, line and contact must be set; the rest is filled in.
func (t *Tx) create(c *Conversation) error {
	c.ID = newID(t.Now)
	c.Seq = t.Seq()
	if c.StartedAt.IsZero() {
		c.StartedAt = stamp(t.Now)
	}
	if c.LastAt.IsZero() {
		c.LastAt = c.StartedAt
	}
	if err := t.insert(c); err != nil {
		return fmt.Errorf("create conversation: %w", err)
	}
	t.touch(c, Conversation{ID: c.ID})
	return nil
}

// save writes what differs from before under a new seq. Agents hear of it once per cause, with everything else that the
// cause changed; those who lost sight of the conversation hear that it is gone.
func (t *Tx) save(c *Conversation, before Conversation) error {
	fields := differing(*c, before)
	if len(fields) == 0 {
		return nil
	}
	c.Seq = t.Seq()
	if err := t.update(c, append(fields, "Seq")...); err != nil {
		return fmt.Errorf("save conversation %s: %w", c.ID, err)
	}
	if d, line := t.desk, c.Line; c.ReadPos > before.ReadPos && d.onRead != nil {
		t.After(func() { d.onRead(line) })
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

// addMessage writes a message that happened now and keeps the conversation's preview, unread count and waiting time.
// Id, conversation, contact, line, pos and seq are filled in; sentAt and state too when they are empty.
//
// A reaction, an edit or a revoke of ours has no place in the conversation (pos 0): it only travels through the outbox.
func (d *Desk) addMessage(t *Tx, c *Conversation, m *Message) error {
	if err := t.insertMessage(c, m); err != nil {
		return err
	}
	if m.Pos == 0 || m.Kind == kindNote {
		return nil
	}
	before := *c
	countMessage(c, m)
	return d.counted(t, c, before)
}

// counted writes what a message changed about its conversation; a customer who writes wakes it.
func (d *Desk) counted(t *Tx, c *Conversation, before Conversation) error {
	if err := t.save(c, before); err != nil {
		return err
	}
	return d.woken(t, c, before)
}

func (t *Tx) insertMessage(c *Conversation, m *Message) error {
	m.ID = cmp.Or(m.ID, newID(t.Now))
	m.Conversation, m.Contact, m.Line = c.ID, c.Contact, c.Line
	m.Seq = t.Seq()
	if m.Direction == "in" || !changesAnother(m.Kind) {
		m.Pos = m.Seq
	}
	if m.SentAt.IsZero() {
		m.SentAt = stamp(t.Now)
	}
	if m.State == "" {
		m.State = map[string]string{"in": "received", "out": "queued"}[m.Direction]
	}
	if err := t.bound(m); err != nil {
		return err
	}
	if err := t.insert(m); err != nil {
		return fmt.Errorf("add message: %w", err)
	}
	t.changed(m, true)
	t.nudge(m)
	return nil
}

// nudge wakes the loop that has to do with a message, after the commit. A loop that misses it finds the row by itself.
func (t *Tx) nudge(m *Message) {
	if d := t.desk; m.Pending && d.onPending != nil {
		t.After(func() {
			if !t.followed {
				d.onPending()
			}
		})
	} else if m.Outbox && d.onQueued != nil {
		line := m.Line
		t.After(func() { d.onQueued(line) })
	}
}

// changesAnother tells kinds that have no bubble of their own.
func changesAnother(kind string) bool {
	return kind == "reaction" || kind == "edit" || kind == "revoke"
}

// byPerson tells whether a person of the desk wrote it, here or on the phone.
func byPerson(author string) bool {
	return author != byContact && author != byFlow && author != bySystem
}

// countMessage carries a message into the conversation's preview and counters.
func countMessage(c *Conversation, m *Message) {
	c.LastMessage, c.LastKind, c.LastAuthor, c.LastText = m.ID, m.Kind, m.Author, preview(m.Text)
	if m.SentAt.Time().After(c.LastAt.Time()) {
		c.LastAt = m.SentAt
	}
	switch {
	case m.Direction == "in" && c.Status == statusClosed: // an answer to the survey: nobody has to read it
	case m.Direction == "in":
		c.Unread++
		c.SnoozedUntil = types.DateTime{}
		if c.WaitingSince.IsZero() && c.Status != statusBot {
			c.WaitingSince = m.SentAt
		}
	case byPerson(m.Author):
		c.Unread, c.ReadPos = 0, m.Pos
		if !m.planned() { // that one is an answer when it leaves
			answered(c, m)
		}
	}
}

// preview is the beginning of a text on one line, at most 200 characters.
func preview(text string) string {
	if len(text) > 4*200 {
		text = strings.ToValidUTF8(text[:4*200], "")
	}
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > 200 {
		return string(r[:199]) + "…"
	}
	return text
}

// updateMessage writes a changed message under a new seq.
func (t *Tx) updateMessage(m *Message) error {
	m.Seq = t.Seq()
	if err := t.bound(m); err != nil {
		return err
	}
	if err := t.update(m); err != nil {
		return fmt.Errorf("update message %s: %w", m.ID, err)
	}
	t.changed(m, false)
	t.nudge(m)
	return nil
}

// retell is updateMessage for a message that now reads differently (edited, taken back, readable at last): the
// conversation's preview follows.
func (t *Tx) retell(c *Conversation, m *Message) error {
	if err := t.updateMessage(m); err != nil {
		return err
	}
	if c.LastMessage != m.ID {
		return nil
	}
	before := *c
	c.LastKind, c.LastText = m.Kind, preview(m.Text)
	if !m.RevokedAt.IsZero() {
		c.LastText = ""
	}
	return t.save(c, before)
}

type eventRow struct {
	ID           string         `db:"id"`
	Conversation string         `db:"conversation"`
	Kind         string         `db:"kind"`
	Actor        string         `db:"actor"`
	FromArea     string         `db:"fromArea"`
	FromAssignee string         `db:"fromAssignee"`
	Data         types.JSONRaw  `db:"data"`
	At           types.DateTime `db:"at"`
	Pos          int64          `db:"pos"`
}

// TableName tells dbx where a row lives.
func (eventRow) TableName() string { return "events" }

// event writes an audit row; with a conversation it is also a line between its messages. When this cause moved the
// conversation (save came first), the row remembers from where, so that those who lost it can be told later, too.
func (t *Tx) event(c *Conversation, kind, actor string, data any) error {
	e := &eventRow{ID: newID(t.Now), Kind: kind, Actor: actor, At: stamp(t.Now), Pos: t.Seq()}
	if data != nil {
		e.Data = raw(data)
	}
	if c != nil {
		e.Conversation = c.ID
		if old := t.touched(c.ID); old != nil && (old.before.Area != c.Area || old.before.Assignee != c.Assignee) {
			e.FromArea, e.FromAssignee = old.before.Area, old.before.Assignee
		}
	}
	if err := t.insert(e); err != nil {
		return fmt.Errorf("write event %s: %w", kind, err)
	}
	if c != nil {
		t.changes = append(t.changes, change{event: e})
	}
	return nil
}
