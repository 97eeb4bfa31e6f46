package hooks

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/settings"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

// readiness is whether the desk can do its work.
type readiness struct {
	Ready    bool     `json:"ready"`    // the database takes writes; a line that is down does not make the desk unready
	Database string   `json:"database"` // ok, or failing: nothing is stored, and WhatsApp keeps what comes in
	Lines    []string `json:"lines"`    // the state of each, as whatsapp.State; the standard one first
	Lag      float64  `json:"lag"`      // seconds that the oldest customer message has waited for its flow
}

// probe remembers the last look, so that a public address cannot be used to keep the disk busy.
type probe struct {
	mu   sync.Mutex
	at   time.Time
	last readiness
}

const (
	probeEvery = 2 * time.Second
	probeFor   = 5 * time.Second
)

// ready answers 200 when messages are stored and handled, else 503.
func (d *Desk) ready(r *api.Request) error {
	now := d.look(r.Request.Context())
	status := http.StatusOK
	if !now.Ready {
		status = http.StatusServiceUnavailable
	}
	return r.JSON(status, now)
}

func (d *Desk) look(ctx context.Context) readiness {
	d.probe.mu.Lock()
	defer d.probe.mu.Unlock()
	if d.Store.Now().Sub(d.probe.at) < probeEvery {
		return d.probe.last
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), probeFor)
	defer cancel()
	now := readiness{Database: "ok", Ready: true, Lines: []string{}}
	err := d.tryWrite(ctx)
	if err == nil {
		err = d.measure(ctx, &now)
	}
	if err != nil {
		d.Store.App.Logger().Error("the database does not take writes", "error", err)
		now = readiness{Database: "failing", Lines: now.Lines}
	}
	d.probe.at, d.probe.last = d.Store.Now(), now
	return now
}

// tryWrite writes one row: only that tells a full disk. It does not wait for a disk that hangs.
func (d *Desk) tryWrite(ctx context.Context) error {
	outcome := make(chan error, 1)
	d.Store.Submit(ctx, func(t *store.Tx) error {
		return settings.Keep(t, settings.ProbeKey, []byte("null"))
	}, func(err error) { outcome <- err })
	select {
	case err := <-outcome:
		return err
	case <-ctx.Done():
		return fmt.Errorf("wait for a write: %w", ctx.Err())
	}
}

// oldestQuery finds the oldest of both: messages by their place, and what has none, votes, as they came.
const oldestQuery = `SELECT COALESCE(MIN(sentAt), '') FROM (
	SELECT * FROM (SELECT sentAt FROM messages INDEXED BY idx_msg_inbox WHERE pending = TRUE AND pos > 0 AND (dueAt = '' OR dueAt <= {:now}) ORDER BY pos LIMIT 1)
	UNION ALL SELECT * FROM (SELECT sentAt FROM messages INDEXED BY idx_msg_inbox WHERE pending = TRUE AND pos = 0 AND (dueAt = '' OR dueAt <= {:now}) ORDER BY id LIMIT 1))`

// measure reads how the lines are, and how far behind the flows.
func (d *Desk) measure(ctx context.Context, now *readiness) error {
	rows, err := d.Lines.All(ctx)
	if err != nil {
		return err
	}
	for _, line := range rows {
		now.Lines = append(now.Lines, line.State)
	}
	var oldest string
	err = d.Store.App.ConcurrentDB().NewQuery(oldestQuery).
		Bind(dbx.Params{"now": store.Stamp(d.Store.Now())}).WithContext(ctx).Row(&oldest)
	if err != nil {
		return fmt.Errorf("read the inbox: %w", err)
	}
	if at, err := time.Parse("2006-01-02 15:04:05.000Z", oldest); err == nil {
		now.Lag = max(0, d.Store.Now().Sub(at).Seconds())
	}
	return nil
}

func (d *Desk) probeRoutes() []api.Route {
	return []api.Route{{Method: "GET", Path: "/api/ready", Who: api.Guests, Run: d.ready}}
}
