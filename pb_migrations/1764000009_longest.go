package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// Those who wait for an answer are listed by how long they wait, with what tells who may see them.
func init() {
	m.Register(func(app core.App) error {
		c, err := app.FindCollectionByNameOrId("conversations")
		if err != nil {
			return err
		}
		c.AddIndex("idx_conv_waits", false, "waitingSince, id, area, assignee, status", "waitingSince != ''")
		return save(app, c)
	}, func(app core.App) error {
		c, err := app.FindCollectionByNameOrId("conversations")
		if err != nil {
			return err
		}
		c.RemoveIndex("idx_conv_waits")
		return save(app, c)
	})
}
