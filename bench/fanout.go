package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// FanOutOptions says how many listen and how much is written.
type FanOutOptions struct {
	Agents    []int         // one series each
	PerSecond int           // customers' messages
	For       time.Duration // of each series
	Customers int
}

// eventMark stands before the time of writing in a message, in nanoseconds since 1970.
const eventMark = "escrito a las "

// FanOut measures the time from a customer's message to the event at an agent's page, for all agents who may see the
// conversation: each agent works in three of twenty areas, and the customers' conversations wait in all of them in turns.
func FanOut(ctx context.Context, p Program, o FanOutOptions, out io.Writer) (Result, error) {
	rig, err := NewRig(ctx, p)
	if err != nil {
		return Result{}, err
	}
	defer rig.Close()
	customers, err := rig.Customers(ctx, o.Customers)
	if err != nil {
		return Result{}, err
	}
	desk, err := rig.Desk(ctx, nil)
	if err != nil {
		return Result{}, err
	}
	areas, err := rig.spread(ctx, desk, customers)
	if err != nil {
		return Result{}, fmt.Errorf("spread the conversations over areas: %w", err)
	}
	result := Result{Name: "fanout"}
	var agents []*Desk
	for _, n := range o.Agents {
		if agents, err = desk.hire(ctx, agents, areas, n); err != nil {
			return Result{}, fmt.Errorf("make agents: %w", err)
		}
		f, err := rig.fanOut(ctx, agents, customers, o)
		if err != nil {
			return Result{}, fmt.Errorf("%d agents: %w", n, err)
		}
		f.Resident = round2(desk.ResidentMB())
		say(out, "%d agents: %d events, median %.1f ms, p99 %.1f ms, longest %.1f ms", n, f.Count, f.P50, f.P99, f.Max)
		result.Series = append(result.Series, f)
		result.Figures = f
	}
	return result, nil
}

// fanOut writes at a steady rate while all agents listen.
func (r *Rig) fanOut(ctx context.Context, agents []*Desk, customers []string, o FanOutOptions) (Figures, error) {
	listening, stop := context.WithCancel(ctx)
	defer stop()
	var mu sync.Mutex
	var times []time.Duration
	var lost atomic.Int64
	for _, agent := range agents {
		var own []time.Duration
		ended, err := agent.Listen(listening, []string{"message:new"}, func(_ string, data []byte) {
			if at := writtenAt(data); at > 0 {
				own = append(own, time.Duration(time.Now().UnixNano()-at))
			}
		})
		if err != nil {
			return Figures{}, err
		}
		go func() {
			<-ended
			if listening.Err() == nil {
				lost.Add(1)
			}
			mu.Lock()
			times = append(times, own...)
			mu.Unlock()
		}()
	}
	wrote, err := r.steady(ctx, customers, o)
	if err != nil {
		return Figures{}, err
	}
	pause(ctx, time.Second) // what is still on its way counts, too
	stop()
	for _, agent := range agents {
		agent.client.CloseIdleConnections()
	}
	pause(ctx, 500*time.Millisecond) // the readers hand in their times
	mu.Lock()
	defer mu.Unlock()
	if n := lost.Load(); n > 0 {
		return Figures{}, fmt.Errorf("the desk dropped %d agents", n)
	}
	if len(times) < wrote {
		return Figures{}, fmt.Errorf("%d messages made only %d events", wrote, len(times))
	}
	f := spread(times)
	f.Agents, f.PerSecond = len(agents), perSecond(wrote, o.For)
	return f, nil
}

// steady writes at the asked rate, whatever the answers take.
func (r *Rig) steady(ctx context.Context, customers []string, o FanOutOptions) (int, error) {
	tick := time.NewTicker(time.Second / time.Duration(o.PerSecond))
	defer tick.Stop()
	total := int(o.For.Seconds() * float64(o.PerSecond))
	errs := make(chan error, total)
	for i := range total {
		select {
		case <-ctx.Done():
			return i, ctx.Err()
		case <-tick.C:
		}
		go func() {
			text := eventMark + strconv.FormatInt(time.Now().UnixNano(), 10)
			_, err := r.Phones.Say(ctx, customers[i%len(customers)], deskOwner, text)
			errs <- err
		}()
	}
	for range total {
		if err := <-errs; err != nil {
			return total, err
		}
	}
	return total, nil
}

// writtenAt reads the time from a message event; 0 when it is another one.
func writtenAt(data []byte) int64 {
	at := bytes.Index(data, []byte(eventMark))
	if at < 0 {
		return 0
	}
	var event struct{ Data Message }
	if json.Unmarshal(data, &event) != nil || event.Data.Direction != "in" {
		return 0
	}
	n, _ := strconv.ParseInt(event.Data.Text[len(eventMark):], 10, 64)
	return n
}
