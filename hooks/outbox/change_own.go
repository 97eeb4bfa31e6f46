package outbox

import (
	"fmt"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/conversation"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// How long WhatsApp lets a message of ours be changed (its apps offer 15 minutes for an edit, and 60 hours for taking back).
const (
	EditFor   = 15 * time.Minute
	revokeFor = 60 * time.Hour
)

// sendReaction reacts to a message. To the customer the desk is one person, so it has one reaction to each message.
func (s *Outbox) sendReaction(t *store.Tx, c *store.Conversation, v rights.Viewer, n NewMessage) (*store.Message, error) {
	target, err := inConversation(t, c, n.Reaction.ID, v.Sees)
	if err != nil {
		return nil, err
	}
	_, err = t.DB().Delete("reactions", dbx.NewExp("message = {:m} AND kind = 'reaction' AND author != {:contact}",
		dbx.Params{"m": target.ID, "contact": store.ByContact})).Execute()
	if err != nil {
		return nil, fmt.Errorf("drop the old reaction: %w", err)
	}
	if n.Reaction.Emoji != "" {
		_, err = t.DB().Insert("reactions", dbx.Params{"id": store.NewID(t.Now), "message": target.ID, "author": v.ID, "kind": "reaction",
			"emoji": n.Reaction.Emoji, "at": store.Stamp(t.Now)}).Execute()
		if err != nil {
			return nil, fmt.Errorf("add reaction: %w", err)
		}
	}
	if err := s.queueChange(t, c, v, n, whatsapp.Reaction, target, n.Reaction.Emoji, true); err != nil {
		return nil, err
	}
	return target, t.UpdateMessage(target)
}

// sendEdit changes the text of a message of ours. One that has not left yet just leaves with the new text.
func (s *Outbox) sendEdit(t *store.Tx, c *store.Conversation, v rights.Viewer, n NewMessage) (*store.Message, error) {
	target, err := ownMessage(t, c, v, n.Edit.ID, EditFor)
	if err != nil {
		return nil, err
	}
	if target.Kind != string(whatsapp.Text) && target.Media == "" {
		return nil, ErrNoTarget
	}
	whole := *target
	if err := store.Unfold(t.SQL(), &whole); err != nil {
		return nil, err
	}
	if whole.Text == n.Edit.Text {
		return target, nil
	}
	left := !s.NeverLeft(t, target)
	if err := t.Reword(target, n.Edit.Text, false); err != nil {
		return nil, err
	}
	if left {
		target.EditedAt = store.Stamp(t.Now)
	}
	if err := s.queueChange(t, c, v, n, whatsapp.Edit, target, n.Edit.Text, left); err != nil {
		return nil, err
	}
	return target, t.Retell(c, target)
}

// sendRevoke takes a message of ours back. One that has not left yet stays here; one that may have left is not tried again.
func (s *Outbox) sendRevoke(t *store.Tx, c *store.Conversation, v rights.Viewer, n NewMessage) (*store.Message, error) {
	target, err := ownMessage(t, c, v, n.Revoke.ID, revokeFor)
	if err != nil {
		return nil, err
	}
	left := !s.NeverLeft(t, target)
	target.RevokedAt = store.Stamp(t.Now)
	gone := target.Outbox
	if gone {
		target.Outbox, target.State, target.Reason = false, store.StateFailed, FailCancelled
	}
	if err := s.queueChange(t, c, v, n, whatsapp.Revoke, target, "", left); err != nil {
		return nil, err
	}
	if err := t.Retell(c, target); err != nil || !gone {
		return target, err
	}
	return target, conversation.Unanswered(t, c, target)
}

// ownMessage reads a message of ours that may still be changed: one's own; any for supervisors and admins.
func ownMessage(t *store.Tx, c *store.Conversation, v rights.Viewer, id string, within time.Duration) (*store.Message, error) {
	m, err := inConversation(t, c, id, v.MayAnswer)
	switch {
	case err != nil:
		return nil, err
	case m.Direction != store.Outbound || m.Kind == store.KindNote || !m.RevokedAt.IsZero() || m.State == store.StateFailed:
		return nil, ErrNoTarget
	case v.Role == rights.Operator && m.Author != v.ID:
		return nil, api.ErrForbidden
	case !m.Outbox && t.Now.Sub(m.SentAt.Time()) > within:
		return nil, ErrTooLate.With("minutes", int(within.Minutes()))
	}
	return m, nil
}

// queueChange sends a change of a message on its way, behind the message itself. Where it need not leave, it is kept only
// for the same request again to find.
func (s *Outbox) queueChange(t *store.Tx, c *store.Conversation, v rights.Viewer, n NewMessage, kind whatsapp.Kind, target *store.Message, text string, leaves bool) error {
	m := &store.Message{Direction: store.Outbound, Kind: string(kind), Author: v.ID, ClientID: n.ClientID, Text: text, Target: target.WaID}
	switch {
	case leaves:
		m.WaID, m.Outbox = whatsapp.NewID(), true
	case n.ClientID == "":
		return nil
	default:
		m.State, m.Reason = store.StateFailed, FailCancelled
	}
	return s.Conversations.AddMessage(t, c, m)
}
