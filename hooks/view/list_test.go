package view_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"mostrador/hooks"
	"mostrador/hooks/api"
	"mostrador/hooks/desktest"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

// town is a desk with many conversations of every kind.
type town struct {
	*desktest.Site
	areas []string
	users []rights.Viewer // an admin, supervisors, operators, one without areas
	rows  []store.Conversation
}

func newTown(t testing.TB, n int) *town {
	s := desktest.NewSite(t)
	w := &town{Site: s}
	for i := range 5 {
		w.areas = append(w.areas, s.Area(fmt.Sprint("area", i)))
	}
	w.users = []rights.Viewer{
		s.User("boss", rights.Admin), s.User("sup", rights.Supervisor, w.areas[0], w.areas[1]), s.User("lone", rights.Supervisor),
		s.User("ana", rights.Operator, w.areas[0], w.areas[2]), s.User("bea", rights.Operator, w.areas[1]), s.User("eva", rights.Operator),
	}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		area, user := append(w.areas, "")[r.IntN(6)], ""
		if r.IntN(3) > 0 {
			user = w.users[r.IntN(len(w.users))].ID
		}
		status := []string{store.StatusBot, store.StatusWaiting, store.StatusOpen, store.StatusClosed, store.StatusClosed, store.StatusClosed}[r.IntN(6)]
		contact := w.Insert("contacts", dbx.Params{"pushName": fmt.Sprint("Cliente Ñandú ", i), "phone": fmt.Sprint(5491100000000 + i)})
		var waits, late, aside types.DateTime
		if status != store.StatusClosed && r.IntN(2) == 0 {
			waits = store.Stamp(w.Desk.Store.Now().Add(-time.Duration(r.IntN(n/4)) * time.Minute))
		}
		if !waits.IsZero() && r.IntN(3) == 0 {
			late = store.Stamp(w.Desk.Store.Now())
		}
		if r.IntN(4) == 0 {
			aside = store.Stamp(w.Desk.Store.Now().Add(time.Hour))
		}
		at := store.Stamp(w.Desk.Store.Now().Add(-time.Duration(r.IntN(n/2)) * time.Minute)) // ties are common
		id := w.Insert("conversations", dbx.Params{"line": fmt.Sprint("line", i%2), "contact": contact, "status": status, "area": area,
			"assignee": user, "lastAt": at, "startedAt": at, "unread": r.IntN(3), "waitingSince": waits.String(), "escalatedAt": late.String(), "snoozedUntil": aside.String(), "lastText": "último mensaje", "tags": []byte(`["vip"]`)})
		w.rows = append(w.rows, w.Get(id))
	}
	slices.SortFunc(w.rows, func(a, b store.Conversation) int {
		return strings.Compare(b.LastAt.String()+b.ID, a.LastAt.String()+a.ID)
	})
	return w
}

// unanswered is who waits, said plainly.
func unanswered(c store.Conversation) bool {
	return (c.Status == store.StatusWaiting || c.Status == store.StatusOpen) && !c.WaitingSince.IsZero() && c.SnoozedUntil.IsZero()
}

// longest are those who wait, the longest wait first.
func (w *town) longest() []store.Conversation {
	rows := slices.DeleteFunc(slices.Clone(w.rows), func(c store.Conversation) bool { return !unanswered(c) })
	slices.SortFunc(rows, func(a, b store.Conversation) int {
		return strings.Compare(a.WaitingSince.String()+a.ID, b.WaitingSince.String()+b.ID)
	})
	return rows
}

// TestListIsExactlyWhatOneSees holds the seeks against Viewer.Sees, for every role and filter, through paging.
func TestListIsExactlyWhatOneSees(t *testing.T) {
	many := 400
	if testing.Short() {
		many = 120
	}
	w := newTown(t, many)
	me := func(c store.Conversation, v rights.Viewer) bool { return c.Assignee == v.ID }
	late := func(c store.Conversation, _ rights.Viewer) bool { return !c.EscalatedAt.IsZero() }
	for _, c := range []struct {
		query string
		fits  func(store.Conversation, rights.Viewer) bool
	}{
		{"", func(store.Conversation, rights.Viewer) bool { return true }},
		{"view=all", func(store.Conversation, rights.Viewer) bool { return true }},
		{"view=mine", func(c store.Conversation, v rights.Viewer) bool { return me(c, v) && c.Status != store.StatusClosed }},
		{"view=mine&status=closed", func(c store.Conversation, v rights.Viewer) bool { return me(c, v) && c.Status == store.StatusClosed }},
		{"view=waiting", func(c store.Conversation, v rights.Viewer) bool { return c.Status == store.StatusWaiting }},
		{"status=open", func(c store.Conversation, v rights.Viewer) bool { return c.Status == store.StatusOpen }},
		{"status=open,bot", func(c store.Conversation, v rights.Viewer) bool {
			return c.Status == store.StatusOpen || c.Status == store.StatusBot
		}},
		{"status=closed", func(c store.Conversation, v rights.Viewer) bool { return c.Status == store.StatusClosed }},
		{"area=" + w.areas[0], func(c store.Conversation, v rights.Viewer) bool { return c.Area == w.areas[0] }},
		{"area=" + w.areas[0] + "&status=waiting", func(c store.Conversation, v rights.Viewer) bool {
			return c.Area == w.areas[0] && c.Status == store.StatusWaiting
		}},
		{"area=" + w.areas[1] + "&assignee=" + w.users[4].ID, func(c store.Conversation, v rights.Viewer) bool {
			return c.Area == w.areas[1] && c.Assignee == w.users[4].ID
		}},
		{"assignee=me", me},
		{"assignee=none", func(c store.Conversation, v rights.Viewer) bool { return c.Assignee == "" }},
		{"assignee=none&status=bot", func(c store.Conversation, v rights.Viewer) bool {
			return c.Assignee == "" && c.Status == store.StatusBot
		}},
		{"line=line1", func(c store.Conversation, v rights.Viewer) bool { return c.Line == "line1" }},
		{"unread=true", func(c store.Conversation, v rights.Viewer) bool { return c.Unread > 0 }},
		{"tag=vip&view=waiting", func(c store.Conversation, v rights.Viewer) bool { return c.Status == store.StatusWaiting }},
		{"tag=none", func(store.Conversation, rights.Viewer) bool { return false }},
		{"q=nandu", func(store.Conversation, rights.Viewer) bool { return true }},
		{"q=ULTIMO&limit=100", func(store.Conversation, rights.Viewer) bool { return true }},
		{"order=recent", func(store.Conversation, rights.Viewer) bool { return true }},
		{"order=wait", func(store.Conversation, rights.Viewer) bool { return true }},
		{"order=wait&view=mine", me},
		{"order=wait&view=waiting&limit=5", func(c store.Conversation, v rights.Viewer) bool { return c.Status == store.StatusWaiting }},
		{"order=wait&area=" + w.areas[0], func(c store.Conversation, v rights.Viewer) bool { return c.Area == w.areas[0] }},
		{"order=wait&line=line1&status=open,bot", func(c store.Conversation, v rights.Viewer) bool {
			return c.Line == "line1" && (c.Status == store.StatusOpen || c.Status == store.StatusBot)
		}},
		{"escalated=true", late},
		{"escalated=true&order=wait&limit=3", late},
		{"escalated=true&view=mine", func(c store.Conversation, v rights.Viewer) bool { return late(c, v) && me(c, v) }},
		{"escalated=true&line=line1&area=" + w.areas[1], func(c store.Conversation, v rights.Viewer) bool {
			return late(c, v) && c.Line == "line1" && c.Area == w.areas[1]
		}},
		{"escalated=false", func(store.Conversation, rights.Viewer) bool { return true }},
		{"q=nobody+like+that", func(store.Conversation, rights.Viewer) bool { return false }},
	} {
		for _, v := range w.users {
			query, err := url.ParseQuery(c.query)
			if err != nil {
				t.Fatal(err)
			}
			if query.Get("limit") == "" {
				query.Set("limit", "17")
			}
			rows, want := w.rows, []string(nil)
			if query.Get("order") == "wait" || query.Get("escalated") == "true" {
				rows = w.longest()
			}
			for _, row := range rows {
				if v.Sees(row.Area, row.Assignee) && c.fits(row, v) {
					want = append(want, row.ID)
				}
			}
			got, _ := w.SignIn(v).All(query)
			if !slices.Equal(got, want) {
				t.Errorf("%s with %d areas, %s: got %d conversations, want %d, in this order", v.Role, len(v.Areas), c.query, len(got), len(want))
			}
		}
	}
}

func TestListPagesWhenTheScanEnds(t *testing.T) {
	w := newTown(t, 40)
	b := w.SignIn(w.users[0])
	got, pages := b.All(url.Values{"q": {"ñandú 3"}, "limit": {"5"}})
	if len(got) != 11 || pages != 3 { // 3 and 30 to 39
		t.Errorf("got %d conversations in %d pages, want 11 in 3", len(got), pages)
	}
	if got, _ := b.All(url.Values{"q": {"+54 9 11 0000-0007"}}); len(got) != 1 {
		t.Errorf("got %d conversations by number, want 1", len(got))
	}
}

func TestListRefusesNonsense(t *testing.T) {
	s := desktest.NewSite(t)
	b := s.SignIn(s.User("boss", rights.Admin))
	for _, query := range []string{"limit=0", "limit=101", "limit=x", "before=x", "before=eHx5", "status=lost", "view=none", "order=best", "unread=perhaps", "escalated=perhaps"} {
		name, _, _ := strings.Cut(query, "=")
		e := b.Get("/api/conversations?" + query).Want(400).Refusal()
		if e.Code != api.ErrBadValue.Code || e.Data.(map[string]any)[name] == nil {
			t.Errorf("%s: got %+v, want the field named", query, e)
		}
	}
}

// plan is how SQLite would run a query.
func plan(t testing.TB, db dbx.Builder, query string, params dbx.Params) string {
	t.Helper()
	var rows []struct {
		Detail string `db:"detail"`
	}
	if err := db.NewQuery("EXPLAIN QUERY PLAN " + query).Bind(params).All(&rows); err != nil {
		t.Fatalf("%v: %s", err, query)
	}
	var all []string
	for _, r := range rows {
		all = append(all, r.Detail)
	}
	return strings.Join(all, "\n")
}

// TestListSeeks holds that no way in reads the table, or sorts what it need not sort: whatever is asked for, whoever asks, and
// whether or not SQLite has counted the rows.
func TestListSeeks(t *testing.T) {
	counted := desktest.NewDesk(t)
	w := &desktest.World{T: t, Desk: counted}
	w.Exec(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n WHERE i < 4999)
		INSERT INTO conversations (id, line, contact, status, area, assignee, lastAt, startedAt) SELECT printf('c%014d', i), 'line', printf('p%014d', i),
		CASE i % 31 WHEN 0 THEN 'open' WHEN 1 THEN 'waiting' WHEN 2 THEN 'bot' ELSE 'closed' END, CASE WHEN i % 9 THEN 'a' ELSE printf('b%d', i % 7) END,
		CASE WHEN i % 5 THEN 'u' ELSE printf('v%d', i % 11) END, strftime('%Y-%m-%d %H:%M:%S.000Z', '2026-03-02', '-' || i || ' minutes'), '2026-01-01' FROM n`)
	w.Exec("ANALYZE")
	for name, d := range map[string]*hooks.Desk{"without statistics": desktest.NewDesk(t), "with statistics": counted} {
		t.Run(name, func(t *testing.T) {
			asked := map[string]bool{}
			for _, one := range everySeek("a", "u") {
				for _, after := range []view.Key{{}, {At: "2026-01-01 00:00:00.000Z", ID: "x"}} {
					params := dbx.Params{}
					query := one.SQL(0, after, params, 50)
					if asked[query] {
						continue
					}
					asked[query] = true
					holdSeek(t, one, after, query, plan(t, d.Store.App.ConcurrentDB(), query, params))
				}
			}
			if len(asked) < 18 { // nine indexes or conditions, from the beginning and from a place
				t.Errorf("got %d different seeks, want all that a page can ask for", len(asked))
			}
		})
	}
}

// everySeek is each way in that any viewer can be given by any parameters.
func everySeek(area, user string) (all []view.Seek) {
	nobody := ""
	statuses := [][]string{nil, {store.StatusBot}, {store.StatusWaiting}, {store.StatusOpen}, {store.StatusClosed}}
	for _, v := range []rights.Viewer{{ID: "u", Role: rights.Admin, Areas: nil}, {ID: "u", Role: rights.Supervisor, Areas: []string{area}}, {ID: "u", Role: rights.Operator, Areas: []string{area}}} {
		for _, where := range []*string{nil, &area} {
			for _, who := range []*string{nil, &nobody, &user} {
				for _, status := range statuses {
					all = append(all, view.Narrow(view.Seeks(v), where, who, status)...)
				}
			}
		}
	}
	return all
}

func holdSeek(t *testing.T, s view.Seek, after view.Key, query, got string) {
	t.Helper()
	scan := strings.Contains(got, "SCAN conversations") && (after.ID != "" || s.Area != nil || s.Assignee != nil || s.Status != "")
	if whole := s == (view.Seek{Status: store.StatusClosed}); scan && !(whole && after.ID == "") {
		t.Errorf("%s:\n%s", query, got)
	}
	live := s.Status != "" && s.Status != store.StatusClosed
	sorts := live && s.Area != nil && s.Assignee == nil // the live ones of one area
	if strings.Contains(got, "TEMP B-TREE") != sorts {
		t.Errorf("sorts: want %v: %s:\n%s", sorts, query, got)
	}
	if !strings.Contains(got, "COVERING INDEX") {
		t.Errorf("reads rows: %s:\n%s", query, got)
	}
}

func TestManyAreas(t *testing.T) {
	s := desktest.NewSite(t)
	var areas []string
	for i := range view.MaxSeeks + 10 {
		areas = append(areas, s.Area(fmt.Sprint("area", i)))
	}
	sup := s.User("sup", rights.Supervisor, areas...)
	first, last := s.Conversation(store.StatusOpen, areas[0], ""), s.Conversation(store.StatusWaiting, areas[len(areas)-1], "")
	got, err := s.Desk.Views.List(context.Background(), sup, view.Wanted{Limit: 50, Statuses: []string{store.StatusBot, store.StatusWaiting, store.StatusOpen}})
	if err != nil || len(got.Items) != 2 || got.Items[0].ID != last || got.Items[1].ID != first {
		t.Errorf("got %+v (%v), want %s and %s", got.Items, err, last, first)
	}
}
