package hooks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"path"
	"regexp"
	"time"

	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/filesystem"
	"github.com/pocketbase/pocketbase/tools/types"
)

// A message is stored and shown before its file is here; the row says where WhatsApp keeps it, and waits until the media
// loop has fetched it, it is gone or given up.
const (
	mediaAttempts = 8 // attempt⁴ s apart: about 2.5 hours
	mediaOffline  = 10 * time.Second
	mediaUnstored = time.Minute    // after the disk would not take it
	mediaAsked    = 24 * time.Hour // for the sender's phone to upload again what WhatsApp has no more
	maxMedia      = 200 << 20      // bytes, as the collection takes
)

// Why a file is not there, as codes for the sentence.
const (
	mediaGone    = "gone"      // no longer on WhatsApp's servers, and the sender's phone did not send it again
	mediaLarge   = "too_large" // more than the desk takes
	mediaDamaged = "damaged"   // not what the sender described
	mediaFailed  = "download"  // could not be fetched in hours
	mediaAsking  = "asked"     // pending: the sender's phone was asked for it
)

// download is a file to fetch.
type download struct {
	ID       string        `db:"id"`
	Line     string        `db:"line"`
	Message  string        `db:"message"`
	Reason   string        `db:"reason"`
	MIME     string        `db:"mime"`
	Name     string        `db:"name"`
	Ref      types.JSONRaw `db:"ref"`
	Attempts int           `db:"attempts"`
	Size     int64         `db:"size"` // bytes, as the sender says
}

// most is how many bytes a download may have: who says that a file is small is held to it.
func (row download) most() int64 {
	if row.Size <= smallMedia {
		return smallMedia
	}
	return maxMedia
}

// fetch gets one file and writes down what became of it. An error means that this could not be written.
func (d *Desk) fetch(ctx context.Context, row download) error {
	if row.Reason == mediaAsking { // its day is over
		return d.putOff(row, mediaFate{failed: mediaGone})
	}
	run := d.lineRun(row.Line)
	if run == nil {
		return nil
	}
	data, err := safely(func() ([]byte, error) { return run.download(ctx, json.RawMessage(row.Ref), row.most()) })
	switch {
	case err == nil && data != nil && len(data) == 0:
		return d.putOff(row, mediaFate{failed: mediaDamaged})
	case err == nil:
		if err := d.keepFile(row, data); err != nil {
			d.App.Logger().Error("store a file", "id", row.ID, "error", err)
			return d.putOff(row, mediaFate{wait: mediaUnstored})
		}
		return nil
	case ctx.Err() != nil:
		return nil // the next start goes on
	case errors.Is(err, whatsapp.ErrGone):
		return d.askAgain(ctx, run, row)
	case errors.Is(err, whatsapp.ErrTooLarge) && row.most() < maxMedia:
		return d.putOff(row, mediaFate{size: smallMedia + 1})
	}
	return d.putOff(row, judgeDownload(err, row.Attempts+1))
}

// mediaFate is what becomes of a file that is not here yet.
type mediaFate struct {
	failed string // for good, with this reason
	wait   time.Duration
	counts bool
	reason string // while it waits
	size   int64  // it is larger than the sender said; 0: not known to be
}

func judgeDownload(err error, attempt int) mediaFate {
	switch {
	case errors.Is(err, whatsapp.ErrOffline):
		return mediaFate{wait: mediaOffline}
	case errors.Is(err, whatsapp.ErrTooLarge):
		return mediaFate{failed: mediaLarge}
	case errors.Is(err, whatsapp.ErrDamaged):
		return mediaFate{failed: mediaDamaged}
	case attempt >= mediaAttempts:
		return mediaFate{failed: mediaFailed}
	}
	return mediaFate{wait: backOff(attempt, true), counts: true}
}

// askAgain asks the sender's phone for a file that WhatsApp has thrown away; the answer comes as freshRef.
func (d *Desk) askAgain(ctx context.Context, run *lineRun, row download) error {
	m, err := find[Message](d.App.ConcurrentDB(), "messages", row.Message)
	if isNone(err) {
		return d.putOff(row, mediaFate{failed: mediaGone})
	}
	if err != nil {
		return err
	}
	from, err := find[contactRow](d.App.ConcurrentDB(), "contacts", m.Contact)
	if err != nil {
		return err
	}
	// Written first: the answer may be faster than the call returns.
	if err := d.putOff(row, mediaFate{wait: mediaAsked, reason: mediaAsking}); err != nil {
		return err
	}
	err = run.again(ctx, whatsapp.MediaRequest{ID: m.WaID, Chat: whatsapp.Address{Phone: from.Phone, LID: from.LID},
		FromMe: m.Direction == "out", Ref: json.RawMessage(row.Ref)})
	if err != nil {
		return d.putOff(row, judgeDownload(err, row.Attempts+1))
	}
	return nil
}

// freshRef takes the sender's answer: a new place to fetch from, or that there is none.
func (d *Desk) freshRef(line string, r whatsapp.MediaRequest, failure error) error {
	return d.Write(context.Background(), func(t *Tx) error {
		var row download
		err := t.DB().NewQuery(`SELECT d.id, d.line, d.message, d.reason, d.mime, d.name, d.ref, d.attempts, d.size FROM messages m
			JOIN media d ON d.id = m.media WHERE m.waId = {:id} AND m.waId != '' AND m.line = {:line} AND d.state = 'pending'`).
			Bind(dbx.Params{"id": r.ID, "line": line}).One(&row)
		if isNone(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("find the media that was asked for: %w", err)
		}
		if failure != nil {
			return t.fate(row, mediaFate{failed: mediaGone})
		}
		_, err = t.DB().Update("media", dbx.Params{"ref": string(r.Ref), "reason": "", "dueAt": ""}, dbx.HashExp{"id": row.ID}).Execute()
		t.After(d.wakeMedia)
		return err
	})
}

func (d *Desk) putOff(row download, f mediaFate) error {
	return d.Write(context.Background(), func(t *Tx) error { return t.fate(row, f) })
}

func (t *Tx) fate(row download, f mediaFate) error {
	change := dbx.Params{"reason": f.reason}
	if f.failed != "" {
		change["state"], change["reason"] = "failed", f.failed
	} else {
		change["dueAt"] = stamp(t.Now.Add(f.wait))
	}
	if f.counts {
		change["attempts"] = row.Attempts + 1
	}
	if f.size > 0 {
		change["size"] = f.size
	}
	if _, err := t.DB().Update("media", change, dbx.HashExp{"id": row.ID, "state": "pending"}).Execute(); err != nil {
		return err
	}
	if f.failed == "" {
		return nil
	}
	return t.showMedia(row.Message)
}

// showMedia tells agents that the file of a message is there now, or never will be.
func (t *Tx) showMedia(message string) error {
	m, err := find[Message](t.DB(), "messages", message)
	if isNone(err) { // somebody deleted it in the dashboard
		return nil
	}
	if err != nil {
		return fmt.Errorf("read message %s: %w", message, err)
	}
	return t.updateMessage(m)
}

// keepFile stores a file where PocketBase keeps those of the media collection, protected, and shows it. The file comes
// first: a crash in between leaves one that nothing points at, and the row still pending.
func (d *Desk) keepFile(row download, data []byte) error {
	file, err := filesystem.NewFileFromBytes(data, storedName(row.MIME, row.Name))
	if err != nil {
		return fmt.Errorf("name the file: %w", err)
	}
	key, err := d.fileKey(row.ID, file.Name)
	if err != nil {
		return err
	}
	fsys, err := d.App.NewFilesystem()
	if err != nil {
		return fmt.Errorf("open the file store: %w", err)
	}
	defer fsys.Close()
	if err := fsys.UploadFile(file, key); err != nil {
		return fmt.Errorf("store the file: %w", err)
	}
	return d.Write(context.Background(), func(t *Tx) error {
		_, err := t.DB().Update("media", dbx.Params{"file": file.Name, "state": "ready", "reason": "", "size": len(data)},
			dbx.HashExp{"id": row.ID}).Execute()
		if err != nil {
			return err
		}
		return t.showMedia(row.Message)
	})
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
