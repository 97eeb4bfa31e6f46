package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// InboundOptions says how much is written.
type InboundOptions struct {
	Messages  int // all customers together
	Customers int
}

// inboundLimit is how long a backlog may take before the run counts as broken.
const inboundLimit = 5 * time.Minute

// Inbound measures how many messages a second get from WhatsApp to being stored and published to an agent, against the
// bare client that only handles them. The customers write while the line is down, so that their own work is not part of
// the figure; the clock runs from the first message handled to the last.
func Inbound(ctx context.Context, p Program, o InboundOptions, out io.Writer) (Result, error) {
	rig, err := NewRig(ctx, p)
	if err != nil {
		return Result{}, err
	}
	defer rig.Close()
	customers, err := rig.Customers(ctx, o.Customers)
	if err != nil {
		return Result{}, err
	}
	baseline, err := rig.inboundBare(ctx, customers, o.Messages)
	if err != nil {
		return Result{}, fmt.Errorf("baseline: %w", err)
	}
	say(out, "bare client: %d messages, %.0f a second", baseline.Count, baseline.PerSecond)
	ours, err := rig.inboundDesk(ctx, customers, o.Messages)
	if err != nil {
		return Result{}, fmt.Errorf("desk: %w", err)
	}
	say(out, "the desk:    %d messages, %.0f a second stored and published, %.0f MB", ours.Count, ours.PerSecond, ours.Resident)
	return Result{Name: "inbound", Figures: ours, Baseline: &baseline, Ratio: round2(ours.PerSecond / baseline.PerSecond)}, nil
}

func (r *Rig) inboundBare(ctx context.Context, customers []string, n int) (Figures, error) {
	bare, err := r.Bare(ctx, "")
	if err != nil {
		return Figures{}, err
	}
	defer bare.Kill()
	var last BareStatus
	count := func() int64 {
		if s, err := bare.Status(ctx); err == nil {
			last = s
		}
		return last.Count + last.Wrong
	}
	if err := r.write(ctx, bareOwner, customers, len(customers)); err != nil { // sessions exist from here on
		return Figures{}, err
	}
	if err := settle(ctx, int64(len(customers)), startLimit, count); err != nil {
		return Figures{}, fmt.Errorf("first messages: %w", err)
	}
	if err := bare.Reset(ctx); err != nil {
		return Figures{}, err
	}
	if err := r.backlog(ctx, bareOwner, customers, n, bare.waitConnected); err != nil {
		return Figures{}, err
	}
	if err := settle(ctx, int64(n), inboundLimit, count); err != nil {
		return Figures{}, err
	}
	if last.Wrong > 0 {
		return Figures{}, fmt.Errorf("%d messages could not be read", last.Wrong)
	}
	return Figures{PerSecond: perSecond(n, last.Last.Sub(last.First)), Count: n, Resident: round2(bare.ResidentMB())}, nil
}

func (r *Rig) inboundDesk(ctx context.Context, customers []string, n int) (Figures, error) {
	desk, err := r.Desk(ctx, nil)
	if err != nil {
		return Figures{}, err
	}
	defer desk.Kill()
	var count, first, last atomic.Int64
	listening, stop := context.WithCancel(ctx)
	defer stop()
	_, err = desk.Admin.Listen(listening, []string{"message:new"}, func(_ string, data []byte) {
		var event struct{ Data Message }
		if json.Unmarshal(data, &event) != nil || event.Data.Direction != "in" {
			return
		}
		now := time.Now().UnixNano()
		first.CompareAndSwap(0, now)
		last.Store(now)
		count.Add(1)
	})
	if err != nil {
		return Figures{}, err
	}
	if err := r.write(ctx, deskOwner, customers, len(customers)); err != nil {
		return Figures{}, err
	}
	if err := settle(ctx, int64(len(customers)), startLimit, count.Load); err != nil {
		return Figures{}, fmt.Errorf("first messages: %w", err)
	}
	count.Store(0)
	connected := func(ctx context.Context) error { return desk.Admin.WaitForLine(ctx, "connected") }
	first.Store(0)
	if err := r.backlog(ctx, deskOwner, customers, n, connected); err != nil {
		return Figures{}, err
	}
	if err := settle(ctx, int64(n), inboundLimit, count.Load); err != nil {
		return Figures{}, err
	}
	took := time.Duration(last.Load() - first.Load())
	return Figures{PerSecond: perSecond(n, took), Count: n, Resident: round2(desk.ResidentMB())}, nil
}

// backlog lets the customers write n messages while the line is down, then brings it up and waits for it.
func (r *Rig) backlog(ctx context.Context, owner string, customers []string, n int, connected func(context.Context) error) error {
	fault, err := r.Phones.Fault(ctx, "down", owner)
	if err != nil {
		return fmt.Errorf("take the line down: %w", err)
	}
	if err := r.write(ctx, owner, customers, n); err != nil {
		return err
	}
	if err := r.Phones.Mend(ctx, fault); err != nil {
		return fmt.Errorf("bring the line up: %w", err)
	}
	return connected(ctx)
}

// write lets the customers write n messages to a number, in turns.
func (r *Rig) write(ctx context.Context, to string, customers []string, n int) error {
	return each(customers, func(i int, number string) error {
		for k := i; k < n; k += len(customers) {
			if _, err := r.Phones.Say(ctx, number, to, fmt.Sprintf("Hola, tengo una consulta por mi pedido %d. ¿Cuándo llega?", k)); err != nil {
				return fmt.Errorf("write: %w", err)
			}
		}
		return nil
	})
}
