package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// A customer is answered when the answer has left. Until then the conversation remembers since when they would wait again.
func init() {
	m.Register(func(app core.App) error {
		c, err := app.FindCollectionByNameOrId("conversations")
		if err != nil {
			return err
		}
		c.Fields.Add(&core.DateField{Name: "waitedSince"}) // what waitingSince was before an answer that has not left yet; empty: all have
		return save(app, c)
	}, func(app core.App) error {
		c, err := app.FindCollectionByNameOrId("conversations")
		if err != nil {
			return err
		}
		c.Fields.RemoveByName("waitedSince")
		return save(app, c)
	})
}
