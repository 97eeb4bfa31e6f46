// Package lines: the lines to WhatsApp as the desk runs them: link, state, QR.
package lines

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"mostrador/hooks/contacts"
	"mostrador/hooks/media"
	"mostrador/hooks/outbox"
	"mostrador/hooks/receive"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Lines runs the lines to WhatsApp.
type Lines struct {
	Contacts *contacts.Contacts
	Files    *media.Files
	Outbox   *outbox.Outbox
	Receiver *receive.Receiver
	Store    *store.Store

	Options Options
	Set     lineSet
	Links   *whatsapp.Store // the keys of the links, before Load
	loaded  chan struct{}   // closed when Set is filled
}

// Options are what every line of the desk is run with.
type Options struct {
	Limit   whatsapp.Limit // what a line sends at most; zero fields: the defaults
	ScanFor time.Duration  // how long a QR code that nobody scans stays up; 0: for ever
}

// LineRow is a row of lines.
type LineRow struct {
	ID          string         `db:"id"`
	Name        string         `db:"name"`
	DisplayName string         `db:"displayName"`
	Phone       string         `db:"phone"`
	Device      string         `db:"device"`
	Enabled     bool           `db:"enabled"`
	Paused      bool           `db:"paused"`
	Standard    bool           `db:"standard"`
	State       string         `db:"state"`
	Reason      string         `db:"reason"`
	Since       types.DateTime `db:"since"`
	Until       types.DateTime `db:"until"`
}

// lineSet holds the lines that exist, on or off.
type lineSet struct {
	Mu   sync.Mutex
	ByID map[string]*LineRun
}

// LineRun is nil for a line that does not exist.
func (l *Lines) LineRun(id string) *LineRun {
	l.Set.Mu.Lock()
	defer l.Set.Mu.Unlock()
	return l.Set.ByID[id]
}

func (l *Lines) AllLines() []*LineRun {
	l.Set.Mu.Lock()
	defer l.Set.Mu.Unlock()
	all := make([]*LineRun, 0, len(l.Set.ByID))
	for _, r := range l.Set.ByID {
		all = append(all, r)
	}
	return all
}

const (
	keeperQueue = 1000            // things that a line told and nobody has written down yet
	deviceAgain = 2 * time.Second // after a link could not be written down
)

// FirstLine gives a desk without any line one, switched off.
func (l *Lines) FirstLine(ctx context.Context) error {
	err := l.Store.Write(ctx, func(t *store.Tx) error {
		_, err := t.DB().NewQuery(`INSERT INTO lines (id, name, enabled, standard, state, created, updated)
			SELECT {:id}, 'WhatsApp', FALSE, TRUE, 'stopped', {:now}, {:now} WHERE NOT EXISTS (SELECT 1 FROM lines)`).
			Bind(dbx.Params{"id": store.NewID(t.Now), "now": store.Stamp(t.Now)}).Execute()
		return err
	})
	if err != nil {
		return fmt.Errorf("make the first line: %w", err)
	}
	return nil
}

// Load makes the lines of the database. Call it once.
func (l *Lines) Load(ctx context.Context) error {
	if err := l.FirstLine(ctx); err != nil {
		return err
	}
	var rows []LineRow
	if err := l.Store.App.ConcurrentDB().NewQuery(`SELECT * FROM lines ORDER BY id`).WithContext(ctx).All(&rows); err != nil {
		return fmt.Errorf("read the lines: %w", err)
	}
	l.Set.Mu.Lock()
	defer l.Set.Mu.Unlock()
	l.Set.ByID = map[string]*LineRun{}
	for _, row := range rows {
		l.Set.ByID[row.ID] = l.newLineRun(row)
	}
	close(l.loaded)
	return nil
}

// StartAll switches on the lines that should run. One that cannot start shows why and holds up no other.
func (l *Lines) StartAll(ctx context.Context) error {
	var ids []string
	err := l.Store.App.ConcurrentDB().NewQuery(`SELECT id FROM lines WHERE enabled ORDER BY id`).WithContext(ctx).Column(&ids)
	if err != nil {
		return fmt.Errorf("read which lines should run: %w", err)
	}
	for _, id := range ids {
		if err := l.LineRun(id).Line.Start(ctx); err != nil && !errors.Is(err, context.Canceled) {
			l.Store.App.Logger().Error("start the line", "line", id, "error", err)
		}
	}
	return nil
}

// Prepare comes before anybody waits for Loaded.
func (l *Lines) Prepare() { l.loaded = make(chan struct{}) }

// StoreName is the file in the data folder that holds the keys of the links to WhatsApp. It is no part of PocketBase's
// backups: keys that are rolled back make messages unreadable.
const StoreName = "whatsapp.db"

// Loaded is closed when Load has made the lines: from then on the API can be asked about them.
func (l *Lines) Loaded() <-chan struct{} { return l.loaded }

// StopAll disconnects all lines and forgets them. It returns when no handler of theirs runs any more.
func (l *Lines) StopAll() {
	var wg sync.WaitGroup
	for _, r := range l.AllLines() {
		wg.Go(r.Line.Stop)
	}
	wg.Wait()
	l.Set.Mu.Lock()
	l.Set.ByID = nil
	l.Set.Mu.Unlock()
}
