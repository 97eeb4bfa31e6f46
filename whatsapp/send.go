package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
)

// sendTimeout is how long WhatsApp may take to confirm. whatsmeow sends one message after the other, each when the one before
// is confirmed (send.go, messageSendLock), so one that hangs holds up every other customer; its own limit is 75 s.
const sendTimeout = 20 * time.Second

// Send sends a message and returns WhatsApp's time for it once WhatsApp has it. It waits for the line's limit first. The
// same message with the same ID may be sent again after any error that is not permanent: it is one message on the phone.
// Several may be sent at once: looking up an address and uploading a file take nobody else's time.
//
// Errors: ErrOffline (nothing left), ErrUnconfirmed (it may have left), ErrNoAccount, ErrEmpty, *RefusedError,
// ErrNoVoice,
// context.Canceled (ctx or the line ended before it left), or one that may pass.
func (l *Line) Send(ctx context.Context, m Outgoing) (at time.Time, err error) {
	if until, locked := l.locked(); locked && m.First {
		return time.Time{}, &RefusedError{Code: codeTimelock, Until: until}
	}
	k, ctx, done, err := l.use(ctx)
	if err != nil {
		return time.Time{}, err
	}
	defer done()
	if err := l.limiter.wait(ctx, m.First); err != nil {
		return time.Time{}, err
	}
	to, err := l.recipient(ctx, k, m.To)
	if err != nil {
		return time.Time{}, err
	}
	content, err := l.compose(ctx, k, to, m)
	if err != nil {
		return time.Time{}, err
	}
	select { // the time to wait for the others is not this message's
	case k.sending <- struct{}{}:
		defer func() { <-k.sending }()
	case <-ctx.Done():
		return time.Time{}, ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout) // whatsmeow's Timeout does not cover a reconnect in between
	defer cancel()
	sent, err := k.client.SendMessage(ctx, to, content, whatsmeow.SendRequestExtra{ID: m.ID, Timeout: sendTimeout})
	switch {
	case err == nil:
		return sane(sent.Timestamp, l.now()), nil
	case sent.DebugTimings.Retry > 0: // it had left when the connection was lost, whatever became of the second try
		return time.Time{}, ErrUnconfirmed
	}
	return time.Time{}, l.sendError(m.ID, err)
}

// recipient finds the address to send to: WhatsApp wants the LID. A number whose LID is not known is asked for.
func (l *Line) recipient(ctx context.Context, k *link, to Address) (types.JID, error) {
	pn, lid := to.jids()
	if pn.IsEmpty() && lid.IsEmpty() {
		return types.EmptyJID, ErrNoAccount
	}
	if !lid.IsEmpty() {
		if known, err := k.device.LIDs.GetPNForLID(ctx, lid); err == nil && known.IsEmpty() {
			k.client.StoreLIDPNMapping(ctx, lid, pn) // does nothing with an empty number
		}
		return lid, nil
	}
	lid, err := k.device.LIDs.GetLIDForPN(ctx, pn)
	if err != nil {
		return types.EmptyJID, fmt.Errorf("look up a LID: %w", withoutNumbers(err))
	}
	if !lid.IsEmpty() {
		return lid, nil
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	info, err := k.client.GetUserInfo(ctx, []types.JID{pn})
	if err != nil {
		return types.EmptyJID, l.sendError("", err)
	}
	if lid = info[pn].LID; lid.IsEmpty() {
		return types.EmptyJID, ErrNoAccount
	}
	if l.cfg.Handler.Identity != nil {
		l.tell("identity", func() { l.cfg.Handler.Identity(addressOf(pn, plain(lid))) })
	}
	return lid, nil
}

// codeTimelock is WhatsApp's answer to a message that a time-lock forbids.
const codeTimelock = 463

// sendError gives whatsmeow's error our name, and takes note of a time-lock.
func (l *Line) sendError(id string, err error) error {
	var cut *whatsmeow.DisconnectedError
	switch {
	case errors.Is(err, whatsmeow.ErrNotConnected), errors.Is(err, whatsmeow.ErrNotLoggedIn):
		return ErrOffline
	case errors.Is(err, whatsmeow.ErrMessageTimedOut), errors.Is(err, whatsmeow.ErrIQTimedOut), errors.As(err, &cut),
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return ErrUnconfirmed
	case errors.Is(err, whatsmeow.ErrServerReturnedError):
		return l.refused(err)
	}
	return fmt.Errorf("send message %s: %w", id, withoutNumbers(err))
}

// refused reads the code out of whatsmeow's text, which is the only place where it stands (send.go, "%w %d").
func (l *Line) refused(err error) error {
	text := err.Error()
	code, _ := strconv.Atoi(text[strings.LastIndexByte(text, ' ')+1:])
	refusal := &RefusedError{Code: code}
	switch {
	case code == codeTimelock:
		l.restrict(time.Time{})
		refusal.Until, _ = l.locked()
	case code >= 400 && code < 500 && code != 408 && code != 429:
		refusal.Permanent = true
	}
	return refusal
}

// compose makes the protobuf of a message, and uploads its file.
func (l *Line) compose(ctx context.Context, k *link, to types.JID, m Outgoing) (*waE2E.Message, error) {
	chat := m.To.with(addressOf(to))
	stays, err := l.cfg.Store.timer(ctx, k.own().pn.String(), chat)
	if err != nil {
		return nil, err
	}
	w := writer{self: k.own(), to: to, timer: stays}
	switch m.Kind {
	case Image, Video, Audio, Voice, Document, Sticker:
		if m.File == nil || len(m.File.Data) == 0 {
			return nil, ErrEmpty
		}
		switch {
		case m.Kind == Voice && !IsVoice(m.File.MIME):
			return nil, ErrNoVoice
		case m.Kind == Audio && !IsAudible(m.File.MIME):
			m.Kind = Document
		}
		uploading, cancel := context.WithTimeout(ctx, mediaTimeout)
		defer cancel()
		up, err := k.client.Upload(uploading, m.File.Data, uploadType[m.Kind])
		if err != nil {
			return nil, l.uploadError(m.ID, err)
		}
		return w.media(m, up), nil
	case Poll:
		if m.Poll == nil || len(m.Poll.Options) == 0 {
			return nil, ErrEmpty
		}
		l.keepPoll(ctx, k, of{chat, true, m.ID}, m.Poll)
		poll := k.client.BuildPollCreation(m.Poll.Question, m.Poll.Options, m.Poll.Max)
		poll.PollCreationMessage.ContextInfo = w.context(nil)
		return poll, nil
	case Reaction:
		return k.client.BuildReaction(to, w.author(m.FromMe), m.Target, m.Text), nil
	case Edit:
		return k.client.BuildEdit(to, m.Target, w.text(m.Text, nil)), nil
	case Revoke:
		return k.client.BuildRevoke(to, types.EmptyJID, m.Target), nil
	}
	return w.simple(m)
}

// uploadError: a file that could not be uploaded was not sent.
func (l *Line) uploadError(id string, err error) error {
	if errors.Is(err, whatsmeow.ErrNotConnected) || errors.Is(err, whatsmeow.ErrNotLoggedIn) {
		return ErrOffline
	}
	return fmt.Errorf("upload the file of message %s: %w", id, withoutNumbers(err))
}
