package flows

import (
	"encoding/json"
	"fmt"
	"regexp"
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
	p.re, p.err = regexp.Compile(raw)
	return p
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
