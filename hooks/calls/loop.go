package calls

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"mostrador/flows"
	"mostrador/hooks/store"
)

// callLoop works off what flows ask of the outside world: several requests at a time, never in a transaction, and only so
// many of one host that a slow one holds up nobody else.
//
// A crash leaves "queued" or "running". Start-up puts back what may be asked twice; what may not (POST, PATCH) fails with
// a reason, because nobody knows whether it arrived.
type callLoop struct {
	calls *Calls
	wake  chan struct{}
	Grace time.Duration // of a request that is under way at the stop

	Running sync.WaitGroup
	mu      sync.Mutex
	Busy    map[string]int // requests under way by host
	all     int
}

const (
	callTick     = time.Second
	callPause    = 2 * time.Second // after the database would not answer
	CallWorkers  = 32
	CallsPerHost = 8
	callsFull    = CallWorkers / CallsPerHost // hosts that can have all of theirs at a time
	lastCall     = 3 * time.Second

	CallAttempts = 6
	CallBackOff  = 500 * time.Millisecond // doubled each time
)

func (ca *Calls) wakeCalls() { store.Poke(ca.Loop.wake) }

// Run asks until ctx ends, and returns when the last request is over: written down, or broken off and left for the next
// start.
func (o *callLoop) Run(ctx context.Context) {
	defer o.Running.Wait()
	tick := time.NewTicker(callTick)
	defer tick.Stop()
	for ctx.Err() == nil {
		if err := o.Round(ctx); err != nil {
			o.calls.Store.App.Logger().Error("calls", "error", err)
			store.Rest(ctx, callPause)
			continue
		}
		select {
		case <-ctx.Done():
		case <-o.wake:
		case <-tick.C:
		}
	}
}

// Round begins what is due now, as far as there is room, and fails what was not asked in time.
func (o *callLoop) Round(ctx context.Context) error {
	for more := true; more; {
		var err error
		if more, err = o.dropLate(ctx); err != nil {
			return err
		}
	}
	for ctx.Err() == nil {
		room, full := o.Room()
		if room == 0 {
			return nil
		}
		due, err := o.due(room, full)
		if err != nil || len(due) == 0 {
			return err
		}
		rows, err := o.claim(ctx, o.reserve(due))
		if err != nil {
			return err
		}
		for _, row := range rows {
			o.Running.Go(func() { o.work(ctx, row) })
		}
	}
	return nil
}

// Room is how many requests may begin now, and the hosts that may get none of them.
func (o *callLoop) Room() (room int, full [callsFull]string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := range full {
		full[i] = " " // no host
	}
	i := 0
	for host, n := range o.Busy {
		if n >= CallsPerHost && i < callsFull {
			full[i] = host
			i++
		}
	}
	return CallWorkers - o.all, full
}

// dueCall is a call that may be asked.
type dueCall struct {
	ID   string `db:"id"`
	Host string `db:"host"`
}

const DueCalls = `SELECT id, host FROM calls WHERE state = 'queued' AND dueAt <= ? AND host NOT IN (?, ?, ?, ?)
	ORDER BY dueAt, id LIMIT ?`

func (o *callLoop) due(room int, full [callsFull]string) ([]dueCall, error) {
	rows, err := store.Many[dueCall](store.Execer(o.calls.Store.App.ConcurrentDB()), DueCalls, store.Stamp(o.calls.Store.Now()), full[0], full[1], full[2], full[3], room)
	if err != nil {
		return nil, fmt.Errorf("read what to ask: %w", err)
	}
	return rows, nil
}

// reserve keeps a place for each call whose host still has one. Those that it leaves out are found again.
func (o *callLoop) reserve(due []dueCall) (taken []dueCall) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, row := range due {
		if o.Busy[row.Host] < CallsPerHost {
			o.Busy[row.Host]++
			o.all++
			taken = append(taken, row)
		}
	}
	return taken
}

func (o *callLoop) release(host string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all--
	if o.Busy[host]--; o.Busy[host] == 0 {
		delete(o.Busy, host)
	}
}

// claim marks calls as under way before anything leaves: after a crash that is what tells whether a request may have
// arrived. The places of those that it does not return are free again.
func (o *callLoop) claim(ctx context.Context, reserved []dueCall) (rows []*Call, err error) {
	err = o.calls.Store.Write(context.WithoutCancel(ctx), func(t *store.Tx) error {
		rows = nil
		for _, r := range reserved {
			row, err := readCall(t, r.ID)
			if err != nil {
				return fmt.Errorf("read call %s: %w", r.ID, err)
			}
			if row.State != CallQueued {
				continue
			}
			row.State = CallRunning
			row.Attempts++
			if err := t.Update(row, "State", "Attempts"); err != nil {
				return fmt.Errorf("begin call %s: %w", row.ID, err)
			}
			rows = append(rows, row)
		}
		return nil
	})
	if err != nil {
		rows = nil
	}
	begun := map[string]bool{}
	for _, row := range rows {
		begun[row.ID] = true
	}
	for _, r := range reserved {
		if !begun[r.ID] {
			o.release(r.Host)
		}
	}
	return rows, err
}

const LateCalls = `SELECT id, host FROM calls WHERE state = 'queued' AND deadline <= ? ORDER BY deadline, id LIMIT ?`

// dropLate fails calls whose deadline came before their turn, and tells whether there may be more.
func (o *callLoop) dropLate(ctx context.Context) (more bool, err error) {
	late, err := store.Many[dueCall](store.Execer(o.calls.Store.App.ConcurrentDB()), LateCalls, store.Stamp(o.calls.Store.Now()), callsBatch)
	if err != nil {
		return false, fmt.Errorf("read what came too late: %w", err)
	}
	if len(late) == 0 {
		return false, nil
	}
	err = o.calls.Store.Write(context.WithoutCancel(ctx), func(t *store.Tx) error {
		for _, r := range late {
			row, err := readCall(t, r.ID)
			if err != nil {
				return fmt.Errorf("read call %s: %w", r.ID, err)
			}
			if row.State == CallQueued {
				if err := o.calls.conclude(t, row, flows.Result{Err: CallLate}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return len(late) == callsBatch && err == nil, err
}

// Outcome is what became of one attempt.
type Outcome struct {
	result flows.Result
	again  bool          // it may be asked once more: nothing arrived, or the second time does no harm
	wait   time.Duration // before that, at least
	broken bool          // by the stop: the next start decides
}

// work asks once and writes down what came of it.
func (o *callLoop) work(ctx context.Context, row *Call) {
	defer o.wakeUp()
	defer o.release(row.Host)
	// A request that has begun gets a moment after the stop; broken off, its row stays as it is.
	asking, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(o.Grace, cancel) })()
	out := o.attempt(asking, row)
	if out.broken {
		return
	}
	for {
		err := o.calls.Store.Write(context.WithoutCancel(ctx), func(t *store.Tx) error { return o.calls.Finish(t, row, out) })
		if err == nil || errors.Is(err, store.ErrStopped) || ctx.Err() != nil {
			return
		}
		o.calls.Store.App.Logger().Error("write the result of a call", "call", row.ID, "error", err)
		store.Rest(ctx, callPause)
	}
}

func (o *callLoop) wakeUp() { store.Poke(o.wake) }

// attempt turns a panic into an outcome: one broken call must not stop the desk.
func (o *callLoop) attempt(ctx context.Context, row *Call) (out Outcome) {
	defer func() {
		if p := recover(); p != nil {
			o.calls.Store.App.Logger().Error("a call cannot be made", "call", row.ID, "error", fmt.Sprintf("panic: %v\n%s", p, debug.Stack()))
			out = Outcome{result: flows.Result{Err: CallFault}}
		}
	}()
	if row.Kind == CallAI {
		return o.calls.askModel(ctx, row)
	}
	return o.calls.askHTTP(ctx, row)
}

// Finish writes the outcome of an attempt: a result, or when the next attempt is due. Only what somebody still waits for
// is tried again, and only if the next attempt can begin before the deadline.
func (ca *Calls) Finish(t *store.Tx, row *Call, out Outcome) error {
	now, err := readCall(t, row.ID)
	if err != nil {
		return fmt.Errorf("read call %s: %w", row.ID, err)
	}
	if now.State != CallRunning {
		return nil
	}
	due := t.Now.Add(max(out.wait, CallBackOff<<(now.Attempts-1)))
	if !out.again || now.Attempts >= CallAttempts || !due.Before(now.Deadline.Time()) {
		return ca.conclude(t, now, out.result)
	}
	if _, waits, err := Awaits(t, now); err != nil || !waits {
		if err != nil {
			return err
		}
		return ca.conclude(t, now, out.result)
	}
	now.State, now.DueAt = CallQueued, store.Stamp(due)
	if err := t.Update(now, "State", "DueAt"); err != nil {
		return fmt.Errorf("put call %s off: %w", now.ID, err)
	}
	wait, wake := due.Sub(t.Now), ca.wakeCalls
	t.After(func() { time.AfterFunc(wait, wake) })
	return nil
}

// Start makes the loop.
func (ca *Calls) Start() {
	ca.Loop = callLoop{calls: ca, wake: make(chan struct{}, 1), Grace: lastCall, Busy: map[string]int{}}
}

// callsBatch is how many calls one look takes up.
const callsBatch = 64
