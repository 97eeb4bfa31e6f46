package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// Files wait when their sender's day is full or the disk is, and the same content is stored once.
func init() {
	m.Register(func(app core.App) error {
		media, err := app.FindCollectionByNameOrId("media")
		if err != nil {
			return err
		}
		media.Fields.Add(
			&core.BoolField{Name: "wanted"},        // somebody asked for it: no quota holds it
			&core.TextField{Name: "hash", Max: 64}, // SHA-256 of the content, under which it is stored; empty: in a folder of its own
		)
		media.AddIndex("idx_media_hash", false, "hash", "hash != ''")
		media.AddIndex("idx_media_chat_due", false, "conversation, dueAt, size", "state = 'pending'")
		media.AddIndex("idx_media_waiting", false, "reason, size, id", "state = 'pending' AND reason != ''")
		if err := save(app, media); err != nil {
			return err
		}
		contacts, err := app.FindCollectionByNameOrId("contacts")
		if err != nil {
			return err
		}
		contacts.Fields.Add(
			&core.TextField{Name: "filesDay", Max: 10},           // the last day on which files of theirs were fetched by themselves; empty: none
			&core.NumberField{Name: "filesCount", OnlyInt: true}, // how many on that day
			&core.NumberField{Name: "filesBytes", OnlyInt: true}, // and their bytes
		)
		return save(app, contacts)
	}, func(app core.App) error {
		media, err := app.FindCollectionByNameOrId("media")
		if err != nil {
			return err
		}
		for _, name := range []string{"idx_media_hash", "idx_media_chat_due", "idx_media_waiting"} {
			media.RemoveIndex(name)
		}
		for _, name := range []string{"wanted", "hash"} {
			media.Fields.RemoveByName(name)
		}
		if err := save(app, media); err != nil {
			return err
		}
		contacts, err := app.FindCollectionByNameOrId("contacts")
		if err != nil {
			return err
		}
		for _, name := range []string{"filesDay", "filesCount", "filesBytes"} {
			contacts.Fields.RemoveByName(name)
		}
		return save(app, contacts)
	})
}
