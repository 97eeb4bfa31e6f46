package people

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/auth"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

func (s *People) AreaRoutes() []api.Route {
	return []api.Route{
		{Method: "GET", Path: "/api/areas", Who: api.Everybody, Run: areas},
		{Method: "POST", Path: "/api/areas", Who: api.Admins, Run: createArea},
		{Method: "GET", Path: "/api/areas/names", Who: api.Everybody, Run: areaNames},
		{Method: "GET", Path: "/api/areas/{id}", Who: api.Everybody, Run: area},
		{Method: "PUT", Path: "/api/areas/{id}", Who: api.Admins, Run: s.updateArea},
	}
}

// AreaView is an area of the desk.
type AreaView struct {
	ID               string `json:"id" db:"id"`
	Key              string `json:"key" db:"key"` // what flows call it
	Name             string `json:"name" db:"name"`
	Description      string `json:"description" db:"description"`
	Color            int    `json:"color" db:"color"` // 1 to 10
	Active           bool   `json:"active" db:"active"`
	Order            int    `json:"order" db:"order"`
	Zone             string `json:"zone" db:"zone"`                         // IANA time zone; empty: the desk's
	Policy           string `json:"policy" db:"policy"`                     // least_loaded, round_robin, manual
	AutoCloseMinutes int    `json:"autoCloseMinutes" db:"autoCloseMinutes"` // 0: the desk's
	TargetMinutes    int    `json:"targetMinutes" db:"targetMinutes"`       // 0: the desk's
	AwayText         string `json:"awayText" db:"awayText"`                 // empty: nothing is said out of hours
}

// areaForm is what an admin may say about an area; nil leaves a field as it is.
type areaForm struct {
	Key              *string `json:"key"` // only when it is made; empty: from the name
	Name             *string `json:"name"`
	Description      *string `json:"description"`
	Color            *int    `json:"color"`
	Active           *bool   `json:"active"`
	Order            *int    `json:"order"`
	Zone             *string `json:"zone"`
	Policy           *string `json:"policy"`
	AutoCloseMinutes *int    `json:"autoCloseMinutes"`
	TargetMinutes    *int    `json:"targetMinutes"`
	AwayText         *string `json:"awayText"`
}

// maxAreas is how many areas one desk shows at most.
const maxAreas = 1000

// readAreas reads the areas that the sender may know: all, or an operator's own.
func readAreas(r *api.Request, which dbx.Expression) ([]AreaView, error) {
	list := []AreaView{}
	q := r.App.ConcurrentDB().Select("id", "key", "name", "description", "MAX(color, 1) AS color", "active", "order", "zone",
		"COALESCE(NULLIF(policy, ''), 'least_loaded') AS policy", "autoCloseMinutes", "targetMinutes", "awayText").From("areas").
		OrderBy("order", "name").Limit(maxAreas)
	if which != nil {
		q = q.Where(which)
	}
	if r.Me.Role == rights.Operator {
		q = q.AndWhere(dbx.In("id", store.Anys(r.Me.Areas)...))
	}
	return list, q.WithContext(r.Request.Context()).All(&list)
}

func areas(r *api.Request) error {
	list, err := readAreas(r, nil)
	return api.ListOf(r, list, err)
}

// areaNames are the areas in use, for everybody: a conversation can be handed to any of them, and says where it came from.
func areaNames(r *api.Request) error {
	list := []auth.AreaName{}
	err := r.App.ConcurrentDB().Select("id", "name", "MAX(color, 1) AS color").From("areas").Where(dbx.NewExp("active = TRUE")).
		OrderBy("order", "name").Limit(maxAreas).WithContext(r.Request.Context()).All(&list)
	if err != nil {
		return err
	}
	return r.OK(api.Page[auth.AreaName]{Items: list})
}

func area(r *api.Request) error {
	list, err := readAreas(r, dbx.HashExp{"id": r.ID()})
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return api.ErrNotFound
	}
	return r.OK(list[0])
}

func createArea(r *api.Request) error {
	var f areaForm
	if err := r.Read(&f); err != nil {
		return err
	}
	id := r.NewID("area")
	err := saveArea(r, f, func(app core.App) (*core.Record, error) {
		areas, err := app.FindCollectionByNameOrId("areas")
		if err != nil {
			return nil, fmt.Errorf("find the areas: %w", err)
		}
		if _, err := app.FindRecordById(areas, id); err == nil {
			return nil, nil // by an earlier try
		} else if !store.IsNone(err) {
			return nil, fmt.Errorf("look for an earlier try: %w", err)
		}
		a := core.NewRecord(areas)
		a.Id = id
		a.Set("active", true)
		a.Set("color", 1)
		key := ""
		if f.Key != nil {
			key = *f.Key
		}
		if f.Name != nil && key == "" {
			key = cmp.Or(slug(*f.Name), id) // a name may have no letter that a key takes
		}
		a.Set("key", key)
		return a, nil
	})
	if err != nil {
		return err
	}
	return createdArea(r, id)
}

func createdArea(r *api.Request, id string) error {
	list, err := readAreas(r, dbx.HashExp{"id": id})
	if err != nil || len(list) == 0 {
		return err
	}
	return r.Created(list[0])
}

func (s *People) updateArea(r *api.Request) error {
	var f areaForm
	if err := r.Read(&f); err != nil {
		return err
	}
	err := saveArea(r, f, func(app core.App) (*core.Record, error) {
		a, err := app.FindRecordById("areas", r.ID())
		if err := api.Missing(err); err != nil {
			return nil, err
		}
		if f.Key != nil && *f.Key != a.GetString("key") {
			return nil, api.BadValue("key") // flows call the area by it
		}
		return a, nil
	})
	if err != nil {
		return err
	}
	if err := s.Conversations.DealArea(context.WithoutCancel(r.Request.Context()), r.ID()); err != nil {
		return err
	}
	return area(r)
}

// saveArea finds, or makes, an area and writes what is said about it: one admin after the other. find answers nil when there
// is nothing to write.
func saveArea(r *api.Request, f areaForm, find func(core.App) (*core.Record, error)) error {
	return r.App.RunInTransaction(func(app core.App) error {
		a, err := find(app)
		if err != nil || a == nil {
			return err
		}
		if err := f.fill(a); err != nil {
			return err
		}
		if err := freeName(app, a); err != nil {
			return err
		}
		if a.IsNew() && (f.Key == nil || *f.Key == "") {
			if err := freeKey(app, a); err != nil {
				return err
			}
		}
		if err := app.SaveWithContext(r.Request.Context(), a); err != nil {
			return api.Invalid(err)
		}
		return nil
	})
}

// fill puts what is said into the record.
func (f areaForm) fill(a *core.Record) error {
	for name, value := range map[string]*string{"name": f.Name, "description": f.Description, "zone": f.Zone, "policy": f.Policy, "awayText": f.AwayText} {
		if value != nil {
			a.Set(name, strings.TrimSpace(*value))
		}
	}
	for name, value := range map[string]*int{"color": f.Color, "order": f.Order, "autoCloseMinutes": f.AutoCloseMinutes, "targetMinutes": f.TargetMinutes} {
		if value != nil {
			a.Set(name, *value)
		}
	}
	if f.Active != nil {
		a.Set("active", *f.Active)
	}
	if a.GetString("name") == "" {
		return api.BadValue("name")
	}
	if _, err := time.LoadLocation(a.GetString("zone")); err != nil {
		return api.BadValue("zone")
	}
	if policy := a.GetString("policy"); !slices.Contains([]string{"", "least_loaded", "round_robin", "manual"}, policy) {
		return api.BadValue("policy")
	}
	return nil
}

// freeName refuses the name of another area in use, which nobody could tell apart; an area that has had it keeps it.
func freeName(app core.App, a *core.Record) error {
	name, old := store.Fold(a.GetString("name")), a.Original()
	if !a.GetBool("active") || !a.IsNew() && old.GetBool("active") && store.Fold(old.GetString("name")) == name {
		return nil
	}
	var others []string
	err := app.DB().Select("name").From("areas").Where(dbx.NewExp("active = TRUE AND id != {:id}", dbx.Params{"id": a.Id})).Column(&others)
	if err != nil {
		return fmt.Errorf("read the names of areas: %w", err)
	}
	if slices.ContainsFunc(others, func(other string) bool { return store.Fold(other) == name }) {
		return ErrAreaTaken.With("field", "name")
	}
	return nil
}

// freeKey numbers a key that was made of a name when another area has it: one out of use, or whose name differs by a sign.
func freeKey(app core.App, a *core.Record) error {
	var taken []string
	if err := app.DB().Select("key").From("areas").Column(&taken); err != nil {
		return fmt.Errorf("read the keys of areas: %w", err)
	}
	key := a.GetString("key")
	for n := 2; slices.Contains(taken, a.GetString("key")); n++ {
		a.Set("key", key+"-"+strconv.Itoa(n))
	}
	return nil
}

// slug makes a key of a name: "Atención al cliente" is "atencion-al-cliente".
func slug(name string) string {
	words := strings.FieldsFunc(store.Fold(name), func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') })
	return strings.TrimRight(store.Cut(strings.Join(words, "-"), 55), "-") // with room for a number
}
