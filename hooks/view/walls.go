package view

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"mostrador/hooks/api"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

// Areas are walls. Whatever was asked for, and by whatever index it was found, a row becomes a view here only, for a viewer
// who sees it as it is when it is shown. A query may look for less than everything to be quick; it decides nothing.

// Everyone is for whom the events of a cause are made: the hub shows each to those who see it (Event.reaches). It is also
// for what was judged in another way already, which each caller says.
var Everyone = rights.Viewer{Role: rights.Admin}

// Conversations shows the rows that a viewer sees as the API does, in their order: one query for the contacts, whatever
// the number of rows.
func Conversations(db dbx.Builder, v rights.Viewer, rows []store.Conversation) ([]Conversation, error) {
	type contact struct {
		ID       string `db:"id"`
		Name     string `db:"name"`
		PushName string `db:"pushName"`
		Phone    string `db:"phone"`
	}
	users, err := store.WhereIn[contact](db, "contacts", "id", store.Distinct(rows, func(c *store.Conversation) string { return c.Contact }),
		"id", "name", "pushName", "phone")
	if err != nil {
		return nil, err
	}
	byID := make(map[string]Contact, len(users))
	for _, p := range users {
		if p.Phone != "" {
			p.Phone = "+" + p.Phone
		}
		byID[p.ID] = Contact{ID: p.ID, Name: cmp.Or(p.Name, p.PushName, p.Phone), Phone: p.Phone}
	}
	views := make([]Conversation, 0, len(rows))
	for i := range rows {
		if c := &rows[i]; v.Sees(c.Area, c.Assignee) {
			views = append(views, plainView(c, byID[c.Contact]))
		}
	}
	return views, nil
}

// ViewConversation shows one row; what the viewer does not see is not there.
func ViewConversation(db dbx.Builder, v rights.Viewer, c store.Conversation) (Conversation, error) {
	views, err := Conversations(db, v, []store.Conversation{c})
	if err == nil && len(views) == 0 {
		err = api.ErrNotFound
	}
	if err != nil {
		return Conversation{}, err
	}
	return views[0], nil
}

// ViewThread shows the messages and events that a viewer sees as the API does, in their order: at most four more queries,
// whatever the number of rows. Who sees them is read last: a conversation that moved while all this was read stays inside.
func ViewThread(db dbx.Builder, v rights.Viewer, messages []store.Message, events []store.EventRow) (texts []Message, rows []Event, err error) {
	if len(messages)+len(events) == 0 {
		return nil, nil, nil
	}
	var p Parts
	if p.media, err = loadMedia(db, messages); err != nil {
		return nil, nil, err
	}
	if p.quoted, err = loadQuoted(db, messages); err != nil {
		return nil, nil, err
	}
	if p.reactions, err = loadReactions(db, messages); err != nil {
		return nil, nil, err
	}
	open, err := openTo(v, db, messages, events)
	if err != nil {
		return nil, nil, err
	}
	texts, rows = make([]Message, 0, len(messages)), make([]Event, 0, len(events))
	for i := range messages {
		if open(messages[i].Conversation) {
			texts = append(texts, ShowMessage(&messages[i], p))
		}
	}
	for i := range events {
		if open(events[i].Conversation) {
			rows = append(rows, viewEvent(&events[i]))
		}
	}
	return texts, rows, nil
}

// Messages is viewThread for messages alone.
func Messages(db dbx.Builder, v rights.Viewer, rows []store.Message) ([]Message, error) {
	views, _, err := ViewThread(db, v, rows, nil)
	return views, err
}

// openTo tells which of the conversations of these rows a viewer sees now. An admin sees all, so nothing is read for them.
func openTo(v rights.Viewer, db dbx.Builder, messages []store.Message, events []store.EventRow) (func(chat string) bool, error) {
	if v.Role == rights.Admin {
		return func(string) bool { return true }, nil
	}
	seen := map[string]bool{}
	for i := range messages {
		seen[messages[i].Conversation] = false
	}
	for i := range events {
		seen[events[i].Conversation] = false
	}
	rows, err := store.WhereIn[sight](db, "conversations", "id", store.Anys(slices.Collect(maps.Keys(seen))), "id", "area", "assignee")
	if err != nil {
		return nil, fmt.Errorf("read who sees the conversations: %w", err)
	}
	for _, r := range rows {
		seen[r.ID] = v.Sees(r.Area, r.Assignee)
	}
	return func(chat string) bool { return seen[chat] }, nil
}
