package pb_migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// The outside world of flows: what they ask of other systems, and the secrets that it takes.
func init() {
	m.Register(func(app core.App) error {
		return saveAll(app,
			collection("calls", []core.Field{
				&core.TextField{Name: "conversation", Required: true, Max: 15},
				&core.TextField{Name: "call", Required: true, Max: 40}, // flows.Call.ID
				&core.SelectField{Name: "kind", Required: true, MaxSelect: 1, Values: []string{"http", "ai"}},
				&core.TextField{Name: "host", Max: 300}, // that is asked; empty: nobody can be
				&core.SelectField{Name: "state", Required: true, MaxSelect: 1, Values: []string{"queued", "running", "done", "failed"}},
				&core.TextField{Name: "reason", Max: 60},           // failed: a code for the sentence
				&core.JSONField{Name: "request", MaxSize: 2 << 20}, // flows.HTTP or flows.AI; secrets by name only
				&core.NumberField{Name: "attempts", OnlyInt: true},
				&core.DateField{Name: "dueAt", Required: true},    // queued: not before
				&core.DateField{Name: "deadline", Required: true}, // of all attempts together
				&core.JSONField{Name: "result", MaxSize: 2 << 20}, // flows.Result; the whole body only until the flow has heard of it
				&core.BoolField{Name: "pending"},                  // there is a result, and the flow has not heard of it
				&core.NumberField{Name: "pos", OnlyInt: true},     // of the result among all that happened; 0: none yet
				&core.DateField{Name: "doneAt"},                   // empty: no result yet
				created(),
			},
				index{"idx_calls_one", true, "conversation, call", ""}, // a step that is carried out once asks once
				index{"idx_calls_due", false, "dueAt, id, host", "state = 'queued'"},
				index{"idx_calls_late", false, "deadline, id", "state = 'queued'"},
				index{"idx_calls_running", false, "id", "state = 'running'"},
				index{"idx_calls_inbox", false, "pos, id, conversation", "pending = TRUE"},
				index{"idx_calls_old", false, "doneAt, id", "doneAt != '' AND pending = FALSE"},
			),

			collection("secrets", []core.Field{
				&core.TextField{Name: "name", Required: true, Max: 60, Pattern: `^[A-Za-z0-9][A-Za-z0-9_.-]*$`},
				&core.TextField{Name: "sealed", Required: true, Max: 10_000, Hidden: true}, // AES-256-GCM, base64; the key is not in the database
				&core.JSONField{Name: "hosts", MaxSize: 16 << 10},                          // that it may be sent to; empty: any
				created(), updated(),
			}, index{"idx_secrets_name", true, "name", ""}),
		)
	}, func(app core.App) error { return drop(app, "secrets", "calls") })
}
