package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// The list of those who wait has whom the counts call waiting: not what is snoozed. Those for whom supervision was called are found
// by an index of their own.
func init() {
	m.Register(func(app core.App) error {
		c, err := app.FindCollectionByNameOrId("conversations")
		if err != nil {
			return err
		}
		c.RemoveIndex("idx_conv_waits")
		c.AddIndex("idx_conv_waits", false, "waitingSince, id, area, assignee, status", "waitingSince != '' AND snoozedUntil = ''")
		c.AddIndex("idx_conv_escalated", false, "waitingSince, id, area, assignee, status, snoozedUntil, escalatedAt", "waitingSince != '' AND snoozedUntil = '' AND escalatedAt != ''")
		return save(app, c)
	}, func(app core.App) error {
		c, err := app.FindCollectionByNameOrId("conversations")
		if err != nil {
			return err
		}
		c.RemoveIndex("idx_conv_escalated")
		c.RemoveIndex("idx_conv_waits")
		c.AddIndex("idx_conv_waits", false, "waitingSince, id, area, assignee, status", "waitingSince != ''")
		return save(app, c)
	})
}
