package flows

import (
	"encoding/json"
	"fmt"
	"regexp"
	"regexp/syntax"
)

// pattern is a regular expression of Go's syntax (RE2: its time grows with the text only). It is compiled when the flow
// is read; one that can't be is kept, found by Check, and a fault at run time.
type pattern struct {
	raw string
	re  *regexp.Regexp
	err error
}

func newPattern(raw string) pattern {
	p := pattern{raw: raw}
	if len(raw) > MaxPattern {
		p.err = fmt.Errorf("more than %d bytes", MaxPattern)
		return p
	}
	tree, err := syntax.Parse(raw, syntax.Perl)
	if err != nil {
		p.err = err
		return p
	}
	if n := size(tree); n > maxPatternSize {
		p.err = fmt.Errorf("repeats too much: %d steps", n)
		return p
	}
	p.re, p.err = regexp.Compile(raw)
	return p
}

// maxPatternSize bounds what a pattern becomes once its repetitions are written out: x{1000}, though short, is a
// thousand steps, and nested ones multiply.
const maxPatternSize = 2_000

func size(re *syntax.Regexp) int {
	n := 1
	if re.Op == syntax.OpLiteral {
		n = len(re.Rune)
	}
	for _, sub := range re.Sub {
		n += size(sub)
	}
	if re.Op == syntax.OpRepeat {
		n = (n - 1) * max(re.Min, re.Max, 1)
	}
	return min(n, 1<<20)
}

// IsZero keeps empty patterns out of the JSON.
func (p pattern) IsZero() bool { return p.raw == "" }

// MarshalJSON writes the pattern as it was written.
func (p pattern) MarshalJSON() ([]byte, error) { return json.Marshal(p.raw) }

// UnmarshalJSON reads a JSON string.
func (p *pattern) UnmarshalJSON(b []byte) error {
	var raw string
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	*p = pattern{}
	if raw != "" {
		*p = newPattern(raw)
	}
	return nil
}
