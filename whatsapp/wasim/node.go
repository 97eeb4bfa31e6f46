package wasim

import (
	"strconv"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

// Node is a stanza or a part of one; Attrs are its attributes. Values that a client reads as JIDs must be types.JID.
type (
	Node  = waBinary.Node
	Attrs = waBinary.Attrs
)

// attr reads an attribute as text; "" when it is missing or a JID.
func attr(n *Node, name string) string {
	switch v := n.Attrs[name].(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	}
	return ""
}

// jid reads an attribute as a JID; empty when it is missing or malformed.
func jid(n *Node, name string) types.JID {
	switch v := n.Attrs[name].(type) {
	case types.JID:
		return v
	case string: // a bare server name is encoded as text by some clients
		if j, err := types.ParseJID(v); err == nil {
			return j
		}
	}
	return types.JID{}
}

// child returns the first part with this tag, or an empty node.
func child(n *Node, tag string) *Node {
	for i, k := range n.GetChildren() {
		if k.Tag == tag {
			return &n.GetChildren()[i]
		}
	}
	return &Node{}
}

// content reads a node's bytes. Text that the encoder packed as a token or as digits comes back as a string.
func content(n *Node) []byte {
	switch v := n.Content.(type) {
	case []byte:
		return v
	case string:
		return []byte(v)
	}
	return nil
}

// bigEndian reads up to 4 bytes.
func bigEndian(b []byte) (v uint32) {
	for _, x := range b {
		v = v<<8 | uint32(x)
	}
	return v
}

func be3(v uint32) []byte { return []byte{byte(v >> 16), byte(v >> 8), byte(v)} }
func be4(v uint32) []byte { return []byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)} }

// with returns a copy of the node with one attribute more. Stanzas are shared between queues and never changed.
func with(n Node, name string, value any) Node {
	attrs := make(Attrs, len(n.Attrs)+1)
	for k, v := range n.Attrs {
		attrs[k] = v
	}
	attrs[name] = value
	n.Attrs = attrs
	return n
}

// serverInfo is an <ib> of the server.
func serverInfo(part Node) Node {
	return Node{Tag: "ib", Attrs: Attrs{"from": types.ServerJID}, Content: []Node{part}}
}

// notification is a <notification> of the server itself. s.mu is held.
func (s *Server) notification(kind string, from types.JID, parts ...Node) Node {
	return Node{Tag: "notification", Attrs: Attrs{"from": from, "type": kind, "id": s.nextID(), "t": s.unix()}, Content: parts}
}

// nextID makes a stanza id of the server. s.mu is held.
func (s *Server) nextID() string {
	s.seq++
	return strconv.FormatUint(s.epoch, 36) + "." + strconv.FormatUint(s.seq, 10)
}
