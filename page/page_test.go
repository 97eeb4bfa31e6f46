package page

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func testPage(t *testing.T, demo bool) *Page {
	t.Helper()
	p, err := New(fstest.MapFS{
		"index.html":           {Data: []byte(`<script src="./assets/index.js"></script>`)},
		"demo/index.html":      {Data: []byte(`<script src="./assets/demo.js"></script>`)},
		"assets/index.js":      {Data: []byte(strings.Repeat("import './vue.js';", 100))},
		"manifest.webmanifest": {Data: []byte("{}")},
	}, demo)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func get(p http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w
}

func TestPagePaths(t *testing.T) {
	p, demo := testPage(t, false), testPage(t, true)
	asset := "/a/" + p.id + "/assets/index.js"
	for _, c := range []struct {
		page  *Page
		path  string
		code  int
		cache string
		body  string
	}{
		{p, "/", 200, "no-cache", "<script"},
		{p, "/chat/abc", 200, "no-cache", `src="/a/` + p.id + `/assets/index.js"`},
		{p, asset, 200, "public, max-age=31536000, immutable", "import"},
		{p, "/a/000000000000/assets/index.js", 404, "no-store", "not found"},
		{p, "/assets/index.js", 404, "no-store", "not found"},
		{p, "/missing.js", 404, "no-store", "not found"},
		{p, "/api/nothing", 404, "no-store", `{"status":404,`},
		{p, "/a/" + p.id + "/../../index.html", 200, "no-cache", "<script"},
		{p, "/manifest.webmanifest", 200, "no-cache", "{}"},
		{p, "/demo/", 404, "no-store", "not found"},
		{demo, "/demo/", 200, "no-cache", `src="/a/` + demo.id + `/assets/demo.js"`},
		{demo, "/demo/api/phones", 404, "no-store", "not found"},
	} {
		w := get(c.page, "GET", c.path)
		if w.Code != c.code || w.Header().Get("Cache-Control") != c.cache || !strings.Contains(w.Body.String(), c.body) {
			t.Errorf("%s: got %d, cache %q, body %q; want %d, %q, %q", c.path, w.Code, w.Header().Get("Cache-Control"), w.Body, c.code, c.cache, c.body)
		}
		if got := w.Header().Get("Content-Security-Policy"); got != contentPolicy {
			t.Errorf("%s: got policy %q", c.path, got)
		}
	}
}

func TestPageAnswersUnchangedAndPacked(t *testing.T) {
	p := testPage(t, false)
	if w := get(p, "GET", "/", "If-None-Match", `"`+p.id+`"`); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("got %d with %d bytes, want 304 with none", w.Code, w.Body.Len())
	}
	asset := "/a/" + p.id + "/assets/index.js"
	if w := get(p, "GET", asset, "Accept-Encoding", "br, gzip"); w.Header().Get("Content-Encoding") != "gzip" || w.Body.Len() > 200 {
		t.Errorf("got encoding %q and %d bytes, want gzip and fewer than 200", w.Header().Get("Content-Encoding"), w.Body.Len())
	}
	if w := get(p, "HEAD", asset); w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("Content-Length") != "1800" {
		t.Errorf("HEAD: got %d, %d bytes, length %q, want 200, none, 1800", w.Code, w.Body.Len(), w.Header().Get("Content-Length"))
	}
	if w := get(p, "POST", "/"); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: got %d, want 405", w.Code)
	}
}

func TestPageIDChangesWithAnyByte(t *testing.T) {
	one, _ := New(fstest.MapFS{"index.html": {Data: []byte("a")}, "x": {Data: []byte("b")}}, false)
	two, _ := New(fstest.MapFS{"index.html": {Data: []byte("a")}, "x": {Data: []byte("c")}}, false)
	if one.id == two.id || len(one.id) != 12 {
		t.Errorf("got %q and %q, want two ids of 12 digits", one.id, two.id)
	}
	if _, err := New(fstest.MapFS{"x": {}}, false); err == nil || !strings.Contains(err.Error(), "make web") {
		t.Errorf("got error %v, want one that says make web", err)
	}
}
