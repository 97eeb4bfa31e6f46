package hooks

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"mostrador/hooks/api"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

func (d *Desk) fileRoutes() []api.Route {
	return []api.Route{
		{Method: "GET", Path: "/api/files/{id}", Who: api.Everybody, Run: d.file},
		{Method: "GET", Path: "/api/files/{id}/{name}", Who: api.Everybody, Run: d.file},
		{Method: "POST", Path: "/api/conversations/{id}/messages/{message}/fetch", Who: api.Everybody, Run: d.wantFile},
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
func (d *Desk) file(r *api.Request) error {
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
	if err := d.seeFile(ctx, r.Me.Viewer, row.Conversation); err != nil {
		return err
	}
	if row.State != "ready" || row.File == "" {
		return api.Refuse(http.StatusConflict, api.CodeNotReady)
	}
	key, err := d.fileKey(r.ID(), row.File, row.Hash)
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
	fileHeaders(r.Response.Header(), row.MIME, row.Name, r.Query("download") != "")
	r.Response.Header().Set("ETag", `"`+r.ID()+`"`) // a file never changes
	http.ServeContent(api.Paced(r.Response), r.Request, "", data.ModTime(), data)
	return nil
}

// fileHeaders tell the browser what it may do with a file.
func fileHeaders(h http.Header, kind, name string, download bool) {
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
		disposition += "; filename*=UTF-8''" + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", disposition)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private, no-cache") // asked about each time: who may see it changes, and so does who sits there
}

// fileTitle is the name that a file was uploaded with, without folders.
func fileTitle(name string) string {
	return store.Cut(whatsapp.PlainName(name), 250)
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
