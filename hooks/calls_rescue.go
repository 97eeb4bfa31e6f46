package hooks

import (
	"context"
	"fmt"
	"time"

	"mostrador/flows"
	"mostrador/hooks/fetch"
	"mostrador/hooks/store"
)

const (
	runningCalls = `SELECT * FROM calls WHERE state = 'running' AND id > '' ORDER BY id LIMIT ?`
	oldCalls     = `DELETE FROM calls WHERE id IN (SELECT id FROM calls WHERE doneAt != '' AND pending = FALSE AND doneAt <= ? ORDER BY doneAt, id LIMIT ?)`

	callsKept  = 7 * 24 * time.Hour // what was asked of others, for whoever looks why a flow went as it did
	callsSwept = 500                // in one commit
)

// rescueCalls decides about what was under way when the process ended.
func (d *Desk) rescueCalls(ctx context.Context) error {
	for more := true; more; {
		err := d.Store.Write(ctx, func(t *store.Tx) error {
			rows, err := store.Many[call](t.SQL(), runningCalls, callsBatch)
			if err != nil {
				return fmt.Errorf("read the calls that were under way: %w", err)
			}
			more = len(rows) == callsBatch
			for i := range rows {
				if err := d.rescueCall(t, &rows[i]); err != nil {
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

func (d *Desk) rescueCall(t *store.Tx, row *call) error {
	if !repeatable(row) {
		return d.conclude(t, row, flows.Result{Err: callInterrupted})
	}
	row.State, row.DueAt = callQueued, store.Stamp(t.Now)
	return t.Update(row, "State", "DueAt")
}

// repeatable reports whether a request may arrive twice: its method says so; its node, by giving an Idempotency-Key; or it
// is a question to a model, which changes nothing.
func repeatable(row *call) bool {
	if row.Kind == callAI {
		return true
	}
	var h flows.HTTP
	store.Decode(row.Request, &h)
	return fetch.Repeatable(h.Method) || keyed(&h)
}

// forgetCalls deletes what is long over.
func (d *Desk) forgetCalls(ctx context.Context) error {
	for ctx.Err() == nil {
		var n int64
		err := d.Store.Write(ctx, func(t *store.Tx) error {
			r, err := t.SQL().Exec(oldCalls, store.Stamp(t.Now.Add(-callsKept)), callsSwept)
			if err != nil {
				return fmt.Errorf("forget old calls: %w", err)
			}
			n, err = r.RowsAffected()
			return err
		})
		if err != nil || n < callsSwept {
			return err
		}
	}
	return ctx.Err()
}
