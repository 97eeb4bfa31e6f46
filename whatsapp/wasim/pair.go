package wasim

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.mau.fi/whatsmeow/proto/waAdv"
	"go.mau.fi/whatsmeow/proto/waCompanionReg"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

const (
	// pairLimit is how long a client may take to answer that it was scanned.
	pairLimit = 15 * time.Second
	// A client shows its first QR code for 60 s and each of the five others for 20 s. qrSlack is for clocks and cameras.
	firstQR, nextQR, qrSlack = 60 * time.Second, 20 * time.Second, 5 * time.Second
	refCount                 = 6
)

// Prefixes of what the signatures of a linked device cover (ADV, "account device verification").
var (
	accountPrefix = []byte{6, 0}
	devicePrefix  = []byte{6, 1}
)

// registration is a connection that shows QR codes.
type registration struct {
	conn   *conn
	since  time.Time
	refs   []string
	dev    *Companion
	signed *waAdv.ADVSignedDeviceIdentity // once scanned
	iqID   string
	done   chan error // gets one result when the client answered the scan
	code   *codePairing
}

// startPairing sends the references of six QR codes. s.mu is held.
func (s *Server) startPairing(c *conn) {
	d := c.payload.GetDevicePairingData()
	if len(d.GetEIdent()) != 32 || len(d.GetESkeyVal()) != 32 {
		c.sendLast(failure(400))
		return
	}
	r := &registration{conn: c, since: s.now(), done: make(chan error, 1), dev: &Companion{
		noise: c.static, identity: [32]byte(d.GetEIdent()), regID: bigEndian(d.GetERegid()), props: &waCompanionReg.DeviceProps{},
		signed: publicKey{ID: bigEndian(d.GetESkeyID()), Pub: [32]byte(d.GetESkeyVal()), Sig: d.GetESkeySig()},
	}}
	_ = proto.Unmarshal(d.GetDeviceProps(), r.dev.props) // only names the device
	c.reg = r
	var refs []Node
	for range refCount {
		ref := "2@" + base64.StdEncoding.EncodeToString(randomBytes(60))
		r.refs = append(r.refs, ref)
		s.refs[ref] = r
		refs = append(refs, Node{Tag: "ref", Content: []byte(ref)})
	}
	c.send(Node{Tag: "iq", Attrs: Attrs{"from": types.ServerJID, "type": "set", "id": s.nextID(), "xmlns": "md"},
		Content: []Node{{Tag: "pair-device", Content: refs}}})
}

// forgetRegistration ends what a connection's QR codes and phone code stood for. s.mu is held.
func (s *Server) forgetRegistration(r *registration) {
	for _, ref := range r.refs {
		delete(s.refs, ref)
	}
	if r.code != nil && s.codes[r.code.number] == r.code {
		delete(s.codes, r.code.number)
	}
	r.finish(errors.New("the client hung up before it was linked"))
}

// finish gives the one result to who waits for it.
func (r *registration) finish(err error) {
	select {
	case r.done <- err:
	default:
	}
}

// expired tells whether the QR code with this reference is no longer shown.
func (r *registration) expired(ref string, now time.Time) bool {
	for i, x := range r.refs {
		if x == ref {
			return now.After(r.since.Add(firstQR + time.Duration(i)*nextQR + qrSlack))
		}
	}
	return true
}

// ScanQR plays the owner who scans the desk's QR code: it links the client that shows it to this phone's account.
func (p *Phone) ScanQR(qr string) (*Companion, error) {
	_, data, found := strings.Cut(qr, "#") // the newest form is a wa.me address with the data behind "#"
	if !found {
		data = qr
	}
	parts := strings.Split(strings.TrimSpace(data), ",")
	if len(parts) < 4 {
		return nil, errors.New("this is not a WhatsApp QR code: want at least four parts separated by commas")
	}
	secret, err := base64.StdEncoding.DecodeString(parts[3])
	if err != nil || len(secret) != 32 {
		return nil, errors.New("this is not a WhatsApp QR code: its fourth part is not a 32 byte secret")
	}
	s := p.srv
	s.mu.Lock()
	r := s.refs[parts[0]]
	switch {
	case r == nil:
		err = errors.New("this QR code is not known (any more): the client that showed it is gone or was linked")
	case r.expired(parts[0], s.now()):
		err = errors.New("this QR code has expired: scan the one that is shown now")
	case base64.StdEncoding.EncodeToString(r.dev.noise[:]) != parts[1] || base64.StdEncoding.EncodeToString(r.dev.identity[:]) != parts[2]:
		err = errors.New("the keys in this QR code are not those of the client that asked for it")
	case p.takeFault(FaultPasskey) != nil:
		r.demandPasskey()
		err = errors.New("WhatsApp asks for a passkey before it links this client")
	default:
		err = p.link(r, secret)
	}
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return r.wait()
}

// demandPasskey asks the client for a WebAuthn assertion. s.mu is held.
func (r *registration) demandPasskey() {
	challenge := base64.RawURLEncoding.EncodeToString(randomBytes(32))
	options := fmt.Sprintf(`{"challenge":%q,"timeout":600000,"rpId":"whatsapp.com","allowCredentials":[],"userVerification":"required"}`, challenge)
	r.conn.send(r.conn.srv.notification("passkey_prologue_request", types.ServerJID, Node{Tag: "passkey_request_options", Content: []byte(options)}))
}

// wait returns the linked device once the client has answered.
func (r *registration) wait() (*Companion, error) {
	ctx, cancel := context.WithTimeout(r.conn.ctx, pairLimit)
	defer cancel()
	select {
	case err := <-r.done:
		return r.dev, err
	case <-ctx.Done():
	}
	select { // it may have answered and hung up
	case err := <-r.done:
		return r.dev, err
	default:
		return nil, errors.New("the client did not answer to being scanned")
	}
}

// link signs the client's identity with the account's key and tells the client that it was scanned. s.mu is held.
func (p *Phone) link(r *registration, secret []byte) error {
	if r.signed != nil {
		return errors.New("this client was scanned already")
	}
	number, err := p.freeDevice()
	if err != nil {
		return err
	}
	d, key := r.dev, p.devices[0].sig.identity
	d.phone, d.JID, d.LID = p, p.pn, p.lid
	d.JID.Device, d.LID.Device = number, number
	details := mustMarshal(&waAdv.ADVDeviceIdentity{
		RawID: proto.Uint32(uint32(number)), Timestamp: proto.Uint64(uint64(p.srv.unix())), KeyIndex: proto.Uint32(uint32(number)),
		AccountType: waAdv.ADVEncryptionType_E2EE.Enum(), DeviceType: waAdv.ADVEncryptionType_E2EE.Enum()})
	r.signed = &waAdv.ADVSignedDeviceIdentity{Details: details, AccountSignatureKey: key.Pub[:],
		AccountSignature: sign(key, accountPrefix, details, d.identity[:])}
	signed := mustMarshal(r.signed)
	mac := hmac.New(sha256.New, secret)
	mac.Write(signed)
	r.iqID = p.srv.nextID()
	r.conn.send(Node{Tag: "iq", Attrs: Attrs{"from": types.ServerJID, "type": "set", "id": r.iqID, "xmlns": "md", "t": p.srv.unix()},
		Content: []Node{{Tag: "pair-success", Content: []Node{
			{Tag: "device-identity", Content: mustMarshal(&waAdv.ADVSignedDeviceIdentityHMAC{Details: signed, HMAC: mac.Sum(nil)})},
			{Tag: "platform", Attrs: Attrs{"name": "android"}},
			{Tag: "device", Attrs: Attrs{"jid": d.JID, "lid": d.LID}},
		}}}})
	return nil
}

// freeDevice picks a device number that no linked device has. Numbers grow and stay below 256, as one byte on the wire.
func (p *Phone) freeDevice() (uint16, error) {
	for range 240 {
		n := p.nextDevice
		if p.nextDevice++; p.nextDevice > 250 {
			p.nextDevice = 11
		}
		if p.companions[n] == nil {
			return n, nil
		}
	}
	return 0, errors.New("the account has too many linked devices")
}

// onPairReply reads the client's answer to being scanned. s.mu is held.
func (s *Server) onPairReply(c *conn, n *Node) {
	r := c.reg
	if attr(n, "type") != "result" {
		r.finish(fmt.Errorf("the client refused to be linked: %s", n))
		return
	}
	var got waAdv.ADVSignedDeviceIdentity
	err := proto.Unmarshal(content(child(child(n, "pair-device-sign"), "device-identity")), &got)
	if err == nil && got.AccountSignatureKey != nil {
		err = errors.New("the client sent the account's key back")
	}
	if err == nil {
		err = verify(r.dev.identity, got.GetDeviceSignature(), devicePrefix, got.GetDetails(), r.dev.identity[:], r.signed.AccountSignatureKey)
	}
	if err != nil {
		r.finish(fmt.Errorf("the client's device identity: %w", err))
		return
	}
	p := r.dev.phone
	p.companions[r.dev.JID.Device] = r.dev
	p.owner = true
	s.changed()
	for _, ref := range r.refs {
		delete(s.refs, ref)
	}
	p.tellDevices(r.dev)
	c.sendLast(Node{Tag: "stream:error", Attrs: Attrs{"code": "515"}})
	r.finish(nil)
}
