package desktest

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
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

// Site is a desk that answers over HTTP.
type Site struct {
	*World
	Server *httptest.Server
}

func NewSite(t testing.TB) *Site {
	t.Helper()
	return newSiteOf(t, NewWorld(t))
}

func newSiteOf(t testing.TB, w *World) *Site {
	t.Helper()
	w.Desk.Register()
	router, err := apis.NewRouter(w.Desk.Store.App)
	if err != nil {
		t.Fatal(err)
	}
	s := &Site{World: w}
	e := &core.ServeEvent{App: w.Desk.Store.App, Router: router, Server: &http.Server{}}
	err = w.Desk.Store.App.OnServe().Trigger(e, func(e *core.ServeEvent) error {
		e.Server.Handler, err = e.Router.BuildMux()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Server = httptest.NewUnstartedServer(e.Server.Handler)
	c := s.Server.Config
	c.ReadHeaderTimeout, c.ReadTimeout, c.WriteTimeout = e.Server.ReadHeaderTimeout, e.Server.ReadTimeout, e.Server.WriteTimeout
	c.IdleTimeout, c.MaxHeaderBytes = e.Server.IdleTimeout, e.Server.MaxHeaderBytes
	s.Server.Start()
	t.Cleanup(s.Server.Close)
	return s
}

// Browser is somebody's browser, or a guest's.
type Browser struct {
	t       testing.TB
	url     string
	tabs    sync.Mutex // they share the cookies
	Cookies map[string]string
	Headers map[string]string
}

func (s *Site) Guest() *Browser {
	return &Browser{t: s.T, url: s.Server.URL, Cookies: map[string]string{}, Headers: map[string]string{}}
}

// passwordOf is the hash of somebody's password.
func (s *Site) passwordOf(user string) (hash string) {
	s.T.Helper()
	if err := s.Desk.Store.App.DB().Select("password").From("users").Where(dbx.HashExp{"id": user}).Row(&hash); err != nil {
		s.T.Fatal(err)
	}
	return hash
}

// SignIn gives a user a browser with a session, without the cost of a password.
func (s *Site) SignIn(v rights.Viewer) *Browser {
	s.T.Helper()
	token, err := s.Desk.Guard.Sessions.Open(context.Background(), v.ID, s.passwordOf(v.ID), "test", "127.0.0.1")
	if err != nil || token == "" {
		s.T.Fatalf("%s has no session: %v", v.ID, err)
	}
	b := s.Guest()
	b.Cookies[auth.DefaultCookie] = token
	return b
}

// Answer is what the desk said.
type Answer struct {
	t      testing.TB
	Status int
	Header http.Header
	Body   []byte
}

func (b *Browser) Request(ctx context.Context, method, path string, body any) *http.Request {
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
	for name, value := range b.Headers {
		r.Header.Set(name, value)
	}
	b.tabs.Lock()
	defer b.tabs.Unlock()
	for name, value := range b.Cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	return r
}

// Do sends a request; body is nil, a string as it is, or anything else as JSON.
func (b *Browser) Do(method, path string, body any) *Answer {
	b.t.Helper()
	resp, err := http.DefaultTransport.RoundTrip(b.Request(context.Background(), method, path, body))
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
			delete(b.Cookies, c.Name)
		} else {
			b.Cookies[c.Name] = c.Value
		}
	}
	return &Answer{b.t, resp.StatusCode, resp.Header, text}
}

func (b *Browser) Get(path string) *Answer { b.t.Helper(); return b.Do("GET", path, nil) }

func (b *Browser) Post(path string, body any) *Answer {
	b.t.Helper()
	return b.Do("POST", path, body)
}

// Want checks the status.
func (a *Answer) Want(status int) *Answer {
	a.t.Helper()
	if a.Status != status {
		a.t.Fatalf("got status %d, want %d: %s", a.Status, status, a.Body)
	}
	return a
}

// Into decodes the answer.
func (a *Answer) Into(v any) *Answer {
	a.t.Helper()
	if err := json.Unmarshal(a.Body, v); err != nil {
		a.t.Fatalf("answer is not JSON: %v: %s", err, a.Body)
	}
	return a
}

// Refusal decodes an error.
func (a *Answer) Refusal() api.APIError {
	a.t.Helper()
	var e api.APIError
	a.Into(&e)
	return e
}

// Stream is an open realtime connection.
type Stream struct {
	t      testing.TB
	ID     string
	lines  *bufio.Reader
	Cancel context.CancelFunc
}

// Listen opens a stream and subscribes it to events.
func (b *Browser) Listen(names ...string) *Stream {
	b.t.Helper()
	s := b.Connect()
	b.Post("/api/realtime", map[string]any{"clientId": s.ID, "subscriptions": names}).Want(204)
	return s
}

func (b *Browser) Connect() *Stream {
	b.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	b.t.Cleanup(cancel)
	resp, err := http.DefaultTransport.RoundTrip(b.Request(ctx, "GET", "/api/realtime", nil))
	if err != nil {
		b.t.Fatal(err)
	}
	if resp.StatusCode != 200 {
		b.t.Fatalf("got status %d for a stream, want 200", resp.StatusCode)
	}
	s := &Stream{b.t, "", bufio.NewReader(resp.Body), cancel}
	_, data := s.Next()
	var hello struct{ ClientID string }
	if err := json.Unmarshal([]byte(data), &hello); err != nil {
		b.t.Fatal(err)
	}
	s.ID = hello.ClientID
	return s
}

// Next waits for an event; an empty name means that the stream ended.
func (s *Stream) Next() (name, data string) {
	s.t.Helper()
	guard := time.AfterFunc(10*time.Second, s.Cancel)
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

// Want waits for an event by this name and decodes its data.
func (s *Stream) Want(name string, into any) {
	s.t.Helper()
	got, data := s.Next()
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

// Until waits for something that happens behind the caller's back.
func (w *World) Until(done func() bool) {
	w.T.Helper()
	for end := time.Now().Add(10 * time.Second); !done(); time.Sleep(time.Millisecond) { // a loop without it takes a core from what is waited for
		if time.Now().After(end) {
			w.T.Fatal("it never happened")
		}
	}
}

// Record keeps the statements that are read with from now on.
func (w *World) Record() *[]string {
	queries := new([]string)
	var mu sync.Mutex
	w.Desk.Store.App.ConcurrentDB().(*dbx.DB).QueryLogFunc = func(_ context.Context, _ time.Duration, query string, _ *sql.Rows, _ error) {
		mu.Lock()
		defer mu.Unlock()
		*queries = append(*queries, query)
	}
	return queries
}
