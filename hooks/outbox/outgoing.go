package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mostrador/hooks/media"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// Why a message failed for good, as codes for the sentence.
const (
	FailNoAccount   = "no_account"   // the number has no WhatsApp
	FailEmpty       = "empty"        // there is nothing in it to send
	FailFile        = "file"         // its file is not there or not usable
	failRefused     = "refused"      // WhatsApp does not take it; the code follows after "_"
	FailGaveUp      = "gave_up"      // tried for hours
	FailBlocked     = "blocked"      // the contact was blocked before it left
	FailOtherNumber = "other_number" // the line was linked with another number before it left
	FailCancelled   = "cancelled"    // taken back before WhatsApp said that it has it
	WaitTimelock    = "timelock"     // not failed: WhatsApp lets no new chats begin for a while
)

// Result is what became of one send.
type Result struct {
	Sent      bool
	At        time.Time // WhatsApp's time for it
	Counts    bool      // as an attempt
	Permanent bool
	Reason    string
	wait      time.Duration // at least, before the next attempt
}

// judge turns a send's answer into what is to be done about it.
func (o *LineOutbox) judge(at time.Time, err error) Result {
	var refused *whatsapp.RefusedError
	switch {
	case err == nil:
		return Result{Sent: true, At: at}
	case errors.Is(err, whatsapp.ErrOffline), errors.Is(err, context.Canceled): // nothing left
		return Result{}
	case errors.Is(err, whatsapp.ErrNoAccount), errors.Is(err, whatsapp.ErrBadNumber):
		return Result{Permanent: true, Reason: FailNoAccount}
	case errors.Is(err, whatsapp.ErrNoVoice):
		return Result{Permanent: true, Reason: FailFile}
	case errors.Is(err, whatsapp.ErrEmpty):
		return Result{Permanent: true, Reason: FailEmpty}
	case errors.As(err, &refused) && refused.Permanent:
		return Result{Permanent: true, Reason: fmt.Sprintf("%s_%d", failRefused, refused.Code)}
	case errors.As(err, &refused) && refused.Code == 463:
		wait := LockedFor
		if until := refused.Until.Sub(o.Outbox.Store.Now()); until > 0 {
			wait = until
		}
		return Result{Reason: WaitTimelock, wait: wait}
	}
	o.Outbox.Store.App.Logger().Warn("a message waits for its next attempt", "line", o.Line, "error", err)
	return Result{Counts: true}
}

// outgoing is a queued message as the line takes it. fault tells why it can never be sent.
type outgoing struct {
	whatsapp.Outgoing
	Fault string
}

// Outgoing puts a message together; nil when it is not to be sent any more.
func (s *Outbox) Outgoing(ctx context.Context, id string) (*outgoing, error) {
	db := store.Execer(s.Store.App.ConcurrentDB())
	m, err := store.One[store.Message](db, "SELECT * FROM messages WHERE id = ?", id)
	if store.IsNone(err) || err == nil && !m.Outbox {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := store.Unfold(db, m); err != nil {
		return nil, err
	}
	to, err := store.One[store.ContactRow](db, "SELECT * FROM contacts WHERE id = ?", m.Contact)
	if err != nil {
		return nil, fmt.Errorf("read contact %s: %w", m.Contact, err)
	}
	out := &outgoing{Outgoing: whatsapp.Outgoing{ID: m.WaID, To: whatsapp.Address{Phone: to.Phone, LID: to.LID}, Kind: whatsapp.Kind(m.Kind),
		Text: m.Text, Target: m.Target}}
	var x store.Extra
	store.Decode(m.Extra, &x)
	out.Place, out.Cards, out.Poll = x.Place, x.Cards, x.Poll
	if len(m.Quote) > 0 {
		q := new(whatsapp.Quote)
		if store.Decode(m.Quote, q); q.ID != "" {
			out.Quote = q
		}
	}
	if m.Target != "" {
		out.FromMe, err = s.ownTarget(ctx, m)
		if err != nil {
			return nil, err
		}
	}
	if to.Blocked { // since it was queued
		out.Fault = FailBlocked
		return out, nil
	}
	if m.Media != "" {
		if out.File, err = s.Files.OutgoingFile(ctx, m.Media); errors.Is(err, media.ErrNoFile) {
			out.Fault, err = FailFile, nil
		} else if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ownTarget reports whether the message that m changes was written on our side.
func (s *Outbox) ownTarget(ctx context.Context, m *store.Message) (own bool, err error) {
	err = s.Store.App.ConcurrentDB().NewQuery(`SELECT EXISTS (SELECT 1 FROM messages WHERE waId = {:id} AND waId != '' AND line = {:line}
		AND contact = {:contact} AND direction = 'out')`).
		Bind(dbx.Params{"id": m.Target, "line": m.Line, "contact": m.Contact}).WithContext(ctx).Row(&own)
	if err != nil {
		return false, fmt.Errorf("look for the message to change: %w", err)
	}
	return own, nil
}

// firstContact reports whether this would be the first message ever between a line and this customer.
func (s *Outbox) firstContact(line, contact string) (isFirst bool, err error) {
	err = store.First(store.Execer(s.Store.App.ConcurrentDB()), &isFirst, `SELECT NOT EXISTS (SELECT 1 FROM conversations c JOIN messages m ON m.conversation = c.id
		WHERE c.contact = ? AND c.line = ? AND m.kind != 'note' AND m.outbox = FALSE AND m.state != 'failed')`, contact, line)
	if err != nil {
		return false, fmt.Errorf("look for earlier messages: %w", err)
	}
	return isFirst, nil
}
