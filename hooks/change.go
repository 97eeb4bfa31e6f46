package hooks

import (
	"database/sql"
	"fmt"
	"strings"

	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// changeAnother carries out a reaction, an edit or a revoke on the message that it names. One whose message is not here is
// kept as an event that nobody is shown: nothing that WhatsApp delivered is lost.
func changeAnother(t *Tx, line, contact string, m whatsapp.Message) error {
	if _, err := t.sql().Exec(unreadableChange, m.ID, line, contact, direction(m)); err != nil {
		return fmt.Errorf("forget the unreadable form: %w", err)
	}
	target, err := target(t, line, contact, m)
	if isNone(err) {
		return keepQuiet(t, line, contact, m)
	}
	if err != nil {
		return err
	}
	switch m.Kind {
	case whatsapp.Reaction:
		return react(t, target, m)
	case whatsapp.Edit:
		if !target.RevokedAt.IsZero() || target.EditedAt.Time().After(m.At) {
			return nil
		}
		if err := t.reword(target, m.Text, m.Dropped); err != nil {
			return err
		}
		target.EditedAt = stamp(m.At)
	case whatsapp.Revoke:
		if !target.RevokedAt.IsZero() {
			return nil
		}
		target.RevokedAt = stamp(m.At)
	}
	c, err := t.conversation(target.Conversation)
	if err != nil {
		return err
	}
	return t.retell(c, target)
}

// unreadableChange drops what hid the place of a change that could not be decrypted at first.
const unreadableChange = `DELETE FROM messages WHERE waId = ? AND waId != '' AND line = ? AND contact = ? AND direction = ?
	AND kind = '` + string(whatsapp.Undecryptable) + `' AND pos = 0`

// target is the message that m changes; sql.ErrNoRows when it is not here. People edit and take back only what they wrote
// themselves, and react to either side.
func target(t *Tx, line, contact string, m whatsapp.Message) (*Message, error) {
	target, err := t.messageBy(m.Target, line, contact, direction(m))
	if isNone(err) && (m.Kind == whatsapp.Reaction || m.Kind == whatsapp.Vote) {
		other := whatsapp.Message{FromMe: !m.FromMe}
		target, err = t.messageBy(m.Target, line, contact, direction(other))
	}
	if err == nil && target.Pos == 0 {
		return nil, sql.ErrNoRows
	}
	return target, err
}

// react sets or takes back one side's reaction.
func react(t *Tx, target *Message, m whatsapp.Message) error {
	author := byContact
	if m.FromMe {
		author = byPhone
	}
	if m.Text == "" {
		_, err := t.DB().Delete("reactions", dbx.HashExp{"message": target.ID, "kind": "reaction", "author": author}).Execute()
		if err != nil {
			return fmt.Errorf("take back reaction: %w", err)
		}
		return t.updateMessage(target)
	}
	if err := mark(t, target, "reaction", author, m.Text, nil, m); err != nil {
		return err
	}
	return t.updateMessage(target)
}

// mark writes one side's reaction or vote; a later one replaces it, an older one that comes late does not.
func mark(t *Tx, target *Message, kind, author, emoji string, votes any, m whatsapp.Message) error {
	_, err := t.DB().NewQuery(`INSERT INTO reactions (id, message, author, kind, emoji, votes, at)
		VALUES ({:id}, {:message}, {:author}, {:kind}, {:emoji}, {:votes}, {:at})
		ON CONFLICT (message, kind, author) DO UPDATE SET emoji = excluded.emoji, votes = excluded.votes, at = excluded.at
		WHERE excluded.at >= reactions.at`).
		Bind(dbx.Params{"id": newID(t.Now), "message": target.ID, "author": author, "kind": kind, "emoji": clipEmoji(emoji),
			"votes": raw(votes), "at": stamp(m.At)}).Execute()
	if err != nil {
		return fmt.Errorf("write %s: %w", kind, err)
	}
	return nil
}

// clipEmoji keeps what strangers send as a reaction to what the column holds.
func clipEmoji(s string) string {
	return whatsapp.CutLetters(s, 40)
}

// vote writes an answer to a poll. A row that nobody is shown remembers it: the flow hears it from there, and WhatsApp may
// deliver it twice.
func (d *Desk) vote(t *Tx, line, contact string, m whatsapp.Message) error {
	target, err := target(t, line, contact, m)
	if isNone(err) {
		return keepQuiet(t, line, contact, m)
	}
	if err != nil {
		return err
	}
	author := byContact
	if m.FromMe {
		author = byPhone
	}
	m.Votes = shownVotes(m.Votes)
	if err := mark(t, target, "vote", author, "", m.Votes, m); err != nil {
		return err
	}
	if err := t.updateMessage(target); err != nil {
		return err
	}
	c, err := t.conversation(target.Conversation)
	if err != nil || m.FromMe {
		return err
	}
	row := newRow(m)
	row.ID, row.Conversation, row.Line, row.Contact, row.Seq = newID(t.Now), c.ID, line, contact, t.Seq()
	row.Text, row.Target, row.Pending = strings.Join(m.Votes, "\n"), m.Target, c.inFlow()
	if err := t.bound(row); err != nil {
		return err
	}
	if err := t.insert(row); err != nil {
		return fmt.Errorf("add vote: %w", err)
	}
	if row.Pending {
		t.After(d.wakeInbox)
		return nil
	}
	return d.voted(t, c, target, row)
}

// voted lets a vote that no flow asked for count as the customer's word: somebody has to look at it. One that is taken
// back says nothing, and one on a poll of a closed conversation opens nothing.
func (d *Desk) voted(t *Tx, c *Conversation, poll, vote *Message) error {
	if c.Status == statusClosed || vote.Text == "" {
		return nil
	}
	if blocked, err := blocked(t, c.Contact); err != nil || blocked {
		return err
	}
	before := *c
	countMessage(c, vote)
	c.LastMessage, c.LastKind = poll.ID, poll.Kind // where it is shown
	return d.counted(t, c, before)
}

// keepQuiet writes down a change whose message is not here, where only an export finds it (pos 0). One that is kept already
// came again.
func keepQuiet(t *Tx, line, contact string, m whatsapp.Message) error {
	id := idOf("change", line, contact, direction(m), m.ID)
	if kept, err := t.has("events", id); err != nil || kept {
		return err
	}
	e := &eventRow{ID: id, Kind: "unknown_" + string(m.Kind), Actor: byContact, At: stamp(m.At)}
	if m.FromMe {
		e.Actor = byPhone
	}
	e.Data = raw(map[string]any{"waId": m.ID, "target": m.Target, "line": line, "contact": contact, "text": whatsapp.Cut(m.Text, quietText), "votes": shownVotes(m.Votes)})
	if err := t.insert(e); err != nil {
		return fmt.Errorf("keep %s: %w", m.Kind, err)
	}
	return nil
}

// has tells whether a table has a row with this id.
func (t *Tx) has(table, id string) (has bool, err error) {
	if err := t.first(&has, "SELECT EXISTS (SELECT 1 FROM "+table+" WHERE id = ?)", id); err != nil {
		return false, fmt.Errorf("look for row %s of %s: %w", id, table, err)
	}
	return has, nil
}

// quietText is how many bytes of the text of such a change are kept.
const quietText = 8 << 10
