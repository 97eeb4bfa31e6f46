package view

import (
	"context"
	"fmt"
	"strconv"

	"mostrador/hooks/api"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

// See reads a conversation that a viewer may see; for them others do not exist.
func (s *Views) See(ctx context.Context, v rights.Viewer, id string) (*store.Conversation, error) {
	c := new(store.Conversation)
	err := s.Store.App.ConcurrentDB().Select(ConversationColumns...).From("conversations c").Where(dbx.HashExp{"c.id": id}).WithContext(ctx).One(c)
	if err := api.Missing(err); err != nil {
		return nil, err
	}
	if !v.Sees(c.Area, c.Assignee) {
		return nil, api.ErrNotFound
	}
	return c, nil
}

// MaySee refuses what a viewer may not see, without reading more of it than that.
func (s *Views) MaySee(v rights.Viewer, id string) error {
	rows, err := store.WhereIn[sight](s.Store.App.ConcurrentDB(), "conversations", "id", []any{id}, "id", "area", "assignee")
	if err != nil {
		return fmt.Errorf("read who sees conversation %s: %w", id, err)
	}
	if len(rows) == 0 || !v.Sees(rows[0].Area, rows[0].Assignee) {
		return api.ErrNotFound
	}
	return nil
}

// Thread reads one page of a conversation for a viewer, newest first: its messages and, between them, what happened to it. A
// page ends early when it has pageBytes.
func (s *Views) Thread(ctx context.Context, v rights.Viewer, chat string, before int64, limit int) (api.Page[entry], error) {
	db := s.Store.App.ConcurrentDB()
	answer := api.Page[entry]{Items: []entry{}}
	var rows []store.Message
	err := db.Select("*").From("messages").Where(dbx.HashExp{"conversation": chat}).
		AndWhere(dbx.NewExp("pos > 0 AND pos < {:before}", dbx.Params{"before": before})).
		OrderBy("pos DESC").Limit(int64(limit) + 1).WithContext(ctx).All(&rows)
	if err != nil {
		return answer, fmt.Errorf("read messages: %w", err)
	}
	var events []store.EventRow
	err = db.Select("*").From("events").Where(dbx.HashExp{"conversation": chat}).
		AndWhere(dbx.NewExp("pos < {:before}", dbx.Params{"before": before})).
		OrderBy("pos DESC").Limit(int64(limit) + 1).WithContext(ctx).All(&events)
	if err != nil {
		return answer, fmt.Errorf("read events: %w", err)
	}
	views, all, err := ViewThread(db, v, rows[:min(len(rows), limit)], events[:min(len(events), limit)])
	if err != nil {
		return answer, err
	}
	if len(views)+len(all) == 0 && len(rows)+len(events) > 0 {
		return answer, api.ErrNotFound // it moved while this was read
	}
	m, e := 0, 0
	for len(answer.Items) < limit && (m < len(views) || e < len(all)) {
		if e == len(all) || m < len(views) && views[m].Pos > all[e].Pos {
			answer.Items = append(answer.Items, views[m])
			m++
		} else {
			answer.Items = append(answer.Items, all[e])
			e++
		}
	}
	n := Fits(answer.Items)
	if n < len(answer.Items) || m < len(rows) || e < len(events) {
		answer.Items = answer.Items[:n]
		answer.Next = strconv.FormatInt(answer.Items[n-1].place(), 10)
	}
	return answer, nil
}

// beginning reads ?before= of a thread: a place in it; nothing is its end.
func beginning(r *api.Request) (int64, error) {
	text := r.Query("before")
	if text == "" {
		return 1 << 62, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, api.BadValue("before")
	}
	return n, nil
}
