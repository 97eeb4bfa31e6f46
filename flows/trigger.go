package flows

import (
	"cmp"
	"slices"
	"strings"
)

// Trigger says when a flow begins.
type Trigger struct {
	Flow     string   `json:"flow,omitempty"` // id; empty where the trigger is kept with its flow
	On       On       `json:"on"`
	Words    []string `json:"words,omitempty"`    // OnWord: one of them is the whole message
	Contains bool     `json:"contains,omitempty"` // OnWord: one of them stands anywhere in it, whole
	Line     string   `json:"line,omitempty"`     // id; empty: any
	Area     string   `json:"area,omitempty"`     // key; empty: any
	Order    int      `json:"order,omitempty"`    // among equals, the lowest wins
}

// On is the occasion of a trigger.
type On string

// The occasions.
const (
	OnFirst  On = "message" // the first message of a conversation
	OnWord   On = "word"    // a message that is a word, or has it in it
	OnClosed On = "closed"  // the first message of a conversation, outside opening hours
	OnHand   On = "hand"    // an agent starts it; it is never chosen
	OnEnd    On = "end"     // the conversation was closed: for a survey
)

// Facts are what a trigger is chosen by.
type Facts struct {
	Text  string // of the customer's message
	First bool   // it is the first of its conversation
	Open  bool   // the desk is, or the area when there is one
	Ended bool   // not a message: the conversation was closed
	Busy  bool   // it is in a flow, or with people: then nothing begins, except a survey
	Line  string // id
	Area  string // key; empty: none
}

// Choose finds the trigger that fits. Among several a whole message goes before a word in it, a word before being out of
// hours, and that before any first message; then the one that names a line or an area goes before one that does not,
// then the lower Order, then the flow's id.
func Choose(triggers []Trigger, f Facts) (Trigger, bool) {
	var fit []Trigger
	for _, t := range triggers {
		if t.fits(f) {
			fit = append(fit, t)
		}
	}
	if len(fit) == 0 {
		return Trigger{}, false
	}
	return slices.MinFunc(fit, func(a, b Trigger) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.breadth(), b.breadth()), cmp.Compare(a.Order, b.Order), cmp.Compare(a.Flow, b.Flow))
	}), true
}

func (t Trigger) fits(f Facts) bool {
	if t.Line != "" && t.Line != f.Line || t.Area != "" && t.Area != f.Area {
		return false
	}
	if f.Ended || f.Busy {
		return f.Ended && t.On == OnEnd
	}
	switch t.On {
	case OnFirst:
		return f.First
	case OnClosed:
		return f.First && !f.Open
	case OnWord:
		return t.says(f.Text)
	}
	return false
}

// says reports whether one of the words is in a text, whole.
func (t Trigger) says(text string) bool {
	said := spread(text)
	return slices.ContainsFunc(t.Words, func(w string) bool {
		w = spread(w)
		if strings.TrimSpace(w) == "" {
			return false
		}
		return said == w || t.Contains && strings.Contains(said, w)
	})
}

// OffersByHand reports whether an agent may start the flow in a conversation of a line (id) and an area (key).
func (t Trigger) OffersByHand(line, area string) bool {
	return t.On == OnHand && (t.Line == "" || t.Line == line) && (t.Area == "" || t.Area == area)
}

func (t Trigger) rank() int {
	switch {
	case t.On == OnWord && !t.Contains:
		return 0
	case t.On == OnWord:
		return 1
	case t.On == OnClosed:
		return 2
	}
	return 3
}

// breadth is lower for what names more.
func (t Trigger) breadth() int {
	n := 2
	if t.Line != "" {
		n--
	}
	if t.Area != "" {
		n--
	}
	return n
}
