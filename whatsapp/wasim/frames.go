package wasim

import (
	"crypto/cipher"
	"errors"
	"fmt"

	"go.mau.fi/whatsmeow/proto/waWa6"
	"go.mau.fi/whatsmeow/socket"
	"go.mau.fi/whatsmeow/util/keys"
	"google.golang.org/protobuf/proto"
)

// maxMessage bounds one web-socket message in bytes. The first prekey upload of a client has about 41,000.
const maxMessage = 1 << 24

// frameReader cuts a stream of web-socket messages into frames: 3 bytes big-endian length, then the body. Several frames
// may share a message and one frame may span several. The stream begins with a header, once.
type frameReader struct {
	read func() ([]byte, error) // the next message
	buf  []byte
}

// need makes at least n bytes available.
func (f *frameReader) need(n int) error {
	for len(f.buf) < n {
		data, err := f.read()
		if err != nil {
			return err
		}
		f.buf = append(f.buf[:len(f.buf):len(f.buf)], data...)
	}
	return nil
}

func (f *frameReader) take(n int) ([]byte, error) {
	if err := f.need(n); err != nil {
		return nil, err
	}
	b := f.buf[:n:n]
	f.buf = f.buf[n:]
	return b, nil
}

// next returns the body of the next frame, which the caller may overwrite.
func (f *frameReader) next() ([]byte, error) {
	if err := f.need(3); err != nil {
		return nil, err
	}
	n := int(bigEndian(f.buf[:3]))
	frame, err := f.take(3 + n)
	if err != nil {
		return nil, err
	}
	return frame[3:], nil
}

// header reads the first bytes of a connection. A client that was given edge routing information sends it before the
// header: "ED" 0 1, 3 bytes of length, the information. It is not part of the Noise prologue.
func (f *frameReader) header() error {
	h, err := f.take(4)
	if err != nil {
		return err
	}
	if string(h) == "ED\x00\x01" {
		if _, err = f.next(); err != nil {
			return err
		}
		if h, err = f.take(4); err != nil {
			return err
		}
	}
	if string(h) != string(socket.WAConnHeader) {
		return fmt.Errorf("the connection begins with %x, not with WhatsApp's header %x", h, socket.WAConnHeader)
	}
	return nil
}

// secured is what a handshake yields.
type secured struct {
	fromClient, toClient cipher.AEAD
	static               [32]byte // the client's long-term Noise key
	payload              *waWa6.ClientPayload
}

// handshake plays the responder of Noise XX: ephemeral in; ephemeral, static and certificates out; static and payload in.
func handshake(certs certificates, next func() ([]byte, error), write func([]byte) error) (*secured, error) {
	var hello, finish waWa6.HandshakeMessage
	if err := nextMessage(next, &hello); err != nil {
		return nil, fmt.Errorf("client hello: %w", err)
	}
	theirs := hello.GetClientHello().GetEphemeral()
	if len(theirs) != 32 {
		return nil, errors.New("client hello without ephemeral key")
	}
	sym, eph := newSymmetric(), keys.NewKeyPair()
	sym.mixHash(theirs)
	sym.mixHash(eph.Pub[:])
	if err := sym.mixKey(eph.Priv[:], theirs); err != nil {
		return nil, err
	}
	static := sym.encrypt(certs.static.Pub[:])
	if err := sym.mixKey(certs.static.Priv[:], theirs); err != nil {
		return nil, err
	}
	err := write(mustMarshal(&waWa6.HandshakeMessage{ServerHello: &waWa6.HandshakeMessage_ServerHello{
		Ephemeral: eph.Pub[:], Static: static, Payload: sym.encrypt(certs.chain)}}))
	if err != nil {
		return nil, err
	}
	if err = nextMessage(next, &finish); err != nil {
		return nil, fmt.Errorf("client finish: %w", err)
	}
	key, err := sym.decrypt(finish.GetClientFinish().GetStatic())
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("client's static key (%d bytes): %w", len(key), err)
	}
	if err = sym.mixKey(eph.Priv[:], key); err != nil {
		return nil, err
	}
	raw, err := sym.decrypt(finish.GetClientFinish().GetPayload())
	if err != nil {
		return nil, fmt.Errorf("client payload: %w", err)
	}
	s := &secured{static: [32]byte(key), payload: &waWa6.ClientPayload{}}
	if err = proto.Unmarshal(raw, s.payload); err != nil {
		return nil, fmt.Errorf("client payload: %w", err)
	}
	both := derive(nil, sym.chain, "", 64)
	s.fromClient, s.toClient = newAEAD(both[:32]), newAEAD(both[32:])
	return s, nil
}

func nextMessage(next func() ([]byte, error), m proto.Message) error {
	frame, err := next()
	if err != nil {
		return err
	}
	return proto.Unmarshal(frame, m)
}
