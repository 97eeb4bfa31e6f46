package runner

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"mostrador/flows"
	"mostrador/hooks/conversation"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

// The inbox loop gives what customers wrote to their flow: the oldest first, one conversation's messages one after the
// other. Receive wakes it; the tick is the net under a missed call and the clock of flows that wait; the first round at
// start-up sweeps what a crash left.
const (
	inboxTick  = time.Second
	InboxBatch = 64 // messages per round; those of different conversations share commits
	inboxPause = 2 * time.Second
)

// Start makes the bell of the inbox.
func (ru *Runner) Start() { ru.bell = make(chan struct{}, 1) }

// Wake tells the loop that something waits for a flow.
func (ru *Runner) Wake() { store.Poke(ru.bell) }

// Run runs until ctx ends. A round that has begun is finished.
func (ru *Runner) Run(ctx context.Context) {
	tick := time.NewTicker(inboxTick)
	defer tick.Stop()
	for ctx.Err() == nil {
		more, err := ru.InboxRound(ctx)
		if err != nil {
			ru.Store.App.Logger().Error("inbox", "error", err)
			store.Rest(ctx, inboxPause)
			continue
		}
		if more {
			continue
		}
		select {
		case <-ctx.Done():
		case <-ru.bell:
		case <-tick.C:
		}
	}
}

// waiting is something that a flow has to hear of.
type waiting struct {
	ID           string `db:"id"`
	Conversation string `db:"conversation"` // or the contact, where there is no conversation yet
	handle       func(t *store.Tx, id string) error
	setAside     func(t *store.Tx, id string) error // where that cannot be done
}

// The inputs of flows, in the order in which one conversation's are handled: what the customer wrote, what other systems
// answered, what the clock says.
const (
	// A vote has no pos, and ids grow as they come: of votes, those that came before the last text of this round, or all when
	// that is the last text there is.
	pendingMessages = `WITH waits AS (SELECT id, pos, CASE conversation WHEN '' THEN contact ELSE conversation END AS conversation
		FROM messages WHERE pending = TRUE AND (dueAt = '' OR dueAt <= ?1)),
	texts AS MATERIALIZED (SELECT id, conversation FROM waits WHERE pos > 0 ORDER BY pos, id LIMIT ?2),
	votes AS (SELECT id, conversation FROM waits WHERE pos = 0
		AND ((SELECT COUNT(*) FROM texts) < ?2 OR id < (SELECT MAX(id) FROM texts)) ORDER BY id LIMIT ?2)
	SELECT id, conversation FROM texts UNION ALL SELECT id, conversation FROM votes ORDER BY id`
	PendingResults = `SELECT id, conversation FROM calls WHERE pending = TRUE AND pos > 0 ORDER BY pos, id LIMIT ?`
	// Those of paused lines, too: whoever waits for the bot there gets a person.
	DueTimers = `SELECT id, id AS conversation FROM conversations WHERE wakeAt != '' AND wakeAt <= ? ORDER BY wakeAt LIMIT ?`
)

// InboxRound handles what waits now, up to a batch, and tells whether there may be more.
func (ru *Runner) InboxRound(ctx context.Context) (more bool, err error) {
	inputs, more, err := ru.waiting()
	if err != nil {
		return false, err
	}
	order, threads := []string{}, map[string][]waiting{}
	for _, w := range inputs {
		if threads[w.Conversation] == nil {
			order = append(order, w.Conversation)
		}
		threads[w.Conversation] = append(threads[w.Conversation], w)
	}
	errs := make([]error, len(order))
	var wg sync.WaitGroup
	for i, key := range order {
		wg.Go(func() { errs[i] = ru.handleThread(ctx, threads[key]) })
	}
	wg.Wait()
	return more, errors.Join(errs...)
}

// waiting reads what flows have to hear of now, and tells whether there may be more of a kind.
func (ru *Runner) waiting() (all []waiting, more bool, err error) {
	now := store.Stamp(ru.Store.Now())
	for _, kind := range []struct {
		what, query      string
		args             []any
		handle, setAside func(*store.Tx, string) error
	}{
		{"the inbox", pendingMessages, []any{now, InboxBatch}, ru.Answer, ru.SetAside},
		{"the results of calls", PendingResults, []any{InboxBatch}, ru.Hear, ru.SetAsideResult},
		{"the timers of flows", DueTimers, []any{now, InboxBatch}, ru.ring, ru.setAsideTimer},
	} {
		rows, err := store.Many[waiting](store.Execer(ru.Store.App.ConcurrentDB()), kind.query, kind.args...)
		if err != nil {
			return nil, false, fmt.Errorf("read %s: %w", kind.what, err)
		}
		for i := range rows {
			rows[i].handle, rows[i].setAside = kind.handle, kind.setAside
		}
		all, more = append(all, rows...), more || len(rows) >= InboxBatch
	}
	return all, more, nil
}

// handleThread handles one conversation's inputs in order, and stops at the first that the database would not take.
func (ru *Runner) handleThread(ctx context.Context, inputs []waiting) error {
	for _, w := range inputs {
		if ctx.Err() != nil {
			return nil // they wait for the next start
		}
		err := ru.Store.Write(context.WithoutCancel(ctx), func(t *store.Tx) error { return w.handle(t, w.ID) })
		if err == nil {
			continue
		}
		if errors.Is(err, store.ErrStopped) {
			return nil
		}
		if store.StorageFault(err) {
			return fmt.Errorf("answer %s: %w", w.ID, err)
		}
		ru.Store.App.Logger().Error("the flow could not be carried out; people take over", "id", w.ID, "error", err)
		if err := ru.Store.Write(context.WithoutCancel(ctx), func(t *store.Tx) error { return w.setAside(t, w.ID) }); err != nil {
			return fmt.Errorf("set %s aside: %w", w.ID, err)
		}
	}
	return nil
}

// Answer gives one message to the flow of its conversation, and marks it as handled in the same transaction.
func (ru *Runner) Answer(t *store.Tx, id string) error {
	m, c, err := ru.takePending(t, id)
	if err != nil || m == nil || m.Direction == store.Outbound { // the owner's own word, unreadable: it asks for no answer
		return err
	}
	if c.InFlow() {
		return ru.advance(t, c, flowInput(m), m)
	}
	return ru.Conversations.SayAway(t, c)
}

// errNotNext: an older message of the chat has to be answered first.
var errNotNext = errors.New("an older message waits")

// MaxBacklog is how many messages that wait are looked through for an older one of the same chat.
const MaxBacklog = 100

// OlderPending reads the messages that wait and no others: a chat may be years long.
const OlderPending = `SELECT COUNT(*) = ? OR COALESCE(MAX(conversation = ?), FALSE) FROM (SELECT conversation FROM messages INDEXED BY idx_msg_inbox
	WHERE pending = TRUE AND pos >= 0 AND id < ? LIMIT ?)`

// AnswerNext is answer for the message that has just come, unless an older one of the chat waits, or so many of others that
// it would take long to tell.
func (ru *Runner) AnswerNext(t *store.Tx, id, chat string) error {
	var older bool
	if err := t.First(&older, OlderPending, MaxBacklog, chat, id, MaxBacklog); err != nil {
		return fmt.Errorf("look for older messages: %w", err)
	}
	if older {
		return errNotNext
	}
	return ru.Answer(t, id)
}

// ring tells a flow that the customer was silent, or that a delay is over.
func (ru *Runner) ring(t *store.Tx, id string) error {
	c, err := t.Conversation(id)
	if err != nil {
		return err
	}
	switch {
	case !c.InFlow() || c.WakeAt.IsZero() || c.WakeAt.Time().After(t.Now):
		return nil
	case c.Status == store.StatusClosed && !c.FlowSession().Started():
		return ru.beginSurvey(t, c)
	}
	if later, err := ru.silentUntil(t, c); err != nil {
		return err
	} else if !later.IsZero() {
		return ringLater(t, c, later)
	}
	return ru.advance(t, c, flows.Timeout{}, nil)
}

// takePending reads a message that waits and marks it as handled; nil when somebody did so before. A message that could
// not be decrypted comes into sight now: its time is up.
func (ru *Runner) takePending(t *store.Tx, id string) (*store.Message, *store.Conversation, error) {
	m, err := t.Message(id)
	if store.IsNone(err) || err == nil && !m.Pending {
		return nil, nil, nil // replaced by its readable form, or handled
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read message %s: %w", id, err)
	}
	m.Pending = false
	if m.Conversation == "" {
		c, err := ru.unhide(t, m)
		return m, c, err
	}
	if _, err := t.SQL().Exec(`UPDATE messages SET pending = FALSE WHERE id = ?`, id); err != nil {
		return nil, nil, fmt.Errorf("mark message %s: %w", id, err)
	}
	c, err := t.Conversation(m.Conversation)
	if store.IsNone(err) { // somebody deleted it in the dashboard
		return nil, nil, nil
	}
	return m, c, err
}

// unhide gives a message that stayed unreadable its place in the conversation.
func (ru *Runner) unhide(t *store.Tx, m *store.Message) (*store.Conversation, error) {
	if _, err := t.DB().Delete("messages", dbx.HashExp{"id": m.ID}).Execute(); err != nil {
		return nil, fmt.Errorf("show message %s: %w", m.ID, err)
	}
	m.DueAt = types.DateTime{}
	blocked, err := conversation.Blocked(t, m.Contact)
	if err != nil {
		return nil, err
	}
	if blocked && m.Direction == store.Inbound {
		return ru.Receiver.Shelve(t, m.Line, m.Contact, m, nil)
	}
	c, err := ru.Receiver.PlaceFor(t, m.Line, m.Contact, m.Direction == store.Outbound)
	if err != nil {
		return nil, err
	}
	return c, ru.Conversations.AddMessage(t, c, m)
}

// reasonFault is the handover's reason when a message could not be carried through its flow.
const reasonFault = "fault"

// SetAside marks a message as handled although its flow could not take it, and gives the customer to people.
func (ru *Runner) SetAside(t *store.Tx, id string) error {
	m, c, err := ru.takePending(t, id)
	if err != nil || m == nil || !c.InFlow() {
		return err
	}
	return ru.toPeople(t, c, conversation.Handover{Reason: reasonFault, Actor: store.BySystem})
}

func (ru *Runner) setAsideTimer(t *store.Tx, id string) error {
	c, err := t.Conversation(id)
	if err != nil || !c.InFlow() {
		return err
	}
	if c.Status == store.StatusClosed {
		return conversation.EndSurvey(t, c)
	}
	return ru.Conversations.Handover(t, c, conversation.Handover{Reason: reasonFault, Actor: store.BySystem})
}
