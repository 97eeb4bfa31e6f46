package auth_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/auth"
	"mostrador/hooks/desktest"
	"mostrador/hooks/people"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"golang.org/x/crypto/bcrypt"
)

func TestLogin(t *testing.T) {
	s := desktest.NewSite(t)
	s.Member("ana", rights.Operator)
	off := s.Member("off", rights.Operator)
	off.Set("active", false)
	if err := s.Desk.Store.App.Save(off); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, identity, password string
		want                     int
	}{
		{"by user name", "ana", desktest.GoodPassword, 200},
		{"by user name in capitals", " Ana ", desktest.GoodPassword, 200},
		{"by e-mail", "Ana@Example.com", desktest.GoodPassword, 200},
		{"wrong password", "ana", "correct horse", 401},
		{"unknown user", "nobody", desktest.GoodPassword, 401},
		{"switched off", "off", desktest.GoodPassword, 401},
		{"nothing", "", "", 401},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := s.Guest()
			got := b.Post("/api/auth/login", map[string]string{"identity": c.identity, "password": c.password}).Want(c.want)
			if c.want == 401 {
				if e := got.Refusal(); e.Code != auth.ErrWrongLogin.Code || e.Message != auth.ErrWrongLogin.Say("en") {
					t.Errorf("got %+v, want the same sentence for every wrong login", e)
				}
				b.Get("/api/auth/me").Want(401)
				return
			}
			var me auth.MeView
			b.Get("/api/auth/me").Want(200).Into(&me)
			if me.Username != "ana" || me.Role != rights.Operator || me.TargetMinutes != 15 {
				t.Errorf("got %+v, want ana and the desk's target", me)
			}
		})
	}
}

// TestLoginTakesAsLongForNobody: with the same cost of bcrypt nobody can tell by the time whether a user exists.
func TestLoginTakesAsLongForNobody(t *testing.T) {
	u := desktest.NewSite(t).Member("ana", rights.Operator)
	u.Collection().Fields.GetByName("password").(*core.PasswordField).Cost = desktest.PasswordCost["users"]
	u.SetPassword(desktest.GoodPassword)
	stored, _ := u.GetRaw("password").(*core.PasswordFieldValue)
	known, err := bcrypt.Cost([]byte(stored.Hash))
	if err != nil {
		t.Fatal(err)
	}
	if nobody, err := bcrypt.Cost([]byte(auth.NobodysHash)); err != nil || nobody != known {
		t.Errorf("nobody's hash costs %d (%v), a user's %d: one can tell them apart", nobody, err, known)
	}
	if err := bcrypt.CompareHashAndPassword([]byte(auth.NobodysHash), []byte("x")); !errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		t.Errorf("got %v, want nobody's hash to be computed and not to fit", err)
	}
}

func TestLoginIsSlowedDown(t *testing.T) {
	s := desktest.NewSite(t)
	s.Member("ana", rights.Operator)
	try := func(name, password string) *desktest.Answer {
		return s.Guest().Post("/api/auth/login", map[string]string{"identity": name, "password": password})
	}
	for range auth.TriesByPair {
		try("ana", "wrong").Want(401)
	}
	late := try("ana", desktest.GoodPassword).Want(429)
	if e := late.Refusal(); e.Code != auth.ErrTooFast.Code || late.Header.Get("Retry-After") == "" {
		t.Errorf("got %+v with Retry-After %q, want %s and when to try again", e, late.Header.Get("Retry-After"), auth.ErrTooFast.Code)
	}
	try("bea", "wrong").Want(401) // somebody else in the same office
	s.Pass(auth.TryWindow + time.Second)
	try("ana", desktest.GoodPassword).Want(200)
}

func TestCookie(t *testing.T) {
	s := desktest.NewSite(t)
	s.Member("ana", rights.Operator)
	login := map[string]string{"identity": "ana", "password": desktest.GoodPassword}
	for _, c := range []struct {
		name, configured string
		tls              bool
		want             string
	}{
		{"plain", "", false, "mostrador=; HttpOnly; SameSite=Lax"},
		{"TLS", "", true, "__Host-mostrador=; HttpOnly; Secure; SameSite=Lax"},
		{"own name", "sid", true, "sid=; HttpOnly; Secure; SameSite=Lax"},
		{"a protected name without TLS", "__Host-sid", false, "sid=; HttpOnly; SameSite=Lax"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.Desk.Guard.Web.Cookie = c.configured
			b := s.Guest()
			if c.tls {
				b.Headers["X-Forwarded-Proto"] = "https"
			}
			cookie := b.Post("/api/auth/login", login).Want(200).Header.Get("Set-Cookie")
			name, rest, _ := strings.Cut(cookie, "=")
			_, flags, _ := strings.Cut(rest, "; Path=/; Max-Age=86400; ")
			if got := name + "=; " + flags; got != c.want {
				t.Errorf("got cookie %q (%s), want %q", got, cookie, c.want)
			}
			b.Get("/api/auth/me").Want(200)
		})
	}
}

func TestSessionEnds(t *testing.T) {
	s := desktest.NewSite(t)
	ana := s.User("ana", rights.Operator)
	b := s.SignIn(ana)
	b.Get("/api/auth/me").Want(200)

	s.Pass(auth.DefaultMaxAge - time.Minute)
	b.Get("/api/auth/me").Want(200) // moves the end
	s.Pass(2 * time.Minute)
	b.Get("/api/auth/me").Want(200)
	if err := s.Desk.Guard.Sessions.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	s.Desk.Guard.Sessions.ByHash = map[string]*auth.Session{} // as after a restart
	b.Get("/api/auth/me").Want(200)

	s.Pass(auth.DefaultMaxAge + time.Second)
	b.Get("/api/auth/me").Want(401)
	if err := s.Desk.Guard.Sessions.Sweep(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := s.Count("sessions"); got != 0 {
		t.Errorf("got %d sessions after the sweep, want 0", got)
	}
}

func TestChangedSecretSignsEveryoneOut(t *testing.T) {
	s := desktest.NewSite(t)
	b := s.SignIn(s.User("ana", rights.Operator))
	s.Desk.Guard.Web.Secret = "another"
	b.Get("/api/auth/me").Want(401)
}

func TestSessionsListAndRevoke(t *testing.T) {
	s := desktest.NewSite(t)
	ana, bea, boss := s.User("ana", rights.Operator), s.User("bea", rights.Operator), s.User("boss", rights.Admin)
	desk, phone, other, admin := s.SignIn(ana), s.SignIn(ana), s.SignIn(bea), s.SignIn(boss)

	list := func(b *desktest.Browser) (current string, others []string) {
		var got api.Page[auth.SessionView]
		b.Get("/api/auth/sessions").Want(200).Into(&got)
		for _, one := range got.Items {
			if one.Current {
				current = one.ID
			} else {
				others = append(others, one.ID)
			}
		}
		return current, others
	}
	mine, phones := list(desk)
	if mine == "" || len(phones) != 1 {
		t.Fatalf("got current %q and others %v, want one of each", mine, phones)
	}
	beas, _ := list(other)
	desk.Do("DELETE", "/api/auth/sessions/"+beas, nil).Want(404)
	desk.Do("DELETE", "/api/auth/sessions/"+phones[0], nil).Want(204)
	phone.Get("/api/auth/me").Want(401)
	desk.Get("/api/auth/me").Want(200)
	admin.Do("DELETE", "/api/auth/sessions/"+beas, nil).Want(404)
	admin.Do("DELETE", "/api/users/nobody/sessions", nil).Want(404)
	other.Get("/api/auth/me").Want(200)
	admin.Do("DELETE", "/api/users/"+bea.ID+"/sessions", nil).Want(204)
	other.Get("/api/auth/me").Want(401)
	admin.Get("/api/auth/me").Want(200)

	again := s.SignIn(ana)
	desk.Do("DELETE", "/api/auth/sessions", nil).Want(204)
	desk.Get("/api/auth/me").Want(401)
	again.Get("/api/auth/me").Want(401)
}

// TestNoSessionBehindAChange: bcrypt takes its time, and a password that is changed meanwhile opens nothing any more.
func TestNoSessionBehindAChange(t *testing.T) {
	s := desktest.NewSite(t)
	u := s.Member("ana", rights.Operator)
	who, err := s.Desk.Guard.WhoIs(t.Context(), "ana")
	if err != nil {
		t.Fatal(err)
	}
	id, hash, err := s.Desk.Guard.CheckPassword(t.Context(), who, desktest.GoodPassword)
	if err != nil || id != u.Id {
		t.Fatalf("got %q and %v", id, err)
	}
	u.SetPassword("another password")
	s.Save(u)
	if token, err := s.Desk.Guard.Sessions.Open(t.Context(), id, hash, "test", "127.0.0.1"); token != "" || err != nil {
		t.Errorf("got a session with the old password, %v", err)
	}
}

func TestLogout(t *testing.T) {
	s := desktest.NewSite(t)
	b := s.SignIn(s.User("ana", rights.Operator))
	token := b.Cookies[auth.DefaultCookie]
	b.Post("/api/auth/logout", nil).Want(204)
	if _, kept := b.Cookies[auth.DefaultCookie]; kept {
		t.Error("the browser keeps the cookie")
	}
	b.Cookies[auth.DefaultCookie] = token
	b.Get("/api/auth/me").Want(401)
}

func TestSetUpLink(t *testing.T) {
	s := desktest.NewSite(t)
	u := s.Member("ana", rights.Operator)
	sum := sha256.Sum256([]byte("one-time"))
	u.Set("setupHash", hex.EncodeToString(sum[:]))
	u.Set("setupUntil", s.Desk.Store.Now().Add(time.Hour))
	if err := s.Desk.Store.App.Save(u); err != nil {
		t.Fatal(err)
	}
	post := func(token, password string) *desktest.Answer {
		return s.Guest().Post("/api/auth/setup", map[string]string{"token": token, "password": password})
	}
	post("one-time", "short").Want(400)
	post("another", "a new password").Want(400)
	post("", "a new password").Want(400)
	old := s.SignIn(rights.Viewer{ID: u.Id})
	post("one-time", "a new password").Want(200)
	old.Get("/api/auth/me").Want(401)
	post("one-time", "a second password").Want(400)
	s.Guest().Post("/api/auth/login", map[string]string{"identity": "ana", "password": "a new password"}).Want(200)
}

func TestSetUpLinkRunsOut(t *testing.T) {
	s := desktest.NewSite(t)
	u := s.Member("ana", rights.Operator)
	sum := sha256.Sum256([]byte("one-time"))
	u.Set("setupHash", hex.EncodeToString(sum[:]))
	u.Set("setupUntil", s.Desk.Store.Now().Add(time.Hour))
	if err := s.Desk.Store.App.Save(u); err != nil {
		t.Fatal(err)
	}
	s.Pass(time.Hour)
	got := s.Guest().Post("/api/auth/setup", map[string]string{"token": "one-time", "password": "a new password"}).Want(400)
	if code := got.Refusal().Code; code != auth.ErrBadLink.Code {
		t.Errorf("got %s, want %s", code, auth.ErrBadLink.Code)
	}
}

// TestSideDoors tries every known way round the desk's own sessions.
func TestSideDoors(t *testing.T) {
	s := desktest.NewSite(t)
	u := s.Member("ana", rights.Admin)
	jwt, err := u.NewAuthToken()
	if err != nil {
		t.Fatal(err)
	}
	fileToken, err := u.NewFileToken()
	if err != nil {
		t.Fatal(err)
	}
	chat := s.Conversation(store.StatusOpen, "", u.Id)
	in, guest := s.SignIn(rights.Viewer{ID: u.Id}), s.Guest()
	bearer, both := s.Guest(), s.SignIn(rights.Viewer{ID: u.Id})
	bearer.Headers["Authorization"] = "Bearer " + jwt
	both.Headers["Authorization"] = jwt
	foreign := s.SignIn(rights.Viewer{ID: u.Id})
	foreign.Headers["Sec-Fetch-Site"] = "cross-site"
	origin := s.SignIn(rights.Viewer{ID: u.Id})
	origin.Headers["Origin"] = "https://evil.example"
	password := map[string]string{"identity": "ana@example.com", "password": desktest.GoodPassword}
	user := "/api/collections/users/"
	for _, c := range []struct {
		name         string
		who          *desktest.Browser
		method, path string
		body         any
		want         int
	}{
		{"stock password login", guest, "POST", user + "auth-with-password", password, 401},
		{"stock password login, signed in", in, "POST", user + "auth-with-password", password, 404},
		{"stock token on our route", bearer, "GET", "/api/auth/me", nil, 401},
		{"stock token on a stock route", bearer, "GET", user + "records", nil, 401},
		{"stock token without Bearer", both, "GET", "/api/auth/me", nil, 401},
		{"cookie turned into a token", in, "POST", user + "auth-refresh", nil, 404},
		{"cookie and token turned into a token", both, "POST", user + "auth-refresh", nil, 401},
		{"one-time password", guest, "POST", user + "request-otp", map[string]string{"email": "ana@example.com"}, 401},
		{"login by another provider", guest, "POST", user + "auth-with-oauth2", map[string]string{"provider": "google"}, 401},
		{"password reset by mail", guest, "POST", user + "request-password-reset", map[string]string{"email": "ana@example.com"}, 401},
		{"mail change", in, "POST", user + "request-email-change", map[string]string{"newEmail": "x@example.com"}, 404},
		{"verification", guest, "POST", user + "request-verification", map[string]string{"email": "ana@example.com"}, 401},
		{"sign-up", guest, "POST", user + "records", map[string]string{"username": "evil", "role": "ADMIN"}, 401},
		{"own role", in, "PATCH", user + "records/" + u.Id, map[string]string{"role": "ADMIN"}, 404},
		{"own record", in, "GET", user + "records/" + u.Id, nil, 404},
		{"impersonation", in, "POST", user + "impersonate/" + u.Id, nil, 404},
		{"conversations by the stock list", in, "GET", "/api/collections/conversations/records", nil, 404},
		{"one conversation by the stock route", in, "GET", "/api/collections/conversations/records/" + chat, nil, 404},
		{"messages by the stock list", guest, "GET", "/api/collections/messages/records", nil, 401},
		{"writing a conversation", in, "PATCH", "/api/collections/conversations/records/" + chat, map[string]string{"area": "x"}, 404},
		{"file token", in, "POST", "/api/files/token", nil, 404},
		{"stock file route", in, "GET", "/api/files/media/x/y?token=" + fileToken, nil, 404},
		{"batch", in, "POST", "/api/batch", map[string]any{"requests": []any{}}, 404},
		{"logs", in, "GET", "/api/logs", nil, 404},
		{"backups", in, "GET", "/api/backups", nil, 404},
		{"collections", in, "GET", "/api/collections", nil, 404},
		{"crons", in, "GET", "/api/crons", nil, 404},
		{"writing PocketBase's settings", in, "PATCH", "/api/settings", map[string]any{}, 404},
		{"first superuser", guest, "POST", "/api/collections/_superusers/records", map[string]string{"email": "e@example.com"}, 401},
		{"another site's page, by Sec-Fetch-Site", foreign, "POST", "/api/auth/logout", nil, 403},
		{"another site's page, by Origin", origin, "POST", "/api/auth/logout", nil, 403},
		{"unknown path", guest, "GET", "/api/nothing/here", nil, 404},
		{"unknown path, signed in", in, "GET", "/api/nothing/here", nil, 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := c.who.Do(c.method, c.path, c.body)
			if got.Status != c.want {
				t.Errorf("%s %s: got %d, want %d: %s", c.method, c.path, got.Status, c.want, got.Body)
			}
			if got.Refusal().Status != c.want {
				t.Errorf("%s %s: the body says %d", c.method, c.path, got.Refusal().Status)
			}
		})
	}
	in.Get("/api/auth/me").Want(200) // still signed in after all that
}

// TestCookieAndForgedHeader is the way in which PocketBase once gave a real token for a cookie.
func TestCookieAndForgedHeader(t *testing.T) {
	s := desktest.NewSite(t)
	b := s.SignIn(s.User("ana", rights.Admin))
	b.Headers["Authorization"] = "eyJhbGciOiJIUzI1NiJ9.eyJyZWZyZXNoYWJsZSI6dHJ1ZX0.x"
	for _, path := range []string{"/api/collections/users/auth-refresh", "/api/auth/logout"} {
		if e := b.Post(path, nil).Want(400).Refusal(); e.Code != auth.ErrTwoIdentity.Code {
			t.Errorf("%s: got %s, want %s", path, e.Code, auth.ErrTwoIdentity.Code)
		}
	}
}

func TestDashboardStillWorks(t *testing.T) {
	s := desktest.NewSite(t)
	supers, err := s.Desk.Store.App.FindCollectionByNameOrId(core.CollectionNameSuperusers)
	if err != nil {
		t.Fatal(err)
	}
	root := core.NewRecord(supers)
	root.SetEmail("root@example.com")
	root.SetPassword(desktest.GoodPassword)
	if err := s.Desk.Store.App.Save(root); err != nil {
		t.Fatal(err)
	}
	var in struct{ Token string }
	s.Guest().Post("/api/collections/_superusers/auth-with-password", map[string]string{"identity": "root@example.com", "password": desktest.GoodPassword}).Want(200).Into(&in)
	b := s.SignIn(s.User("ana", rights.Admin)) // the same person has the desk open in another tab
	b.Headers["Authorization"] = in.Token
	b.Get("/api/collections/conversations/records").Want(200)
	b.Get("/api/settings").Want(200)
	b.Post("/api/collections/_superusers/auth-refresh", nil).Want(200)
	b.Get("/api/auth/me").Want(401) // and is not a user of the desk by that
}

// TestRequestOfAnotherTab: somebody else signed in in another tab, and this one sends what it has.
func TestRequestOfAnotherTab(t *testing.T) {
	s := desktest.NewSite(t)
	ana, bea := s.User("ana", rights.Admin), s.User("bea", rights.Admin)
	b := s.SignIn(bea)
	for user, status := range map[string]int{"": 200, bea.ID: 200, ana.ID: 412} {
		b.Headers[api.MeantUser] = user
		b.Get("/api/auth/me").Want(status)
	}
	b.Headers[api.MeantUser] = ana.ID
	b.Post("/api/areas", map[string]string{"name": "Ventas"}).Want(412)
	b.Post("/api/auth/login", map[string]string{"identity": "ana", "password": "x"}).Want(401) // signing in is nobody's yet
	delete(b.Headers, api.MeantUser)
	var areas api.Page[people.AreaView]
	if b.Get("/api/areas").Want(200).Into(&areas); len(areas.Items) != 0 {
		t.Errorf("got %+v, want nothing done", areas.Items)
	}
}

func TestRevocationIsImmediate(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*desktest.Site, *core.Record)
		after  int
	}{
		{"switched off", func(s *desktest.Site, u *core.Record) { u.Set("active", false); s.Save(u) }, 401},
		{"new password", func(s *desktest.Site, u *core.Record) { u.SetPassword("another password"); s.Save(u) }, 401},
		{"new role", func(s *desktest.Site, u *core.Record) { u.Set("role", "ADMIN"); s.Save(u) }, 200},
		{"session deleted in the dashboard", func(s *desktest.Site, u *core.Record) {
			one, err := s.Desk.Store.App.FindFirstRecordByData("sessions", "user", u.Id)
			if err == nil {
				err = s.Desk.Store.App.Delete(one)
			}
			if err != nil {
				s.T.Fatal(err)
			}
		}, 401},
		{"user deleted in the dashboard", func(s *desktest.Site, u *core.Record) {
			if err := s.Desk.Store.App.Delete(u); err != nil {
				s.T.Fatal(err)
			}
		}, 401},
		{"area added in the dashboard", func(s *desktest.Site, u *core.Record) {
			memberships, err := s.Desk.Store.App.FindCollectionByNameOrId("memberships")
			if err != nil {
				s.T.Fatal(err)
			}
			m := core.NewRecord(memberships)
			m.Load(map[string]any{"user": u.Id, "area": s.Area("sales")})
			s.Save(m)
		}, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := desktest.NewSite(t)
			u := s.Member("ana", rights.Operator)
			b := s.SignIn(rights.Viewer{ID: u.Id})
			live := b.Listen(store.EventMessageNew)
			b.Get("/api/auth/me").Want(200)
			c.change(s, u)
			b.Get("/api/auth/me").Want(c.after)
			if name, _ := live.Next(); name != "" {
				t.Errorf("got event %q, want the stream to end", name)
			}
		})
	}
}

// TestSuperuserIsNotGuessed: the way into the dashboard is no quicker than the desk's own.
func TestSuperuserIsNotGuessed(t *testing.T) {
	s := desktest.NewSite(t)
	if err := s.Desk.Guard.SetSuperuser(t.Context(), "root@example.com", desktest.GoodPassword); err != nil {
		t.Fatal(err)
	}
	const login = "/api/collections/_superusers/auth-with-password"
	s.Guest().Post(login, map[string]string{"identity": "root@example.com", "password": desktest.GoodPassword}).Want(200)
	for range auth.TriesByIP { // the right one was given back
		s.Guest().Post(login, `{"identity":"root@example.com"}`).Want(400)
	}
	got := s.Guest().Post(login, map[string]string{"identity": "root@example.com", "password": desktest.GoodPassword}).Want(429)
	if e := got.Refusal(); e.Code != auth.ErrTooFast.Code || got.Header.Get("Retry-After") == "" {
		t.Errorf("got %+v, want to be told when", e)
	}
	s.Guest().Get("/api/collections/_superusers/auth-methods").Want(200)
	s.Pass(auth.TryWindow)
	s.Guest().Post(login, map[string]string{"identity": "root@example.com", "password": desktest.GoodPassword}).Want(200)
}

func TestHeaders(t *testing.T) {
	s := desktest.NewSite(t)
	for _, path := range []string{"/api/auth/me", "/api/nothing", "/api/collections", "/nothing"} {
		s.CheckHeaders(path)
	}
	b := s.SignIn(s.User("ana", rights.Operator))
	b.Headers["X-Forwarded-Proto"] = "https"
	if got := b.Get("/api/auth/me").Header.Get("Strict-Transport-Security"); got != "max-age=31536000" {
		t.Errorf("over TLS: got Strict-Transport-Security %q", got)
	}
}

func TestSessionRowHoldsNoKey(t *testing.T) {
	s := desktest.NewSite(t)
	b := s.SignIn(s.User("ana", rights.Operator))
	row := dbx.NullStringMap{}
	if err := s.Desk.Store.App.DB().NewQuery("SELECT * FROM sessions").One(row); err != nil {
		t.Fatal(err)
	}
	for column, value := range row {
		if strings.Contains(value.String, b.Cookies[auth.DefaultCookie]) {
			t.Errorf("column %s holds the key itself", column)
		}
	}
}

// How long a session lives reaches the disk later when the disk is full at first.
func TestSessionsThatCouldNotBeWrittenDown(t *testing.T) {
	s := desktest.NewSite(t)
	ana := s.User("ana", rights.Operator)
	b := s.SignIn(ana)
	s.Pass(auth.DefaultMaxAge - time.Minute)
	b.Get("/api/auth/me").Want(200) // moves the end
	full, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Desk.Guard.Sessions.Flush(full); err == nil {
		t.Fatal("nothing could be written, and nobody said so")
	}
	if err := s.Desk.Guard.Sessions.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Pass(2 * time.Minute)
	s.Desk.Guard.Sessions.ByHash = map[string]*auth.Session{} // as after a restart
	b.Get("/api/auth/me").Want(200)
}
