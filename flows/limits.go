package flows

import "time"

// What a flow may cost. Reaching a limit at run time hands the conversation to people; nothing is ever cut off silently
// except over-long texts, which are shortened with an ellipsis.
const (
	MaxSteps      = 100      // nodes entered for one input
	MaxSends      = 10       // messages for one input, the sentence before a handover included
	MaxInputs     = 500      // inputs of one session
	MaxSilence    = 3        // silences in a row; then the conversation is closed whatever the flow says
	MaxAlone      = 20       // timers and results in a row without the customer; then people take over
	MaxDepth      = 8        // flows on top of each other by jump and return
	MaxVars       = 100      // variables of one session
	MaxVarsLen    = 64 << 10 // bytes of all of them
	MaxValue      = 4_096    // characters of one variable
	MaxText       = 4_096    // characters of one message
	maxRemembered = 1_000    // characters of "message" and "first"
	MaxLine       = 100      // characters of an option of a poll
	MaxPoll       = 12       // options of a poll, as WhatsApp allows

	MaxFlowBytes = 1 << 20 // of a flow's JSON, its ui part included
	MaxNodes     = 5_000
	MaxOptions   = 50 // of one menu; also cases of a condition, lines of a set, headers of a request
	MaxPattern   = 500
	MaxRetries   = 10
	MaxName      = 64 // characters of a node's id, an option's id, a variable's name

	MaxWait = 30 * 24 * time.Hour // silence and delay

	MaxTranscript = 1 << 20 // bytes of a conversation that is played
)

// Patience is how long the customer may be silent when neither node, flow nor Env says otherwise.
const Patience = 30 * time.Minute
