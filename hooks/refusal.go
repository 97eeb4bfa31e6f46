package hooks

import "fmt"

// Refusal is what the desk answers to a request that it understands and does not carry out. The routes turn Code and
// Args into a sentence in the user's language; Data goes along as it is.
type Refusal struct {
	Status int // HTTP
	Code   string
	Args   map[string]any
	Data   any

	InWords func(lang string) (args map[string]any, data any) // Args and Data in a language; nil: as they are
}

func (r *Refusal) Error() string { return fmt.Sprintf("refused: %s (%d)", r.Code, r.Status) }

// The codes of refusals.
const (
	codeNotFound     = "not_found"     // 404: it is not there, or not for this viewer's eyes
	codeForbidden    = "forbidden"     // 403: seen, but not theirs to do
	codeTaken        = "taken"         // 409: somebody was faster; Args name
	codeClosed       = "closed"        // 409: the conversation is closed
	codeNotClosed    = "not_closed"    // 409: the conversation is live
	codeLive         = "live"          // 409: the contact has a live conversation on this line already; Args conversation
	codeNotOpen      = "not_open"      // 409: nobody has it
	codeNotPossible  = "not_possible"  // 409: the conversation is not in a state for that
	codeBehind       = "behind"        // 409: messages came since; Data has them
	codeUnknownArea  = "unknown_area"  // 400
	codeUnknownUser  = "unknown_user"  // 400
	codeNotInArea    = "not_in_area"   // 400: that person does not work there
	codeNothing      = "nothing"       // 400: neither text nor anything else to send
	codeTooLong      = "too_long"      // 400: Args max
	codeTooMany      = "too_many"      // 400: Args max
	codePastTime     = "past_time"     // 400: a time that is not ahead; Args field
	codeTooFar       = "too_far"       // 400: a time that is more than maxAhead ahead; Args field
	codeUnknownMedia = "unknown_media" // 400: no such upload of this user in this conversation
	codeNoTarget     = "no_target"     // 400: the message to react to, edit or take back is not there or not ours
	codeTooLate      = "too_late"      // 409: WhatsApp does not let it be changed any more; Args minutes
	codeNotFailed    = "not_failed"    // 409: only what failed can be tried again
	codeBadValue     = "bad_value"     // 400: Args field
	codeNoFlow       = "no_flow"       // 409: no such flow is at work here
	codeBlocked      = "blocked"       // 409: nothing is said to a contact who is blocked
	codePaused       = "paused"        // 409: the bot of the line is switched off
)

func refuse(status int, code string) *Refusal { return &Refusal{Status: status, Code: code} }

var errNotFound = refuse(404, codeNotFound)

// in is a refusal in a language.
func (r *Refusal) in(lang string) *Refusal {
	if r.InWords == nil {
		return r
	}
	args, data := r.InWords(lang)
	return &Refusal{Status: r.Status, Code: r.Code, Args: args, Data: data}
}
