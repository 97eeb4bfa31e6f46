package wasim

import (
	"slices"

	"go.mau.fi/whatsmeow/types"
)

// maxRetries is how often a message is sent again before both sides give up.
const maxRetries = 5

// receiptIDs lists the message ids of a receipt, which may carry several.
func receiptIDs(n *Node) []string {
	ids := []string{attr(n, "id")}
	for _, item := range child(n, "list").GetChildren() {
		if id := attr(&item, "id"); id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// onReceipt takes a receipt of a client: a confirmation, a tick for the sender's phone, or a request. s.mu is held.
func (s *Server) onReceipt(c *conn, n *Node) {
	d, kind, to, ids := c.dev, attr(n, "type"), jid(n, "to"), receiptIDs(n)
	ack := Attrs{"class": "receipt", "id": n.Attrs["id"], "from": n.Attrs["to"], "t": s.unix()}
	if kind != "" {
		ack["type"] = kind
	}
	c.send(Node{Tag: "ack", Attrs: ack})
	switch kind {
	case "retry":
		s.onRetry(d, to, ids[0], n)
		return
	case "server-error":
		s.onMediaRetry(d, n)
		return
	case "read", "played", "read-self", "played-self":
	default: // delivered, inactive, sender, peer_msg: the client has it
		for _, id := range ids {
			d.confirm("message", id, "")
			delete(d.asked, id)
		}
	}
	p := s.user(to)
	if p == nil || p == d.phone {
		return
	}
	switch kind {
	case "":
		p.chat.raise(d.phone, true, "delivered", ids...)
	case "read", "played":
		p.chat.raise(d.phone, true, kind, ids...)
	}
	for _, other := range p.linked() { // two desks that write to each other
		relay := Node{Tag: "receipt", Attrs: Attrs{"id": n.Attrs["id"], "from": d.LID.ToNonAD(), "t": s.unix(), "type": n.Attrs["type"]}, Content: n.Content}
		other.deliver(relay)
	}
}

// onAck drops a stanza that a client confirmed. s.mu is held.
func (s *Server) onAck(c *conn, n *Node) {
	class, id := attr(n, "class"), attr(n, "id")
	// Clients ack a message right after asking for it again; that ack must not drop what was sent again meanwhile.
	if class == "message" && c.dev.asked[id] {
		delete(c.dev.asked, id)
		return
	}
	c.dev.confirm(class, id, attr(n, "type"))
}

// onRetry serves a client that could not read a message: its sender encrypts it again in a new session. s.mu is held.
func (s *Server) onRetry(d *Companion, to types.JID, id string, n *Node) {
	s.counts.RetriesAsked++
	d.confirm("message", id, "")
	if len(d.asked) > maxSent {
		clear(d.asked)
	}
	if d.asked == nil {
		d.asked = map[string]bool{}
	}
	d.asked[id] = true
	sender := to
	if p := jid(n, "participant"); !p.IsEmpty() {
		sender = p
	}
	p := s.user(sender)
	if p == nil {
		return
	}
	if other := p.companions[sender.Device]; other != nil {
		relay := with(*n, "from", d.LID)
		delete(relay.Attrs, "to")
		other.deliver(relay)
		return
	}
	retry := child(n, "retry")
	m, count := p.sent[id], attr(retry, "count")
	if m == nil || len(count) != 1 || count[0] < '1' || count[0] > '0'+maxRetries {
		s.log.note(s.now(), "phone "+p.number+" can't send "+id+" again")
		return
	}
	for _, h := range p.devices {
		delete(h.sig.sessions, *addressOf(d))
	}
	stanza, err := p.stanza(d, id, m)
	if err != nil {
		s.log.note(s.now(), "retry of "+id+": "+err.Error())
		return
	}
	parts := slices.Clone(stanza.GetChildren())
	parts[0] = with(parts[0], "count", count)
	stanza.Content = parts
	d.deliver(stanza)
}

// askAgain sends a retry receipt: the phone could not read a message. It carries fresh keys, with which the client opens a
// new session. s.mu is held.
func (p *Phone) askAgain(h *handset, d *Companion, to types.JID, id string) {
	if p.chat.asked == nil || len(p.chat.asked) > maxSent {
		p.chat.asked = map[string]int{}
	}
	p.chat.asked[id]++
	count := p.chat.asked[id]
	if count > maxRetries {
		return
	}
	p.srv.counts.RetriesByPhones++
	delete(h.sig.sessions, *addressOf(d))
	key := h.sig.newPreKey()
	from := to.ToNonAD() // the address that the message was sent to
	from.Device = h.device
	attrs := Attrs{"id": id, "from": from, "type": "retry", "t": p.srv.unix()}
	if d.phone == p { // the own phone could not read its copy
		own := p.lid
		own.Device = h.device
		attrs["from"], attrs["recipient"] = own, to
	}
	d.deliver(Node{Tag: "receipt", Attrs: attrs, Content: []Node{
		{Tag: "retry", Attrs: Attrs{"count": count, "id": id, "t": p.srv.unix(), "v": 1}},
		{Tag: "registration", Content: be4(h.sig.regID)},
		{Tag: "keys", Content: []Node{{Tag: "type", Content: []byte{5}}, {Tag: "identity", Content: h.sig.identity.Pub[:]},
			keyNode("key", key), keyNode("skey", h.sig.signedPublic())}},
	}})
}

// onPresence takes a client's own presence, or its wish to hear of a customer's. s.mu is held.
func (s *Server) onPresence(c *conn, n *Node) {
	switch kind := attr(n, "type"); kind {
	case "": // only a push name
	case "subscribe":
		if p := s.user(jid(n, "to")); p != nil {
			p.watchers[c.dev] = jid(n, "to").ToNonAD()
			if p.onlineNow {
				c.dev.mention(p.presence(p.watchers[c.dev]))
			}
		}
	case "unsubscribe":
		if p := s.user(jid(n, "to")); p != nil {
			delete(p.watchers, c.dev)
		}
	case "available", "unavailable":
		c.dev.presence = kind
	default:
		s.notUnderstood("presence type=" + kind)
	}
}

// onChatState shows on the customer's phone that the desk types, as phones do of who is online only. s.mu is held.
func (s *Server) onChatState(c *conn, n *Node) {
	p := s.user(jid(n, "to"))
	if p == nil || len(n.GetChildren()) == 0 || c.dev.presence != "available" {
		return
	}
	part := n.GetChildren()[0]
	state := part.Tag
	if state == "composing" && attr(&part, "media") == "audio" {
		state = "recording"
	}
	p.chat.setTyping(c.dev.phone, state)
	for _, d := range p.linked() {
		d.mention(Node{Tag: "chatstate", Attrs: Attrs{"from": c.dev.LID.ToNonAD()}, Content: n.Content})
	}
}
