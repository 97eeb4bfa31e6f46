package view_test

import (
	"context"
	"testing"

	"mostrador/hooks/api"
	"mostrador/hooks/desktest"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
)

// BenchmarkList reads the first page of 100,000 conversations in 20 areas, of which one in ten is live and 6,452 wait, as people with
// different eyes do. An operator without anything to see costs no more than one with much.
func BenchmarkList(b *testing.B) {
	d := desktest.NewDesk(b)
	_, err := d.Store.App.NonconcurrentDB().NewQuery(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n WHERE i < 99999)
		INSERT INTO conversations (id, line, contact, status, area, assignee, lastAt, startedAt, waitingSince, lastText, seq)
		SELECT printf('c%014d', i), 'line', printf('p%014d', i),
			CASE i % 31 WHEN 0 THEN 'open' WHEN 1 THEN 'waiting' WHEN 2 THEN 'bot' ELSE 'closed' END,
			printf('area%d', (i * 7) % 20), CASE WHEN i % 5 < 4 THEN printf('user%d', i % 600) ELSE '' END,
			strftime('%Y-%m-%d %H:%M:%S.000Z', '2026-03-02', '-' || (i * 7919 % 500000) || ' minutes'), '2026-01-01 00:00:00.000Z',
			CASE WHEN i % 31 < 2 THEN strftime('%Y-%m-%d %H:%M:%S.000Z', '2026-03-02', '-' || (i * 7919 % 9000) || ' minutes') ELSE '' END, 'hola', i FROM n`).Execute()
	if err != nil {
		b.Fatal(err)
	}
	areas := []string{"area3", "area9", "area14"}
	me := "user7"
	for _, c := range []struct {
		name string
		v    rights.Viewer
		w    view.Wanted
	}{
		{"operator", rights.Viewer{ID: me, Role: rights.Operator, Areas: areas}, view.Wanted{}},
		{"operator waiting", rights.Viewer{ID: me, Role: rights.Operator, Areas: areas}, view.Wanted{Statuses: []string{store.StatusWaiting}}},
		{"operator mine", rights.Viewer{ID: me, Role: rights.Operator, Areas: areas}, view.Wanted{Assignee: &me, Statuses: []string{store.StatusOpen, store.StatusWaiting, store.StatusBot}}},
		{"operator with nothing to see", rights.Viewer{ID: "nobody", Role: rights.Operator, Areas: []string{"empty"}}, view.Wanted{}},
		{"supervisor", rights.Viewer{ID: me, Role: rights.Supervisor, Areas: areas}, view.Wanted{}},
		{"supervisor waiting", rights.Viewer{ID: me, Role: rights.Supervisor, Areas: areas}, view.Wanted{Statuses: []string{store.StatusWaiting}}},
		{"admin", rights.Viewer{ID: me, Role: rights.Admin, Areas: nil}, view.Wanted{}},
		{"admin waiting", rights.Viewer{ID: me, Role: rights.Admin, Areas: nil}, view.Wanted{Statuses: []string{store.StatusWaiting}}},
		{"operator by wait", rights.Viewer{ID: me, Role: rights.Operator, Areas: areas}, view.Wanted{ByWait: true}},
		{"operator by wait with nothing to see", rights.Viewer{ID: "nobody", Role: rights.Operator, Areas: []string{"empty"}}, view.Wanted{ByWait: true}},
		{"admin by wait", rights.Viewer{ID: me, Role: rights.Admin, Areas: nil}, view.Wanted{ByWait: true}},
		{"admin searching in vain", rights.Viewer{ID: me, Role: rights.Admin, Areas: nil}, view.Wanted{Text: "nothing like that"}},
	} {
		c.w.Limit = 50
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				if _, err := d.Views.List(context.Background(), c.v, c.w); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkThread reads the newest page of a conversation of 2,000 messages as the route does, for people who see it.
func BenchmarkThread(b *testing.B) {
	w := desktest.NewWorld(b)
	c := w.Conversation(store.StatusOpen, "sales", "ana")
	w.Exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 2000)
		INSERT INTO messages (id, conversation, contact, line, direction, kind, text, author, state, waId, sentAt, pos, seq)
		SELECT printf('m%014d', i), '` + c + `', 'carla', 'line', CASE i % 2 WHEN 0 THEN 'in' ELSE 'out' END, 'text', 'hola, ¿abren hoy?', 'contact', 'read',
			printf('W%d', i), '2026-01-01 00:00:00.000Z', i, i FROM n`)
	for _, v := range []rights.Viewer{{ID: "boss", Role: rights.Admin, Areas: nil}, {ID: "sup", Role: rights.Supervisor, Areas: []string{"sales"}}, {ID: "ana", Role: rights.Operator, Areas: []string{"sales"}}} {
		b.Run(string(v.Role), func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				if err := w.Desk.Views.MaySee(v, c); err != nil {
					b.Fatal(err)
				}
				if got, err := w.Desk.Views.Thread(context.Background(), v, c, 1<<62, api.DefaultPage); err != nil || len(got.Items) != api.DefaultPage {
					b.Fatal(len(got.Items), err)
				}
			}
		})
	}
}
