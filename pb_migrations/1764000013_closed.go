package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// What one person had in one area is found by both: an index without the area would show a supervisor what the same person
// had elsewhere, or read through all of it. Only closed conversations are in it, so a message that comes in does not touch it.
func init() {
	m.Register(func(app core.App) error {
		c, err := app.FindCollectionByNameOrId("conversations")
		if err != nil {
			return err
		}
		c.AddIndex("idx_conv_closed_area", false, "area, assignee, lastAt DESC, id DESC", "status = 'closed'")
		return save(app, c)
	}, func(app core.App) error {
		c, err := app.FindCollectionByNameOrId("conversations")
		if err != nil {
			return err
		}
		c.RemoveIndex("idx_conv_closed_area")
		return save(app, c)
	})
}
