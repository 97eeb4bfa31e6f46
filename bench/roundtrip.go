package bench

import (
	"context"
	"fmt"
	"io"
	"time"
)

// RoundTripOptions says how often is asked.
type RoundTripOptions struct {
	Customers int // each asks Questions times, one customer after the other
	Questions int // that the flow answers with its menu
}

// answerLimit is how long a customer waits for an answer before the run counts as broken.
const answerLimit = 10 * time.Second

// RoundTrip measures the time from a customer's message to the answer on the customer's phone: the flow's menu against a
// bare client that answers at once with an echo. The first question of a customer is left out on both sides: it makes the
// keys of the chat, which takes several times as long and is the same work for both.
func RoundTrip(ctx context.Context, p Program, o RoundTripOptions, out io.Writer) (Result, error) {
	rig, err := NewRig(ctx, p)
	if err != nil {
		return Result{}, err
	}
	defer rig.Close()
	customers, err := rig.Customers(ctx, o.Customers)
	if err != nil {
		return Result{}, err
	}
	bare, err := rig.Bare(ctx, "eco: ")
	if err != nil {
		return Result{}, err
	}
	baseline, err := rig.ask(ctx, bareOwner, customers, o.Questions)
	if err != nil {
		return Result{}, fmt.Errorf("baseline: %w", err)
	}
	bare.Kill()
	say(out, "bare echo: %d answers, median %.1f ms, p99 %.1f ms", baseline.Count, baseline.P50, baseline.P99)
	desk, err := rig.Desk(ctx, rig.withFlow(ctx, "127.0.0.1:1"))
	if err != nil {
		return Result{}, err
	}
	ours, err := rig.ask(ctx, deskOwner, customers, o.Questions)
	if err != nil {
		return Result{}, fmt.Errorf("desk: %w", err)
	}
	ours.Resident = round2(desk.ResidentMB())
	say(out, "the menu:  %d answers, median %.1f ms, p99 %.1f ms", ours.Count, ours.P50, ours.P99)
	return Result{Name: "roundtrip", Figures: ours, Baseline: &baseline, Ratio: round2(ours.P50 / baseline.P50)}, nil
}

// ask lets one customer after the other ask and wait for the answer. It returns the times of all but each first one.
func (r *Rig) ask(ctx context.Context, to string, customers []string, questions int) (Figures, error) {
	var times []time.Duration
	for _, number := range customers {
		after := 0
		for k := range questions {
			text := quick.questions[min(k, 1)]
			began := time.Now()
			if _, err := r.Phones.Say(ctx, number, to, text); err != nil {
				return Figures{}, err
			}
			n, err := r.answer(ctx, number, to, after)
			if err != nil {
				return Figures{}, fmt.Errorf("question %d: %w", k+1, err)
			}
			if after = n; k > 0 {
				times = append(times, time.Since(began))
			}
		}
	}
	return spread(times), nil
}

// answer waits for the next message on a customer's phone that is not the customer's own, and returns its place.
func (r *Rig) answer(ctx context.Context, number, from string, after int) (int, error) {
	for deadline := time.Now().Add(answerLimit); time.Now().Before(deadline); {
		entries, err := r.Phones.Chat(ctx, number, from, after, 2*time.Second)
		if err != nil {
			return 0, err
		}
		for _, e := range entries {
			if after = e.N; !e.FromMe {
				return e.N, nil
			}
		}
	}
	return 0, fmt.Errorf("no answer within %s", answerLimit)
}
