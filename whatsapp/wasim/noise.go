package wasim

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"sync"

	"go.mau.fi/libsignal/ecc"
	"go.mau.fi/whatsmeow/proto/waCert"
	"go.mau.fi/whatsmeow/socket"
	"go.mau.fi/whatsmeow/util/keys"
	"golang.org/x/crypto/curve25519"
	"google.golang.org/protobuf/proto"
)

// symmetric is the responder half of Noise_XX_25519_AESGCM_SHA256 as WhatsApp uses it
// (https://noiseprotocol.org/noise.html, section 5.2; the start pattern is used unhashed).
type symmetric struct {
	hash, chain []byte
	aead        cipher.AEAD
	counter     uint32
}

func newAEAD(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // a key of ours with the wrong length
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return gcm
}

// nonce is the 12 byte IV of a frame: 8 zero bytes and the counter, big-endian.
func nonce(n uint32) []byte {
	b := make([]byte, 12)
	binary.BigEndian.PutUint32(b[8:], n)
	return b
}

// derive expands key material to n bytes by HKDF-SHA256.
func derive(secret, salt []byte, info string, n int) []byte {
	b, err := hkdf.Key(sha256.New, secret, salt, info, n)
	if err != nil {
		panic(err) // n is a small constant
	}
	return b
}

func newSymmetric() *symmetric {
	p := []byte(socket.NoiseStartPattern)
	s := &symmetric{hash: p, chain: p, aead: newAEAD(p)}
	s.mixHash(socket.WAConnHeader)
	return s
}

func (s *symmetric) mixHash(d []byte) {
	h := sha256.New()
	h.Write(s.hash)
	h.Write(d)
	s.hash = h.Sum(nil)
}

func (s *symmetric) mixKey(private, public []byte) error {
	shared, err := curve25519.X25519(private, public)
	if err != nil {
		return err
	}
	both := derive(shared, s.chain, "", 64)
	s.chain, s.aead, s.counter = both[:32], newAEAD(both[32:]), 0
	return nil
}

func (s *symmetric) encrypt(plain []byte) []byte {
	sealed := s.aead.Seal(nil, nonce(s.counter), plain, s.hash)
	s.counter++
	s.mixHash(sealed)
	return sealed
}

func (s *symmetric) decrypt(sealed []byte) ([]byte, error) {
	plain, err := s.aead.Open(nil, nonce(s.counter), sealed, s.hash)
	s.counter++
	if err == nil {
		s.mixHash(sealed)
	}
	return plain, err
}

// certificates is the server's static key with the chain that proves it: root → intermediate → static.
type certificates struct {
	static *keys.KeyPair
	chain  []byte
}

// sharedRoot is the root key pair of all servers of this process that have no StateDir: clients pin it process-globally.
var sharedRoot = sync.OnceValue(keys.NewKeyPair)

func newCertificates(root *keys.KeyPair) certificates {
	intermediate, static := keys.NewKeyPair(), keys.NewKeyPair()
	// Valid in any clock, virtual ones included: 1970 to 2100.
	from, to := proto.Uint64(1), proto.Uint64(4102444800)
	inter := mustMarshal(&waCert.CertChain_NoiseCertificate_Details{
		Serial: proto.Uint32(1), IssuerSerial: proto.Uint32(0), Key: intermediate.Pub[:], NotBefore: from, NotAfter: to})
	leaf := mustMarshal(&waCert.CertChain_NoiseCertificate_Details{
		Serial: proto.Uint32(2), IssuerSerial: proto.Uint32(1), Key: static.Pub[:], NotBefore: from, NotAfter: to})
	chain := mustMarshal(&waCert.CertChain{
		Intermediate: &waCert.CertChain_NoiseCertificate{Details: inter, Signature: sign(root, inter)},
		Leaf:         &waCert.CertChain_NoiseCertificate{Details: leaf, Signature: sign(intermediate, leaf)},
	})
	return certificates{static: static, chain: chain}
}

func sign(k *keys.KeyPair, parts ...[]byte) []byte {
	sig := ecc.CalculateSignature(ecc.NewDjbECPrivateKey(*k.Priv), concat(parts...))
	return sig[:]
}

func verify(public [32]byte, sig []byte, parts ...[]byte) error {
	if len(sig) != 64 {
		return fmt.Errorf("signature has %d bytes, want 64", len(sig))
	}
	if !ecc.VerifySignature(ecc.NewDjbECPublicKey(public), concat(parts...), [64]byte(sig)) {
		return fmt.Errorf("signature does not match")
	}
	return nil
}

func concat(parts ...[]byte) []byte {
	var out []byte
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// mustMarshal encodes a message of ours; these always have valid UTF-8 and no missing required fields.
func mustMarshal(m proto.Message) []byte {
	b, err := proto.Marshal(m)
	if err != nil {
		panic(err)
	}
	return b
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return b
}
