package hooks

import (
	"context"
	"fmt"
	"sync"
	"time"

	"mostrador/whatsapp"

	"github.com/pocketbase/pocketbase/tools/types"
)

// outbox sends what is queued on one line: of each chat the oldest message, and the next one only when that is through.
// A chat in trouble waits by itself and holds up nobody else.
//
//	queued → sending → sent            WhatsApp has it
//	           ↓  ↘
//	         queued  failed            offline, unconfirmed, an error that may pass; a permanent one
//
// "sending" is written while the send is under way, if it takes long enough to be seen. A crash leaves "queued" or
// "sending", which start-up turns back: both are sent again under the same WhatsApp id, which is one message on the phone.
type outbox struct {
	desk *Desk
	line string
	send func(context.Context, whatsapp.Outgoing) (time.Time, error)
	up   func() bool // whether a send can succeed now
	wake chan struct{}

	firstWake chan struct{} // the lane of first messages has something to do

	mu   sync.Mutex
	busy map[string]bool // contacts with a send under way
}

const (
	outboxTick  = time.Second
	outboxPause = 2 * time.Second // after the database would not answer
	noteAfter   = 200 * time.Millisecond
	lastSend    = 3 * time.Second // a send that is under way at the stop may take so long
	maxAttempts = 12              // attempt⁴ s apart: over 15 hours in all
	lockedFor   = 10 * time.Minute
)

// run sends until ctx ends, and returns when the last send is written down. First messages to strangers go through a lane
// of their own: the line lets very few of them go, and nobody else has to wait for that.
func (o *outbox) run(ctx context.Context) {
	var lanes sync.WaitGroup
	o.firstWake = make(chan struct{}, 1)
	lanes.Go(func() { o.lane(ctx, o.firstWake, true) })
	lanes.Go(func() { o.lane(ctx, o.wake, false) })
	lanes.Wait()
}

// lane works off one kind of messages.
func (o *outbox) lane(ctx context.Context, wake chan struct{}, first bool) {
	tick := time.NewTicker(outboxTick)
	defer tick.Stop()
	for ctx.Err() == nil {
		sent, err := o.round(ctx, first)
		if err != nil {
			o.desk.App.Logger().Error("outbox", "line", o.line, "error", err)
			rest(ctx, outboxPause)
			continue
		}
		if sent {
			continue
		}
		select {
		case <-ctx.Done():
		case <-wake:
		case <-tick.C:
		}
	}
}

// head is the oldest message that a chat wants to send.
type head struct {
	ID      string `db:"id"`
	Contact string `db:"contact"`
}

// round sends the message that is due of each chat, and tells whether there was any.
func (o *outbox) round(ctx context.Context, first bool) (sent bool, err error) {
	if !o.up() {
		return false, nil
	}
	heads, err := o.heads()
	if err != nil {
		return false, err
	}
	for _, h := range heads {
		if ctx.Err() != nil || !o.up() {
			return false, nil
		}
		done, err := o.deliver(ctx, h, first)
		if err != nil {
			return sent, fmt.Errorf("send message %s: %w", h.ID, err)
		}
		sent = sent || done
	}
	return sent, nil
}

const headsQuery = `SELECT m.id, m.contact FROM messages m JOIN (
	SELECT MIN(id) AS id FROM messages WHERE outbox = TRUE AND line = ? AND (dueAt = '' OR dueAt <= ? OR attempts > 0 OR reason != '')
	GROUP BY contact) AS h ON m.id = h.id WHERE m.dueAt = '' OR m.dueAt <= ? ORDER BY m.id`

// heads are the messages that may be sent now, the oldest first. One that was tried and waits holds up its chat; one that
// is planned for later does not.
func (o *outbox) heads() (heads []head, err error) {
	now := stamp(o.desk.Now())
	heads, err = many[head](execer(o.desk.App.ConcurrentDB()), headsQuery, o.line, now, now)
	if err != nil {
		return nil, fmt.Errorf("read the outbox: %w", err)
	}
	return heads, nil
}

// take reserves a chat for one send.
func (o *outbox) take(contact string) (release func(), ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.busy == nil {
		o.busy = map[string]bool{}
	}
	if o.busy[contact] {
		return nil, false
	}
	o.busy[contact] = true
	return func() {
		o.mu.Lock()
		delete(o.busy, contact)
		o.mu.Unlock()
	}, true
}

// deliver sends one message and writes down what became of it; done is false when it belongs to the other lane or is not
// to be sent any more.
func (o *outbox) deliver(ctx context.Context, h head, first bool) (done bool, err error) {
	isFirst, err := o.desk.firstContact(h.Contact)
	if err != nil || isFirst != first {
		if isFirst {
			poke(o.firstWake)
		}
		return false, err
	}
	release, ok := o.take(h.Contact)
	if !ok {
		return false, nil
	}
	defer release()
	out, err := o.desk.outgoing(ctx, h.ID)
	if err != nil || out == nil {
		return false, err
	}
	out.First = first
	if out.fault != "" {
		return true, o.finish(h.ID, result{reason: out.fault, permanent: true})
	}
	// A send that has begun is not broken off by the stop: only its answer tells whether the phone has it.
	sending, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(lastSend, cancel) })()
	noted := o.noteSlow(h.ID)
	at, err := o.send(sending, out.Outgoing)
	noted()
	return true, o.finish(h.ID, o.judge(at, err, sending.Err() != nil))
}

// noteSlow shows that a message is on its way if that takes longer than a blink; a commit for less would only hold up
// others. The function that it returns is to be called when the send is over.
func (o *outbox) noteSlow(id string) (over func()) {
	var noted sync.WaitGroup
	noted.Add(1)
	timer := time.AfterFunc(noteAfter, func() { defer noted.Done(); o.note(id) })
	return func() {
		if timer.Stop() {
			noted.Done()
		}
		noted.Wait()
	}
}

// note shows that a message is on its way. Nothing depends on it: what cannot be written is written by finish.
func (o *outbox) note(id string) {
	_ = o.desk.Write(context.Background(), func(t *Tx) error {
		m, err := t.message(id)
		if err != nil || !m.Outbox || m.State != "queued" {
			return err
		}
		m.State = "sending"
		return t.updateMessage(m)
	})
}

// finish writes what became of a send.
func (o *outbox) finish(id string, r result) error {
	return o.desk.Write(context.Background(), func(t *Tx) error {
		m, err := t.message(id)
		if err != nil || !m.Outbox { // a receipt was faster: the phone has it
			return err
		}
		r.apply(m, t.Now)
		return t.updateMessage(m)
	})
}

// apply carries the result of a send into its row.
func (r result) apply(m *Message, now time.Time) {
	switch {
	case r.sent:
		m.Outbox, m.Reason, m.DueAt = false, "", types.DateTime{}
		if rank[m.State] < rank["sent"] {
			m.State = "sent"
		}
		if !r.at.IsZero() {
			m.SentAt = stamp(r.at)
		}
		return
	case r.counts:
		m.Attempts++
	}
	switch {
	case r.permanent:
		m.State, m.Outbox, m.Reason = "failed", false, r.reason
	case m.Attempts >= maxAttempts:
		m.State, m.Outbox, m.Reason = "failed", false, failGaveUp
	default:
		m.State, m.Reason, m.DueAt = "queued", r.reason, types.DateTime{}
		if wait := max(r.wait, backOff(m.Attempts, r.counts)); wait > 0 {
			m.DueAt = stamp(now.Add(wait))
		}
	}
}

// backOff is attempt⁴ seconds: 1 s, 16 s, 81 s, 4 min, 10 min…
func backOff(attempts int, counts bool) time.Duration {
	if !counts {
		return 0
	}
	return time.Duration(attempts*attempts*attempts*attempts) * time.Second
}

// rescue puts back what was being sent when the process ended: nobody knows whether it arrived, and the same id again
// does no harm.
func (d *Desk) rescue(ctx context.Context) error {
	return d.Write(ctx, func(t *Tx) error {
		_, err := t.DB().NewQuery(`UPDATE messages SET state = 'queued' WHERE outbox = TRUE AND state = 'sending'`).Execute()
		if err != nil {
			return fmt.Errorf("rescue what was being sent: %w", err)
		}
		return nil
	})
}
