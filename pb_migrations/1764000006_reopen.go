package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// The conversation that was closed last is found by when it was closed, not by when it began.
func init() {
	m.Register(func(app core.App) error {
		c, err := app.FindCollectionByNameOrId("conversations")
		if err != nil {
			return err
		}
		c.AddIndex("idx_conv_closed", false, "contact, line, closedAt DESC, id DESC", "status = 'closed'")
		return save(app, c)
	}, func(app core.App) error {
		c, err := app.FindCollectionByNameOrId("conversations")
		if err != nil {
			return err
		}
		c.RemoveIndex("idx_conv_closed")
		return save(app, c)
	})
}
