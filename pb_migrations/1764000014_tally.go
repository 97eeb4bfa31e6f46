package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// How many wait, and where, is counted in an index that holds all that a count asks about a live conversation. A message to
// somebody who waits already changes none of it.
func init() {
	m.Register(func(app core.App) error {
		c, err := app.FindCollectionByNameOrId("conversations")
		if err != nil {
			return err
		}
		c.AddIndex("idx_conv_tally", false, "area, assignee, status, waitingSince, snoozedUntil, escalatedAt", "status != 'closed'")
		return save(app, c)
	}, func(app core.App) error {
		c, err := app.FindCollectionByNameOrId("conversations")
		if err != nil {
			return err
		}
		c.RemoveIndex("idx_conv_tally")
		return save(app, c)
	})
}
