package calls

import (
	"context"
	"fmt"
	"time"

	"mostrador/flows"
	"mostrador/hooks/fetch"
	"mostrador/hooks/store"
)

const (
	RunningCalls = `SELECT * FROM calls WHERE state = 'running' AND id > '' ORDER BY id LIMIT ?`
	OldCalls     = `DELETE FROM calls WHERE id IN (SELECT id FROM calls WHERE doneAt != '' AND pending = FALSE AND doneAt <= ? ORDER BY doneAt, id LIMIT ?)`

	CallsKept  = 7 * 24 * time.Hour // what was asked of others, for whoever looks why a flow went as it did
	CallsSwept = 500                // in one commit
)

// Rescue decides about what was under way when the process ended.
func (ca *Calls) Rescue(ctx context.Context) error {
	for more := true; more; {
		err := ca.Store.Write(ctx, func(t *store.Tx) error {
			rows, err := store.Many[Call](t.SQL(), RunningCalls, callsBatch)
			if err != nil {
				return fmt.Errorf("read the calls that were under way: %w", err)
			}
			more = len(rows) == callsBatch
			for i := range rows {
				if err := ca.rescueCall(t, &rows[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("rescue calls: %w", err)
		}
	}
	return nil
}

func (ca *Calls) rescueCall(t *store.Tx, row *Call) error {
	if !repeatable(row) {
		return ca.conclude(t, row, flows.Result{Err: CallInterrupted})
	}
	row.State, row.DueAt = CallQueued, store.Stamp(t.Now)
	return t.Update(row, "State", "DueAt")
}

// repeatable reports whether a request may arrive twice: its method says so; its node, by giving an Idempotency-Key; or it
// is a question to a model, which changes nothing.
func repeatable(row *Call) bool {
	if row.Kind == CallAI {
		return true
	}
	var h flows.HTTP
	store.Decode(row.Request, &h)
	return fetch.Repeatable(h.Method) || keyed(&h)
}

// Forget deletes what is long over.
func (ca *Calls) Forget(ctx context.Context) error {
	for ctx.Err() == nil {
		var n int64
		err := ca.Store.Write(ctx, func(t *store.Tx) error {
			r, err := t.SQL().Exec(OldCalls, store.Stamp(t.Now.Add(-CallsKept)), CallsSwept)
			if err != nil {
				return fmt.Errorf("forget old calls: %w", err)
			}
			n, err = r.RowsAffected()
			return err
		})
		if err != nil || n < CallsSwept {
			return err
		}
	}
	return ctx.Err()
}
