package wasim

import (
	"context"
	"errors"
	"fmt"

	"go.mau.fi/libsignal/groups"
	"go.mau.fi/libsignal/protocol"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

// Groups exist as far as it takes to prove that a desk leaves them alone: a phone can write in any group, status broadcast
// or newsletter that the other side's linked devices see; nobody keeps members.

// sayIn writes somewhere else than in the chat of two. The text is encrypted with sender keys, as in real groups.
// s.mu is held.
func (p *Phone) sayIn(to *Phone, where types.JID, m *waE2E.Message) (string, error) {
	id := p.newID()
	sent := &sentMessage{body: m, group: where}
	p.remember(id, sent)
	for _, d := range to.linked() {
		n, err := p.stanza(d, id, sent)
		if err != nil {
			return "", err
		}
		to.dispatch(d, n)
	}
	return id, nil
}

// parsePlace reads where a message is written: a group, the status broadcast or a newsletter.
func parsePlace(text string) (types.JID, error) {
	j, err := types.ParseJID(text)
	if err == nil && j.User != "" {
		switch j.Server {
		case types.GroupServer, types.BroadcastServer, types.NewsletterServer:
			return j, nil
		}
	}
	return j, fmt.Errorf("%q is no group, broadcast or newsletter: want something like 120363000000000000@g.us, status@broadcast or 120363000000000000@newsletter", text)
}

// groupStanza encrypts a message for one linked device that sees the group. The sender key is handed out with every
// message: a device that has it already takes it as the same. s.mu is held.
func (p *Phone) groupStanza(d *Companion, id string, m *sentMessage) (Node, error) {
	attrs := Attrs{"id": id, "t": p.srv.unix(), "type": stanzaType(m.body), "notify": p.name, "from": m.group}
	raw, err := proto.Marshal(m.body)
	if err != nil {
		return Node{}, fmt.Errorf("encode message: %w", err)
	}
	if m.group.Server == types.NewsletterServer { // not encrypted
		attrs["server_id"] = "101"
		return Node{Tag: "message", Attrs: attrs, Content: []Node{{Tag: "plaintext", Content: raw}}}, nil
	}
	h, author := p.devices[0], p.from(nil)
	attrs["participant"] = author
	if author.Server == types.HiddenUserServer {
		attrs["addressing_mode"] = "lid"
		if p.address == LID {
			attrs["participant_pn"] = p.pn
		}
	}
	ctx, name := context.Background(), protocol.NewSenderKeyName(m.group.String(), author.SignalAddress())
	builder := groups.NewGroupSessionBuilder(h.sig, serializer)
	key, err := builder.Create(ctx, name)
	if err != nil {
		return Node{}, fmt.Errorf("sender key: %w", err)
	}
	hand, err := p.encrypt(h, d, &waE2E.Message{SenderKeyDistributionMessage: &waE2E.SenderKeyDistributionMessage{
		GroupID: proto.String(m.group.String()), AxolotlSenderKeyDistributionMessage: key.Serialize()}})
	if err != nil {
		return Node{}, err
	}
	out, err := groups.NewGroupCipher(builder, name, h.sig).Encrypt(ctx, pad(raw))
	if err != nil {
		return Node{}, fmt.Errorf("encrypt for the group: %w", err)
	}
	return Node{Tag: "message", Attrs: attrs, Content: []Node{hand, {Tag: "enc", Attrs: Attrs{"v": "2", "type": "skmsg"}, Content: out.SignedSerialize()}}}, nil
}

// SetDevices changes how many devices the account has, the phone included, and tells the lines that it has chats with.
func (p *Phone) SetDevices(n int) error {
	if n < 1 || n > 5 {
		return errors.New("an account has 1 to 5 devices")
	}
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	for len(p.devices) != n {
		verb, number := "add", uint16(len(p.devices))
		if len(p.devices) < n {
			p.devices = append(p.devices, newHandset(number))
		} else {
			verb, number = "remove", number-1
			p.devices = p.devices[:number]
		}
		pn, lid := p.pn, p.lid
		pn.Device, lid.Device = number, number
		part := Node{Tag: verb, Attrs: Attrs{"device_hash": p.deviceHash(p.pn), "device_lid_hash": p.deviceHash(p.lid)},
			Content: []Node{{Tag: "device", Attrs: Attrs{"jid": pn, "lid": lid, "key-index": int(number)}}}}
		for _, line := range p.lines() {
			for _, d := range line.linked() {
				d.deliver(with(p.srv.notification("devices", p.pn, part), "lid", p.lid))
			}
		}
	}
	p.srv.changed()
	return nil
}
