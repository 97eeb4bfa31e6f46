// Package auth: who signs in: sessions, the guard, accounts.
package auth

import (
	"context"
	"net/http"
	"strings"
	"unicode/utf8"

	"mostrador/hooks/api"
	"mostrador/hooks/realtime"
	"mostrador/hooks/rights"
	"mostrador/hooks/settings"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Guard knows who is signed in, and lets nobody else in.
type Guard struct {
	API      *api.API
	Hub      *realtime.Hub
	Settings *settings.Keeper
	Store    *store.Store

	Web         Web // what the environment says about sessions
	Accounts    *accounts
	Sessions    *sessions
	Logins      *Limiter
	Shares      shares
	Hashing     *turns
	Proxied     proxied
	CrossOrigin http.CrossOriginProtection
	Own         map[string]bool                              // patterns of our routes
	Ended       func(user string)                            // a browser of theirs was signed out
	Settled     func(context.Context)                        // somebody signed out by themselves: others see it when this returns
	Gone        func(ctx context.Context, user string) error // they were switched off or deleted
}

func (g *Guard) Routes() []api.Route {
	return []api.Route{
		{Method: "POST", Path: "/api/auth/login", Who: api.Guests, Run: g.login},
		{Method: "POST", Path: "/api/auth/setup", Who: api.Guests, Run: g.setUp},
		{Method: "POST", Path: "/api/auth/logout", Who: api.Everybody, Run: g.logout},
		{Method: "GET", Path: "/api/auth/me", Who: api.Everybody, Run: g.whoAmI},
		{Method: "GET", Path: "/api/auth/sessions", Who: api.Everybody, Run: g.listSessions},
		{Method: "DELETE", Path: "/api/auth/sessions", Who: api.Everybody, Run: g.endSessions},
		{Method: "DELETE", Path: "/api/auth/sessions/{id}", Who: api.Everybody, Run: g.endSession},
	}
}

// minPassword is in characters.
const minPassword = 10

// NobodysHash is the bcrypt hash of a random password that was thrown away: an unknown user costs as much time as a
// wrong password. Its cost (10) is PocketBase's.
const NobodysHash = "$2a$10$7EqJtq98hPqEX7fNZaFWoO5Ii1rTnYjH0b2K1mGq3p0yYyq1XW0Vq"

// login signs in by user name or e-mail. Unknown, wrong and switched off get the same answer after the same time.
func (g *Guard) login(r *api.Request) error {
	k, err := g.knock(r.RequestEvent, "login")
	if err != nil {
		return err // before a byte of the body is read
	}
	var in struct {
		Identity string `json:"identity"`
		Password string `json:"password"`
	}
	if err := r.Read(&in); err != nil {
		return err
	}
	who, err := g.WhoIs(r.Request.Context(), in.Identity)
	if err != nil {
		k.giveBack() // it was not tried
		return err
	}
	if err := k.at(who.id, who.name); err != nil {
		return err
	}
	id, hash, err := g.CheckPassword(r.Request.Context(), who, in.Password)
	if err != nil {
		k.giveBack() // it was not tried
		return err
	}
	if id == "" {
		return ErrWrongLogin
	}
	k.giveBack()
	return g.enter(r, id, hash)
}

// meant is whom somebody means who signs in.
type meant struct {
	name string // as it was written, in lower case
	id   string // empty: nobody
	hash string // that the password is held against; nobody's for who may not sign in
	in   bool   // they may
}

// WhoIs finds whom a user name or an e-mail means.
func (g *Guard) WhoIs(ctx context.Context, identity string) (who meant, err error) {
	who = meant{name: store.Cut(strings.ToLower(strings.TrimSpace(identity)), 255), hash: NobodysHash}
	var rows []struct {
		ID     string `db:"id"`
		Hash   string `db:"password"`
		Active bool   `db:"active"`
	}
	const find = "SELECT id, password, active FROM users WHERE "
	err = g.Store.App.ConcurrentDB().NewQuery(find + "username = {:who} UNION " + find + "LOWER(email) = {:who} AND email != ''").
		Bind(dbx.Params{"who": who.name}).WithContext(ctx).All(&rows)
	if err == nil && len(rows) == 1 { // two: one's user name is another's e-mail; neither can be meant
		who.id = rows[0].ID
		if who.in = rows[0].Active; who.in {
			who.hash = rows[0].Hash
		}
	}
	return who, err
}

// CheckPassword returns the id of the active user whose password it is, and the hash that it was held against; empty when
// there is none.
func (g *Guard) CheckPassword(ctx context.Context, who meant, password string) (id, hash string, err error) {
	done, err := g.Hashing.Take(ctx)
	if err != nil {
		return "", "", err
	}
	defer done()
	if !(core.PasswordFieldValue{Hash: who.hash}).Validate(password) || !who.in {
		return "", "", nil
	}
	return who.id, who.hash, nil
}

// enter opens a session for who has still the password with this hash, sets the cookie and answers with the user.
func (g *Guard) enter(r *api.Request, id, hash string) error {
	ctx := r.Request.Context()
	if old := r.Me; old != nil { // whoever was signed in here before is not any more
		if _, err := g.Sessions.revoke(ctx, "id = {:id}", dbx.Params{"id": old.Session}); err != nil {
			return err
		}
	}
	token, err := g.Sessions.Open(ctx, id, hash, r.Request.UserAgent(), r.RealIP())
	if err != nil {
		return err
	}
	if token == "" {
		return ErrWrongLogin
	}
	who, err := g.Accounts.Get(ctx, id)
	if err != nil {
		return err
	}
	g.setCookie(r.RequestEvent, token)
	g.keepDevice(r.RequestEvent, id)
	shown, err := g.viewMe(ctx, who)
	return api.Okay(r, shown, err)
}

// EndWhere signs browsers out. Whoever had no other open stream is offline when it returns.
func (g *Guard) EndWhere(r *api.Request, where string, params dbx.Params) (int, error) {
	ctx := r.Request.Context()
	n, err := g.Sessions.revoke(ctx, where, params)
	if err == nil {
		g.Settled(ctx)
	}
	return n, err
}

func (g *Guard) logout(r *api.Request) error {
	if _, err := g.EndWhere(r, "id = {:id}", dbx.Params{"id": r.Me.Session}); err != nil {
		return err
	}
	g.setCookie(r.RequestEvent, "")
	return r.Done()
}

// MeView is the signed-in user.
type MeView struct {
	ID            string      `json:"id"`
	Name          string      `json:"name"`
	Username      string      `json:"username"`
	Email         string      `json:"email"`
	Role          rights.Role `json:"role"`
	Areas         []AreaName  `json:"areas"`
	DefaultArea   string      `json:"defaultArea"`
	Availability  string      `json:"availability"`
	Lang          string      `json:"lang"`
	TargetMinutes int         `json:"targetMinutes"` // the desk's, for areas without their own; 0: no limit
	Cursor        int64       `json:"cursor,string"` // what /api/changes may be asked from
}

// AreaName is the part of an area that a user carries.
type AreaName struct {
	ID    string `json:"id" db:"id"`
	Name  string `json:"name" db:"name"`
	Color int    `json:"color" db:"color"`
}

func (g *Guard) viewMe(ctx context.Context, who *api.Account) (*MeView, error) {
	v := &MeView{ID: who.ID, Name: who.Name, Username: who.Username, Email: who.Email, Role: who.Role, Lang: who.Lang,
		Areas: []AreaName{}, TargetMinutes: g.Settings.Get().TargetMinutes, Cursor: g.Hub.Now()}
	db := g.Store.App.ConcurrentDB()
	var row struct {
		DefaultArea  string `db:"defaultArea"`
		Availability string `db:"availability"`
	}
	if err := db.Select("defaultArea", "availability").From("users").Where(dbx.HashExp{"id": who.ID}).WithContext(ctx).One(&row); err != nil {
		return nil, err
	}
	v.DefaultArea, v.Availability = row.DefaultArea, row.Availability
	if v.Availability == "" {
		v.Availability = store.Offline
	}
	if len(who.Areas) > 0 {
		err := db.Select("id", "name", "color").From("areas").Where(dbx.In("id", store.Anys(who.Areas)...)).OrderBy("order", "name").WithContext(ctx).All(&v.Areas)
		if err != nil {
			return nil, err
		}
	}
	return v, nil
}

func (g *Guard) whoAmI(r *api.Request) error {
	shown, err := g.viewMe(r.Request.Context(), r.Me.Account)
	return api.Okay(r, shown, err)
}

// SessionView is one browser that is signed in.
type SessionView struct {
	ID       string `json:"id"`
	Agent    string `json:"agent"`
	IP       string `json:"ip"`
	Created  string `json:"created"`
	LastUsed string `json:"lastUsed"`
	Expires  string `json:"expires"`
	Current  bool   `json:"current"`
}

func (g *Guard) listSessions(r *api.Request) error {
	var rows []struct {
		ID       string         `db:"id"`
		Agent    string         `db:"agent"`
		IP       string         `db:"ip"`
		Created  types.DateTime `db:"created"`
		LastUsed types.DateTime `db:"lastUsed"`
		Expires  types.DateTime `db:"expires"`
	}
	err := r.App.ConcurrentDB().Select("id", "agent", "ip", "created", "lastUsed", "expires").From("sessions").
		Where(dbx.HashExp{"user": r.Me.ID}).AndWhere(dbx.NewExp("expires > {:now}", dbx.Params{"now": store.Stamp(g.Store.Now())})).
		OrderBy("lastUsed DESC").Limit(api.MaxPage).WithContext(r.Request.Context()).All(&rows)
	if err != nil {
		return err
	}
	items := make([]SessionView, len(rows))
	for i, s := range rows {
		items[i] = SessionView{ID: s.ID, Agent: s.Agent, IP: s.IP, Created: store.ISO(s.Created), LastUsed: store.ISO(s.LastUsed), Expires: store.ISO(s.Expires),
			Current: s.ID == r.Me.Session}
	}
	return r.OK(api.Page[SessionView]{Items: items})
}

// endSession signs one of my browsers out; those of others are not there.
func (g *Guard) endSession(r *api.Request) error {
	n, err := g.EndWhere(r, "id = {:id} AND user = {:me}", dbx.Params{"id": r.ID(), "me": r.Me.ID})
	if err != nil {
		return err
	}
	if n == 0 {
		return api.ErrNotFound
	}
	return r.Done()
}

// endSessions signs all my browsers out, this one included.
func (g *Guard) endSessions(r *api.Request) error {
	if _, err := g.EndWhere(r, "user = {:me}", dbx.Params{"me": r.Me.ID}); err != nil {
		return err
	}
	g.setCookie(r.RequestEvent, "")
	return r.Done()
}

// goodEnough refuses passwords that are short, or longer than bcrypt reads.
func goodEnough(password string) error {
	if utf8.RuneCountInString(password) < minPassword || len(password) > 72 {
		return ErrWeakPassword.With("min", minPassword).With("field", "password")
	}
	return nil
}
