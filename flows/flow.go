package flows

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// Spec is the version of the JSON format that this package writes. Older ones are brought up by Parse.
const Spec = 1

// Flow is one version of a flow, ready to run: Parse has taken its texts and patterns apart. It is never changed, so
// any number of conversations may share it.
type Flow struct {
	ID      string // the caller's; not in the JSON
	Version int    // the caller's; not in the JSON

	Spec    int
	Name    string
	Lang    Lang
	Start   string // id of the first node
	Nodes   map[string]Node
	Silence *Silence // where a node says nothing else; nil: Env.Patience, then close
	Global  Global
	UI      json.RawMessage // the editor's; carried and never read
}

// Silence is what happens when the customer does not answer.
type Silence struct {
	Seconds int    `json:"seconds"`        // 0: Env.Patience
	Next    string `json:"next,omitempty"` // empty: the conversation is closed
}

// Ref names this version.
func (f Flow) Ref() Ref { return Ref{Flow: f.ID, Version: f.Version} }

// form is a flow's JSON.
type form struct {
	Spec    int                        `json:"spec"`
	Name    string                     `json:"name,omitempty"`
	Lang    Lang                       `json:"lang,omitempty"`
	Start   string                     `json:"start"`
	Silence *Silence                   `json:"silence,omitempty"`
	Global  Global                     `json:"global,omitzero"`
	Nodes   map[string]json.RawMessage `json:"nodes"`
	UI      json.RawMessage            `json:"ui,omitempty"`
}

// Parse reads a flow. It refuses what is not a flow, as an [Unreadable]: bad JSON, an unknown field or node type, a newer
// spec, more than the limits. What is merely unfinished is read, so that a draft can be saved; Check finds it.
func Parse(b []byte) (Flow, error) {
	if len(b) > MaxFlowBytes {
		return Flow{}, unreadable(tooBig, "", "", strconv.Itoa(MaxFlowBytes), fmt.Errorf("flow has %d bytes, at most %d are allowed", len(b), MaxFlowBytes))
	}
	now, err := Upgrade(b)
	if err != nil {
		return Flow{}, misread(b, "", err)
	}
	var in form
	if err := strict(now, &in); err != nil {
		return Flow{}, misread(now, "", fmt.Errorf("flow: %w", err))
	}
	if len(in.Nodes) > MaxNodes {
		return Flow{}, unreadable(tooMany, "", "nodes", strconv.Itoa(MaxNodes), fmt.Errorf("flow has %d nodes, at most %d are allowed", len(in.Nodes), MaxNodes))
	}
	f := Flow{Spec: in.Spec, Name: in.Name, Lang: in.Lang, Start: in.Start, Silence: in.Silence, Global: in.Global, UI: in.UI,
		Nodes: make(map[string]Node, len(in.Nodes))}
	for _, id := range sortedKeys(in.Nodes) {
		if f.Nodes[id], err = parseNode(id, in.Nodes[id]); err != nil {
			return Flow{}, err
		}
	}
	f.Global.prepare()
	return f, nil
}

// MarshalJSON writes a flow as Parse reads it, nodes in the order of their ids.
func (f Flow) MarshalJSON() ([]byte, error) {
	out := form{Spec: f.Spec, Name: f.Name, Lang: f.Lang, Start: f.Start, Silence: f.Silence, Global: f.Global, UI: f.UI,
		Nodes: make(map[string]json.RawMessage, len(f.Nodes))}
	for id, n := range f.Nodes {
		b, err := json.Marshal(n)
		if err != nil {
			return nil, fmt.Errorf("node %q: %w", id, err)
		}
		out.Nodes[id] = b
	}
	return json.Marshal(out)
}

// strict decodes JSON and refuses fields that v does not have: a mistyped "nxet" must not vanish.
func strict(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if d.More() {
		return fmt.Errorf("something follows the end")
	}
	return nil
}

// validName reports whether s can be an id: of a node, an option or a variable.
func validName(s string) bool {
	if s == "" || len(s) > MaxName {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' {
			return false
		}
	}
	return true
}
