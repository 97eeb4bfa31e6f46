package wasim

import (
	"container/list"
	"fmt"

	"go.mau.fi/whatsmeow/proto/waCompanionReg"
	"go.mau.fi/whatsmeow/types"
)

// Companion is a linked device of an account: one client, such as a desk. Its fields are guarded by the server.
type Companion struct {
	JID, LID types.JID // with device number

	phone    *Phone // the account
	noise    [32]byte
	identity [32]byte
	regID    uint32
	signed   publicKey
	props    *waCompanionReg.DeviceProps
	prekeys  []publicKey
	uploaded bool // has given prekeys

	conn     *conn
	active   bool // asked for its stanzas after login
	queue    stanzaQueue
	presence string
	asked    map[string]bool // ids that it asked for again by retry receipt
	greeted  bool            // the phone sent its keys and history
	dirtied  bool            // was told to refresh groups and account settings
	held     *Node           // fault reorder: waits until the next message passed
}

// publicKey is a prekey as the server knows it; Sig is set for signed ones.
type publicKey struct {
	ID  uint32
	Pub [32]byte
	Sig []byte
}

// stanzaQueue keeps the stanzas that a client has not confirmed, in order.
type stanzaQueue struct {
	order list.List // of queued
	byKey map[string]*list.Element
}

type queued struct {
	key  string
	node Node
}

// queueKey says what confirms a stanza: a receipt or ack of the same class, id and type.
func queueKey(class, id, kind string) string {
	if class == "message" || class == "call" {
		kind = ""
	}
	return class + " " + id + " " + kind
}

func (q *stanzaQueue) put(n Node) {
	key := queueKey(n.Tag, attr(&n, "id"), attr(&n, "type"))
	if q.byKey == nil {
		q.byKey = map[string]*list.Element{}
	}
	if e := q.byKey[key]; e != nil { // sent again: takes the old one's place in the end of the queue
		q.order.Remove(e)
	}
	q.byKey[key] = q.order.PushBack(queued{key, n})
}

// remove reports whether a stanza with this key was waiting.
func (q *stanzaQueue) remove(key string) bool {
	e := q.byKey[key]
	if e == nil {
		return false
	}
	q.order.Remove(e)
	delete(q.byKey, key)
	return true
}

func (q *stanzaQueue) len() int { return q.order.Len() }

func (q *stanzaQueue) all() []Node {
	out := make([]Node, 0, q.order.Len())
	for e := q.order.Front(); e != nil; e = e.Next() {
		out = append(out, e.Value.(queued).node)
	}
	return out
}

// deliver queues a stanza until the client confirms it, and sends it if the client is there. s.mu is held.
func (d *Companion) deliver(n Node) {
	d.queue.put(n)
	d.phone.srv.changed()
	if d.conn != nil && d.active {
		d.conn.send(n)
	}
}

// mention sends a stanza that is worth nothing later: presence, typing. s.mu is held.
func (d *Companion) mention(n Node) {
	if d.conn != nil && d.active {
		d.conn.send(n)
	}
}

// hasRoom reports an error when the client is too far behind for another message. s.mu is held.
func (d *Companion) hasRoom() error {
	if most := d.phone.srv.opts.MaxQueue; d.queue.len() >= most {
		return fmt.Errorf("%d stanzas wait for the linked device %s, which does not confirm them: the queue is full", most, d.JID)
	}
	return nil
}

// confirm drops a stanza that the client confirmed. s.mu is held.
func (d *Companion) confirm(class, id, kind string) {
	if d.queue.remove(queueKey(class, id, kind)) {
		d.phone.srv.counts.Acknowledged++
		d.phone.srv.changed()
	}
}

// linked lists the account's linked devices by device number. s.mu is held.
func (p *Phone) linked() []*Companion {
	if len(p.companions) == 0 {
		return nil
	}
	out := make([]*Companion, 0, len(p.companions))
	for n := uint16(0); len(out) < len(p.companions) && n < 256; n++ {
		if d := p.companions[n]; d != nil {
			out = append(out, d)
		}
	}
	return out
}

// Companions lists the account's linked devices by device number.
func (p *Phone) Companions() []*Companion {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	return p.linked()
}

// CompanionState is what the server knows of a linked device.
type CompanionState struct {
	JID      string `json:"jid"`
	LID      string `json:"lid"`
	Line     string `json:"line"`
	Name     string `json:"name"` // as the phone shows it under "Linked devices"
	Online   bool   `json:"online"`
	Presence string `json:"presence,omitempty"`
	PreKeys  int    `json:"prekeys"`
	Queue    int    `json:"queue"` // stanzas not confirmed
}

// State tells what the server knows of the device.
func (d *Companion) State() CompanionState {
	d.phone.srv.mu.Lock()
	defer d.phone.srv.mu.Unlock()
	return d.stateNow()
}

func (d *Companion) stateNow() CompanionState {
	return CompanionState{JID: d.JID.String(), LID: d.LID.String(), Line: d.phone.Number(), Name: d.props.GetOs(),
		Online: d.conn != nil && d.active, Presence: d.presence, PreKeys: len(d.prekeys), Queue: d.queue.len()}
}
