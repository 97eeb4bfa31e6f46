package conversation

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Who gets a conversation that waits in an area.
const (
	PolicyLeast  = "least_loaded" // whoever has the fewest open ones; the default
	PolicyRound  = "round_robin"  // whoever has not got one for longest
	PolicyManual = "manual"       // nobody: people claim
)

// MaxQueue is how many waiting conversations one run of an area's line looks at; the next run goes on.
const MaxQueue = 100

// areaRow is an area as far as routing and closing are concerned.
type areaRow struct {
	ID               string `db:"id"`
	Key              string `db:"key"`
	Name             string `db:"name"`
	Policy           string `db:"policy"`
	AutoCloseMinutes int    `db:"autoCloseMinutes"`
	TargetMinutes    int    `db:"targetMinutes"`
}

// id is empty for no area.
func (a *areaRow) id() string {
	if a == nil {
		return ""
	}
	return a.ID
}

// activeArea finds an area by id or key; nil when there is none in use.
func activeArea(t *store.Tx, name string) (*areaRow, error) {
	if name == "" {
		return nil, nil
	}
	a := new(areaRow)
	err := t.DB().Select("id", "key", "name", "policy", "autoCloseMinutes", "targetMinutes").From("areas").
		Where(dbx.NewExp("(id = {:name} OR `key` = {:name}) AND active", dbx.Params{"name": name})).Limit(1).One(a)
	if store.IsNone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find area: %w", err)
	}
	return a, nil
}

// worksIn tells whether an active person belongs to an area. Admins work everywhere.
func worksIn(t *store.Tx, user, area string) (bool, error) {
	var n int
	err := t.DB().NewQuery(`SELECT COUNT(*) FROM users u WHERE u.id = {:user} AND u.active AND (u.role = 'ADMIN' OR
		EXISTS (SELECT 1 FROM memberships m WHERE m.user = u.id AND m.area = {:area}))`).
		Bind(dbx.Params{"user": user, "area": area}).Row(&n)
	return n > 0, err
}

// homeOf is the area that an active person works in: the default one, else the first; empty when there is none.
func homeOf(t *store.Tx, user string) (string, error) {
	var area string
	err := t.DB().NewQuery(`SELECT a.id FROM users u JOIN memberships m ON m.user = u.id JOIN areas a ON a.id = m.area
		WHERE u.id = {:user} AND u.active AND a.active ORDER BY a.id = u.defaultArea DESC, a."order", a.name LIMIT 1`).
		Bind(dbx.Params{"user": user}).Row(&area)
	if store.IsNone(err) {
		return "", nil
	}
	return area, err
}

// OpenCount counts what a person has open; the second condition is the partial index's.
const OpenCount = `(SELECT COUNT(*) FROM conversations c WHERE c.assignee = u.id AND c.status = 'open' AND c.status != 'closed')`

// canTake is who may be given a conversation: active, available, not full.
const canTake = `u.active AND u.availability = 'available' AND (u.capacity = 0 OR u.capacity > ` + OpenCount + `)`

// free tells whether a person can be given a conversation now.
func free(t *store.Tx, user string) (bool, error) {
	var n int
	err := t.DB().NewQuery(`SELECT COUNT(*) FROM users u WHERE u.id = {:user} AND ` + canTake).
		Bind(dbx.Params{"user": user}).Row(&n)
	if err != nil {
		return false, fmt.Errorf("see whether %s is free: %w", user, err)
	}
	return n > 0, nil
}

func PickQuery(order string) string {
	return `SELECT u.id FROM memberships m JOIN users u ON u.id = m.user WHERE m.area = {:area}
		AND u.role = 'OPERATOR' AND u.id != {:except} AND ` + canTake + ` ORDER BY ` + order + ` LIMIT 1`
}

// pick chooses who gets the next conversation of an area; empty: nobody can, it waits. Ties go to who has not got one
// for longest.
func pick(t *store.Tx, a *areaRow, except string) (string, error) {
	order := OpenCount + ", u.lastAssignedAt, u.id"
	switch a.Policy {
	case PolicyManual:
		return "", nil
	case PolicyRound:
		order = "u.lastAssignedAt, u.id"
	}
	var user string
	err := t.DB().NewQuery(PickQuery(order)).Bind(dbx.Params{"area": a.ID, "except": except}).Row(&user)
	if store.IsNone(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("choose who gets it: %w", err)
	}
	return user, nil
}

// route gives a waiting conversation to somebody of its area, or leaves it waiting.
func (s *Conversations) route(t *store.Tx, c *store.Conversation, except string) error {
	a, err := activeArea(t, c.Area)
	if err == nil && a == nil {
		a, err = s.rehome(t, c)
	}
	if err != nil || a == nil {
		return err
	}
	if unasked, err := ownerAlone(t, c); err != nil || unasked {
		return err
	}
	user, err := pick(t, a, except)
	if err != nil || user == "" {
		return err
	}
	return assign(t, c, user, store.BySystem)
}

// assignedNow remembers when a person got a conversation. Each one is later than the one before, also within a
// millisecond, or several in one commit would all go to the same person.
func assignedNow(t *store.Tx, user string) error {
	var last types.DateTime
	if err := t.DB().NewQuery("SELECT MAX(lastAssignedAt) FROM users").Row(&last); err != nil {
		return fmt.Errorf("read the last assignment: %w", err)
	}
	now := t.Now
	if !now.After(last.Time()) {
		now = last.Time().Add(time.Millisecond)
	}
	_, err := t.DB().NewQuery("UPDATE users SET lastAssignedAt = {:now} WHERE id = {:user}").
		Bind(dbx.Params{"now": store.Stamp(now), "user": user}).Execute()
	if err != nil {
		return fmt.Errorf("remember the assignment: %w", err)
	}
	return nil
}

const QueueQuery = `SELECT * FROM conversations c WHERE area = {:area} AND status = 'waiting' AND assignee = ''
	AND status != 'closed' AND snoozedUntil = '' AND id != {:not} AND (waitingSince != '' OR lastAuthor != '` + store.ByPhone + `' OR ` + heardQuery + `)
	ORDER BY priority DESC, waitingSince = '', waitingSince, id LIMIT {:limit}`

// heardQuery tells whether the customer of conversation c has written anything in it.
const heardQuery = `EXISTS (SELECT 1 FROM messages m WHERE m.conversation = c.id AND m.direction = 'in')`

// ownerAlone tells whether only the owner wrote, on the phone: a customer who asked nothing waits for nobody.
func ownerAlone(t *store.Tx, c *store.Conversation) (bool, error) {
	if !c.WaitingSince.IsZero() || c.LastAuthor != store.ByPhone {
		return false, nil
	}
	heard, err := heard(t, c)
	return !heard, err
}

func heard(t *store.Tx, c *store.Conversation) (heard bool, err error) {
	if err := t.First(&heard, "SELECT "+heardQuery+" FROM (SELECT ? AS id) c", c.ID); err != nil {
		return false, fmt.Errorf("look for the customer's words: %w", err)
	}
	return heard, nil
}

// RunQueue gives what waits in an area to those who can take it: the most urgent first, then who waits longest. It runs
// when somebody comes online, closes or is freed. not stays where it is (its last owner has just given it back).
func RunQueue(t *store.Tx, area, not string) error {
	a, err := activeArea(t, area)
	if err != nil || a == nil || a.Policy == PolicyManual {
		return err
	}
	if user, err := pick(t, a, ""); err != nil || user == "" {
		return err
	}
	var waiting []store.Conversation
	err = t.DB().NewQuery(QueueQuery).Bind(dbx.Params{"area": a.ID, "not": not, "limit": MaxQueue}).All(&waiting)
	if err != nil {
		return fmt.Errorf("read the waiting line: %w", err)
	}
	for i := range waiting {
		user, err := pick(t, a, "")
		if err != nil || user == "" {
			return err
		}
		if err := assign(t, &waiting[i], user, store.BySystem); err != nil {
			return err
		}
	}
	return nil
}

// Freed runs the lines of the areas of a person who can take more now. Empty: nobody.
func Freed(t *store.Tx, user, not string) error {
	if user == "" {
		return nil
	}
	if free, err := free(t, user); err != nil || !free {
		return err
	}
	areas := map[string]bool{}
	if err := AreasOf(t, user, areas); err != nil {
		return err
	}
	_, err := RunQueues(t, areas, not)
	return err
}

const AreasQuery = "SELECT area FROM memberships WHERE user = {:user}"

// AreasOf adds the areas that a person works in.
func AreasOf(t *store.Tx, user string, to map[string]bool) error {
	var areas []string
	if err := t.DB().NewQuery(AreasQuery).Bind(dbx.Params{"user": user}).Column(&areas); err != nil {
		return fmt.Errorf("read the areas of %s: %w", user, err)
	}
	for _, area := range areas {
		to[area] = true
	}
	return nil
}

// RunQueues is runQueue for several areas. It answers those in which more waits than it looked at.
func RunQueues(t *store.Tx, areas map[string]bool, not string) (long map[string]bool, err error) {
	long = map[string]bool{}
	for _, area := range slices.Sorted(maps.Keys(areas)) {
		before := len(t.Touches)
		if err := RunQueue(t, area, not); err != nil {
			return nil, err
		}
		if len(t.Touches)-before >= MaxQueue {
			long[area] = true
		}
	}
	return long, nil
}
