package hooks

import (
	"slices"
	"strings"
	"time"

	"mostrador/flows"
)

// trigger is what starts a flow, as flows.triggers holds it.
type trigger struct {
	On    string   `json:"on"`
	Words []string `json:"words,omitempty"` // word: any of them is the whole message
}

// What a trigger can be on. A flow without any is started by hand.
const (
	onMessage = "message" // any first message of a conversation
	onWord    = "word"    // a first message that is one of Words
	onClosed  = "closed"  // any first message while the desk is closed
	onHand    = "hand"    // never by itself
)

type triggered struct {
	flow     flows.Flow
	triggers []trigger
}

// begin finds the flow for the first message of a conversation: one for its words, else one for closed hours, else one
// for any message; among several the lowest in order.
func (f *facts) begin(text string, now time.Time) (flows.Flow, bool) {
	word := foldWord(text)
	kinds := []func(trigger) bool{
		func(g trigger) bool {
			return g.On == onWord && word != "" && slices.ContainsFunc(g.Words, func(w string) bool { return foldWord(w) == word })
		},
		func(g trigger) bool { return g.On == onMessage },
	}
	if !f.hours[""].Open(now) {
		kinds = slices.Insert(kinds, 1, func(g trigger) bool { return g.On == onClosed })
	}
	for _, fits := range kinds {
		for _, t := range f.triggers {
			if slices.ContainsFunc(t.triggers, fits) {
				return t.flow, true
			}
		}
	}
	return flows.Flow{}, false
}

// foldWord makes what people type comparable: case, accents and what surrounds it do not count.
func foldWord(s string) string {
	if len(s) > 200 {
		return ""
	}
	return strings.Trim(fold(s), " \t\r\n.,;:!¡?¿\"'*_")
}
