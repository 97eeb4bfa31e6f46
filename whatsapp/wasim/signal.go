package wasim

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"go.mau.fi/libsignal/ecc"
	"go.mau.fi/libsignal/keys/identity"
	"go.mau.fi/libsignal/keys/prekey"
	"go.mau.fi/libsignal/protocol"
	"go.mau.fi/libsignal/session"
	"go.mau.fi/libsignal/util/optional"
	"go.mau.fi/whatsmeow/proto/waAdv"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"
)

// handset is one simulated device of an account: the phone (device 0) or one of the customer's own linked devices.
type handset struct {
	device uint16
	sig    *signalStore
}

func newHandset(device uint16) *handset { return &handset{device: device, sig: newSignalStore()} }

// addressOf names a linked device to the Signal sessions of handsets. The name is no part of the encryption.
func addressOf(d *Companion) *protocol.SignalAddress { return d.LID.SignalAddress() }

// pad adds the 1 to 15 bytes that WhatsApp hides message lengths with: n times the byte n.
func pad(b []byte) []byte {
	n := randomBytes(1)[0]&0xf | 1
	return append(b, bytes.Repeat([]byte{n}, int(n))...)
}

func unpad(b []byte) ([]byte, error) {
	if len(b) == 0 || b[len(b)-1] == 0 || int(b[len(b)-1]) > len(b) {
		return nil, errors.New("bad padding")
	}
	return b[:len(b)-int(b[len(b)-1])], nil
}

// encrypt makes the <enc> of a message for one linked device, opening a session from its prekeys if there is none.
// s.mu is held.
func (p *Phone) encrypt(h *handset, d *Companion, m *waE2E.Message) (Node, error) {
	plain, err := proto.Marshal(m)
	if err != nil {
		return Node{}, fmt.Errorf("encode message: %w", err)
	}
	kind, cipher, err := p.seal(h, d, pad(plain))
	if err != nil {
		return Node{}, err
	}
	attrs := Attrs{"v": "2", "type": kind}
	if mt := mediaType(m); mt != "" {
		attrs["mediatype"] = mt
	}
	if hidden(m) {
		attrs["decrypt-fail"] = "hide"
	}
	return Node{Tag: "enc", Attrs: attrs, Content: cipher}, nil
}

// seal encrypts padded bytes. s.mu is held.
func (p *Phone) seal(h *handset, d *Companion, plain []byte) (kind string, cipher []byte, err error) {
	ctx, addr := context.Background(), addressOf(d)
	builder := session.NewBuilderFromSignal(h.sig, addr, serializer)
	if h.sig.sessions[*addr] == nil || h.sig.stale[*addr] {
		var id = optional.NewEmptyUint32()
		var key ecc.ECPublicKeyable
		if k := p.srv.popPreKey(d); k != nil {
			id, key = optional.NewOptionalUint32(k.ID), ecc.NewDjbECPublicKey(k.Pub)
		}
		if len(d.signed.Sig) != 64 {
			return "", nil, fmt.Errorf("linked device %s has no signed prekey", d.JID)
		}
		bundle := prekey.NewBundle(d.regID, uint32(d.JID.Device), id, d.signed.ID, key, ecc.NewDjbECPublicKey(d.signed.Pub),
			[64]byte(d.signed.Sig), identity.NewKey(ecc.NewDjbECPublicKey(d.identity)))
		if err = builder.ProcessBundle(ctx, bundle); err != nil {
			return "", nil, fmt.Errorf("open a session with %s: %w", d.JID, err)
		}
		delete(h.sig.stale, *addr)
	}
	out, err := session.NewCipher(builder, addr).Encrypt(ctx, plain)
	if err != nil {
		return "", nil, fmt.Errorf("encrypt for %s: %w", d.JID, err)
	}
	p.srv.changed()
	kind = "msg"
	if out.Type() == protocol.PREKEY_TYPE {
		kind = "pkmsg"
	}
	return kind, out.Serialize(), nil
}

// open decrypts what a linked device sent to one handset. s.mu is held.
func (p *Phone) open(h *handset, d *Companion, enc *Node) (m *waE2E.Message, err error) {
	defer func() { // libsignal indexes into what a client sent
		if r := recover(); r != nil {
			m, err = nil, fmt.Errorf("decrypt: %v", r)
		}
	}()
	ctx, addr := context.Background(), addressOf(d)
	cipher := session.NewCipher(session.NewBuilderFromSignal(h.sig, addr, serializer), addr)
	raw := bytes.Clone(content(enc))
	var plain []byte
	switch kind := attr(enc, "type"); kind {
	case "pkmsg":
		var pre *protocol.PreKeySignalMessage
		if pre, err = protocol.NewPreKeySignalMessageFromBytes(raw, serializer.PreKeySignalMessage, serializer.SignalMessage); err == nil {
			plain, err = cipher.DecryptMessage(ctx, pre)
		}
	case "msg":
		var msg *protocol.SignalMessage
		if msg, err = protocol.NewSignalMessageFromBytes(raw, serializer.SignalMessage); err == nil {
			plain, err = cipher.Decrypt(ctx, msg)
		}
	default:
		err = fmt.Errorf("unknown kind of encryption %q", kind)
	}
	if err != nil {
		return nil, err
	}
	p.srv.changed()
	if plain, err = unpad(plain); err != nil {
		return nil, err
	}
	m = &waE2E.Message{}
	if err = proto.Unmarshal(plain, m); err != nil {
		return nil, fmt.Errorf("decode message: %w", err)
	}
	return m, nil
}

// verifyIdentity does what a recipient does with the <device-identity> of a first message: the account must have signed
// the device, and the device the account.
func (d *Companion) verifyIdentity(raw []byte) error {
	var id waAdv.ADVSignedDeviceIdentity
	if err := proto.Unmarshal(raw, &id); err != nil {
		return fmt.Errorf("device identity: %w", err)
	}
	account := *d.phone.devices[0].sig.identity.Pub
	if !bytes.Equal(id.GetAccountSignatureKey(), account[:]) {
		return errors.New("device identity: not signed by the account's key")
	}
	if err := verify(account, id.GetAccountSignature(), accountPrefix, id.GetDetails(), d.identity[:]); err != nil {
		return fmt.Errorf("device identity, account: %w", err)
	}
	if err := verify(d.identity, id.GetDeviceSignature(), devicePrefix, id.GetDetails(), d.identity[:], account[:]); err != nil {
		return fmt.Errorf("device identity, device: %w", err)
	}
	return nil
}

// mediaType is what the attribute of that name on <enc> says.
func mediaType(m *waE2E.Message) string {
	switch {
	case m.ImageMessage != nil:
		return "image"
	case m.AudioMessage.GetPTT():
		return "ptt"
	case m.AudioMessage != nil:
		return "audio"
	case m.VideoMessage.GetGifPlayback():
		return "gif"
	case m.VideoMessage != nil:
		return "video"
	case m.DocumentMessage != nil, m.DocumentWithCaptionMessage != nil:
		return "document"
	case m.StickerMessage != nil:
		return "sticker"
	case m.LocationMessage != nil:
		return "location"
	case m.ContactMessage != nil:
		return "vcard"
	case m.ContactsArrayMessage != nil:
		return "contact_array"
	case m.ExtendedTextMessage.GetTitle() != "":
		return "url"
	case m.ListMessage != nil:
		return "list"
	case m.ListResponseMessage != nil:
		return "list_response"
	case m.ButtonsResponseMessage != nil:
		return "buttons_response"
	case m.OrderMessage != nil:
		return "order"
	case m.ProductMessage != nil:
		return "product"
	case m.InteractiveResponseMessage != nil:
		return "native_flow_response"
	}
	return ""
}

// hidden tells whether a device that can't read a message is to say nothing of it: it changes another one.
func hidden(m *waE2E.Message) bool {
	if sent := m.GetDeviceSentMessage().GetMessage(); sent != nil {
		m = sent
	}
	return editKind(m) != "" || stanzaType(m) == "reaction" || m.PollUpdateMessage != nil
}
