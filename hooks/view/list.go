package view

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"mostrador/hooks/api"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

// Wanted is which conversations somebody asks for.
type Wanted struct {
	area, Assignee *string
	Statuses       []string
	line, tag      string // empty: any
	unread         bool   // only with customer messages that nobody has seen
	Text           string // part of the contact's name or number, or of the last message; empty: any
	ByWait         bool   // only those who wait for an answer, the longest wait first
	escalated      bool   // of these, only those for whom supervision was called
	before         Key
	Limit          int
	Scan           int // how many are looked at for one page when a condition has no index; 0: scanLimit
}

// scanLimit is how many conversations are looked at for one page when a condition has no index. The page may then be
// short, or empty, and still have a next one.
const scanLimit = 1000

// ReadWanted reads the parameters of GET /api/conversations.
func ReadWanted(r *api.Request) (w Wanted, err error) {
	if w.Limit, err = r.Limit(); err != nil {
		return w, err
	}
	if w.before, err = ParseKey(r.Query("before")); err != nil {
		return w, err
	}
	if area := r.Query("area"); area != "" {
		w.area = &area
	}
	switch who := r.Query("assignee"); who {
	case "":
	case "me":
		w.Assignee = &r.Me.ID
	case "none":
		w.Assignee = new(string)
	default:
		w.Assignee = &who
	}
	w.line, w.tag, w.Text = r.Query("line"), r.Query("tag"), store.Fold(strings.TrimSpace(r.Query("q")))
	if w.unread, err = r.Flag("unread"); err != nil {
		return w, err
	}
	if w.escalated, err = r.Flag("escalated"); err != nil {
		return w, err
	}
	switch order := r.Query("order"); order {
	case "", "recent":
		w.ByWait = w.escalated
	case "wait":
		w.ByWait = true
	default:
		return w, api.BadValue("order")
	}
	if list := r.Query("status"); list != "" {
		w.Statuses = strings.Split(list, ",")
	}
	for _, s := range w.Statuses {
		if !slices.Contains(AllStatuses, s) {
			return w, api.BadValue("status")
		}
	}
	return w, w.view(r.Query("view"), r.Me.ID)
}

// view applies one of the tabs: mine (live), waiting for somebody, all that I may see.
func (w *Wanted) view(name, me string) error {
	switch name {
	case "", "all":
	case "mine":
		w.Assignee = &me
		if w.Statuses == nil {
			w.Statuses = []string{store.StatusOpen, store.StatusWaiting, store.StatusBot}
		}
	case "waiting":
		w.Statuses = []string{store.StatusWaiting}
	default:
		return api.BadValue("view")
	}
	return nil
}

// picky tells whether something is asked for that no index answers.
func (w *Wanted) picky() bool {
	return w.line != "" || w.tag != "" || w.unread || w.Text != "" || slices.Contains(w.Statuses, store.StatusClosed)
}

// ConversationColumns are all but the flow's session, which no list shows.
var ConversationColumns = []string{"c.id", "c.line", "c.contact", "c.status", "c.area", "c.assignee", "c.priority", "c.flow", "c.unread", "c.lastAt",
	"c.lastText", "c.lastKind", "c.lastAuthor", "c.lastMessage", "c.waitingSince", "c.escalatedAt", "c.snoozedUntil", "c.startedAt", "c.closedAt", "c.closeReason",
	"c.tags", "c.seq"}

// List reads one page of the conversations that a viewer may see, in the order that is wanted.
func (s *Views) List(ctx context.Context, v rights.Viewer, w Wanted) (api.Page[Conversation], error) {
	db := s.Store.App.ConcurrentDB()
	answer := api.Page[Conversation]{Items: []Conversation{}}
	scan := w.Limit + 1
	if w.picky() {
		scan = max(scan, cmp.Or(w.Scan, scanLimit))
	}
	read := Newest
	switch {
	case w.escalated:
		read = Longest(EscalatedQuery)
	case w.ByWait:
		read = Longest(LongestQuery)
	}
	keys, err := read(ctx, db, Narrow(Seeks(v), w.area, w.Assignee, w.Statuses), w.before, scan)
	if err != nil || len(keys) == 0 {
		return answer, err
	}
	rows, err := w.Pick(ctx, db, v, keys)
	if err != nil {
		return answer, err
	}
	if len(rows) > w.Limit {
		rows = rows[:w.Limit]
		last := slices.IndexFunc(keys, func(k Key) bool { return k.ID == rows[w.Limit-1].ID })
		answer.Next = keys[last].String()
	} else if len(keys) == scan {
		answer.Next = keys[scan-1].String()
	}
	views, err := Conversations(db, v, rows)
	if err != nil {
		return answer, err
	}
	n := Fits(views)
	if n < len(views) {
		last := slices.IndexFunc(keys, func(k Key) bool { return k.ID == views[n-1].ID })
		answer.Next = keys[last].String()
	}
	answer.Items = views[:n]
	return answer, nil
}

// Pick reads the conversations of keys that fit everything else, in their order, one more than a page at most. The keys are
// where to look: a conversation that moved since they were read, or that a seek should not have found, is not the viewer's.
func (w *Wanted) Pick(ctx context.Context, db dbx.Builder, v rights.Viewer, keys []Key) (rows []store.Conversation, err error) {
	order := []string{"c.lastAt DESC", "c.id DESC"}
	if w.ByWait {
		order = []string{"c.waitingSince", "c.id"}
	}
	for part := range slices.Chunk(keys, store.MaxIn) {
		ids := make([]any, len(part))
		for i, k := range part {
			ids[i] = k.ID
		}
		var found []struct {
			store.Conversation
			Name     string `db:"name"`
			PushName string `db:"pushName"`
			Phone    string `db:"phone"`
		}
		q := db.Select(ConversationColumns...).From("conversations c").Where(dbx.In("c.id", ids...)).OrderBy(order...)
		if w.Text != "" {
			q = q.AndSelect("p.name", "p.pushName", "p.phone").InnerJoin("contacts p", dbx.NewExp("p.id = c.contact"))
		}
		for _, condition := range w.conditions() {
			q = q.AndWhere(condition)
		}
		if err := q.WithContext(ctx).All(&found); err != nil {
			return nil, fmt.Errorf("read conversations: %w", err)
		}
		for _, f := range found {
			if v.Sees(f.Area, f.Assignee) && (w.Text == "" || holds(w.Text, f.Name, f.PushName, f.LastText, f.Phone)) {
				rows = append(rows, f.Conversation)
			}
			if len(rows) > w.Limit {
				return rows, nil
			}
		}
	}
	return rows, nil
}

// conditions are what the seeks did not check.
func (w *Wanted) conditions() (all []dbx.Expression) {
	if w.area != nil {
		all = append(all, dbx.HashExp{"c.area": *w.area})
	}
	if w.Assignee != nil {
		all = append(all, dbx.HashExp{"c.assignee": *w.Assignee})
	}
	if len(w.Statuses) > 0 {
		all = append(all, dbx.In("c.status", store.Anys(w.Statuses)...))
	}
	if w.line != "" {
		all = append(all, dbx.HashExp{"c.line": w.line})
	}
	if w.unread {
		all = append(all, dbx.NewExp("c.unread > 0"))
	}
	if w.ByWait {
		all = append(all, dbx.NewExp(unanswered))
	}
	if w.escalated {
		all = append(all, dbx.NewExp("c.escalatedAt != ''"))
	}
	if w.tag != "" {
		all = append(all, dbx.NewExp("EXISTS (SELECT 1 FROM json_each(c.tags) WHERE value = {:tag})", dbx.Params{"tag": w.tag}))
	}
	return all
}

// holds tells whether a folded text is part of one of the others; a number may be typed with spaces and signs.
func holds(text string, name, pushName, last, phone string) bool {
	if strings.Contains(store.Fold(name), text) || strings.Contains(store.Fold(pushName), text) || strings.Contains(store.Fold(last), text) {
		return true
	}
	digits := strings.Map(func(c rune) rune {
		switch {
		case c >= '0' && c <= '9':
			return c
		case strings.ContainsRune(" +-()./", c):
			return -1
		}
		return 'x'
	}, text)
	return len(digits) >= 3 && strings.Contains(phone, digits)
}
