package contacts

import (
	"cmp"
	"context"
	"encoding/json"

	"mostrador/hooks/api"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

func (s *Contacts) Routes() []api.Route {
	return []api.Route{
		{Method: "GET", Path: "/api/contacts/{id}", Who: api.Everybody, Run: s.contact},
	}
}

// ContactCard is a customer, with the conversations that the viewer may see.
type ContactCard struct {
	view.Contact
	PushName      string              `json:"pushName,omitempty"` // what they call themselves
	Email         string              `json:"email,omitempty"`
	Document      string              `json:"document,omitempty"`
	Lang          string              `json:"lang,omitempty"`
	PreferredArea string              `json:"preferredArea,omitempty"`
	Blocked       bool                `json:"blocked"`
	Tags          []string            `json:"tags"`
	Fields        json.RawMessage     `json:"fields"`
	Conversations []view.Conversation `json:"conversations"` // newest first, at most 50
}

// maxTimeline is how many conversations of one contact are looked at.
const maxTimeline = 500

func (s *Contacts) contact(r *api.Request) error {
	ctx := r.Request.Context()
	card, err := s.ContactCard(ctx, r.Me.Viewer, r.ID())
	return api.Okay(r, card, err)
}

// ContactCard reads a customer for somebody who may see one of their conversations; for all others there is none.
func (s *Contacts) ContactCard(ctx context.Context, v rights.Viewer, id string) (*ContactCard, error) {
	db := s.Store.App.ConcurrentDB()
	var row struct {
		Name          string        `db:"name"`
		PushName      string        `db:"pushName"`
		Phone         string        `db:"phone"`
		Email         string        `db:"email"`
		Document      string        `db:"document"`
		Lang          string        `db:"lang"`
		PreferredArea string        `db:"preferredArea"`
		Blocked       bool          `db:"blocked"`
		Fields        types.JSONRaw `db:"fields"`
		Tags          types.JSONRaw `db:"tags"`
		MergedInto    string        `db:"mergedInto"`
	}
	if err := api.Missing(db.Select("*").From("contacts").Where(dbx.HashExp{"id": id}).WithContext(ctx).One(&row)); err != nil {
		return nil, err
	}
	if row.MergedInto != "" && row.MergedInto != id {
		return s.ContactCard(ctx, v, row.MergedInto)
	}
	past, err := s.timeline(ctx, v, id)
	if err != nil {
		return nil, err
	}
	if len(past) == 0 && v.Role != rights.Admin {
		return nil, api.ErrNotFound
	}
	card := &ContactCard{PushName: row.PushName, Email: row.Email, Document: row.Document, Lang: row.Lang, PreferredArea: row.PreferredArea,
		Blocked: row.Blocked, Tags: []string{}, Fields: json.RawMessage("{}"), Conversations: past}
	if row.Phone != "" {
		row.Phone = "+" + row.Phone
	}
	card.Contact = view.Contact{ID: id, Name: cmp.Or(row.Name, row.PushName, row.Phone), Phone: row.Phone}
	store.Decode(row.Tags, &card.Tags)
	store.Decode(row.Fields, &card.Fields)
	return card, nil
}

// timeline reads the conversations with a contact that a viewer may see.
func (s *Contacts) timeline(ctx context.Context, v rights.Viewer, contact string) ([]view.Conversation, error) {
	db := s.Store.App.ConcurrentDB()
	var rows, seen []store.Conversation
	err := db.Select(view.ConversationColumns...).From("conversations c").Where(dbx.HashExp{"c.contact": contact}).
		OrderBy("c.startedAt DESC").Limit(maxTimeline).WithContext(ctx).All(&rows)
	if err != nil {
		return nil, err
	}
	for _, c := range rows {
		if v.Sees(c.Area, c.Assignee) && len(seen) < api.DefaultPage {
			seen = append(seen, c)
		}
	}
	return view.Conversations(db, v, seen)
}
