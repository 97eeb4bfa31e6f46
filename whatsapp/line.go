package whatsapp

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// Config is what a line needs. Store and Handler.Message (or Accept) are required.
type Config struct {
	Store      *Store
	Device     string // what Handler.Linked gave earlier; empty: not linked yet
	DeviceName string // shown on the owner's phone under Linked devices; empty: "Mostrador"
	Limit      Limit
	ScanFor    time.Duration // how long a QR code that nobody scans stays up before the line stops (ReasonTimeout); 0: for ever
	Handler    Handler
	// KeepViewOnce, if it answers true, lets in what WhatsApp shows one time only, where it comes at all: mostly WhatsApp keeps
	// it from linked devices. nil, or false: as there, an Undecryptable message of WhatViewOnce takes its place.
	KeepViewOnce func() bool
	Barred       time.Time        // until when WhatsApp bars this number, as Status said before the program ended; zero: not known to
	Log          *slog.Logger     // nil: nothing is logged
	Now          func() time.Time // nil: time.Now
}

// Handler receives what happens on a line. Calls never overlap, whichever goroutine they come from, and hold up the line
// while they run: store, return. They must not call Start, Stop, Logout, Send or anything else that waits for WhatsApp.
// Every field but Message or Accept may be nil.
type Handler struct {
	// Message stores a message; nil means that it is safe and may be acknowledged. It is called at least once for each: the
	// same ID may come again, as the same message or in place of an Undecryptable one.
	//
	// After an error (a full disk) the line disconnects, so that nothing overtakes the message, says ReasonStorage and comes
	// back after a pause: WhatsApp delivers the message and all later ones again. From the sixth failure of one message on the
	// others pass it, and it is tried again every ten minutes. After a panic it does the same; the third
	// time the message is given as Unsupported without its content, so that one message cannot hold up a desk for ever.
	Message func(Message) error
	// Accept, if set, is called instead of Message and need not wait: it calls done once, from any goroutine, when the
	// message is stored or could not be. The line decrypts the next ones meanwhile (up to 256), which a desk that commits
	// many messages at once turns into speed. Calls come in WhatsApp's order; done may come in any. After an error what was
	// already handed over may be stored before the message that failed.
	Accept func(m Message, done func(error))
	// Receipt tells how far sent messages got. A receipt that the desk fails to store is not delivered again.
	Receipt  func(Receipt)
	Status   func(Status)              // every change
	QR       func(QR)                  // a new code to draw
	Linked   func(device string)       // keep it and give it as Config.Device next time; "": the link is gone
	Activity func(Activity)            // only while the desk itself shows Typing
	Identity func(Address)             // found out: this number and this LID (both set) are one person
	Name     func(Address, string)     // the push name that a customer chose is new
	Again    func(MediaRequest, error) // the answer to RequestAgain: with a fresh Ref, or ErrGone
}

// Limit bounds what a line sends, so that it does not look like a spammer. Zero fields take the defaults.
type Limit struct {
	PerSecond      float64 // messages; default 1; negative: no limit
	Burst          int     // messages that may go at once after a quiet time; default 5
	FirstPerMinute float64 // first messages to customers who never wrote (Outgoing.First); default 2; negative: no limit
}

// QR is a code to scan with the owner's phone.
type QR struct {
	Text    string    // to draw as it is
	Expires time.Time // another one follows then
}

// Line is one WhatsApp number. Its methods may be called from several goroutines.
type Line struct {
	cfg     Config
	log     *slog.Logger
	now     func() time.Time
	limiter *limiter

	turns sync.Mutex // held by Start, Stop and Logout
	calls sync.Mutex // held while Handler runs; taken before mu

	presence sync.Mutex // held while WhatsApp is told whether the desk is online; taken before mu

	mu       sync.Mutex
	status   Status
	qr       QR
	device   string // name of the link; empty: none
	called   string // what the device is called on the phone, from the next link on
	run      *run   // nil: never started, or stopped
	link     *link  // the client in use; nil: none
	lock     timelock
	ban      Status              // the temporary ban that was told last; zero: none
	writing  map[Address]bool    // chats in which somebody here writes: the desk is online
	silence  *time.Timer         // ends that
	asked    map[of]MediaRequest // RequestAgain
	panics   map[of]int          // how often storing a message panicked
	unstored int                 // messages in a row that could not be stored
	failures map[of]int          // how often storing a message failed
}

// New makes a line that is switched off. It panics without Store or a handler of messages: both are mistakes of the program.
func New(cfg Config) *Line {
	if cfg.Store == nil || cfg.Handler.Message == nil && cfg.Handler.Accept == nil {
		panic("whatsapp.New: Config needs Store and Handler.Message or Accept")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	l := &Line{
		cfg: cfg, log: cfg.Log, now: cfg.Now, limiter: newLimiter(cfg.Limit), device: cfg.Device,
		writing: map[Address]bool{}, asked: map[of]MediaRequest{}, panics: map[of]int{}, failures: map[of]int{},
	}
	l.Rename(cfg.DeviceName)
	if !cfg.Barred.IsZero() {
		l.ban = Status{State: Restricted, Reason: ReasonTempban, Until: cfg.Barred}
	}
	l.status = l.off()
	l.status.Since, l.status.Phone = cfg.Now(), PhoneOf(cfg.Device)
	return l
}

// Rename changes Config.DeviceName, from the next link on.
func (l *Line) Rename(device string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.called = cmp.Or(device, "Mostrador")
}

// PhoneOf reads the number out of the name of a link (number:device@server).
func PhoneOf(device string) string {
	phone, _, _ := strings.Cut(device, "@")
	phone, _, _ = strings.Cut(phone, ":")
	return phone
}

// Start switches the line on and returns when the link is loaded; connecting goes on by itself and shows as Status. A line
// without a link shows a QR code. A line that is on already and waits to try again tries now, but not before a temporary ban
// ends; else it stays as it is.
func (l *Line) Start(ctx context.Context) error {
	l.turns.Lock()
	defer l.turns.Unlock()
	l.mu.Lock()
	r := l.run
	l.mu.Unlock()
	if r != nil && !r.over.Load() {
		r.wake()
		return nil
	}
	l.halt()
	l.mu.Lock()
	device := l.device
	l.mu.Unlock()
	k, err := l.newLink(ctx, device)
	if err != nil {
		return fmt.Errorf("start the line: %w", err)
	}
	if k == nil {
		l.unlink(Status{State: LoggedOut, Reason: ReasonLost})
		return nil
	}
	r = newRun()
	l.mu.Lock()
	l.run, l.link = r, k
	first := Status{State: Connecting}
	if l.ban.bars(l.now()) {
		first = l.ban
	}
	l.mu.Unlock()
	l.set(first)
	go l.acknowledge(r)
	go func() {
		defer close(r.done)
		l.live(r)
	}()
	return nil
}

// Stop switches the line off and waits until nothing of it runs any more. The link stays: Start takes it up again.
func (l *Line) Stop() {
	l.turns.Lock()
	defer l.turns.Unlock()
	l.halt()
	if s := l.Status().State; s != LoggedOut && s != Banned {
		l.set(l.off())
	}
}

// off is the status of a line that is switched off. It says when a temporary ban ends, so that the time outlives the program.
func (l *Line) off() Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := Status{State: Stopped}
	if l.ban.bars(l.now()) {
		s.Reason, s.Until = ReasonTempban, l.ban.Until
	}
	return s
}

// halt ends the run. The caller holds turns.
func (l *Line) halt() {
	l.mu.Lock()
	r := l.run
	l.run = nil
	l.mu.Unlock()
	if r == nil {
		return
	}
	r.cancel()
	<-r.done
	r.gate.close()
	close(r.acks)
	l.mu.Lock()
	l.link = nil
	l.mu.Unlock()
}

// Status tells what the line is doing.
func (l *Line) Status() Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.status
}

// QR gives the code to show now; false when the line is not waiting for a scan.
func (l *Line) QR() (QR, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.qr, l.qr.Text != ""
}

// set changes the status and tells Handler, in the order of the changes.
func (l *Line) set(s Status) {
	l.calls.Lock()
	defer l.calls.Unlock()
	l.mu.Lock()
	s.Phone = PhoneOf(l.device)
	if l.link != nil {
		s.Name = l.link.name()
	}
	s.Since = l.now()
	if old := l.status; s.State == old.State && s.Reason == old.Reason {
		s.Since = old.Since
		if s == old {
			l.mu.Unlock()
			return
		}
	}
	l.status = s
	if s.State != WaitingScan {
		l.qr = QR{}
	}
	l.mu.Unlock()
	l.log.Info("line", "state", s.State, "reason", s.Reason, "detail", s.Detail)
	if l.cfg.Handler.Status != nil {
		l.guard("status", func() { l.cfg.Handler.Status(s) })
	}
}

// tell calls the handler with nothing else running. what names the call in the log if it panics.
func (l *Line) tell(what string, call func()) {
	l.calls.Lock()
	defer l.calls.Unlock()
	l.guard(what, call)
}

// guard keeps a panic of the desk's code from ending the line. The caller holds calls.
func (l *Line) guard(what string, call func()) (panicked bool) {
	defer func() {
		if p := recover(); p != nil {
			panicked = true
			l.log.Error("the desk's handler panicked", "call", what, "panic", anonymous(fmt.Sprint(p)))
		}
	}()
	call()
	return false
}

// NewID makes an id for a message to send, in the form of WhatsApp Web: "3EB0" and 18 hex digits.
func NewID() string {
	random := make([]byte, 9)
	_, _ = rand.Read(random) // never fails since Go 1.24
	return "3EB0" + strings.ToUpper(hex.EncodeToString(random))
}

// MediaRequest names media that is to be fetched again.
type MediaRequest struct {
	ID     string  // of the message
	Chat   Address // of the message
	FromMe bool    // of the message
	Ref    json.RawMessage
}
