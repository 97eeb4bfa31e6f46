package hooks

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/auth"
	"mostrador/hooks/rights"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
)

// site is a desk that answers over HTTP.
type site struct {
	*world
	server *httptest.Server
}

func newSite(t testing.TB) *site {
	t.Helper()
	return newSiteOf(t, newWorld(t))
}

func newSiteOf(t testing.TB, w *world) *site {
	t.Helper()
	w.d.Register()
	router, err := apis.NewRouter(w.d.Store.App)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{world: w}
	e := &core.ServeEvent{App: w.d.Store.App, Router: router, Server: &http.Server{}}
	err = w.d.Store.App.OnServe().Trigger(e, func(e *core.ServeEvent) error {
		e.Server.Handler, err = e.Router.BuildMux()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.server = httptest.NewUnstartedServer(e.Server.Handler)
	c := s.server.Config
	c.ReadHeaderTimeout, c.ReadTimeout, c.WriteTimeout = e.Server.ReadHeaderTimeout, e.Server.ReadTimeout, e.Server.WriteTimeout
	c.IdleTimeout, c.MaxHeaderBytes = e.Server.IdleTimeout, e.Server.MaxHeaderBytes
	s.server.Start()
	t.Cleanup(s.server.Close)
	return s
}

// browser is somebody's browser, or a guest's.
type browser struct {
	t       testing.TB
	url     string
	tabs    sync.Mutex // they share the cookies
	cookies map[string]string
	headers map[string]string
}

func (s *site) guest() *browser {
	return &browser{t: s.t, url: s.server.URL, cookies: map[string]string{}, headers: map[string]string{}}
}

// passwordOf is the hash of somebody's password.
func (s *site) passwordOf(user string) (hash string) {
	s.t.Helper()
	if err := s.d.Store.App.DB().Select("password").From("users").Where(dbx.HashExp{"id": user}).Row(&hash); err != nil {
		s.t.Fatal(err)
	}
	return hash
}

// signIn gives a user a browser with a session, without the cost of a password.
func (s *site) signIn(v rights.Viewer) *browser {
	s.t.Helper()
	token, err := s.d.Guard.Sessions.Open(context.Background(), v.ID, s.passwordOf(v.ID), "test", "127.0.0.1")
	if err != nil || token == "" {
		s.t.Fatalf("%s has no session: %v", v.ID, err)
	}
	b := s.guest()
	b.cookies[auth.DefaultCookie] = token
	return b
}

// answer is what the desk said.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	body   []byte
}

func (b *browser) request(ctx context.Context, method, path string, body any) *http.Request {
	b.t.Helper()
	var data io.Reader
	switch v := body.(type) {
	case nil:
	case string:
		data = strings.NewReader(v)
	case io.Reader:
		data = v
	default:
		text, err := json.Marshal(v)
		if err != nil {
			b.t.Fatal(err)
		}
		data = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, b.url+path, data)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for name, value := range b.headers {
		r.Header.Set(name, value)
	}
	b.tabs.Lock()
	defer b.tabs.Unlock()
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	return r
}

// do sends a request; body is nil, a string as it is, or anything else as JSON.
func (b *browser) do(method, path string, body any) *answer {
	b.t.Helper()
	resp, err := http.DefaultTransport.RoundTrip(b.request(context.Background(), method, path, body))
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.tabs.Lock()
	defer b.tabs.Unlock()
	for _, c := range resp.Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return &answer{b.t, resp.StatusCode, resp.Header, text}
}

func (b *browser) get(path string) *answer { b.t.Helper(); return b.do("GET", path, nil) }
func (b *browser) post(path string, body any) *answer {
	b.t.Helper()
	return b.do("POST", path, body)
}

// want checks the status.
func (a *answer) want(status int) *answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("got status %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

// into decodes the answer.
func (a *answer) into(v any) *answer {
	a.t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		a.t.Fatalf("answer is not JSON: %v: %s", err, a.body)
	}
	return a
}

// refusal decodes an error.
func (a *answer) refusal() api.APIError {
	a.t.Helper()
	var e api.APIError
	a.into(&e)
	return e
}

// stream is an open realtime connection.
type stream struct {
	t      testing.TB
	id     string
	lines  *bufio.Reader
	cancel context.CancelFunc
}

// listen opens a stream and subscribes it to events.
func (b *browser) listen(names ...string) *stream {
	b.t.Helper()
	s := b.connect()
	b.post("/api/realtime", map[string]any{"clientId": s.id, "subscriptions": names}).want(204)
	return s
}

func (b *browser) connect() *stream {
	b.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	b.t.Cleanup(cancel)
	resp, err := http.DefaultTransport.RoundTrip(b.request(ctx, "GET", "/api/realtime", nil))
	if err != nil {
		b.t.Fatal(err)
	}
	if resp.StatusCode != 200 {
		b.t.Fatalf("got status %d for a stream, want 200", resp.StatusCode)
	}
	s := &stream{b.t, "", bufio.NewReader(resp.Body), cancel}
	_, data := s.next()
	var hello struct{ ClientID string }
	if err := json.Unmarshal([]byte(data), &hello); err != nil {
		b.t.Fatal(err)
	}
	s.id = hello.ClientID
	return s
}

// next waits for an event; an empty name means that the stream ended.
func (s *stream) next() (name, data string) {
	s.t.Helper()
	guard := time.AfterFunc(10*time.Second, s.cancel)
	defer guard.Stop()
	for {
		line, err := s.lines.ReadString('\n')
		if err != nil {
			return "", ""
		}
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "event:"):
			name = line[len("event:"):]
		case strings.HasPrefix(line, "data:"):
			data = line[len("data:"):]
		case line == "" && name != "":
			return name, data
		}
	}
}

// want waits for an event by this name and decodes its data.
func (s *stream) want(name string, into any) {
	s.t.Helper()
	got, data := s.next()
	if got != name {
		s.t.Fatalf("got event %q, want %q: %s", got, name, data)
	}
	var p struct{ Data json.RawMessage }
	if err := json.Unmarshal([]byte(data), &p); err != nil {
		s.t.Fatal(err)
	}
	if into != nil {
		if err := json.Unmarshal(p.Data, into); err != nil {
			s.t.Fatal(err)
		}
	}
}

// until waits for something that happens behind the caller's back.
func (w *world) until(done func() bool) {
	w.t.Helper()
	for end := time.Now().Add(10 * time.Second); !done(); runtime.Gosched() {
		if time.Now().After(end) {
			w.t.Fatal("it never happened")
		}
	}
}

// record keeps the statements that are read with from now on.
func (w *world) record() *[]string {
	queries := new([]string)
	var mu sync.Mutex
	w.d.Store.App.ConcurrentDB().(*dbx.DB).QueryLogFunc = func(_ context.Context, _ time.Duration, query string, _ *sql.Rows, _ error) {
		mu.Lock()
		defer mu.Unlock()
		*queries = append(*queries, query)
	}
	return queries
}
