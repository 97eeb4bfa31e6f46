package hooks

import (
	"context"
	"fmt"
	"path/filepath"

	"mostrador/hooks/lines"
	"mostrador/hooks/secrets"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/pocketbase/core"
)

// Run moves messages until ctx ends: it starts the lines and the loops, and stops them in an order in which nothing is
// half done. When it returns, the desk writes nothing by itself any more. The desk must be started; Stop comes after.
func (d *Desk) Run(ctx context.Context) error {
	links, err := whatsapp.OpenStore(ctx, filepath.Join(d.Store.App.DataDir(), lines.StoreName), d.Store.App.Logger())
	if err != nil {
		return fmt.Errorf("open the store of the links: %w", err)
	}
	defer links.Close()
	d.Lines.Links = links
	d.Store.App.OnBackupCreate().BindFunc(func(e *core.BackupEvent) error {
		e.Exclude = append(e.Exclude, secrets.KeyName, lines.StoreName, lines.StoreName+"-wal", lines.StoreName+"-shm")
		return e.Next()
	})
	if err := d.Outbox.Rescue(ctx); err != nil {
		return err
	}
	if err := d.Calls.Rescue(ctx); err != nil {
		return err
	}
	if err := d.Lines.Load(ctx); err != nil {
		return err
	}
	if err := d.Presence.Attendance.Begin(ctx); err != nil {
		return err
	}

	background := context.WithoutCancel(ctx)
	keepers := store.Group(background) // write down what lines tell; last to go
	keepers.Run(func(ctx context.Context) { d.Outbox.Receipts.Run(ctx, &d.Outbox) })
	keepers.Run(d.Guard.Sessions.Run)
	keepers.Run(d.Presence.Attendance.Run)
	loops := store.Group(background)
	loops.Run(d.Runner.Run)
	loops.Run(d.Files.Run)
	loops.Run(d.Calls.Loop.Run)
	for _, r := range d.Lines.AllLines() {
		keepers.Run(r.Keep)
		loops.Run(r.Out.Run)
		loops.Run(r.Marks.Run)
	}
	d.Receiver.Answering.Store(true)
	if err := d.Lines.StartAll(ctx); err != nil {
		d.Store.App.Logger().Error("start the lines", "error", err)
	}
	stopClock := d.startClock(background, d.TickEvery)

	<-ctx.Done()
	stopClock()
	d.Receiver.Answering.Store(false)
	// Loops first, while the lines can still answer: the send that is under way is finished and written down. What comes in
	// meanwhile is stored, and handled at the next start.
	loops.Stop()
	d.Lines.StopAll()
	keepers.Stop()
	return nil
}
