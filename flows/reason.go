package flows

// Reason says why a conversation left its flow. It is a code: the caller has the sentence in each language.
type Reason string

// Reasons that a flow plans for.
const (
	ReasonFlow     Reason = "flow"             // a redirect or an end node
	ReasonAsked    Reason = "asked_for_person" // a global word
	ReasonExit     Reason = "exit"             // a global word
	ReasonSilence  Reason = "silence"          // no answer in time
	ReasonMisses   Reason = "not_understood"   // too many answers that did not fit
	ReasonUnsure   Reason = "ai_unsure"        // the model did not trust its answer
	ReasonHTTP     Reason = "http_failed"      // and the flow has no branch for it
	ReasonAI       Reason = "ai_failed"
	ReasonDeadline Reason = "no_result" // no result of a call before its deadline
)

// Reasons that are faults of the flow.
const (
	ReasonNoNode  Reason = "missing_node"   // leads to a node that does not exist
	ReasonDeadEnd Reason = "dead_end"       // a way leads nowhere
	ReasonNoFlow  Reason = "missing_flow"   // the flow or its version is gone
	ReasonLoop    Reason = "step_limit"     // MaxSteps
	ReasonSends   Reason = "send_limit"     // MaxSends
	ReasonInputs  Reason = "input_limit"    // MaxInputs
	ReasonVars    Reason = "variable_limit" // MaxVars or MaxVarsLen
	ReasonDepth   Reason = "jump_limit"     // MaxDepth
	ReasonArea    Reason = "unknown_area"
	ReasonPattern Reason = "bad_pattern"
	ReasonEmpty   Reason = "empty_menu"
	ReasonBug     Reason = "engine_fault" // a panic in this package
)

// planned reports whether the flow's author chose this handover, and so has told the customer.
func (r Reason) planned() bool { return r == ReasonFlow || r == ReasonAsked }
