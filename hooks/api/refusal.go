package api

import (
	"fmt"
	"net/http"
	"unicode/utf8"
)

// TooLong refuses a text that WhatsApp would not take.
func TooLong(field, text string) error {
	if utf8.RuneCountInString(text) > MaxText {
		return &Refusal{Status: 400, Code: CodeTooLong, Args: map[string]any{"field": field, "max": MaxText}}
	}
	return nil
}

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
	CodeNotFound     = "not_found"     // 404: it is not there, or not for this viewer's eyes
	CodeForbidden    = "forbidden"     // 403: seen, but not theirs to do
	CodeTaken        = "taken"         // 409: somebody was faster; Args name
	CodeClosed       = "closed"        // 409: the conversation is closed
	CodeNotClosed    = "not_closed"    // 409: the conversation is live
	CodeLive         = "live"          // 409: the contact has a live conversation on this line already; Args conversation
	CodeNotOpen      = "not_open"      // 409: nobody has it
	CodeNotPossible  = "not_possible"  // 409: the conversation is not in a state for that
	CodeBehind       = "behind"        // 409: messages came since; Data has them
	CodeUnknownArea  = "unknown_area"  // 400
	CodeUnknownUser  = "unknown_user"  // 400
	CodeNotInArea    = "not_in_area"   // 400: that person does not work there
	CodeNothing      = "nothing"       // 400: neither text nor anything else to send
	CodeTooLong      = "too_long"      // 400: Args max
	CodeTooMany      = "too_many"      // 400: Args max
	CodePastTime     = "past_time"     // 400: a time that is not ahead; Args field
	CodeTooFar       = "too_far"       // 400: a time that is more than maxAhead ahead; Args field
	CodeUnknownMedia = "unknown_media" // 400: no such upload of this user in this conversation
	CodeNoTarget     = "no_target"     // 400: the message to react to, edit or take back is not there or not ours
	CodeTooLate      = "too_late"      // 409: WhatsApp does not let it be changed any more; Args minutes
	CodeNotFailed    = "not_failed"    // 409: only what failed can be tried again
	CodeBadValue     = "bad_value"     // 400: Args field
	CodeNoFlow       = "no_flow"       // 409: no such flow is at work here
	CodeBlocked      = "blocked"       // 409: nothing is said to a contact who is blocked
	CodePaused       = "paused"        // 409: the bot of the line is switched off
)

func Refuse(status int, code string) *Refusal { return &Refusal{Status: status, Code: code} }

var ErrNotFound = Refuse(404, CodeNotFound)

// in is a refusal in a language.
func (r *Refusal) in(lang string) *Refusal {
	if r.InWords == nil {
		return r
	}
	args, data := r.InWords(lang)
	return &Refusal{Status: r.Status, Code: r.Code, Args: args, Data: data}
}

const MaxText = 65_536 // characters that WhatsApp takes in one text

// Busy is the answer while others are served, also where no route is.
func Busy() *Refusal { return RefuseBusy() }

func RefuseBusy() *Refusal {
	return &Refusal{Status: http.StatusServiceUnavailable, Code: CodeBusy, Args: map[string]any{"seconds": 5}}
}
