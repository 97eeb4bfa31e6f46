package wasim

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/util/keys"
	"golang.org/x/crypto/curve25519"
)

// codePairing is a client that waits for the owner to type its eight characters on the phone.
type codePairing struct {
	reg     *registration
	number  string
	ref     []byte
	wrapped []byte // the client's ephemeral key under the code: salt 32, IV 16, key 32
	phone   *Phone // who typed
	theirs  []byte // the client's ephemeral key, unwrapped with the code typed
	ours    *keys.KeyPair
}

// codeRounds is what WhatsApp stretches the code with (PBKDF2-SHA256).
const codeRounds = 2 << 16

// codeWait is how long EnterCode waits for a client that asks to be linked.
const codeWait = 5 * time.Second

// codeCipher is AES-CTR under a key made of the code.
func codeCipher(code string, salt, iv []byte) (cipher.Stream, error) {
	key, err := pbkdf2.Key(sha256.New, code, salt, codeRounds, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewCTR(block, iv), nil
}

// onLinkCode serves both steps of the client. s.mu is held.
func (s *Server) onLinkCode(c *conn, n, step *Node) {
	if c.reg == nil {
		c.replyError(n, 400, "bad-request")
		return
	}
	switch attr(step, "stage") {
	case "companion_hello":
		wrapped := content(child(step, "link_code_pairing_wrapped_companion_ephemeral_pub"))
		if len(wrapped) != 80 || jid(step, "jid").User == "" {
			c.replyError(n, 400, "bad-request")
			return
		}
		p := &codePairing{reg: c.reg, number: jid(step, "jid").User, wrapped: wrapped, ref: []byte(base64.StdEncoding.EncodeToString(randomBytes(20)))}
		c.reg.code, s.codes[p.number] = p, p
		c.reply(n, Node{Tag: "link_code_companion_reg", Attrs: Attrs{"stage": "companion_hello"},
			Content: []Node{{Tag: "link_code_pairing_ref", Content: p.ref}}})
		close(s.codeBump)
		s.codeBump = make(chan struct{})
	case "companion_finish":
		c.reply(n)
		if err := s.finishCode(c.reg, content(child(step, "link_code_pairing_wrapped_key_bundle"))); err != nil {
			c.reg.finish(err)
		}
	default:
		s.notUnderstood("link_code_companion_reg stage=" + attr(step, "stage"))
		c.replyError(n, 501, "feature-not-implemented")
	}
}

// finishCode opens the client's key bundle, which proves that both knew the code. s.mu is held.
func (s *Server) finishCode(r *registration, bundle []byte) error {
	p := r.code
	if p == nil || p.phone == nil || len(bundle) < 44 {
		return errors.New("the client sent its keys before the code was typed, or none at all")
	}
	shared, err := curve25519.X25519(p.ours.Priv[:], p.theirs)
	if err != nil {
		return fmt.Errorf("pairing by code: %w", err)
	}
	key := derive(shared, bundle[:32], "link_code_pairing_key_bundle_encryption_key", 32)
	plain, err := newAEAD(key).Open(nil, bundle[32:44], bundle[44:], nil)
	if err != nil || len(plain) != 96 {
		return errors.New("this is not the code that the client shows")
	}
	identity, random := plain[:32], plain[64:]
	identityShared, err := curve25519.X25519(p.phone.devices[0].sig.identity.Priv[:], identity)
	if err != nil {
		return fmt.Errorf("pairing by code: %w", err)
	}
	return p.phone.link(r, derive(concat(shared, identityShared, random), nil, "adv_secret", 32))
}

// EnterCode plays the owner who types the eight characters that the desk shows ("ABCD-1234"). It waits a few seconds for
// a client that asks to be linked.
func (p *Phone) EnterCode(code string) (*Companion, error) {
	return p.enterCode(context.Background(), code)
}

func (p *Phone) enterCode(ctx context.Context, code string) (*Companion, error) {
	code = strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(code), "-", ""))
	if len(code) != 8 {
		return nil, errors.New("a pairing code has eight characters")
	}
	pairing, err := p.waitForCode(ctx)
	if err != nil {
		return nil, err
	}
	// Stretching the code takes tens of milliseconds: not under the server's lock.
	salt, iv, ours := randomBytes(32), randomBytes(16), keys.NewKeyPair()
	in, err := codeCipher(code, pairing.wrapped[:32], pairing.wrapped[32:48])
	if err != nil {
		return nil, err
	}
	out, err := codeCipher(code, salt, iv)
	if err != nil {
		return nil, err
	}
	theirs, hidden := make([]byte, 32), make([]byte, 32)
	in.XORKeyStream(theirs, pairing.wrapped[48:80])
	out.XORKeyStream(hidden, ours.Pub[:])
	s := p.srv
	s.mu.Lock()
	pairing.phone, pairing.theirs, pairing.ours = p, theirs, ours
	pairing.reg.conn.send(s.notification("link_code_companion_reg", types.ServerJID, Node{Tag: "link_code_companion_reg", Attrs: Attrs{"stage": "primary_hello"}, Content: []Node{
		{Tag: "link_code_pairing_wrapped_primary_ephemeral_pub", Content: concat(salt, iv, hidden)},
		{Tag: "primary_identity_pub", Content: p.devices[0].sig.identity.Pub[:]},
		{Tag: "link_code_pairing_ref", Content: pairing.ref},
	}}))
	s.mu.Unlock()
	return pairing.reg.wait()
}

func (p *Phone) waitForCode(ctx context.Context) (*codePairing, error) {
	ctx, cancel := context.WithTimeout(ctx, codeWait)
	defer cancel()
	for {
		p.srv.mu.Lock()
		pairing, bump := p.srv.codes[p.number], p.srv.codeBump
		p.srv.mu.Unlock()
		if pairing != nil {
			return pairing, nil
		}
		select {
		case <-bump:
		case <-ctx.Done():
			return nil, fmt.Errorf("no client asks to be linked to %s by code", p.Number())
		case <-p.srv.done:
			return nil, errors.New("the server is closed")
		}
	}
}
