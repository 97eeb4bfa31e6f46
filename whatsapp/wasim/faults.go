package wasim

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"go.mau.fi/whatsmeow/types"
)

// FaultKind is something that goes wrong on one line.
type FaultKind string

// The faults. Those marked "now" happen at once; the others wait for their occasion.
const (
	FaultDrop        FaultKind = "drop"         // now: the connection is cut; again after each of count-1 logins
	FaultDown        FaultKind = "down"         // now: cut, and no way in until the fault ends
	FaultWithholdAck FaultKind = "withhold-ack" // the line's next messages arrive but are not confirmed
	FaultAckError    FaultKind = "ack-error"    // the line's next messages are refused with code (463)
	FaultFailLogin   FaultKind = "fail-login"   // now: cut; the next logins are refused with code (503)
	FaultStreamError FaultKind = "stream-error" // now: a stream error with code (503), then the connection ends
	FaultIgnorePings FaultKind = "ignore-pings" // keepalives are not answered
	FaultCorrupt     FaultKind = "corrupt"      // the next messages to the line can't be decrypted
	FaultDuplicate   FaultKind = "duplicate"    // the next messages to the line are delivered twice
	FaultReorder     FaultKind = "reorder"      // the next messages to the line change place with the one after
	FaultRetry       FaultKind = "retry"        // the customer's phone can't read the line's next messages and asks again
	FaultExpireMedia FaultKind = "expire-media" // the next files to the line are gone (code 410) until the sender uploads again
	FaultSlowMedia   FaultKind = "slow-media"   // the line's files pass at code bytes per second (16384)
	FaultTimelock    FaultKind = "timelock"     // now: the line may answer, but messages to who never wrote are refused with code (463)
	FaultOutdated    FaultKind = "outdated"     // now: cut; the next logins are refused as client too old (405)
	FaultTempBan     FaultKind = "tempban"      // now: cut; logins are refused with 402 and code (101) for the time given
	FaultReplaced    FaultKind = "replaced"     // now: another client took the connection over
	FaultLogout      FaultKind = "logout"       // now: the owner removed the device; with code 403 or 406 the account is locked or banned
)

// FaultPasskey demands a passkey of the next clients that are scanned, which a desk can't give.
const FaultPasskey FaultKind = "passkey"

// Fault is a fault to provoke.
type Fault struct {
	Kind  FaultKind
	Line  *Phone        // the owner's phone; nil: every line, possible for down only
	Count int           // how often; 0: once, or without end if For is given or the fault is a condition (down, ignore-pings, slow-media, timelock)
	Code  int           // what it is refused with; 0: the usual one
	For   time.Duration // how long it lasts; 0: until Count is used up or the fault is cleared
}

// faultRow is a fault that is not over.
type faultRow struct {
	id    string
	line  *Phone
	kind  FaultKind
	left  int // -1: without end
	code  int
	until time.Time // zero: no end in time
}

// faultTable holds the faults of all lines. It is guarded by the server's mutex.
type faultTable struct {
	seq  int
	rows map[string]*faultRow
}

// faultDefaults gives the code of a fault that names none, and whether it is a condition rather than a number of events.
var faultDefaults = map[FaultKind]struct {
	code      int
	condition bool
}{
	FaultDrop: {}, FaultDown: {503, true}, FaultWithholdAck: {}, FaultAckError: {code: 463}, FaultFailLogin: {code: 503},
	FaultStreamError: {code: 503}, FaultIgnorePings: {condition: true}, FaultCorrupt: {}, FaultDuplicate: {}, FaultReorder: {},
	FaultRetry: {}, FaultExpireMedia: {code: 410}, FaultSlowMedia: {16384, true}, FaultTimelock: {463, true},
	FaultOutdated: {code: 405}, FaultTempBan: {code: 101}, FaultReplaced: {}, FaultLogout: {code: 401}, FaultPasskey: {},
}

// Inject provokes a fault and returns its id for ClearFault.
func (s *Server) Inject(f Fault) (string, error) {
	usual, ok := faultDefaults[f.Kind]
	switch {
	case !ok:
		return "", fmt.Errorf("unknown fault %q", f.Kind)
	case f.Line == nil && f.Kind != FaultDown:
		return "", errors.New("a fault belongs to a line: give its number")
	case f.Count < 0 || f.For < 0 || f.Code < 0:
		return "", errors.New("count, code and duration of a fault can't be negative")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	row := &faultRow{line: f.Line, kind: f.Kind, left: f.Count, code: defaultInt(f.Code, usual.code)}
	if f.Count == 0 {
		row.left = 1
		if usual.condition || f.For > 0 {
			row.left = -1
		}
	}
	if f.For > 0 {
		row.until = s.now().Add(f.For)
	}
	s.faults.seq++
	row.id = strconv.Itoa(s.faults.seq)
	if s.faults.rows == nil {
		s.faults.rows = map[string]*faultRow{}
	}
	s.faults.rows[row.id] = row
	for _, p := range s.phones {
		if p == f.Line || f.Line == nil && p.owner {
			if p.faults == nil {
				p.faults = map[FaultKind][]*faultRow{}
			}
			p.faults[f.Kind] = append(p.faults[f.Kind], row)
			p.strike(row)
		}
	}
	return row.id, nil
}

// strike does what a fault does at once. s.mu is held.
func (p *Phone) strike(f *faultRow) {
	switch f.kind {
	case FaultDrop:
		p.takeFault(FaultDrop)
		p.cut()
	case FaultDown, FaultFailLogin, FaultOutdated, FaultTempBan:
		p.cut()
	case FaultStreamError:
		p.takeFault(FaultStreamError)
		p.lastWords(Node{Tag: "stream:error", Attrs: Attrs{"code": strconv.Itoa(f.code)}})
	case FaultReplaced:
		p.takeFault(FaultReplaced)
		p.lastWords(streamConflict("replaced"))
	case FaultTimelock:
		p.tellTimelock(f, true)
	case FaultLogout:
		p.logOut(f)
	}
}

// logOut ends the line's link: as the owner would, or because WhatsApp closed the account. s.mu is held.
func (p *Phone) logOut(f *faultRow) {
	if f.code == 401 {
		p.takeFault(FaultLogout)
		for _, d := range p.linked() {
			p.removeDevice(d)
		}
		return
	}
	f.left = -1 // every later login is refused until the fault is cleared
	p.cut()
	for _, d := range p.linked() {
		p.srv.unlink(d)
	}
}

// cut drops the line's connections without a word. s.mu is held.
func (p *Phone) cut() {
	for _, d := range p.linked() {
		if d.conn != nil {
			d.conn.drop()
		}
	}
}

func (p *Phone) lastWords(n Node) {
	for _, d := range p.linked() {
		if d.conn != nil {
			d.conn.sendLast(n)
		}
	}
}

// ClearFault ends a fault. Ending one that is over is no error; an id that never was is.
func (s *Server) ClearFault(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := strconv.Atoi(id)
	if err != nil || n < 1 || n > s.faults.seq {
		return fmt.Errorf("there is no fault %q", id)
	}
	if f := s.faults.rows[id]; f != nil {
		s.endFault(f)
	}
	return nil
}

// endFault forgets a fault and undoes what it holds. s.mu is held.
func (s *Server) endFault(f *faultRow) {
	delete(s.faults.rows, f.id)
	for _, p := range s.phones {
		if rows := p.faults[f.kind]; slices.Contains(rows, f) {
			p.faults[f.kind] = slices.DeleteFunc(rows, func(x *faultRow) bool { return x == f })
			if f.kind == FaultTimelock {
				p.tellTimelock(f, false)
			}
			if f.kind == FaultReorder {
				p.releaseHeld()
			}
		}
	}
}

// activeFault returns the line's oldest fault of this kind, nil if there is none. s.mu is held.
func (p *Phone) activeFault(kind FaultKind) *faultRow {
	for len(p.faults[kind]) > 0 {
		f := p.faults[kind][0]
		if !p.srv.over(f) {
			return f
		}
		delete(p.srv.faults.rows, f.id)
		p.faults[kind] = p.faults[kind][1:]
	}
	return nil
}

// over tells that a fault has happened as often, or lasted as long, as it was to. s.mu is held.
func (s *Server) over(f *faultRow) bool {
	return f.left == 0 || !f.until.IsZero() && !s.now().Before(f.until)
}

// takeFault is activeFault that counts as one occurrence. s.mu is held.
func (p *Phone) takeFault(kind FaultKind) *faultRow {
	f := p.activeFault(kind)
	if f != nil && f.left > 0 {
		f.left--
	}
	return f
}

// allDown reports whether no line is reachable, in which case not even the web socket opens. s.mu is held.
func (s *Server) allDown() bool {
	if len(s.faults.rows) == 0 {
		return false
	}
	lines := 0
	for _, p := range s.phones {
		if p.owner {
			lines++
			if p.activeFault(FaultDown) == nil {
				return false
			}
		}
	}
	return lines > 0
}

// loginFault returns the refusal that a login gets. s.mu is held.
func (p *Phone) loginFault() (Node, bool) {
	if f := p.activeFault(FaultLogout); f != nil {
		return failure(f.code), true
	}
	for _, kind := range []FaultKind{FaultOutdated, FaultFailLogin} {
		if f := p.takeFault(kind); f != nil {
			return failure(f.code), true
		}
	}
	if f := p.takeFault(FaultTempBan); f != nil {
		n := failure(402)
		seconds := 600
		if !f.until.IsZero() {
			seconds = int(f.until.Sub(p.srv.now()).Seconds())
		}
		n.Attrs["code"], n.Attrs["expire"] = f.code, seconds
		return n, true
	}
	return Node{}, false
}

// dropAfterLogin plays the rest of a repeated drop. s.mu is held.
func (p *Phone) dropAfterLogin(c *conn) {
	if p.takeFault(FaultDrop) != nil {
		c.drop()
	}
}

// slowMedia returns the bytes per second that the line's files pass with, 0 for no limit. s.mu is held.
func (p *Phone) slowMedia() int {
	if f := p.activeFault(FaultSlowMedia); f != nil {
		return f.code
	}
	return 0
}

// tellTimelock notifies the line that a time-lock began or ended. s.mu is held.
func (p *Phone) tellTimelock(f *faultRow, active bool) {
	until := f.until
	if until.IsZero() {
		until = p.srv.now().Add(24 * time.Hour)
	}
	body := fmt.Sprintf(`{"data":{"xwa2_notify_account_reachout_timelock":{"is_active":%v,"time_enforcement_ends":"%d","enforcement_type":"DEFAULT"}}}`, active, until.Unix())
	for _, d := range p.linked() {
		d.deliver(p.srv.notification("mex", types.ServerJID, Node{Tag: "update", Attrs: Attrs{"op_name": "NotificationUserReachoutTimelockUpdate"}, Content: []byte(body)}))
	}
}
