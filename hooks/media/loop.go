package media

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
	SmallFiles = 3        // under way at a time
	largeFiles = 1        // besides
	SmallMedia = 16 << 20 // bytes; photos, voice and most videos
)

// Fetcher is the media loop.
type Fetcher struct {
	files *Files
	Sizes [2]fetching
	Gets  sync.WaitGroup
}

// fetching is the files of one size.
type fetching struct {
	from, to int64 // bytes, as the sender says
	atOnce   int

	Mu    sync.Mutex
	Under map[string]bool // under way, by id
}

func NewFetcher(d *Files) *Fetcher {
	return &Fetcher{files: d, Sizes: [2]fetching{
		{to: SmallMedia, atOnce: SmallFiles, Under: map[string]bool{}},
		{from: SmallMedia + 1, to: math.MaxInt64, atOnce: largeFiles, Under: map[string]bool{}},
	}}
}

func (fi *Files) Wake() { store.Poke(fi.mediaWake) }

// Run runs until ctx ends.
func (fi *Files) Run(ctx context.Context) {
	f := NewFetcher(fi)
	defer f.Gets.Wait()
	tick := time.NewTicker(mediaTick)
	defer tick.Stop()
	for ctx.Err() == nil {
		if err := f.Round(ctx); err != nil && ctx.Err() == nil {
			fi.Store.App.Logger().Error("media", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-fi.mediaWake:
		case <-tick.C:
		}
	}
}

// Round begins to fetch what is due, as much as may be under way. Every file that is through wakes the loop for the next.
func (f *Fetcher) Round(ctx context.Context) error {
	if err := f.files.resumeDisk(ctx); err != nil {
		return err
	}
	for _, run := range f.files.Sources() {
		if !run.Up() {
			continue // it rings when it is
		}
		for i := range f.Sizes {
			if err := f.begin(ctx, run.ID, &f.Sizes[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

const DueMedia = `SELECT id, conversation, line, message, reason, mime, name, ref, attempts, size, wanted FROM media WHERE state = 'pending' AND line = {:line}
	AND dueAt <= {:now} AND size BETWEEN {:from} AND {:to} ORDER BY dueAt LIMIT {:limit}`

// begin fetches files of one line and size.
func (f *Fetcher) begin(ctx context.Context, line string, size *fetching) error {
	free := size.Free()
	if free == 0 {
		return nil
	}
	var rows []Download
	err := f.files.Store.App.ConcurrentDB().NewQuery(DueMedia).Bind(dbx.Params{"line": line, "now": store.Stamp(f.files.Store.Now()),
		"from": size.from, "to": size.to, "limit": size.atOnce}).WithContext(ctx).All(&rows)
	if err != nil {
		return fmt.Errorf("read what to fetch: %w", err)
	}
	for _, row := range rows {
		if !size.enter(row.ID) {
			continue
		}
		f.Gets.Go(func() {
			err := f.files.Fetch(ctx, row)
			if errors.Is(err, errLater) {
				size.leave(row.ID) // what is under way wakes the loop
				return
			}
			if err != nil {
				f.files.Store.App.Logger().Error("media", "id", row.ID, "error", err)
				store.Rest(ctx, MediaUnstored) // it is not downloaded again at once
			}
			size.leave(row.ID)
			f.files.Wake()
		})
	}
	return nil
}

func (s *fetching) Free() int {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	return s.atOnce - len(s.Under)
}

// enter is false for a file that is under way already, and when as many are as may be.
func (s *fetching) enter(id string) bool {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if s.Under[id] || len(s.Under) >= s.atOnce {
		return false
	}
	s.Under[id] = true
	return true
}

func (s *fetching) leave(id string) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	delete(s.Under, id)
}

// Line is a line as files are fetched over it.
type Line struct {
	ID       string
	Up       func() bool
	Download func(ctx context.Context, ref json.RawMessage, max int64) ([]byte, error)
	Again    func(ctx context.Context, m whatsapp.MediaRequest) error
}

// Start makes the bell of the loop.
func (fi *Files) Start() {
	if fi.Disk == nil {
		fi.Disk = StatDisk
	}
	fi.mediaWake = make(chan struct{}, 1)
	fi.bindFiles()
}
