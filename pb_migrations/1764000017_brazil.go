package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// Brazilian numbers whose eight digits do not begin with 6 to 9 were no mobile numbers: what has a 9 before them shares no key with
// what has none. Contacts that were taken for one stay one; nobody is torn apart here.
func init() {
	m.Register(func(app core.App) error {
		_, err := app.DB().NewQuery(`UPDATE contacts SET phoneKey = phone
			WHERE phone LIKE '55__9________' AND substr(phone, 6, 1) < '6' AND phoneKey != phone`).Execute()
		return err
	}, func(core.App) error { return nil })
}
