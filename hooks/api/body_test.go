package api_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/desktest"
	"mostrador/hooks/rights"
)

// TestTheRestOfABodyIsNoRequest: what was too long to be read is not taken for the next request of the connection.
func TestTheRestOfABodyIsNoRequest(t *testing.T) {
	s := desktest.NewSite(t)
	inner := "GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n"
	body := inner + strings.Repeat("x", api.BodyLimit)
	for _, path := range []string{"/api/auth/login", "/api/areas", "/api/nothing", "/nothing"} {
		c, err := net.Dial("tcp", s.Server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		go func() { // until the desk hangs up
			_, _ = fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, len(body), body)
		}()
		_ = c.SetReadDeadline(time.Now().Add(3 * time.Second))
		got, err := io.ReadAll(c)
		if n := strings.Count(string(got), "HTTP/1.1 "); n != 1 || strings.Contains(string(got), "healthy") {
			t.Errorf("%s: got %d answers (%v), want one and the end of the connection:\n%s", path, n, err, got)
		}
		_ = c.Close()
	}
}

// TestTooLongABodyIsToldInTheUsersLanguage, also when its length alone tells.
func TestTooLongABodyIsToldInTheUsersLanguage(t *testing.T) {
	s := desktest.NewSite(t)
	b := s.SignIn(s.User("boss", rights.Admin))
	b.Headers["Accept-Language"] = "es"
	for _, body := range []any{strings.Repeat("x", api.BodyLimit+1), io.MultiReader(strings.NewReader(strings.Repeat("x", api.BodyLimit+1)))} { // the second tells no length
		if e := b.Do("POST", "/api/areas", body).Want(413).Refusal(); e.Code != api.ErrTooBig.Code || e.Message != api.ErrTooBig.Say("es") {
			t.Errorf("got %+v, want it said in Spanish", e)
		}
	}
}
