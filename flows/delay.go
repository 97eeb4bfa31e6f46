package flows

// delay waits for a time. A customer who writes meanwhile is not answered, or goes another way.
type delay struct {
	head
	Seconds   int    `json:"seconds"`
	Interrupt string `json:"interrupt,omitempty"` // where a message of the customer leads; empty: it waits on
	Next      string `json:"next,omitempty"`
}

func (n *delay) enter(r *run) move { return r.waitTime(seconds(n.Seconds)) }

func (n *delay) wake(r *run, in Input) move {
	if _, due := in.(Timeout); due {
		return r.follow("next", n.Next)
	}
	if n.Interrupt != "" {
		return r.follow("interrupt", n.Interrupt)
	}
	return r.stay()
}

func (n *delay) ways() []way {
	return []way{
		{port: "next", to: n.Next, field: "next", waits: true},
		{port: "interrupt", to: n.Interrupt, field: "interrupt", optional: true, waits: true},
	}
}

func (n *delay) uses() uses       { return uses{} }
func (n *delay) check(c *checker) { c.seconds("seconds", n.Seconds, 1) }
