package pb_migrations

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// The counts of flows remember up to which event they are.
func init() {
	m.Register(func(app core.App) error {
		c, err := app.FindCollectionByNameOrId("flow_counts")
		if err != nil {
			return err
		}
		c.Fields.Add(&core.NumberField{Name: "pos", OnlyInt: true}) // of the last event counted in
		c.AddIndex("idx_flow_counts_pos", false, "pos", "")
		return save(app, c)
	}, func(app core.App) error {
		c, err := app.FindCollectionByNameOrId("flow_counts")
		if err != nil {
			return err
		}
		c.RemoveIndex("idx_flow_counts_pos")
		c.Fields.RemoveByName("pos")
		return save(app, c)
	})
}

func save(app core.App, c *core.Collection) error {
	if err := app.Save(c); err != nil {
		return fmt.Errorf("save collection %s: %w", c.Name, err)
	}
	return nil
}
