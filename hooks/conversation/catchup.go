package conversation

import (
	"context"
	"fmt"

	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

const (
	queuesQuery = `SELECT id FROM areas a WHERE EXISTS (SELECT 1 FROM conversations c WHERE c.area = a.id AND c.status = 'waiting' AND c.assignee = ''
		AND c.status != 'closed') ORDER BY id`
	WaitingIn = `SELECT id, lastAt AS at FROM conversations WHERE area = {:area} AND status = 'waiting' AND assignee = '' AND status != 'closed'
		AND snoozedUntil = '' AND (lastAt, id) > ({:at}, {:id}) ORDER BY lastAt, id LIMIT {:limit}`
)

// LeftBehind is what people have open who are not there any more.
const LeftBehind = `SELECT id, lastAt AS at FROM conversations c INDEXED BY idx_conv_open_quiet WHERE status = 'open' AND
	(lastAt, id) > ({:at}, {:id}) AND NOT EXISTS (SELECT 1 FROM users u WHERE u.id = c.assignee AND u.active) ORDER BY lastAt, id LIMIT {:limit}`

// ReturnAbandoned returns to the queue what only people who are gone have. Freed does so at once; here is what it did not get to.
func (s *Conversations) ReturnAbandoned(ctx context.Context) error {
	return s.sweep(ctx, "take back", LeftBehind, nil, func(t *store.Tx, c *store.Conversation) error {
		active, err := isActive(t, c.Assignee)
		if err != nil || active || c.Status != store.StatusOpen {
			return err
		}
		return s.GiveBack(t, c, store.BySystem)
	})
}

// DealWaiting runs the queues of all areas. Mostly there is nothing to do, because whatever changes runs them at once; what
// was changed in the dashboard, or cut off by a stop, is caught up with here.
func (s *Conversations) DealWaiting(ctx context.Context) error {
	var areas []string
	if err := s.Store.App.ConcurrentDB().NewQuery(queuesQuery).WithContext(ctx).Column(&areas); err != nil {
		return fmt.Errorf("read where somebody waits: %w", err)
	}
	for _, area := range append(areas, "") {
		if err := s.DealArea(ctx, area); err != nil {
			return err
		}
	}
	return nil
}

// DealArea gives what waits in an area to those who can take it. What waits in one that is not in use, or in none, goes to
// the area where its customer belongs.
func (s *Conversations) DealArea(ctx context.Context, area string) error {
	active := false
	err := s.Store.Write(ctx, func(t *store.Tx) error {
		a, err := activeArea(t, area)
		if active = a != nil; err != nil || !active {
			return err
		}
		return RunQueue(t, area, "")
	})
	if err != nil || active {
		return err
	}
	return s.sweep(ctx, "find another area", WaitingIn, dbx.Params{"area": area}, func(t *store.Tx, c *store.Conversation) error {
		if c.Area != area || c.Status != store.StatusWaiting || !c.SnoozedUntil.IsZero() {
			return nil
		}
		return s.route(t, c, "")
	})
}

// rehome moves a waiting conversation whose area is not in use to the one where its customer belongs. Nil when there is
// none: it stays where those who see it can claim it.
func (s *Conversations) rehome(t *store.Tx, c *store.Conversation) (*areaRow, error) {
	id, err := s.areaFor(t, c, Handover{})
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
