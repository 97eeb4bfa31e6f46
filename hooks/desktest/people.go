package desktest

import (
	"maps"
	"slices"
	"strings"

	"mostrador/hooks/auth"
	"mostrador/hooks/rights"

	"github.com/pocketbase/pocketbase/core"
)

const GoodPassword = "correct horse battery"

// Member is a user with a password, as the desk itself makes them.
func (s *Site) Member(name string, role rights.Role) *core.Record {
	s.T.Helper()
	users, err := s.Desk.Store.App.FindCollectionByNameOrId("users")
	if err != nil {
		s.T.Fatal(err)
	}
	u := core.NewRecord(users)
	u.Load(map[string]any{"username": name, "name": name, "email": name + "@example.com", "role": string(role), "active": true})
	u.SetPassword(GoodPassword)
	s.Save(u)
	if u, err = s.Desk.Store.App.FindRecordById("users", u.Id); err != nil { // as whoever changes it later reads it
		s.T.Fatal(err)
	}
	return u
}

func (w *World) Count(table string) (n int) {
	w.T.Helper()
	if err := w.Desk.Store.App.DB().NewQuery("SELECT COUNT(*) FROM " + table).Row(&n); err != nil {
		w.T.Fatal(err)
	}
	return n
}

func (s *Site) Save(r *core.Record) {
	s.T.Helper()
	if err := s.Desk.Store.App.Save(r); err != nil {
		s.T.Fatal(err)
	}
}

func (s *Site) CheckHeaders(path string) {
	s.T.Helper()
	want := map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cross-Origin-Resource-Policy": "same-origin",
		"Cross-Origin-Opener-Policy": "same-origin", "Referrer-Policy": "same-origin", "Strict-Transport-Security": ""}
	if strings.HasPrefix(path, "/api/") {
		want["Content-Security-Policy"], want["Cache-Control"] = "default-src 'none'; frame-ancestors 'none'", "no-store"
	}
	got := s.Guest().Get(path).Header
	for name, want := range want {
		if got.Get(name) != want {
			s.T.Errorf("%s: %s: got %q, want %q", path, name, got.Get(name), want)
		}
	}
}

// BehindProxy names the header that says who sends a request.
func (s *Site) BehindProxy() {
	s.T.Helper()
	set, err := s.Desk.Store.App.Settings().Clone()
	if err != nil {
		s.T.Fatal(err)
	}
	set.TrustedProxy.Headers = []string{"X-Real-Ip"}
	if err := s.Desk.Store.App.Save(set); err != nil {
		s.T.Fatal(err)
	}
}

// TryAll counts n tries under one key.
func TryAll(l *auth.Limiter, key string, limit, n int) {
	for range n {
		l.Take(map[string]int{key: limit})
	}
}

// Literal puts a value where a parameter stands.
func Literal(query string) string {
	query = strings.ReplaceAll(query, "?", "'x'")
	for {
		before, rest, found := strings.Cut(query, "{:")
		if !found {
			return query
		}
		_, after, _ := strings.Cut(rest, "}")
		query = before + "'x'" + after
	}
}

// Ping sends the heartbeat to every stream now.
func (s *Site) Ping() {
	s.Desk.Hub.Mu.Lock()
	all := slices.Collect(maps.Keys(s.Desk.Hub.Listeners))
	s.Desk.Hub.Mu.Unlock()
	for _, l := range all {
		s.Desk.Hub.Ping(l)
	}
}
