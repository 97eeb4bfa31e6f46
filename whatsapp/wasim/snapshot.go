package wasim

import (
	"fmt"
	"time"

	"go.mau.fi/whatsmeow"
	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waCompanionReg"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/util/keys"
	"google.golang.org/protobuf/proto"
)

// snapshotVersion changes when an older program could not read the state any more.
const snapshotVersion = 1

// snapshot is everything that a restart keeps.
type snapshot struct {
	Version int
	Clean   bool // written when the server closed, and nothing happened since
	Root    []byte
	Epoch   uint64
	Phones  []phoneState
	Media   []mediaState
}

type mediaState struct {
	Path, Line string
	Gone       int `json:",omitempty"`
}

type phoneState struct {
	Number, Name         string
	Owner, Deliver, Read bool
	Hostile              bool `json:",omitempty"`
	Address              AddressMode
	Picture              []byte `json:",omitempty"`
	Pictures             int
	NextDevice           uint16
	IDs                  uint64
	Devices              []handsetState
	Companions           []companionState    `json:",omitempty"`
	Sent                 []sentState         `json:",omitempty"`
	Entries              []Entry             `json:",omitempty"`
	Files                map[int]fileState   `json:",omitempty"` // by n of the entry
	Raw                  map[int][]byte      `json:",omitempty"` // by n of the entry
	Base                 int                 `json:",omitempty"`
	Polls                []pollState         `json:",omitempty"`
	Known, Partners      []string            `json:",omitempty"`
	Blocks               []types.JID         `json:",omitempty"`
	AppState             map[string][][]byte `json:",omitempty"`
	AppKey               *appKey             `json:",omitempty"`
}

type fileState struct {
	Path string
	Key  []byte
	Kind string
}

type sentState struct {
	ID, To string
	Body   []byte
	Peer   bool      `json:",omitempty"`
	Group  types.JID `json:",omitzero"`
	At     time.Time `json:",omitzero"`
}

type pollState struct {
	With, ID string
	FromMe   bool
	Secret   []byte
	Options  []string
}

type companionState struct {
	Device            uint16
	Noise, Identity   []byte
	RegID             uint32
	Signed            publicKey
	Props             []byte
	PreKeys           []publicKey
	Uploaded, Greeted bool
	Queue             [][]byte // stanzas in WhatsApp's binary form
}

// snapshot copies the state. s.mu is held.
func (s *Server) snapshot(clean bool) snapshot {
	out := snapshot{Version: snapshotVersion, Clean: clean, Root: s.rootPrivate[:], Epoch: s.epoch}
	for _, p := range s.phones {
		out.Phones = append(out.Phones, p.snapshot())
	}
	for _, path := range s.media.order {
		b := s.media.blobs[path]
		m := mediaState{Path: path, Gone: b.gone}
		if b.line != nil {
			m.Line = b.line.number
		}
		out.Media = append(out.Media, m)
	}
	return out
}

func (p *Phone) snapshot() phoneState {
	out := phoneState{Number: p.number, Name: p.name, Owner: p.owner, Deliver: p.deliver, Read: p.read, Address: p.address, Picture: p.picture,
		Pictures: p.pictures, NextDevice: p.nextDevice, IDs: p.ids, Base: p.chat.base, AppKey: p.appKey, Files: map[int]fileState{}, Raw: map[int][]byte{}, Hostile: p.hostile,
		Entries: append([]Entry(nil), p.chat.entries...), Known: numbers(p.known), Partners: numbers(p.partners)}
	for _, e := range out.Entries {
		if e.raw != nil {
			out.Raw[e.N] = e.raw
		}
		if e.Media != nil {
			out.Files[e.N] = fileState{e.Media.path, e.Media.key, string(e.Media.kind)}
		}
	}
	for _, h := range p.devices {
		out.Devices = append(out.Devices, h.sig.snapshot())
	}
	for _, d := range p.linked() {
		out.Companions = append(out.Companions, d.snapshot())
	}
	for _, id := range p.sentOrder {
		m := p.sent[id]
		x := sentState{ID: id, Body: mustMarshal(m.body), Peer: m.peer, Group: m.group, At: m.at}
		if m.to != nil {
			x.To = m.to.number
		}
		out.Sent = append(out.Sent, x)
	}
	for key, q := range p.polls {
		out.Polls = append(out.Polls, pollState{key.with.number, key.id, key.fromMe, q.secret, q.options})
	}
	for j := range p.blocks {
		out.Blocks = append(out.Blocks, j)
	}
	if len(p.state) > 0 {
		out.AppState = map[string][][]byte{}
	}
	for name, patches := range p.state {
		for _, b := range patches {
			out.AppState[name] = append(out.AppState[name], b)
		}
	}
	return out
}

func numbers(set map[*Phone]bool) (out []string) {
	for p := range set {
		out = append(out, p.number)
	}
	return out
}

func (d *Companion) snapshot() companionState {
	out := companionState{Device: d.JID.Device, Noise: d.noise[:], Identity: d.identity[:], RegID: d.regID, Signed: d.signed,
		Props: mustMarshal(d.props), PreKeys: append([]publicKey(nil), d.prekeys...), Uploaded: d.uploaded, Greeted: d.greeted}
	for _, n := range d.queue.all() {
		if raw, err := waBinary.Marshal(n); err == nil {
			out.Queue = append(out.Queue, raw)
		}
	}
	return out
}

// restore fills an empty server from a snapshot, or starts a new one when there is none.
func (s *Server) restore(snap snapshot) (*keys.KeyPair, error) {
	root := keys.NewKeyPair()
	if snap.Version != 0 {
		if len(snap.Root) != 32 {
			return nil, fmt.Errorf("the root key has %d bytes, want 32", len(snap.Root))
		}
		root = keys.NewKeyPairFromPrivateKey([32]byte(snap.Root))
	}
	s.rootPrivate, s.epoch = *root.Priv, snap.Epoch+1
	for _, x := range snap.Phones {
		p, err := s.newPhone(x.Number)
		if err == nil {
			err = p.restore(x)
		}
		if err != nil {
			return nil, fmt.Errorf("phone +%s: %w", x.Number, err)
		}
	}
	for i, x := range snap.Phones { // what names other phones
		s.phones[i].restoreRelations(x)
		for _, c := range x.Companions {
			if err := s.phones[i].restoreCompanion(c, snap.Clean); err != nil {
				return nil, fmt.Errorf("linked device %d of +%s: %w", c.Device, x.Number, err)
			}
		}
	}
	if !snap.Clean { // sessions may be older than what the clients have seen: open new ones
		for _, p := range s.phones {
			for _, h := range p.devices {
				for addr := range h.sig.sessions {
					h.sig.stale[addr] = true
				}
			}
		}
	}
	return root, nil
}

func (p *Phone) restore(x phoneState) error {
	p.name, p.owner, p.deliver, p.read, p.address = x.Name, x.Owner, x.Deliver, x.Read, x.Address
	p.hostile = x.Hostile
	p.picture, p.pictures, p.nextDevice, p.ids, p.appKey = x.Picture, x.Pictures, x.NextDevice, x.IDs, x.AppKey
	p.devices = nil
	for i, h := range x.Devices {
		sig, err := h.restore()
		if err != nil {
			return fmt.Errorf("device %d: %w", i, err)
		}
		p.devices = append(p.devices, &handset{device: uint16(i), sig: sig})
	}
	if len(p.devices) == 0 {
		return fmt.Errorf("no devices")
	}
	for _, j := range x.Blocks {
		p.blocks[j] = true
	}
	for name, patches := range x.AppState {
		for _, b := range patches {
			p.state[name] = append(p.state[name], b)
		}
	}
	return nil
}

// restoreRelations fills what names other phones.
func (p *Phone) restoreRelations(x phoneState) {
	s := p.srv
	for _, n := range x.Known {
		if other := s.byNumber(n); other != nil {
			p.known[other] = true
		}
	}
	for _, n := range x.Partners {
		if other := s.byNumber(n); other != nil {
			p.partners[other] = true
		}
	}
	for _, m := range x.Sent {
		body := &waE2E.Message{}
		if proto.Unmarshal(m.Body, body) == nil {
			p.remember(m.ID, &sentMessage{to: s.byNumber(m.To), body: body, peer: m.Peer, group: m.Group, at: m.At})
		}
	}
	for _, q := range x.Polls {
		if other := s.byNumber(q.With); other != nil {
			p.polls[entryKey{other, q.FromMe, q.ID}] = &poll{q.Secret, q.Options}
		}
	}
	p.chat.base, p.chat.entries, p.chat.index = x.Base, x.Entries, map[entryKey]int{}
	for i := range p.chat.entries {
		e := &p.chat.entries[i]
		e.raw = x.Raw[e.N]
		if f, ok := x.Files[e.N]; ok && e.Media != nil {
			e.Media.path, e.Media.key, e.Media.kind = f.Path, f.Key, whatsmeow.MediaType(f.Kind)
		}
		digits, _ := Number(e.With)
		p.chat.index[entryKey{s.byNumber(digits), e.FromMe, e.ID}] = e.N
		s.trim(p)
	}
}

func (p *Phone) restoreCompanion(x companionState, clean bool) error {
	if len(x.Noise) != 32 || len(x.Identity) != 32 {
		return fmt.Errorf("its keys have the wrong length")
	}
	d := &Companion{phone: p, JID: p.pn, LID: p.lid, noise: [32]byte(x.Noise), identity: [32]byte(x.Identity), regID: x.RegID, signed: x.Signed,
		props: &waCompanionReg.DeviceProps{}, prekeys: x.PreKeys, uploaded: x.Uploaded, greeted: x.Greeted, dirtied: true}
	if !clean { // some may be used up already: the client uploads new ones when it hears that there are none
		d.prekeys = nil
	}
	d.JID.Device, d.LID.Device = x.Device, x.Device
	_ = proto.Unmarshal(x.Props, d.props) // only names the device
	for _, raw := range x.Queue {
		n, err := decodeNode(raw)
		if err != nil {
			return fmt.Errorf("queue: %w", err)
		}
		d.queue.put(*n)
	}
	p.companions[x.Device] = d
	return nil
}
