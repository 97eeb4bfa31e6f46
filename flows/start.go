package flows

// start is where a flow begins. It does nothing by itself.
type start struct {
	head
	Next string `json:"next,omitempty"`
}

func (n *start) enter(r *run) move { return r.follow("next", n.Next) }
func (n *start) ways() []way       { return []way{{port: "next", to: n.Next, field: "next"}} }
func (n *start) uses() uses        { return uses{} }
func (n *start) check(*checker)    {}
