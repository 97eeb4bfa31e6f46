package bench

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"
)

// StartOptions says how often is started.
type StartOptions struct {
	Starts int
	Idle   time.Duration // how long the last one lies still before its memory is read
}

// Start measures the time from the command to its "listening on" line on a folder that exists, and the resident memory
// of a desk that nobody uses. There is no baseline: a bare client has no folder to open.
func Start(ctx context.Context, p Program, o StartOptions, out io.Writer) (Result, error) {
	dir, err := os.MkdirTemp("", "mostrador-bench-")
	if err != nil {
		return Result{}, err
	}
	defer os.RemoveAll(dir)
	var times []time.Duration
	resident := 0.0
	for n := range o.Starts + 1 {
		began := time.Now()
		desk, err := p.Serve(ctx, dir, "serve", "--http", "127.0.0.1:0", "--dir", dir+"/pb_data")
		if err != nil {
			return Result{}, err
		}
		if n == 0 {
			say(out, "a new folder: %d ms", time.Since(began).Milliseconds())
		} else {
			times = append(times, time.Since(began))
		}
		if n == o.Starts {
			pause(ctx, o.Idle)
			resident = round2(desk.ResidentMB())
		}
		if err := desk.Stop(); err != nil {
			return Result{}, fmt.Errorf("stop: %w", err)
		}
	}
	f := spread(times)
	f.Resident = resident
	say(out, "%d starts: median %.0f ms, longest %.0f ms; %.1f MB after %s", f.Count, f.P50, f.Max, f.Resident, o.Idle)
	return Result{Name: "start", Figures: f}, nil
}
