package hooks

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"
)

// Person is what may be said about a user; nil leaves a field as it is.
type Person struct {
	Name        *string   `json:"name"`
	Username    *string   `json:"username"` // kept in lower case
	Email       *string   `json:"email"`    // kept in lower case
	Role        *Role     `json:"role"`
	Active      *bool     `json:"active"`
	Areas       *[]string `json:"areas"`       // ids
	DefaultArea *string   `json:"defaultArea"` // id; empty: none
	Capacity    *int      `json:"capacity"`    // open conversations at a time; 0: no limit
	Lang        *string   `json:"lang"`        // es, pt-BR, en; empty: the browser's
	Password    *string   `json:"password"`    // nil or empty: a new user gets a set-up link
	ID          string    `json:"-"`           // of a new user; empty: any
}

// setUpFor is how long a set-up link works.
const setUpFor = 7 * 24 * time.Hour

// CreateUser makes a user who may sign in. Without a password the one-time token of a set-up link comes back with the id.
func (d *Desk) CreateUser(ctx context.Context, p Person) (id, setup string, err error) {
	users, err := d.App.FindCollectionByNameOrId("users")
	if err != nil {
		return "", "", fmt.Errorf("find the users: %w", err)
	}
	u := core.NewRecord(users)
	u.Id = cmp.Or(p.ID, newID(d.Now()))
	u.Set("active", true)
	u.Set("role", string(Operator))
	u.Set("capacity", d.Settings().Capacity)
	if p.Password == nil || *p.Password == "" {
		p.Password = nil
		setup = d.newSetUp(u)
		u.SetRandomPassword()
	}
	if err := d.savePerson(ctx, u, p); err != nil {
		return "", "", err
	}
	return u.Id, setup, d.Freed(ctx, u.Id)
}

// UpdateUser changes a user. What they may see and do changes at once; a new password signs them out everywhere.
func (d *Desk) UpdateUser(ctx context.Context, id string, p Person) error {
	ctx = context.WithoutCancel(ctx) // what has begun is finished, whether or not somebody waits for the answer
	u, err := d.App.FindRecordById("users", id)
	if err := missing(err); err != nil {
		return err
	}
	u.IgnoreUnchangedFields(true) // availability and the like may have moved on since
	if err := d.savePerson(ctx, u, p); err != nil {
		return err
	}
	d.attendance.writeDown(ctx) // who was signed out by this is offline
	return d.Freed(ctx, id)
}

// SetUpLink gives a user a new one-time token to choose a password with; an older one stops working.
func (d *Desk) SetUpLink(ctx context.Context, id string) (token string, err error) {
	u, err := d.App.FindRecordById("users", id)
	if err := missing(err); err != nil {
		return "", err
	}
	u.IgnoreUnchangedFields(true)
	token = d.newSetUp(u)
	if err := d.App.SaveWithContext(ctx, u); err != nil {
		return "", invalid(err)
	}
	return token, nil
}

// newSetUp puts the hash of a new token into a user.
func (d *Desk) newSetUp(u *core.Record) string {
	var key [24]byte
	_, _ = rand.Read(key[:]) // never fails since Go 1.24
	token := base64.RawURLEncoding.EncodeToString(key[:])
	sum := sha256.Sum256([]byte(token))
	u.Set("setupHash", hex.EncodeToString(sum[:]))
	u.Set("setupUntil", d.Now().Add(setUpFor))
	return token
}

// savePerson writes a user and their areas in one transaction.
func (d *Desk) savePerson(ctx context.Context, u *core.Record, p Person) error {
	if err := p.fill(u); err != nil {
		return err
	}
	moved := false
	err := d.App.RunInTransaction(func(tx core.App) error {
		if err := lastAdmin(tx, u); err != nil {
			return err
		}
		if err := tx.SaveWithContext(ctx, u); err != nil {
			return invalid(err)
		}
		if p.Areas == nil {
			return nil
		}
		var err error
		moved, err = d.setAreas(tx, u.Id, *p.Areas)
		return err
	})
	if err != nil {
		return err
	}
	if moved {
		d.rightsChanged(u.Id)
	}
	return nil
}

// fill puts what is said into the record.
func (p Person) fill(u *core.Record) error {
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
	if lang := u.GetString("lang"); lang != "" && !slices.Contains(languages, lang) {
		return badValue("lang")
	}
	if p.Password != nil {
		if err := goodEnough(*p.Password); err != nil {
			return err
		}
		u.SetPassword(*p.Password)
		u.Set("setupHash", "")
	}
	return nil
}

// goodEnough refuses passwords that are short, or longer than bcrypt reads.
func goodEnough(password string) error {
	if utf8.RuneCountInString(password) < minPassword || len(password) > 72 {
		return &Refusal{Status: http.StatusBadRequest, Code: codeWeakPassword, Args: map[string]any{"min": minPassword, "field": "password"}}
	}
	return nil
}

// lastAdmin refuses a change after which nobody could manage the desk.
func lastAdmin(tx core.App, u *core.Record) error {
	if u.IsNew() || u.GetBool("active") && u.GetString("role") == string(Admin) {
		return nil
	}
	var before, others int
	err := tx.NonconcurrentDB().NewQuery(`SELECT COALESCE(SUM(id = {:id}), 0), COALESCE(SUM(id != {:id}), 0) FROM users WHERE active AND role = 'ADMIN'`).
		Bind(dbx.Params{"id": u.Id}).Row(&before, &others)
	if err == nil && before > 0 && others == 0 {
		return refuse(http.StatusConflict, codeLastAdmin)
	}
	return err
}

// setAreas makes these the areas of a user, and tells whether anything changed.
func (d *Desk) setAreas(tx core.App, user string, areas []string) (changed bool, err error) {
	db := tx.NonconcurrentDB()
	wanted := map[string]bool{}
	for _, id := range areas {
		wanted[id] = true
	}
	var known, have []string
	if err := db.Select("id").From("areas").Where(dbx.In("id", anys(areas)...)).Column(&known); err != nil {
		return false, fmt.Errorf("read areas: %w", err)
	}
	if len(known) != len(wanted) {
		return false, refuse(http.StatusBadRequest, codeUnknownArea)
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
		row := dbx.Params{"id": newID(d.Now()), "user": user, "area": id, "created": stamp(d.Now())}
		if _, err := db.Insert("memberships", row).Execute(); err != nil {
			return false, fmt.Errorf("write membership: %w", err)
		}
	}
	return changed, nil
}

// invalid names the field that PocketBase did not take; other errors stay as they are.
func invalid(err error) error {
	fields := router.NewBadRequestError("", err).Data
	if len(fields) == 0 {
		return err
	}
	field := slices.Sorted(maps.Keys(fields))[0]
	if why, ok := fields[field].(map[string]any); ok && why["code"] == "validation_not_unique" {
		return &Refusal{Status: http.StatusConflict, Code: codeNameTaken, Args: map[string]any{"field": field}}
	}
	return badValue(field)
}
