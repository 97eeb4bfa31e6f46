package flows

import "time"

// hours goes one way while an area is open and another while it is closed.
type hours struct {
	head
	Area   string `json:"area,omitempty"` // key; empty: the desk's own hours
	Open   string `json:"open,omitempty"`
	Closed string `json:"closed,omitempty"`
}

// enter also sets the variable "opens" to the next opening when it is closed; empty when none is in sight.
func (n *hours) enter(r *run) move {
	c := r.env.calendar(n.Area)
	if c.Open(r.env.Now) {
		return r.follow("open", n.Open)
	}
	opens := Value{}
	if t := c.Opens(r.env.Now); !t.IsZero() {
		opens = Value{Type: TypeTime, Text: t.In(r.env.here().Location()).Format(time.RFC3339)}
	}
	if !r.set("opens", opens) {
		return r.fault(ReasonVars)
	}
	return r.follow("closed", n.Closed)
}

func (n *hours) ways() []way {
	return []way{{port: "open", to: n.Open, field: "open"}, {port: "closed", to: n.Closed, field: "closed"}}
}

func (n *hours) uses() uses       { return uses{writes: []string{"opens"}} }
func (n *hours) check(c *checker) { c.area("area", n.Area) }
