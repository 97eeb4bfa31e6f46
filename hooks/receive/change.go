package receive

import (
	"database/sql"
	"fmt"
	"strings"

	"mostrador/hooks/contacts"
	"mostrador/hooks/conversation"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// changeAnother carries out a reaction, an edit or a revoke on the message that it names. One whose message is not here is
// kept as an event that nobody is shown: nothing that WhatsApp delivered is lost.
func changeAnother(t *store.Tx, line, contact string, m whatsapp.Message) error {
	if _, err := t.SQL().Exec(UnreadableChange, m.ID, line, contact, contacts.Direction(m)); err != nil {
		return fmt.Errorf("forget the unreadable form: %w", err)
	}
	target, err := target(t, line, contact, m)
	if store.IsNone(err) {
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
		if err := t.Reword(target, m.Text, m.Dropped); err != nil {
			return err
		}
		target.EditedAt = store.Stamp(m.At)
	case whatsapp.Revoke:
		if !target.RevokedAt.IsZero() {
			return nil
		}
		target.RevokedAt = store.Stamp(m.At)
	}
	c, err := t.Conversation(target.Conversation)
	if err != nil {
		return err
	}
	return t.Retell(c, target)
}

// UnreadableChange drops what hid the place of a change that could not be decrypted at first.
const UnreadableChange = `DELETE FROM messages WHERE waId = ? AND waId != '' AND line = ? AND contact = ? AND direction = ?
	AND kind = '` + string(whatsapp.Undecryptable) + `' AND pos = 0`

// target is the message that m changes; sql.ErrNoRows when it is not here. People edit and take back only what they wrote
// themselves, and react to either side.
func target(t *store.Tx, line, contact string, m whatsapp.Message) (*store.Message, error) {
	target, err := t.MessageBy(m.Target, line, contact, contacts.Direction(m))
	if store.IsNone(err) && (m.Kind == whatsapp.Reaction || m.Kind == whatsapp.Vote) {
		other := whatsapp.Message{FromMe: !m.FromMe}
		target, err = t.MessageBy(m.Target, line, contact, contacts.Direction(other))
	}
	if err == nil && target.Pos == 0 {
		return nil, sql.ErrNoRows
	}
	return target, err
}

// react sets or takes back one side's reaction.
func react(t *store.Tx, target *store.Message, m whatsapp.Message) error {
	author := store.ByContact
	if m.FromMe {
		author = store.ByPhone
	}
	if m.Text == "" {
		_, err := t.DB().Delete("reactions", dbx.HashExp{"message": target.ID, "kind": "reaction", "author": author}).Execute()
		if err != nil {
			return fmt.Errorf("take back reaction: %w", err)
		}
		return t.UpdateMessage(target)
	}
	if err := mark(t, target, "reaction", author, m.Text, nil, m); err != nil {
		return err
	}
	return t.UpdateMessage(target)
}

// mark writes one side's reaction or vote; a later one replaces it, an older one that comes late does not.
func mark(t *store.Tx, target *store.Message, kind, author, emoji string, votes any, m whatsapp.Message) error {
	_, err := t.DB().NewQuery(`INSERT INTO reactions (id, message, author, kind, emoji, votes, at)
		VALUES ({:id}, {:message}, {:author}, {:kind}, {:emoji}, {:votes}, {:at})
		ON CONFLICT (message, kind, author) DO UPDATE SET emoji = excluded.emoji, votes = excluded.votes, at = excluded.at
		WHERE excluded.at >= reactions.at`).
		Bind(dbx.Params{"id": store.NewID(t.Now), "message": target.ID, "author": author, "kind": kind, "emoji": clipEmoji(emoji),
			"votes": store.Raw(votes), "at": store.Stamp(m.At)}).Execute()
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
func (s *Receiver) vote(t *store.Tx, line, contact string, m whatsapp.Message) error {
	target, err := target(t, line, contact, m)
	if store.IsNone(err) {
		return keepQuiet(t, line, contact, m)
	}
	if err != nil {
		return err
	}
	author := store.ByContact
	if m.FromMe {
		author = store.ByPhone
	}
	m.Votes = store.ShownVotes(m.Votes)
	if err := mark(t, target, "vote", author, "", m.Votes, m); err != nil {
		return err
	}
	if err := t.UpdateMessage(target); err != nil {
		return err
	}
	c, err := t.Conversation(target.Conversation)
	if err != nil || m.FromMe {
		return err
	}
	row := newRow(m)
	row.ID, row.Conversation, row.Line, row.Contact, row.Seq = store.NewID(t.Now), c.ID, line, contact, t.Seq()
	row.Text, row.Target, row.Pending = strings.Join(m.Votes, "\n"), m.Target, c.InFlow()
	if err := t.Bound(row); err != nil {
		return err
	}
	if err := t.Insert(row); err != nil {
		return fmt.Errorf("add vote: %w", err)
	}
	if row.Pending {
		t.After(s.Store.WakeInbox)
		return nil
	}
	return s.voted(t, c, target, row)
}

// voted lets a vote that no flow asked for count as the customer's word: somebody has to look at it. One that is taken
// back says nothing, and one on a poll of a closed conversation opens nothing.
func (s *Receiver) voted(t *store.Tx, c *store.Conversation, poll, vote *store.Message) error {
	if c.Status == store.StatusClosed || vote.Text == "" {
		return nil
	}
	if blocked, err := conversation.Blocked(t, c.Contact); err != nil || blocked {
		return err
	}
	before := *c
	conversation.CountMessage(c, vote)
	c.LastMessage, c.LastKind = poll.ID, poll.Kind // where it is shown
	return s.Conversations.Counted(t, c, before)
}

// keepQuiet writes down a change whose message is not here, where only an export finds it (pos 0). One that is kept already
// came again.
func keepQuiet(t *store.Tx, line, contact string, m whatsapp.Message) error {
	id := store.IDOf("change", line, contact, contacts.Direction(m), m.ID)
	if kept, err := t.Has("events", id); err != nil || kept {
		return err
	}
	e := &store.EventRow{ID: id, Kind: "unknown_" + string(m.Kind), Actor: store.ByContact, At: store.Stamp(m.At)}
	if m.FromMe {
		e.Actor = store.ByPhone
	}
	e.Data = store.Raw(map[string]any{"waId": m.ID, "target": m.Target, "line": line, "contact": contact, "text": whatsapp.Cut(m.Text, quietText), "votes": store.ShownVotes(m.Votes)})
	if err := t.Insert(e); err != nil {
		return fmt.Errorf("keep %s: %w", m.Kind, err)
	}
	return nil
}

// quietText is how many bytes of the text of such a change are kept.
const quietText = 8 << 10
