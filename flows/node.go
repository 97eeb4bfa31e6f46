package flows

import (
	"encoding/json"
	"fmt"
)

// Node is one step of a flow. Each type has its own file, with the fields of its JSON.
type Node interface {
	// Kind is the type of the node, as in its JSON; Title is its name for people, which may be empty.
	Kind() string
	Title() string
	// enter is called when the conversation arrives.
	enter(r *run) move
	// ways lists where it can lead, by the fields as they are written: an empty To is a way that leads nowhere.
	ways() []way
	// uses lists the texts and variables of the node.
	uses() uses
	// check finds what is wrong with the node alone.
	check(c *checker)
}

// answerer is a node that waits for the customer.
type answerer interface {
	Node
	answer(r *run, in Input) move
	silence() *Silence
}

// claimer is an answerer that takes some texts for itself before the flow's global words are looked at.
type claimer interface {
	claims(text string) bool
}

// caller is a node that waits for the result of a Call. A deadline that passed is a Result with Err "timeout".
type caller interface {
	Node
	result(r *run, res Result) move
}

// head has the fields that nodes of every type have.
type head struct {
	Type string `json:"type"`
	Name string `json:"name,omitempty"` // for people; the id is for the flow
}

func (h head) Kind() string  { return h.Type }
func (h head) Title() string { return h.Name }

// way is an edge of the graph. Ports have stable names, which the counts are kept by.
type way struct {
	port  string
	to    string
	field string // of the JSON, for the editor to mark
	// optional ways have a meaning of their own when they lead nowhere, like the handover after too many misses.
	optional bool
	// waits says that the conversation stops here for the customer, a result or a time before it takes this way.
	waits bool
}

// kinds makes an empty node of each type.
var kinds = map[string]func() Node{
	"ai":        func() Node { return &ai{} },
	"ask":       func() Node { return &ask{} },
	"condition": func() Node { return &condition{} },
	"csat":      func() Node { return &csat{} },
	"delay":     func() Node { return &delay{} },
	"end":       func() Node { return &end{} },
	"hours":     func() Node { return &hours{} },
	"http":      func() Node { return &request{} },
	"jump":      func() Node { return &jump{} },
	"menu":      func() Node { return &menu{} },
	"message":   func() Node { return &message{} },
	"note":      func() Node { return &note{} },
	"redirect":  func() Node { return &redirect{} },
	"set":       func() Node { return &set{} },
	"start":     func() Node { return &start{} },
	"tag":       func() Node { return &tag{} },
}

func parseNode(id string, raw json.RawMessage) (Node, error) {
	if !validName(id) {
		return nil, unreadable(badName, id, "id", id, fmt.Errorf("node %q: an id has 1 to %d letters, digits, - or _", clip(id, MaxName), MaxName))
	}
	refuse := func(err error) error { return misread(raw, id, fmt.Errorf("node %q: %w", id, err)) }
	var h struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(raw, &h); err != nil {
		return nil, refuse(err)
	}
	empty, ok := kinds[h.Type]
	if !ok {
		return nil, unreadable(unknownType, id, "type", h.Type, fmt.Errorf("node %q: unknown type %q", id, clip(h.Type, MaxName)))
	}
	n := empty()
	if err := strict(raw, n); err != nil {
		return nil, refuse(err)
	}
	if p, ok := n.(interface{ prepare() error }); ok {
		if err := p.prepare(); err != nil {
			return nil, refuse(err)
		}
	}
	return n, nil
}

// uses are the texts and variables of a node, for Check and for whoever looks for them.
type uses struct {
	texts  []usedText
	reads  []usedVar
	writes []string
}

// usedText is a text with variables in it.
type usedText struct {
	field string
	text  template
	said  bool // the customer reads it
}

// usedVar is a variable that is read by name.
type usedVar struct{ field, name string }

func said(field string, t template) usedText    { return usedText{field: field, text: t, said: true} }
func written(field string, t template) usedText { return usedText{field: field, text: t} }
