package conversation

import (
	"context"

	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

// Freed follows a change of somebody's areas, capacity, role or activation: they get what waits for them; who was
// switched off leaves what they had to the queue, so that no customer is with nobody.
func (s *Conversations) Freed(ctx context.Context, user string) error {
	active := false
	err := s.Store.Write(ctx, func(t *store.Tx) (err error) {
		if active, err = isActive(t, user); err != nil {
			return err
		}
		return Freed(t, user, "")
	})
	if err != nil || active {
		return err
	}
	return s.sweep(ctx, "let go", HeldBy, dbx.Params{"user": user}, func(t *store.Tx, c *store.Conversation) error {
		if c.Assignee != user || c.Status != store.StatusOpen {
			return nil
		}
		return s.GiveBack(t, c, store.BySystem)
	})
}

const HeldBy = `SELECT id, lastAt AS at FROM conversations WHERE assignee = {:user} AND status = 'open' AND status != 'closed'
	AND (lastAt, id) > ({:at}, {:id}) ORDER BY lastAt, id LIMIT {:limit}`
