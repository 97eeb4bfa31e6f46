package hooks

import (
	"slices"
	"testing"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/auth"
	"mostrador/hooks/rights"
)

// TestAnUnnamedProxyIsTold to admins, when everybody who is signed in comes from one address with a forwarding header; a
// stranger who sends one says nothing.
func TestAnUnnamedProxyIsTold(t *testing.T) {
	s := newSite(t)
	boss := s.signIn(s.user("boss", rights.Admin))
	told := func() bool {
		var got api.Page[api.Warning]
		boss.get("/api/warnings").want(200).into(&got)
		return slices.ContainsFunc(got.Items, func(w api.Warning) bool { return w.Code == api.CodeUnnamedProxy && w.Message != "" })
	}
	guest := s.guest()
	guest.headers["X-Forwarded-For"] = "203.0.113.1"
	guest.get("/api/ready").want(200)
	if told() {
		t.Error("told although nobody who is signed in came through one")
	}
	boss.headers["X-Forwarded-For"] = "203.0.113.9"
	if told() {
		t.Error("told although people come directly, too")
	}
	s.pass(auth.ProxyMemory - time.Hour) // within a session's life
	boss.get("/api/auth/me").want(200)
	s.pass(time.Hour)
	if !told() {
		t.Error("not told")
	}
	s.behindProxy()
	if told() {
		t.Error("told although it is named")
	}
}

// TestTwoProxiesAreNotOne: an office's own proxy is not what the desk stands behind.
func TestTwoProxiesAreNotOne(t *testing.T) {
	s := newSite(t)
	p := &s.d.Guard.Proxied
	r := s.guest().request(t.Context(), "GET", "/", nil)
	r.Header.Set("Forwarded", "for=203.0.113.1")
	p.Note(r, "10.0.0.1")
	if !p.One() {
		t.Error("one is not seen")
	}
	p.Note(r, "10.0.0.2")
	p.Note(r, "10.0.0.2")
	if p.One() {
		t.Error("two are taken for one")
	}
	s.pass(auth.ProxyMemory)
	p.Note(r, "10.0.0.3")
	if !p.One() {
		t.Error("another one, a day later, is not seen")
	}
}

// TestNobodyIsKeptOutByAnAddressThatAllHave: behind such a proxy the limit of one address is that of all.
func TestNobodyIsKeptOutByAnAddressThatAllHave(t *testing.T) {
	s := newSite(t)
	boss := s.signIn(s.user("boss", rights.Admin))
	boss.headers["X-Forwarded-For"] = "203.0.113.9"
	boss.get("/api/auth/me").want(200)
	for range api.ArrivingByAddress + 5 {
		dialPost(t, s.server, "/api/auth/login", "", "{", 100)
	}
	s.until(func() bool {
		s.d.API.Door.Mu.Lock()
		defer s.d.API.Door.Mu.Unlock()
		return s.d.API.Door.Arriving.Len() == api.ArrivingByAddress+5
	})
}
