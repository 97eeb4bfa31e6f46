package view

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"mostrador/hooks/api"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

// The list of conversations is read by seeks: one for each way in which somebody may see conversations (their own, those
// of each area…), each on an index that has the order of the list, merged. Its cost does not depend on how many
// conversations there are, nor on how few of them this viewer may see. One big condition would scan: 1 s at 500k rows.

// Seek is one way in: what is fixed about the conversations it finds. Nil is anything.
type Seek struct {
	Area, Assignee *string
	Status         string // empty: any
}

// Seeks are the ways in which a viewer sees conversations; together they are Viewer.Sees.
func Seeks(v rights.Viewer) []Seek {
	if v.Role == rights.Admin {
		return []Seek{{}}
	}
	nobody := ""
	all := []Seek{{Assignee: &v.ID}}
	for _, area := range v.Areas {
		switch v.Role {
		case rights.Supervisor:
			all = append(all, Seek{Area: &area})
		case rights.Operator:
			all = append(all, Seek{Area: &area, Assignee: &nobody})
		}
	}
	return all
}

var AllStatuses = []string{store.StatusBot, store.StatusWaiting, store.StatusOpen, store.StatusClosed}

// Narrow leaves what also fits the fixed values; a way in that contradicts them is dropped.
func Narrow(all []Seek, area, assignee *string, statuses []string) (narrowed []Seek) {
	for _, s := range all {
		if !fix(&s.Area, area) || !fix(&s.Assignee, assignee) {
			continue
		}
		each := statuses
		if len(each) == 0 && s.Area != nil && s.Assignee != nil && *s.Assignee != "" {
			each = AllStatuses // what one person has in one area is found by status: index
		}
		if len(each) == 0 {
			narrowed = append(narrowed, s)
		}
		for _, status := range each {
			s.Status = status
			narrowed = append(narrowed, s)
		}
	}
	return narrowed
}

// fix sets what was open; false when it was fixed to something else.
func fix(have **string, want *string) bool {
	if want == nil {
		return true
	}
	if *have != nil && **have != *want {
		return false
	}
	*have = want
	return true
}

// SQL reads the newest keys of one way in. Each is pinned to its index, so that no statistics can turn it into a scan.
// Whatever the index, the area and the assignee are conditions: they are who may see what is found. What else the index does
// not hold is checked row by row, in at most scan rows.
func (s Seek) SQL(i int, after Key, params dbx.Params, scan int) string {
	index, partial := s.index()
	where := s.who(i, params, partial == unassigned)
	if s.live() {
		where = append(where, equal("status", i, s.Status, params))
	}
	if partial != "" {
		where = append(where, partial)
	}
	if after.ID != "" {
		params["at"], params["id"] = after.At, after.ID
		where = append(where, "(lastAt, id) < ({:at}, {:id})")
	}
	condition := ""
	if len(where) > 0 {
		condition = " WHERE " + strings.Join(where, " AND ")
	}
	return fmt.Sprintf("SELECT * FROM (SELECT lastAt, id FROM conversations INDEXED BY %s%s ORDER BY lastAt DESC, id DESC LIMIT %d)", index, condition, scan)
}

// who are the conditions of who may see what a way in finds; free: the index has only what nobody has.
func (s Seek) who(i int, params dbx.Params, free bool) (where []string) {
	if s.Area != nil {
		where = append(where, equal("area", i, *s.Area, params))
	}
	if s.Assignee != nil && !free {
		where = append(where, equal("assignee", i, *s.Assignee, params))
	}
	return where
}

// equal is a condition of the i-th way in.
func equal(column string, i int, value string, params dbx.Params) string {
	name := fmt.Sprint(column, i)
	params[name] = value
	return column + " = {:" + name + "}"
}

func (s Seek) live() bool { return s.Status != "" && s.Status != store.StatusClosed }

// The conditions of partial indexes: they apply when it is written out that they hold.
const (
	alive      = "status != 'closed'"
	over       = "status = 'closed'"
	unassigned = "assignee = ''"
)

// index is where a way in is looked up, and the condition of a partial one. idx_conv_live_area has the assignee before
// the time: without one SQLite sorts the live conversations of an area, which people's capacity keeps few. What somebody
// has in an area, in any status, has no index: narrow asks for each status.
func (s Seek) index() (name, partial string) {
	switch {
	case s.live() && s.Area != nil:
		return "idx_conv_live_area", alive
	case s.live() && s.Assignee != nil:
		return "idx_conv_live_assignee", alive
	case s.live():
		return "idx_conv_live", alive
	case s.Status == store.StatusClosed && s.Area != nil && s.Assignee != nil:
		return "idx_conv_closed_area", over
	case s.Assignee != nil && *s.Assignee == "" && s.Area != nil:
		return "idx_conv_free", unassigned
	case s.Assignee != nil:
		return "idx_conv_assignee", ""
	case s.Area != nil:
		return "idx_conv_area", ""
	}
	return "idx_conv_last", ""
}

// Key is a place in a list: by the time of the last message, newest first, or by the beginning of the wait.
type Key struct {
	At string `db:"lastAt"` // as the database writes it
	ID string `db:"id"`
}

func (k Key) String() string {
	if k.ID == "" {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString([]byte(k.At + "|" + k.ID))
}

// ParseKey reads what String wrote; nothing is the beginning.
func ParseKey(text string) (Key, error) {
	if text == "" {
		return Key{}, nil
	}
	plain, err := base64.RawURLEncoding.DecodeString(text)
	at, id, ok := strings.Cut(string(plain), "|")
	if when, bad := types.ParseDateTime(at); err != nil || !ok || bad != nil || when.IsZero() || id == "" {
		return Key{}, api.BadValue("before")
	}
	return Key{at, id}, nil
}

// MaxSeeks is how many ways in one statement holds; SQLite takes 500 parts of a UNION.
const MaxSeeks = 200

// Longest makes a reader of up to n keys of those who wait for an answer, the longest wait first. Their index holds them alone,
// and they are as many as people can leave waiting; it is read in its order until n are found that one of the ways in shows.
func Longest(of string) func(ctx context.Context, db dbx.Builder, all []Seek, after Key, n int) ([]Key, error) {
	return func(ctx context.Context, db dbx.Builder, all []Seek, after Key, n int) (keys []Key, err error) {
		for part := range slices.Chunk(all, MaxSeeks) {
			params := dbx.Params{"at": after.At, "id": after.ID}
			ways := make([]string, len(part))
			for i, s := range part {
				ways[i] = s.condition(i, params)
			}
			var found []Key
			query := fmt.Sprintf(of, strings.Join(ways, " OR "), n)
			if err := db.NewQuery(query).Bind(params).WithContext(ctx).All(&found); err != nil {
				return nil, fmt.Errorf("seek waiting conversations: %w", err)
			}
			keys = append(keys, found...)
		}
		slices.SortFunc(keys, func(a, b Key) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.ID, b.ID)) })
		keys = slices.Compact(keys)
		return keys[:min(n, len(keys))], nil
	}
}

// Those who wait, and those of them for whom supervision was called.
const (
	LongestQuery   = `SELECT waitingSince AS lastAt, id FROM conversations INDEXED BY idx_conv_waits WHERE ` + unanswered + afterKey
	EscalatedQuery = `SELECT waitingSince AS lastAt, id FROM conversations INDEXED BY idx_conv_escalated WHERE ` + unanswered + ` AND escalatedAt != ''` + afterKey
	afterKey       = ` AND (waitingSince, id) > ({:at}, {:id}) AND (%s) ORDER BY waitingSince, id LIMIT %d`
)

// condition is a way in as it is checked row by row.
func (s Seek) condition(i int, params dbx.Params) string {
	where := append([]string{"TRUE"}, s.who(i, params, false)...)
	if s.Status != "" {
		where = append(where, equal("status", i, s.Status, params))
	}
	return "(" + strings.Join(where, " AND ") + ")"
}

// Newest reads up to n keys after a place, over all ways in, newest first and each once.
func Newest(ctx context.Context, db dbx.Builder, all []Seek, after Key, n int) ([]Key, error) {
	var keys []Key
	for part := range slices.Chunk(all, MaxSeeks) {
		params := dbx.Params{}
		arms := make([]string, len(part))
		for i, s := range part {
			arms[i] = s.SQL(i, after, params, n)
		}
		var found []Key
		query := strings.Join(arms, " UNION ") + fmt.Sprint(" ORDER BY lastAt DESC, id DESC LIMIT ", n)
		if err := db.NewQuery(query).Bind(params).WithContext(ctx).All(&found); err != nil {
			return nil, fmt.Errorf("seek conversations: %w", err)
		}
		keys = append(keys, found...)
	}
	slices.SortFunc(keys, func(a, b Key) int { return cmp.Or(cmp.Compare(b.At, a.At), cmp.Compare(b.ID, a.ID)) })
	keys = slices.Compact(keys)
	return keys[:min(n, len(keys))], nil
}
