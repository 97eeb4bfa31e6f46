package conversation

import (
	"context"
	"fmt"
	"sync"

	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

// sweep reads candidates in batches, in the order of their time, and carries out do on each in a transaction of its own.
// query has {at} and {id}, the last candidate of the batch before, and {limit}; do judges again, because the world moves on.
func (s *Conversations) sweep(ctx context.Context, what, query string, params dbx.Params, do func(*store.Tx, *store.Conversation) error) error {
	after := store.Due{}
	for {
		var batch []store.Due
		bound := dbx.Params{"at": after.At, "id": after.ID, "limit": store.ClockBatch}
		for k, v := range params {
			bound[k] = v
		}
		if err := s.Store.App.ConcurrentDB().NewQuery(query).Bind(bound).WithContext(ctx).All(&batch); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		var wg sync.WaitGroup
		for _, one := range batch { // together, so that they share a commit
			wg.Go(func() {
				err := s.Store.Write(ctx, func(t *store.Tx) error {
					c, err := t.Conversation(one.ID)
					if err != nil {
						return err
					}
					return do(t, c)
				})
				if err != nil && ctx.Err() == nil {
					s.Store.App.Logger().Error("clock", "what", what, "conversation", one.ID, "error", err)
				}
			})
		}
		wg.Wait()
		if len(batch) < store.ClockBatch || ctx.Err() != nil {
			return ctx.Err()
		}
		after = batch[len(batch)-1]
	}
}

// Candidates of the three jobs, each by an index of its own.
const (
	SnoozedDue = `SELECT id, snoozedUntil AS at FROM conversations WHERE snoozedUntil != '' AND snoozedUntil <= {:until}
		AND (snoozedUntil, id) > ({:at}, {:id}) ORDER BY snoozedUntil, id LIMIT {:limit}`
	UnansweredDue = `SELECT id, waitingSince AS at FROM conversations WHERE waitingSince != '' AND escalatedAt = '' AND waitingSince <= {:until}
		AND (waitingSince, id) > ({:at}, {:id}) ORDER BY waitingSince, id LIMIT {:limit}`
	QuietDue = `SELECT id, lastAt AS at FROM conversations WHERE status = 'open' AND lastAt <= {:until}
		AND (lastAt, id) > ({:at}, {:id}) ORDER BY lastAt, id LIMIT {:limit}`
)
