package flows

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Change is a difference between two versions of a flow.
type Change struct {
	Node   string   `json:"node,omitempty"` // empty: the flow itself
	What   string   `json:"what"`           // added, removed or changed
	Name   string   `json:"name,omitempty"` // the node's name in the newer version, or in the older if it was removed
	Fields []string `json:"fields,omitempty"`
}

// Diff lists what is different in b, by node. Where nodes stand in the editor is no difference.
func Diff(a, b Flow) []Change {
	var all []Change
	if fields := differ(frameOf(a), frameOf(b)); len(fields) > 0 {
		all = append(all, Change{What: "changed", Fields: fields})
	}
	ids := maps.Clone(a.Nodes)
	maps.Copy(ids, b.Nodes)
	for _, id := range sortedKeys(ids) {
		was, is := a.Nodes[id], b.Nodes[id]
		switch {
		case was == nil:
			all = append(all, Change{Node: id, What: "added", Name: is.Title()})
		case is == nil:
			all = append(all, Change{Node: id, What: "removed", Name: was.Title()})
		default:
			if fields := differ(was, is); len(fields) > 0 {
				all = append(all, Change{Node: id, What: "changed", Name: is.Title(), Fields: fields})
			}
		}
	}
	return all
}

func frameOf(f Flow) form {
	return form{Name: f.Name, Lang: f.Lang, Start: f.Start, Silence: f.Silence, Global: f.Global}
}

// differ lists the fields of the JSON in which a and b are not the same. Type comes first: what changes it changes all.
func differ(a, b any) []string {
	was, is := fieldsOf(a), fieldsOf(b)
	names := maps.Clone(was)
	maps.Copy(names, is)
	var all []string
	for _, name := range sortedKeys(names) {
		if string(was[name]) != string(is[name]) {
			all = append(all, name)
		}
	}
	slices.SortStableFunc(all, func(a, b string) int {
		return strings.Compare(first(a), first(b))
	})
	return all
}

func first(field string) string {
	if field == "type" {
		return ""
	}
	return field
}

func fieldsOf(v any) map[string]json.RawMessage {
	fields := map[string]json.RawMessage{}
	if b, err := json.Marshal(v); err == nil {
		_ = json.Unmarshal(b, &fields) // it was an object a moment ago
	}
	return fields
}
