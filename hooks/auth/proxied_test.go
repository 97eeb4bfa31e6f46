package auth_test

import (
	"slices"
	"testing"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/auth"
	"mostrador/hooks/desktest"
	"mostrador/hooks/rights"
)

// TestAnUnnamedProxyIsTold to admins, when everybody who is signed in comes from one address with a forwarding header; a
// stranger who sends one says nothing.
func TestAnUnnamedProxyIsTold(t *testing.T) {
	s := desktest.NewSite(t)
	boss := s.SignIn(s.User("boss", rights.Admin))
	told := func() bool {
		var got api.Page[api.Warning]
		boss.Get("/api/warnings").Want(200).Into(&got)
		return slices.ContainsFunc(got.Items, func(w api.Warning) bool { return w.Code == auth.WarnUnnamedProxy.Code && w.Message != "" })
	}
	guest := s.Guest()
	guest.Headers["X-Forwarded-For"] = "203.0.113.1"
	guest.Get("/api/ready").Want(200)
	if told() {
		t.Error("told although nobody who is signed in came through one")
	}
	boss.Headers["X-Forwarded-For"] = "203.0.113.9"
	if told() {
		t.Error("told although people come directly, too")
	}
	s.Pass(auth.ProxyMemory - time.Hour) // within a session's life
	boss.Get("/api/auth/me").Want(200)
	s.Pass(time.Hour)
	if !told() {
		t.Error("not told")
	}
	s.BehindProxy()
	if told() {
		t.Error("told although it is named")
	}
}

// TestTwoProxiesAreNotOne: an office's own proxy is not what the desk stands behind.
func TestTwoProxiesAreNotOne(t *testing.T) {
	s := desktest.NewSite(t)
	p := &s.Desk.Guard.Proxied
	r := s.Guest().Request(t.Context(), "GET", "/", nil)
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
	s.Pass(auth.ProxyMemory)
	p.Note(r, "10.0.0.3")
	if !p.One() {
		t.Error("another one, a day later, is not seen")
	}
}

// TestNobodyIsKeptOutByAnAddressThatAllHave: behind such a proxy the limit of one address is that of all.
func TestNobodyIsKeptOutByAnAddressThatAllHave(t *testing.T) {
	s := desktest.NewSite(t)
	boss := s.SignIn(s.User("boss", rights.Admin))
	boss.Headers["X-Forwarded-For"] = "203.0.113.9"
	boss.Get("/api/auth/me").Want(200)
	for range api.ArrivingByAddress + 5 {
		dialPost(t, s.Server, "/api/auth/login", "", "{", 100)
	}
	s.Until(func() bool {
		s.Desk.API.Door.Mu.Lock()
		defer s.Desk.API.Door.Mu.Unlock()
		return s.Desk.API.Door.Arriving.Len() == api.ArrivingByAddress+5
	})
}
