package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// People: users, areas, who works where, and browser sessions.
//
// No collection of the product has a stock rule: they are open to superusers only. Everybody else comes through the
// product's own routes, which check visibility in one place.
func init() {
	m.Register(func(app core.App) error {
		users, err := app.FindCollectionByNameOrId("users")
		if err != nil {
			return err
		}
		closeStockDoors(users)
		users.Fields.Add(
			&core.TextField{Name: "username", Required: true, Max: 60, Pattern: `^[a-z0-9][a-z0-9._-]*$`}, // lower case
			&core.SelectField{Name: "role", Required: true, MaxSelect: 1, Values: []string{"ADMIN", "SUPERVISOR", "OPERATOR"}},
			&core.BoolField{Name: "active"},
			&core.SelectField{Name: "availability", MaxSelect: 1, Values: []string{"available", "away", "offline"}}, // empty: offline
			&core.NumberField{Name: "capacity", OnlyInt: true, Min: ptr(0.0)},                                       // open conversations at a time; 0: no limit
			&core.TextField{Name: "defaultArea", Max: 15},                                                           // empty: none
			&core.TextField{Name: "lang", Max: 10},                                                                  // es, pt-BR, en; empty: the browser's
			&core.DateField{Name: "lastAssignedAt"},                                                                 // empty: never; decides ties in routing
			&core.TextField{Name: "setupHash", Max: 64, Hidden: true},                                               // SHA-256 of a one-time set-up link; empty: none
			&core.DateField{Name: "setupUntil"},
		)
		users.AddIndex("idx_users_username", true, "username", "")
		if err := app.Save(users); err != nil {
			return err
		}

		return saveAll(app,
			collection("areas", []core.Field{
				&core.TextField{Name: "key", Required: true, Max: 60, Pattern: `^[a-z0-9][a-z0-9-]*$`}, // what flows call it; never changes
				&core.TextField{Name: "name", Required: true, Max: 120},
				&core.TextField{Name: "description", Max: 1000},
				&core.BoolField{Name: "active"},
				&core.NumberField{Name: "order", OnlyInt: true},
				&core.NumberField{Name: "color", OnlyInt: true, Min: ptr(1.0), Max: ptr(10.0)},
				&core.TextField{Name: "zone", Max: 60},                                                                     // IANA time zone; empty: the setting's
				&core.SelectField{Name: "policy", MaxSelect: 1, Values: []string{"least_loaded", "round_robin", "manual"}}, // empty: least_loaded
				&core.NumberField{Name: "autoCloseMinutes", OnlyInt: true, Min: ptr(0.0)},                                  // 0: the setting's
				&core.NumberField{Name: "targetMinutes", OnlyInt: true, Min: ptr(0.0)},                                     // first answer due; 0: the setting's
				&core.TextField{Name: "awayText", Max: 4096},                                                               // empty: nothing is said out of hours
				created(), updated(),
			}, index{"idx_areas_key", true, "`key`", ""}, index{"idx_areas_order", false, "`order`, name", ""}),

			collection("memberships", []core.Field{
				&core.TextField{Name: "user", Required: true, Max: 15},
				&core.TextField{Name: "area", Required: true, Max: 15},
				created(),
			}, index{"idx_memberships_user", true, "user, area", ""}, index{"idx_memberships_area", false, "area", ""}),

			collection("sessions", []core.Field{
				&core.TextField{Name: "user", Required: true, Max: 15},
				&core.TextField{Name: "tokenHash", Required: true, Max: 64, Hidden: true}, // SHA-256 of the cookie, hex
				&core.TextField{Name: "agent", Max: 300},
				&core.TextField{Name: "ip", Max: 60},
				&core.DateField{Name: "lastUsed"},
				&core.DateField{Name: "expires", Required: true},
				created(),
			}, index{"idx_sessions_hash", true, "tokenHash", ""}, index{"idx_sessions_user", false, "user", ""}, index{"idx_sessions_expires", false, "expires", ""}),
		)
	}, func(app core.App) error { return drop(app, "sessions", "memberships", "areas") })
}

// closeStockDoors shuts every way in that PocketBase opens by default; the ways are listed in docs/operating.md.
func closeStockDoors(users *core.Collection) {
	users.ListRule, users.ViewRule, users.CreateRule, users.UpdateRule, users.DeleteRule = nil, nil, nil, nil, nil
	users.AuthRule, users.ManageRule = nil, nil
	users.PasswordAuth.Enabled = false
	users.OTP.Enabled = false
	users.OAuth2.Enabled = false
	users.MFA.Enabled = false
	users.AuthAlert.Enabled = false
}
