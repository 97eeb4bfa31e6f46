package media

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"mostrador/hooks/api"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// The same content is stored once, under its SHA-256, however many messages carry it. Each message has its own row of
// media with its own id, and who may see the file is decided by that row's conversation, as if there were no other. The
// content goes when the last row that names it does. Rows without a hash are of before, with a folder each.

// FileKey is where a file of the media collection lies; hash is empty for those of before.
func (fi *Files) FileKey(id, name, hash string) (string, error) {
	if hash != "" {
		return "blobs/" + hash[:2] + "/" + hash, nil
	}
	c, err := fi.Store.App.FindCachedCollectionByNameOrId("media")
	if err != nil {
		return "", fmt.Errorf("find the media collection: %w", err)
	}
	return c.BaseFilesPath() + "/" + id + "/" + name, nil
}

func (fi *Files) Routes() []api.Route {
	return []api.Route{
		{Method: "GET", Path: "/api/files/{id}", Who: api.Everybody, Run: fi.file},
		{Method: "GET", Path: "/api/files/{id}/{name}", Who: api.Everybody, Run: fi.file},
		{Method: "POST", Path: "/api/conversations/{id}/messages/{message}/fetch", Who: api.Everybody, Run: fi.wantFile},
	}
}

// shown are the types that a browser may open in the page. All others it saves: a document that a stranger sent must
// not run with the desk's rights.
var shown = []string{
	"image/jpeg", "image/png", "image/gif", "image/webp",
	"video/mp4", "video/webm", "video/3gpp", "video/quicktime",
	"audio/ogg", "audio/mpeg", "audio/mp4", "audio/aac", "audio/amr", "audio/wav", "audio/x-wav", "audio/webm", "audio/x-m4a",
}

// file sends a file to whoever may see its conversation; parts of it for players that jump.
func (fi *Files) file(r *api.Request) error {
	ctx := r.Request.Context()
	var row struct {
		Conversation string `db:"conversation"`
		State        string `db:"state"`
		MIME         string `db:"mime"`
		Name         string `db:"name"`
		File         string `db:"file"`
		Hash         string `db:"hash"`
	}
	err := r.App.ConcurrentDB().Select("conversation", "state", "mime", "name", "file", "hash").From("media").
		Where(dbx.HashExp{"id": r.ID()}).WithContext(ctx).One(&row)
	if err := api.Missing(err); err != nil {
		return err
	}
	if err := fi.SeeFile(ctx, r.Me.Viewer, row.Conversation); err != nil {
		return err
	}
	if row.State != "ready" || row.File == "" {
		return errNotReady
	}
	key, err := fi.FileKey(r.ID(), row.File, row.Hash)
	if err != nil {
		return err
	}
	fsys, err := r.App.NewFilesystem()
	if err != nil {
		return fmt.Errorf("open the file store: %w", err)
	}
	defer fsys.Close()
	data, err := fsys.GetReader(key)
	if err != nil {
		r.App.Logger().Error("a file is not where it was stored", "media", r.ID(), "error", err)
		return api.ErrNotFound
	}
	defer data.Close()
	FileHeaders(r.Response.Header(), row.MIME, row.Name, r.Query("download") != "")
	r.Response.Header().Set("ETag", `"`+r.ID()+`"`) // a file never changes
	http.ServeContent(api.Paced(r.Response), r.Request, "", data.ModTime(), data)
	return nil
}

// FileHeaders tell the browser what it may do with a file.
func FileHeaders(h http.Header, kind, name string, download bool) {
	base, _, _ := mime.ParseMediaType(kind)
	disposition := "inline"
	if !slices.Contains(shown, base) {
		kind = "application/octet-stream"
		download = true
	}
	if download {
		disposition = "attachment"
	}
	if name = whatsapp.PlainName(name); name != "" { // older ones were kept as they came
		disposition += "; filename*=UTF-8''" + strings.ReplaceAll(url.QueryEscape(strings.NewReplacer("/", "_", `\`, "_").Replace(name)), "+", "%20")
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", disposition)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private, no-cache") // asked about each time: who may see it changes, and so does who sits there
}

// FileTitle is the name that a file was uploaded with.
func FileTitle(name string) string {
	return whatsapp.CutName(whatsapp.PlainName(name), 250)
}

// fileType is what the browser says that a file is; when it does not know, what its first bytes look like.
func fileType(file *multipart.FileHeader) (string, error) {
	said := file.Header.Get("Content-Type")
	if base, _, err := mime.ParseMediaType(said); err == nil && base != "application/octet-stream" && len(said) <= 200 {
		return said, nil
	}
	f, err := file.Open()
	if err != nil {
		return "", fmt.Errorf("open upload: %w", err)
	}
	defer f.Close()
	var first bytes.Buffer
	if _, err := io.CopyN(&first, f, 512); err != nil && err != io.EOF {
		return "", fmt.Errorf("read upload: %w", err)
	}
	return http.DetectContentType(first.Bytes()), nil
}

// SeeFile tells whether a viewer may see the files of a conversation, or of a flow.
func (fi *Files) SeeFile(ctx context.Context, v rights.Viewer, of string) error {
	err := fi.Views.MaySee(v, of)
	if err == nil {
		return nil
	}
	var id string
	if none := fi.Store.App.ConcurrentDB().Select("id").From("flows").Where(dbx.HashExp{"id": of}).WithContext(ctx).Row(&id); none != nil {
		return err
	}
	return nil
}

// ErrNoFile means that there is no file to send, now or later.
var ErrNoFile = errors.New("there is no such file")

// OutgoingFile reads a stored file for sending.
func (fi *Files) OutgoingFile(ctx context.Context, id string) (*whatsapp.File, error) {
	row := new(MediaFile)
	err := fi.Store.App.ConcurrentDB().NewQuery(`SELECT id, mime, name, seconds, width, height, wave, thumb, file, hash FROM media WHERE id = {:id} AND file != ''`).
		Bind(dbx.Params{"id": id}).WithContext(ctx).One(row)
	if store.IsNone(err) {
		return nil, ErrNoFile
	}
	if err != nil {
		return nil, fmt.Errorf("read media %s: %w", id, err)
	}
	data, err := fi.ReadFile(row)
	if err != nil {
		return nil, err
	}
	f := &whatsapp.File{Data: data, MIME: row.MIME, Name: row.Name, Seconds: row.Seconds, Width: row.Width, Height: row.Height}
	f.Wave, _ = base64.StdEncoding.DecodeString(row.Wave) // we wrote it; a broken one only looks plain
	f.Thumb, _ = base64.StdEncoding.DecodeString(row.Thumb)
	return f, nil
}

// MediaFile is a row of media with what it takes to send or to fetch it.
type MediaFile struct {
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

// ReadFile reads a stored file of a media row.
func (fi *Files) ReadFile(row *MediaFile) ([]byte, error) {
	fsys, err := fi.Store.App.NewFilesystem()
	if err != nil {
		return nil, fmt.Errorf("open the file store: %w", err)
	}
	defer fsys.Close()
	key, err := fi.FileKey(row.ID, row.File, row.Hash)
	if err != nil {
		return nil, err
	}
	if ok, err := fsys.Exists(key); err == nil && !ok {
		return nil, ErrNoFile
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
