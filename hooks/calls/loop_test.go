package calls_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mostrador/hooks/calls"
	"mostrador/hooks/desktest"
	"mostrador/hooks/fetch"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// TestRetries asks again only what may arrive twice, and only while there is time.
func TestRetries(t *testing.T) {
	later := func(after string) http.HandlerFunc {
		return func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Retry-After", after)
			rw.WriteHeader(503)
		}
	}
	for name, tt := range map[string]struct {
		h    http.HandlerFunc
		node string
		wait time.Duration // until the next attempt; 0: there is none
	}{
		"GET":                     {desktest.Answers(503, ""), `"url":"HOST/"`, calls.CallBackOff},
		"too many requests":       {desktest.Answers(429, ""), `"url":"HOST/"`, calls.CallBackOff},
		"asked to wait":           {later("3"), `"url":"HOST/"`, 3 * time.Second},
		"asked to wait less":      {later("0"), `"url":"HOST/"`, calls.CallBackOff},
		"asked to wait too long":  {later("10"), `"url":"HOST/"`, 0},
		"asked for nonsense":      {later("-1 soon"), `"url":"HOST/"`, calls.CallBackOff},
		"until a date":            {later("Mon, 02 Mar 2026 12:00:04 GMT"), `"url":"HOST/"`, 4 * time.Second},
		"DELETE":                  {desktest.Answers(502, ""), `"url":"HOST/","method":"DELETE"`, calls.CallBackOff},
		"POST":                    {desktest.Answers(503, ""), `"url":"HOST/","method":"POST"`, 0},
		"PATCH":                   {later("1"), `"url":"HOST/","method":"PATCH"`, 0},
		"POST with a key":         {desktest.Answers(503, ""), `"url":"HOST/","method":"POST","headers":[{"name":"idempotency-key"}]`, calls.CallBackOff},
		"an error of its own":     {desktest.Answers(500, ""), `"url":"HOST/"`, 0},
		"GET that breaks":         {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, `"url":"HOST/"`, calls.CallBackOff},
		"POST that breaks":        {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, `"url":"HOST/","method":"POST"`, 0},
		"POST that never arrived": {nil, `"url":"http://127.0.0.1:1/","method":"POST"`, calls.CallBackOff},
		"forbidden":               {nil, `"url":"http://10.0.0.1/"`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := desktest.NewWorld(t)
			o := w.Outside(tt.h)
			w.Desk.Calls.Outside.Allow = append(w.Desk.Calls.Outside.Allow, "127.0.0.1:1")
			w.Begin(strings.ReplaceAll(tt.node, "HOST", o.URL))
			w.Ask()
			row := w.Call()
			if tt.wait == 0 {
				if row.State == calls.CallQueued || !row.Pending {
					t.Errorf("got %+v, want it to be over", row)
				}
				return
			}
			if got := row.DueAt.Time().Sub(w.Desk.Store.Now()); row.State != calls.CallQueued || got != tt.wait {
				t.Fatalf("got %s due in %s, want queued in %s", row.State, got, tt.wait)
			}
			w.Ask()
			if got := w.Call().Attempts; got != 1 {
				t.Errorf("got %d attempts before it was due", got)
			}
		})
	}
}

func TestRetryComesThrough(t *testing.T) {
	var n atomic.Int32
	w, o := newAsking(t, func(rw http.ResponseWriter, _ *http.Request) {
		if n.Add(1) < 3 {
			rw.WriteHeader(503)
			return
		}
		fmt.Fprint(rw, `{"state":"ok"}`)
	}, `"url":"HOST/"`)
	for i := range 3 {
		w.Ask()
		if row, want := w.Call(), calls.CallBackOff<<i; i < 2 && row.DueAt.Time().Sub(w.Desk.Store.Now()) != want {
			t.Errorf("attempt %d: due %s, want in %s", i, row.DueAt, want)
		}
		w.Round()
		w.Pass(2 * time.Second)
	}
	if got, want := w.Said(), desktest.WaitFirst+"Está ok."+desktest.MenuAfter; got != want {
		t.Errorf("said %q, want %q", got, want)
	}
	asked := o.Requests()
	if len(asked) != 3 || asked[0] != asked[1] || asked[1] != asked[2] {
		t.Errorf("asked %v, want the same three times", asked)
	}
}

// TestRetriesEndWithTheDeadline: the last answer is the result, so that a way for 503 is taken.
func TestRetriesEndWithTheDeadline(t *testing.T) {
	w, o := newAsking(t, desktest.Answers(503, ""), `"url":"HOST/","on":[{"id":"down","status":"503","next":"none"}],"seconds":60`)
	for range 2 * calls.CallAttempts {
		w.Ask()
		w.Round()
		w.Pass(5 * time.Second)
	}
	if got := w.Said(); got != desktest.WaitFirst+"No existe. | Chau." || len(o.Requests()) < 3 || len(o.Requests()) > calls.CallAttempts {
		t.Errorf("said %q after %d requests", got, len(o.Requests()))
	}
}

func TestCallWhoseTurnNeverCame(t *testing.T) {
	w, o := newAsking(t, desktest.Answers(200, ""), `"url":"HOST/"`)
	w.Pass(10 * time.Second)
	w.Ask()
	if row := w.Call(); row.State != calls.CallFailed || row.Reason != calls.CallLate || len(o.Requests()) > 0 {
		t.Errorf("got %s %q after %v, want it to fail unasked", row.State, row.Reason, o.Requests())
	}
	w.Round()
	if got := w.Said(); got != desktest.GivenUp {
		t.Errorf("said %q, want %q", got, desktest.GivenUp)
	}
}

// TestFlowGoesOnWithoutAResult: when nobody reports anything, the flow's own clock does; what comes later is ignored.
func TestFlowGoesOnWithoutAResult(t *testing.T) {
	w, _ := newAsking(t, desktest.Answers(200, `{"state":"ok"}`), `"url":"HOST/"`)
	w.Exec("UPDATE calls SET state = 'running', attempts = 1")
	w.Pass(20 * time.Second)
	w.Round()
	if got := w.Said(); got != desktest.GivenUp {
		t.Fatalf("said %q, want %q", got, desktest.GivenUp)
	}
	row := w.Call()
	w.Write(func(tx *store.Tx) error { return w.Desk.Calls.Finish(tx, &row, calls.Outcome{}) })
	w.Round()
	if got := w.Said(); got != desktest.GivenUp || w.Call().Pending {
		t.Errorf("said %q, want nothing more", got)
	}
}

// TestSlowHostHoldsUpNobody asks one host that does not answer for many, and another one.
func TestSlowHostHoldsUpNobody(t *testing.T) {
	w := desktest.NewWorld(t)
	w.InsertLine()
	w.Area("sales")
	stuck := make(chan struct{})
	unstick := sync.OnceFunc(func() { close(stuck) })
	var now, most atomic.Int32
	slow := w.Outside(func(http.ResponseWriter, *http.Request) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		<-stuck
		now.Add(-1)
	})
	quick := w.Outside(desktest.Answers(200, `{"state":"ok"}`))
	t.Cleanup(unstick)
	w.Flow(desktest.LookUp(`"url":"`+slow.URL+`/"`), `[{"on":"message"}]`)
	w.Flow(desktest.LookUp(`"url":"`+quick.URL+`/"`), `[{"on":"word","words":["quick"]}]`)
	const many = 2 * calls.CallWorkers // more than the loop looks at in one go
	for i := range many {
		w.Gets(whatsapp.Message{ID: fmt.Sprint("S", i), Text: "hola", Chat: whatsapp.Address{Phone: fmt.Sprint("54911", i)}})
	}
	w.Gets(whatsapp.Message{ID: "Q", Text: "quick"})
	w.Round()
	w.Round()
	ctx, stop := context.WithCancel(t.Context())
	var loop sync.WaitGroup
	loop.Go(func() { w.Desk.Calls.Loop.Run(ctx) })
	state := func(host string) (states []string) {
		if err := w.Desk.Store.App.DB().Select("state").From("calls").Where(desktest.Hash("host", fetch.Host(host))).Column(&states); err != nil {
			t.Fatal(err)
		}
		return states
	}
	w.Until(func() bool { return strings.Join(state(quick.URL), "") == calls.CallDone })
	w.Until(func() bool { return now.Load() == calls.CallsPerHost })
	if got := strings.Count(strings.Join(state(slow.URL), " "), calls.CallRunning); got != calls.CallsPerHost {
		t.Errorf("got %d under way at the slow host, want %d", got, calls.CallsPerHost)
	}
	unstick()
	w.Until(func() bool { return strings.Count(strings.Join(state(slow.URL), " "), calls.CallDone) == many })
	stop()
	loop.Wait()
	if got := most.Load(); got != calls.CallsPerHost {
		t.Errorf("got %d at a time, want %d", got, calls.CallsPerHost)
	}
	if room, _ := w.Desk.Calls.Loop.Room(); room != calls.CallWorkers || len(w.Desk.Calls.Loop.Busy) > 0 {
		t.Errorf("got room for %d and %v, want all of it back", room, w.Desk.Calls.Loop.Busy)
	}
}

// TestStopBreaksOff leaves a request that does not end to the next start.
func TestStopBreaksOff(t *testing.T) {
	arrived := make(chan struct{}, 1)
	w, _ := newAsking(t, func(_ http.ResponseWriter, r *http.Request) { arrived <- struct{}{}; <-r.Context().Done() }, `"url":"HOST/"`)
	w.Desk.Calls.Loop.Grace = time.Millisecond
	ctx, stop := context.WithCancel(t.Context())
	var loop sync.WaitGroup
	loop.Go(func() { w.Desk.Calls.Loop.Run(ctx) })
	<-arrived
	stop()
	loop.Wait()
	if row := w.Call(); row.State != calls.CallRunning || row.Attempts != 1 {
		t.Errorf("got %s, want it as a crash would leave it", row.State)
	}
}

// TestStopWaitsForAnAnswer that comes within the moment.
func TestStopWaitsForAnAnswer(t *testing.T) {
	arrived, answer := make(chan struct{}, 1), make(chan struct{})
	w, _ := newAsking(t, func(http.ResponseWriter, *http.Request) { arrived <- struct{}{}; <-answer }, `"url":"HOST/"`)
	ctx, stop := context.WithCancel(t.Context())
	var loop sync.WaitGroup
	loop.Go(func() { w.Desk.Calls.Loop.Run(ctx) })
	<-arrived
	stop()
	close(answer)
	loop.Wait()
	if row := w.Call(); row.State != calls.CallDone || !row.Pending {
		t.Errorf("got %s, want the answer", row.State)
	}
}

// TestRescue decides at the start about what was under way.
func TestRescue(t *testing.T) {
	for name, tt := range map[string]struct {
		node  string
		again bool
	}{
		"GET":             {`"url":"HOST/"`, true},
		"PUT":             {`"url":"HOST/","method":"PUT"`, true},
		"POST":            {`"url":"HOST/","method":"POST"`, false},
		"PATCH":           {`"url":"HOST/","method":"PATCH"`, false},
		"POST with a key": {`"url":"HOST/","method":"POST","headers":[{"name":"Idempotency-Key","value":"{{message}}"}]`, true},
	} {
		t.Run(name, func(t *testing.T) {
			w, o := newAsking(t, desktest.Answers(200, `{"state":"ok"}`), tt.node)
			w.Exec("UPDATE calls SET state = 'running', attempts = 1")
			if err := w.Desk.Calls.Rescue(t.Context()); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				w.Ask()
				w.Round()
			}
			want, reason := desktest.GivenUp, calls.CallInterrupted
			if tt.again {
				want, reason = desktest.WaitFirst+"Está ok."+desktest.MenuAfter, ""
			}
			if got := w.Said(); got != want || w.Call().Reason != reason || len(o.Requests()) == 1 != tt.again {
				t.Errorf("said %q, reason %q after %v, want %q", got, w.Call().Reason, o.Requests(), want)
			}
			if name == "POST with a key" && !strings.Contains(o.Requests()[0], " hola ") {
				t.Errorf("asked %v, want the node's own key", o.Requests())
			}
		})
	}
}

func TestOldCallsAreForgotten(t *testing.T) {
	w := desktest.NewWorld(t)
	old, young := store.Stamp(w.Desk.Store.Now().Add(-calls.CallsKept)), store.Stamp(w.Desk.Store.Now().Add(-calls.CallsKept+time.Second))
	for i := range calls.CallsSwept + 3 {
		w.Insert("calls", dbx.Params{"conversation": "c", "call": i, "state": calls.CallDone, "doneAt": old, "pending": false})
	}
	w.Insert("calls", dbx.Params{"conversation": "d", "call": "1", "state": calls.CallDone, "doneAt": young, "pending": false})
	w.Insert("calls", dbx.Params{"conversation": "d", "call": "2", "state": calls.CallFailed, "doneAt": old, "pending": true})
	w.Insert("calls", dbx.Params{"conversation": "d", "call": "3", "state": calls.CallQueued, "doneAt": "", "pending": false, "deadline": old, "dueAt": old})
	w.Tick()
	var left string
	if err := w.Desk.Store.App.DB().NewQuery("SELECT group_concat(conversation || call, ' ') FROM (SELECT * FROM calls ORDER BY call)").Row(&left); err != nil || left != "d1 d2 d3" {
		t.Errorf("got %q (%v), want d1 d2 d3", left, err)
	}
}
