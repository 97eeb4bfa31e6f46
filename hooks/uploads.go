package hooks

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

// unsentFor is how long an upload waits for the message that was to carry it.
const unsentFor = 24 * time.Hour

const unsentUploads = `SELECT id, created AS at FROM media INDEXED BY idx_media_unsent WHERE message = '' AND created <= {:until} AND (created, id) > ({:at}, {:id})
	ORDER BY created, id LIMIT {:limit}`

// forgetUploads deletes the files that somebody uploaded and nobody sent. One that cannot be deleted is left for the next time.
func (d *Desk) forgetUploads(ctx context.Context) error {
	after := store.Due{}
	for ctx.Err() == nil {
		var batch []store.Due
		err := d.Store.App.ConcurrentDB().NewQuery(unsentUploads).Bind(dbx.Params{"until": store.Stamp(d.Store.Now().Add(-unsentFor)), "at": after.At, "id": after.ID,
			"limit": store.ClockBatch}).WithContext(ctx).All(&batch)
		if err != nil {
			return fmt.Errorf("read unsent uploads: %w", err)
		}
		for _, one := range batch {
			if err := d.forgetUpload(ctx, one.ID); err != nil && ctx.Err() == nil {
				d.Store.App.Logger().Error("forget an upload", "media", one.ID, "error", err)
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
func (d *Desk) forgetUpload(ctx context.Context, id string) error {
	change := func(query string) (n int64, err error) {
		err = d.Store.Write(ctx, func(t *store.Tx) error {
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
	d.blobs.Lock() // until the row is gone: nobody takes up the content meanwhile
	defer d.blobs.Unlock()
	var hash string
	if err := d.Store.App.ConcurrentDB().Select("hash").From("media").Where(dbx.HashExp{"id": id}).WithContext(ctx).Row(&hash); err != nil {
		return fmt.Errorf("read upload %s: %w", id, err)
	}
	if err := d.dropContent(hash, id); err != nil {
		return err
	}
	if err := d.dropFolder(id); err != nil {
		return err
	}
	_, err = change(`DELETE FROM media WHERE id = ? AND message = ''`)
	return err
}

// dropFolder deletes what lies in a row's own folder.
func (d *Desk) dropFolder(id string) error {
	fsys, err := d.Store.App.NewFilesystem()
	if err != nil {
		return fmt.Errorf("open the file store: %w", err)
	}
	defer fsys.Close()
	folder, err := d.fileKey(id, "", "")
	if err != nil {
		return err
	}
	if errs := fsys.DeletePrefix(strings.TrimRight(folder, "/") + "/"); len(errs) > 0 {
		return fmt.Errorf("delete the file: %w", errors.Join(errs...))
	}
	return nil
}
