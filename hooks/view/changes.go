package view

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"mostrador/hooks/api"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

// A browser that lost its stream asks what it missed: everything that has a number above the last one it got. Each row
// carries the number of its last change, so the answer is the newest state of what changed, never a history.

const (
	MaxMissed  = 20_000 // numbers; further behind, reading everything again is cheaper
	WindowRows = 500    // rows of each table that one answer looks at
)

// ChangesView is one part of what somebody missed.
type ChangesView struct {
	Conversations []Conversation `json:"conversations"`
	Messages      []any          `json:"messages"` // and events, as in a thread
	Removed       []string       `json:"removed"`  // conversations that left the viewer's sight
	Cursor        int64          `json:"cursor,string"`
	More          bool           `json:"more"` // ask again from Cursor
}

// changed is a row's number and who may see its conversation now.
type changed struct {
	Seq          int64  `db:"seq"`
	ID           string `db:"id"`
	Conversation string `db:"conversation"`
	Area         string `db:"area"`
	Assignee     string `db:"assignee"`
	FromArea     string `db:"fromArea"`
	FromAssignee string `db:"fromAssignee"`
}

// Changes reads what changed for a viewer after since; 410 when that is too much, or when their rights changed.
func (s *Views) Changes(ctx context.Context, v rights.Viewer, since int64) (*ChangesView, error) {
	now := s.Hub.Now() // read first: what comes later is above it
	if since > now || now-since > MaxMissed {
		return nil, ErrReload
	}
	if changed, err := s.rightsChangedSince(ctx, v.ID, since); err != nil || changed {
		if err == nil {
			err = ErrReload
		}
		return nil, err
	}
	answer := &ChangesView{Conversations: []Conversation{}, Messages: []any{}, Removed: []string{}, Cursor: now}
	window := changesWindow{views: s, ctx: ctx, since: since, until: now}
	conversations, err := window.read("SELECT seq, id, id AS conversation, area, assignee, '' AS fromArea, '' AS fromAssignee FROM conversations", "seq")
	if err != nil {
		return nil, err
	}
	messages, err := window.read(`SELECT m.seq, m.id, m.conversation, c.area, c.assignee, '' AS fromArea, '' AS fromAssignee
		FROM messages m INDEXED BY idx_msg_seq JOIN conversations c ON c.id = m.conversation`, "m.seq")
	if err != nil {
		return nil, err
	}
	events, err := window.read(`SELECT e.pos AS seq, e.id, e.conversation, c.area, c.assignee, e.fromArea, e.fromAssignee
		FROM events e JOIN conversations c ON c.id = e.conversation`, "e.pos")
	if err != nil {
		return nil, err
	}
	if err := s.fill(answer, v, &window.until, conversations, messages, events); err != nil {
		return nil, err
	}
	answer.Cursor, answer.More = window.until, window.until < now
	answer.Removed = removedFor(v, events, window.until)
	return answer, nil
}

// rightsChangedSince tells whether somebody's areas or role are not what they were.
func (s *Views) rightsChangedSince(ctx context.Context, user string, since int64) (bool, error) {
	var n int
	err := s.Store.App.ConcurrentDB().NewQuery(`SELECT COUNT(*) FROM events WHERE kind = {:kind} AND pos > {:since} AND json_extract(data, '$.user') = {:user}`).
		Bind(dbx.Params{"kind": store.EventRights, "since": since, "user": user}).WithContext(ctx).Row(&n)
	return n > 0, err
}

// changesWindow reads the tables up to the number to which all of them were read.
type changesWindow struct {
	views        *Views
	ctx          context.Context
	since, until int64
}

func (w *changesWindow) read(query, number string) (rows []changed, err error) {
	err = w.views.Store.App.ConcurrentDB().NewQuery(fmt.Sprintf("%s WHERE %s > {:since} ORDER BY %s LIMIT %d", query, number, number, WindowRows)).
		Bind(dbx.Params{"since": w.since}).WithContext(w.ctx).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("read what changed: %w", err)
	}
	if len(rows) == WindowRows {
		w.until = min(w.until, rows[WindowRows-1].Seq)
	}
	return rows, nil
}

// visible lists what a viewer may see.
func visible(v rights.Viewer, rows []changed, until int64) (seen []changed) {
	for _, r := range rows {
		if r.Seq <= until && v.Sees(r.Area, r.Assignee) {
			seen = append(seen, r)
		}
	}
	return seen
}

// removedFor lists conversations that somebody saw before one of the events and does not see now.
func removedFor(v rights.Viewer, events []changed, until int64) []string {
	ids, seen := []string{}, map[string]bool{}
	for _, e := range events {
		moved := e.FromArea != "" || e.FromAssignee != ""
		if e.Seq <= until && moved && v.Sees(e.FromArea, e.FromAssignee) && !v.Sees(e.Area, e.Assignee) && !seen[e.Conversation] {
			seen[e.Conversation] = true
			ids = append(ids, e.Conversation)
		}
	}
	return ids
}

// fill reads the rows and shows them as they are now: what left the viewer's sight after it was listed is not shown, and its
// own change, above the cursor, tells them so next time. Where the rows are more than pageBytes, until becomes the number to
// which all were shown.
func (s *Views) fill(answer *ChangesView, v rights.Viewer, until *int64, conversations, messages, events []changed) (err error) {
	db := s.Store.App.ConcurrentDB()
	answer.Messages, err = show(answer.Messages, visible(v, messages, *until), until, func(ids []any) (map[string]Message, error) {
		rows, err := store.WhereIn[store.Message](db, "messages", "id", ids, "*")
		if err != nil {
			return nil, err
		}
		views, err := Messages(db, v, rows)
		return byID(views, func(m Message) string { return m.ID }, func(m Message) bool { return m.Pos > 0 }), err
	})
	if err != nil {
		return err
	}
	answer.Messages, err = show(answer.Messages, visible(v, events, *until), until, func(ids []any) (map[string]Event, error) {
		rows, err := store.WhereIn[store.EventRow](db, "events", "id", ids, "*")
		if err != nil {
			return nil, err
		}
		_, views, err := ViewThread(db, v, nil, rows)
		return byID(views, func(e Event) string { return e.ID }, always), err
	})
	if err != nil {
		return err
	}
	answer.Conversations, err = show(answer.Conversations, visible(v, conversations, *until), until, func(ids []any) (map[string]Conversation, error) {
		rows, err := store.WhereIn[store.Conversation](db, "conversations c", "c.id", ids, ConversationColumns...)
		if err != nil {
			return nil, err
		}
		views, err := Conversations(db, v, rows)
		return byID(views, func(c Conversation) string { return c.ID }, always), err
	})
	return err
}

// shownAtOnce is how many rows are read before it is seen whether there is room for more.
const shownAtOnce = 100

// show adds rows to what an answer lists, in the order of their changes, until there is no room for more: then until is the
// number of the last one.
func show[L any, T bulky](list []L, rows []changed, until *int64, read func(ids []any) (map[string]T, error)) ([]L, error) {
	size := 0
	for part := range slices.Chunk(rows, shownAtOnce) {
		ids := make([]any, len(part))
		for i, r := range part {
			ids[i] = r.ID
		}
		views, err := read(ids)
		if err != nil {
			return nil, err
		}
		for _, r := range part {
			shown, ok := views[r.ID]
			if !ok {
				continue
			}
			if size > pageBytes {
				*until = min(*until, r.Seq-1)
				return list, nil
			}
			text, _ := json.Marshal(shown)
			size += len(text)
			list = append(list, any(shown).(L))
		}
	}
	return list, nil
}

func always[T any](T) bool { return true }

func byID[T any](all []T, id func(T) string, fits func(T) bool) map[string]T {
	found := make(map[string]T, len(all))
	for _, one := range all {
		if fits(one) {
			found[id(one)] = one
		}
	}
	return found
}

// missed is GET /api/changes.
func (s *Views) missed(r *api.Request) error {
	since, err := strconv.ParseInt(r.Query("since"), 10, 64)
	if err != nil || since < 0 {
		return api.BadValue("since")
	}
	answer, err := s.Changes(r.Request.Context(), r.Me.Viewer, since)
	return api.Okay(r, answer, err)
}
