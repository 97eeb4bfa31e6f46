package people

import (
	"context"
	"net/http"
	"slices"

	"mostrador/hooks/api"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

func (s *People) Routes() []api.Route {
	return []api.Route{
		{Method: "GET", Path: "/api/users", Who: api.Supervisors, Run: s.users},
		{Method: "POST", Path: "/api/users", Who: api.Admins, Run: s.createUser},
		{Method: "GET", Path: "/api/users/{id}", Who: api.Supervisors, Run: s.user},
		{Method: "PUT", Path: "/api/users/{id}", Who: api.Admins, Run: s.updateUser},
		{Method: "POST", Path: "/api/users/{id}/setup", Who: api.Admins, Run: s.renewSetUp},
		{Method: "DELETE", Path: "/api/users/{id}/sessions", Who: api.Admins, Run: s.signUserOut},
		{Method: "PUT", Path: "/api/users/me/availability", Who: api.Everybody, Run: s.setAvailability},
		{Method: "GET", Path: "/api/colleagues", Who: api.Everybody, Run: s.colleagues},
	}
}

// UserView is a user as those see them who lead them.
type UserView struct {
	ID           string      `json:"id" db:"id"`
	Name         string      `json:"name" db:"name"`
	Username     string      `json:"username" db:"username"`
	Email        string      `json:"email" db:"email"`
	Role         rights.Role `json:"role" db:"role"`
	Active       bool        `json:"active" db:"active"`
	Areas        []string    `json:"areas" db:"-"` // ids
	DefaultArea  string      `json:"defaultArea" db:"defaultArea"`
	Availability string      `json:"availability" db:"availability"`
	Capacity     int         `json:"capacity" db:"capacity"`
	Lang         string      `json:"lang" db:"lang"`
}

// people reads users by id, in the order of their ids, which is the order in which they were made but for those with an
// Idempotency-Key.
func (s *People) people(ctx context.Context, after string, limit int, which dbx.Expression) ([]UserView, error) {
	db := s.Store.App.ConcurrentDB()
	list := []UserView{}
	q := db.Select("id", "name", "username", "email", "role", "active", "defaultArea", "COALESCE(NULLIF(availability, ''), 'offline') AS availability",
		"capacity", "lang").From("users").Where(dbx.NewExp("id > {:after}", dbx.Params{"after": after}))
	if which != nil {
		q = q.AndWhere(which)
	}
	if err := q.OrderBy("id").Limit(int64(limit)).WithContext(ctx).All(&list); err != nil {
		return nil, err
	}
	type membership struct {
		User string `db:"user"`
		Area string `db:"area"`
	}
	rows, err := store.WhereIn[membership](db, "memberships", "user", store.Distinct(list, func(u *UserView) string { return u.ID }), "user", "area")
	if err != nil {
		return nil, err
	}
	areas := map[string][]string{}
	for _, m := range rows {
		areas[m.User] = append(areas[m.User], m.Area)
	}
	for i := range list {
		list[i].Areas = append([]string{}, areas[list[i].ID]...)
	}
	return list, nil
}

// led are the users that a viewer leads: all for an admin, those of their areas for a supervisor.
func led(v rights.Viewer) dbx.Expression {
	if v.Role == rights.Admin {
		return nil
	}
	return dbx.Or(dbx.HashExp{"id": v.ID}, inAreas(v.Areas))
}

// inAreas are the users who work in one of the areas.
func inAreas(areas []string) dbx.Expression {
	if len(areas) == 0 {
		return dbx.NewExp("1 = 0")
	}
	params, in := dbx.Params{}, ""
	for i, id := range areas {
		name := "area" + string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676))
		params[name] = id
		in += ", {:" + name + "}"
	}
	return dbx.NewExp("id IN (SELECT user FROM memberships WHERE area IN ("+in[2:]+"))", params)
}

func (s *People) users(r *api.Request) error {
	limit, err := r.Limit()
	if err != nil {
		return err
	}
	before := r.Query("before")
	if before != "" && !store.IsID.MatchString(before) {
		return api.BadValue("before")
	}
	list, err := s.people(r.Request.Context(), before, limit+1, led(r.Me.Viewer))
	if err != nil {
		return err
	}
	answer := api.Page[UserView]{Items: list[:min(limit, len(list))]}
	if len(list) > limit {
		answer.Next = list[limit-1].ID
	}
	return r.OK(answer)
}

// showPerson reads one user that a viewer leads.
func (s *People) showPerson(r *api.Request, id string) (*UserView, error) {
	which := dbx.Expression(dbx.HashExp{"id": id})
	if all := led(r.Me.Viewer); all != nil {
		which = dbx.And(which, all)
	}
	list, err := s.people(r.Request.Context(), "", 1, which)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, api.ErrNotFound
	}
	return &list[0], nil
}

func (s *People) user(r *api.Request) error {
	shown, err := s.showPerson(r, r.ID())
	return api.Okay(r, shown, err)
}

// NewUser is a user who was just made, with the link to choose a password with.
type NewUser struct {
	UserView
	Setup string `json:"setup,omitempty"` // path of the one-time link; never shown again
}

// SetUpPath is where the page takes a one-time token. What stands after # is sent to no server, and so into no log.
const SetUpPath = "/setup#token="

func (s *People) createUser(r *api.Request) error {
	var p Person
	if err := r.Read(&p); err != nil {
		return err
	}
	p.ID = r.NewID("user")
	_, token, err := s.CreateUser(r.Request.Context(), p)
	if err != nil {
		return err
	}
	shown, err := s.showPerson(r, p.ID)
	if err != nil {
		return err
	}
	answer := NewUser{UserView: *shown}
	if token != "" {
		answer.Setup = SetUpPath + token
	}
	return r.Created(answer)
}

func (s *People) updateUser(r *api.Request) error {
	var p Person
	if err := r.Read(&p); err != nil {
		return err
	}
	if err := s.UpdateUser(r.Request.Context(), r.ID(), p); err != nil {
		return err
	}
	return s.user(r)
}

// renewSetUp gives a user who forgot the password a new link.
func (s *People) renewSetUp(r *api.Request) error {
	token, err := s.Guard.SetUpLink(r.Request.Context(), r.ID())
	if err != nil {
		return err
	}
	return r.Created(map[string]string{"setup": SetUpPath + token})
}

// signUserOut ends all sessions of a user.
func (s *People) signUserOut(r *api.Request) error {
	if _, err := s.showPerson(r, r.ID()); err != nil {
		return err
	}
	if _, err := s.Guard.EndWhere(r, "user = {:id}", dbx.Params{"id": r.ID()}); err != nil {
		return err
	}
	return r.Done()
}

func (s *People) setAvailability(r *api.Request) error {
	var in struct {
		Availability string `json:"availability"`
	}
	if err := r.Read(&in); err != nil {
		return err
	}
	if err := s.Presence.SetAvailability(r.Request.Context(), r.Me.Viewer, in.Availability); err != nil {
		return err
	}
	return r.JSON(http.StatusOK, in)
}

// Colleague is what everybody may know of the others: it puts a name to an id, and finds who can take a conversation.
type Colleague struct {
	ID           string      `json:"id"`
	Name         string      `json:"name"`
	Role         rights.Role `json:"role"`
	Active       bool        `json:"active"`
	Availability string      `json:"availability"`
	Areas        []string    `json:"areas"` // those that I have, too
}

// maxColleagues is how many users one desk shows at most.
const maxColleagues = 2000

func (s *People) colleagues(r *api.Request) error {
	list, err := s.people(r.Request.Context(), "", maxColleagues, nil)
	if err != nil {
		return err
	}
	answer := api.Page[Colleague]{Items: make([]Colleague, len(list))}
	for i, u := range list {
		if u.Name == "" {
			u.Name = u.Username
		}
		if r.Me.Role != rights.Admin {
			u.Areas = slices.DeleteFunc(u.Areas, func(id string) bool { return !slices.Contains(r.Me.Areas, id) })
		}
		answer.Items[i] = Colleague{ID: u.ID, Name: u.Name, Role: u.Role, Active: u.Active, Availability: u.Availability, Areas: u.Areas}
	}
	return r.OK(answer)
}
