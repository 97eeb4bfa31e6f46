package whatsapp

import (
	"context"
	"fmt"
	"slices"
	"time"

	"mostrador/whatsapp/wasim"
)

// patience is how long a test waits for what must come.
var patience = time.Minute

// until waits for a condition on what the handler was told; it is looked at after every call.
func (r *rig) until(what string, true func() bool) {
	r.t.Helper()
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for {
		r.mu.Lock()
		ok, bump := true(), r.bump
		r.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-bump:
		case <-timeout.C:
			r.mu.Lock()
			defer r.mu.Unlock()
			r.t.Fatalf("waited for %s; messages %+v; receipts %+v; states %s", what, r.messages, r.receipts, states(r.statuses))
		}
	}
}

// reaches waits until the line is in a state, and returns the status.
func (r *rig) reaches(state State, reason ...Reason) (s Status) {
	r.t.Helper()
	r.until(fmt.Sprint(state, reason), func() bool {
		s = r.Status()
		return s.State == state && (len(reason) == 0 || s.Reason == reason[0])
	})
	return s
}

// passed waits until the line has been in a state since the last call of mark.
func (r *rig) passed(since int, state State, reason Reason) {
	r.t.Helper()
	r.until(fmt.Sprint("passing ", state, " ", reason), func() bool {
		return slices.ContainsFunc(r.statuses[since:], func(s Status) bool { return s.State == state && s.Reason == reason })
	})
}

// mark is the number of states so far.
func (r *rig) mark() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.statuses)
}

func (r *rig) code() (q QR) {
	r.t.Helper()
	r.until("a QR code", func() (ok bool) { q, ok = r.QR(); return ok })
	return q
}

// message waits for the message with an id (of this kind, if given).
func (r *rig) message(id string, kind ...Kind) (m Message) {
	r.t.Helper()
	r.until("message "+id, func() bool {
		for _, got := range r.messages {
			if got.ID == id && (len(kind) == 0 || got.Kind == kind[0]) {
				m = got
				return true
			}
		}
		return false
	})
	return m
}

// times tells how often a message was stored.
func (r *rig) times(id string) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.messages {
		if m.ID == id {
			n++
		}
	}
	return n
}

// receipt waits for a state of a sent message.
func (r *rig) receipt(id string, state ReceiptState) (x Receipt) {
	r.t.Helper()
	r.until(fmt.Sprint(state, " for ", id), func() bool {
		for _, got := range r.receipts {
			if got.State == state && slices.Contains(got.IDs, id) {
				x = got
				return true
			}
		}
		return false
	})
	return x
}

// send sends and fails the test on an error.
func (r *rig) send(m Outgoing) string {
	r.t.Helper()
	if m.ID == "" {
		m.ID = NewID()
	}
	if _, err := r.Send(context.Background(), m); err != nil {
		r.t.Fatalf("send %s: %v", m.Kind, err)
	}
	return m.ID
}

func (r *rig) sendText(to *wasim.Phone, text string) string {
	r.t.Helper()
	return r.send(Outgoing{To: addressOfPhone(to), Kind: Text, Text: text})
}

func addressOfPhone(p *wasim.Phone) Address {
	return Address{Phone: p.PN().User, LID: p.LID().User}
}

// say writes as a phone and fails the test on an error.
func (r *rig) say(p *wasim.Phone, what wasim.Say) string {
	r.t.Helper()
	id, err := p.Say(r.owner, what)
	if err != nil {
		r.t.Fatal(err)
	}
	return id
}

func (r *rig) sayText(p *wasim.Phone, text string) string {
	r.t.Helper()
	return r.say(p, wasim.Say{Text: text})
}

func (r *rig) inject(f wasim.Fault) string {
	r.t.Helper()
	f.Line = r.owner
	id, err := r.server.Inject(f)
	if err != nil {
		r.t.Fatal(err)
	}
	return id
}

// shows waits until a phone shows an entry with an id that matches.
func (r *rig) shows(p *wasim.Phone, id string, match ...func(wasim.Entry) bool) wasim.Entry {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	e, err := p.WaitFor(ctx, func(e wasim.Entry) bool {
		return e.ID == id && !slices.ContainsFunc(match, func(m func(wasim.Entry) bool) bool { return !m(e) })
	})
	if err != nil {
		r.t.Fatalf("the phone does not show %s: %v; it shows %+v", id, err, p.Chat(nil))
	}
	return e
}

func inState(state string) func(wasim.Entry) bool {
	return func(e wasim.Entry) bool { return e.State == state }
}

// shown tells how often a phone shows an id.
func shown(p *wasim.Phone, id string) (n int) {
	for _, e := range p.Chat(nil) {
		if e.ID == id {
			n++
		}
	}
	return n
}

func states(list []Status) (text string) {
	last := ""
	for _, s := range list {
		if now := fmt.Sprintf("%s/%s ", s.State, s.Reason); now != last { // number and name may have become known
			text, last = text+now, now
		}
	}
	return text
}
