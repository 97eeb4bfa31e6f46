package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mau.fi/whatsmeow"
	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

// WhatsApp Web shows the first QR code for a minute and each of the others for 20 s; whatsmeow's qrchan.go does the same.
const (
	firstCode   = 60 * time.Second
	laterCode   = 20 * time.Second
	passkeyTime = 2 * time.Minute  // how long the request for a passkey stays up before a new QR code is shown
	pairedName  = "Chrome (Linux)" // WhatsApp checks the form of this name when a phone code is asked for
)

// pairing is a connection's part in making a link.
type pairing struct {
	codes   []string // not yet shown
	first   bool     // the next one is the first of its connection
	paired  bool     // the phone scanned; the login is next
	passkey bool
	coded   bool // a phone code was asked for
}

// codeAsked is the fate after PairPhone.
type codeAsked struct{}

func (c *connection) onPairing(event any) (end ending, over bool) {
	p := &c.pairing
	switch event := event.(type) {
	case *events.QR:
		p.codes, p.first = event.Codes, true
		return c.nextCode()
	case codeAsked:
		p.coded = true
		c.show(ReasonCode, "")
	case *events.QRScannedWithoutMultidevice:
		c.show(ReasonNoMultidevice, "")
	case *events.PairSuccess:
		p.paired = true
		c.line.set(Status{State: Connecting})
		c.watch.Reset(pairedTimeout)
	case *events.PairError:
		return c.line.scanAgain(ReasonPairFailed, event.Error), true
	case *events.PairPasskeyRequest:
		p.passkey = true
		c.line.set(Status{State: Passkey, Reason: ReasonPasskey})
		c.watch.Reset(passkeyTime)
	case *events.PairPasskeyError:
		p.passkey = true
		c.line.set(Status{State: Passkey, Reason: ReasonPasskey, Detail: anonymous(event.Error.Error())})
		c.watch.Reset(passkeyTime)
	}
	return ending{}, false
}

// nextCode shows the next QR code, or ends the connection when there is none: WhatsApp gives six a connection.
func (c *connection) nextCode() (end ending, over bool) {
	l, p := c.line, &c.pairing
	if l.cfg.ScanFor > 0 && l.scanningSince(l.now()) >= l.cfg.ScanFor {
		return ending{status: Status{State: Stopped, Reason: ReasonTimeout}}, true
	}
	if len(p.codes) == 0 {
		return l.scanAgain("", nil), true
	}
	lasts := laterCode
	if p.first {
		lasts, p.first = firstCode, false
	}
	if left := l.cfg.ScanFor - l.scanningSince(l.now()); l.cfg.ScanFor > 0 {
		lasts = min(lasts, left)
	}
	qr := QR{Text: p.codes[0], Expires: l.now().Add(lasts)}
	p.codes = p.codes[1:]
	c.watch.Reset(lasts)
	reason := Reason("")
	if p.coded {
		reason = ReasonCode
	}
	c.show(reason, "")
	l.showQR(qr)
	return ending{}, false
}

// show keeps the state at waiting for a scan with a reason; a failure stays on the screen until something else happens.
func (c *connection) show(reason Reason, detail string) {
	s := c.line.Status()
	if reason == "" && s.State == WaitingScan && s.Reason == ReasonPairFailed {
		return
	}
	c.line.set(Status{State: WaitingScan, Reason: reason, Detail: detail})
}

// showQR makes qr the code to show.
func (l *Line) showQR(qr QR) {
	l.calls.Lock()
	defer l.calls.Unlock()
	l.mu.Lock()
	waiting := l.status.State == WaitingScan
	if waiting {
		l.qr = qr
	}
	l.mu.Unlock()
	if waiting && l.cfg.Handler.QR != nil {
		l.guard("qr", func() { l.cfg.Handler.QR(qr) })
	}
}

// scanningSince tells for how long QR codes have been up, over all connections since Start.
func (l *Line) scanningSince(now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.run == nil {
		return 0
	}
	if l.run.scanning.IsZero() {
		l.run.scanning = now
	}
	return now.Sub(l.run.scanning)
}

// scanAgain ends a connection to begin another one with fresh codes. Without a cause the screen stays as it is.
func (l *Line) scanAgain(reason Reason, cause error) ending {
	end := ending{status: Status{State: WaitingScan, Reason: reason}, again: true}
	if cause != nil {
		end.status.Detail, end.pause = anonymous(cause.Error()), time.Second
	}
	return end
}

// timeout runs when the connection's watch rings.
func (c *connection) timeout() (end ending, over bool) {
	switch p := &c.pairing; {
	case p.paired: // WhatsApp's word to log in got lost
		return ending{status: Status{State: Connecting}, again: true}, true
	case p.passkey:
		return c.line.scanAgain("", nil), true
	case c.line.Status().State == WaitingScan:
		return c.nextCode()
	}
	return offline(ReasonSilent, "no answer to the login"), true
}

// dropped runs when WhatsApp or the network closed the connection.
func (c *connection) dropped() (end ending, over bool) {
	if c.pairing.paired {
		return ending{status: Status{State: Connecting}, again: true}, true
	}
	if c.link.own().pn.IsEmpty() && c.line.Status().State == WaitingScan {
		end := c.line.scanAgain("", nil)
		end.pause = -1
		return end, true
	}
	return offline(ReasonNetwork, ""), true
}

// PairPhone asks for a code that the owner types into the phone instead of scanning: "ABCD-1234". phone is the owner's
// number with country code; anything but digits is ignored. The line must be waiting for a scan, or come to that while ctx
// lasts. The code is good for as long as the QR codes of this connection, at most 160 s.
func (l *Line) PairPhone(ctx context.Context, phone string) (code string, err error) {
	l.mu.Lock()
	r, k := l.run, l.link
	waiting := l.status.State == WaitingScan && l.qr.Text != ""
	l.mu.Unlock()
	if r == nil || k == nil || !waiting || !r.gate.enter() {
		return "", ErrNotWaiting
	}
	defer r.gate.leave()
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	defer context.AfterFunc(r.ctx, cancel)()
	code, err = k.client.PairPhone(ctx, phone, true, whatsmeow.PairClientChrome, pairedName)
	switch {
	case errors.Is(err, whatsmeow.ErrPhoneNumberTooShort), errors.Is(err, whatsmeow.ErrPhoneNumberIsNotInternational):
		return "", ErrBadNumber
	case err != nil:
		return "", fmt.Errorf("ask for a phone code: %w", withoutNumbers(err))
	}
	k.decide(codeAsked{})
	return code, nil
}

// Logout removes the link: on the phone if WhatsApp can be reached, and here in any case.
func (l *Line) Logout(ctx context.Context) error {
	l.turns.Lock()
	defer l.turns.Unlock()
	l.mu.Lock()
	device := l.device
	l.mu.Unlock()
	if k, ctx, done, err := l.use(ctx); err == nil {
		ctx, cancel := context.WithTimeout(ctx, sendTimeout)
		k.leaving.Store(true)
		if err := k.unlink(ctx); err != nil {
			l.log.Warn("tell WhatsApp to unlink", "error", anonymous(err.Error()))
		}
		cancel()
		done()
	}
	l.halt()
	if err := l.cfg.Store.forget(ctx, device); err != nil {
		return err
	}
	l.unlink(Status{State: LoggedOut, Reason: ReasonByDesk})
	return nil
}

// unlink tells WhatsApp to remove this device. whatsmeow's own Logout would go on to delete the device under the hands of
// its goroutines; here that comes when they have ended.
func (k *link) unlink(ctx context.Context) error {
	//lint:ignore SA1019 the only way to unlink without deleting the device at once; the version of whatsmeow is pinned
	_, err := k.client.DangerousInternals().SendIQ(ctx, whatsmeow.DangerousInfoQuery{
		Namespace: "md", Type: "set", To: types.ServerJID, NoRetry: true,
		Content: []waBinary.Node{{Tag: "remove-companion-device", Attrs: waBinary.Attrs{"jid": k.own().pn, "reason": "user_initiated"}}},
	})
	var cut *whatsmeow.DisconnectedError
	if errors.As(err, &cut) { // the answer may be that the connection ends
		return nil
	}
	return err
}
