package flows

import "slices"

// jump goes on in another flow: for good, or until that flow is through. The version is the one published now, and the
// conversation keeps it.
type jump struct {
	head
	Flow   string `json:"flow,omitempty"`
	Return bool   `json:"return,omitempty"`
	Next   string `json:"next,omitempty"` // with Return
}

func (n *jump) enter(r *run) move {
	f, ok := r.env.Flows[Ref{Flow: n.Flow}]
	if !ok {
		return r.fault(ReasonNoFlow)
	}
	if n.Return && len(r.s.Frames) >= MaxDepth {
		return r.fault(ReasonDepth)
	}
	r.visit(Left, "next")
	if n.Return {
		r.s.Frames = append(slices.Clone(r.s.Frames), Frame{Ref: f.Ref(), Return: n.Next})
	} else {
		top := r.top()
		*top = Frame{Ref: f.Ref(), Return: top.Return}
	}
	r.flow = f
	return move{to: f.Start}
}

func (n *jump) ways() []way {
	if !n.Return {
		return nil
	}
	return []way{{port: "next", to: n.Next, field: "next", waits: true}} // the other flow may wait: it is checked by itself
}

func (n *jump) uses() uses { return uses{} }

func (n *jump) check(c *checker) {
	if n.Flow == "" || c.known.Flows != nil && !c.known.Flows[n.Flow] {
		c.fail(unknownFlow, "flow", n.Flow)
	}
}
