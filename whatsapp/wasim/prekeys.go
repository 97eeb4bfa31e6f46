package wasim

import (
	"crypto/sha1"

	"go.mau.fi/libsignal/ecc"
	"go.mau.fi/whatsmeow/types"
)

// lowPreKeys is how few one-time keys make the server ask a client for more.
const lowPreKeys = 5

// maxUploaded bounds the one-time keys that the server keeps for a client.
const maxUploaded = 5000

func parseKey(n *Node) publicKey {
	k := publicKey{ID: bigEndian(content(child(n, "id"))), Sig: content(child(n, "signature"))}
	copy(k.Pub[:], content(child(n, "value")))
	return k
}

func keyNode(tag string, k publicKey) Node {
	parts := []Node{{Tag: "id", Content: be3(k.ID)}, {Tag: "value", Content: k.Pub[:]}}
	if k.Sig != nil {
		parts = append(parts, Node{Tag: "signature", Content: k.Sig})
	}
	return Node{Tag: tag, Content: parts}
}

// onPreKeyUpload stores the keys that others open sessions with. s.mu is held.
func (s *Server) onPreKeyUpload(c *conn, n *Node) {
	signed := parseKey(child(n, "skey"))
	if len(signed.Sig) != 64 {
		c.replyError(n, 406, "not-acceptable")
		return
	}
	d := c.dev
	d.signed, d.uploaded = signed, true
	for _, k := range child(n, "list").GetChildren() {
		if len(d.prekeys) < maxUploaded {
			d.prekeys = append(d.prekeys, parseKey(&k))
		}
	}
	s.changed()
	c.reply(n)
}

// onPreKeyRotate replaces the signed prekey; the next new session uses it. s.mu is held.
func (s *Server) onPreKeyRotate(c *conn, n, rotate *Node) {
	signed := parseKey(child(rotate, "skey"))
	if len(signed.Sig) != 64 {
		c.replyError(n, 406, "not-acceptable")
		return
	}
	c.dev.signed = signed
	s.changed()
	c.reply(n)
}

// popPreKey hands out a one-time key, nil if there is none left, and tells the client when few are left. s.mu is held.
func (s *Server) popPreKey(d *Companion) *publicKey {
	if len(d.prekeys) == 0 {
		return nil
	}
	k := d.prekeys[0]
	d.prekeys = d.prekeys[1:]
	if len(d.prekeys) < lowPreKeys {
		d.mention(s.notification("encrypt", types.ServerJID, Node{Tag: "count", Attrs: Attrs{"value": len(d.prekeys)}}))
	}
	return &k
}

// bundle is what the server knows of one device's keys.
type bundle struct {
	regID    uint32
	identity [32]byte
	signed   publicKey
	oneTime  *publicKey
}

// bundleOf finds the keys of a device and uses up a one-time key. s.mu is held.
func (s *Server) bundleOf(j types.JID) (bundle, bool) {
	p := s.user(j)
	if p == nil {
		return bundle{}, false
	}
	if d := p.companions[j.Device]; d != nil {
		return bundle{d.regID, d.identity, d.signed, s.popPreKey(d)}, true
	}
	if h := p.handset(j.Device); h != nil {
		k := h.sig.newPreKey()
		s.changed()
		return bundle{h.sig.regID, *h.sig.identity.Pub, h.sig.signedPublic(), &k}, true
	}
	return bundle{}, false
}

// handset returns the simulated device with this number, nil if there is none. s.mu is held.
func (p *Phone) handset(device uint16) *handset {
	if int(device) < len(p.devices) {
		return p.devices[device]
	}
	return nil
}

// onPreKeyFetch answers who wants to open sessions. s.mu is held.
func (s *Server) onPreKeyFetch(c *conn, n, key *Node) {
	var users []Node
	for _, u := range key.GetChildren() {
		j := jid(&u, "jid")
		if j.IsEmpty() {
			continue
		}
		b, ok := s.bundleOf(j)
		if !ok {
			users = append(users, Node{Tag: "user", Attrs: Attrs{"jid": j}, Content: []Node{{Tag: "error", Attrs: Attrs{"code": 404, "text": "not-found"}}}})
			continue
		}
		parts := []Node{
			{Tag: "registration", Content: be4(b.regID)},
			{Tag: "type", Content: []byte{ecc.DjbType}},
			{Tag: "identity", Content: b.identity[:]},
			keyNode("skey", b.signed),
		}
		if b.oneTime != nil {
			parts = append(parts, keyNode("key", *b.oneTime))
		}
		users = append(users, Node{Tag: "user", Attrs: Attrs{"jid": j, "t": s.unix()}, Content: parts})
	}
	c.reply(n, Node{Tag: "list", Content: users})
}

// onDigest tells a client which keys the server holds for it, so that it can compare. s.mu is held.
func (s *Server) onDigest(c *conn, n *Node) {
	d := c.dev
	if !d.uploaded {
		c.replyError(n, 404, "item-not-found")
		return
	}
	h := sha1.New() // as WhatsApp Web's digest job: identity, signed prekey and signature, one-time keys in order of upload
	h.Write(d.identity[:])
	h.Write(d.signed.Pub[:])
	h.Write(d.signed.Sig)
	var ids []Node
	for _, k := range d.prekeys {
		ids = append(ids, Node{Tag: "id", Content: be3(k.ID)})
		h.Write(k.Pub[:])
	}
	c.reply(n, Node{Tag: "digest", Content: []Node{
		{Tag: "registration", Content: be4(d.regID)},
		{Tag: "type", Content: []byte{ecc.DjbType}},
		{Tag: "identity", Content: d.identity[:]},
		keyNode("skey", d.signed),
		{Tag: "list", Content: ids},
		{Tag: "hash", Content: h.Sum(nil)},
	}})
}
