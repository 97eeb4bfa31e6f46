package flows

import (
	"encoding/json"
	"net/url"
	"strings"
)

// fillURL writes variables into an address so that they stay one segment of the path or one value of the query.
func (r *run) fillURL(t template) string {
	var b strings.Builder
	query := false
	for _, p := range t.parts {
		if b.Len() > MaxRequest {
			break // the caller asks nobody
		}
		if p.name == "" {
			b.WriteString(p.plain)
			query = query || strings.Contains(p.plain, "?")
			continue
		}
		v := r.value(p)
		switch {
		case query:
			v = url.QueryEscape(v)
		case strings.Trim(v, ".") == "":
			v = "" // ".." would climb up the path
		default:
			v = url.PathEscape(v)
		}
		b.WriteString(v)
	}
	return b.String()
}

// fillBody writes variables into a body. When the body is JSON, one inside quotes is escaped; one outside quotes is
// written as a number or a truth if that is what it is, else as a string of its own.
func (r *run) fillBody(t template) string {
	if s := strings.TrimSpace(t.raw); s == "" || s[0] != '{' && s[0] != '[' || strings.HasPrefix(s, "{{") {
		return r.machine(t) // it begins with a variable: no JSON
	}
	var b strings.Builder
	quoted := false
	for _, p := range t.parts {
		if b.Len() > MaxRequest {
			break
		}
		if p.name == "" {
			b.WriteString(p.plain)
			quoted = quotedAfter(p.plain, quoted)
			continue
		}
		v := r.value(p)
		if !quoted && r.literal(p) {
			b.WriteString(v)
			continue
		}
		s, err := json.Marshal(v)
		if err != nil {
			continue // a string always marshals
		}
		if quoted {
			s = s[1 : len(s)-1]
		}
		b.Write(s)
	}
	return b.String()
}

// fillForm writes variables into a body of application/x-www-form-urlencoded, so that each stays one value.
func (r *run) fillForm(t template) string {
	var b strings.Builder
	for _, p := range t.parts {
		if b.Len() > MaxRequest {
			break
		}
		if p.name == "" {
			b.WriteString(p.plain)
		} else {
			b.WriteString(url.QueryEscape(r.value(p)))
		}
	}
	return b.String()
}

// value is a variable of a template, formatted, or its fallback.
func (r *run) value(p part) string {
	v := r.lookup(p.name)
	if v.Text == "" {
		return p.fallback
	}
	if len(p.formats) == 0 {
		return v.Text // for machines: as it is kept
	}
	return r.format(v, p.formats)
}

// quotedAfter follows the quotes of a piece of JSON.
func quotedAfter(s string, quoted bool) bool {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			quoted = !quoted
		}
	}
	return quoted
}

// literal reports whether a variable of a template, or its fallback, can stand in JSON without quotes.
func (r *run) literal(p part) bool {
	v := r.lookup(p.name)
	if v.Text == "" {
		return json.Valid([]byte(p.fallback)) // written by the flow's author
	}
	return len(p.formats) == 0 && isLiteral(v)
}

// isLiteral reports whether v can stand in JSON without quotes.
func isLiteral(v Value) bool {
	switch v.Type {
	case TypeNumber:
		_, ok := parseNumber(v.Text)
		return ok && json.Valid([]byte(v.Text))
	case TypeBool:
		return v.Text == "true" || v.Text == "false"
	case TypeJSON:
		return json.Valid([]byte(v.Text))
	}
	return false
}

// oneLine keeps a header from becoming two.
func oneLine(s string) string {
	return clip(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s), MaxValue)
}
