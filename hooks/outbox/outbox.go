// Package outbox: what leaves: what people write, sending, receipts, read marks.
package outbox

import (
	"context"
	"fmt"
	"sync"
	"time"

	"mostrador/hooks/contacts"
	"mostrador/hooks/conversation"
	"mostrador/hooks/media"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
	"mostrador/whatsapp"
)

// Outbox takes what people write and sees it leave.
type Outbox struct {
	Contacts      *contacts.Contacts
	Conversations *conversation.Conversations
	Files         *media.Files
	Store         *store.Store
	Views         *view.Views

	Receipts receipts
	Line     func(line string) *LineOutbox // nil: there is no such line
}

// LineOutbox sends what is queued on one line: of each chat the oldest message, and the next one only when that is through. Chats
// in which a person waits to be heard come first: ten thousand strangers whom the flow answers hold up no agent.
// A chat in trouble waits by itself and holds up nobody else: a few chats are served at once, so that a file that takes
// minutes, or a customer whose address has to be asked for, is nobody else's wait. WhatsApp gets the messages one by one.
//
//	queued → sending → sent            WhatsApp has it
//	           ↓  ↘
//	         queued  failed            offline, unconfirmed, an error that may pass; a permanent one
//
// "sending" is written while the send is under way, if it takes long enough to be seen. A crash leaves "queued" or
// "sending", which start-up turns back: both are sent again under the same WhatsApp id, which is one message on the phone.
//
// A message that was tried, or that a crash may have caught on its way, has attempts > 0: the phone may have it, so taking
// it back or editing it has to reach the phone as well (neverLeft).
type LineOutbox struct {
	Outbox *Outbox
	Line   string
	Send   func(context.Context, whatsapp.Outgoing) (time.Time, error)
	Up     func() bool // whether a send can succeed now
	Wake   chan struct{}

	FirstWake chan struct{} // the lane of first messages has something to do

	mu   sync.Mutex
	busy map[string]string // contacts with a send under way, and which message it is
	held map[string]bool   // messages that a transaction holds back
	done map[string]Result // messages that WhatsApp has and whose row does not say so yet
}

const (
	outboxTick  = time.Second
	outboxPause = 2 * time.Second // after the database would not answer
	textsAtOnce = 4               // sends under way on a line, besides files
	filesAtOnce = 2               // each is in memory while it is sent
	noteAfter   = 200 * time.Millisecond
	roundFor    = time.Second     // then it is looked again who comes first
	lastSend    = 3 * time.Second // a send that is under way at the stop may take so long
	MaxAttempts = 12              // attempt⁴ s apart: over 15 hours in all
	LockedFor   = 10 * time.Minute
)

// Run sends until ctx ends, and returns when the last send is written down. First messages to strangers go through a lane
// of their own: the line lets very few of them go, and nobody else has to wait for that.
func (o *LineOutbox) Run(ctx context.Context) {
	var lanes sync.WaitGroup
	o.FirstWake = make(chan struct{}, 1)
	lanes.Go(func() { o.Lane(true, 1, 1).Run(ctx) })
	lanes.Go(func() { o.Lane(false, textsAtOnce, filesAtOnce).Run(ctx) })
	lanes.Wait()
}

// Lane works off one kind of messages.
type Lane struct {
	*LineOutbox
	first bool
	Wake  chan struct{}

	RoundFor     time.Duration
	texts, Files chan struct{} // a place for each send that is under way
	Sends        sync.WaitGroup
	trouble      chan error // of a send that could not be written down; the next round hands it out
}

func (o *LineOutbox) Lane(first bool, texts, files int) *Lane {
	l := &Lane{LineOutbox: o, first: first, Wake: o.Wake, texts: make(chan struct{}, texts), Files: make(chan struct{}, files),
		RoundFor: roundFor, trouble: make(chan error, 1)}
	if first {
		l.Wake = o.FirstWake
	}
	return l
}

func (l *Lane) Run(ctx context.Context) {
	defer l.Sends.Wait()
	tick := time.NewTicker(outboxTick)
	defer tick.Stop()
	for ctx.Err() == nil {
		if err := l.Round(ctx); err != nil {
			l.Outbox.Store.App.Logger().Error("outbox", "line", l.Line, "error", err)
			store.Rest(ctx, outboxPause)
			continue
		}
		select {
		case <-ctx.Done():
		case <-l.Wake:
		case <-tick.C:
		}
	}
}

// Head is the oldest message that a chat wants to send.
type Head struct {
	ID      string `db:"id"`
	Contact string `db:"contact"`
	Media   string `db:"media"` // empty: no file
}

// Round begins the send that is due of each chat. Where as many are under way as may be it waits; a file is left for a
// later round instead, because it may take minutes to get a place. Every send that ends wakes the lane for the next.
func (l *Lane) Round(ctx context.Context) error {
	select {
	case err := <-l.trouble:
		return err
	default:
	}
	if !l.Up() {
		return nil
	}
	heads, err := l.heads()
	if err != nil {
		return err
	}
	began := time.Now()
	for _, h := range heads {
		if ctx.Err() != nil || !l.Up() {
			return nil
		}
		if err := l.begin(ctx, h); err != nil {
			return fmt.Errorf("send message %s: %w", h.ID, err)
		}
		if time.Since(began) > l.RoundFor {
			store.Poke(l.Wake)
			return nil
		}
	}
	return nil
}

const headsQuery = `SELECT m.id, m.contact, m.media FROM messages m JOIN (
	SELECT MIN(id) AS id, MAX(author NOT IN ('` + store.ByFlow + `', '` + store.BySystem + `')) AS person FROM messages WHERE outbox = TRUE AND line = ? AND (dueAt = '' OR dueAt <= ? OR attempts > 0 OR reason != '')
	GROUP BY contact) AS h ON m.id = h.id WHERE m.dueAt = '' OR m.dueAt <= ? ORDER BY h.person DESC, m.id`

// heads are the messages that may be sent now: those of chats in which a person wrote first, then the oldest first. One that was tried and waits holds up its chat; one that
// is planned for later does not.
func (o *LineOutbox) heads() (heads []Head, err error) {
	now := store.Stamp(o.Outbox.Store.Now())
	heads, err = store.Many[Head](store.Execer(o.Outbox.Store.App.ConcurrentDB()), headsQuery, o.Line, now, now)
	if err != nil {
		return nil, fmt.Errorf("read the outbox: %w", err)
	}
	return heads, nil
}

// begin sends one message beside the round, unless it belongs to the other lane or its chat is busy.
func (l *Lane) begin(ctx context.Context, h Head) error {
	if l.isBusy(h.Contact) {
		return nil
	}
	isFirst, err := l.Outbox.firstContact(l.Line, h.Contact)
	if err != nil || isFirst != l.first {
		if isFirst {
			store.Poke(l.FirstWake)
		}
		return err
	}
	leave, ok := l.place(ctx, h)
	if !ok {
		return nil
	}
	release, ok := l.Take(h)
	if !ok {
		leave()
		return nil
	}
	l.Sends.Go(func() {
		err := l.deliver(ctx, h, l.first)
		release()
		leave()
		if err != nil {
			select {
			case l.trouble <- fmt.Errorf("send message %s: %w", h.ID, err):
			default: // one is enough
			}
		}
		store.Poke(l.Wake)
	})
	return nil
}

// place gets a send its place among those under way; not ok when there is none for its file, or ctx ended.
func (l *Lane) place(ctx context.Context, h Head) (leave func(), ok bool) {
	if h.Media != "" {
		select {
		case l.Files <- struct{}{}:
			return func() { <-l.Files }, true
		default:
			return nil, false
		}
	}
	select {
	case l.texts <- struct{}{}:
		return func() { <-l.texts }, true
	case <-ctx.Done():
		return nil, false
	}
}

// Take reserves a chat for one send.
func (o *LineOutbox) Take(h Head) (release func(), ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.busy[h.Contact] != "" || o.held[h.ID] {
		return nil, false
	}
	if o.busy == nil {
		o.busy = map[string]string{}
	}
	o.busy[h.Contact] = h.ID
	return func() {
		o.mu.Lock()
		delete(o.busy, h.Contact)
		o.mu.Unlock()
	}, true
}

func (o *LineOutbox) isBusy(contact string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.busy[contact] != ""
}

// Hold keeps a message from being sent until release is called; not ok: it is on its way already, or there.
func (o *LineOutbox) Hold(id string) (release func(), ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, sending := range o.busy {
		if sending == id {
			return nil, false
		}
	}
	if _, has := o.done[id]; has {
		return nil, false
	}
	if o.held == nil {
		o.held = map[string]bool{}
	}
	o.held[id] = true
	return func() {
		o.mu.Lock()
		delete(o.held, id)
		o.mu.Unlock()
		store.Poke(o.Wake)
		store.Poke(o.FirstWake)
	}, true
}

// NeverLeft tells whether a message certainly is nowhere but here: nobody has begun to send it, and nobody does before the
// transaction is over.
func (s *Outbox) NeverLeft(t *store.Tx, m *store.Message) bool {
	if m.State != store.StateQueued || !m.Outbox || m.Attempts > 0 {
		return false
	}
	out := s.Line(m.Line)
	if out == nil {
		return true // no outbox works on it
	}
	release, ok := out.Hold(m.ID)
	if ok {
		t.Finally(release)
	}
	return ok
}
