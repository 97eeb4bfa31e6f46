// Package page: the built page, served.
package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
)

// contentPolicy is what a browser may load for the desk's page: nothing from elsewhere, nothing inline.
const contentPolicy = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; " +
	"base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

// Page serves the built web app. Its files have stable names, so they are served under /a/<id>/, where id changes with
// any byte of the build: they may be cached for ever, and one tab never mixes two builds. The page itself is asked for
// again each time.
type Page struct {
	id    string // 12 hex digits
	files map[string]*file
	demo  bool // serve /demo/ as well
}

type file struct {
	plain  []byte
	mime   string
	once   sync.Once
	packed []byte // gzip; nil when it saves nothing
}

// New reads a build: files has index.html at its root, and demo/index.html.
func New(files fs.FS, demo bool) (*Page, error) {
	p := &Page{files: map[string]*file{}, demo: demo}
	sum := sha256.New()
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error { // in lexical order
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %d\n", name, len(data))
		sum.Write(data)
		p.files[name] = &file{plain: data, mime: mimeOf(name)}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the built page: %w", err)
	}
	if p.files["index.html"] == nil {
		return nil, fmt.Errorf("read the built page: there is no index.html; build it with make web")
	}
	p.id = hex.EncodeToString(sum.Sum(nil))[:12]
	for _, name := range []string{"index.html", "demo/index.html"} {
		if f := p.files[name]; f != nil {
			f.plain = bytes.ReplaceAll(f.plain, []byte(`="./`), []byte(`="/a/`+p.id+`/`))
		}
	}
	return p, nil
}

// ServeHTTP answers every path that no route took.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	if first, _, _ := strings.Cut(name, "/"); first == "api" {
		h.Set("Content-Type", "application/json")
		h.Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"status":404,"message":"There is nothing at this address.","data":{}}`))
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "only GET here", http.StatusMethodNotAllowed)
		return
	}
	if asset, ok := strings.CutPrefix(name, "a/"+p.id+"/"); ok {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		p.send(w, r, p.files[asset])
		return
	}
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", `"`+p.id+`"`)
	p.send(w, r, p.byPath(name))
}

// byPath finds what a path outside /a/ shows: a file of the build by its name, else the page for every path that looks
// like a screen. Files that are missing and unknown API paths are nil: 404, never the page.
func (p *Page) byPath(name string) *file {
	first, _, _ := strings.Cut(name, "/")
	switch {
	case first == "demo":
		if p.demo && name == "demo" {
			return p.files["demo/index.html"]
		}
		return nil
	case first == "a" || first == "assets" || first == "_":
		return nil
	case p.files[name] != nil:
		return p.files[name]
	case path.Ext(name) != "":
		return nil
	}
	return p.files["index.html"]
}

func (p *Page) send(w http.ResponseWriter, r *http.Request, f *file) {
	h := w.Header()
	if f == nil {
		h.Del("ETag")
		h.Set("Cache-Control", "no-store") // a tab of an older build must not remember this
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	if etag := h.Get("ETag"); etag != "" && strings.Contains(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := f.plain
	h.Set("Content-Type", f.mime)
	h.Add("Vary", "Accept-Encoding")
	if packed := f.gzip(); packed != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = packed
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the browser went away: nobody to tell
	}
}

// gzip packs a file once, when it is first asked for.
func (f *file) gzip() []byte {
	f.once.Do(func() {
		var packed bytes.Buffer
		z, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		_, _ = z.Write(f.plain) // a Buffer takes everything
		_ = z.Close()
		if packed.Len() < len(f.plain)*9/10 {
			f.packed = packed.Bytes()
		}
	})
	return f.packed
}

// mimeOf does not ask the machine's own table, which differs from one to the next.
func mimeOf(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".webmanifest":
		return "application/manifest+json"
	case ".woff2":
		return "font/woff2"
	case ".ogg":
		return "audio/ogg"
	default:
		if known := mime.TypeByExtension(ext); known != "" {
			return known
		}
		return "application/octet-stream"
	}
}
