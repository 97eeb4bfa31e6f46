package hooks

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"

	"mostrador/whatsapp"

	"github.com/pocketbase/pocketbase/core"
)

// StoreName is the file in the data folder that holds the keys of the links to WhatsApp. It is no part of PocketBase's
// backups: keys that are rolled back make messages unreadable.
const StoreName = "whatsapp.db"

// traffic is what moves messages between the lines and the database. The zero value lies still.
type traffic struct {
	lines     lineSet
	loaded    chan struct{} // closed when lines is filled
	store     *whatsapp.Store
	receipts  receipts
	calls     callLoop
	inboxWake chan struct{}
	mediaWake chan struct{}

	answering atomic.Bool // flows answer as soon as a message is stored: the loops run

	known acquaintances // the writer's alone
	facts *facts        // the writer's alone
	seen  seenFacts     // of whoever only reads
}

// connect joins the loops' bells to the writer, which rings them after a commit whether anybody listens or not.
func (d *Desk) connect() {
	d.inboxWake, d.mediaWake = make(chan struct{}, 1), make(chan struct{}, 1)
	d.receipts.wake = make(chan struct{}, 1)
	d.loaded = make(chan struct{})
	d.calls = callLoop{desk: d, wake: make(chan struct{}, 1), grace: lastCall, busy: map[string]int{}}
	d.onPending = d.wakeInbox
	d.onQueued = func(line string) {
		if r := d.lineRun(line); r != nil {
			poke(r.out.wake)
		}
	}
	d.onRead = func(line string) { // what there is to tell stands in the database
		if r := d.lineRun(line); r != nil {
			poke(r.marks.wake)
		}
	}
}

// Loaded is closed when Run has made the lines: from then on the API can be asked about them.
func (d *Desk) Loaded() <-chan struct{} { return d.loaded }

// Run moves messages until ctx ends: it starts the lines and the loops, and stops them in an order in which nothing is
// half done. When it returns, the desk writes nothing by itself any more. The desk must be started; Stop comes after.
func (d *Desk) Run(ctx context.Context) error {
	store, err := whatsapp.OpenStore(ctx, filepath.Join(d.App.DataDir(), StoreName), d.App.Logger())
	if err != nil {
		return fmt.Errorf("open the store of the links: %w", err)
	}
	defer store.Close()
	d.store = store
	d.App.OnBackupCreate().BindFunc(func(e *core.BackupEvent) error {
		e.Exclude = append(e.Exclude, KeyName, StoreName, StoreName+"-wal", StoreName+"-shm")
		return e.Next()
	})
	if err := d.rescue(ctx); err != nil {
		return err
	}
	if err := d.rescueCalls(ctx); err != nil {
		return err
	}
	if err := d.loadLines(ctx); err != nil {
		return err
	}
	close(d.loaded)
	if err := d.attendance.begin(ctx); err != nil {
		return err
	}

	background := context.WithoutCancel(ctx)
	keepers := group(background) // write down what lines tell; last to go
	keepers.run(func(ctx context.Context) { d.receipts.run(ctx, d) })
	keepers.run(d.sessions.run)
	keepers.run(d.attendance.run)
	loops := group(background)
	loops.run(d.inbox)
	loops.run(d.fetchMedia)
	loops.run(d.calls.run)
	for _, r := range d.allLines() {
		keepers.run(r.keep)
		loops.run(r.out.run)
		loops.run(r.marks.run)
	}
	d.answering.Store(true)
	if err := d.startLines(ctx); err != nil {
		d.App.Logger().Error("start the lines", "error", err)
	}
	stopClock := d.startClock(background, d.TickEvery)

	<-ctx.Done()
	stopClock()
	d.answering.Store(false)
	// Loops first, while the lines can still answer: the send that is under way is finished and written down. What comes in
	// meanwhile is stored, and handled at the next start.
	loops.stop()
	d.stopLines()
	keepers.stop()
	return nil
}

// stopLines disconnects all lines and forgets them. It returns when no handler of theirs runs any more.
func (d *Desk) stopLines() {
	var wg sync.WaitGroup
	for _, r := range d.allLines() {
		wg.Go(r.line.Stop)
	}
	wg.Wait()
	d.lines.mu.Lock()
	d.lines.byID = nil
	d.lines.mu.Unlock()
}

// crew is goroutines that end together.
type crew struct {
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

func group(ctx context.Context) *crew {
	ctx, cancel := context.WithCancel(ctx)
	return &crew{ctx: ctx, cancel: cancel}
}

func (c *crew) run(fn func(context.Context)) { c.wg.Go(func() { fn(c.ctx) }) }

// stop asks all to end and waits until they did.
func (c *crew) stop() {
	c.cancel()
	c.wg.Wait()
}
