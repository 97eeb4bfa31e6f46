package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// What the desk says: flows and their versions, quick replies, tags, hours, settings.
func init() {
	m.Register(func(app core.App) error {
		return saveAll(app,
			collection("flows", []core.Field{
				&core.TextField{Name: "name", Required: true, Max: 120},
				&core.TextField{Name: "lang", Max: 10},
				&core.JSONField{Name: "draft", MaxSize: 2 << 20},  // flows.Flow
				&core.NumberField{Name: "version", OnlyInt: true}, // published number; 0: never published
				&core.JSONField{Name: "triggers", MaxSize: 64 << 10},
				&core.NumberField{Name: "order", OnlyInt: true}, // which one wins when several triggers fit: the lowest
				&core.BoolField{Name: "active"},
				&core.DateField{Name: "archivedAt"}, // empty: in use
				created(), updated(),
			}, index{"idx_flows_order", false, "`order`, name", ""}, index{"idx_flows_updated", false, "updated", ""}),

			collection("flow_versions", []core.Field{
				&core.TextField{Name: "flow", Required: true, Max: 15},
				&core.NumberField{Name: "number", OnlyInt: true},
				&core.JSONField{Name: "definition", MaxSize: 2 << 20}, // flows.Flow as published; never changes
				&core.TextField{Name: "author", Max: 15},
				&core.TextField{Name: "note", Max: 500},
				created(),
			}, index{"idx_flow_versions", true, "flow, number", ""}),

			collection("quick_replies", []core.Field{
				&core.TextField{Name: "shortcut", Required: true, Max: 40, Pattern: `^[a-z0-9_-]+$`},
				&core.TextField{Name: "text", Required: true, Max: 4096},
				&core.TextField{Name: "area", Max: 15},  // empty: all areas
				&core.TextField{Name: "owner", Max: 15}, // empty: everybody's
				created(), updated(),
			}, index{"idx_quick_replies", true, "shortcut, area, owner", ""}),

			collection("tags", []core.Field{
				&core.TextField{Name: "name", Required: true, Max: 60},
				&core.NumberField{Name: "color", OnlyInt: true},
				&core.DateField{Name: "archivedAt"},
				created(),
			}, index{"idx_tags_name", true, "name", ""}),

			collection("hours", []core.Field{
				&core.TextField{Name: "area", Max: 15}, // empty: the whole desk
				&core.JSONField{Name: "week", MaxSize: 16 << 10},
				&core.JSONField{Name: "days", MaxSize: 64 << 10}, // holidays and special days
				updated(),
			}, index{"idx_hours_area", true, "area", ""}),

			collection("settings", []core.Field{
				&core.TextField{Name: "key", Required: true, Max: 60},
				&core.JSONField{Name: "value", MaxSize: 64 << 10},
				updated(),
			}, index{"idx_settings_key", true, "`key`", ""}),
		)
	}, func(app core.App) error {
		return drop(app, "settings", "hours", "tags", "quick_replies", "flow_versions", "flows")
	})
}
