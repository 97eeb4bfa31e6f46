package flows

// Visit is one thing that happened at a node.
type Visit struct {
	Ref
	Node string `json:"node"`
	What What   `json:"what"`
	Port string `json:"port,omitempty"` // Left: by which way: "next", an option's id, "else", "open"…
}

// What happened at a node.
type What string

// The events that are counted. A node is entered once and then left, abandoned or the place of a handover or closing;
// it may be missed (an answer that did not fit) any number of times.
const (
	Entered    What = "entered"
	Left       What = "left"
	Missed     What = "missed"
	HandedOver What = "handed_over"
	Closed     What = "closed"
	Abandoned  What = "abandoned" // silence
)
