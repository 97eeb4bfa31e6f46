package hooks

import (
	"net/http"
	"sync"
	"time"
)

// limiter slows down guessing: it counts tries by key in windows. A try is counted before it is made, so that many at
// the same moment do not slip through.
type limiter struct {
	now func() time.Time
	mu  sync.Mutex
	by  map[string]*tries
}

type tries struct {
	n     int
	until time.Time
}

const (
	tryWindow   = 5 * time.Minute
	maxTryKeys  = 10_000
	triesByPair = 10  // of one address for one user name
	triesByIP   = 60  // of one address: an office has one for everybody
	triesByName = 100 // for one user name from anywhere
)

// take counts one try under each key; when one of them has had too many it returns how long to wait.
func (l *limiter) take(limits map[string]int) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	var wait time.Duration
	for key, limit := range limits {
		t := l.by[key]
		if t != nil && now.Before(t.until) && t.n >= limit {
			wait = max(wait, t.until.Sub(now))
		}
	}
	if wait > 0 {
		return wait
	}
	if l.by == nil || len(l.by) > maxTryKeys {
		l.prune(now)
	}
	for key := range limits {
		t := l.by[key]
		if t == nil || !now.Before(t.until) {
			t = &tries{until: now.Add(tryWindow)}
			l.by[key] = t
		}
		t.n++
	}
	return 0
}

// tooFast is the answer to who has to wait.
func tooFast(wait time.Duration) *Refusal {
	return &Refusal{Status: http.StatusTooManyRequests, Code: codeTooFast, Args: map[string]any{"seconds": int(wait.Seconds()) + 1}}
}

// giveBack forgets the tries of keys that turned out to be right.
func (l *limiter) giveBack(keys ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, key := range keys {
		if t := l.by[key]; t != nil {
			t.n--
		}
	}
}

// prune forgets what is over; when somebody fills the memory with made-up names, everything.
func (l *limiter) prune(now time.Time) {
	for key, t := range l.by {
		if !now.Before(t.until) {
			delete(l.by, key)
		}
	}
	if l.by == nil || len(l.by) > maxTryKeys {
		l.by = map[string]*tries{}
	}
}
