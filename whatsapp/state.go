package whatsapp

import (
	"errors"
	"fmt"
	"time"
)

// State is what a line is doing.
type State string

// The states of a line, as every surface of the product names them.
const (
	Stopped     State = "stopped"      // switched off here
	Connecting  State = "connecting"   // dialling or logging in
	WaitingScan State = "waiting_scan" // not linked: shows a QR code or a phone code
	Passkey     State = "passkey"      // WhatsApp asks the phone for a passkey before it links
	Connected   State = "connected"
	Offline     State = "offline"    // linked, no connection to WhatsApp; tries again by itself
	Outdated    State = "outdated"   // WhatsApp refuses this version of the client (405)
	Replaced    State = "replaced"   // another program took the same link; this one stopped
	LoggedOut   State = "logged_out" // unlinked from the phone, or the account is locked; link again
	Restricted  State = "restricted" // WhatsApp limits the account until Until: time-lock or temporary ban
	Banned      State = "banned"     // WhatsApp closed the account
)

// Status is a line's state with what a person needs to know about it.
type Status struct {
	State  State
	Reason string    // a code for the sentence: "", "unlinked", "locked", "timeout", "timelock", "tempban", "panic"…
	Since  time.Time // when this state began
	Until  time.Time // Restricted: when WhatsApp says that it ends; zero if not told
	Phone  string    // the linked number, E.164 digits without "+"; empty while not linked
	Name   string    // the account's own push name
	Detail string    // for the log and the admin: what WhatsApp said, without personal data
}

// Why a send did not succeed. Decide with errors.Is and errors.As.
var (
	// ErrOffline means that the line is not connected: nothing was sent, try again later.
	ErrOffline = errors.New("the line is not connected")
	// ErrUnconfirmed means that WhatsApp did not answer in time. The phone may have the message: send again with the same ID.
	ErrUnconfirmed = errors.New("WhatsApp did not confirm in time")
	// ErrNoAccount means that the address has no WhatsApp. Permanent.
	ErrNoAccount = errors.New("this number has no WhatsApp")
	// ErrGone means that media is no longer on WhatsApp's servers; the sender's phone may upload it again.
	ErrGone = errors.New("the file is no longer on WhatsApp's servers")
)

// RefusedError is WhatsApp's answer to a message that it did not take.
type RefusedError struct {
	Code      int       // WhatsApp's code: 400, 463, 479…
	Until     time.Time // 463: when the time-lock ends, if known
	Permanent bool      // sending the same again cannot succeed
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("WhatsApp refused the message (code %d)", e.Code)
}
