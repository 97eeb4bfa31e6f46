// Package media: files: fetched from WhatsApp, uploaded by people, shown to those who may.
package media

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"path"
	"regexp"
	"sync"
	"time"

	"mostrador/hooks/contacts"
	"mostrador/hooks/settings"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/filesystem"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Files fetches, keeps and shows files.
type Files struct {
	Contacts *contacts.Contacts
	Settings *settings.Keeper
	Store    *store.Store
	Views    *view.Views

	Disk      func(dir string) (Space, error) // the disk that a folder is on; nil: the real one
	Blobs     sync.RWMutex                    // stored content: held shared from looking for it until a row names it, exclusively to delete it
	Loans     Loans                           // of room for files that are being fetched
	mediaWake chan struct{}
	Source    func(line string) *Line // nil: there is no such line
	Sources   func() []*Line
}

// A message is stored and shown before its file is here; the row says where WhatsApp keeps it, and waits until the media
// loop has fetched it, it is gone or given up.
const (
	mediaAttempts = 8 // attempt⁴ s apart: about 2.5 hours
	mediaOffline  = 10 * time.Second
	MediaUnstored = time.Minute    // after the disk would not take it
	MediaAsked    = 24 * time.Hour // for the sender's phone to upload again what WhatsApp has no more
	MaxMedia      = 200 << 20      // bytes, as the collection takes
)

// Download is a file to fetch.
type Download struct {
	ID           string        `db:"id"`
	Conversation string        `db:"conversation"`
	Line         string        `db:"line"`
	Message      string        `db:"message"`
	Reason       string        `db:"reason"`
	MIME         string        `db:"mime"`
	Name         string        `db:"name"`
	Ref          types.JSONRaw `db:"ref"`
	Attempts     int           `db:"attempts"`
	Size         int64         `db:"size"`   // bytes, as the sender says
	Wanted       bool          `db:"wanted"` // somebody asked for it
}

// most is how many bytes a download may have: who says that a file is small is held to it.
func (row Download) most() int64 {
	if row.Size <= SmallMedia {
		return SmallMedia
	}
	return MaxMedia
}

// Fetch gets one file and writes down what became of it. An error means that this could not be written.
func (fi *Files) Fetch(ctx context.Context, row Download) error {
	if row.Reason == store.MediaAsking { // its day is over
		return fi.putOff(row, mediaFate{failed: store.MediaGone})
	}
	run := fi.Source(row.Line)
	if run == nil {
		return nil
	}
	if row.Size > MaxMedia {
		return fi.putOff(row, mediaFate{failed: store.MediaLarge})
	}
	a, err := fi.admit(ctx, row)
	if err != nil {
		return err
	}
	defer fi.Loans.end(row.ID)
	if a.wait != store.WaitBlocked {
		if shared, err := fi.share(ctx, row); shared || err != nil {
			return err
		}
	}
	switch {
	case a.wait != "":
		return fi.hold(row, a)
	case a.later:
		return errLater
	}
	return fi.download(ctx, run, row, a)
}

// errLater means that files under way take the room that this one needs: it is looked at again when one is through.
var errLater = errors.New("what is under way takes the room")

// download fetches a file that was admitted.
func (fi *Files) download(ctx context.Context, run *Line, row Download, a admission) error {
	data, err := store.Safely(func() ([]byte, error) { return run.Download(ctx, json.RawMessage(row.Ref), a.most) })
	switch {
	case err == nil && data != nil && len(data) == 0:
		return fi.putOff(row, mediaFate{failed: store.MediaDamaged})
	case err == nil:
		if err := fi.Keep(row, data, a.counts(row)); err != nil {
			fi.Store.App.Logger().Error("store a file", "id", row.ID, "error", err)
			return fi.putOff(row, mediaFate{wait: MediaUnstored})
		}
		return nil
	case ctx.Err() != nil:
		return nil // the next start goes on
	case errors.Is(err, whatsapp.ErrGone):
		return fi.askAgain(ctx, run, row)
	case errors.Is(err, whatsapp.ErrTooLarge) && a.most < MaxMedia: // larger than its sender said; it is tried again as what it is
		return fi.putOff(row, mediaFate{size: a.most + 1, cost: a.cost(row, a.most)})
	}
	fate := judgeDownload(err, row.Attempts+1)
	if fate.failed == store.MediaDamaged || fate.failed == store.MediaLarge {
		fate.cost = a.cost(row, min(max(row.Size, 1), a.most))
	}
	return fi.putOff(row, fate)
}

// cost is what a download that came to nothing takes of its sender's day: who lies about a file pays for it.
func (a admission) cost(row Download, bytes int64) int64 {
	if !a.counts(row) {
		return 0
	}
	return bytes
}

// askAgain asks the sender's phone for a file that WhatsApp has thrown away; the answer comes as freshRef.
func (fi *Files) askAgain(ctx context.Context, run *Line, row Download) error {
	m, err := store.Find[store.Message](fi.Store.App.ConcurrentDB(), "messages", row.Message)
	if store.IsNone(err) {
		return fi.putOff(row, mediaFate{failed: store.MediaGone})
	}
	if err != nil {
		return err
	}
	from, err := store.Find[store.ContactRow](fi.Store.App.ConcurrentDB(), "contacts", m.Contact)
	if err != nil {
		return err
	}
	// Written first: the answer may be faster than the call returns.
	if err := fi.putOff(row, mediaFate{wait: MediaAsked, reason: store.MediaAsking}); err != nil {
		return err
	}
	err = run.Again(ctx, whatsapp.MediaRequest{ID: m.WaID, Chat: whatsapp.Address{Phone: from.Phone, LID: from.LID},
		FromMe: m.Direction == store.Outbound, Ref: json.RawMessage(row.Ref)})
	if err != nil {
		return fi.putOff(row, judgeDownload(err, row.Attempts+1))
	}
	return nil
}

// FreshRef takes the sender's answer: a new place to fetch from, or that there is none.
func (fi *Files) FreshRef(line string, r whatsapp.MediaRequest, failure error) error {
	return fi.Store.Write(context.Background(), func(t *store.Tx) error {
		row, err := fi.askedFor(t, line, r)
		if err != nil || row.ID == "" {
			return err
		}
		if failure != nil {
			return fi.fate(t, row, mediaFate{failed: store.MediaGone})
		}
		_, err = t.DB().Update("media", dbx.Params{"ref": string(r.Ref), "reason": "", "dueAt": ""}, dbx.HashExp{"id": row.ID}).Execute()
		t.After(fi.Wake)
		return err
	})
}

// askedFor is the file that the sender's phone was asked for; empty when nobody waits for it any more.
func (fi *Files) askedFor(t *store.Tx, line string, r whatsapp.MediaRequest) (Download, error) {
	var rows []struct {
		Download
		Contact string `db:"contact"`
	}
	err := t.DB().NewQuery(`SELECT d.id, d.line, d.message, d.reason, d.mime, d.name, d.ref, d.attempts, d.size, m.contact FROM messages m
		JOIN media d ON d.id = m.media WHERE m.waId = {:id} AND m.waId != '' AND m.line = {:line} AND m.direction = {:side} AND d.state = 'pending'`).
		Bind(dbx.Params{"id": r.ID, "line": line, "side": contacts.Direction(whatsapp.Message{FromMe: r.FromMe})}).All(&rows)
	if err != nil {
		return Download{}, fmt.Errorf("find the media that was asked for: %w", err)
	}
	for _, row := range rows {
		if theirs, err := fi.Contacts.Whose(t, row.Contact, r.Chat); err != nil || theirs {
			return row.Download, err
		}
	}
	return Download{}, nil
}

// KeepFile stores a file that nobody pays for.
func (fi *Files) KeepFile(row Download, data []byte) error { return fi.Keep(row, data, false) }

func (fi *Files) keepNamed(row Download, file *filesystem.File, counts bool) (hash string, there bool, err error) {
	fi.Blobs.RLock()
	defer fi.Blobs.RUnlock()
	if hash, err = fi.storeContent(file); err != nil {
		return "", false, err
	}
	there, err = fi.arrived(row, hash, file.Size, counts)
	return hash, there, err
}

// arrived writes down that a file is here; false when nothing waits for it any more. Twice counts once.
func (fi *Files) arrived(row Download, hash string, size int64, counts bool) (there bool, err error) {
	err = fi.Store.Write(context.Background(), func(t *store.Tx) error {
		r, err := t.DB().Update("media", dbx.Params{"file": rowName(row), "hash": hash, "state": "ready", "reason": "", "size": size},
			dbx.HashExp{"id": row.ID, "state": "pending"}).Execute()
		if err != nil {
			return fmt.Errorf("write down file %s: %w", row.ID, err)
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			return err
		}
		there = true
		if counts {
			if err := fi.charge(t, row.ID, 1, size); err != nil {
				return err
			}
		}
		return showMedia(t, row.Message)
	})
	return there, err
}

// storedName is what a file is called on disk. Its sender's name is not: an error about the file names it in the log.
func storedName(kind, name string) string {
	base, _, _ := mime.ParseMediaType(kind)
	switch ext := path.Ext(name); {
	case extensions[base] != "":
		return "file" + extensions[base]
	case plainExt.MatchString(ext):
		return "file" + ext
	}
	return "file.bin"
}

var plainExt = regexp.MustCompile(`^\.[A-Za-z0-9]{1,5}$`)

// extensions are those of the types that WhatsApp sends without a name.
var extensions = map[string]string{
	"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/gif": ".gif", "video/mp4": ".mp4", "video/3gpp": ".3gp",
	"audio/ogg": ".ogg", "audio/mpeg": ".mp3", "audio/mp4": ".m4a", "audio/aac": ".aac", "audio/amr": ".amr", "application/pdf": ".pdf",
}
