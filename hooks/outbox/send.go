package outbox

import (
	"context"
	"fmt"

	"mostrador/hooks/api"
	"mostrador/hooks/conversation"
	"mostrador/hooks/media"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

// maxBehind is how many newer messages a refusal lists.
const maxBehind = 50

const (
	ClientIDQuery = `SELECT * FROM messages WHERE conversation = {:c} AND clientId = {:id} AND clientId != ''`
	NewerQuery    = `SELECT * FROM messages WHERE conversation = {:c} AND pos > {:after} AND author NOT IN ({:me}, {:but}) ORDER BY pos LIMIT {:limit}`
)

// Send takes what a person wrote: it is queued for WhatsApp when Send returns, or changes another message. The same
// ClientID again answers the first result. Who writes to a conversation that nobody has takes it.
//
// Refused with 409 and the newer messages when somebody else wrote after SeenCursor, or one of ours after BeganCursor: the customer
// gets no second answer because two people began theirs at the same time. Nothing of a refused one is kept, so the same ClientID
// with newer cursors is sent.
func (s *Outbox) Send(ctx context.Context, v rights.Viewer, id string, n NewMessage) (view.Message, error) {
	return s.Views.Do(ctx, v, func(t *store.Tx) (*store.Message, error) {
		c, earlier, err := maySend(t, v, id, &n)
		switch {
		case err != nil || earlier != nil:
			return earlier, err
		case n.Reaction != nil:
			return s.sendReaction(t, c, v, n)
		case n.Edit != nil:
			return s.sendEdit(t, c, v, n)
		case n.Revoke != nil:
			return s.sendRevoke(t, c, v, n)
		}
		return s.sendNew(t, c, v, n)
	})
}

// maySend refuses what a person may not send now. earlier is what the same request wrote before; nil for none.
func maySend(t *store.Tx, v rights.Viewer, id string, n *NewMessage) (c *store.Conversation, earlier *store.Message, err error) {
	if err := n.check(t.Now); err != nil {
		return nil, nil, err
	}
	if c, err = conversation.Mine(t, v, id); err != nil {
		return nil, nil, err
	}
	if earlier, err = byClientID(t, c, v, n.ClientID); err != nil || earlier != nil {
		return nil, earlier, err
	}
	if c.Status == store.StatusClosed && !n.Note {
		return nil, nil, conversation.ErrClosed
	}
	if !n.Note {
		if err := conversation.MayHear(t, c.Contact); err != nil {
			return nil, nil, err
		}
	}
	return c, nil, behind(t, c, v, n)
}

// byClientID finds what an earlier try of the same request wrote; nil for none.
func byClientID(t *store.Tx, c *store.Conversation, v rights.Viewer, clientID string) (*store.Message, error) {
	if clientID == "" {
		return nil, nil
	}
	m := new(store.Message)
	err := t.DB().NewQuery(ClientIDQuery).Bind(dbx.Params{"c": c.ID, "id": clientID}).One(m)
	if store.IsNone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find client id: %w", err)
	}
	if m.Pos == 0 { // it changed another message, and that is what was answered
		return changedBy(t, c, v, m)
	}
	return m, nil
}

// changedBy reads the message that a reaction, an edit or a revoke of ours changed.
func changedBy(t *store.Tx, c *store.Conversation, v rights.Viewer, change *store.Message) (*store.Message, error) {
	m := new(store.Message)
	err := t.DB().Select().From("messages").Where(dbx.NewExp("waId = {:id} AND waId != '' AND line = {:line} AND contact = {:contact} AND pos > 0",
		dbx.Params{"id": change.Target, "line": c.Line, "contact": c.Contact})).Limit(1).One(m)
	if err != nil {
		return nil, fmt.Errorf("find the changed message: %w", err)
	}
	return m, belongsHere(t, m, c, v.Sees)
}

// behind refuses when messages of others came after what the viewer saw, or messages of ours after they began to write.
func behind(t *store.Tx, c *store.Conversation, v rights.Viewer, n *NewMessage) error {
	newer, err := cameAfter(t, c, v, n.SeenCursor, "")
	if err != nil {
		return err
	}
	ours, err := cameAfter(t, c, v, n.BeganCursor, store.ByContact)
	if err != nil || len(newer)+len(ours) == 0 {
		return err
	}
	return ErrBehind.Carrying(map[string]any{"messages": newer, "ours": ours})
}

// cameAfter reads what others, but one of them, wrote after a cursor. Zero: the viewer does not ask.
func cameAfter(t *store.Tx, c *store.Conversation, v rights.Viewer, after int64, but string) ([]view.Message, error) {
	if after == 0 {
		return []view.Message{}, nil
	}
	var newer []store.Message
	err := t.DB().NewQuery(NewerQuery).Bind(dbx.Params{"c": c.ID, "after": after, "me": v.ID, "but": but, "limit": maxBehind}).All(&newer)
	if err != nil {
		return nil, fmt.Errorf("find newer messages: %w", err)
	}
	views := make([]view.Message, 0, len(newer))
	if len(newer) > 0 {
		if views, err = view.Messages(t.DB(), v, newer); err != nil {
			return nil, err
		}
	}
	return views[:view.Fits(views)], nil
}

// sendNew queues a message of its own, or keeps a note.
func (s *Outbox) sendNew(t *store.Tx, c *store.Conversation, v rights.Viewer, n NewMessage) (*store.Message, error) {
	mime, err := media.UploadOf(t, c, v, n.Media)
	if err != nil {
		return nil, err
	}
	if n.Kind == string(whatsapp.Voice) && n.Media != "" && !whatsapp.IsVoice(mime) {
		return nil, ErrNoVoice
	}
	m := &store.Message{Direction: store.Outbound, Author: v.ID, ClientID: n.ClientID, Text: n.Text, Media: n.Media, Kind: n.kind(mime)}
	if n.Place != nil || len(n.Cards) > 0 || n.Poll != nil {
		m.Extra = store.Raw(store.Extra{Place: n.Place, Cards: n.Cards, Poll: n.Poll})
	}
	if n.Quote != "" {
		quoted, err := inConversation(t, c, n.Quote, v.Sees)
		if err != nil {
			return nil, err
		}
		m.Quote = store.Raw(whatsapp.Quote{ID: quoted.WaID, FromMe: quoted.Direction == store.Outbound, Text: store.Preview(quoted.Text)})
	}
	if n.Note {
		m.State = store.StateSent
		return m, s.Conversations.AddMessage(t, c, m)
	}
	m.WaID, m.Outbox, m.DueAt = whatsapp.NewID(), true, store.Stamp(n.SendAt)
	if c.Assignee == "" || c.Status == store.StatusBot { // a person's word silences the flow
		if err := conversation.Claim(t, c, v.ID); err != nil {
			return nil, err
		}
	}
	if err := s.Conversations.AddMessage(t, c, m); err != nil {
		return nil, err
	}
	return m, media.Attach(t, m)
}

// inConversation reads a message that customer and phone know, by our id. It may be of an earlier conversation with the
// same customer, if may (a Viewer's Sees or MayAnswer) allows that one.
func inConversation(t *store.Tx, c *store.Conversation, id string, may func(area, assignee string) bool) (*store.Message, error) {
	m, err := store.Find[store.Message](t.DB(), "messages", id)
	if store.IsNone(err) || err == nil && (m.Contact != c.Contact || m.Line != c.Line || m.WaID == "" || m.Pos == 0) {
		return nil, ErrNoTarget
	}
	if err != nil {
		return nil, err
	}
	return m, belongsHere(t, m, c, may)
}

// belongsHere refuses a message of another conversation that may does not allow, as if there were none.
func belongsHere(t *store.Tx, m *store.Message, c *store.Conversation, may func(area, assignee string) bool) error {
	if m.Conversation == c.ID {
		return nil
	}
	other, err := t.Conversation(m.Conversation)
	if err == nil && !may(other.Area, other.Assignee) {
		return ErrNoTarget
	}
	return err
}

// Retry queues a message again that WhatsApp did not take.
func (s *Outbox) Retry(ctx context.Context, v rights.Viewer, id, message string) (view.Message, error) {
	return s.Views.Do(ctx, v, func(t *store.Tx) (*store.Message, error) {
		c, err := conversation.Mine(t, v, id)
		if err != nil {
			return nil, err
		}
		m, err := store.Find[store.Message](t.DB(), "messages", message)
		if store.IsNone(err) || err == nil && m.Conversation != c.ID {
			return nil, api.ErrNotFound
		}
		switch {
		case err != nil:
			return nil, err
		case m.State != store.StateFailed || !m.RevokedAt.IsZero():
			return nil, ErrNotFailed
		case c.Status == store.StatusClosed:
			return nil, conversation.ErrClosed
		}
		if err := conversation.MayHear(t, c.Contact); err != nil {
			return nil, err
		}
		m.State, m.Reason, m.Outbox, m.DueAt = store.StateQueued, "", true, types.DateTime{}
		m.Attempts = min(m.Attempts, 1) // the phone may have it all the same
		return m, t.UpdateMessage(m)
	})
}
