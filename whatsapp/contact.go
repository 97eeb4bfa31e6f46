package whatsapp

import (
	"context"
	"errors"
	"fmt"
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
