package hooks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
	"github.com/robfig/cron/v3"
)

// startClock runs Tick every so often (0: every minute) until stop is called, which waits for the one that runs.
func (d *Desk) startClock(ctx context.Context, every time.Duration) (stop func()) {
	if every <= 0 {
		every = time.Minute
	}
	log := cronLog{d.Store.App.Logger()}
	clock := cron.New(cron.WithChain(cron.Recover(log), cron.SkipIfStillRunning(log)), cron.WithLogger(log))
	ctx, cancel := context.WithCancel(ctx)
	clock.Schedule(cron.Every(every), cron.FuncJob(func() {
		if err := d.Tick(ctx); err != nil && ctx.Err() == nil {
			d.Store.App.Logger().Error("clock", "error", err)
		}
	}))
	clock.Start()
	return func() {
		cancel()
		<-clock.Stop().Done()
	}
}

// cronLog keeps what the scheduler says, but for its every step.
type cronLog struct{ log *slog.Logger }

func (l cronLog) Info(string, ...any) {}
func (l cronLog) Error(err error, msg string, pairs ...any) {
	l.log.Error("clock", append([]any{"what", msg, "error", err}, pairs...)...)
}

// Tick does what is due by now. One that fails does not stop the others.
func (d *Desk) Tick(ctx context.Context) error {
	return errors.Join(
		d.wakeSnoozed(ctx),
		d.takeBack(ctx), // what people have who are gone
		d.dealWaiting(ctx),
		d.escalateUnanswered(ctx),
		d.closeQuiet(ctx),
		d.countVisits(ctx),
		d.retireVersions(ctx),
		d.Calls.Forget(ctx),
		d.forgetUploads(ctx),
	)
}

// sweep reads candidates in batches, in the order of their time, and carries out do on each in a transaction of its own.
// query has {at} and {id}, the last candidate of the batch before, and {limit}; do judges again, because the world moves on.
func (d *Desk) sweep(ctx context.Context, what, query string, params dbx.Params, do func(*store.Tx, *store.Conversation) error) error {
	after := store.Due{}
	for {
		var batch []store.Due
		bound := dbx.Params{"at": after.At, "id": after.ID, "limit": store.ClockBatch}
		for k, v := range params {
			bound[k] = v
		}
		if err := d.Store.App.ConcurrentDB().NewQuery(query).Bind(bound).WithContext(ctx).All(&batch); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		var wg sync.WaitGroup
		for _, one := range batch { // together, so that they share a commit
			wg.Go(func() {
				err := d.Store.Write(ctx, func(t *store.Tx) error {
					c, err := t.Conversation(one.ID)
					if err != nil {
						return err
					}
					return do(t, c)
				})
				if err != nil && ctx.Err() == nil {
					d.Store.App.Logger().Error("clock", "what", what, "conversation", one.ID, "error", err)
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
	snoozedDue = `SELECT id, snoozedUntil AS at FROM conversations WHERE snoozedUntil != '' AND snoozedUntil <= {:until}
		AND (snoozedUntil, id) > ({:at}, {:id}) ORDER BY snoozedUntil, id LIMIT {:limit}`
	unansweredDue = `SELECT id, waitingSince AS at FROM conversations WHERE waitingSince != '' AND escalatedAt = '' AND waitingSince <= {:until}
		AND (waitingSince, id) > ({:at}, {:id}) ORDER BY waitingSince, id LIMIT {:limit}`
	quietDue = `SELECT id, lastAt AS at FROM conversations WHERE status = 'open' AND lastAt <= {:until}
		AND (lastAt, id) > ({:at}, {:id}) ORDER BY lastAt, id LIMIT {:limit}`
)

func (d *Desk) wakeSnoozed(ctx context.Context) error {
	return d.sweep(ctx, "wake", snoozedDue, dbx.Params{"until": store.Stamp(d.Store.Now())}, func(t *store.Tx, c *store.Conversation) error {
		if c.SnoozedUntil.IsZero() || c.SnoozedUntil.Time().After(t.Now) {
			return nil
		}
		return d.unsnooze(t, c, store.BySystem)
	})
}
