package flows

// tag changes the conversation's tags.
type tag struct {
	head
	Add    []string `json:"add,omitempty"`
	Remove []string `json:"remove,omitempty"`
	Next   string   `json:"next,omitempty"`
}

func (n *tag) enter(r *run) move {
	r.tag(n.Add, n.Remove)
	return r.follow("next", n.Next)
}

func (n *tag) ways() []way { return []way{{port: "next", to: n.Next, field: "next"}} }
func (n *tag) uses() uses  { return uses{} }

func (n *tag) check(c *checker) {
	if len(named(n.Add))+len(named(n.Remove)) == 0 {
		c.warn(noTag, "add", "")
	}
}
