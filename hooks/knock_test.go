package hooks

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mostrador/hooks/auth"
	"mostrador/hooks/rights"

	"github.com/pocketbase/pocketbase/core"
)

// from lets a browser come from an address, as a proxy that is trusted would say.
func (s *site) from(ip string) *browser {
	s.d.Store.App.Settings().TrustedProxy.Headers = []string{"X-Real-IP"}
	b := s.guest()
	b.headers["X-Real-IP"] = ip
	return b
}

func (b *browser) login(name, password string) *answer {
	return b.post("/api/auth/login", map[string]string{"identity": name, "password": password})
}

// flood uses up what the limiter gives to everybody: for a person from anywhere, and at this address.
func (s *site) flood(person string) {
	tryAll(s.d.Guard.Logins, "loginPerson "+person, auth.TriesByName, auth.TriesByName)
	tryAll(s.d.Guard.Logins, "loginAddress 127.0.0.1", auth.TriesByIP, auth.TriesByIP)
}

// TestNobodyIsLockedOutOfTheirOwnBrowser: a flood of wrong passwords for a person, or from the office's address, stops all
// others, and not the browser in which that person has signed in before.
func TestNobodyIsLockedOutOfTheirOwnBrowser(t *testing.T) {
	s := newSite(t)
	ana, bea := s.member("ana", rights.Operator), s.member("bea", rights.Operator)
	hers := s.guest()
	hers.login("ana", goodPassword).want(200)
	hers.post("/api/auth/logout", nil).want(204)
	s.flood(ana.Id)
	tryAll(s.d.Guard.Logins, "loginPerson "+bea.Id, auth.TriesByName, auth.TriesByName)

	s.guest().login("ana", goodPassword).want(429)
	s.from("203.0.113.7").login("ana", goodPassword).want(429)
	hers.login("ana", goodPassword).want(200)
	hers.login("bea", goodPassword).want(429) // she is not known there
	made := s.guest()
	made.cookies[auth.DefaultCookie+"_device"] = strings.Repeat("x", 43) // nor is this browser anywhere
	made.login("ana", goodPassword).want(429)

	s.pass(auth.TryWindow + time.Second)
	hers.login("bea", goodPassword).want(200) // now both are
	for range auth.TriesByPair {
		hers.login("ana", "wrong").want(401)
	}
	hers.login("ana", goodPassword).want(429) // guessing there has its end, too
	hers.login("bea", goodPassword).want(200)
	s.guest().login("ana", goodPassword).want(200)
}

// TestKnownBrowserHasItsLimit: whoever knows one password and guesses others with their browser is counted, too.
func TestKnownBrowserHasItsLimit(t *testing.T) {
	s := newSite(t)
	s.member("ana", rights.Operator)
	b := s.guest()
	b.login("ana", goodPassword).want(200)
	for i := range auth.TriesByOwn {
		b.login(fmt.Sprint("other", i), "wrong").want(401)
	}
	b.login("another", "wrong").want(429)
	s.guest().login("ana", goodPassword).want(200)
}

// TestOnePersonIsCountedOnce by whichever name, and apart from names that nobody has.
func TestOnePersonIsCountedOnce(t *testing.T) {
	s := newSite(t)
	s.member("ana", rights.Operator)
	for i := range auth.TriesByPair {
		s.guest().login([]string{"ana", " ANA@example.com ", "Ana"}[i%3], "wrong").want(401)
	}
	for _, name := range []string{"ana", "ana@example.com"} {
		s.guest().login(name, goodPassword).want(429)
	}
	for range auth.TriesByPair {
		s.guest().login("nobody", "wrong").want(401)
	}
	s.guest().login("nobody", "wrong").want(429)
}

// TestLargeNetworkIsOneGuest: who has a /48 of IPv6 has 65,536 networks of a usual size.
func TestLargeNetworkIsOneGuest(t *testing.T) {
	s := newSite(t)
	link := map[string]string{"token": "wrong", "password": goodPassword}
	for i := range auth.TriesByBloc {
		s.from(fmt.Sprintf("2001:db8:1:%x::1", i)).post("/api/auth/setup", link).want(400)
	}
	s.from("2001:db8:1:ffff::1").post("/api/auth/setup", link).want(429)
	s.from("2001:db8:2::1").post("/api/auth/setup", link).want(400)
	for i := range auth.TriesByIP - 1 {
		s.from(fmt.Sprintf("2001:db8:2::%x", i)).post("/api/auth/setup", link).want(400)
	}
	s.from("2001:db8:2::ffff").post("/api/auth/setup", link).want(429)
}

// TestDashboardIsCountedByName: guessing a superuser's password from many addresses has an end; in their own browser they get in.
func TestDashboardIsCountedByName(t *testing.T) {
	s := newSite(t)
	supers, err := s.d.Store.App.FindCollectionByNameOrId(core.CollectionNameSuperusers)
	if err != nil {
		t.Fatal(err)
	}
	root := core.NewRecord(supers)
	root.SetEmail("root@example.com")
	root.SetPassword(goodPassword)
	s.save(root)
	try := func(b *browser, name, password string) *answer {
		return b.post("/api/collections/_superusers/auth-with-password", map[string]string{"identity": name, "password": password})
	}
	own := s.from("203.0.113.1")
	try(own, "root@example.com", goodPassword).want(200)
	tryAll(s.d.Guard.Logins, "superuserPerson "+root.Id, auth.TriesByName, auth.TriesByName-1)
	try(s.from("203.0.113.2"), "root@example.com", "wrong").want(400)
	try(s.from("203.0.113.3"), "root@example.com", "wrong").want(429)
	try(own, "root@example.com", goodPassword).want(200)
	for range auth.TriesByPair {
		try(s.from("203.0.113.4"), "nobody@example.com", "wrong").want(400)
	}
	try(s.from("203.0.113.4"), "nobody@example.com", "wrong").want(429)
}

func TestDeviceCookie(t *testing.T) {
	s := newSite(t)
	ana := s.member("ana", rights.Operator)
	b := s.guest()
	b.headers["X-Forwarded-Proto"] = "https"
	var cookie string
	for _, line := range b.login("ana", goodPassword).want(200).header.Values("Set-Cookie") {
		if strings.Contains(line, "_device=") {
			cookie = line
		}
	}
	for _, want := range []string{"__Host-mostrador_device=", "HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age=34560000"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("got %q, want %s in it", cookie, want)
		}
	}
	token := b.cookies["__Host-mostrador_device"]
	if s.rows("devices", "hash LIKE '%"+token+"%'") != 0 || s.count("devices") != 1 {
		t.Errorf("got %d devices, want one that does not hold the key itself", s.count("devices"))
	}
	b.login("ana", goodPassword).want(200)
	if got := b.cookies["__Host-mostrador_device"]; got != token || s.count("devices") != 1 {
		t.Errorf("got another key or %d devices after the second time, want the same one", s.count("devices"))
	}
	alone := s.guest() // it opens nothing by itself
	alone.cookies[auth.DefaultCookie+"_device"], alone.cookies[auth.DefaultCookie] = token, token
	alone.get("/api/auth/me").want(401)
	for i := range auth.MaxDevices + 5 {
		if err := s.d.Guard.WriteDevice(t.Context(), fmt.Sprint("hash", i), ana.Id); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.count("devices"); got != auth.MaxDevices {
		t.Errorf("got %d devices of one person, want the last %d", got, auth.MaxDevices)
	}
	s.pass(auth.DeviceFor + time.Second)
	if err := s.d.Guard.SweepDevices(t.Context()); err != nil || s.count("devices") != 0 {
		t.Errorf("got %d devices, %v, want none that nobody uses", s.count("devices"), err)
	}
	b.login("ana", goodPassword).want(200)
	if err := s.d.Store.App.Delete(ana); err != nil || s.count("devices") != 0 {
		t.Errorf("got %d devices of who was deleted, %v, want none", s.count("devices"), err)
	}
}
