package hooks

import (
	"fmt"

	"mostrador/flows"
	"mostrador/hooks/fetch"
	"mostrador/hooks/store"

	"github.com/pocketbase/pocketbase/tools/types"
)

// call is a row of calls: what a flow asks of the outside world, written in the transaction of the step that asks.
//
//	queued → running → done            there is an answer, whatever its status
//	  ↑         ↓   ↘
//	  └──── queued   failed            to be tried again; no answer in time, or none to hope for
//
// A result waits for the inbox loop (pending) and is then an input of the flow like any other: after what the customer
// wrote before it came, and once.
type call struct {
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
func (call) TableName() string { return "calls" }

// The kinds and states of a call.
const (
	callHTTP = "http"
	callAI   = "ai"

	callQueued  = "queued"
	callRunning = "running"
	callDone    = "done"
	callFailed  = "failed"
)

// ask writes down what a flow wants to know. The loop of calls does the rest.
func (d *Desk) ask(t *store.Tx, c *store.Conversation, a flows.Call) error {
	row := &call{ID: store.NewID(t.Now), Conversation: c.ID, Call: a.ID, Kind: callHTTP, State: callQueued, DueAt: store.Stamp(t.Now),
		Deadline: store.Stamp(a.Deadline), Created: store.Stamp(t.Now)}
	if a.HTTP != nil {
		row.Host, row.Request = fetch.Host(a.HTTP.URL), store.Raw(a.HTTP)
	} else {
		row.Kind, row.Host, row.Request = callAI, fetch.Host(d.Settings.Get().AIURL), store.Raw(a.AI)
	}
	if err := t.Insert(row); err != nil {
		return fmt.Errorf("ask the outside world: %w", err)
	}
	t.After(d.wakeCalls)
	return nil
}

func readCall(t *store.Tx, id string) (*call, error) {
	return store.One[call](t.SQL(), "SELECT * FROM calls WHERE id = ?", id)
}

// conclude writes the result of a call that has none yet, for the inbox loop. A result without an answer has a code in Err.
func (d *Desk) conclude(t *store.Tx, row *call, r flows.Result) error {
	row.State, row.Reason = callDone, r.Err
	if r.Err != "" {
		row.State = callFailed
	}
	r.Call = row.Call
	row.Result, row.Pending, row.Pos, row.DoneAt = store.Raw(r), true, t.Seq(), store.Stamp(t.Now)
	if err := t.Update(row, "State", "Reason", "Result", "Pending", "Pos", "DoneAt"); err != nil {
		return fmt.Errorf("write the result of call %s: %w", row.ID, err)
	}
	t.After(d.Store.WakeInbox)
	return nil
}

// awaits reports whether the conversation's flow still waits for a call: nobody closed it or took it over, and the
// customer did not leave by a word.
func awaits(t *store.Tx, row *call) (*store.Conversation, bool, error) {
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

const olderQuery = `SELECT EXISTS (SELECT 1 FROM messages INDEXED BY idx_msg_inbox WHERE pending = TRUE AND pos < ? AND conversation = ?)`

// hear gives a result to its flow, and marks it as heard in the same transaction. One that nobody waits for any more is
// dropped. One that came after a message of the customer waits until that is through.
func (d *Desk) hear(t *store.Tx, id string) error {
	row, err := takeResult(t, id, true)
	if err != nil || row == nil {
		return err
	}
	c, waits, err := awaits(t, row)
	if err != nil || !waits {
		return err
	}
	var r flows.Result
	store.Decode(row.Result, &r)
	if row.State == callFailed {
		if err := t.Event(c, eventCall, store.ByFlow, d.reportResult(t, row, r)); err != nil {
			return err
		}
	}
	return d.advance(t, c, r, nil)
}

// keptBody is how much of an answer stays in its row once the flow has heard of it: enough to see what came.
const keptBody = 1 << 10

// takeResult reads a result that waits and marks it as heard; nil when somebody did so before. The row that it returns
// has the whole answer.
func takeResult(t *store.Tx, id string, inOrder bool) (*call, error) {
	row, err := readCall(t, id)
	if store.IsNone(err) || err == nil && !row.Pending {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read call %s: %w", id, err)
	}
	if inOrder {
		var older bool
		if err := t.First(&older, olderQuery, row.Pos, row.Conversation); err != nil {
			return nil, fmt.Errorf("look for older messages: %w", err)
		} else if older {
			return nil, nil
		}
	}
	var r flows.Result
	store.Decode(row.Result, &r)
	r.Body = store.Cut(r.Body, keptBody)
	kept := *row
	kept.Pending, kept.Result = false, store.Raw(r)
	if err := t.Update(&kept, "Pending", "Result"); err != nil {
		return nil, fmt.Errorf("mark call %s: %w", id, err)
	}
	return row, nil
}

// setAsideResult marks a result as heard although its flow could not take it, and gives the customer to people.
func (d *Desk) setAsideResult(t *store.Tx, id string) error {
	row, err := takeResult(t, id, false)
	if err != nil || row == nil {
		return err
	}
	c, waits, err := awaits(t, row)
	if err != nil || !waits {
		return err
	}
	return d.toPeople(t, c, Handover{Reason: reasonFault, Actor: store.BySystem})
}

// eventCall is a line in the conversation: another system did not answer.
const eventCall = "flow_call"

// calledOutside is its data.
type calledOutside struct {
	Call   string `json:"call"` // the row's id
	Kind   string `json:"kind"`
	Host   string `json:"host,omitempty"`
	Status int    `json:"status,omitempty"` // HTTP; 0: there was no answer
	Reason string `json:"reason"`           // a code
	Note   string `json:"note"`             // the same in words, in the desk's language
}

func (d *Desk) reportResult(t *store.Tx, row *call, r flows.Result) calledOutside {
	return calledOutside{Call: row.ID, Kind: row.Kind, Host: row.Host, Status: r.Status, Reason: row.Reason,
		Note: sayReason(d.Settings.Get().Lang, row.Reason, row.Host)}
}
