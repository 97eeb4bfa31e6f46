package auth

import (
	"container/list"
	"strings"
	"sync"
	"time"

	"mostrador/hooks/api"
)

// Limiter slows down guessing: it counts tries by key in windows. A try is counted before it is made, so that many at
// the same moment do not slip through. The first word of a key is its kind, and each kind has a memory of its own: who
// makes up names makes it forget no address.
type Limiter struct {
	Now   func() time.Time
	mu    sync.Mutex
	Kinds map[string]*tally
}

const (
	TryWindow   = 5 * time.Minute
	MaxTryKeys  = 10_000 // of a kind
	TriesByPair = 10     // of one address for one person
	TriesByIP   = 60     // of one address: an office has one for everybody
	TriesByBloc = 300    // of one /48 of IPv6, which has 65,536 of what counts as an address
	TriesByName = 100    // for one person from anywhere
	TriesByOwn  = 30     // of one known browser, whoever sits at it; triesByPair for each who is known there
)

// Take counts one try under each key; when one of them has had too many it counts none, and returns how long to wait.
func (l *Limiter) Take(limits map[string]int) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.Now()
	var wait time.Duration
	for key, limit := range limits {
		wait = max(wait, l.kind(key).wait(key, limit, now))
	}
	if wait > 0 {
		return wait
	}
	for key, limit := range limits {
		l.kind(key).count(key, limit, now)
	}
	return 0
}

// GiveBack forgets the tries of keys that turned out to be right.
func (l *Limiter) GiveBack(keys ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, key := range keys {
		l.kind(key).giveBack(key)
	}
}

func (l *Limiter) kind(key string) *tally {
	name, _, _ := strings.Cut(key, " ")
	t := l.Kinds[name]
	if t == nil {
		if l.Kinds == nil {
			l.Kinds = map[string]*tally{}
		}
		t = &tally{By: map[string]*tries{}}
		l.Kinds[name] = t
	}
	return t
}

// tally is the memory of one kind. When it is full it forgets who tried least, and of those who tried longest ago; who has to
// wait is not forgotten. Should it be full of them, nobody new is let in until a window ends.
type tally struct {
	By     map[string]*tries
	age    list.List    // *tries, by when their windows end
	levels []*list.List // *tries by how many, each by when they tried last
}

type tries struct {
	key       string
	n, limit  int
	until     time.Time
	aged, had *list.Element // in age and levels
}

func (t *tally) wait(key string, limit int, now time.Time) time.Duration {
	t.expire(now)
	one := t.By[key]
	switch {
	case one != nil && one.n >= limit:
		return one.until.Sub(now)
	case one == nil && len(t.By) >= MaxTryKeys:
		if least := t.least(); least.n >= least.limit {
			return t.age.Front().Value.(*tries).until.Sub(now)
		}
	}
	return 0
}

func (t *tally) count(key string, limit int, now time.Time) {
	one := t.By[key]
	if one == nil {
		if len(t.By) >= MaxTryKeys {
			t.drop(t.least())
		}
		one = &tries{key: key, limit: limit, until: now.Add(TryWindow)}
		one.aged = t.age.PushBack(one)
		t.By[key] = one
	}
	t.move(one, one.n+1)
}

func (t *tally) giveBack(key string) {
	one := t.By[key]
	switch {
	case one == nil:
	case one.n > 1:
		t.move(one, one.n-1)
	default:
		t.drop(one)
	}
}

// expire forgets the windows that are over.
func (t *tally) expire(now time.Time) {
	for first := t.age.Front(); first != nil && !now.Before(first.Value.(*tries).until); first = t.age.Front() {
		t.drop(first.Value.(*tries))
	}
}

func (t *tally) least() *tries {
	for _, level := range t.levels {
		if level.Len() > 0 {
			return level.Front().Value.(*tries)
		}
	}
	return nil
}

func (t *tally) move(one *tries, n int) {
	if one.had != nil {
		t.levels[one.n].Remove(one.had)
	}
	for len(t.levels) <= n {
		t.levels = append(t.levels, list.New())
	}
	one.n, one.had = n, t.levels[n].PushBack(one)
}

func (t *tally) drop(one *tries) {
	t.age.Remove(one.aged)
	t.levels[one.n].Remove(one.had)
	delete(t.By, one.key)
}

// tooFast is the answer to who has to wait.
func tooFast(wait time.Duration) *api.Refusal {
	return ErrTooFast.With("seconds", int(wait.Seconds())+1)
}
