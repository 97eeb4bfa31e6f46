package hooks

import (
	"context"
	"fmt"

	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

const (
	linesQuery = `SELECT id FROM areas a WHERE EXISTS (SELECT 1 FROM conversations c WHERE c.area = a.id AND c.status = 'waiting' AND c.assignee = ''
		AND c.status != 'closed') ORDER BY id`
	waitingIn = `SELECT id, lastAt AS at FROM conversations WHERE area = {:area} AND status = 'waiting' AND assignee = '' AND status != 'closed'
		AND snoozedUntil = '' AND (lastAt, id) > ({:at}, {:id}) ORDER BY lastAt, id LIMIT {:limit}`
)

// leftBehind is what people have open who are not there any more.
const leftBehind = `SELECT id, lastAt AS at FROM conversations c INDEXED BY idx_conv_open_quiet WHERE status = 'open' AND
	(lastAt, id) > ({:at}, {:id}) AND NOT EXISTS (SELECT 1 FROM users u WHERE u.id = c.assignee AND u.active) ORDER BY lastAt, id LIMIT {:limit}`

// takeBack puts into the line what nobody who can work has. Freed does so at once; here is what it did not get to.
func (d *Desk) takeBack(ctx context.Context) error {
	return d.sweep(ctx, "take back", leftBehind, nil, func(t *store.Tx, c *store.Conversation) error {
		active, err := isActive(t, c.Assignee)
		if err != nil || active || c.Status != store.StatusOpen {
			return err
		}
		return d.giveBack(t, c, store.BySystem)
	})
}

// dealWaiting runs the lines of all areas. Mostly there is nothing to do, because whatever changes runs them at once; what
// was changed in the dashboard, or cut off by a stop, is caught up with here.
func (d *Desk) dealWaiting(ctx context.Context) error {
	var areas []string
	if err := d.Store.App.ConcurrentDB().NewQuery(linesQuery).WithContext(ctx).Column(&areas); err != nil {
		return fmt.Errorf("read where somebody waits: %w", err)
	}
	for _, area := range append(areas, "") {
		if err := d.dealArea(ctx, area); err != nil {
			return err
		}
	}
	return nil
}

// dealArea gives what waits in an area to those who can take it. What waits in one that is not in use, or in none, goes to
// the area where its customer belongs.
func (d *Desk) dealArea(ctx context.Context, area string) error {
	active := false
	err := d.Store.Write(ctx, func(t *store.Tx) error {
		a, err := activeArea(t, area)
		if active = a != nil; err != nil || !active {
			return err
		}
		return runQueue(t, area, "")
	})
	if err != nil || active {
		return err
	}
	return d.sweep(ctx, "find another area", waitingIn, dbx.Params{"area": area}, func(t *store.Tx, c *store.Conversation) error {
		if c.Area != area || c.Status != store.StatusWaiting || !c.SnoozedUntil.IsZero() {
			return nil
		}
		return d.route(t, c, "")
	})
}

// rehome moves a waiting conversation whose area is not in use to the one where its customer belongs. Nil when there is
// none: it stays where those who see it can claim it.
func (d *Desk) rehome(t *store.Tx, c *store.Conversation) (*areaRow, error) {
	id, err := d.areaFor(t, c, Handover{})
	if err != nil || id == "" {
		return nil, err
	}
	before := *c
	c.Area = id
	if err := t.Save(c, before); err != nil {
		return nil, err
	}
	if err := t.Event(c, "transferred", store.BySystem, map[string]string{"area": id, "from": before.Area}); err != nil {
		return nil, err
	}
	return activeArea(t, id)
}
