package wasim

import (
	"go.mau.fi/whatsmeow/types"
)

// reply answers an IQ. s.mu is held.
func (c *conn) reply(q *Node, parts ...Node) {
	n := Node{Tag: "iq", Attrs: Attrs{"from": types.ServerJID, "type": "result", "id": q.Attrs["id"]}}
	if len(parts) > 0 {
		n.Content = parts
	}
	c.send(n)
}

// replyError answers an IQ with an error. s.mu is held.
func (c *conn) replyError(q *Node, code int, why string) {
	c.send(Node{Tag: "iq", Attrs: Attrs{"from": types.ServerJID, "type": "error", "id": q.Attrs["id"]},
		Content: []Node{{Tag: "error", Attrs: Attrs{"code": code, "text": why}}}})
}

// iqHandler answers one kind of IQ; part is its first child.
type iqHandler func(s *Server, c *conn, n, part *Node)

// paired are the IQs of a client that is logged in, by xmlns/type/first child. An IQ without answer would block its caller
// for 75 s, so that every one gets one: 501 when it is not known.
var paired = map[string]iqHandler{
	"w:p/get/":                                (*Server).onPing,
	"w:p/get/ping":                            (*Server).onPing,
	"encrypt/get/count":                       (*Server).onPreKeyCount,
	"encrypt/get/digest":                      func(s *Server, c *conn, n, _ *Node) { s.onDigest(c, n) },
	"encrypt/get/key":                         func(s *Server, c *conn, n, p *Node) { s.onPreKeyFetch(c, n, p) },
	"encrypt/set/registration":                func(s *Server, c *conn, n, _ *Node) { s.onPreKeyUpload(c, n) },
	"encrypt/set/rotate":                      func(s *Server, c *conn, n, p *Node) { s.onPreKeyRotate(c, n, p) },
	"passive/set/active":                      (*Server).onActive,
	"passive/set/passive":                     (*Server).onPassive,
	"abt/get/props":                           (*Server).onProps,
	"w:mex/get/query":                         (*Server).onMex,
	"w:g2/get/participating":                  (*Server).onGroups,
	"usync/get/usync":                         (*Server).onUsync,
	"w:m/set/media_conn":                      (*Server).onMediaConn,
	"w:profile:picture/get/picture":           (*Server).onPicture,
	"w:profile:picture/set/picture":           (*Server).onSetPicture,
	"privacy/get/privacy":                     (*Server).onPrivacy,
	"privacy/set/privacy":                     (*Server).onPrivacy,
	"privacy/set/tokens":                      (*Server).onOK,
	"urn:xmpp:whatsapp:push/set/config":       (*Server).onOK,
	"urn:xmpp:whatsapp:dirty/set/clean":       (*Server).onOK,
	"disappearing_mode/set/disappearing_mode": (*Server).onOK,
	"status/set/status":                       (*Server).onOK,
	"w:sync:app:state/set/sync":               (*Server).onAppState,
	"w:biz/get/business_profile":              (*Server).onBusinessProfile,
	"blocklist/get/":                          (*Server).onBlocklist,
	"blocklist/set/item":                      (*Server).onBlock,
	"md/set/remove-companion-device":          (*Server).onUnlink,
}

// unpaired are the IQs of a client that shows QR codes.
var unpaired = map[string]iqHandler{
	"w:p/get/":                       (*Server).onPing,
	"w:p/get/ping":                   (*Server).onPing,
	"md/set/link_code_companion_reg": func(s *Server, c *conn, n, p *Node) { s.onLinkCode(c, n, p) },
	"md/get/ref":                     (*Server).onRef,
}

// onIQ answers a request. s.mu is held.
func (s *Server) onIQ(c *conn, n *Node) {
	kind := attr(n, "type")
	if kind == "result" || kind == "error" {
		if c.reg != nil && c.reg.iqID != "" && attr(n, "id") == c.reg.iqID {
			s.onPairReply(c, n)
		}
		return
	}
	part := &Node{}
	if k := n.GetChildren(); len(k) > 0 {
		part = &k[0]
	}
	key := attr(n, "xmlns") + "/" + kind + "/" + part.Tag
	handlers := unpaired
	if c.dev != nil {
		handlers = paired
	}
	h := handlers[key]
	if h == nil {
		s.notUnderstood("iq " + key)
		c.replyError(n, 501, "feature-not-implemented")
		return
	}
	h(s, c, n, part)
}

func (s *Server) onOK(c *conn, n, _ *Node) { c.reply(n) }

func (s *Server) onPing(c *conn, n, _ *Node) {
	if c.dev != nil && c.dev.phone.activeFault(FaultIgnorePings) != nil {
		return
	}
	c.reply(n)
}

func (s *Server) onPreKeyCount(c *conn, n, _ *Node) {
	c.reply(n, Node{Tag: "count", Attrs: Attrs{"value": len(c.dev.prekeys)}})
}

func (s *Server) onActive(c *conn, n, _ *Node) {
	c.reply(n)
	if !c.dev.active {
		s.goActive(c)
	}
}

func (s *Server) onPassive(c *conn, n, _ *Node) {
	c.dev.active = false
	c.reply(n)
}

// onProps gives the settings that WhatsApp's servers steer clients with: trusted-contact tokens are used on messages and
// picture queries and issued to the number.
func (s *Server) onProps(c *conn, n, _ *Node) {
	prop := func(code int, value string) Node {
		return Node{Tag: "prop", Attrs: Attrs{"config_code": code, "config_value": value}}
	}
	c.reply(n, Node{Tag: "props", Attrs: Attrs{"protocol": "1", "ab_key": "wasim", "hash": "wasim1", "refresh": 86400, "delta_update": "false"},
		Content: []Node{prop(10518, "1"), prop(9666, "1"), prop(14303, "0")}})
}

func (s *Server) onGroups(c *conn, n, _ *Node) {
	c.send(Node{Tag: "iq", Attrs: Attrs{"from": types.NewJID("", types.GroupServer), "type": "result", "id": n.Attrs["id"]},
		Content: []Node{{Tag: "groups"}}})
}

func (s *Server) onPrivacy(c *conn, n, _ *Node) {
	var categories []Node
	for _, x := range []string{"readreceipts", "last", "online", "profile", "status", "groupadd", "calladd"} {
		categories = append(categories, Node{Tag: "category", Attrs: Attrs{"name": x, "value": "all"}})
	}
	c.reply(n, Node{Tag: "privacy", Content: categories})
}

// onBusinessProfile tells that nobody here has a business profile.
func (s *Server) onBusinessProfile(c *conn, n, _ *Node) {
	c.reply(n, Node{Tag: "business_profile"})
}

func (s *Server) onUnlink(c *conn, n, _ *Node) {
	c.reply(n)
	s.unlink(c.dev)
}

func (s *Server) onRef(c *conn, n, _ *Node) {
	if c.reg == nil {
		c.replyError(n, 400, "bad-request")
		return
	}
	c.reply(n, Node{Tag: "ref", Content: []byte(c.reg.refs[0])})
}

// unlink forgets a linked device. s.mu is held.
func (s *Server) unlink(d *Companion) {
	p := d.phone
	if p.companions[d.JID.Device] != d {
		return
	}
	delete(p.companions, d.JID.Device)
	for _, other := range s.phones {
		delete(other.watchers, d)
	}
	s.changed()
	p.tellDevices(nil)
}

// RemoveDevice plays the owner who logs a linked device out on the phone.
func (p *Phone) RemoveDevice(d *Companion) {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	p.removeDevice(d)
}

func (p *Phone) removeDevice(d *Companion) {
	p.srv.unlink(d)
	if d.conn != nil {
		n := streamConflict("device_removed")
		n.Attrs = Attrs{"code": "401"}
		d.conn.sendLast(n)
	}
}
