package flows

import "cmp"

// Label is what people call a visit: the node's title, and the option's label where an option led out. What has neither is
// called by its id.
func (f Flow) Label(v Visit) (node, port string) {
	n, ok := f.Nodes[v.Node]
	if !ok {
		return v.Node, v.Port
	}
	port = v.Port
	if o, ok := n.(chooser); ok {
		for _, opt := range o.choices() {
			if opt.ID == v.Port {
				port = cmp.Or(opt.Label, v.Port)
			}
		}
	}
	return cmp.Or(n.Title(), v.Node), port
}

// chooser is a node that leads to options.
type chooser interface{ choices() []option }

func (n *menu) choices() []option { return n.Options }
func (n *ask) choices() []option  { return n.Options }
