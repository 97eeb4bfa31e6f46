package media

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
)

// storeContent puts a file where its content belongs, if it is not there. The caller holds d.blobs for reading until a row
// names it.
func (fi *Files) storeContent(file *filesystem.File) (hash string, err error) {
	if hash, err = ContentOf(file.Reader.Open()); err != nil {
		return "", fmt.Errorf("read the file: %w", err)
	}
	fsys, err := fi.Store.App.NewFilesystem()
	if err != nil {
		return "", fmt.Errorf("open the file store: %w", err)
	}
	defer fsys.Close()
	key, err := fi.FileKey("", "", hash)
	if err != nil || intact(fsys, key, hash) {
		return hash, err
	}
	if err := fsys.UploadFile(file, key); err != nil {
		return "", fmt.Errorf("store the file: %w", err)
	}
	return hash, nil
}

// intact reads what is stored: a power cut may have left a file of the right name without its content.
func intact(fsys *filesystem.System, key, hash string) bool {
	if there, err := fsys.Exists(key); err != nil || !there {
		return false
	}
	r, err := fsys.GetReader(key)
	if err != nil {
		return false
	}
	got, err := ContentOf(r, nil)
	return err == nil && got == hash
}

// ContentOf is the hash of what a reader has, which it closes.
func ContentOf(r io.ReadCloser, err error) (string, error) {
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	_, err = io.Copy(sum, r)
	return hex.EncodeToString(sum.Sum(nil)), errors.Join(err, r.Close())
}

const NamedQuery = `SELECT EXISTS (SELECT 1 FROM media WHERE hash = {:hash} AND hash != '' AND id != {:but})`

// dropContent deletes content that no row names but one that is about to go; empty: none at all.
func (fi *Files) dropContent(hash, but string) error {
	if hash == "" {
		return nil
	}
	var named bool
	if err := fi.Store.App.ConcurrentDB().NewQuery(NamedQuery).Bind(dbx.Params{"hash": hash, "but": but}).Row(&named); err != nil {
		return fmt.Errorf("look who needs the file: %w", err)
	}
	if named {
		return nil
	}
	key, err := fi.FileKey("", "", hash)
	if err != nil {
		return err
	}
	fsys, err := fi.Store.App.NewFilesystem()
	if err != nil {
		return fmt.Errorf("open the file store: %w", err)
	}
	defer fsys.Close()
	if err := fsys.Delete(key); err != nil && !errors.Is(err, filesystem.ErrNotFound) {
		return fmt.Errorf("delete the file: %w", err)
	}
	return nil
}

// releaseContent is dropContent for a row that is gone.
func (fi *Files) releaseContent(hash string) {
	fi.Blobs.Lock()
	defer fi.Blobs.Unlock()
	if err := fi.dropContent(hash, ""); err != nil {
		fi.Store.App.Logger().Error("release a file", "error", err)
	}
}

// SameQuery finds rows with the same content; a few: one of them mostly came by the same upload.
const SameQuery = `SELECT ref, hash, size FROM media WHERE hash = {:hash} AND hash != '' AND state = 'ready' LIMIT 8`

// share gives a row content that is here already, when its sender forwarded the very upload that it came by. Knowing a
// file's hash is not enough, it is no secret: who has the key to the upload could read it anyway.
func (fi *Files) share(ctx context.Context, row Download) (shared bool, err error) {
	hash := whatsapp.Content(json.RawMessage(row.Ref))
	if hash == "" {
		return false, nil
	}
	fi.Blobs.RLock()
	defer fi.Blobs.RUnlock()
	var same []Download
	if err := fi.Store.App.ConcurrentDB().NewQuery(SameQuery).Bind(dbx.Params{"hash": hash}).WithContext(ctx).All(&same); err != nil {
		return false, fmt.Errorf("look for the same file: %w", err)
	}
	for _, one := range same {
		if !whatsapp.SameUpload(json.RawMessage(one.Ref), json.RawMessage(row.Ref)) {
			continue
		}
		fsys, err := fi.Store.App.NewFilesystem()
		if err != nil {
			return false, fmt.Errorf("open the file store: %w", err)
		}
		defer fsys.Close()
		if key, err := fi.FileKey("", "", hash); err != nil || !intact(fsys, key, hash) {
			return false, err // fetched again, it is whole again
		}
		_, err = fi.arrived(row, hash, one.Size, false)
		return err == nil, err
	}
	return false, nil
}

// rowName is what a row calls its file: PocketBase wants one, the content has none.
func rowName(row Download) string {
	base, ext, _ := strings.Cut(storedName(row.MIME, row.Name), ".")
	return base + "_" + row.ID + "." + ext
}

// bindFiles follows what a superuser does in the dashboard to files, and to who is blocked.
func (fi *Files) bindFiles() {
	fi.Store.App.OnRecordUpdate("media").BindFunc(func(e *core.RecordEvent) error {
		if e.Record.GetString("file") != e.Record.Original().GetString("file") { // another file, in a folder of its own
			e.Record.Set("hash", "")
		}
		return e.Next()
	})
	fi.Store.App.OnRecordAfterUpdateSuccess("media").BindFunc(func(e *core.RecordEvent) error {
		if old := e.Record.Original().GetString("hash"); old != e.Record.GetString("hash") {
			go fi.releaseContent(old)
		}
		return e.Next()
	})
	fi.Store.App.OnRecordAfterDeleteSuccess("media").BindFunc(func(e *core.RecordEvent) error {
		go fi.releaseContent(e.Record.GetString("hash"))
		return e.Next()
	})
	fi.Store.App.OnRecordAfterUpdateSuccess("contacts").BindFunc(func(e *core.RecordEvent) error {
		if e.Record.Original().GetBool("blocked") && !e.Record.GetBool("blocked") {
			contact := e.Record.Id
			fi.Store.Submit(context.Background(), func(t *store.Tx) error { return fi.unblocked(t, contact) }, func(error) {})
		}
		return e.Next()
	})
	fi.Store.App.OnFileDownloadRequest("media").BindFunc(func(e *core.FileDownloadRequestEvent) error {
		if hash := e.Record.GetString("hash"); hash != "" {
			e.ServedPath, _ = fi.FileKey("", "", hash) // with a hash it does not fail
		}
		return e.Next()
	})
}
