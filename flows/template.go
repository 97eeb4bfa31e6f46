package flows

import (
	"encoding/json"
	"strings"
)

// template is a text with variables in it: {{name}}, {{name|what stands there when it is empty}}, {{name:format}}.
// It is taken apart once, when the flow is read. Braces that are never closed are plain text.
type template struct {
	raw   string
	parts []part
}

// part is a piece of plain text, or a variable.
type part struct {
	plain    string
	name     string // empty: plain
	formats  []string
	fallback string
	set      bool // a fallback was written, be it empty
}

func newTemplate(raw string) template {
	t := template{raw: raw}
	rest := raw
	for {
		before, after, ok := strings.Cut(rest, "{{")
		if !ok {
			break
		}
		inside, behind, ok := strings.Cut(after, "}}")
		if !ok {
			break
		}
		if before != "" {
			t.parts = append(t.parts, part{plain: before})
		}
		t.parts = append(t.parts, newPart(inside))
		rest = behind
	}
	if rest != "" {
		t.parts = append(t.parts, part{plain: rest})
	}
	return t
}

func newPart(inside string) part {
	var p part
	ref, fallback, set := strings.Cut(inside, "|")
	p.fallback, p.set = strings.TrimSpace(fallback), set
	name, formats, _ := strings.Cut(ref, ":")
	p.name = strings.TrimSpace(name)
	if formats != "" {
		for f := range strings.SplitSeq(formats, ":") {
			p.formats = append(p.formats, strings.TrimSpace(f))
		}
	}
	if p.name == "" {
		return part{plain: "{{" + inside + "}}"}
	}
	return p
}

// IsZero keeps empty texts out of the JSON.
func (t template) IsZero() bool { return t.raw == "" }

// MarshalJSON writes the text as it was written.
func (t template) MarshalJSON() ([]byte, error) { return json.Marshal(t.raw) }

// UnmarshalJSON reads a JSON string.
func (t *template) UnmarshalJSON(b []byte) error {
	var raw string
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	*t = newTemplate(raw)
	return nil
}

// fixed reports whether the text has no variables.
func (t template) fixed() bool {
	for _, p := range t.parts {
		if p.name != "" {
			return false
		}
	}
	return true
}

// names lists the variables.
func (t template) names() []part {
	var all []part
	for _, p := range t.parts {
		if p.name != "" {
			all = append(all, p)
		}
	}
	return all
}

// fill writes the variables in, as people of the flow's language read them.
func (r *run) fill(t template) string {
	var b strings.Builder
	for _, p := range t.parts {
		switch v := r.lookup(p.name); {
		case p.name == "":
			b.WriteString(p.plain)
		case b.Len() > MaxVarsLen: // a text of a hundred long variables is clipped by whoever takes it
		case v.Text == "":
			b.WriteString(p.fallback)
		default:
			b.WriteString(r.format(v, p.formats))
		}
	}
	return b.String()
}

// machine fills t with values as they are kept, not as people of the flow's language read them.
func (r *run) machine(t template) string {
	var b strings.Builder
	for _, p := range t.parts {
		if p.name == "" {
			b.WriteString(p.plain)
		} else if b.Len() < MaxVarsLen {
			b.WriteString(r.value(p))
		}
	}
	return b.String()
}

// text fills t for reading: bounded, without spaces around it.
func (r *run) text(t template) string { return clip(strings.TrimSpace(r.fill(t)), MaxText) }
