package hooks

import (
	"context"
	"errors"
	"log/slog"
	"time"

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
		d.Conversations.WakeSnoozed(ctx),
		d.Conversations.ReturnAbandoned(ctx), // what people have who are gone
		d.Conversations.DealWaiting(ctx),
		d.Conversations.EscalateUnanswered(ctx),
		d.Conversations.CloseQuiet(ctx),
		d.Editor.CountVisits(ctx),
		d.Editor.RetireVersions(ctx),
		d.Calls.Forget(ctx),
		d.Files.ForgetUploads(ctx),
	)
}
