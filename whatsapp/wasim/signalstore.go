package wasim

import (
	"context"
	"errors"
	"fmt"

	"go.mau.fi/libsignal/ecc"
	grouprecord "go.mau.fi/libsignal/groups/state/record"
	"go.mau.fi/libsignal/keys/identity"
	"go.mau.fi/libsignal/protocol"
	"go.mau.fi/libsignal/state/record"
	"go.mau.fi/libsignal/state/store"
	wastore "go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/util/keys"
)

var serializer = wastore.SignalProtobufSerializer

// maxPreKeys bounds the one-time keys that a device handed out and nobody used.
const maxPreKeys = 2000

// signalStore holds the Signal keys and sessions of one simulated device. It is guarded by the server's mutex.
type signalStore struct {
	identity  *keys.KeyPair
	regID     uint32
	signed    *keys.PreKey
	prekeys   map[uint32]*keys.PreKey
	lastKey   uint32
	sessions  map[protocol.SignalAddress]*record.Session
	stale     map[protocol.SignalAddress]bool // sessions to replace before the next message: the state went back in time
	senderKey map[string]*grouprecord.SenderKey
}

var _ store.SignalProtocol = (*signalStore)(nil)

// errUnused answers the parts of libsignal's store interface that its session code never calls.
var errUnused = errors.New("not used by a simulated phone")

func newSignalStore() *signalStore {
	id := keys.NewKeyPair()
	return &signalStore{
		identity: id, regID: bigEndian(randomBytes(2))&0x3fff + 1, signed: id.CreateSignedPreKey(1),
		prekeys: map[uint32]*keys.PreKey{}, sessions: map[protocol.SignalAddress]*record.Session{},
		stale: map[protocol.SignalAddress]bool{}, senderKey: map[string]*grouprecord.SenderKey{},
	}
}

// newPreKey makes a one-time key for who wants to write to the device.
func (s *signalStore) newPreKey() publicKey {
	if len(s.prekeys) >= maxPreKeys {
		delete(s.prekeys, s.lastKey-maxPreKeys+1)
	}
	s.lastKey = s.lastKey%0xfffffe + 1
	k := keys.NewPreKey(s.lastKey)
	s.prekeys[s.lastKey] = k
	return publicKey{ID: s.lastKey, Pub: *k.Pub}
}

func (s *signalStore) signedPublic() publicKey {
	return publicKey{ID: s.signed.KeyID, Pub: *s.signed.Pub, Sig: s.signed.Signature[:]}
}

func pairOf(k *keys.KeyPair) *ecc.ECKeyPair {
	return ecc.NewECKeyPair(ecc.NewDjbECPublicKey(*k.Pub), ecc.NewDjbECPrivateKey(*k.Priv))
}

func (s *signalStore) GetIdentityKeyPair() *identity.KeyPair {
	return identity.NewKeyPair(identity.NewKey(ecc.NewDjbECPublicKey(*s.identity.Pub)), ecc.NewDjbECPrivateKey(*s.identity.Priv))
}

func (s *signalStore) GetLocalRegistrationID() uint32 { return s.regID }

// SaveIdentity keeps nothing: the phone learns who a linked device is from its signed device identity.
func (s *signalStore) SaveIdentity(context.Context, *protocol.SignalAddress, *identity.Key) error {
	return nil
}

// IsTrustedIdentity trusts everyone; verifyIdentity checks the account's signature instead.
func (s *signalStore) IsTrustedIdentity(context.Context, *protocol.SignalAddress, *identity.Key) (bool, error) {
	return true, nil
}

func (s *signalStore) LoadPreKey(_ context.Context, id uint32) (*record.PreKey, error) {
	k := s.prekeys[id]
	if k == nil {
		return nil, nil
	}
	return record.NewPreKey(id, pairOf(&k.KeyPair), nil), nil
}

func (s *signalStore) RemovePreKey(_ context.Context, id uint32) error {
	delete(s.prekeys, id)
	return nil
}

func (s *signalStore) LoadSession(_ context.Context, a *protocol.SignalAddress) (*record.Session, error) {
	if r := s.sessions[*a]; r != nil {
		return r, nil
	}
	return record.NewSession(serializer.Session, serializer.State), nil
}

func (s *signalStore) StoreSession(_ context.Context, a *protocol.SignalAddress, r *record.Session) error {
	s.sessions[*a] = r
	return nil
}

func (s *signalStore) ContainsSession(_ context.Context, a *protocol.SignalAddress) (bool, error) {
	return s.sessions[*a] != nil, nil
}

func (s *signalStore) DeleteSession(_ context.Context, a *protocol.SignalAddress) error {
	delete(s.sessions, *a)
	return nil
}

func (s *signalStore) LoadSignedPreKey(_ context.Context, id uint32) (*record.SignedPreKey, error) {
	if id != s.signed.KeyID {
		return nil, fmt.Errorf("no signed prekey %d", id)
	}
	return record.NewSignedPreKey(id, 0, pairOf(&s.signed.KeyPair), *s.signed.Signature, nil), nil
}

func (s *signalStore) StoreSenderKey(_ context.Context, n *protocol.SenderKeyName, k *grouprecord.SenderKey) error {
	s.senderKey[n.GroupID()+" "+n.Sender().String()] = k
	return nil
}

func (s *signalStore) LoadSenderKey(_ context.Context, n *protocol.SenderKeyName) (*grouprecord.SenderKey, error) {
	if k := s.senderKey[n.GroupID()+" "+n.Sender().String()]; k != nil {
		return k, nil
	}
	return grouprecord.NewSenderKey(serializer.SenderKeyRecord, serializer.SenderKeyState), nil
}

func (s *signalStore) StorePreKey(context.Context, uint32, *record.PreKey) error { return errUnused }
func (s *signalStore) ContainsPreKey(context.Context, uint32) (bool, error)      { return false, errUnused }
func (s *signalStore) GetSubDeviceSessions(context.Context, string) ([]uint32, error) {
	return nil, errUnused
}
func (s *signalStore) DeleteAllSessions(context.Context) error { return errUnused }
func (s *signalStore) LoadSignedPreKeys(context.Context) ([]*record.SignedPreKey, error) {
	return nil, errUnused
}
func (s *signalStore) StoreSignedPreKey(context.Context, uint32, *record.SignedPreKey) error {
	return errUnused
}
func (s *signalStore) ContainsSignedPreKey(context.Context, uint32) (bool, error) {
	return false, errUnused
}
func (s *signalStore) RemoveSignedPreKey(context.Context, uint32) error { return errUnused }
