package wasim

import (
	"strconv"

	"go.mau.fi/whatsmeow/types"
)

// onHello answers a client that finished the handshake: a new one gets QR references, a linked one is logged in or not.
func (s *Server) onHello(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.payload.Username == nil {
		s.startPairing(c)
		return
	}
	number := strconv.FormatUint(c.payload.GetUsername(), 10)
	p := s.users[types.NewJID(number, types.DefaultUserServer)]
	if p != nil && p.activeFault(FaultDown) != nil {
		// Other lines are up, or the socket would not have opened. Cutting it here instead would meet a defect of whatsmeow:
		// it stays away for ever when the connection ends in the very moment in which the handshake does.
		c.sendLast(failure(503))
		return
	}
	if p != nil {
		if n, ok := p.loginFault(); ok {
			c.sendLast(n)
			return
		}
	}
	var d *Companion
	if p != nil && c.payload.GetDevice() < 256 {
		d = p.companions[uint16(c.payload.GetDevice())]
	}
	if d == nil || d.noise != c.static {
		c.sendLast(failure(401))
		return
	}
	if old := d.conn; old != nil {
		old.sendLast(streamConflict("replaced"))
	}
	c.dev, d.conn, d.active, d.presence = d, c, false, ""
	s.counts.Logins++
	// The client compares lid with the one that it was paired with, device number included.
	c.send(Node{Tag: "success", Attrs: Attrs{"t": s.unix(), "lid": d.LID, "location": "wasim", "props": "27", "abprops": "1", "group_abprops": "0"}})
	c.send(serverInfo(Node{Tag: "edge_routing", Content: []Node{{Tag: "routing_info", Content: []byte("wasim")}}}))
	if !d.dirtied {
		d.dirtied = true
		for _, kind := range []string{"account_sync", "groups"} {
			c.send(serverInfo(Node{Tag: "dirty", Attrs: Attrs{"type": kind, "timestamp": s.unix()}}))
		}
	}
}

// failure is the refusal of a login.
func failure(reason int) Node {
	return Node{Tag: "failure", Attrs: Attrs{"reason": reason, "location": "wasim"}}
}

func streamConflict(kind string) Node {
	return Node{Tag: "stream:error", Content: []Node{{Tag: "conflict", Attrs: Attrs{"type": kind}}}}
}

// goActive sends what waited while the client was away, then everything new as it comes. s.mu is held.
func (s *Server) goActive(c *conn) {
	d := c.dev
	d.active = true
	waiting := d.queue.all()
	count := map[string]int{}
	for i := range waiting {
		count[waiting[i].Tag]++
	}
	if len(waiting) > 0 {
		c.send(serverInfo(Node{Tag: "offline_preview", Attrs: Attrs{"count": len(waiting), "message": count["message"],
			"receipt": count["receipt"], "notification": count["notification"], "appdata": 0, "call": count["call"]}}))
	}
	for _, n := range waiting {
		c.send(with(n, "offline", "1"))
	}
	c.send(serverInfo(Node{Tag: "offline", Attrs: Attrs{"count": len(waiting)}}))
	if !d.greeted { // must come after <offline/>: Baileys holds all events back until then
		d.greeted = true
		d.phone.greet(d)
	}
	d.phone.dropAfterLogin(c)
}

// hungUp forgets a connection that ended.
func (s *Server) hungUp(c *conn) {
	c.drop()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	if d := c.dev; d != nil && d.conn == c {
		d.conn, d.active = nil, false
	}
	if c.reg != nil {
		s.forgetRegistration(c.reg)
	}
}
