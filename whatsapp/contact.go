package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
)

// readBatch is how many messages one read receipt names.
const readBatch = 100

// MarkRead shows the customer blue ticks on messages that came at any time up to at. WhatsApp turns them into a mark for
// the account's own devices only if the owner switched read receipts off.
func (l *Line) MarkRead(ctx context.Context, chat Address, ids []string, at time.Time) error {
	return l.short(ctx, "mark as read", func(ctx context.Context, k *link) error {
		for len(ids) > 0 {
			n := min(len(ids), readBatch)
			if err := k.client.MarkRead(ctx, ids[:n], at, chat.jid(), types.EmptyJID); err != nil {
				return err
			}
			ids = ids[n:]
		}
		return nil
	})
}

// Typing shows the customer that somebody writes or records, or (on false) does no longer. WhatsApp lets go of it by itself
// after some seconds, and shows it only while the desk is online (Available).
func (l *Line) Typing(ctx context.Context, chat Address, recording, on bool) error {
	state, medium := types.ChatPresencePaused, types.ChatPresenceMediaText
	if on {
		state = types.ChatPresenceComposing
	}
	if recording {
		medium = types.ChatPresenceMediaAudio
	}
	return l.short(ctx, "show typing", func(ctx context.Context, k *link) error {
		return k.client.SendChatPresence(ctx, chat.jid(), state, medium)
	})
}

// Available says whether the desk is online, for now and after every reconnect; it is not unless this was called. While it
// is, customers' typing comes in (Handler.Activity) and ours is shown, but the owner's phone may stay silent for new messages.
func (l *Line) Available(ctx context.Context, on bool) error {
	l.mu.Lock()
	changed := l.wanted != on
	l.wanted = on
	l.mu.Unlock()
	if !changed {
		return nil
	}
	return l.short(ctx, "tell WhatsApp whether we are online", func(ctx context.Context, k *link) error {
		l.announce(k)
		return nil
	})
}

// Watch asks for a customer's comings and goings (Handler.Activity), until the connection ends and only while the desk is
// Available.
func (l *Line) Watch(ctx context.Context, chat Address) error {
	return l.short(ctx, "watch a customer", func(ctx context.Context, k *link) error {
		return k.client.SubscribePresence(ctx, chat.jid())
	})
}

// Lookup asks who of some numbers (E.164, with or without "+") has WhatsApp. The answer has one Address for each, in the
// same order, with the number as WhatsApp has it; an empty Address: no WhatsApp.
func (l *Line) Lookup(ctx context.Context, phones []string) (found []Address, err error) {
	found = make([]Address, len(phones))
	queries := make([]string, len(phones))
	place := map[string]int{}
	for i, phone := range phones {
		queries[i] = "+" + strings.TrimPrefix(strings.TrimSpace(phone), "+")
		place[queries[i]] = i
	}
	err = l.short(ctx, "look up numbers", func(ctx context.Context, k *link) error {
		answers, err := k.client.IsOnWhatsApp(ctx, queries)
		for _, answer := range answers {
			i, asked := place["+"+strings.TrimPrefix(answer.Query, "+")]
			if asked && answer.IsIn {
				found[i] = addressOf(plain(answer.JID), plain(answer.PhoneNumber))
			}
		}
		return err
	})
	for i, query := range queries { // the same number twice
		found[i] = found[place[query]]
	}
	return found, err
}

// maxPicture bounds a profile picture, in bytes.
const maxPicture = 4 << 20

// Picture fetches a customer's profile picture, a JPEG; nil without an error if there is none, or none for us.
func (l *Line) Picture(ctx context.Context, chat Address) (picture []byte, err error) {
	err = l.short(ctx, "fetch a profile picture", func(ctx context.Context, k *link) error {
		info, err := k.client.GetProfilePictureInfo(ctx, chat.jid(), &whatsmeow.GetProfilePictureParams{Preview: true})
		switch {
		case errors.Is(err, whatsmeow.ErrProfilePictureNotSet), errors.Is(err, whatsmeow.ErrProfilePictureUnauthorized):
			return nil
		case err != nil || info == nil:
			return err
		}
		picture, err = fetch(withLimit(ctx, maxPicture), k.media, info.URL)
		return err
	})
	return picture, err
}

func fetch(ctx context.Context, client *http.Client, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the media server answered %d", resp.StatusCode)
	}
	return io.ReadAll(resp.Body)
}

// short does something with the connected client that takes a question and an answer.
func (l *Line) short(ctx context.Context, what string, do func(context.Context, *link) error) error {
	k, ctx, done, err := l.use(ctx)
	if err != nil {
		return err
	}
	defer done()
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	switch err := do(ctx, k); {
	case err == nil:
		return nil
	case errors.Is(err, whatsmeow.ErrNotConnected), errors.Is(err, whatsmeow.ErrNotLoggedIn):
		return ErrOffline
	default:
		return fmt.Errorf("%s: %w", what, withoutNumbers(err))
	}
}
