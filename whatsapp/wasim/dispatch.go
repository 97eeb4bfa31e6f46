package wasim

import (
	"bytes"
	"slices"
	"time"
)

// reorderLimit is how long a message that is to change places waits for the next one.
const reorderLimit = 2 * time.Second

// dispatch delivers a message to a linked device of this line, with the line's faults. s.mu is held.
func (p *Phone) dispatch(d *Companion, n Node) {
	s := p.srv
	s.counts.MessagesOut++
	if len(p.faults) == 0 && d.held == nil {
		d.deliver(n)
		return
	}
	if p.takeFault(FaultCorrupt) != nil {
		n = corrupted(n)
	}
	if d.held == nil && p.takeFault(FaultReorder) != nil {
		d.held = &n
		time.AfterFunc(reorderLimit, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			d.release()
		})
		return
	}
	d.deliver(n)
	if p.takeFault(FaultDuplicate) != nil {
		d.mention(n)
	}
	d.release()
}

// release delivers the message that waited to change places. s.mu is held.
func (d *Companion) release() {
	if d.held != nil {
		n := *d.held
		d.held = nil
		d.deliver(n)
	}
}

func (p *Phone) releaseHeld() {
	for _, d := range p.linked() {
		d.release()
	}
}

// corrupted returns the message with ciphertext that no session can read.
func corrupted(n Node) Node {
	parts := slices.Clone(n.GetChildren())
	cipher := bytes.Clone(content(&parts[0]))
	cipher[len(cipher)-12] ^= 0xff
	parts[0].Content = cipher
	n.Content = parts
	return n
}
