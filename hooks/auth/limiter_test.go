package auth_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/auth"
	"mostrador/hooks/desktest"
)

// TestFloodForgetsNobodyWhoHasToWait: whoever makes up addresses, names or both, far more than are remembered.
func TestFloodForgetsNobodyWhoHasToWait(t *testing.T) {
	l := &auth.Limiter{Now: time.Now}
	for _, kind := range []string{"loginAddress", "loginName", "setupAddress"} {
		desktest.TryAll(l, kind+" guilty", auth.TriesByIP, auth.TriesByIP)
	}
	desktest.TryAll(l, "loginAddress busy", auth.TriesByIP, auth.TriesByIP/2)
	for i := range 3 * auth.MaxTryKeys {
		l.Take(map[string]int{fmt.Sprint("loginAddress ", i): auth.TriesByIP, fmt.Sprint("loginName ", i%2): 1 << 30, fmt.Sprint("setupAddress ", i): auth.TriesByIP})
	}
	for _, kind := range []string{"loginAddress", "loginName", "setupAddress"} {
		if l.Take(map[string]int{kind + " guilty": auth.TriesByIP}) == 0 {
			t.Errorf("%s: the flood wiped out who has to wait", kind)
		}
		if n := len(l.Kinds[kind].By); n > auth.MaxTryKeys {
			t.Errorf("%s: %d keys are kept, want %d at most", kind, n, auth.MaxTryKeys)
		}
	}
	desktest.TryAll(l, "loginAddress busy", auth.TriesByIP, auth.TriesByIP/2)
	if l.Take(map[string]int{"loginAddress busy": auth.TriesByIP}) == 0 {
		t.Error("the flood wiped out who tried more than each of its own")
	}
}

// TestFullOfThoseWhoWait: then nobody new is let in, until a window ends.
func TestFullOfThoseWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &auth.Limiter{Now: time.Now}
		for i := range auth.MaxTryKeys {
			desktest.TryAll(l, fmt.Sprint("a ", i), 2, 2)
		}
		if wait := l.Take(map[string]int{"a new": 2}); wait != auth.TryWindow {
			t.Errorf("got a wait of %s, want %s", wait, auth.TryWindow)
		}
		if l.Take(map[string]int{"b new": 2}) != 0 {
			t.Error("another kind is full, too")
		}
		time.Sleep(auth.TryWindow)
		if wait := l.Take(map[string]int{"a new": 2}); wait != 0 || len(l.Kinds["a"].By) != 1 {
			t.Errorf("after the window: got a wait of %s with %d keys", wait, len(l.Kinds["a"].By))
		}
	})
}

// TestLimiterIsThePlainRule holds it against a plain count of windows, for any order of tries, returns and pauses.
func TestLimiterIsThePlainRule(t *testing.T) {
	type window struct {
		n     int
		until time.Time
	}
	for seed := range uint64(50) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			l, plain := &auth.Limiter{Now: time.Now}, map[string]window{}
			limits := map[string]int{"a 1": 3, "a 2": 3, "b 1": 5, "b 2": 5, "c 1": 1}
			for step := range 400 {
				ask, want := map[string]int{}, time.Duration(0)
				for key, limit := range limits {
					if r.IntN(3) == 0 {
						ask[key] = limit
					}
					if w := plain[key]; !time.Now().Before(w.until) {
						delete(plain, key)
					} else if ask[key] > 0 && w.n >= limit {
						want = max(want, time.Until(w.until))
					}
				}
				if got := l.Take(ask); got != want {
					t.Fatalf("seed %d, step %d: got a wait of %s, want %s", seed, step, got, want)
				}
				for key := range ask {
					w := plain[key]
					if want > 0 {
						break
					}
					if w.n == 0 {
						w.until = time.Now().Add(auth.TryWindow)
					}
					w.n++
					plain[key] = w
				}
				if want == 0 && r.IntN(4) == 0 {
					for key := range ask {
						l.GiveBack(key)
						if w := plain[key]; w.n > 1 {
							w.n--
							plain[key] = w
						} else {
							delete(plain, key)
						}
					}
				}
				time.Sleep(time.Duration(r.IntN(60)) * time.Second)
			}
		})
	}
}

func TestNetworks(t *testing.T) {
	for _, c := range []struct{ ip, network, bloc string }{
		{"203.0.113.7", "203.0.113.7", ""},
		{"2001:0db8:0001:0002:0003:0004:0005:0006", "2001:0db8:0001:0002", "2001:0db8:0001"},
		{"", "", ""},
	} {
		if n, b := api.Network(c.ip), auth.NetworkBloc(c.ip); n != c.network || b != c.bloc {
			t.Errorf("%s: got %q and %q, want %q and %q", c.ip, n, b, c.network, c.bloc)
		}
	}
}
