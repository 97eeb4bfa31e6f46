package hooks

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"time"

	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// Why a message failed for good, as codes for the sentence.
const (
	failNoAccount   = "no_account"   // the number has no WhatsApp
	failEmpty       = "empty"        // there is nothing in it to send
	failFile        = "file"         // its file is not there or not usable
	failRefused     = "refused"      // WhatsApp does not take it; the code follows after "_"
	failGaveUp      = "gave_up"      // tried for hours
	failBlocked     = "blocked"      // the contact was blocked before it left
	failOtherNumber = "other_number" // the line was linked with another number before it left
	failCancelled   = "cancelled"    // taken back before WhatsApp said that it has it
	waitTimelock    = "timelock"     // not failed: WhatsApp lets no new chats begin for a while
)

// result is what became of one send.
type result struct {
	sent      bool
	at        time.Time // WhatsApp's time for it
	counts    bool      // as an attempt
	permanent bool
	reason    string
	wait      time.Duration // at least, before the next attempt
}

// judge turns a send's answer into what is to be done about it.
func (o *outbox) judge(at time.Time, err error) result {
	var refused *whatsapp.RefusedError
	switch {
	case err == nil:
		return result{sent: true, at: at}
	case errors.Is(err, whatsapp.ErrOffline), errors.Is(err, context.Canceled): // nothing left
		return result{}
	case errors.Is(err, whatsapp.ErrNoAccount), errors.Is(err, whatsapp.ErrBadNumber):
		return result{permanent: true, reason: failNoAccount}
	case errors.Is(err, whatsapp.ErrEmpty):
		return result{permanent: true, reason: failEmpty}
	case errors.As(err, &refused) && refused.Permanent:
		return result{permanent: true, reason: fmt.Sprintf("%s_%d", failRefused, refused.Code)}
	case errors.As(err, &refused) && refused.Code == 463:
		wait := lockedFor
		if until := refused.Until.Sub(o.desk.Store.Now()); until > 0 {
			wait = until
		}
		return result{reason: waitTimelock, wait: wait}
	}
	o.desk.Store.App.Logger().Warn("a message waits for its next attempt", "line", o.line, "error", err)
	return result{counts: true}
}

// outgoing is a queued message as the line takes it. fault tells why it can never be sent.
type outgoing struct {
	whatsapp.Outgoing
	fault string
}

// outgoing puts a message together; nil when it is not to be sent any more.
func (d *Desk) outgoing(ctx context.Context, id string) (*outgoing, error) {
	db := store.Execer(d.Store.App.ConcurrentDB())
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
		out.FromMe, err = d.ownTarget(ctx, m)
		if err != nil {
			return nil, err
		}
	}
	if to.Blocked { // since it was queued
		out.fault = failBlocked
		return out, nil
	}
	if m.Media != "" {
		if out.File, err = d.outgoingFile(ctx, m.Media); errors.Is(err, errNoFile) {
			out.fault, err = failFile, nil
		} else if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ownTarget reports whether the message that m changes was written on our side.
func (d *Desk) ownTarget(ctx context.Context, m *store.Message) (own bool, err error) {
	err = d.Store.App.ConcurrentDB().NewQuery(`SELECT EXISTS (SELECT 1 FROM messages WHERE waId = {:id} AND waId != '' AND line = {:line}
		AND contact = {:contact} AND direction = 'out')`).
		Bind(dbx.Params{"id": m.Target, "line": m.Line, "contact": m.Contact}).WithContext(ctx).Row(&own)
	if err != nil {
		return false, fmt.Errorf("look for the message to change: %w", err)
	}
	return own, nil
}

// firstContact reports whether this would be the first message ever between a line and this customer.
func (d *Desk) firstContact(line, contact string) (isFirst bool, err error) {
	err = store.First(store.Execer(d.Store.App.ConcurrentDB()), &isFirst, `SELECT NOT EXISTS (SELECT 1 FROM conversations c JOIN messages m ON m.conversation = c.id
		WHERE c.contact = ? AND c.line = ? AND m.kind != 'note' AND m.outbox = FALSE AND m.state != 'failed')`, contact, line)
	if err != nil {
		return false, fmt.Errorf("look for earlier messages: %w", err)
	}
	return isFirst, nil
}

// errNoFile means that there is no file to send, now or later.
var errNoFile = errors.New("there is no such file")

// outgoingFile reads a stored file for sending.
func (d *Desk) outgoingFile(ctx context.Context, id string) (*whatsapp.File, error) {
	row := new(mediaFile)
	err := d.Store.App.ConcurrentDB().NewQuery(`SELECT id, mime, name, seconds, width, height, wave, thumb, file, hash FROM media WHERE id = {:id} AND file != ''`).
		Bind(dbx.Params{"id": id}).WithContext(ctx).One(row)
	if store.IsNone(err) {
		return nil, errNoFile
	}
	if err != nil {
		return nil, fmt.Errorf("read media %s: %w", id, err)
	}
	data, err := d.readFile(row)
	if err != nil {
		return nil, err
	}
	f := &whatsapp.File{Data: data, MIME: row.MIME, Name: row.Name, Seconds: row.Seconds, Width: row.Width, Height: row.Height}
	f.Wave, _ = base64.StdEncoding.DecodeString(row.Wave) // we wrote it; a broken one only looks plain
	f.Thumb, _ = base64.StdEncoding.DecodeString(row.Thumb)
	return f, nil
}

// mediaFile is a row of media with what it takes to send or to fetch it.
type mediaFile struct {
	ID      string `db:"id"`
	MIME    string `db:"mime"`
	Name    string `db:"name"`
	Seconds int    `db:"seconds"`
	Width   int    `db:"width"`
	Height  int    `db:"height"`
	Wave    string `db:"wave"`
	Thumb   string `db:"thumb"`
	File    string `db:"file"`
	Hash    string `db:"hash"`
}

// readFile reads a stored file of a media row.
func (d *Desk) readFile(row *mediaFile) ([]byte, error) {
	fsys, err := d.Store.App.NewFilesystem()
	if err != nil {
		return nil, fmt.Errorf("open the file store: %w", err)
	}
	defer fsys.Close()
	key, err := d.fileKey(row.ID, row.File, row.Hash)
	if err != nil {
		return nil, err
	}
	if ok, err := fsys.Exists(key); err == nil && !ok {
		return nil, errNoFile
	}
	r, err := fsys.GetReader(key)
	if err != nil {
		return nil, fmt.Errorf("open file of media %s: %w", row.ID, err)
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read file of media %s: %w", row.ID, err)
	}
	return data, nil
}
