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

// Reason is a code for the sentence that explains a state to people.
type Reason string

// The reasons, each with the state that it explains.
const (
	ReasonTimeout       Reason = "timeout"         // Stopped: nobody scanned the QR code in time
	ReasonCode          Reason = "code"            // WaitingScan: a phone code was asked for
	ReasonNoMultidevice Reason = "multidevice_off" // WaitingScan: the phone that scanned must allow linked devices first
	ReasonPairFailed    Reason = "pair_failed"     // WaitingScan: the phone scanned, but the link could not be made; try again
	ReasonPasskey       Reason = "passkey"         // Passkey: the account demands a passkey, which a desk cannot give
	ReasonNetwork       Reason = "network"         // Offline: no connection to WhatsApp
	ReasonSilent        Reason = "silent"          // Offline: connected, but WhatsApp did not answer
	ReasonRefused       Reason = "refused"         // Offline: WhatsApp refused the login for a cause that may pass; Detail says it
	ReasonStorage       Reason = "storage"         // Offline: a message could not be stored here; WhatsApp keeps it and all after it
	ReasonUnlinked      Reason = "unlinked"        // LoggedOut: the owner removed this device on the phone
	ReasonByDesk        Reason = "by_desk"         // LoggedOut: Logout was called here
	ReasonLocked        Reason = "locked"          // LoggedOut: WhatsApp locked the account; the phone shows why
	ReasonLost          Reason = "lost"            // LoggedOut: the keys of the link are not in whatsapp.db
	ReasonTimelock      Reason = "timelock"        // Restricted, still connected: no new chats until Until; replies go on
	ReasonTempban       Reason = "tempban"         // Restricted, disconnected: WhatsApp lets nobody in until Until. Stopped: the same, once started
)

// Status is a line's state with what a person needs to know about it.
type Status struct {
	State  State
	Reason Reason    // a code for the sentence; empty where the state says it all
	Since  time.Time // when this state began
	Until  time.Time // Restricted, or ReasonTempban: when WhatsApp says that it ends; zero if not told
	Phone  string    // the linked number, E.164 digits without "+"; empty while not linked
	Name   string    // the account's own push name
	Detail string    // for the log and the admin: what WhatsApp said, without personal data
}

// longestBan is more than any temporary ban lasts. One that seems longer was told when a clock was wrong.
const longestBan = 60 * 24 * time.Hour

// bars tells whether WhatsApp said that it lets nobody in yet.
func (s Status) bars(now time.Time) bool {
	return s.Reason == ReasonTempban && s.Until.After(now) && s.Until.Before(now.Add(longestBan))
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
	// ErrTooLarge means that a file is longer than the desk takes.
	ErrTooLarge = errors.New("the file is too large")
	// ErrDamaged means that a file arrived but is not what its sender described: it cannot be decrypted. Permanent unless
	// the sender's phone uploads it again.
	ErrDamaged = errors.New("the file is damaged")
	// ErrEmpty means that a message to send has no content, or a kind that cannot be sent. Permanent.
	ErrEmpty = errors.New("the message is empty")
	// ErrNoVoice means that what is to leave as a voice note is none. Permanent.
	ErrNoVoice = errors.New("not a voice note: those are Opus in Ogg")
	// ErrBadNumber means that a phone number is too short or lacks its country code.
	ErrBadNumber = errors.New("not a phone number with country code")
	// ErrNotWaiting means that the line is not waiting to be linked.
	ErrNotWaiting = errors.New("the line is not waiting to be linked")
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
