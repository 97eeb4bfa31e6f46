package runner

import (
	"mostrador/flows"
	"mostrador/hooks/calls"
	"mostrador/hooks/conversation"
	"mostrador/hooks/store"
)

// Hear gives a result to its flow, and marks it as heard in the same transaction. One that nobody waits for any more is
// dropped. One that came after a message of the customer waits until that is through.
func (ru *Runner) Hear(t *store.Tx, id string) error {
	row, err := calls.TakeResult(t, id, true)
	if err != nil || row == nil {
		return err
	}
	c, waits, err := calls.Awaits(t, row)
	if err != nil || !waits {
		return err
	}
	var r flows.Result
	store.Decode(row.Result, &r)
	if row.State == calls.CallFailed {
		if err := t.Event(c, EventCall, store.ByFlow, ru.reportResult(t, row, r)); err != nil {
			return err
		}
	}
	return ru.advance(t, c, r, nil)
}

// SetAsideResult marks a result as heard although its flow could not take it, and gives the customer to people.
func (ru *Runner) SetAsideResult(t *store.Tx, id string) error {
	row, err := calls.TakeResult(t, id, false)
	if err != nil || row == nil {
		return err
	}
	c, waits, err := calls.Awaits(t, row)
	if err != nil || !waits {
		return err
	}
	return ru.toPeople(t, c, conversation.Handover{Reason: reasonFault, Actor: store.BySystem})
}

// EventCall is a line in the conversation: another system did not answer.
const EventCall = "flow_call"

// calledOutside is its data.
type calledOutside struct {
	Call   string `json:"call"` // the row's id
	Kind   string `json:"kind"`
	Host   string `json:"host,omitempty"`
	Status int    `json:"status,omitempty"` // HTTP; 0: there was no answer
	Reason string `json:"reason"`           // a code
	Note   string `json:"note"`             // the same in words, in the desk's language
}

func (ru *Runner) reportResult(t *store.Tx, row *calls.Call, r flows.Result) calledOutside {
	return calledOutside{Call: row.ID, Kind: row.Kind, Host: row.Host, Status: r.Status, Reason: row.Reason,
		Note: calls.SayReason(ru.Settings.Get().Lang, row.Reason, row.Host)}
}
