package auth_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mostrador/hooks/auth"
	"mostrador/hooks/desktest"
	"mostrador/hooks/rights"

	"github.com/pocketbase/pocketbase/core"
)

// TestNobodyIsLockedOutOfTheirOwnBrowser: a flood of wrong passwords for a person, or from the office's address, stops all
// others, and not the browser in which that person has signed in before.
func TestNobodyIsLockedOutOfTheirOwnBrowser(t *testing.T) {
	s := desktest.NewSite(t)
	ana, bea := s.Member("ana", rights.Operator), s.Member("bea", rights.Operator)
	hers := s.Guest()
	hers.Login("ana", desktest.GoodPassword).Want(200)
	hers.Post("/api/auth/logout", nil).Want(204)
	s.Flood(ana.Id)
	desktest.TryAll(s.Desk.Guard.Logins, "loginPerson "+bea.Id, auth.TriesByName, auth.TriesByName)

	s.Guest().Login("ana", desktest.GoodPassword).Want(429)
	s.From("203.0.113.7").Login("ana", desktest.GoodPassword).Want(429)
	hers.Login("ana", desktest.GoodPassword).Want(200)
	hers.Login("bea", desktest.GoodPassword).Want(429) // she is not known there
	made := s.Guest()
	made.Cookies[auth.DefaultCookie+"_device"] = strings.Repeat("x", 43) // nor is this browser anywhere
	made.Login("ana", desktest.GoodPassword).Want(429)

	s.Pass(auth.TryWindow + time.Second)
	hers.Login("bea", desktest.GoodPassword).Want(200) // now both are
	for range auth.TriesByPair {
		hers.Login("ana", "wrong").Want(401)
	}
	hers.Login("ana", desktest.GoodPassword).Want(429) // guessing there has its end, too
	hers.Login("bea", desktest.GoodPassword).Want(200)
	s.Guest().Login("ana", desktest.GoodPassword).Want(200)
}

// TestKnownBrowserHasItsLimit: whoever knows one password and guesses others with their browser is counted, too.
func TestKnownBrowserHasItsLimit(t *testing.T) {
	s := desktest.NewSite(t)
	s.Member("ana", rights.Operator)
	b := s.Guest()
	b.Login("ana", desktest.GoodPassword).Want(200)
	for i := range auth.TriesByOwn {
		s.User(fmt.Sprint("other", i), rights.Operator)
		b.Login(fmt.Sprint("other", i), "wrong").Want(401)
	}
	b.Login("another", "wrong").Want(429)
	s.Guest().Login("ana", desktest.GoodPassword).Want(200)
}

// TestOnePersonIsCountedOnce by whichever name, and apart from names that nobody has.
func TestOnePersonIsCountedOnce(t *testing.T) {
	s := desktest.NewSite(t)
	s.Member("ana", rights.Operator)
	for i := range auth.TriesByPair {
		s.Guest().Login([]string{"ana", " ANA@example.com ", "Ana"}[i%3], "wrong").Want(401)
	}
	for _, name := range []string{"ana", "ana@example.com"} {
		s.Guest().Login(name, desktest.GoodPassword).Want(429)
	}
	tries := auth.TriesByPair
	if testing.Short() { // hashing for nobody takes as long as for somebody, which is a second under the race detector
		tries = 2
		desktest.TryAll(s.Desk.Guard.Logins, "loginPairName nobody 127.0.0.1", auth.TriesByPair, auth.TriesByPair-tries)
	}
	for range tries {
		s.Guest().Login("nobody", "wrong").Want(401)
	}
	s.Guest().Login("nobody", "wrong").Want(429)
}

// TestLargeNetworkIsOneGuest: who has a /48 of IPv6 has 65,536 networks of a usual size.
func TestLargeNetworkIsOneGuest(t *testing.T) {
	s := desktest.NewSite(t)
	link := map[string]string{"token": "wrong", "password": desktest.GoodPassword}
	for i := range auth.TriesByBloc {
		s.From(fmt.Sprintf("2001:db8:1:%x::1", i)).Post("/api/auth/setup", link).Want(400)
	}
	s.From("2001:db8:1:ffff::1").Post("/api/auth/setup", link).Want(429)
	s.From("2001:db8:2::1").Post("/api/auth/setup", link).Want(400)
	for i := range auth.TriesByIP - 1 {
		s.From(fmt.Sprintf("2001:db8:2::%x", i)).Post("/api/auth/setup", link).Want(400)
	}
	s.From("2001:db8:2::ffff").Post("/api/auth/setup", link).Want(429)
}

// TestDashboardIsCountedByName: guessing a superuser's password from many addresses has an end; in their own browser they get in.
func TestDashboardIsCountedByName(t *testing.T) {
	s := desktest.NewSite(t)
	supers, err := s.Desk.Store.App.FindCollectionByNameOrId(core.CollectionNameSuperusers)
	if err != nil {
		t.Fatal(err)
	}
	root := core.NewRecord(supers)
	root.SetEmail("root@example.com")
	root.SetPassword(desktest.GoodPassword)
	s.Save(root)
	try := func(b *desktest.Browser, name, password string) *desktest.Answer {
		return b.Post("/api/collections/_superusers/auth-with-password", map[string]string{"identity": name, "password": password})
	}
	own := s.From("203.0.113.1")
	try(own, "root@example.com", desktest.GoodPassword).Want(200)
	desktest.TryAll(s.Desk.Guard.Logins, "superuserPerson "+root.Id, auth.TriesByName, auth.TriesByName-1)
	try(s.From("203.0.113.2"), "root@example.com", "wrong").Want(400)
	try(s.From("203.0.113.3"), "root@example.com", "wrong").Want(429)
	try(own, "root@example.com", desktest.GoodPassword).Want(200)
	for range auth.TriesByPair {
		try(s.From("203.0.113.4"), "nobody@example.com", "wrong").Want(400)
	}
	try(s.From("203.0.113.4"), "nobody@example.com", "wrong").Want(429)
}

func TestDeviceCookie(t *testing.T) {
	s := desktest.NewSite(t)
	ana := s.Member("ana", rights.Operator)
	b := s.Guest()
	b.Headers["X-Forwarded-Proto"] = "https"
	var cookie string
	for _, line := range b.Login("ana", desktest.GoodPassword).Want(200).Header.Values("Set-Cookie") {
		if strings.Contains(line, "_device=") {
			cookie = line
		}
	}
	for _, want := range []string{"__Host-mostrador_device=", "HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age=34560000"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("got %q, want %s in it", cookie, want)
		}
	}
	token := b.Cookies["__Host-mostrador_device"]
	if s.Rows("devices", "hash LIKE '%"+token+"%'") != 0 || s.Count("devices") != 1 {
		t.Errorf("got %d devices, want one that does not hold the key itself", s.Count("devices"))
	}
	b.Login("ana", desktest.GoodPassword).Want(200)
	if got := b.Cookies["__Host-mostrador_device"]; got != token || s.Count("devices") != 1 {
		t.Errorf("got another key or %d devices after the second time, want the same one", s.Count("devices"))
	}
	alone := s.Guest() // it opens nothing by itself
	alone.Cookies[auth.DefaultCookie+"_device"], alone.Cookies[auth.DefaultCookie] = token, token
	alone.Get("/api/auth/me").Want(401)
	for i := range auth.MaxDevices + 5 {
		if err := s.Desk.Guard.WriteDevice(t.Context(), fmt.Sprint("hash", i), ana.Id); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.Count("devices"); got != auth.MaxDevices {
		t.Errorf("got %d devices of one person, want the last %d", got, auth.MaxDevices)
	}
	s.Pass(auth.DeviceFor + time.Second)
	if err := s.Desk.Guard.SweepDevices(t.Context()); err != nil || s.Count("devices") != 0 {
		t.Errorf("got %d devices, %v, want none that nobody uses", s.Count("devices"), err)
	}
	b.Login("ana", desktest.GoodPassword).Want(200)
	if err := s.Desk.Store.App.Delete(ana); err != nil || s.Count("devices") != 0 {
		t.Errorf("got %d devices of who was deleted, %v, want none", s.Count("devices"), err)
	}
}
