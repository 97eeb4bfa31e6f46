package outbox

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"mostrador/hooks/conversation"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// rank orders the states of an outgoing message. Receipts only move it up, whatever order they come in.
var rank = map[string]int{store.StateFailed: 0, store.StateQueued: 1, store.StateSending: 2, store.StateSent: 3, store.StateDelivered: 4, store.StateRead: 5, store.StatePlayed: 6}

// receipts collects receipts until its loop writes them down, many in one commit. WhatsApp does not deliver a receipt
// again: those of the last moment before a crash are lost, which costs a tick its colour and nothing else.
type receipts struct {
	mu   sync.Mutex
	list []LineReceipt
	wake chan struct{}
}

type LineReceipt struct {
	Line string
	whatsapp.Receipt
}

const (
	maxReceipts   = 50_000 // that wait; more are dropped
	receiptsBatch = 200    // in one transaction

	// Receipts come in bunches (delivered, then read); each commit keeps messages waiting, so they gather a moment.
	receiptsGather = 30 * time.Millisecond
)

// Add never waits: the line calls it between messages.
func (r *receipts) Add(line string, receipt whatsapp.Receipt) {
	r.mu.Lock()
	if len(r.list) < maxReceipts {
		r.list = append(r.list, LineReceipt{line, receipt})
	}
	r.mu.Unlock()
	store.Poke(r.wake)
}

func (r *receipts) take() []LineReceipt {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := min(len(r.list), receiptsBatch)
	batch := r.list[:n:n]
	r.list = r.list[n:]
	return batch
}

// Run writes receipts until ctx ends, then those that are left.
func (r *receipts) Run(ctx context.Context, d *Outbox) {
	for {
		for batch := r.take(); len(batch) > 0; batch = r.take() {
			if err := d.WriteReceipts(batch); err != nil {
				d.Store.App.Logger().Error("receipts", "count", len(batch), "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-r.wake:
			store.Rest(ctx, receiptsGather)
		}
	}
}

func (s *Outbox) WriteReceipts(batch []LineReceipt) error {
	return s.Store.Write(context.Background(), func(t *store.Tx) error {
		for _, r := range batch {
			var err error
			if r.ByOwner {
				err = s.readByOwner(t, r)
			} else {
				err = s.raise(t, r)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// raise moves messages of ours up to what a receipt says. One that is still in the outbox is out of it now: the phone has
// it, whatever Send will say.
func (s *Outbox) raise(t *store.Tx, r LineReceipt) error {
	for _, id := range r.IDs {
		var found []store.Message
		// By line and id: a receipt may name the customer by the other half of the address (see whose).
		err := t.DB().NewQuery(`SELECT * FROM messages WHERE waId = {:id} AND waId != '' AND line = {:line} AND direction = 'out'`).
			Bind(dbx.Params{"id": id, "line": r.Line}).All(&found)
		if err != nil {
			return fmt.Errorf("find message for a receipt: %w", err)
		}
		for i := range found {
			m := &found[i]
			if rank[string(r.State)] <= rank[m.State] {
				continue
			}
			if ours, err := s.Contacts.Whose(t, m.Contact, r.Chat); err != nil {
				return err
			} else if !ours {
				continue
			}
			leaves := m.Outbox || m.State == store.StateFailed
			m.State, m.Outbox, m.Reason = string(r.State), false, ""
			if err := t.UpdateMessage(m); err != nil {
				return err
			}
			if leaves {
				if err := conversation.SettleSend(t, m, m.SentAt); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// readByOwner clears the unread count of a chat that the owner read on the phone, up to the message that was read.
func (s *Outbox) readByOwner(t *store.Tx, r LineReceipt) error {
	for _, id := range r.IDs {
		var found []store.Message
		err := t.DB().NewQuery(`SELECT * FROM messages WHERE waId = {:id} AND waId != '' AND line = {:line} AND direction = 'in' AND pos > 0`).
			Bind(dbx.Params{"id": id, "line": r.Line}).All(&found)
		if err != nil {
			return fmt.Errorf("find message that the owner read: %w", err)
		}
		for i := range found {
			hers, err := s.Contacts.Whose(t, found[i].Contact, r.Chat)
			if err == nil && hers {
				err = readUpTo(t, &found[i])
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// readUpTo clears the unread count of a conversation up to a message.
func readUpTo(t *store.Tx, m *store.Message) error {
	c, err := t.Conversation(m.Conversation)
	if err != nil || c.ReadPos >= m.Pos {
		return err
	}
	before := *c
	c.ReadPos = m.Pos
	if err := t.DB().NewQuery(`SELECT COUNT(*) FROM messages WHERE conversation = {:id} AND pos > {:pos} AND direction = 'in'`).
		Bind(dbx.Params{"id": c.ID, "pos": c.ReadPos}).Row(&c.Unread); err != nil {
		return fmt.Errorf("count unread: %w", err)
	}
	return t.Save(c, before)
}

// Marks tells WhatsApp what people of the desk have read, so that the customer's ticks turn blue. What is still to tell
// follows from two numbers of the conversation (toldPos < readPos), so that neither a crash nor a dead line loses it.
type Marks struct {
	Outbox *Outbox
	Line   string
	Tell   func(ctx context.Context, chat whatsapp.Address, ids []string, at time.Time) error
	Up     func() bool
	Wake   chan struct{}
}

const (
	marksTick  = 5 * time.Second
	marksBatch = 50  // conversations that are read at a time
	marksIDs   = 200 // messages in one read mark
)

func (k *Marks) Run(ctx context.Context) {
	tick := time.NewTicker(marksTick)
	defer tick.Stop()
	for ctx.Err() == nil {
		if k.Up() {
			if err := k.Round(ctx); err != nil {
				k.Outbox.Store.App.Logger().Warn("read marks", "line", k.Line, "error", err)
				store.Rest(ctx, marksTick)
			}
		}
		select {
		case <-ctx.Done():
		case <-k.Wake:
		case <-tick.C:
		}
	}
}

type unmarked struct {
	ID      string `db:"id"`
	Contact string `db:"contact"`
	ToldPos int64  `db:"toldPos"`
	ReadPos int64  `db:"readPos"`
}

const UnmarkedQuery = `SELECT id, contact, toldPos, readPos FROM conversations WHERE toldPos < readPos AND line = {:line} AND id > {:after}
	ORDER BY id LIMIT {:limit}`

// Round tells what is to be told now. A conversation that cannot be told holds up no other; when the line or the database
// is the reason, all wait.
func (k *Marks) Round(ctx context.Context) error {
	var failed []error
	for after := ""; ; {
		var rows []unmarked
		err := k.Outbox.Store.App.ConcurrentDB().NewQuery(UnmarkedQuery).
			Bind(dbx.Params{"line": k.Line, "after": after, "limit": marksBatch}).WithContext(ctx).All(&rows)
		if err != nil {
			return fmt.Errorf("read what to mark: %w", err)
		}
		for _, row := range rows {
			switch err := k.mark(ctx, row); {
			case errors.Is(err, whatsapp.ErrOffline), store.StorageFault(err), ctx.Err() != nil:
				return err
			case err != nil:
				failed = append(failed, fmt.Errorf("mark conversation %s: %w", row.ID, err))
			}
			after = row.ID
		}
		if len(rows) < marksBatch {
			return errors.Join(failed...)
		}
	}
}

// mark tells the newest messages of one conversation; WhatsApp takes a mark for all before it.
func (k *Marks) mark(ctx context.Context, row unmarked) error {
	db := k.Outbox.Store.App.ConcurrentDB()
	var ids []string
	err := db.NewQuery(`SELECT waId FROM messages WHERE conversation = {:id} AND pos > {:told} AND pos <= {:read} AND direction = 'in' AND waId != ''
		ORDER BY pos DESC LIMIT {:limit}`).
		Bind(dbx.Params{"id": row.ID, "told": row.ToldPos, "read": row.ReadPos, "limit": marksIDs}).WithContext(ctx).Column(&ids)
	if err != nil {
		return err
	}
	if len(ids) > 0 {
		to, err := store.Find[store.ContactRow](db, "contacts", row.Contact)
		if err == nil {
			err = k.Tell(ctx, whatsapp.Address{Phone: to.Phone, LID: to.LID}, ids, k.Outbox.Store.Now())
		}
		if err != nil && !store.IsNone(err) { // nobody is left to be told
			return err
		}
	}
	return k.Outbox.Store.Write(ctx, func(t *store.Tx) error {
		_, err := t.DB().NewQuery(`UPDATE conversations SET toldPos = {:read} WHERE id = {:id} AND toldPos < {:read}`).
			Bind(dbx.Params{"id": row.ID, "read": row.ReadPos}).Execute()
		return err
	})
}

// Start makes the bell of the receipts.
func (s *Outbox) Start() { s.Receipts.wake = make(chan struct{}, 1) }
