package hooks

import (
	"context"
	"time"

	"mostrador/hooks/api"
)

// What the tests of the desk ask of its inside.

type Readiness = readiness

const (
	ProbeEvery  = probeEvery
	OldestQuery = oldestQuery
)

func (d *Desk) Routes() []api.Route { return d.routes() }

func (d *Desk) TryWrite(ctx context.Context) error { return d.tryWrite(ctx) }

func (d *Desk) StartClock(ctx context.Context, every time.Duration) (stop func()) {
	return d.startClock(ctx, every)
}
