package whatsapp

import (
	"context"
	"sync"
	"time"
)

// The limits of a line that sets none. WhatsApp publishes none; these are far below what a person at a keyboard reaches.
const (
	defaultPerSecond      = 1.0
	defaultBurst          = 5
	defaultFirstPerMinute = 2.0
)

// limiter spaces out what a line sends, in the order of asking.
type limiter struct {
	mu    sync.Mutex
	all   bucket
	first bucket // first messages to customers, on top
}

func newLimiter(limit Limit) *limiter {
	if limit.PerSecond == 0 {
		limit.PerSecond = defaultPerSecond
	}
	if limit.Burst <= 0 {
		limit.Burst = defaultBurst
	}
	if limit.FirstPerMinute == 0 {
		limit.FirstPerMinute = defaultFirstPerMinute
	}
	return &limiter{
		all:   bucket{every: interval(limit.PerSecond, time.Second), burst: limit.Burst},
		first: bucket{every: interval(limit.FirstPerMinute, time.Minute), burst: 1},
	}
}

// interval is the time between two of n events a period; 0 for no limit.
func interval(n float64, period time.Duration) time.Duration {
	if n < 0 {
		return 0
	}
	return time.Duration(float64(period) / n)
}

// wait returns when the next message may go, or when ctx ends. A message that gave up keeps its place: the pause after
// it is the price.
func (l *limiter) wait(ctx context.Context, first bool) error {
	l.mu.Lock()
	now := time.Now()
	at := l.all.take(now)
	if first {
		at = latest(at, l.first.take(now))
	}
	l.mu.Unlock()
	wait(ctx, at.Sub(now))
	return ctx.Err()
}

// bucket is a token bucket, kept as the time at which it will be full again (the generic cell rate algorithm).
type bucket struct {
	every time.Duration // one token; 0: no limit
	burst int
	full  time.Time
}

// take takes a token and tells from when on it may be used.
func (b *bucket) take(now time.Time) time.Time {
	if b.every <= 0 {
		return now
	}
	b.full = latest(b.full, now).Add(b.every)
	return latest(now, b.full.Add(-time.Duration(b.burst)*b.every))
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
