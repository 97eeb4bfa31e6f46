// Package people: users and areas, as admins manage them.
package people

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mostrador/hooks/api"
	"mostrador/hooks/auth"
	"mostrador/hooks/conversation"
	"mostrador/hooks/presence"
	"mostrador/hooks/rights"
	"mostrador/hooks/settings"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"
)

// People manages users and areas.
type People struct {
	Conversations *conversation.Conversations
	Guard         *auth.Guard
	Presence      *presence.Presence
	Settings      *settings.Keeper
	Store         *store.Store
}

// Person is what may be said about a user; nil leaves a field as it is.
type Person struct {
	Name        *string      `json:"name"`
	Username    *string      `json:"username"` // kept in lower case
	Email       *string      `json:"email"`    // kept in lower case
	Role        *rights.Role `json:"role"`
	Active      *bool        `json:"active"`
	Areas       *[]string    `json:"areas"`       // ids
	DefaultArea *string      `json:"defaultArea"` // id; empty: none
	Capacity    *int         `json:"capacity"`    // open conversations at a time; 0: no limit
	Lang        *string      `json:"lang"`        // es, pt-BR, en; empty: the browser's
	Password    *string      `json:"password"`    // nil or empty: a new user gets a set-up link
	ID          string       `json:"-"`           // of a new user; empty: any
}

// CreateUser makes a user who may sign in. Without a password the one-time token of a set-up link comes back with the id.
// Who was made by an earlier try with the same id stays; their link is a new one then, because the first was not kept, and
// none when they have a password.
func (s *People) CreateUser(ctx context.Context, p Person) (id, setup string, err error) {
	p.ID = cmp.Or(p.ID, store.NewID(s.Store.Now()))
	invited := p.Password == nil || *p.Password == ""
	if invited {
		nobodys := security.RandomString(30)
		p.Password = &nobodys
	}
	err = s.savePerson(ctx, p, func(tx core.App) (*core.Record, error) {
		if made, err := tx.FindRecordById("users", p.ID); err == nil {
			if made.GetString("setupHash") != "" {
				setup, err = s.Guard.NewLink(ctx, tx, p.ID)
			}
			return nil, err
		} else if !store.IsNone(err) {
			return nil, fmt.Errorf("look for an earlier try: %w", err)
		}
		users, err := tx.FindCollectionByNameOrId("users")
		if err != nil {
			return nil, fmt.Errorf("find the users: %w", err)
		}
		u := core.NewRecord(users)
		u.Id = p.ID
		u.Set("active", true)
		u.Set("role", string(rights.Operator))
		u.Set("capacity", s.Settings.Get().Capacity)
		if invited {
			var link auth.SetUpLink
			setup, link = auth.NewSetUpLink(s.Store.Now())
			u.Set("setupHash", link.Hash)
			u.Set("setupUntil", link.Until)
		}
		return u, nil
	})
	if err != nil {
		return "", "", err
	}
	return p.ID, setup, s.Conversations.Freed(ctx, p.ID)
}

// UpdateUser changes a user. What they may see and do changes at once; a new password signs them out everywhere.
func (s *People) UpdateUser(ctx context.Context, id string, p Person) error {
	ctx = context.WithoutCancel(ctx) // what has begun is finished, whether or not somebody waits for the answer
	if p.Password != nil && *p.Password == "" {
		p.Password = nil
	}
	err := s.savePerson(ctx, p, func(tx core.App) (*core.Record, error) {
		u, err := tx.FindRecordById("users", id)
		if err := api.Missing(err); err != nil {
			return nil, err
		}
		return u.IgnoreUnchangedFields(true), nil // availability and the like move without this transaction's app
	})
	if err != nil {
		return err
	}
	s.Presence.Attendance.WriteDown(ctx) // who was signed out by this is offline
	return s.Conversations.Freed(ctx, id)
}

// savePerson finds, or makes, a user and writes them and their areas, in one transaction; find answers nil when there is
// nothing to write. Whoever is not to be let in any more by it is signed out in the same one.
func (s *People) savePerson(ctx context.Context, p Person, find func(tx core.App) (*core.Record, error)) error {
	password, err := s.Guard.Hashed(p.Password) // before: it takes longer than everybody else should wait
	if err != nil {
		return err
	}
	var id string
	var gone []auth.Ended
	moved := false
	err = s.Store.App.RunInTransaction(func(tx core.App) error {
		u, err := find(tx)
		if err != nil || u == nil {
			return err
		}
		id = u.Id
		if err := p.fill(u, password); err != nil {
			return err
		}
		if err := lastAdmin(tx, u); err != nil {
			return err
		}
		if !u.IsNew() && (password != nil || !u.GetBool("active")) {
			if gone, err = auth.EndSessionsOf(ctx, tx, u.Id); err != nil {
				return err
			}
			ctx = context.WithValue(ctx, auth.SignedOutAlready{}, true)
		}
		if err := tx.SaveWithContext(ctx, u); err != nil {
			return api.Invalid(err)
		}
		if p.Areas == nil {
			return nil
		}
		moved, err = s.setAreas(tx, u.Id, *p.Areas)
		return err
	})
	if err != nil {
		return err
	}
	s.Guard.Sessions.Forget(gone...)
	if moved {
		s.Guard.RightsChanged(id)
	}
	return nil
}

// fill puts what is said into the record.
func (p Person) fill(u *core.Record, password *core.PasswordFieldValue) error {
	lower := func(s *string) *string {
		if s == nil {
			return nil
		}
		l := strings.ToLower(strings.TrimSpace(*s))
		return &l
	}
	for name, value := range map[string]*string{"name": p.Name, "username": lower(p.Username), "email": lower(p.Email),
		"defaultArea": p.DefaultArea, "lang": p.Lang} {
		if value != nil {
			u.Set(name, strings.TrimSpace(*value))
		}
	}
	if p.Role != nil {
		u.Set("role", string(*p.Role))
	}
	if p.Active != nil {
		u.Set("active", *p.Active)
	}
	if p.Capacity != nil {
		u.Set("capacity", *p.Capacity)
	}
	if lang := u.GetString("lang"); lang != "" && !slices.Contains(api.Languages, lang) {
		return api.BadValue("lang")
	}
	if password != nil {
		u.SetRaw("password", password)
		u.RefreshTokenKey() // PocketBase sees a new password by its text only, and this one is hashed already
	}
	return nil
}

// lastAdmin refuses a change after which nobody could manage the desk.
func lastAdmin(tx core.App, u *core.Record) error {
	if u.IsNew() || u.GetBool("active") && u.GetString("role") == string(rights.Admin) {
		return nil
	}
	var before, others int
	err := tx.NonconcurrentDB().NewQuery(`SELECT COALESCE(SUM(id = {:id}), 0), COALESCE(SUM(id != {:id}), 0) FROM users WHERE active AND role = 'ADMIN'`).
		Bind(dbx.Params{"id": u.Id}).Row(&before, &others)
	if err == nil && before > 0 && others == 0 {
		return ErrLastAdmin
	}
	return err
}

// setAreas makes these the areas of a user, and tells whether anything changed.
func (s *People) setAreas(tx core.App, user string, areas []string) (changed bool, err error) {
	db := tx.NonconcurrentDB()
	wanted := map[string]bool{}
	for _, id := range areas {
		wanted[id] = true
	}
	var known, have []string
	if err := db.Select("id").From("areas").Where(dbx.In("id", store.Anys(areas)...)).Column(&known); err != nil {
		return false, fmt.Errorf("read areas: %w", err)
	}
	if len(known) != len(wanted) {
		return false, api.ErrUnknownArea
	}
	if err := db.Select("area").From("memberships").Where(dbx.HashExp{"user": user}).Column(&have); err != nil {
		return false, fmt.Errorf("read memberships: %w", err)
	}
	for _, id := range have {
		if wanted[id] {
			delete(wanted, id)
			continue
		}
		changed = true
		if _, err := db.Delete("memberships", dbx.HashExp{"user": user, "area": id}).Execute(); err != nil {
			return false, fmt.Errorf("delete membership: %w", err)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(wanted)) {
		changed = true
		row := dbx.Params{"id": store.NewID(s.Store.Now()), "user": user, "area": id, "created": store.Stamp(s.Store.Now())}
		if _, err := db.Insert("memberships", row).Execute(); err != nil {
			return false, fmt.Errorf("write membership: %w", err)
		}
	}
	return changed, nil
}
