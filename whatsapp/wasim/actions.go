package wasim

import (
	"fmt"

	"go.mau.fi/whatsmeow/types"
)

// Typing shows the other side's linked devices what the phone is doing: "composing", "recording" or "paused".
func (p *Phone) Typing(to *Phone, state string) error {
	part := Node{Tag: state}
	switch state {
	case "composing", "paused":
	case "recording":
		part = Node{Tag: "composing", Attrs: Attrs{"media": "audio"}}
	default:
		return fmt.Errorf("typing state %q: want composing, recording or paused", state)
	}
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	for _, d := range to.linked() {
		d.mention(Node{Tag: "chatstate", Attrs: Attrs{"from": p.from(nil)}, Content: []Node{part}})
	}
	to.chat.setTyping(p, state)
	return nil
}

// Online tells who watches this phone that it came or went.
func (p *Phone) Online(on bool) {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	p.onlineNow = on
	for d, as := range p.watchers {
		d.mention(p.presence(as))
	}
}

// presence is the stanza for who watches the phone under one of its addresses.
func (p *Phone) presence(as types.JID) Node {
	n := Node{Tag: "presence", Attrs: Attrs{"from": as}}
	if !p.onlineNow {
		n.Attrs["type"], n.Attrs["last"] = "unavailable", p.srv.unix()
	}
	return n
}

// Call rings the other side, which a linked device can't answer, and hangs up. The id names the call.
func (p *Phone) Call(to *Phone) string {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	id := p.newID()
	p.meets(to)
	p.add(to, Entry{ID: id, FromMe: true, Kind: "call", State: "sent"})
	to.add(p, Entry{ID: id, Kind: "call", State: "delivered"})
	to.known[p] = true
	for _, part := range []Node{
		{Tag: "offer", Attrs: Attrs{"call-id": id, "call-creator": p.from(nil)}, Content: []Node{{Tag: "audio", Attrs: Attrs{"enc": "opus", "rate": "16000"}}}},
		{Tag: "terminate", Attrs: Attrs{"call-id": id, "call-creator": p.from(nil), "reason": "timeout"}},
	} {
		n := Node{Tag: "call", Attrs: Attrs{"id": p.srv.nextID(), "t": p.srv.unix(), "platform": "android", "version": "2.26.1", "notify": p.name}, Content: []Node{part}}
		p.nameSender(n.Attrs)
		for _, d := range to.linked() {
			d.deliver(n)
		}
	}
	return id
}

// Reinstall plays a customer who installs WhatsApp anew: new Signal identity and no sessions; the chats come from a backup.
// Everyone it had a chat with is told that the identity changed.
func (p *Phone) Reinstall() error {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	if len(p.companions) > 0 {
		return fmt.Errorf("%s has linked devices: log them out before reinstalling", p.Number())
	}
	for i := range p.devices {
		p.devices[i] = newHandset(uint16(i))
	}
	p.sent, p.sentOrder = map[string]*sentMessage{}, nil
	for _, line := range p.lines() {
		for _, d := range line.linked() {
			d.deliver(p.srv.notification("encrypt", p.from(nil), Node{Tag: "identity"}))
		}
	}
	p.srv.changed()
	return nil
}

// Block makes the phone refuse another: what that one writes looks sent and never arrives. off undoes it.
func (p *Phone) Block(who *Phone, off bool) {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	p.setBlock(who.lid, !off)
	if off {
		p.setBlock(who.pn, false)
	}
	for _, d := range p.linked() {
		action := "block"
		if off {
			action = "unblock"
		}
		d.deliver(p.srv.notification("account_sync", p.pn, Node{Tag: "blocklist", Attrs: Attrs{"action": "modify", "dhash": p.blockHash()},
			Content: []Node{{Tag: "item", Attrs: Attrs{"action": action, "jid": who.lid}}}}))
	}
}

// maxBlocks bounds a block list.
const maxBlocks = 10_000

// setBlock changes the block list. s.mu is held.
func (p *Phone) setBlock(j types.JID, on bool) {
	if on && len(p.blocks) < maxBlocks {
		p.blocks[j] = true
	} else {
		delete(p.blocks, j)
	}
	p.srv.changed()
}

// blocked lists who is blocked. s.mu is held.
func (p *Phone) blocked() []Node {
	var out []Node
	for j := range p.blocks {
		out = append(out, Node{Tag: "item", Attrs: Attrs{"jid": j}})
	}
	return out
}

func (p *Phone) blockHash() string {
	var names []string
	for j := range p.blocks {
		names = append(names, j.String())
	}
	return participantHash(names)
}

func (s *Server) onBlocklist(c *conn, n, _ *Node) {
	p := c.dev.phone
	c.reply(n, Node{Tag: "list", Attrs: Attrs{"dhash": p.blockHash()}, Content: p.blocked()})
}

// onBlock changes the block list for a client. s.mu is held.
func (s *Server) onBlock(c *conn, n, item *Node) {
	p, j := c.dev.phone, jid(item, "jid").ToNonAD()
	if j.IsEmpty() { // an empty JID in the list would break the client's decoder
		c.replyError(n, 400, "bad-request")
		return
	}
	p.setBlock(j, attr(item, "action") == "block")
	c.reply(n, Node{Tag: "list", Attrs: Attrs{"dhash": p.blockHash(), "matched": "true"}, Content: p.blocked()})
}

// MarkRead plays reading on the phone: the other side gets blue ticks, the own linked devices clear their badges.
func (p *Phone) MarkRead(with *Phone, ids ...string) error {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	for _, id := range ids {
		if !p.chat.has(with, false, id) {
			return fmt.Errorf("there is no message %s of %s", id, with.Number())
		}
	}
	if len(ids) == 0 {
		return nil
	}
	p.receipt(nil, with, "read", ids...)
	p.chat.raise(with, false, "read", ids...)
	for _, id := range ids {
		for _, d := range p.linked() {
			d.deliver(Node{Tag: "receipt", Attrs: Attrs{"id": id, "from": p.lid, "recipient": with.lid, "type": "read", "t": p.srv.unix()}})
		}
	}
	return nil
}

// Raw delivers any stanza to the phone's linked devices; durable ones wait in the queue until they are confirmed.
func (p *Phone) Raw(n Node, durable bool) {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	for _, d := range p.linked() {
		if durable {
			d.deliver(n)
		} else {
			d.mention(n)
		}
	}
}
