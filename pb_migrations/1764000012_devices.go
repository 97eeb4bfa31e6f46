package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// Browsers in which people have signed in before: their tries are counted apart.
func init() {
	m.Register(func(app core.App) error {
		return saveAll(app, collection("devices", []core.Field{
			&core.TextField{Name: "user", Required: true, Max: 15}, // of the desk, or a superuser
			&core.TextField{Name: "hash", Required: true, Max: 64, Hidden: true},
			&core.DateField{Name: "lastUsed", Required: true}, // somebody signed in
			created(),
		},
			index{"idx_devices_one", true, "hash, user", ""},
			index{"idx_devices_user", false, "user, lastUsed DESC, id DESC", ""},
			index{"idx_devices_old", false, "lastUsed", ""},
		))
	}, func(app core.App) error { return drop(app, "devices") })
}
