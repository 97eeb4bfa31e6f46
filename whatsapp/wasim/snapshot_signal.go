package wasim

import (
	"fmt"
	"strconv"
	"strings"

	"go.mau.fi/libsignal/protocol"
	"go.mau.fi/libsignal/state/record"
	"go.mau.fi/whatsmeow/util/keys"
)

// handsetState is one simulated device. Sender keys are not kept: a new group message hands out new ones.
type handsetState struct {
	Identity []byte
	RegID    uint32
	SignedID uint32
	Signed   []byte
	Sig      []byte
	LastKey  uint32
	PreKeys  map[uint32][]byte `json:",omitempty"`
	Sessions map[string][]byte `json:",omitempty"`
	Stale    []string          `json:",omitempty"`
}

func (s *signalStore) snapshot() handsetState {
	out := handsetState{Identity: s.identity.Priv[:], RegID: s.regID, SignedID: s.signed.KeyID, Signed: s.signed.Priv[:], Sig: s.signed.Signature[:],
		LastKey: s.lastKey, PreKeys: map[uint32][]byte{}, Sessions: map[string][]byte{}}
	for id, k := range s.prekeys {
		out.PreKeys[id] = k.Priv[:]
	}
	for addr, session := range s.sessions {
		out.Sessions[addr.String()] = session.Serialize()
	}
	for addr := range s.stale {
		out.Stale = append(out.Stale, addr.String())
	}
	return out
}

func (x handsetState) restore() (*signalStore, error) {
	if len(x.Identity) != 32 || len(x.Signed) != 32 || len(x.Sig) != 64 {
		return nil, fmt.Errorf("its keys have the wrong length")
	}
	s := newSignalStore()
	sig := [64]byte(x.Sig)
	s.identity, s.regID, s.lastKey = keys.NewKeyPairFromPrivateKey([32]byte(x.Identity)), x.RegID, x.LastKey
	s.signed = &keys.PreKey{KeyPair: *keys.NewKeyPairFromPrivateKey([32]byte(x.Signed)), KeyID: x.SignedID, Signature: &sig}
	for id, private := range x.PreKeys {
		if len(private) == 32 {
			s.prekeys[id] = &keys.PreKey{KeyPair: *keys.NewKeyPairFromPrivateKey([32]byte(private)), KeyID: id}
		}
	}
	for name, raw := range x.Sessions {
		addr, err := parseAddress(name)
		if err != nil {
			return nil, err
		}
		session, err := record.NewSessionFromBytes(raw, serializer.Session, serializer.State)
		if err != nil {
			return nil, fmt.Errorf("session with %s: %w", name, err)
		}
		s.sessions[addr] = session
	}
	for _, name := range x.Stale {
		if addr, err := parseAddress(name); err == nil {
			s.stale[addr] = true
		}
	}
	return s, nil
}

// parseAddress reads "name:device" back.
func parseAddress(text string) (protocol.SignalAddress, error) {
	i := strings.LastIndexByte(text, ':')
	if i < 0 {
		return protocol.SignalAddress{}, fmt.Errorf("session address %q", text)
	}
	n, err := strconv.ParseUint(text[i+1:], 10, 32)
	if err != nil {
		return protocol.SignalAddress{}, fmt.Errorf("session address %q: %w", text, err)
	}
	return *protocol.NewSignalAddress(text[:i], uint32(n)), nil
}
