package pb_migrations

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
)

// index is one index of a collection; where makes it partial (PocketBase's parser takes OR, not IN).
type index struct {
	name    string
	unique  bool
	columns string
	where   string
}

// collection builds a base collection that only superusers can reach through the stock API.
func collection(name string, fields []core.Field, indexes ...index) *core.Collection {
	c := core.NewBaseCollection(name)
	c.Fields.Add(fields...)
	for _, i := range indexes {
		c.AddIndex(i.name, i.unique, i.columns, i.where)
	}
	return c
}

func saveAll(app core.App, cs ...*core.Collection) error {
	for _, c := range cs {
		if err := app.Save(c); err != nil {
			return fmt.Errorf("save collection %s: %w", c.Name, err)
		}
	}
	return nil
}

func drop(app core.App, names ...string) error {
	for _, n := range names {
		c, err := app.FindCollectionByNameOrId(n)
		if err != nil {
			continue // never made
		}
		if err := app.Delete(c); err != nil {
			return fmt.Errorf("delete collection %s: %w", n, err)
		}
	}
	return nil
}

func created() core.Field { return &core.AutodateField{Name: "created", OnCreate: true} }
func updated() core.Field {
	return &core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true}
}

func ptr[T any](v T) *T { return &v }
