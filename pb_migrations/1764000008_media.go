package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// Files are fetched line by line, small and large ones apart; uploads that nobody sent are found by their age.
func init() {
	m.Register(func(app core.App) error {
		c, err := app.FindCollectionByNameOrId("media")
		if err != nil {
			return err
		}
		c.RemoveIndex("idx_media_pending")
		c.AddIndex("idx_media_due", false, "line, dueAt, size", "state = 'pending'")
		c.AddIndex("idx_media_unsent", false, "created, id", "message = ''")
		return save(app, c)
	}, func(app core.App) error {
		c, err := app.FindCollectionByNameOrId("media")
		if err != nil {
			return err
		}
		c.RemoveIndex("idx_media_due")
		c.RemoveIndex("idx_media_unsent")
		c.AddIndex("idx_media_pending", false, "dueAt", "state = 'pending'")
		return save(app, c)
	})
}
