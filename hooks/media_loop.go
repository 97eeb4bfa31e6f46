package hooks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// The media loop fetches what customers sent: of lines that are up, a few small files and one large one at a time, because
// each is in memory until it is stored. A file that takes minutes is in the way of large ones only.
const (
	mediaTick  = 2 * time.Second
	smallFiles = 3        // under way at a time
	largeFiles = 1        // besides
	smallMedia = 16 << 20 // bytes; photos, voice and most videos
)

// fetcher is the media loop.
type fetcher struct {
	desk  *Desk
	sizes [2]fetching
	gets  sync.WaitGroup
}

// fetching is the files of one size.
type fetching struct {
	from, to int64 // bytes, as the sender says
	atOnce   int

	mu    sync.Mutex
	under map[string]bool // under way, by id
}

func newFetcher(d *Desk) *fetcher {
	return &fetcher{desk: d, sizes: [2]fetching{
		{to: smallMedia, atOnce: smallFiles, under: map[string]bool{}},
		{from: smallMedia + 1, to: math.MaxInt64, atOnce: largeFiles, under: map[string]bool{}},
	}}
}

func (d *Desk) wakeMedia() { store.Poke(d.mediaWake) }

// fetchMedia runs until ctx ends.
func (d *Desk) fetchMedia(ctx context.Context) {
	f := newFetcher(d)
	defer f.gets.Wait()
	tick := time.NewTicker(mediaTick)
	defer tick.Stop()
	for ctx.Err() == nil {
		if err := f.round(ctx); err != nil && ctx.Err() == nil {
			d.Store.App.Logger().Error("media", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-d.mediaWake:
		case <-tick.C:
		}
	}
}

// round begins to fetch what is due, as much as may be under way. Every file that is through wakes the loop for the next.
func (f *fetcher) round(ctx context.Context) error {
	if err := f.desk.resumeDisk(ctx); err != nil {
		return err
	}
	for _, run := range f.desk.sources() {
		if !run.up() {
			continue // it rings when it is
		}
		for i := range f.sizes {
			if err := f.begin(ctx, run.id, &f.sizes[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

const dueMedia = `SELECT id, conversation, line, message, reason, mime, name, ref, attempts, size, wanted FROM media WHERE state = 'pending' AND line = {:line}
	AND dueAt <= {:now} AND size BETWEEN {:from} AND {:to} ORDER BY dueAt LIMIT {:limit}`

// begin fetches files of one line and size.
func (f *fetcher) begin(ctx context.Context, line string, size *fetching) error {
	free := size.free()
	if free == 0 {
		return nil
	}
	var rows []download
	err := f.desk.Store.App.ConcurrentDB().NewQuery(dueMedia).Bind(dbx.Params{"line": line, "now": store.Stamp(f.desk.Store.Now()),
		"from": size.from, "to": size.to, "limit": size.atOnce}).WithContext(ctx).All(&rows)
	if err != nil {
		return fmt.Errorf("read what to fetch: %w", err)
	}
	for _, row := range rows {
		if !size.enter(row.ID) {
			continue
		}
		f.gets.Go(func() {
			err := f.desk.fetch(ctx, row)
			if errors.Is(err, errLater) {
				size.leave(row.ID) // what is under way wakes the loop
				return
			}
			if err != nil {
				f.desk.Store.App.Logger().Error("media", "id", row.ID, "error", err)
				store.Rest(ctx, mediaUnstored) // it is not downloaded again at once
			}
			size.leave(row.ID)
			f.desk.wakeMedia()
		})
	}
	return nil
}

func (s *fetching) free() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.atOnce - len(s.under)
}

// enter is false for a file that is under way already, and when as many are as may be.
func (s *fetching) enter(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.under[id] || len(s.under) >= s.atOnce {
		return false
	}
	s.under[id] = true
	return true
}

func (s *fetching) leave(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.under, id)
}

// source is a line as files are fetched over it.
type source struct {
	id       string
	up       func() bool
	download func(ctx context.Context, ref json.RawMessage, max int64) ([]byte, error)
	again    func(ctx context.Context, m whatsapp.MediaRequest) error
}

// startFiles makes the bell of the loop.
func (d *Desk) startFiles() {
	if d.Disk == nil {
		d.Disk = statDisk
	}
	d.mediaWake = make(chan struct{}, 1)
	d.bindFiles()
}
