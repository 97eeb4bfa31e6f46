package outbox

import (
	"context"
	"fmt"
	"sync"
	"time"

	"mostrador/hooks/conversation"
	"mostrador/hooks/store"

	"github.com/pocketbase/pocketbase/tools/types"
)

// deliver sends one message and writes down what became of it. An error is the database's; one of the message itself (its
// customer is gone, its file cannot be read) counts as an attempt and holds up nobody else.
func (o *LineOutbox) deliver(ctx context.Context, h Head, first bool) error {
	if r, has := o.sentBefore(h.ID); has {
		return o.Finish(h.ID, r)
	}
	out, err := o.Outbox.Outgoing(ctx, h.ID)
	switch {
	case ctx.Err() != nil || err == nil && out == nil: // the stop, or not to be sent any more
		return nil
	case err != nil && store.StorageFault(err):
		return err
	case err != nil:
		o.Outbox.Store.App.Logger().Error("a message cannot be put together", "line", o.Line, "message", h.ID, "error", err)
		return o.Finish(h.ID, Result{Counts: true})
	case out.Fault != "":
		return o.Finish(h.ID, Result{Reason: out.Fault, Permanent: true})
	}
	out.First = first
	// A send that has begun is not broken off by the stop: only its answer tells whether the phone has it.
	sending, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(lastSend, cancel) })()
	noted := o.noteSlow(h.ID)
	at, err := store.Safely(func() (time.Time, error) { return o.Send(sending, out.Outgoing) })
	noted()
	return o.Finish(h.ID, o.judge(at, err))
}

// noteSlow shows that a message is on its way if that takes longer than a blink; a commit for less would only hold up
// others. The function that it returns is to be called when the send is over.
func (o *LineOutbox) noteSlow(id string) (over func()) {
	var noted sync.WaitGroup
	noted.Add(1)
	timer := time.AfterFunc(noteAfter, func() { defer noted.Done(); o.Note(id) })
	return func() {
		if timer.Stop() {
			noted.Done()
		}
		noted.Wait()
	}
}

// Note shows that a message is on its way. Nothing depends on it: what cannot be written is written by finish.
func (o *LineOutbox) Note(id string) {
	_ = o.Outbox.Store.Write(context.Background(), func(t *store.Tx) error {
		m, err := t.Message(id)
		if err != nil || !m.Outbox || m.State != store.StateQueued {
			return err
		}
		m.State = store.StateSending
		return t.UpdateMessage(m)
	})
}

// sentBefore tells what became of a send that could not be written down, on a full disk say: WhatsApp is not given the
// message again for that.
func (o *LineOutbox) sentBefore(id string) (r Result, has bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	r, has = o.done[id]
	return r, has
}

// Finish writes what became of a send.
func (o *LineOutbox) Finish(id string, r Result) error {
	err := o.write(id, r)
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case err == nil:
		delete(o.done, id)
	case r.Sent:
		if o.done == nil {
			o.done = map[string]Result{}
		}
		o.done[id] = r
	}
	return err
}

func (o *LineOutbox) write(id string, r Result) error {
	return o.Outbox.Store.Write(context.Background(), func(t *store.Tx) error {
		m, err := t.Message(id)
		if err != nil {
			return store.MissingRow(err)
		}
		if late := r.Sent && m.State == store.StateFailed; !m.Outbox && !late {
			return nil // a receipt was faster: the phone has it; or it was taken back meanwhile, and is not tried again
		}
		queued := m.SentAt
		r.Apply(m, t.Now)
		if err := t.UpdateMessage(m); err != nil {
			return err
		}
		return conversation.SettleSend(t, m, queued)
	})
}

// Apply carries the result of a send into its row.
func (r Result) Apply(m *store.Message, now time.Time) {
	switch {
	case r.Sent:
		m.Outbox, m.Reason, m.DueAt = false, "", types.DateTime{}
		if rank[m.State] < rank[store.StateSent] {
			m.State = store.StateSent
		}
		if !r.At.IsZero() {
			m.SentAt = store.Stamp(r.At)
		}
		return
	case r.Counts:
		m.Attempts++
	}
	switch {
	case r.Permanent:
		m.State, m.Outbox, m.Reason = store.StateFailed, false, r.Reason
	case m.Attempts >= MaxAttempts:
		m.State, m.Outbox, m.Reason = store.StateFailed, false, FailGaveUp
	default:
		m.State, m.Reason, m.DueAt = store.StateQueued, r.Reason, types.DateTime{}
		if wait := max(r.wait, store.BackOff(m.Attempts, r.Counts)); wait > 0 {
			m.DueAt = store.Stamp(now.Add(wait))
		}
	}
}

// rescueQuery leaves out what certainly never left: messages of lines that were off, and those planned for later.
const rescueQuery = `UPDATE messages SET state = 'queued', attempts = MAX(attempts, 1) WHERE outbox = TRUE AND (state = 'sending' OR attempts = 0
	AND (dueAt = '' OR dueAt <= ?) AND line NOT IN (SELECT id FROM lines WHERE state IN ('', 'stopped', 'waiting_scan', 'logged_out', 'banned')))`

// Rescue puts back what was being sent when the process ended: nobody knows whether it arrived, and the same id again
// does no harm. A send is written down only if it takes a while, so everything that was due counts as tried.
func (s *Outbox) Rescue(ctx context.Context) error {
	return s.Store.Write(ctx, func(t *store.Tx) error {
		if _, err := t.SQL().Exec(rescueQuery, store.Stamp(t.Now)); err != nil {
			return fmt.Errorf("rescue what was being sent: %w", err)
		}
		return nil
	})
}
