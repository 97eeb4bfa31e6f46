package flows

import "time"

// Session is where a conversation stands in its flow. The zero Session has not started. It is small JSON, stored with
// the conversation between two inputs; a Session is never changed in place.
type Session struct {
	Frames   []Frame          `json:"frames,omitempty"` // the flows inside each other; the last one is where we stand
	Vars     map[string]Value `json:"vars,omitempty"`
	Wait     Wait             `json:"wait,omitempty"`
	WakesAt  time.Time        `json:"wakesAt,omitzero"`   // send a Timeout then; set whenever Wait is
	Call     string           `json:"call,omitempty"`     // Wait is WaitResult: the Call.ID whose Result is awaited
	Misses   int              `json:"misses,omitempty"`   // answers not understood at this node
	Phase    string           `json:"phase,omitempty"`    // which of its questions a node of several is asking
	Turns    int              `json:"turns,omitempty"`    // ai: answers given at this node
	Alone    int              `json:"alone,omitempty"`    // inputs in a row that were not the customer's
	Silences int              `json:"silences,omitempty"` // in a row, of those
	Inputs   int              `json:"inputs,omitempty"`   // taken so far
	Calls    int              `json:"calls,omitempty"`    // made so far
	FileAt   time.Time        `json:"fileAt,omitzero"`    // of the customer's last file
	Done     bool             `json:"done,omitempty"`
	Ending   Ending           `json:"ending,omitempty"` // set when Done
}

// Frame is a place in one version of one flow.
type Frame struct {
	Ref
	Node   string `json:"node"`
	Return string `json:"return,omitempty"` // where the flow below goes on when this one is through
}

// Ref names one version of a flow. Version 0 in [Env.Flows] is the one that is published now.
type Ref struct {
	Flow    string `json:"flow,omitempty"`
	Version int    `json:"version,omitempty"`
}

// Wait is what a session is waiting for.
type Wait string

// The waits. Each has a time in Session.WakesAt after which a Timeout is due.
const (
	WaitCustomer Wait = "customer" // an answer
	WaitResult   Wait = "result"   // the Result of a Call
	WaitTime     Wait = "time"     // a delay
)

// Ending is how a session ended.
type Ending string

// The endings.
const (
	EndPeople Ending = "people" // handed over
	EndClosed Ending = "closed"
)

// Started reports whether the session has taken its first input.
func (s Session) Started() bool { return len(s.Frames) > 0 || s.Done }

// Node is where the conversation stands; empty before the start and after the end.
func (s Session) Node() string {
	if len(s.Frames) == 0 {
		return ""
	}
	return s.Frames[len(s.Frames)-1].Node
}

// Needs lists the versions of flows that the session stands in. As long as it is not done they must be found in
// [Env.Flows] (or be the flow given to Step).
func (s Session) Needs() []Ref {
	refs := make([]Ref, len(s.Frames))
	for i, f := range s.Frames {
		refs[i] = f.Ref
	}
	return refs
}
