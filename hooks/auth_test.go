package hooks

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
	"mostrador/hooks/people"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"golang.org/x/crypto/bcrypt"
)

const goodPassword = "correct horse battery"

// member is a user with a password, as the desk itself makes them.
func (s *site) member(name string, role rights.Role) *core.Record {
	s.t.Helper()
	users, err := s.d.Store.App.FindCollectionByNameOrId("users")
	if err != nil {
		s.t.Fatal(err)
	}
	u := core.NewRecord(users)
	u.Load(map[string]any{"username": name, "name": name, "email": name + "@example.com", "role": string(role), "active": true})
	u.SetPassword(goodPassword)
	s.save(u)
	if u, err = s.d.Store.App.FindRecordById("users", u.Id); err != nil { // as whoever changes it later reads it
		s.t.Fatal(err)
	}
	return u
}

func TestLogin(t *testing.T) {
	s := newSite(t)
	s.member("ana", rights.Operator)
	off := s.member("off", rights.Operator)
	off.Set("active", false)
	if err := s.d.Store.App.Save(off); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, identity, password string
		want                     int
	}{
		{"by user name", "ana", goodPassword, 200},
		{"by user name in capitals", " Ana ", goodPassword, 200},
		{"by e-mail", "Ana@Example.com", goodPassword, 200},
		{"wrong password", "ana", "correct horse", 401},
		{"unknown user", "nobody", goodPassword, 401},
		{"switched off", "off", goodPassword, 401},
		{"nothing", "", "", 401},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := s.guest()
			got := b.post("/api/auth/login", map[string]string{"identity": c.identity, "password": c.password}).want(c.want)
			if c.want == 401 {
				if e := got.refusal(); e.Code != api.CodeWrongLogin || e.Message != api.Sentences[api.CodeWrongLogin].En {
					t.Errorf("got %+v, want the same sentence for every wrong login", e)
				}
				b.get("/api/auth/me").want(401)
				return
			}
			var me auth.MeView
			b.get("/api/auth/me").want(200).into(&me)
			if me.Username != "ana" || me.Role != rights.Operator || me.TargetMinutes != 15 {
				t.Errorf("got %+v, want ana and the desk's target", me)
			}
		})
	}
}

// TestLoginTakesAsLongForNobody: with the same cost of bcrypt nobody can tell by the time whether a user exists.
func TestLoginTakesAsLongForNobody(t *testing.T) {
	u := newSite(t).member("ana", rights.Operator)
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
	s := newSite(t)
	s.member("ana", rights.Operator)
	try := func(name, password string) *answer {
		return s.guest().post("/api/auth/login", map[string]string{"identity": name, "password": password})
	}
	for range auth.TriesByPair {
		try("ana", "wrong").want(401)
	}
	late := try("ana", goodPassword).want(429)
	if e := late.refusal(); e.Code != api.CodeTooFast || late.header.Get("Retry-After") == "" {
		t.Errorf("got %+v with Retry-After %q, want %s and when to try again", e, late.header.Get("Retry-After"), api.CodeTooFast)
	}
	try("bea", "wrong").want(401) // somebody else in the same office
	s.pass(auth.TryWindow + time.Second)
	try("ana", goodPassword).want(200)
}

func TestCookie(t *testing.T) {
	s := newSite(t)
	s.member("ana", rights.Operator)
	login := map[string]string{"identity": "ana", "password": goodPassword}
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
			s.d.Guard.Web.Cookie = c.configured
			b := s.guest()
			if c.tls {
				b.headers["X-Forwarded-Proto"] = "https"
			}
			cookie := b.post("/api/auth/login", login).want(200).header.Get("Set-Cookie")
			name, rest, _ := strings.Cut(cookie, "=")
			_, flags, _ := strings.Cut(rest, "; Path=/; Max-Age=86400; ")
			if got := name + "=; " + flags; got != c.want {
				t.Errorf("got cookie %q (%s), want %q", got, cookie, c.want)
			}
			b.get("/api/auth/me").want(200)
		})
	}
}

func TestSessionEnds(t *testing.T) {
	s := newSite(t)
	ana := s.user("ana", rights.Operator)
	b := s.signIn(ana)
	b.get("/api/auth/me").want(200)

	s.pass(auth.DefaultMaxAge - time.Minute)
	b.get("/api/auth/me").want(200) // moves the end
	s.pass(2 * time.Minute)
	b.get("/api/auth/me").want(200)
	if err := s.d.Guard.Sessions.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	s.d.Guard.Sessions.ByHash = map[string]*auth.Session{} // as after a restart
	b.get("/api/auth/me").want(200)

	s.pass(auth.DefaultMaxAge + time.Second)
	b.get("/api/auth/me").want(401)
	if err := s.d.Guard.Sessions.Sweep(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := s.count("sessions"); got != 0 {
		t.Errorf("got %d sessions after the sweep, want 0", got)
	}
}

func (w *world) count(table string) (n int) {
	w.t.Helper()
	if err := w.d.Store.App.DB().NewQuery("SELECT COUNT(*) FROM " + table).Row(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

func TestChangedSecretSignsEveryoneOut(t *testing.T) {
	s := newSite(t)
	b := s.signIn(s.user("ana", rights.Operator))
	s.d.Guard.Web.Secret = "another"
	b.get("/api/auth/me").want(401)
}

func TestSessionsListAndRevoke(t *testing.T) {
	s := newSite(t)
	ana, bea, boss := s.user("ana", rights.Operator), s.user("bea", rights.Operator), s.user("boss", rights.Admin)
	desk, phone, other, admin := s.signIn(ana), s.signIn(ana), s.signIn(bea), s.signIn(boss)

	list := func(b *browser) (current string, others []string) {
		var got api.Page[auth.SessionView]
		b.get("/api/auth/sessions").want(200).into(&got)
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
	desk.do("DELETE", "/api/auth/sessions/"+beas, nil).want(404)
	desk.do("DELETE", "/api/auth/sessions/"+phones[0], nil).want(204)
	phone.get("/api/auth/me").want(401)
	desk.get("/api/auth/me").want(200)
	admin.do("DELETE", "/api/auth/sessions/"+beas, nil).want(404)
	admin.do("DELETE", "/api/users/nobody/sessions", nil).want(404)
	other.get("/api/auth/me").want(200)
	admin.do("DELETE", "/api/users/"+bea.ID+"/sessions", nil).want(204)
	other.get("/api/auth/me").want(401)
	admin.get("/api/auth/me").want(200)

	again := s.signIn(ana)
	desk.do("DELETE", "/api/auth/sessions", nil).want(204)
	desk.get("/api/auth/me").want(401)
	again.get("/api/auth/me").want(401)
}

// TestNoSessionBehindAChange: bcrypt takes its time, and a password that is changed meanwhile opens nothing any more.
func TestNoSessionBehindAChange(t *testing.T) {
	s := newSite(t)
	u := s.member("ana", rights.Operator)
	who, err := s.d.Guard.WhoIs(t.Context(), "ana")
	if err != nil {
		t.Fatal(err)
	}
	id, hash, err := s.d.Guard.CheckPassword(t.Context(), who, goodPassword)
	if err != nil || id != u.Id {
		t.Fatalf("got %q and %v", id, err)
	}
	u.SetPassword("another password")
	s.save(u)
	if token, err := s.d.Guard.Sessions.Open(t.Context(), id, hash, "test", "127.0.0.1"); token != "" || err != nil {
		t.Errorf("got a session with the old password, %v", err)
	}
}

func TestLogout(t *testing.T) {
	s := newSite(t)
	b := s.signIn(s.user("ana", rights.Operator))
	token := b.cookies[auth.DefaultCookie]
	b.post("/api/auth/logout", nil).want(204)
	if _, kept := b.cookies[auth.DefaultCookie]; kept {
		t.Error("the browser keeps the cookie")
	}
	b.cookies[auth.DefaultCookie] = token
	b.get("/api/auth/me").want(401)
}

func TestSetUpLink(t *testing.T) {
	s := newSite(t)
	u := s.member("ana", rights.Operator)
	sum := sha256.Sum256([]byte("one-time"))
	u.Set("setupHash", hex.EncodeToString(sum[:]))
	u.Set("setupUntil", s.d.Store.Now().Add(time.Hour))
	if err := s.d.Store.App.Save(u); err != nil {
		t.Fatal(err)
	}
	post := func(token, password string) *answer {
		return s.guest().post("/api/auth/setup", map[string]string{"token": token, "password": password})
	}
	post("one-time", "short").want(400)
	post("another", "a new password").want(400)
	post("", "a new password").want(400)
	old := s.signIn(rights.Viewer{ID: u.Id})
	post("one-time", "a new password").want(200)
	old.get("/api/auth/me").want(401)
	post("one-time", "a second password").want(400)
	s.guest().post("/api/auth/login", map[string]string{"identity": "ana", "password": "a new password"}).want(200)
}

func TestSetUpLinkRunsOut(t *testing.T) {
	s := newSite(t)
	u := s.member("ana", rights.Operator)
	sum := sha256.Sum256([]byte("one-time"))
	u.Set("setupHash", hex.EncodeToString(sum[:]))
	u.Set("setupUntil", s.d.Store.Now().Add(time.Hour))
	if err := s.d.Store.App.Save(u); err != nil {
		t.Fatal(err)
	}
	s.pass(time.Hour)
	got := s.guest().post("/api/auth/setup", map[string]string{"token": "one-time", "password": "a new password"}).want(400)
	if code := got.refusal().Code; code != api.CodeBadLink {
		t.Errorf("got %s, want %s", code, api.CodeBadLink)
	}
}

// TestSideDoors tries every known way round the desk's own sessions.
func TestSideDoors(t *testing.T) {
	s := newSite(t)
	u := s.member("ana", rights.Admin)
	jwt, err := u.NewAuthToken()
	if err != nil {
		t.Fatal(err)
	}
	fileToken, err := u.NewFileToken()
	if err != nil {
		t.Fatal(err)
	}
	chat := s.conversation(store.StatusOpen, "", u.Id)
	in, guest := s.signIn(rights.Viewer{ID: u.Id}), s.guest()
	bearer, both := s.guest(), s.signIn(rights.Viewer{ID: u.Id})
	bearer.headers["Authorization"] = "Bearer " + jwt
	both.headers["Authorization"] = jwt
	foreign := s.signIn(rights.Viewer{ID: u.Id})
	foreign.headers["Sec-Fetch-Site"] = "cross-site"
	origin := s.signIn(rights.Viewer{ID: u.Id})
	origin.headers["Origin"] = "https://evil.example"
	password := map[string]string{"identity": "ana@example.com", "password": goodPassword}
	user := "/api/collections/users/"
	for _, c := range []struct {
		name         string
		who          *browser
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
			got := c.who.do(c.method, c.path, c.body)
			if got.status != c.want {
				t.Errorf("%s %s: got %d, want %d: %s", c.method, c.path, got.status, c.want, got.body)
			}
			if got.refusal().Status != c.want {
				t.Errorf("%s %s: the body says %d", c.method, c.path, got.refusal().Status)
			}
		})
	}
	in.get("/api/auth/me").want(200) // still signed in after all that
}

// TestCookieAndForgedHeader is the way in which PocketBase once gave a real token for a cookie.
func TestCookieAndForgedHeader(t *testing.T) {
	s := newSite(t)
	b := s.signIn(s.user("ana", rights.Admin))
	b.headers["Authorization"] = "eyJhbGciOiJIUzI1NiJ9.eyJyZWZyZXNoYWJsZSI6dHJ1ZX0.x"
	for _, path := range []string{"/api/collections/users/auth-refresh", "/api/auth/logout"} {
		if e := b.post(path, nil).want(400).refusal(); e.Code != api.CodeTwoIdentity {
			t.Errorf("%s: got %s, want %s", path, e.Code, api.CodeTwoIdentity)
		}
	}
}

func TestDashboardStillWorks(t *testing.T) {
	s := newSite(t)
	supers, err := s.d.Store.App.FindCollectionByNameOrId(core.CollectionNameSuperusers)
	if err != nil {
		t.Fatal(err)
	}
	root := core.NewRecord(supers)
	root.SetEmail("root@example.com")
	root.SetPassword(goodPassword)
	if err := s.d.Store.App.Save(root); err != nil {
		t.Fatal(err)
	}
	var in struct{ Token string }
	s.guest().post("/api/collections/_superusers/auth-with-password", map[string]string{"identity": "root@example.com", "password": goodPassword}).want(200).into(&in)
	b := s.signIn(s.user("ana", rights.Admin)) // the same person has the desk open in another tab
	b.headers["Authorization"] = in.Token
	b.get("/api/collections/conversations/records").want(200)
	b.get("/api/settings").want(200)
	b.post("/api/collections/_superusers/auth-refresh", nil).want(200)
	b.get("/api/auth/me").want(401) // and is not a user of the desk by that
}

// TestRequestOfAnotherTab: somebody else signed in in another tab, and this one sends what it has.
func TestRequestOfAnotherTab(t *testing.T) {
	s := newSite(t)
	ana, bea := s.user("ana", rights.Admin), s.user("bea", rights.Admin)
	b := s.signIn(bea)
	for user, status := range map[string]int{"": 200, bea.ID: 200, ana.ID: 412} {
		b.headers[api.MeantUser] = user
		b.get("/api/auth/me").want(status)
	}
	b.headers[api.MeantUser] = ana.ID
	b.post("/api/areas", map[string]string{"name": "Ventas"}).want(412)
	b.post("/api/auth/login", map[string]string{"identity": "ana", "password": "x"}).want(401) // signing in is nobody's yet
	delete(b.headers, api.MeantUser)
	var areas api.Page[people.AreaView]
	if b.get("/api/areas").want(200).into(&areas); len(areas.Items) != 0 {
		t.Errorf("got %+v, want nothing done", areas.Items)
	}
}

func TestRevocationIsImmediate(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*site, *core.Record)
		after  int
	}{
		{"switched off", func(s *site, u *core.Record) { u.Set("active", false); s.save(u) }, 401},
		{"new password", func(s *site, u *core.Record) { u.SetPassword("another password"); s.save(u) }, 401},
		{"new role", func(s *site, u *core.Record) { u.Set("role", "ADMIN"); s.save(u) }, 200},
		{"session deleted in the dashboard", func(s *site, u *core.Record) {
			one, err := s.d.Store.App.FindFirstRecordByData("sessions", "user", u.Id)
			if err == nil {
				err = s.d.Store.App.Delete(one)
			}
			if err != nil {
				s.t.Fatal(err)
			}
		}, 401},
		{"user deleted in the dashboard", func(s *site, u *core.Record) {
			if err := s.d.Store.App.Delete(u); err != nil {
				s.t.Fatal(err)
			}
		}, 401},
		{"area added in the dashboard", func(s *site, u *core.Record) {
			memberships, err := s.d.Store.App.FindCollectionByNameOrId("memberships")
			if err != nil {
				s.t.Fatal(err)
			}
			m := core.NewRecord(memberships)
			m.Load(map[string]any{"user": u.Id, "area": s.area("sales")})
			s.save(m)
		}, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t)
			u := s.member("ana", rights.Operator)
			b := s.signIn(rights.Viewer{ID: u.Id})
			live := b.listen(store.EventMessageNew)
			b.get("/api/auth/me").want(200)
			c.change(s, u)
			b.get("/api/auth/me").want(c.after)
			if name, _ := live.next(); name != "" {
				t.Errorf("got event %q, want the stream to end", name)
			}
		})
	}
}

// TestSuperuserIsNotGuessed: the way into the dashboard is no quicker than the desk's own.
func TestSuperuserIsNotGuessed(t *testing.T) {
	s := newSite(t)
	if err := s.d.Guard.SetSuperuser(t.Context(), "root@example.com", goodPassword); err != nil {
		t.Fatal(err)
	}
	const login = "/api/collections/_superusers/auth-with-password"
	s.guest().post(login, map[string]string{"identity": "root@example.com", "password": goodPassword}).want(200)
	for range auth.TriesByIP { // the right one was given back
		s.guest().post(login, `{"identity":"root@example.com"}`).want(400)
	}
	got := s.guest().post(login, map[string]string{"identity": "root@example.com", "password": goodPassword}).want(429)
	if e := got.refusal(); e.Code != api.CodeTooFast || got.header.Get("Retry-After") == "" {
		t.Errorf("got %+v, want to be told when", e)
	}
	s.guest().get("/api/collections/_superusers/auth-methods").want(200)
	s.pass(auth.TryWindow)
	s.guest().post(login, map[string]string{"identity": "root@example.com", "password": goodPassword}).want(200)
}

func (s *site) save(r *core.Record) {
	s.t.Helper()
	if err := s.d.Store.App.Save(r); err != nil {
		s.t.Fatal(err)
	}
}

func TestHeaders(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/api/auth/me", "/api/nothing", "/api/collections", "/nothing"} {
		s.checkHeaders(path)
	}
	b := s.signIn(s.user("ana", rights.Operator))
	b.headers["X-Forwarded-Proto"] = "https"
	if got := b.get("/api/auth/me").header.Get("Strict-Transport-Security"); got != "max-age=31536000" {
		t.Errorf("over TLS: got Strict-Transport-Security %q", got)
	}
}

func (s *site) checkHeaders(path string) {
	s.t.Helper()
	want := map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cross-Origin-Resource-Policy": "same-origin",
		"Cross-Origin-Opener-Policy": "same-origin", "Referrer-Policy": "same-origin", "Strict-Transport-Security": ""}
	if strings.HasPrefix(path, "/api/") {
		want["Content-Security-Policy"], want["Cache-Control"] = "default-src 'none'; frame-ancestors 'none'", "no-store"
	}
	got := s.guest().get(path).header
	for name, want := range want {
		if got.Get(name) != want {
			s.t.Errorf("%s: %s: got %q, want %q", path, name, got.Get(name), want)
		}
	}
}

func TestSessionRowHoldsNoKey(t *testing.T) {
	s := newSite(t)
	b := s.signIn(s.user("ana", rights.Operator))
	row := dbx.NullStringMap{}
	if err := s.d.Store.App.DB().NewQuery("SELECT * FROM sessions").One(row); err != nil {
		t.Fatal(err)
	}
	for column, value := range row {
		if strings.Contains(value.String, b.cookies[auth.DefaultCookie]) {
			t.Errorf("column %s holds the key itself", column)
		}
	}
}

// How long a session lives reaches the disk later when the disk is full at first.
func TestSessionsThatCouldNotBeWrittenDown(t *testing.T) {
	s := newSite(t)
	ana := s.user("ana", rights.Operator)
	b := s.signIn(ana)
	s.pass(auth.DefaultMaxAge - time.Minute)
	b.get("/api/auth/me").want(200) // moves the end
	full, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.d.Guard.Sessions.Flush(full); err == nil {
		t.Fatal("nothing could be written, and nobody said so")
	}
	if err := s.d.Guard.Sessions.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.pass(2 * time.Minute)
	s.d.Guard.Sessions.ByHash = map[string]*auth.Session{} // as after a restart
	b.get("/api/auth/me").want(200)
}
