package auth

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/realtime"
	"mostrador/hooks/rights"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
)

// stockOpen are PocketBase's own routes that guests and users may reach; all others are for superusers only, so that a
// route which a later version of PocketBase adds is closed until somebody looked at it.
var stockOpen = map[string]func(*core.RequestEvent) bool{
	"GET /api/health":    func(*core.RequestEvent) bool { return true },
	"GET /api/realtime":  func(e *core.RequestEvent) bool { return api.SignedIn(e) != nil },
	"POST /api/realtime": func(e *core.RequestEvent) bool { return api.SignedIn(e) != nil },

	// The way into the dashboard at /_/.
	"GET /api/collections/{collection}/auth-methods":            ofSuperusers,
	"POST /api/collections/{collection}/auth-with-password":     ofSuperusers,
	"POST /api/collections/{collection}/auth-with-otp":          ofSuperusers,
	"POST /api/collections/{collection}/request-otp":            ofSuperusers,
	"POST /api/collections/{collection}/request-password-reset": ofSuperusers,
	"POST /api/collections/{collection}/confirm-password-reset": ofSuperusers,
}

func ofSuperusers(e *core.RequestEvent) bool {
	return e.Request.PathValue("collection") == core.CollectionNameSuperusers
}

// Bind puts the desk's sessions before PocketBase's own authentication and closes what it would open. e.Auth is
// never set for a user of the desk: to the stock handlers they are guests, whatever those handlers forget to check.
func (g *Guard) Bind(e *core.ServeEvent) {
	e.Router.Unbind(apis.DefaultActivityLoggerMiddlewareId) // it keeps addresses: what people search for, names and numbers
	// Before everything that may refuse, and again after PocketBase has set its own.
	for _, at := range []int{apis.DefaultLoadAuthTokenMiddlewarePriority - 2, apis.DefaultSecurityHeadersMiddlewarePriority + 1} {
		e.Router.Bind(&hook.Handler[*core.RequestEvent]{Id: fmt.Sprint("mostradorHeaders", at), Priority: at, Func: securityHeaders})
	}
	e.Router.Bind(&hook.Handler[*core.RequestEvent]{
		Id: "mostradorSession", Priority: apis.DefaultLoadAuthTokenMiddlewarePriority - 1, Func: g.readSession,
	})
	e.Router.Bind(&hook.Handler[*core.RequestEvent]{
		Id: "mostradorGuard", Priority: apis.DefaultLoadAuthTokenMiddlewarePriority + 1, Func: g.guard,
	})
	g.bindDashboard()
	g.Store.App.OnRecordAuthRequest("users").BindFunc(func(e *core.RecordAuthRequestEvent) error {
		return e.ForbiddenError("Users sign in through the desk.", nil) // never reached: the guard and AuthRule stand before it
	})
}

// readSession turns the cookie into who sends the request.
func (g *Guard) readSession(e *core.RequestEvent) error {
	if !isAPI(e) || e.Request.Header.Get("Authorization") != "" {
		return e.Next() // the header decides, or nobody does
	}
	token := g.readCookie(e.Request)
	if token == "" {
		return e.Next()
	}
	ctx := e.Request.Context()
	if one := g.Sessions.find(ctx, token); one != nil {
		if who, err := g.Accounts.Get(ctx, one.User); err == nil {
			e.Set(api.KeyMe, &api.Caller{Account: who, Session: one.ID})
			e.Set(api.KeyLang, who.Lang)
			if g.Sessions.touch(one) {
				g.setCookie(e, token)
			}
		}
	}
	return e.Next()
}

// guard decides who may reach which route at all. What it lets through the routes themselves still check.
func (g *Guard) guard(e *core.RequestEvent) error {
	if !isAPI(e) {
		return e.Next()
	}
	switch {
	case e.HasSuperuserAuth():
		if g.Own[e.Request.Pattern] {
			return api.Refused(e, api.ErrSignedOut) // not a user of the desk
		}
		plainFile(e)
		return e.Next()
	}
	switch {
	case e.Auth != nil: // a stock token of a user: they are not given out, and not taken
		e.Auth = nil
		return api.Refused(e, api.ErrSignedOut)
	case e.Request.Header.Get("Authorization") != "" && g.readCookie(e.Request) != "":
		return api.Refused(e, ErrTwoIdentity)
	case g.CrossOrigin.Check(e.Request) != nil:
		return api.Refused(e, api.ErrCrossOrigin)
	}
	leave, err := g.letIn(e)
	if err != nil {
		return api.Refused(e, err)
	}
	defer leave()
	return g.pass(e)
}

// pass goes on to the route, where there is one for whoever asks.
func (g *Guard) pass(e *core.RequestEvent) error {
	switch {
	case e.HasSuperuserAuth():
		return e.Next()
	case g.Own[e.Request.Pattern]:
		err := e.Next()
		if errors.Is(api.ToRefusal(err), api.ErrTooBig) { // by the length that it announces, before the route is asked
			return api.Refused(e, err)
		}
		return err
	case e.Request.Pattern == "GET /api/settings" && api.SignedIn(e) != nil: // a path that PocketBase has, too
		return g.API.Serve(api.Route{Who: api.Admins, Run: g.Settings.Show}, e)
	}
	if open := stockOpen[e.Request.Pattern]; open != nil && open(e) {
		return g.stock(e)
	}
	if api.SignedIn(e) == nil && strings.Contains(e.Request.Pattern, "/api/") {
		return api.Refused(e, api.ErrSignedOut)
	}
	return api.Refused(e, api.ErrNotFound)
}

// stock goes on to a route of PocketBase. Its body is here before, so that no turn is held for who still sends.
func (g *Guard) stock(e *core.RequestEvent) error {
	if err := g.knockAtDashboard(e); err != nil {
		return api.Refused(e, err)
	}
	limit := int64(api.GuestBody)
	if api.SignedIn(e) != nil {
		limit = realtime.StreamBody
	}
	if err := api.TakeBody(e, limit); err != nil {
		return api.Refused(e, err)
	}
	if e.Request.Method == http.MethodPost && ofSuperusers(e) {
		done, err := g.Hashing.Take(e.Request.Context())
		if err != nil {
			return api.Refused(e, err)
		}
		defer done()
	}
	return e.Next()
}

// isAPI tells the API from the page, the dashboard and the demo.
func isAPI(e *core.RequestEvent) bool {
	return strings.HasPrefix(e.Request.URL.Path, "/api/") || e.Request.URL.Path == "/api"
}

// securityHeaders are for everything but the dashboard, which has its own. The page sets a policy that lets it load itself.
func securityHeaders(e *core.RequestEvent) error {
	if strings.HasPrefix(e.Request.URL.Path, "/_/") {
		return e.Next()
	}
	h := e.Response.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if overTLS(e.Request) {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	if isAPI(e) {
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Cache-Control", "no-store")
	}
	return e.Next()
}

// overTLS believes a proxy's header: all that it decides is that the cookie is marked Secure, which harms only who lies.
func overTLS(r *http.Request) bool {
	return r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}

// cookieName is the configured one. The default has the prefix that browsers protect where they would keep it: on TLS.
func (g *Guard) cookieName(r *http.Request) string {
	const host = "__Host-" // no subdomain can set it
	switch name := g.Web.Cookie; {
	case name == "" && overTLS(r):
		return host + DefaultCookie
	case name == "":
		return DefaultCookie
	case !overTLS(r):
		return strings.TrimPrefix(strings.TrimPrefix(name, host), "__Secure-") // else the browser would refuse it
	default:
		return name
	}
}

func (g *Guard) readCookie(r *http.Request) string {
	c, err := r.Cookie(g.cookieName(r))
	if err != nil {
		return ""
	}
	return c.Value
}

// setCookie gives the browser its key; an empty one takes it away.
func (g *Guard) setCookie(e *core.RequestEvent, token string) {
	age := int(g.Sessions.maxAge() / time.Second)
	if token == "" {
		age = -1
	}
	e.SetCookie(&http.Cookie{
		Name: g.cookieName(e.Request), Value: token, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: overTLS(e.Request), SameSite: http.SameSiteLaxMode,
	})
}

// plainFile gives superusers files as they are: PocketBase would decode a picture that a stranger sent to make a small one
// of it, and a few bytes can unfold into gigabytes.
func plainFile(e *core.RequestEvent) {
	if query := e.Request.URL.Query(); query.Has("thumb") {
		query.Del("thumb")
		e.Request.URL.RawQuery = query.Encode()
	}
}

// Start makes what must be in memory and watches who may do what.
func (g *Guard) Start() {
	g.Accounts = &accounts{guard: g, byID: map[string]*api.Account{}}
	g.Sessions = &sessions{guard: g, ByHash: map[string]*Session{}, dirty: map[string]lasting{}}
	g.Logins = &Limiter{Now: func() time.Time { return g.Store.Now() }}
	g.Hashing = newTurns()
	g.Proxied.now = func() time.Time { return g.Store.Now() }
	g.API.Door.All = g.unnamedProxy
	g.bindRights()
}

// StillSignedIn looks again who sends a request: what was revoked since the session was read. Nil: nobody.
func (g *Guard) StillSignedIn(e *core.RequestEvent) *rights.Viewer {
	ctx := e.Request.Context()
	fresh, err := g.Accounts.Get(ctx, api.SignedIn(e).ID)
	if err != nil || g.Sessions.find(ctx, g.readCookie(e.Request)) == nil {
		return nil
	}
	return &fresh.Viewer
}

// Foreign tells whether another site's page sends a request. Reading is harmless elsewhere, because such a page gets no answer
// to see; a stream is open all the same, and makes its user look present.
func (g *Guard) Foreign(r *http.Request) bool {
	asWrite := *r
	asWrite.Method = http.MethodPost
	return g.CrossOrigin.Check(&asWrite) != nil
}
