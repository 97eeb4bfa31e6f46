package view

import (
	"cmp"
	"encoding/json"
	"slices"

	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

func plainView(c *store.Conversation, who Contact) Conversation {
	who.ID = c.Contact
	v := Conversation{
		ID: c.ID, Status: c.Status, Area: c.Area, Assignee: c.Assignee, Contact: who, Line: c.Line, Unread: c.Unread,
		LastAt: store.ISO(c.LastAt), WaitingSince: store.ISO(c.WaitingSince), EscalatedAt: store.ISO(c.EscalatedAt), SnoozedUntil: store.ISO(c.SnoozedUntil), StartedAt: store.ISO(c.StartedAt),
		ClosedAt: store.ISO(c.ClosedAt), CloseReason: c.CloseReason, Flow: c.Flow, Tags: []string{}, Cursor: c.Seq,
	}
	if c.LastMessage != "" {
		v.LastMessage = &Preview{ID: c.LastMessage, Kind: c.LastKind, Text: c.LastText, Author: c.LastAuthor}
	}
	store.Decode(c.Tags, &v.Tags)
	return v
}

// Parts is what messages show besides their own row.
type Parts struct {
	media     map[string]*Media
	quoted    map[quoteKey]quotedRow
	reactions map[string][]ReactionRow
}

func ShowMessage(m *store.Message, p Parts) Message {
	v := Message{
		ID: m.ID, Conversation: m.Conversation, ClientID: m.ClientID, Direction: m.Direction, Kind: m.Kind, Text: m.Text,
		Author: m.Author, State: m.State, Reason: m.Reason, Media: p.media[m.Media], EditedAt: store.ISO(m.EditedAt),
		RevokedAt: store.ISO(m.RevokedAt), SentAt: store.ISO(m.SentAt), Pos: m.Pos, Cursor: m.Seq,
	}
	if m.Planned() {
		v.SendAt = store.ISO(m.DueAt)
	}
	var x store.Extra
	store.Decode(m.Extra, &x)
	v.Place, v.Cards, v.Poll, v.What, v.Cut, v.Dropped = x.Place, x.Cards, x.Poll, x.What, x.Cut, x.Dropped
	v.Ad = x.Ad
	if key, quote, ok := quotedAt(m); ok {
		v.Quote = viewQuote(m, quote, p.quoted[key])
	}
	for _, r := range p.reactions[m.ID] {
		if r.Kind == "vote" {
			vote := VoteView{Author: r.Author, Options: []string{}}
			store.Decode(r.Votes, &vote.Options)
			v.Votes = append(v.Votes, vote)
		} else {
			v.Reactions = append(v.Reactions, Reaction{Emoji: r.Emoji, Author: r.Author})
		}
	}
	return v
}

// viewQuote shows what is quoted. What a customer's quote carries is the customer's word and checked by nobody: it counts as
// somebody else's only where that message is here and says the same.
func viewQuote(m *store.Message, q whatsapp.Quote, row quotedRow) *Quote {
	if row.ID != "" && row.Conversation == m.Conversation {
		return &Quote{ID: row.ID, Kind: row.Kind, Text: row.Text, Author: row.Author}
	}
	// Who sees this conversation need not see that one: they get what WhatsApp carried.
	v := &Quote{Kind: row.Kind, Text: q.Text, Author: store.ByContact}
	switch {
	case m.Direction == store.Inbound && (row.ID == "" || store.CutRunes(q.Text, quotedText) != row.Text):
		v.Claimed, v.Kind = true, ""
	case q.FromMe:
		v.Author = store.ByPhone
	}
	return v
}

// quotedText is how many letters of a quoted message are shown.
const quotedText = 300

type MediaRow struct {
	ID      string `db:"id"`
	State   string `db:"state"`
	Reason  string `db:"reason"`
	MIME    string `db:"mime"`
	Name    string `db:"name"`
	Size    int64  `db:"size"`
	Seconds int    `db:"seconds"`
	Width   int    `db:"width"`
	Height  int    `db:"height"`
	Wave    string `db:"wave"`
	Thumb   string `db:"thumb"`
}

func loadMedia(db dbx.Builder, rows []store.Message) (map[string]*Media, error) {
	found, err := store.WhereIn[MediaRow](db, "media", "id", store.Distinct(rows, func(m *store.Message) string { return m.Media }),
		"id", "state", "reason", "mime", "name", "size", "seconds", "width", "height", "wave", shownThumb)
	views := make(map[string]*Media, len(found))
	for _, f := range found {
		views[f.ID] = f.View()
	}
	return views, err
}

// shownThumb leaves out pictures that were stored larger than a page shows.
const shownThumb = "iif(length(thumb) <= 48000, thumb, '') AS thumb"

func (f MediaRow) View() *Media {
	v := &Media{ID: f.ID, MIME: f.MIME, Name: whatsapp.PlainName(f.Name), Size: f.Size, Seconds: f.Seconds, Width: f.Width, Height: f.Height,
		Wave: f.Wave, Thumb: f.Thumb, State: f.State}
	switch {
	case f.State == "ready":
		v.URL = "/api/files/" + f.ID
	case f.State == "pending" && store.IsWaiting(f.Reason):
		v.State, v.Reason = "waiting", f.Reason
	case f.State == "failed" || f.Reason == store.MediaAsking:
		v.Reason = f.Reason
	}
	return v
}

// quoteKey finds a quoted message: WhatsApp's ids are unique within chat and direction.
type quoteKey struct{ waID, line, contact, direction string }

func quotedAt(m *store.Message) (quoteKey, whatsapp.Quote, bool) {
	var q whatsapp.Quote
	store.Decode(m.Quote, &q)
	key := quoteKey{q.ID, m.Line, m.Contact, store.Inbound}
	if q.FromMe {
		key.direction = store.Outbound
	}
	return key, q, q.ID != ""
}

type quotedRow struct {
	ID           string `db:"id"`
	Conversation string `db:"conversation"`
	WaID         string `db:"waId"`
	Line         string `db:"line"`
	Contact      string `db:"contact"`
	Direction    string `db:"direction"`
	Kind         string `db:"kind"`
	Text         string `db:"text"`
	Author       string `db:"author"`
}

func loadQuoted(db dbx.Builder, rows []store.Message) (map[quoteKey]quotedRow, error) {
	quoted := map[quoteKey]quotedRow{}
	values := store.Distinct(rows, func(m *store.Message) string {
		if len(m.Quote) == 0 {
			return ""
		}
		key, _, _ := quotedAt(m)
		return key.waID
	})
	for chunk := range slices.Chunk(values, store.MaxIn) {
		var found []quotedRow
		err := db.Select("id", "conversation", "waId", "line", "contact", "direction", "kind", "substr(text, 1, 300) AS text", "author").From("messages").
			Where(dbx.In("waId", chunk...)).AndWhere(dbx.NewExp("waId != ''")).All(&found)
		if err != nil {
			return nil, err
		}
		for _, q := range found {
			quoted[quoteKey{q.WaID, q.Line, q.Contact, q.Direction}] = q
		}
	}
	return quoted, nil
}

type ReactionRow struct {
	ID      string        `db:"id"`
	Message string        `db:"message"`
	Author  string        `db:"author"`
	Kind    string        `db:"kind"`
	Emoji   string        `db:"emoji"`
	Votes   types.JSONRaw `db:"votes"`
}

func loadReactions(db dbx.Builder, rows []store.Message) (map[string][]ReactionRow, error) {
	found, err := store.WhereIn[ReactionRow](db, "reactions", "message", store.Distinct(rows, func(m *store.Message) string { return m.ID }),
		"id", "message", "author", "kind", "emoji", "votes")
	slices.SortFunc(found, func(a, b ReactionRow) int { return cmp.Compare(a.ID, b.ID) }) // oldest first
	byMessage := map[string][]ReactionRow{}
	for _, r := range found {
		byMessage[r.Message] = append(byMessage[r.Message], r)
	}
	return byMessage, err
}

// viewEvent shows an event as a line between messages.
func viewEvent(e *store.EventRow) Event {
	v := Event{ID: e.ID, Conversation: e.Conversation, Kind: "event", Event: e.Kind, Author: e.Actor, SentAt: store.ISO(e.At), Pos: e.Pos, Cursor: e.Pos}
	if len(e.Data) > 0 {
		v.Data = json.RawMessage(e.Data)
	}
	return v
}
