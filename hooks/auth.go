package hooks

import (
	"context"
	"net/http"
	"strings"

	"mostrador/hooks/api"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

func (d *Desk) authRoutes() []api.Route {
	return []api.Route{
		{Method: "POST", Path: "/api/auth/login", Who: api.Guests, Run: d.login},
		{Method: "POST", Path: "/api/auth/setup", Who: api.Guests, Run: d.setUp},
		{Method: "POST", Path: "/api/auth/logout", Who: api.Everybody, Run: d.logout},
		{Method: "GET", Path: "/api/auth/me", Who: api.Everybody, Run: d.whoAmI},
		{Method: "GET", Path: "/api/auth/sessions", Who: api.Everybody, Run: d.listSessions},
		{Method: "DELETE", Path: "/api/auth/sessions", Who: api.Everybody, Run: d.endSessions},
		{Method: "DELETE", Path: "/api/auth/sessions/{id}", Who: api.Everybody, Run: d.endSession},
	}
}

// minPassword is in characters.
const minPassword = 10

// nobodysHash is the bcrypt hash of a random password that was thrown away: an unknown user costs as much time as a
// wrong password. Its cost (10) is PocketBase's.
const nobodysHash = "$2a$10$7EqJtq98hPqEX7fNZaFWoO5Ii1rTnYjH0b2K1mGq3p0yYyq1XW0Vq"

// login signs in by user name or e-mail. Unknown, wrong and switched off get the same answer after the same time.
func (d *Desk) login(r *api.Request) error {
	k, err := d.knock(r.RequestEvent, "login")
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
	who, err := d.whoIs(r.Request.Context(), in.Identity)
	if err != nil {
		k.giveBack() // it was not tried
		return err
	}
	if err := k.at(who.id, who.name); err != nil {
		return err
	}
	id, hash, err := d.checkPassword(r.Request.Context(), who, in.Password)
	if err != nil {
		k.giveBack() // it was not tried
		return err
	}
	if id == "" {
		return api.Refuse(http.StatusUnauthorized, api.CodeWrongLogin)
	}
	k.giveBack()
	return d.enter(r, id, hash)
}

// meant is whom somebody means who signs in.
type meant struct {
	name string // as it was written, in lower case
	id   string // empty: nobody
	hash string // that the password is held against; nobody's for who may not sign in
	in   bool   // they may
}

// whoIs finds whom a user name or an e-mail means.
func (d *Desk) whoIs(ctx context.Context, identity string) (who meant, err error) {
	who = meant{name: store.Cut(strings.ToLower(strings.TrimSpace(identity)), 255), hash: nobodysHash}
	var rows []struct {
		ID     string `db:"id"`
		Hash   string `db:"password"`
		Active bool   `db:"active"`
	}
	const find = "SELECT id, password, active FROM users WHERE "
	err = d.Store.App.ConcurrentDB().NewQuery(find + "username = {:who} UNION " + find + "LOWER(email) = {:who} AND email != ''").
		Bind(dbx.Params{"who": who.name}).WithContext(ctx).All(&rows)
	if err == nil && len(rows) == 1 { // two: one's user name is another's e-mail; neither can be meant
		who.id = rows[0].ID
		if who.in = rows[0].Active; who.in {
			who.hash = rows[0].Hash
		}
	}
	return who, err
}

// checkPassword returns the id of the active user whose password it is, and the hash that it was held against; empty when
// there is none.
func (d *Desk) checkPassword(ctx context.Context, who meant, password string) (id, hash string, err error) {
	done, err := d.hashing.take(ctx)
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
func (d *Desk) enter(r *api.Request, id, hash string) error {
	ctx := r.Request.Context()
	if old := r.Me; old != nil { // whoever was signed in here before is not any more
		if _, err := d.sessions.revoke(ctx, "id = {:id}", dbx.Params{"id": old.Session}); err != nil {
			return err
		}
	}
	token, err := d.sessions.open(ctx, id, hash, r.Request.UserAgent(), r.RealIP())
	if err != nil {
		return err
	}
	if token == "" {
		return api.Refuse(http.StatusUnauthorized, api.CodeWrongLogin)
	}
	who, err := d.accounts.get(ctx, id)
	if err != nil {
		return err
	}
	d.setCookie(r.RequestEvent, token)
	d.keepDevice(r.RequestEvent, id)
	shown, err := d.viewMe(ctx, who)
	if err != nil {
		return err
	}
	return r.OK(shown)
}

// endWhere signs browsers out. Whoever had no other open stream is offline when it returns.
func (d *Desk) endWhere(r *api.Request, where string, params dbx.Params) (int, error) {
	ctx := r.Request.Context()
	n, err := d.sessions.revoke(ctx, where, params)
	if err == nil {
		d.onSignedOut(ctx)
	}
	return n, err
}

func (d *Desk) logout(r *api.Request) error {
	if _, err := d.endWhere(r, "id = {:id}", dbx.Params{"id": r.Me.Session}); err != nil {
		return err
	}
	d.setCookie(r.RequestEvent, "")
	return r.Done()
}

// meView is the signed-in user.
type meView struct {
	ID            string      `json:"id"`
	Name          string      `json:"name"`
	Username      string      `json:"username"`
	Email         string      `json:"email"`
	Role          rights.Role `json:"role"`
	Areas         []areaName  `json:"areas"`
	DefaultArea   string      `json:"defaultArea"`
	Availability  string      `json:"availability"`
	Lang          string      `json:"lang"`
	TargetMinutes int         `json:"targetMinutes"` // the desk's, for areas without their own; 0: no limit
	Cursor        int64       `json:"cursor,string"` // what /api/changes may be asked from
}

// areaName is the part of an area that a user carries.
type areaName struct {
	ID    string `json:"id" db:"id"`
	Name  string `json:"name" db:"name"`
	Color int    `json:"color" db:"color"`
}

func (d *Desk) viewMe(ctx context.Context, who *api.Account) (*meView, error) {
	v := &meView{ID: who.ID, Name: who.Name, Username: who.Username, Email: who.Email, Role: who.Role, Lang: who.Lang,
		Areas: []areaName{}, TargetMinutes: d.Settings.Get().TargetMinutes, Cursor: d.Hub.Now()}
	db := d.Store.App.ConcurrentDB()
	var row struct {
		DefaultArea  string `db:"defaultArea"`
		Availability string `db:"availability"`
	}
	if err := db.Select("defaultArea", "availability").From("users").Where(dbx.HashExp{"id": who.ID}).WithContext(ctx).One(&row); err != nil {
		return nil, err
	}
	v.DefaultArea, v.Availability = row.DefaultArea, row.Availability
	if v.Availability == "" {
		v.Availability = "offline"
	}
	if len(who.Areas) > 0 {
		err := db.Select("id", "name", "color").From("areas").Where(dbx.In("id", store.Anys(who.Areas)...)).OrderBy("order", "name").WithContext(ctx).All(&v.Areas)
		if err != nil {
			return nil, err
		}
	}
	return v, nil
}

func (d *Desk) whoAmI(r *api.Request) error {
	shown, err := d.viewMe(r.Request.Context(), r.Me.Account)
	if err != nil {
		return err
	}
	return r.OK(shown)
}

// sessionView is one browser that is signed in.
type sessionView struct {
	ID       string `json:"id"`
	Agent    string `json:"agent"`
	IP       string `json:"ip"`
	Created  string `json:"created"`
	LastUsed string `json:"lastUsed"`
	Expires  string `json:"expires"`
	Current  bool   `json:"current"`
}

func (d *Desk) listSessions(r *api.Request) error {
	var rows []struct {
		ID       string         `db:"id"`
		Agent    string         `db:"agent"`
		IP       string         `db:"ip"`
		Created  types.DateTime `db:"created"`
		LastUsed types.DateTime `db:"lastUsed"`
		Expires  types.DateTime `db:"expires"`
	}
	err := r.App.ConcurrentDB().Select("id", "agent", "ip", "created", "lastUsed", "expires").From("sessions").
		Where(dbx.HashExp{"user": r.Me.ID}).AndWhere(dbx.NewExp("expires > {:now}", dbx.Params{"now": store.Stamp(d.Store.Now())})).
		OrderBy("lastUsed DESC").Limit(api.MaxPage).WithContext(r.Request.Context()).All(&rows)
	if err != nil {
		return err
	}
	items := make([]sessionView, len(rows))
	for i, s := range rows {
		items[i] = sessionView{ID: s.ID, Agent: s.Agent, IP: s.IP, Created: store.ISO(s.Created), LastUsed: store.ISO(s.LastUsed), Expires: store.ISO(s.Expires),
			Current: s.ID == r.Me.Session}
	}
	return r.OK(api.Page[sessionView]{Items: items})
}

// endSession signs one of my browsers out; those of others are not there.
func (d *Desk) endSession(r *api.Request) error {
	n, err := d.endWhere(r, "id = {:id} AND user = {:me}", dbx.Params{"id": r.ID(), "me": r.Me.ID})
	if err != nil {
		return err
	}
	if n == 0 {
		return api.ErrNotFound
	}
	return r.Done()
}

// endSessions signs all my browsers out, this one included.
func (d *Desk) endSessions(r *api.Request) error {
	if _, err := d.endWhere(r, "user = {:me}", dbx.Params{"me": r.Me.ID}); err != nil {
		return err
	}
	d.setCookie(r.RequestEvent, "")
	return r.Done()
}
