package calls

import (
	"fmt"

	"mostrador/flows"
	"mostrador/hooks/fetch"
	"mostrador/hooks/store"

	"github.com/pocketbase/pocketbase/tools/types"
)

// Call is a row of calls: what a flow asks of the outside world, written in the transaction of the step that asks.
//
//	queued → running → done            there is an answer, whatever its status
//	  ↑         ↓   ↘
//	  └──── queued   failed            to be tried again; no answer in time, or none to hope for
//
// A result waits for the inbox loop (pending) and is then an input of the flow like any other: after what the customer
// wrote before it came, and once.
type Call struct {
	ID           string         `db:"id"`
	Conversation string         `db:"conversation"`
	Call         string         `db:"call"` // flows.Call.ID
	Kind         string         `db:"kind"`
	Host         string         `db:"host"`
	State        string         `db:"state"`
	Reason       string         `db:"reason"`
	Request      types.JSONRaw  `db:"request"`
	Attempts     int            `db:"attempts"`
	DueAt        types.DateTime `db:"dueAt"`
	Deadline     types.DateTime `db:"deadline"`
	Result       types.JSONRaw  `db:"result"`
	Pending      bool           `db:"pending"`
	Pos          int64          `db:"pos"`
	DoneAt       types.DateTime `db:"doneAt"`
	Created      types.DateTime `db:"created"`
}

// TableName tells dbx where a row lives.
func (Call) TableName() string { return "calls" }

// The kinds and states of a call.
const (
	CallHTTP = "http"
	CallAI   = "ai"

	CallQueued  = "queued"
	CallRunning = "running"
	CallDone    = "done"
	CallFailed  = "failed"
)

// Ask writes down what a flow wants to know. The loop of calls does the rest.
func (ca *Calls) Ask(t *store.Tx, c *store.Conversation, a flows.Call) error {
	row := &Call{ID: store.NewID(t.Now), Conversation: c.ID, Call: a.ID, Kind: CallHTTP, State: CallQueued, DueAt: store.Stamp(t.Now),
		Deadline: store.Stamp(a.Deadline), Created: store.Stamp(t.Now)}
	if a.HTTP != nil {
		row.Host, row.Request = fetch.Host(a.HTTP.URL), store.Raw(a.HTTP)
	} else {
		row.Kind, row.Host, row.Request = CallAI, fetch.Host(ca.Settings.Get().AIURL), store.Raw(a.AI)
	}
	if err := t.Insert(row); err != nil {
		return fmt.Errorf("ask the outside world: %w", err)
	}
	t.After(ca.wakeCalls)
	return nil
}

func readCall(t *store.Tx, id string) (*Call, error) {
	return store.One[Call](t.SQL(), "SELECT * FROM calls WHERE id = ?", id)
}

// conclude writes the result of a call that has none yet, for the inbox loop. A result without an answer has a code in Err.
func (ca *Calls) conclude(t *store.Tx, row *Call, r flows.Result) error {
	row.State, row.Reason = CallDone, r.Err
	if r.Err != "" {
		row.State = CallFailed
	}
	r.Call = row.Call
	row.Result, row.Pending, row.Pos, row.DoneAt = store.Raw(r), true, t.Seq(), store.Stamp(t.Now)
	if err := t.Update(row, "State", "Reason", "Result", "Pending", "Pos", "DoneAt"); err != nil {
		return fmt.Errorf("write the result of call %s: %w", row.ID, err)
	}
	t.After(ca.Store.WakeInbox)
	return nil
}

// Awaits reports whether the conversation's flow still waits for a call: nobody closed it or took it over, and the
// customer did not leave by a word.
func Awaits(t *store.Tx, row *Call) (*store.Conversation, bool, error) {
	c, err := t.Conversation(row.Conversation)
	if store.IsNone(err) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("read the conversation of call %s: %w", row.ID, err)
	}
	var s flows.Session
	store.Decode(c.Session, &s)
	return c, c.InFlow() && s.Wait == flows.WaitResult && s.Call == row.Call, nil
}

const OlderQuery = `SELECT EXISTS (SELECT 1 FROM messages INDEXED BY idx_msg_inbox WHERE pending = TRUE AND pos < ? AND conversation = ?)`

// KeptBody is how much of an answer stays in its row once the flow has heard of it: enough to see what came.
const KeptBody = 1 << 10

// TakeResult reads a result that waits and marks it as heard; nil when somebody did so before. The row that it returns
// has the whole answer.
func TakeResult(t *store.Tx, id string, inOrder bool) (*Call, error) {
	row, err := readCall(t, id)
	if store.IsNone(err) || err == nil && !row.Pending {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read call %s: %w", id, err)
	}
	if inOrder {
		var older bool
		if err := t.First(&older, OlderQuery, row.Pos, row.Conversation); err != nil {
			return nil, fmt.Errorf("look for older messages: %w", err)
		} else if older {
			return nil, nil
		}
	}
	var r flows.Result
	store.Decode(row.Result, &r)
	r.Body = store.Cut(r.Body, KeptBody)
	kept := *row
	kept.Pending, kept.Result = false, store.Raw(r)
	if err := t.Update(&kept, "Pending", "Result"); err != nil {
		return nil, fmt.Errorf("mark call %s: %w", id, err)
	}
	return row, nil
}
