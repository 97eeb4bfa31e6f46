package wasim

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"

	"go.mau.fi/whatsmeow/types"
)

// onUsync answers a client that wants to know about users: devices, LID, whether a number has WhatsApp. s.mu is held.
func (s *Server) onUsync(c *conn, n, sync *Node) {
	want := map[string]bool{}
	for _, q := range child(sync, "query").GetChildren() {
		want[q.Tag] = true
	}
	var users []Node
	for _, u := range child(sync, "list").GetChildren() {
		if answer, ok := s.usyncUser(&u, want); ok {
			users = append(users, answer)
		}
	}
	c.reply(n, Node{Tag: "usync", Attrs: Attrs{"sid": sync.Attrs["sid"], "mode": sync.Attrs["mode"], "index": "0", "last": "true"},
		Content: []Node{{Tag: "list", Content: users}}})
}

func (s *Server) usyncUser(u *Node, want map[string]bool) (Node, bool) {
	j := jid(u, "jid").ToNonAD()
	contact := child(u, "contact")
	query := content(contact)
	if len(query) > 0 { // a number as typed: +number, sometimes with a server name
		number, _, _ := strings.Cut(strings.TrimPrefix(string(query), "+"), "@")
		j = types.NewJID(number, types.DefaultUserServer)
	}
	p := s.users[j]
	if p == nil {
		if len(query) == 0 {
			return Node{}, false
		}
		return Node{Tag: "user", Attrs: Attrs{"jid": j}, Content: []Node{{Tag: "contact", Attrs: Attrs{"type": "out"}, Content: query}}}, true
	}
	attrs := Attrs{"jid": j}
	var parts []Node
	if want["contact"] {
		attrs = Attrs{"jid": p.lid, "pn_jid": p.pn}
		parts = append(parts, Node{Tag: "contact", Attrs: Attrs{"type": "in"}, Content: query})
	}
	if want["devices"] {
		parts = append(parts, Node{Tag: "devices", Content: []Node{p.deviceList()}})
	}
	if want["disappearing_mode"] {
		parts = append(parts, Node{Tag: "disappearing_mode", Attrs: Attrs{"duration": "0", "t": "0"}})
	}
	if want["lid"] && j.Server != types.HiddenUserServer { // who asks by LID knows it
		parts = append(parts, Node{Tag: "lid", Attrs: Attrs{"val": p.lid}})
	}
	if want["status"] {
		parts = append(parts, Node{Tag: "status", Attrs: Attrs{"t": s.unix()}, Content: []byte("Hey there! I am using WhatsApp.")})
	}
	if want["picture"] && p.picture != nil {
		parts = append(parts, Node{Tag: "picture", Attrs: Attrs{"id": p.pictureID()}})
	}
	return Node{Tag: "user", Attrs: attrs, Content: parts}, true
}

// deviceNumbers lists all devices of the account, simulated and linked. s.mu is held.
func (p *Phone) deviceNumbers() []uint16 {
	var out []uint16
	for _, h := range p.devices {
		out = append(out, h.device)
	}
	for _, d := range p.linked() {
		out = append(out, d.JID.Device)
	}
	return out
}

func (p *Phone) deviceList() Node {
	var devices []Node
	for _, n := range p.deviceNumbers() {
		attrs := Attrs{"id": int(n)}
		if n != 0 {
			attrs["key-index"] = int(n)
		}
		devices = append(devices, Node{Tag: "device", Attrs: attrs})
	}
	return Node{Tag: "device-list", Attrs: Attrs{"hash": p.deviceHash(p.pn)}, Content: devices}
}

// deviceHash is the fingerprint of the account's device list ("phash") under one of its addresses.
func (p *Phone) deviceHash(base types.JID) string {
	var names []string
	for _, n := range p.deviceNumbers() {
		j := base
		j.Device = n
		names = append(names, j.ADString())
	}
	return participantHash(names)
}

func participantHash(names []string) string {
	slices.Sort(names)
	h := sha256.Sum256([]byte(strings.Join(names, "")))
	return "2:" + base64.RawStdEncoding.EncodeToString(h[:6])
}

// tellDevices tells the account's other linked devices that its device list changed. s.mu is held.
func (p *Phone) tellDevices(except *Companion) {
	var devices []Node
	for _, n := range p.deviceNumbers() {
		j := p.pn
		j.Device = n
		devices = append(devices, Node{Tag: "device", Attrs: Attrs{"jid": j}})
	}
	for _, d := range p.linked() {
		if d != except {
			d.deliver(p.srv.notification("account_sync", p.pn, Node{Tag: "devices", Attrs: Attrs{"dhash": p.deviceHash(p.pn)}, Content: devices}))
		}
	}
}
