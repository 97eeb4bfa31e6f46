package wasim

import (
	"strconv"

	"go.mau.fi/whatsmeow/proto/waServerSync"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

// statePatch is one encrypted change of an account's shared settings. The n-th patch of a collection is its version n.
type statePatch []byte

// maxPatches bounds the patches of one collection; a client that wants to write more is told that it conflicts.
const maxPatches = 10_000

// withVersion writes the version into a patch; clients upload patches without it.
func withVersion(raw []byte, version uint64) statePatch {
	var p waServerSync.SyncdPatch
	if proto.Unmarshal(raw, &p) != nil {
		return raw
	}
	p.Version = &waServerSync.SyncdVersion{Version: &version}
	return mustMarshal(&p)
}

// onAppState takes changes of shared settings, and hands out those that the client lacks. s.mu is held.
func (s *Server) onAppState(c *conn, n, sync *Node) {
	c.dev.phone.seedAppState()
	var out []Node
	for i := range sync.GetChildren() {
		out = append(out, s.syncCollection(c.dev, &sync.GetChildren()[i]))
	}
	c.reply(n, Node{Tag: "sync", Content: out})
}

func (s *Server) syncCollection(d *Companion, collection *Node) Node {
	p, name := d.phone, attr(collection, "name")
	have, err := strconv.Atoi(attr(collection, "version"))
	if err != nil || have < 0 {
		have = 0
	}
	answer := Node{Tag: "collection", Attrs: Attrs{"name": name}}
	patches := p.state[name]
	if patch := child(collection, "patch"); patch.Tag != "" {
		if have != len(patches) || len(patches) >= maxPatches {
			answer.Attrs["type"] = "error"
			answer.Content = []Node{{Tag: "error", Attrs: Attrs{"code": "409", "text": "conflict"}}}
		} else {
			patches = append(patches, withVersion(content(patch), uint64(have+1)))
			p.state[name] = patches
			have++
			s.changed()
			for _, other := range p.linked() {
				if other != d {
					other.deliver(s.notification("server_sync", types.ServerJID, Node{Tag: "collection", Attrs: Attrs{"name": name, "version": have}}))
				}
			}
		}
	}
	if have < len(patches) {
		var list []Node
		for _, b := range patches[have:] {
			list = append(list, Node{Tag: "patch", Content: []byte(b)})
		}
		answer.Content = append(answer.GetChildren(), Node{Tag: "patches", Content: list})
	}
	answer.Attrs["version"] = len(patches)
	return answer
}
