package view_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"mostrador/hooks"
	"mostrador/hooks/desktest"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"

	"github.com/pocketbase/dbx"
)

// plainCounts counts one conversation after the other by the rule of sight.
func plainCounts(v rights.Viewer, rows []store.Conversation) view.CountsView {
	c := view.CountsView{Areas: []view.AreaCounts{}}
	areas := map[string]view.AreaCounts{}
	count := func(n *int, is bool) {
		if is {
			*n++
		}
	}
	for _, row := range rows {
		if row.Status == store.StatusClosed || !v.Sees(row.Area, row.Assignee) {
			continue
		}
		waits, mine := unanswered(row), v.ID != "" && row.Assignee == v.ID
		count(&c.Live, true)
		count(&c.Bot, row.Status == store.StatusBot)
		count(&c.Mine, mine)
		count(&c.MineUnanswered, mine && waits)
		count(&c.Waiting, waits)
		count(&c.Unassigned, waits && row.Assignee == "")
		count(&c.Escalated, waits && !row.EscalatedAt.IsZero() && v.Role != rights.Operator)
		of := areas[row.Area]
		of.Area = row.Area
		count(&of.Live, true)
		count(&of.Waiting, waits)
		areas[row.Area] = of
	}
	for _, of := range areas {
		c.Areas = append(c.Areas, of)
	}
	slices.SortFunc(c.Areas, func(a, b view.AreaCounts) int { return strings.Compare(a.Area, b.Area) })
	return c
}

// TestCountsAreExactlyWhatOneSees counts random desks for random people.
func TestCountsAreExactlyWhatOneSees(t *testing.T) {
	w := desktest.NewWorld(t)
	r := rand.New(rand.NewPCG(3, 4))
	one := func(of ...string) string { return of[r.IntN(len(of))] }
	at := func() string { return one("", "", "2026-01-01 00:00:00.000Z") }
	areas := []string{"sales", "help", "north", ""}
	people := []string{"ana", "bea", "eva", ""}
	for desk := range 60 {
		w.Exec("DELETE FROM conversations")
		var rows []store.Conversation
		for i := range r.IntN(80) {
			id := w.Insert("conversations", dbx.Params{"line": "line", "contact": fmt.Sprint("contact", i), "status": one(view.AllStatuses...), "area": one(areas...),
				"assignee": one(people...), "waitingSince": at(), "snoozedUntil": at(), "escalatedAt": at(), "lastAt": "2026-01-01 00:00:00.000Z", "startedAt": "2026-01-01 00:00:00.000Z"})
			rows = append(rows, w.Get(id))
		}
		for range 20 {
			v := rights.Viewer{ID: one(people...), Role: rights.Role(one("ADMIN", "SUPERVISOR", "OPERATOR", "")), Areas: slices.DeleteFunc(slices.Clone(areas), func(string) bool { return r.IntN(2) == 0 })}
			got, err := w.Desk.Views.Counts(context.Background(), v)
			if err != nil {
				t.Fatal(err)
			}
			if want := plainCounts(v, rows); !reflect.DeepEqual(*got, want) {
				t.Fatalf("desk %d as %+v:\ngot  %+v\nwant %+v", desk, v, *got, want)
			}
		}
	}
}

// TestCountsAreTheLengthsOfTheLists holds that a number and the list behind it are the same ones.
func TestCountsAreTheLengthsOfTheLists(t *testing.T) {
	w := newTown(t, 400)
	for _, v := range w.users {
		b := w.SignIn(v)
		var got view.CountsView
		b.Get("/api/counts").Want(200).Into(&got)
		lists := map[string]int{
			"status=bot,waiting,open": got.Live, "status=bot": got.Bot, "view=mine": got.Mine, "order=wait": got.Waiting,
			"order=wait&view=mine": got.MineUnanswered, "order=wait&assignee=none": got.Unassigned,
		}
		if v.Role != rights.Operator {
			lists["escalated=true"] = got.Escalated
		}
		for _, area := range got.Areas {
			if area.Area != "" { // no list asks for conversations without one
				lists["order=wait&area="+area.Area], lists["status=bot,waiting,open&area="+area.Area] = area.Waiting, area.Live
			}
		}
		for list, want := range lists {
			query, err := url.ParseQuery(list)
			if err != nil {
				t.Fatal(err)
			}
			if all, _ := b.All(query); len(all) != want {
				t.Errorf("%s with %d areas: %s lists %d, counted %d", v.Role, len(v.Areas), list, len(all), want)
			}
		}
	}
}

// TestCountsReadTheirIndexAlone: whether or not SQLite has counted the rows, one pass over what is live, and nothing is sorted.
func TestCountsReadTheirIndexAlone(t *testing.T) {
	counted := desktest.NewDesk(t)
	fillLive(&desktest.World{T: t, Desk: counted}, 5000)
	for name, d := range map[string]*hooks.Desk{"without statistics": desktest.NewDesk(t), "with statistics": counted} {
		condition := "area = 'a' AND assignee = '' OR assignee = 'u'"
		for query, want := range map[string]string{
			view.TallyQuery: "SCAN conversations USING COVERING INDEX idx_conv_tally",
			fmt.Sprintf(view.LongestQuery, condition, 8):   "SEARCH conversations USING COVERING INDEX idx_conv_waits",
			fmt.Sprintf(view.EscalatedQuery, condition, 8): "SEARCH conversations USING COVERING INDEX idx_conv_escalated",
		} {
			got := plan(t, d.Store.App.ConcurrentDB(), query, dbx.Params{"at": "", "id": ""})
			if !strings.HasPrefix(got, want) || strings.Contains(got, "TEMP B-TREE") {
				t.Errorf("%s: got plan\n%s\nwant %s", name, got, want)
			}
		}
	}
}

// fillLive makes n live conversations beside twice as many closed ones, and lets SQLite count them.
func fillLive(w *desktest.World, n int) {
	w.T.Helper()
	w.Exec(fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n WHERE i < %d)
		INSERT INTO conversations (id, line, contact, status, area, assignee, lastAt, startedAt, waitingSince, escalatedAt)
		SELECT printf('c%%014d', i), 'line', printf('p%%014d', i), CASE i %% 9 WHEN 0 THEN 'bot' WHEN 1 THEN 'waiting' WHEN 2 THEN 'open' ELSE 'closed' END,
			printf('area%%d', (i * 7) %% 20), CASE WHEN i %% 5 < 4 THEN printf('user%%d', i %% 40) ELSE '' END, '2026-03-02 10:00:00.000Z', '2026-01-01 00:00:00.000Z',
			CASE WHEN i %% 9 IN (1, 2) THEN strftime('%%Y-%%m-%%d %%H:%%M:%%S.000Z', '2026-03-02', '-' || (i * 7919 %% 9000) || ' minutes') ELSE '' END,
			CASE WHEN i %% 9 = 1 AND i %% 4 = 0 THEN '2026-03-02 10:00:00.000Z' ELSE '' END FROM n`, 3*n-1))
	w.Exec("ANALYZE")
}

// BenchmarkCounts counts 10,000 live conversations of 20 areas and 40 people.
func BenchmarkCounts(b *testing.B) {
	d := desktest.NewDesk(b)
	fillLive(&desktest.World{T: b, Desk: d}, 10_000)
	for _, v := range []rights.Viewer{{ID: "user7", Role: rights.Admin}, {ID: "user7", Role: rights.Operator, Areas: []string{"area3", "area9"}}} {
		b.Run(string(v.Role), func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				if _, err := d.Views.Counts(context.Background(), v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
