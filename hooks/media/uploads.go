package media

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/store"
	"mostrador/hooks/view"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/filesystem"
)

// Keep stores a file and shows it. The file comes first: a crash in between leaves one that nothing names, and the row
// still pending; the next download finds it there. counts puts it on its sender's account, in the same commit.
func (fi *Files) Keep(row Download, data []byte, counts bool) error {
	file, err := filesystem.NewFileFromBytes(data, storedName(row.MIME, row.Name))
	if err != nil {
		return fmt.Errorf("name the file: %w", err)
	}
	hash, there, err := fi.keepNamed(row, file, counts)
	if err == nil && !there { // somebody deleted the row meanwhile
		fi.releaseContent(hash)
	}
	return err
}

// MayAnswer refuses who may not write in the conversation of the path, whatever they send.
func (fi *Files) MayAnswer(r *api.Request) error {
	c, err := fi.Views.See(r.Request.Context(), r.Me.Viewer, r.ID())
	if err == nil && !r.Me.MayAnswer(c.Area, c.Assignee) {
		return api.ErrForbidden
	}
	return err
}

// Upload stores a file that a message will carry.
func (fi *Files) Upload(r *api.Request) error {
	if err := fi.MayAnswer(r); err != nil {
		return err // before 110 MB are read
	}
	if err := r.Parts(); err != nil {
		return err
	}
	shown, err := fi.KeepUpload(r)
	if err != nil {
		return err
	}
	return r.Created(shown)
}

// KeepUpload stores the file of a form for a conversation that the sender may answer, also now that it is here.
func (fi *Files) KeepUpload(r *api.Request) (*view.Media, error) {
	if err := fi.MayAnswer(r); err != nil {
		return nil, err
	}
	return fi.StoreUpload(r, r.ID(), "")
}

// StoreUpload stores the file of a form as what a conversation, or a flow, has; message is empty until it was sent.
func (fi *Files) StoreUpload(r *api.Request, chat, message string) (*view.Media, error) {
	files := append(r.Request.MultipartForm.File["media"], r.Request.MultipartForm.File["file"]...)
	if len(files) != 1 || files[0].Size == 0 {
		return nil, errNoFile
	}
	if err := fi.MayStore(files[0].Size); err != nil { // again: not every form says beforehand how long it is
		return nil, err
	}
	row := view.MediaRow{ID: store.NewID(fi.Store.Now()), State: "ready", Name: FileTitle(files[0].Filename), Size: files[0].Size}
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
	if err := fi.KeepNew(r.Request.Context(), row, file, chat, message, r.Me.ID); err != nil {
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

// KeepNew stores an upload. The file comes first: a crash in between leaves one that no row names.
func (fi *Files) KeepNew(ctx context.Context, row view.MediaRow, file *filesystem.File, chat, message, owner string) error {
	hash, err := fi.keepNewNamed(ctx, row, file, chat, message, owner)
	if err != nil {
		fi.releaseContent(hash) // unless others name it
	}
	return err
}

func (fi *Files) keepNewNamed(ctx context.Context, row view.MediaRow, file *filesystem.File, chat, message, owner string) (hash string, err error) {
	fi.Blobs.RLock()
	defer fi.Blobs.RUnlock()
	if hash, err = fi.storeContent(file); err != nil {
		return "", fmt.Errorf("store upload: %w", err)
	}
	err = fi.Store.Write(ctx, func(t *store.Tx) error {
		_, err := t.DB().Insert("media", dbx.Params{"id": row.ID, "conversation": chat, "message": message, "owner": owner, "state": row.State,
			"mime": row.MIME, "name": row.Name, "size": row.Size, "seconds": row.Seconds, "width": row.Width, "height": row.Height, "wave": row.Wave,
			"file": rowName(Download{ID: row.ID, MIME: row.MIME, Name: row.Name}), "hash": hash, "created": store.Stamp(t.Now)}).Execute()
		return err
	})
	if err != nil {
		return hash, fmt.Errorf("write upload: %w", err)
	}
	return hash, nil
}

// UnsentFor is how long an upload waits for the message that was to carry it.
const UnsentFor = 24 * time.Hour

const UnsentUploads = `SELECT id, created AS at FROM media INDEXED BY idx_media_unsent WHERE message = '' AND created <= {:until} AND (created, id) > ({:at}, {:id})
	ORDER BY created, id LIMIT {:limit}`

// ForgetUploads deletes the files that somebody uploaded and nobody sent. One that cannot be deleted is left for the next time.
func (fi *Files) ForgetUploads(ctx context.Context) error {
	after := store.Due{}
	for ctx.Err() == nil {
		var batch []store.Due
		err := fi.Store.App.ConcurrentDB().NewQuery(UnsentUploads).Bind(dbx.Params{"until": store.Stamp(fi.Store.Now().Add(-UnsentFor)), "at": after.At, "id": after.ID,
			"limit": store.ClockBatch}).WithContext(ctx).All(&batch)
		if err != nil {
			return fmt.Errorf("read unsent uploads: %w", err)
		}
		for _, one := range batch {
			if err := fi.forgetUpload(ctx, one.ID); err != nil && ctx.Err() == nil {
				fi.Store.App.Logger().Error("forget an upload", "media", one.ID, "error", err)
			}
		}
		if len(batch) < store.ClockBatch {
			return nil
		}
		after = batch[len(batch)-1]
	}
	return ctx.Err()
}

// forgetUpload first makes sure that nobody sends it any more, then deletes the file, and last the row that knows of it.
func (fi *Files) forgetUpload(ctx context.Context, id string) error {
	change := func(query string) (n int64, err error) {
		err = fi.Store.Write(ctx, func(t *store.Tx) error {
			r, err := t.SQL().Exec(query, id)
			if err == nil {
				n, err = r.RowsAffected()
			}
			return err
		})
		return n, err
	}
	n, err := change(`UPDATE media SET state = 'failed', reason = 'unsent' WHERE id = ? AND message = ''`)
	if err != nil || n == 0 { // sent at the last moment
		return err
	}
	fi.Blobs.Lock() // until the row is gone: nobody takes up the content meanwhile
	defer fi.Blobs.Unlock()
	var hash string
	if err := fi.Store.App.ConcurrentDB().Select("hash").From("media").Where(dbx.HashExp{"id": id}).WithContext(ctx).Row(&hash); err != nil {
		return fmt.Errorf("read upload %s: %w", id, err)
	}
	if err := fi.dropContent(hash, id); err != nil {
		return err
	}
	if err := fi.dropFolder(id); err != nil {
		return err
	}
	_, err = change(`DELETE FROM media WHERE id = ? AND message = ''`)
	return err
}

// dropFolder deletes what lies in a row's own folder.
func (fi *Files) dropFolder(id string) error {
	fsys, err := fi.Store.App.NewFilesystem()
	if err != nil {
		return fmt.Errorf("open the file store: %w", err)
	}
	defer fsys.Close()
	folder, err := fi.FileKey(id, "", "")
	if err != nil {
		return err
	}
	if errs := fsys.DeletePrefix(strings.TrimRight(folder, "/") + "/"); len(errs) > 0 {
		return fmt.Errorf("delete the file: %w", errors.Join(errs...))
	}
	return nil
}
