package wasim

import (
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
)

// onNode handles a stanza of a client. s.mu is held.
func (s *Server) onNode(c *conn, n *Node) {
	if c.dev == nil { // not logged in: only what linking needs
		switch n.Tag {
		case "iq":
			s.onIQ(c, n)
		case "ack", "ib", "presence", "xmlstreamend": // presence: some clients send their name even before login
		default:
			s.notUnderstood("<" + n.Tag + "> before login")
		}
		return
	}
	switch n.Tag {
	case "iq":
		s.onIQ(c, n)
	case "message":
		s.onMessage(c, n)
	case "receipt":
		s.onReceipt(c, n)
	case "ack":
		s.onAck(c, n)
	case "presence":
		s.onPresence(c, n)
	case "chatstate":
		s.onChatState(c, n)
	case "call":
		c.send(Node{Tag: "ack", Attrs: Attrs{"class": "call", "id": n.Attrs["id"], "from": n.Attrs["to"]}})
	case "ib", "xmlstreamend":
	default:
		s.notUnderstood("<" + n.Tag + ">")
	}
}

// onMessage takes a message of a linked device, gives it to the phones it is for and confirms it. s.mu is held.
func (s *Server) onMessage(c *conn, n *Node) {
	d, to, id := c.dev, jid(n, "to"), attr(n, "id")
	s.counts.MessagesIn++
	ack := Attrs{"class": "message", "id": id, "from": n.Attrs["to"], "t": s.unix()}
	if code := s.refuses(d, to, n); code != 0 {
		ack["error"] = code
		c.send(Node{Tag: "ack", Attrs: ack})
		return
	}
	if hash := s.missedDevices(d, to, n); hash != "" {
		ack["phash"] = hash
	}
	identity := content(child(n, "device-identity"))
	if parts := child(n, "participants"); parts.Tag != "" {
		for _, t := range parts.GetChildren() {
			s.handOver(d, to, jid(&t, "jid"), id, n, child(&t, "enc"), identity)
		}
	} else if enc := child(n, "enc"); enc.Tag != "" { // a peer message, or sent again after a retry receipt
		s.handOver(d, to, to, id, n, enc, identity)
	}
	if d.phone.takeFault(FaultWithholdAck) == nil {
		c.send(Node{Tag: "ack", Attrs: ack})
	}
}

// refuses returns the error code that a message is answered with, 0 when it is taken. s.mu is held.
func (s *Server) refuses(d *Companion, to types.JID, n *Node) int {
	if f := d.phone.takeFault(FaultAckError); f != nil {
		return f.code
	}
	if to.Server != types.DefaultUserServer && to.Server != types.HiddenUserServer {
		return 404 // a group or newsletter that nobody is in
	}
	p := s.user(to)
	if p == nil {
		return 404
	}
	for _, t := range child(n, "participants").GetChildren() {
		if jid(&t, "jid").Server != to.Server { // the real server refuses a mix of LIDs and numbers
			return 400
		}
	}
	if f := d.phone.activeFault(FaultTimelock); f != nil && p != d.phone && !d.phone.known[p] {
		return f.code
	}
	return 0
}

// missedDevices returns the fingerprint of the right device list when the client left devices out, "" otherwise.
func (s *Server) missedDevices(d *Companion, to types.JID, n *Node) string {
	parts := child(n, "participants")
	if parts.Tag == "" {
		return ""
	}
	given := map[types.JID]bool{}
	for _, t := range parts.GetChildren() {
		given[jid(&t, "jid")] = true
	}
	own := d.LID
	if to.Server == types.DefaultUserServer {
		own = d.JID
	}
	given[own] = true
	var names []string
	missed := false
	for _, base := range []types.JID{to.ToNonAD(), own.ToNonAD()} {
		for _, number := range s.user(base).deviceNumbers() {
			j := base
			j.Device = number
			names = append(names, j.ADString())
			missed = missed || !given[j]
		}
	}
	if !missed {
		return ""
	}
	return participantHash(names)
}

// handOver gives one encrypted copy of a message to the device it is for. s.mu is held.
func (s *Server) handOver(d *Companion, to, target types.JID, id string, n, enc *Node, identity []byte) {
	p := s.user(target)
	if p == nil || enc.Tag == "" {
		return
	}
	if p != d.phone && (p.blocks[d.phone.lid] || p.blocks[d.phone.pn]) {
		return
	}
	if other := p.companions[target.Device]; other != nil {
		if other != d {
			other.deliver(relayed(d, to, target, n, enc, identity, s.unix()))
		}
		return
	}
	if h := p.handset(target.Device); h != nil {
		p.receive(h, d, to, id, enc, identity)
	}
}

// relayed is a message from one linked device to another, as the other gets it.
func relayed(d *Companion, to, target types.JID, n, enc *Node, identity []byte, now int64) Node {
	attrs := Attrs{"id": n.Attrs["id"], "t": now, "type": n.Attrs["type"], "notify": d.phone.name, "from": d.JID, "sender_lid": d.LID}
	if target.Server == types.HiddenUserServer {
		attrs["from"], attrs["addressing_mode"], attrs["sender_pn"], attrs["sender_lid"] = d.LID, "lid", d.JID, nil
	}
	if d.phone.pn.User == target.User || d.phone.lid.User == target.User {
		attrs["recipient"], attrs["peer_recipient_pn"] = to, n.Attrs["peer_recipient_pn"]
	}
	for _, k := range []string{"category", "edit"} {
		attrs[k] = n.Attrs[k]
	}
	parts := []Node{*enc}
	if len(identity) > 0 {
		parts = append(parts, Node{Tag: "device-identity", Content: identity})
	}
	return Node{Tag: "message", Attrs: attrs, Content: parts}
}

// receive decrypts a message on a simulated device and shows it. s.mu is held.
func (p *Phone) receive(h *handset, d *Companion, to types.JID, id string, enc *Node, identity []byte) {
	seen := p.chat.has(d.phone, false, id) || p.chat.has(d.phone, true, id)
	if h.device == 0 && p != d.phone && !seen && d.phone.takeFault(FaultRetry) != nil {
		p.askAgain(h, d, to, id)
		return
	}
	m, err := p.open(h, d, enc)
	if err == nil && attr(enc, "type") == "pkmsg" {
		err = d.verifyIdentity(identity)
	}
	if err != nil {
		p.srv.log.note(p.srv.now(), "phone "+p.number+" can't read "+id+": "+err.Error())
		if seen { // the client missed our receipt
			p.srv.counts.DuplicatesSeen++
			p.answer(h, d, id, true)
			return
		}
		// Also under a counter that was used before: whatsmeow encrypts two messages with one counter when it sends while it
		// serves a retry, and the second of them would be lost.
		p.askAgain(h, d, to, id)
		return
	}
	delete(p.chat.asked, id)
	if p == d.phone {
		p.receiveOwn(h, d, to, id, m)
		return
	}
	if h.device == 0 && !p.show(d.phone, id, &sentMessage{body: m}) {
		p.srv.counts.DuplicatesSeen++
	}
	p.answer(h, d, id, isMessage(m))
}

// receiveOwn handles what a linked device tells its own phone: copies of what it sent, and requests. s.mu is held.
func (p *Phone) receiveOwn(h *handset, d *Companion, to types.JID, id string, m *waE2E.Message) {
	kind := "sender"
	if sent := m.GetDeviceSentMessage(); sent != nil {
		if chat, err := types.ParseJID(sent.GetDestinationJID()); err == nil && h.device == 0 {
			if with := p.srv.user(chat); with != nil && !p.showOwn(with, id, sent.GetMessage()) {
				p.srv.counts.DuplicatesSeen++
			}
		}
	} else if pm := m.GetProtocolMessage(); pm != nil && h.device == 0 {
		kind = "peer_msg"
		p.onPeerRequest(d, id, pm)
	}
	d.deliver(Node{Tag: "receipt", Attrs: Attrs{"id": id, "from": p.lid, "recipient": to, "type": kind, "t": p.srv.unix()}})
}

// answer sends the receipts that the phone gives by itself. s.mu is held.
func (p *Phone) answer(h *handset, d *Companion, id string, readable bool) {
	if p.deliver {
		p.receipt(h, d.phone, "", id)
	}
	if p.read && readable && h.device == 0 {
		p.receipt(h, d.phone, "read", id)
		p.chat.raise(d.phone, false, "read", id)
	}
}

// from is the address that the phone's stanzas come from.
func (p *Phone) from(h *handset) types.JID {
	j := p.lid
	if p.address == PN || p.address == PNWithLID {
		j = p.pn
	}
	if h != nil {
		j.Device = h.device
	}
	return j
}

// receipt sends a receipt to the linked devices of an account. kind is "", "read" or "played". s.mu is held.
func (p *Phone) receipt(h *handset, to *Phone, kind string, ids ...string) {
	n := Node{Tag: "receipt", Attrs: Attrs{"id": ids[0], "from": p.from(h), "t": p.srv.unix()}}
	if kind != "" {
		n.Attrs["type"] = kind
	}
	if len(ids) > 1 {
		var items []Node
		for _, id := range ids[1:] {
			items = append(items, Node{Tag: "item", Attrs: Attrs{"id": id}})
		}
		n.Content = []Node{{Tag: "list", Content: items}}
	}
	for _, d := range to.linked() {
		d.deliver(n)
	}
	state := kind
	if kind == "" {
		state = "delivered"
	}
	to.chat.raise(p, true, state, ids...) // the sender's own phone shows the tick too
}
