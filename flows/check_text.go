package flows

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// worldNames are the variables that are always there, besides contact fields.
var worldNames = map[string]bool{
	"message": true, "first": true, "line.name": true, "line.phone": true, "line.id": true, "area.name": true, "area.id": true,
	"flow.name": true, "flow.id": true, "now.date": true, "now.time": true, "now.datetime": true, "now.hour": true,
	"now.weekday": true, "now.greeting": true,
}

// readable checks the texts of a node: their length, their formats, and that they read well when a field is empty.
func (c *checker) readable(n Node) {
	for _, t := range n.uses().texts {
		if t.said && utf8.RuneCountInString(t.text.raw) > MaxText {
			c.warn(longText, t.field, "")
		}
		for _, p := range t.text.names() {
			for _, name := range p.formats {
				if formats[name] == nil {
					c.fail(unknownFormat, t.field, name)
				}
			}
			if t.said && !p.set && strings.HasPrefix(p.name, "contact.") {
				c.warn(noFallback, t.field, p.name)
			}
		}
	}
}

// variables checks that whatever is read without a fallback is set by some node. A flow that calls another one may get
// its variables there, so then it is only a warning.
func (c *checker) variables() {
	set, level := map[string]bool{}, Error
	for _, n := range c.flow.Nodes {
		for _, name := range n.uses().writes {
			set[name] = true
		}
		if j, ok := n.(*jump); ok && j.Return {
			level = Warning
		}
	}
	missing := func(name string) bool {
		return !set[name] && !worldNames[name] && !strings.HasPrefix(name, "contact.")
	}
	for _, id := range sortedKeys(c.flow.Nodes) {
		c.node = id
		use := c.flow.Nodes[id].uses()
		for _, t := range use.texts {
			for _, p := range t.text.names() {
				if !p.set && missing(p.name) {
					c.add(level, neverSet, t.field, p.name)
				}
			}
		}
		for _, r := range use.reads {
			if missing(r.name) {
				c.add(level, neverSet, r.field, r.name)
			}
		}
	}
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
