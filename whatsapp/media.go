package whatsapp

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waMmsRetry"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

// mediaRef is what Media.Ref holds. It includes the key of the file: treat it like the file.
type mediaRef struct {
	Type   whatsmeow.MediaType `json:"type"` // whatsmeow's name for the keys to derive
	Path   string              `json:"path"` // on WhatsApp's media servers
	Key    []byte              `json:"key"`
	Sealed []byte              `json:"sealed"` // SHA-256 of the encrypted file
	Plain  []byte              `json:"plain"`  // SHA-256 of the file
}

const (
	mediaTimeout = 5 * time.Minute // for one file
	maxHistory   = 256 << 20       // bytes of a history sync
	sealing      = 64              // bytes that encryption adds, at most
	maxAsked     = 1000            // files waiting for a fresh upload
)

// Download fetches and decrypts media; ref is a Media.Ref, max the most bytes to take (0: any number). It gives ErrGone,
// ErrTooLarge, ErrDamaged, ErrOffline, or an error that may pass.
func (l *Line) Download(ctx context.Context, ref json.RawMessage, max int64) ([]byte, error) {
	var m mediaRef
	if err := json.Unmarshal(ref, &m); err != nil || m.Path == "" || len(m.Key) == 0 {
		return nil, ErrDamaged
	}
	k, ctx, done, err := l.use(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	if !m.usable() {
		return nil, ErrDamaged
	}
	ctx, cancel := context.WithTimeout(ctx, mediaTimeout)
	defer cancel()
	if max > 0 {
		ctx = withLimit(ctx, max+sealing)
	}
	data, err := k.client.DownloadMediaWithPath(ctx, m.Path, m.Sealed, m.Plain, m.Key, m.Type, "", false)
	if err != nil {
		return nil, downloadError(err)
	}
	if max > 0 && int64(len(data)) > max {
		return nil, ErrTooLarge
	}
	return data, nil
}

// Content is the SHA-256 of a file in hex, as the sender says, by its Media.Ref; empty for none.
func Content(ref json.RawMessage) string {
	var m mediaRef
	if err := json.Unmarshal(ref, &m); err != nil || len(m.Plain) != sha256.Size {
		return ""
	}
	return hex.EncodeToString(m.Plain)
}

// SameUpload tells whether two Media.Ref are of one upload, as when it was forwarded: the keys are the same, so whoever
// sent either could read it.
func SameUpload(a, b json.RawMessage) bool {
	var one, other mediaRef
	if json.Unmarshal(a, &one) != nil || json.Unmarshal(b, &other) != nil || len(one.Key) == 0 || len(one.Sealed) == 0 {
		return false
	}
	return one.Type == other.Type && bytes.Equal(one.Key, other.Key) && bytes.Equal(one.Sealed, other.Sealed) && bytes.Equal(one.Plain, other.Plain)
}

// usable is false for what no file can lie behind, which need not be tried.
func (m mediaRef) usable() bool {
	_, err := url.Parse(m.Path)
	return err == nil && strings.HasPrefix(m.Path, "/") && len(m.Sealed) == hashBytes && len(m.Plain) == hashBytes
}

// own is how the message with the file is told from all others.
func (m MediaRequest) own() of { return of{m.Chat, m.FromMe, m.ID} }

// downloadError gives whatsmeow's error our name.
func downloadError(err error) error {
	is := func(targets ...error) bool {
		for _, target := range targets {
			if errors.Is(err, target) {
				return true
			}
		}
		return false
	}
	switch {
	case is(ErrTooLarge):
		return ErrTooLarge
	case is(whatsmeow.ErrMediaDownloadFailedWith403, whatsmeow.ErrMediaDownloadFailedWith404, whatsmeow.ErrMediaDownloadFailedWith410):
		return ErrGone
	case is(whatsmeow.ErrTooShortFile, whatsmeow.ErrInvalidMediaHMAC, whatsmeow.ErrInvalidMediaEncSHA256,
		whatsmeow.ErrInvalidMediaSHA256, whatsmeow.ErrInvalidUnencryptedMediaSHA256):
		return ErrDamaged
	case is(whatsmeow.ErrNotConnected, whatsmeow.ErrNotLoggedIn):
		return ErrOffline
	}
	return fmt.Errorf("download media: %w", withoutNumbers(err))
}

// RequestAgain asks the sender's phone to upload media that is gone. The answer comes through Handler.Again, soon if the
// phone is online, perhaps never; ask at most once an hour for the same file.
func (l *Line) RequestAgain(ctx context.Context, m MediaRequest) error {
	var ref mediaRef
	if err := json.Unmarshal(m.Ref, &ref); err != nil || len(ref.Key) == 0 {
		return ErrDamaged
	}
	k, ctx, done, err := l.use(ctx)
	if err != nil {
		return err
	}
	defer done()
	l.mu.Lock()
	if len(l.asked) >= maxAsked {
		clear(l.asked)
	}
	l.asked[m.own()] = m
	l.mu.Unlock()
	info := types.MessageInfo{ID: m.ID, MessageSource: types.MessageSource{Chat: m.Chat.jid(), IsFromMe: m.FromMe}}
	if err := k.client.SendMediaRetryReceipt(ctx, &info, ref.Key); err != nil {
		return fmt.Errorf("ask for media of %s again: %w", m.ID, withoutNumbers(err))
	}
	return nil
}

// answered gives the reference with the place of the fresh upload.
func (m MediaRequest) answered(event *events.MediaRetry) (json.RawMessage, error) {
	var ref mediaRef
	if err := json.Unmarshal(m.Ref, &ref); err != nil {
		return nil, fmt.Errorf("read the reference: %w", err)
	}
	answer, err := whatsmeow.DecryptMediaRetryNotification(event, ref.Key)
	if err != nil {
		return nil, err
	}
	if answer.GetResult() != waMmsRetry.MediaRetryNotification_SUCCESS || answer.GetDirectPath() == "" {
		return nil, fmt.Errorf("the phone answered %s", answer.GetResult())
	}
	ref.Path = answer.GetDirectPath()
	return json.Marshal(ref)
}
