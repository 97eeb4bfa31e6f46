package flows

import (
	"fmt"
	"slices"
	"strings"
)

// What the triggers of one flow may be.
const (
	MaxTriggers = 20
	MaxWords    = 50  // of one trigger
	MaxWord     = 200 // characters of one
)

// ParseTriggers reads the triggers of a flow. Like Parse it fails with an [Unreadable].
func ParseTriggers(b []byte) ([]Trigger, error) {
	triggers := []Trigger{}
	if err := strict(b, &triggers); err != nil {
		u := misread(b, "", fmt.Errorf("triggers: %w", err))
		u.Problem.Field = strings.TrimSuffix("triggers."+u.Problem.Field, ".")
		if u.Problem.Code == wrongType {
			u.Problem.Arg = u.Problem.Field
		}
		return nil, u
	}
	return triggers, nil
}

// CheckTriggers finds what is wrong with the triggers of a flow. One with an error never fires, or fires where nobody
// meant it.
func CheckTriggers(triggers []Trigger, known Known) []Problem {
	c := checker{known: known}
	if len(triggers) > MaxTriggers {
		c.fail(tooMany, "triggers", fmt.Sprint(MaxTriggers))
	}
	for i, t := range triggers {
		field := fmt.Sprintf("triggers.%d", i)
		if !slices.Contains([]On{OnFirst, OnWord, OnClosed, OnHand, OnEnd}, t.On) {
			c.fail(unknownKind, field+".on", string(t.On))
		}
		if t.On == OnWord {
			c.words(field+".words", t.Words)
		}
		c.area(field+".area", t.Area)
		if t.Line != "" && known.Lines != nil && !known.Lines[t.Line] {
			c.fail(unknownLine, field+".line", t.Line)
		}
	}
	return c.found
}

func (c *checker) words(field string, words []string) {
	if len(words) > MaxWords {
		c.fail(tooMany, field, fmt.Sprint(MaxWords))
	}
	said := false
	for _, w := range words {
		said = said || strings.TrimSpace(spread(w)) != ""
		if clip(w, MaxWord) != w {
			c.fail(outOfRange, field, fmt.Sprintf("1–%d", MaxWord))
		}
	}
	if !said {
		c.fail(noWord, field, "")
	}
}
