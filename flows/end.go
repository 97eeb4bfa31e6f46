package flows

// end leaves the flow.
type end struct {
	head
	Say  template `json:"say,omitzero"`
	Then string   `json:"then,omitempty"` // close (also when empty), people, or back to the flow that jumped here
}

// What an end node does.
const (
	thenClose  = "close"
	thenPeople = "people"
	thenBack   = "back"
)

func (n *end) enter(r *run) move {
	r.send(Send{Text: r.text(n.Say)})
	switch n.Then {
	case thenPeople:
		return r.hand(Handover{Reason: ReasonFlow})
	case thenBack:
		if len(r.s.Frames) > 1 {
			return r.follow("back", "")
		}
	}
	r.visit(Closed, "")
	return r.end(EndClosed, Close{Reason: ReasonFlow})
}

func (n *end) ways() []way { return nil }
func (n *end) uses() uses  { return uses{texts: []usedText{said("say", n.Say)}} }

func (n *end) check(c *checker) {
	switch n.Then {
	case "", thenClose, thenPeople, thenBack:
	default:
		c.fail(unknownKind, "then", n.Then)
	}
}
