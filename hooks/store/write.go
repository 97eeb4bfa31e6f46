package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Tx is the transaction of one cause: a message that came, a button that was pressed, a timer that rang. Everything that
// the cause changes is written through it or not at all; what it publishes goes out after the commit, in commit order.
type Tx struct {
	App core.App  // the transaction's app; no other may be used inside
	Now time.Time // the cause's one moment

	store   *Store
	events  []Event
	after   []func()
	ends    []func()
	Touches []touch  // conversations that it changed
	Changes []change // messages and events that it wrote

	then     func(*Tx) error // a cause that follows from this one
	followed bool            // and was carried out
}

// DB runs statements inside the transaction.
func (t *Tx) DB() dbx.Builder { return t.App.NonconcurrentDB() }

// Seq draws the next number of the one counter that orders rows (pos) and their changes (seq). Transactions run one
// after the other, so numbers are committed in the order in which they were drawn.
func (t *Tx) Seq() int64 { t.store.Seq++; return t.store.Seq }

// Publish tells agents about a change after the commit.
func (t *Tx) Publish(e Event) { t.events = append(t.events, e) }

// After runs fn after the commit: wake a loop, never write.
func (t *Tx) After(fn func()) { t.after = append(t.after, fn) }

// Finally runs fn when the transaction is over, however it ended.
func (t *Tx) Finally(fn func()) { t.ends = append(t.ends, fn) }

// Then runs fn as a cause of its own right after this one and in the same commit. Where fn fails its changes are undone
// and this cause stays: fn must be something that a loop would do later.
func (t *Tx) Then(fn func(*Tx) error) { t.then = fn }

type job struct {
	ctx  context.Context
	fn   func(*Tx) error
	done func(error) // called once, after the commit
	tx   *Tx
	err  error
}

// MaxBatch is how many causes share one commit at most.
const MaxBatch = 64

// ErrStopped is what Write answers when the desk is shutting down: nothing was written.
var ErrStopped = errors.New("the desk is stopping")

// Write runs fn as one cause, in the order of arrival. Causes that wait at the same moment share one commit (group
// commit: with synchronous=FULL an fsync costs more than the statements), each in its own savepoint, so that one that
// fails takes nothing else with it. When Write returns nil the change is on disk.
//
// fn runs on the writer's goroutine: no network, no waiting, no Write.
func (s *Store) Write(ctx context.Context, fn func(*Tx) error) error {
	outcome := make(chan error, 1)
	s.Submit(ctx, fn, func(err error) { outcome <- err })
	return <-outcome
}

// Submit is Write without the waiting: done hears the outcome once and must neither block nor write; it runs on the writer's
// goroutine, or at once on the caller's when the cause did not get in. Causes run in the order in which they were
// submitted. Submit itself waits only while the writer's queue is full.
func (s *Store) Submit(ctx context.Context, fn func(*Tx) error, done func(error)) {
	s.entry.RLock() // nothing gets in after Stop, so everything that got in is served
	defer s.entry.RUnlock()
	if s.closed {
		done(ErrStopped)
		return
	}
	select {
	case s.Jobs <- &job{ctx: ctx, fn: fn, done: done}:
	case <-ctx.Done():
		done(ctx.Err())
	}
}

// writer is the one goroutine that changes conversations. It ends when the queue is closed and empty.
func (s *Store) writer() {
	defer close(s.writerGone)
	for j := range s.Jobs {
		s.commit(s.gather(j))
	}
}

// gather takes everything that waits right now, without waiting for more.
func (s *Store) gather(first *job) []*job {
	batch := []*job{first}
	for len(batch) < MaxBatch {
		select {
		case j, open := <-s.Jobs:
			if !open {
				return batch
			}
			batch = append(batch, j)
		default:
			return batch
		}
	}
	return batch
}

func (s *Store) commit(batch []*job) {
	now := s.Now().UTC()
	err := s.App.RunInTransaction(func(app core.App) error {
		for _, j := range batch {
			if j.err = j.ctx.Err(); j.err != nil {
				continue
			}
			j.tx = &Tx{App: app, Now: now, store: s}
			if len(batch) == 1 {
				if j.err = j.run(); j.err != nil {
					return j.err
				}
			} else if err := j.runInSavepoint(); err != nil {
				return err
			}
			if err := j.follow(); err != nil {
				return err
			}
		}
		return nil
	})
	for _, j := range batch {
		if j.err == nil {
			j.err = err
		}
		if j.err == nil {
			s.Publish(j.tx.events)
		}
		j.done(j.err)
		if j.tx != nil {
			for _, fn := range j.tx.ends {
				fn()
			}
		}
		if j.err == nil {
			for _, fn := range j.tx.after {
				fn()
			}
		}
	}
}

// follow carries out what follows from a cause. An error is one of the whole transaction; if only the cause that follows
// fails, nothing of it is left.
func (j *job) follow() error {
	if j.err != nil || j.tx.then == nil {
		return nil
	}
	next := &job{fn: j.tx.then, tx: &Tx{App: j.tx.App, Now: j.tx.Now, store: j.tx.store}}
	err := next.runInSavepoint()
	j.tx.ends = append(j.tx.ends, next.tx.ends...)
	if err != nil {
		return err
	}
	if next.err == nil {
		j.tx.followed = true
		j.tx.events = append(j.tx.events, next.tx.events...)
		j.tx.after = append(j.tx.after, next.tx.after...)
	}
	return nil
}

// runInSavepoint returns an error only when the whole transaction is unusable.
func (j *job) runInSavepoint() error {
	if _, err := j.tx.SQL().Exec("SAVEPOINT cause"); err != nil {
		return fmt.Errorf("open savepoint: %w", err)
	}
	j.err = j.run()
	if j.err != nil {
		if _, err := j.tx.SQL().Exec("ROLLBACK TO cause"); err != nil {
			return fmt.Errorf("roll back to savepoint: %w", err)
		}
	}
	if _, err := j.tx.SQL().Exec("RELEASE cause"); err != nil {
		return fmt.Errorf("release savepoint: %w", err)
	}
	return nil
}

// run turns a panic into an error: one broken cause must not stop the desk.
func (j *job) run() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	if err := j.fn(j.tx); err != nil {
		return err
	}
	if j.tx.store.Settle == nil {
		return nil
	}
	return j.tx.store.Settle(j.tx)
}

// lastQueued is after what new messages are sent: the outbox has the order of the ids, whatever the clock says.
const lastQueued = `SELECT COALESCE(MAX(id), '') FROM messages INDEXED BY idx_msg_outbox WHERE outbox = TRUE`

// Start loads the counter and starts the writer.
func (s *Store) Start(ctx context.Context) error {
	if s.Now == nil {
		s.Now = time.Now
	}
	err := s.App.DB().NewQuery(`SELECT MAX(
		(SELECT COALESCE(MAX(seq), 0) FROM messages), (SELECT COALESCE(MAX(pos), 0) FROM messages),
		(SELECT COALESCE(MAX(seq), 0) FROM conversations), (SELECT COALESCE(MAX(pos), 0) FROM events),
		(SELECT COALESCE(MAX(seq), 0) FROM contacts))`).WithContext(ctx).Row(&s.Seq)
	if err != nil {
		return fmt.Errorf("read the last cursor: %w", err)
	}
	var last string
	if err := s.App.DB().NewQuery(lastQueued).WithContext(ctx).Row(&last); err != nil {
		return fmt.Errorf("read the last message that waits to be sent: %w", err)
	}
	IDs.after(last, s.Now())
	s.Jobs = make(chan *job, MaxBatch)
	s.closed, s.writerGone = false, make(chan struct{})
	go s.writer()
	return nil
}

// Stop serves the causes that are already waiting and ends the writer.
func (s *Store) Stop() {
	s.entry.Lock()
	s.closed = true
	close(s.Jobs)
	s.entry.Unlock()
	<-s.writerGone
}

// LastSeq is the last number that was drawn, for a cause that writes nothing more.
func (t *Tx) LastSeq() int64 { return t.store.Seq }

// Seqs draws n numbers at once and returns the one before the first.
func (t *Tx) Seqs(n int64) int64 {
	before := t.store.Seq
	t.store.Seq += n
	return before
}

// LastSeq is the last number that was drawn. The writer must be at rest.
func (s *Store) LastSeq() int64 { return s.Seq }
