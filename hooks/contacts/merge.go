package contacts

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"mostrador/hooks/api"
	"mostrador/hooks/conversation"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

// adoptAccount adds what was fetched of a contact to that of the one it turned out to be.
func adoptAccount(t *store.Tx, older, younger string) error {
	_, err := t.DB().NewQuery(`UPDATE contacts AS o SET filesDay = y.filesDay,
		filesCount = CASE WHEN o.filesDay = y.filesDay THEN o.filesCount ELSE 0 END + y.filesCount,
		filesBytes = CASE WHEN o.filesDay = y.filesDay THEN o.filesBytes ELSE 0 END + y.filesBytes
		FROM contacts AS y WHERE o.id = {:older} AND y.id = {:younger} AND y.filesDay >= o.filesDay AND y.filesDay != ''`).
		Bind(dbx.Params{"older": older, "younger": younger}).Execute()
	if err != nil {
		return fmt.Errorf("add up what was fetched: %w", err)
	}
	return nil
}

// merge makes one contact of two that turned out to be the same person: one was known by number, the other by LID. The
// older one stays; everything of the younger becomes its own, and two live conversations on a line become one.
func (s *Contacts) merge(t *store.Tx, a, b *store.ContactRow) (*store.ContactRow, error) {
	older, younger := a, b
	if younger.ID < older.ID {
		older, younger = younger, older
	}
	free, err := s.moveConversations(t, older, younger)
	if err == nil {
		err = moveHidden(t, older, younger)
	}
	if err != nil {
		return nil, fmt.Errorf("merge contact %s into %s: %w", younger.ID, older.ID, err)
	}
	phone, lid := cmp.Or(older.Phone, younger.Phone), cmp.Or(older.LID, younger.LID)
	adopt(older, younger)
	younger.Phone, younger.PhoneKey, younger.LID, younger.MergedInto = "", "", "", older.ID
	if err := s.SaveContact(t, younger); err != nil { // first: addresses are unique
		return nil, err
	}
	older.Phone, older.PhoneKey, older.LID = phone, PhoneKey(phone), lid
	if err := s.SaveContact(t, older); err != nil {
		return nil, err
	}
	if err := adoptAccount(t, older.ID, younger.ID); err != nil {
		return nil, err
	}
	if err := t.Event(nil, "contact_merged", store.BySystem, map[string]string{"contact": older.ID, "from": younger.ID}); err != nil {
		return nil, err
	}
	for _, user := range free {
		if err := conversation.Freed(t, user, ""); err != nil {
			return nil, err
		}
	}
	return older, nil
}

// adopt takes over what the other knows better.
func adopt(c *store.ContactRow, other *store.ContactRow) {
	c.Name = cmp.Or(c.Name, other.Name)
	c.PushName = cmp.Or(c.PushName, other.PushName)
	c.Document = cmp.Or(c.Document, other.Document)
	c.Email = cmp.Or(c.Email, other.Email)
	c.Lang = cmp.Or(c.Lang, other.Lang)
	c.PreferredArea = cmp.Or(c.PreferredArea, other.PreferredArea)
	c.Blocked = c.Blocked || other.Blocked

	fields, more := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	store.Decode(c.Fields, &more)
	store.Decode(other.Fields, &fields)
	maps.Copy(fields, more)
	if len(fields) > 0 {
		c.Fields = store.Raw(fields)
	}
	var tags, theirs []string
	store.Decode(c.Tags, &tags)
	store.Decode(other.Tags, &theirs)
	for _, tag := range theirs {
		if !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	if len(tags) > 0 {
		c.Tags = store.Raw(tags)
	}
}

// moveConversations gives all of the younger contact's conversations, with their messages, to the older one. free are the
// people who lost one by it.
func (s *Contacts) moveConversations(t *store.Tx, older, younger *store.ContactRow) (free []string, err error) {
	var all []store.Conversation
	err = t.DB().NewQuery(`SELECT * FROM conversations WHERE contact = {:contact} ORDER BY startedAt`).
		Bind(dbx.Params{"contact": younger.ID}).All(&all)
	if err != nil {
		return nil, err
	}
	for i := range all {
		c := &all[i]
		if c.Status != store.StatusClosed {
			var loser string
			if c, loser, err = s.joinLive(t, older.ID, c); err != nil {
				return nil, err
			}
			free = append(free, loser)
		}
		before := *c
		c.Contact = older.ID
		if err := t.Save(c, before); err != nil {
			return nil, err
		}
		// OR IGNORE: both contacts may hold the same message of WhatsApp; the older one's stays the one that counts.
		_, err := t.DB().NewQuery(`UPDATE OR IGNORE messages SET contact = {:to} WHERE conversation = {:id}`).
			Bind(dbx.Params{"to": older.ID, "id": c.ID}).Execute()
		if err != nil {
			return nil, err
		}
	}
	return free, nil
}

// moveHidden gives the older contact what could not be decrypted yet and has no conversation: shown later, it would open
// one for somebody who has no address any more. What both hold is the older one's.
func moveHidden(t *store.Tx, older, younger *store.ContactRow) error {
	for _, query := range HiddenOf {
		if _, err := t.DB().NewQuery(query).Bind(dbx.Params{"from": younger.ID, "to": older.ID}).Execute(); err != nil {
			return fmt.Errorf("move hidden messages: %w", err)
		}
	}
	return nil
}

var HiddenOf = []string{
	`UPDATE OR IGNORE messages SET contact = {:to} WHERE conversation = '' AND contact = {:from}`,
	`DELETE FROM messages WHERE conversation = '' AND contact = {:from}`,
}

// joinLive makes room for a live conversation of the younger contact where the older one has one on the same line: the
// one that is further with people stays, the other gives it its messages and closes. It returns the conversation that is
// still the younger one's, and who had the one that closed; empty: nobody.
func (s *Contacts) joinLive(t *store.Tx, older string, theirs *store.Conversation) (still *store.Conversation, loser string, err error) {
	ours, err := t.Live(older, theirs.Line)
	if store.IsNone(err) {
		return theirs, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	keep, gone := ours, theirs
	if progress[theirs.Status] > progress[ours.Status] {
		keep, gone = theirs, ours
	}
	before := *gone
	gone.Status, gone.ClosedAt, gone.ClosedBy, gone.CloseReason = store.StatusClosed, store.Stamp(t.Now), store.BySystem, "merged"
	gone.Flow, gone.Session, gone.WakeAt, gone.SnoozedUntil = "", nil, types.DateTime{}, types.DateTime{}
	gone.Unread, gone.WaitingSince = 0, types.DateTime{}
	if err := t.Save(gone, before); err != nil {
		return nil, "", err
	}
	if err := s.moveThread(t, keep, gone, &before); err != nil {
		return nil, "", err
	}
	if err := t.Event(gone, "closed", store.BySystem, map[string]string{"reason": gone.CloseReason}); err != nil {
		return nil, "", err
	}
	return theirs, before.Assignee, nil
}

// progress orders the live statuses by how far people are with the customer.
var progress = map[string]int{store.StatusBot: 1, store.StatusWaiting: 2, store.StatusOpen: 3}

// moveThread puts the messages and events of one conversation into another; was is the one that goes, as it was.
func (s *Contacts) moveThread(t *store.Tx, keep, gone, was *store.Conversation) error {
	if err := s.moveMessages(t, keep, gone); err != nil {
		return err
	}
	for _, table := range []string{"events", "media"} {
		_, err := t.DB().Update(table, dbx.Params{"conversation": keep.ID}, dbx.HashExp{"conversation": gone.ID}).Execute()
		if err != nil {
			return err
		}
	}
	before := *keep
	keep.Unread += was.Unread
	if was.LastAt.Time().After(keep.LastAt.Time()) {
		keep.LastAt, keep.LastText, keep.LastKind = was.LastAt, was.LastText, was.LastKind
		keep.LastAuthor, keep.LastMessage = was.LastAuthor, was.LastMessage
	}
	if keep.WaitingSince.IsZero() || !was.WaitingSince.IsZero() && was.WaitingSince.Time().Before(keep.WaitingSince.Time()) {
		keep.WaitingSince = was.WaitingSince
	}
	if keep.WaitedSince.IsZero() || !was.WaitedSince.IsZero() && was.WaitedSince.Time().Before(keep.WaitedSince.Time()) {
		keep.WaitedSince = was.WaitedSince
	}
	if err := t.Save(keep, before); err != nil {
		return err
	}
	return t.Event(keep, "merged", store.BySystem, map[string]string{"conversation": gone.ID})
}

// ShownMoved is how many of the messages that a merge moves agents are told of: more than a page shows. The older ones are
// there when somebody scrolls up to them, or comes back by a cursor from before.
const ShownMoved = api.MaxPage

const (
	// OR IGNORE: both contacts may hold the same message of WhatsApp, and one of them is enough.
	MoveQuery = `UPDATE OR IGNORE messages SET conversation = {:to}, contact = {:contact}, seq = {:seq} + r.n FROM (
		SELECT id, ROW_NUMBER() OVER (ORDER BY pos, id) AS n FROM messages WHERE conversation = {:from}) AS r WHERE messages.id = r.id`
	MovedQuery = `SELECT * FROM messages INDEXED BY idx_msg_seq WHERE seq > {:seq} AND conversation = {:to} ORDER BY pos DESC LIMIT {:limit}`
)

// moveMessages puts the messages of one conversation into another, in one statement however long the thread is.
func (s *Contacts) moveMessages(t *store.Tx, keep, gone *store.Conversation) error {
	var n int64
	err := t.DB().NewQuery("SELECT COUNT(*) FROM messages WHERE conversation = {:id}").Bind(dbx.Params{"id": gone.ID}).Row(&n)
	if err != nil {
		return fmt.Errorf("count messages: %w", err)
	}
	seq := t.Seqs(n)
	params := dbx.Params{"to": keep.ID, "contact": keep.Contact, "from": gone.ID, "seq": seq, "limit": ShownMoved}
	if _, err := t.DB().NewQuery(MoveQuery).Bind(params).Execute(); err != nil {
		return fmt.Errorf("move messages: %w", err)
	}
	var newest []store.Message
	if err := t.DB().NewQuery(MovedQuery).Bind(params).All(&newest); err != nil {
		return fmt.Errorf("read moved messages: %w", err)
	}
	for i := range newest {
		t.Changed(&newest[len(newest)-1-i], false)
	}
	return nil
}
