package flows

// Visit is one thing that happened at a node.
type Visit struct {
	Ref
	Node string `json:"node"`
	What What   `json:"what"`
	Port string `json:"port,omitempty"` // Left: by which way: "next", an option's id, "else", "silence", "menu"…
}

// What happened at a node.
type What string

// The events that are counted. A node is entered and then left, abandoned, or the place of a handover or a closing; it
// may be missed (an answer that did not fit) any number of times.
const (
	Entered    What = "entered"
	Left       What = "left"
	Missed     What = "missed"
	HandedOver What = "handed_over"
	Closed     What = "closed"
	Abandoned  What = "abandoned" // closed for silence
)

// Counts are visits counted, by version, node and way. The caller keeps one for each day, adds to it in memory, and
// writes it down now and then; two of the same day are merged.
type Counts map[Visit]int

// Add counts the visits of a Trace.
func (c Counts) Add(visits []Visit) {
	for _, v := range visits {
		c[v]++
	}
}

// Merge adds another count.
func (c Counts) Merge(other Counts) {
	for v, n := range other {
		c[v] += n
	}
}

// NodeCounts are the counts of one node.
type NodeCounts struct {
	Entered    int            `json:"entered"`
	Left       map[string]int `json:"left,omitempty"` // by way
	Missed     int            `json:"missed,omitempty"`
	HandedOver int            `json:"handedOver,omitempty"`
	Closed     int            `json:"closed,omitempty"`
	Abandoned  int            `json:"abandoned,omitempty"`
}

// Nodes sums the counts of one version by node. Version 0 sums all versions of the flow.
func (c Counts) Nodes(of Ref) map[string]NodeCounts {
	nodes := map[string]NodeCounts{}
	for v, n := range c {
		if v.Flow != of.Flow || of.Version != 0 && v.Version != of.Version {
			continue
		}
		sum := nodes[v.Node]
		switch v.What {
		case Entered:
			sum.Entered += n
		case Left:
			if sum.Left == nil {
				sum.Left = map[string]int{}
			}
			sum.Left[v.Port] += n
		case Missed:
			sum.Missed += n
		case HandedOver:
			sum.HandedOver += n
		case Closed:
			sum.Closed += n
		case Abandoned:
			sum.Abandoned += n
		}
		nodes[v.Node] = sum
	}
	return nodes
}
