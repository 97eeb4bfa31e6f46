package pb_migrations

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// Flows under construction: who changed a draft and when, tests that belong to a flow, what happened at its nodes, and
// which versions have conversations inside.
func init() {
	m.Register(func(app core.App) error {
		for name, change := range map[string]func(*core.Collection){
			"flows": growFlows, "flow_versions": growVersions,
			"conversations": func(c *core.Collection) {
				c.AddIndex("idx_conv_flow", false, "flow, version", "flow != ''") // who is inside a flow
			},
		} {
			c, err := app.FindCollectionByNameOrId(name)
			if err != nil {
				return err
			}
			change(c)
			if err := app.Save(c); err != nil {
				return fmt.Errorf("grow collection %s: %w", name, err)
			}
		}
		return saveAll(app, flowTestsCollection(), flowCountsCollection())
	}, shrinkFlows)
}

func growFlows(c *core.Collection) {
	c.Fields.Add(
		&core.NumberField{Name: "revision", OnlyInt: true}, // of draft, name and triggers, one more with each save
		&core.TextField{Name: "draftBy", Max: 15},          // who saved that revision: a user id or system; empty: before there were revisions
		&core.DateField{Name: "draftAt"},                   // empty: when the flow was made
		&core.TextField{Name: "kind", Max: 20},             // the ready-made flow that it was made of; empty: none
		&core.NumberField{Name: "seq", OnlyInt: true},      // of the row's last change
	)
	c.AddIndex("idx_flows_seq", false, "seq", "")
}

func growVersions(c *core.Collection) {
	c.Fields.Add(
		&core.TextField{Name: "kind", Max: 20},         // rollback; empty: a draft was published
		&core.NumberField{Name: "base", OnlyInt: true}, // rollback: the number whose definition this is again
		&core.DateField{Name: "archivedAt"},            // replaced, and the last conversation left it; empty: in use
	)
	c.AddIndex("idx_flow_versions_used", false, "flow, number", "archivedAt = ''")
}

func flowTestsCollection() *core.Collection {
	return collection("flow_tests", []core.Field{
		&core.TextField{Name: "flow", Required: true, Max: 15},
		&core.TextField{Name: "name", Required: true, Max: 200},
		&core.TextField{Name: "text", Required: true, Max: 64 << 10}, // a transcript: world.json and chat, without the flow
		&core.NumberField{Name: "position", OnlyInt: true},           // among the flow's tests
		created(), updated(),
	}, index{"idx_flow_tests_flow", false, "flow, position, id", ""})
}

// flowCountsCollection has flows.Visit by day: n times did what happen at node, left by port.
func flowCountsCollection() *core.Collection {
	return collection("flow_counts", []core.Field{
		&core.TextField{Name: "flow", Required: true, Max: 15},
		&core.NumberField{Name: "version", OnlyInt: true},
		&core.TextField{Name: "node", Max: 64},
		&core.TextField{Name: "what", Required: true, Max: 20}, // flows.What
		&core.TextField{Name: "port", Max: 64},                 // what is left: by which way; else empty
		&core.TextField{Name: "day", Required: true, Max: 10},  // 2006-01-02 in the desk's zone
		&core.NumberField{Name: "n", OnlyInt: true},
	}, index{"idx_flow_counts", true, "flow, day, version, node, what, port", ""})
}

func shrinkFlows(app core.App) error {
	for name, gone := range map[string]struct{ fields, indexes []string }{
		"flows":         {[]string{"revision", "draftBy", "draftAt", "kind", "seq"}, []string{"idx_flows_seq"}},
		"flow_versions": {[]string{"kind", "base", "archivedAt"}, []string{"idx_flow_versions_used"}},
		"conversations": {nil, []string{"idx_conv_flow"}},
	} {
		c, err := app.FindCollectionByNameOrId(name)
		if err != nil {
			return err
		}
		for _, index := range gone.indexes {
			c.RemoveIndex(index)
		}
		for _, field := range gone.fields {
			c.Fields.RemoveByName(field)
		}
		if err := app.Save(c); err != nil {
			return fmt.Errorf("shrink collection %s: %w", name, err)
		}
	}
	return drop(app, "flow_counts", "flow_tests")
}
