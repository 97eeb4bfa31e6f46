package hooks_test

import (
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/desktest"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// The plain rule is Viewer.Sees and the plain reading of each parameter, over everything there is. Whatever the desk shows
// is held equal to it, for random desks and viewers and whatever can be asked.

// seeds are those of the random desks: the same ones each time, and one more that a failure names; for short tests that one.
func seeds(n int) (all []uint64) {
	if testing.Short() {
		n = 0
	}
	for i := range n {
		all = append(all, uint64(i+1))
	}
	return append(all, uint64(time.Now().UnixNano()))
}

// walled is a random desk: few values of everything, so that they meet in all ways, and ties.
type walled struct {
	*desktest.World
	*rand.Rand
	areas   []string // the last one is nobody's
	viewers []rights.Viewer
	rows    []store.Conversation // newest first
	names   map[string]string
}

func newWalled(t testing.TB, seed uint64) *walled {
	w := &walled{World: desktest.NewWorld(t), Rand: rand.New(rand.NewPCG(seed, 7)), names: map[string]string{}}
	for i := range 3 {
		w.areas = append(w.areas, w.Area(fmt.Sprint("area", i)))
	}
	for i, role := range []rights.Role{rights.Admin, rights.Supervisor, rights.Supervisor, rights.Operator, rights.Operator, rights.Operator} {
		var areas []string
		for _, a := range w.areas[:2] {
			if w.IntN(2) == 0 {
				areas = append(areas, a)
			}
		}
		w.viewers = append(w.viewers, w.User(fmt.Sprint("user", i), role, areas...))
	}
	for i := range 60 {
		w.rows = append(w.rows, w.some(i))
	}
	slices.SortFunc(w.rows, func(a, b store.Conversation) int {
		return strings.Compare(b.LastAt.String()+b.ID, a.LastAt.String()+a.ID)
	})
	return w
}

// who is a random assignee: nobody, somebody, or somebody who is not there any more.
func (w *walled) who() string { return w.one(append(w.ids(), "", "", "gone")...) }

func (w *walled) ids() (ids []string) {
	for _, v := range w.viewers {
		ids = append(ids, v.ID)
	}
	return ids
}

func (w *walled) one(values ...string) string { return values[w.IntN(len(values))] }

// some is a random conversation.
func (w *walled) some(i int) store.Conversation {
	name := w.one("Ñandú", "Carla", "Zoë") + fmt.Sprint(" ", i%4)
	contact := w.Insert("contacts", dbx.Params{"pushName": name, "phone": fmt.Sprint(5491100000000 + i)})
	w.names[contact] = name
	at := store.Stamp(w.Desk.Store.Now().Add(-time.Duration(w.IntN(20)) * time.Minute))
	row := dbx.Params{"line": w.one("line0", "line1"), "contact": contact, "status": w.one(view.AllStatuses...), "area": w.one(append(w.areas, "")...),
		"assignee": w.who(), "lastAt": at, "startedAt": at, "unread": w.IntN(2), "lastText": w.one("hola", "chau"), "tags": []byte(w.one(`[]`, `["vip"]`))}
	if w.IntN(3) == 0 {
		row["waitingSince"] = store.Stamp(w.Desk.Store.Now().Add(-time.Duration(w.IntN(9)) * time.Minute))
	}
	return w.Get(w.Insert("conversations", row))
}

// plain is what a viewer is to be shown, in its order.
func (w *walled) plain(v rights.Viewer, q url.Values) (ids []string) {
	rows := slices.Clone(w.rows)
	if q.Get("order") == "wait" {
		rows = slices.DeleteFunc(rows, func(c store.Conversation) bool { // who waits: people have them, or nobody yet, and they have no answer
			return c.WaitingSince.IsZero() || !c.SnoozedUntil.IsZero() || c.Status != store.StatusWaiting && c.Status != store.StatusOpen
		})
		slices.SortFunc(rows, func(a, b store.Conversation) int {
			return strings.Compare(a.WaitingSince.String()+a.ID, b.WaitingSince.String()+b.ID)
		})
	}
	for _, c := range rows {
		if v.Sees(c.Area, c.Assignee) && w.fits(c, v, q) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// fits reads the parameters as docs/openapi.yaml does.
func (w *walled) fits(c store.Conversation, v rights.Viewer, q url.Values) bool {
	who, status := q.Get("assignee"), q.Get("status")
	switch q.Get("view") {
	case "mine":
		who = "me"
		if status == "" {
			status = "bot,waiting,open"
		}
	case "waiting":
		status = "waiting"
	}
	who = map[string]string{"me": v.ID, "none": "nobody"}[who] + strings.TrimPrefix(strings.TrimPrefix(who, "me"), "none")
	is := func(name, value string) bool { return q.Get(name) == "" || q.Get(name) == value }
	return is("area", c.Area) && is("line", c.Line) &&
		(who == "" || who == c.Assignee || who == "nobody" && c.Assignee == "") &&
		(status == "" || slices.Contains(strings.Split(status, ","), c.Status)) &&
		(q.Get("tag") == "" || strings.Contains(string(c.Tags), q.Get("tag"))) &&
		(q.Get("unread") != "true" || c.Unread > 0) &&
		(q.Get("q") == "" || strings.Contains(store.Fold(w.names[c.Contact]+"|"+c.LastText), q.Get("q")))
}

// ask reads every page of the list as the route does, but for HTTP. Where a page ends must be a place that the viewer sees.
func (w *walled) ask(v rights.Viewer, q url.Values, scan int) (ids []string, err error) {
	r := &api.Request{API: &w.Desk.API, Me: &api.Caller{Account: &api.Account{Viewer: v}}, RequestEvent: &core.RequestEvent{}}
	for q = copied(q); ; {
		r.Request = httptest.NewRequest("GET", "/api/conversations?"+q.Encode(), nil)
		asked, err := view.ReadWanted(r)
		if err != nil {
			return ids, err
		}
		asked.Scan = scan
		p, err := w.Desk.Views.List(w.T.Context(), v, asked)
		if err != nil {
			return ids, err
		}
		for _, c := range p.Items {
			ids = append(ids, c.ID)
		}
		if len(p.Items) > asked.Limit {
			return ids, fmt.Errorf("got a page of %d, want %d at most", len(p.Items), asked.Limit)
		}
		if p.Next == "" {
			return ids, nil
		}
		if end, err := view.ParseKey(p.Next); err != nil || !slices.ContainsFunc(w.rows, func(c store.Conversation) bool {
			return c.ID == end.ID && v.Sees(c.Area, c.Assignee)
		}) {
			return ids, fmt.Errorf("a page ends at a conversation that is not theirs (%v)", err)
		}
		q.Set("before", p.Next)
	}
}

func copied(q url.Values) url.Values { c, _ := url.ParseQuery(q.Encode()); return c }

// TestListIsThePlainRule asks for everything that an index is chosen by, all values with all others, and the rest by chance.
func TestListIsThePlainRule(t *testing.T) {
	for _, seed := range seeds(1) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			w := newWalled(t, seed)
			users := []string{"", "me", "none", "gone", w.viewers[1].ID, w.viewers[3].ID, w.viewers[5].ID}
			wrong := 0
			for _, v := range w.viewers {
				for _, area := range append(w.areas, "", "gone") {
					for _, who := range users {
						for set := range 1 << len(view.AllStatuses) {
							q := w.rest(area, who, w.statuses(set))
							want := w.plain(v, q)
							got, err := w.ask(v, q, 2+w.IntN(60))
							if (err != nil || !slices.Equal(got, want)) && wrong < 10 {
								wrong++
								t.Errorf("%s of %d areas asks %s: got %d conversations, %d of them not theirs (%v), want %d",
									v.Role, len(v.Areas), q.Encode(), len(got), w.foreign(v, got), err, len(want))
							}
						}
					}
				}
			}
		})
	}
}

// statuses are those of a set, in any order.
func (w *walled) statuses(set int) string {
	var in []string
	for i, s := range view.AllStatuses {
		if set&(1<<i) != 0 {
			in = append(in, s)
		}
	}
	w.Shuffle(len(in), func(i, j int) { in[i], in[j] = in[j], in[i] })
	return strings.Join(in, ",")
}

// rest adds the other parameters to a question, by chance.
func (w *walled) rest(area, who, statuses string) url.Values {
	q := url.Values{"area": {area}, "assignee": {who}, "status": {statuses}, "limit": {w.one("3", "7", "20", "100")}}
	for _, one := range [][]string{{"view", "", "", "all", "mine", "waiting"}, {"order", "", "recent", "wait"}, {"line", "", "", "line1", "gone"},
		{"tag", "", "", "vip"}, {"unread", "", "true", "false"}, {"q", "", "", "", "nandu", "hola"}} {
		q.Set(one[0], w.one(one[1:]...))
	}
	return q
}

// foreign counts what a viewer does not see.
func (w *walled) foreign(v rights.Viewer, ids []string) (n int) {
	for _, id := range ids {
		if c := w.Get(id); !v.Sees(c.Area, c.Assignee) {
			n++
		}
	}
	return n
}
