package flows

import (
	"maps"
	"slices"
)

// Areas lists the keys of the areas that a flow names. One that comes from a variable is not among them.
func (f Flow) Areas() []string {
	return f.named(func(n Node, add func(string)) {
		switch n := n.(type) {
		case *redirect:
			if n.Area.fixed() {
				add(n.Area.raw)
			}
		case *hours:
			add(n.Area)
		}
	}, f.Global.Agent.Area)
}

// Jumps lists the ids of the flows that a flow jumps to.
func (f Flow) Jumps() []string {
	return f.named(func(n Node, add func(string)) {
		if n, ok := n.(*jump); ok {
			add(n.Flow)
		}
	})
}

// Media lists the references of the files that a flow sends.
func (f Flow) Media() []string {
	return f.named(func(n Node, add func(string)) {
		if n, ok := n.(*message); ok && n.Media != nil {
			add(n.Media.Ref)
		}
	})
}

// Users lists the ids of the people that a flow hands over to.
func (f Flow) Users() []string {
	return f.named(func(n Node, add func(string)) {
		if n, ok := n.(*redirect); ok {
			add(n.User)
		}
	})
}

// Secrets lists the names of the secrets that a flow's requests need.
func (f Flow) Secrets() []string {
	return f.named(func(n Node, add func(string)) {
		if n, ok := n.(*request); ok {
			for _, l := range n.Headers {
				add(l.Secret)
			}
		}
	})
}

// named collects names from all nodes: each once, in order, the empty one left out.
func (f Flow) named(of func(n Node, add func(string)), more ...string) []string {
	all := map[string]bool{}
	add := func(name string) {
		if name != "" {
			all[name] = true
		}
	}
	for _, name := range more {
		add(name)
	}
	for _, n := range f.Nodes {
		of(n, add)
	}
	return slices.Sorted(maps.Keys(all))
}
