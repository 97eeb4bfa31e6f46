package hooks

import (
	"cmp"
	"context"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/store"
	"mostrador/hooks/view"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/filesystem"
)

func (d *Desk) messageRoutes() []api.Route {
	return []api.Route{
		{Method: "POST", Path: "/api/conversations/{id}/messages", Who: api.Everybody, Run: d.send, Limit: api.UploadLimit},
		{Method: "POST", Path: "/api/conversations/{id}/messages/{message}/retry", Who: api.Everybody, Run: d.retry},
		{Method: "POST", Path: "/api/conversations/{id}/media", Who: api.Everybody, Run: d.upload, Limit: api.UploadLimit},
	}
}

// messageForm is NewMessage as pages and scripts send it.
type messageForm struct {
	NewMessage
	SeenCursor api.Number `json:"seenCursor"`
	SendAt     api.Moment `json:"sendAt"`
}

// send takes a message, as JSON or as a form with the file itself under "media".
func (d *Desk) send(r *api.Request) error {
	if err := d.mayAnswer(r); err != nil {
		return err // before anything is read
	}
	n, err := d.readMessage(r)
	if err != nil {
		return err
	}
	shown, err := d.Send(r.Request.Context(), r.Me.Viewer, r.ID(), n)
	if err != nil {
		return err
	}
	return r.Created(shown)
}

func (d *Desk) readMessage(r *api.Request) (NewMessage, error) {
	kind, _, _ := mime.ParseMediaType(r.Request.Header.Get("Content-Type"))
	var in messageForm
	if kind == "multipart/form-data" {
		return d.readForm(r)
	}
	r.Request.Body = http.MaxBytesReader(r.Response, r.Request.Body, api.BodyLimit)
	if err := r.Read(&in); err != nil {
		return in.NewMessage, err
	}
	in.NewMessage.SeenCursor, in.NewMessage.SendAt = int64(in.SeenCursor), in.SendAt.Time
	in.ClientID = cmp.Or(in.ClientID, r.Request.Header.Get(api.IdempotencyKey))
	return in.NewMessage, nil
}

// readForm stores the file of a form and reads its other fields. A form that was sent before is not stored again.
func (d *Desk) readForm(r *api.Request) (n NewMessage, err error) {
	if err := r.Parts(); err != nil {
		return n, err
	}
	form := r.Request.PostForm
	n = NewMessage{ClientID: cmp.Or(form.Get("clientId"), r.Request.Header.Get(api.IdempotencyKey)), Text: form.Get("text"),
		Kind: form.Get("kind"), Quote: form.Get("quote")}
	if seen := form.Get("seenCursor"); seen != "" {
		if n.SeenCursor, err = strconv.ParseInt(seen, 10, 64); err != nil {
			return n, api.BadValue("seenCursor")
		}
	}
	if note := form.Get("note"); note != "" {
		if n.Note, err = strconv.ParseBool(note); err != nil {
			return n, api.BadValue("note")
		}
	}
	if at := form.Get("sendAt"); at != "" {
		if n.SendAt, err = time.Parse(time.RFC3339, at); err != nil {
			return n, api.BadValue("sendAt")
		}
	}
	n.Media = "the file of the form"
	if earlier, err := d.earlier(r, n); err != nil || earlier != nil {
		return n, err
	}
	shown, err := d.keepUpload(r)
	if err != nil {
		return n, err
	}
	n.Media = shown.ID
	return n, nil
}

// earlier refuses what Send would refuse, before its file is stored. A form that was sent before needs no file.
func (d *Desk) earlier(r *api.Request, n NewMessage) (earlier *store.Message, err error) {
	err = d.Store.Write(r.Request.Context(), func(t *store.Tx) error {
		_, earlier, err = maySend(t, r.Me.Viewer, r.ID(), &n)
		return err
	})
	return earlier, err
}

// mayAnswer refuses who may not write in the conversation of the path, whatever they send.
func (d *Desk) mayAnswer(r *api.Request) error {
	c, err := d.Views.See(r.Request.Context(), r.Me.Viewer, r.ID())
	if err == nil && !r.Me.MayAnswer(c.Area, c.Assignee) {
		return api.Refuse(http.StatusForbidden, api.CodeForbidden)
	}
	return err
}

// upload stores a file that a message will carry.
func (d *Desk) upload(r *api.Request) error {
	if err := d.mayAnswer(r); err != nil {
		return err // before 110 MB are read
	}
	if err := r.Parts(); err != nil {
		return err
	}
	shown, err := d.keepUpload(r)
	if err != nil {
		return err
	}
	return r.Created(shown)
}

// keepUpload stores the file of a form for a conversation that the sender may answer, also now that it is here.
func (d *Desk) keepUpload(r *api.Request) (*view.Media, error) {
	if err := d.mayAnswer(r); err != nil {
		return nil, err
	}
	return d.storeUpload(r, r.ID(), "")
}

// storeUpload stores the file of a form as what a conversation, or a flow, has; message is empty until it was sent.
func (d *Desk) storeUpload(r *api.Request, chat, message string) (*view.Media, error) {
	files := append(r.Request.MultipartForm.File["media"], r.Request.MultipartForm.File["file"]...)
	if len(files) != 1 || files[0].Size == 0 {
		return nil, api.Refuse(http.StatusBadRequest, api.CodeNoFile)
	}
	if err := d.mayStore(files[0].Size); err != nil { // again: not every form says beforehand how long it is
		return nil, err
	}
	row := view.MediaRow{ID: store.NewID(d.Store.Now()), State: "ready", Name: fileTitle(files[0].Filename), Size: files[0].Size}
	var err error
	if row.MIME, err = fileType(files[0]); err != nil {
		return nil, err
	}
	files[0].Filename = storedName(row.MIME, row.Name)
	file, err := filesystem.NewFileFromMultipart(files[0])
	if err != nil {
		return nil, fmt.Errorf("read upload: %w", err)
	}
	if err := measures(r, &row); err != nil {
		return nil, err
	}
	if err := d.keepNew(r.Request.Context(), row, file, chat, message, r.Me.ID); err != nil {
		return nil, err
	}
	return row.View(), nil
}

// measures reads what the page knows about its file: length, size and sound levels.
func measures(r *api.Request, row *view.MediaRow) error {
	for name, into := range map[string]*int{"seconds": &row.Seconds, "width": &row.Width, "height": &row.Height} {
		text := r.Request.PostForm.Get(name)
		if text == "" {
			continue
		}
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || n < 0 || n > 1e6 {
			return api.BadValue(name)
		}
		*into = int(n + 0.5)
	}
	if row.Wave = r.Request.PostForm.Get("wave"); len(row.Wave) > 200 {
		return api.BadValue("wave")
	}
	return nil
}

// keepNew stores an upload. The file comes first: a crash in between leaves one that no row names.
func (d *Desk) keepNew(ctx context.Context, row view.MediaRow, file *filesystem.File, chat, message, owner string) error {
	hash, err := d.keepNewNamed(ctx, row, file, chat, message, owner)
	if err != nil {
		d.releaseContent(hash) // unless others name it
	}
	return err
}

func (d *Desk) keepNewNamed(ctx context.Context, row view.MediaRow, file *filesystem.File, chat, message, owner string) (hash string, err error) {
	d.blobs.RLock()
	defer d.blobs.RUnlock()
	if hash, err = d.storeContent(file); err != nil {
		return "", fmt.Errorf("store upload: %w", err)
	}
	err = d.Store.Write(ctx, func(t *store.Tx) error {
		_, err := t.DB().Insert("media", dbx.Params{"id": row.ID, "conversation": chat, "message": message, "owner": owner, "state": row.State,
			"mime": row.MIME, "name": row.Name, "size": row.Size, "seconds": row.Seconds, "width": row.Width, "height": row.Height, "wave": row.Wave,
			"file": rowName(download{ID: row.ID, MIME: row.MIME, Name: row.Name}), "hash": hash, "created": store.Stamp(t.Now)}).Execute()
		return err
	})
	if err != nil {
		return hash, fmt.Errorf("write upload: %w", err)
	}
	return hash, nil
}

func (d *Desk) retry(r *api.Request) error {
	shown, err := d.Retry(r.Request.Context(), r.Me.Viewer, r.ID(), r.Request.PathValue("message"))
	if err != nil {
		return err
	}
	return r.OK(shown)
}
