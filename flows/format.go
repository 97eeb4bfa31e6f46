package flows

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// formats are what may stand after a colon in {{name:format}}. Several are applied from left to right.
var formats = map[string]func(r *run, v Value) string{
	"upper":  func(_ *run, v Value) string { return strings.ToUpper(v.Text) },
	"lower":  func(_ *run, v Value) string { return strings.ToLower(v.Text) },
	"title":  func(_ *run, v Value) string { return title(v.Text) },
	"first":  func(_ *run, v Value) string { return firstWord(v.Text) },
	"digits": func(_ *run, v Value) string { return keepDigits(v.Text) },
	"mask":   func(_ *run, v Value) string { return mask(v.Text) },
	"number": func(r *run, v Value) string { return r.locale().number(v.Text) },
	"money":  func(r *run, v Value) string { return r.locale().money(v.Text) },
	"date":   func(r *run, v Value) string { return r.when(v, r.locale().date) },
	"day":    func(r *run, v Value) string { return r.when(v, r.locale().day) },
	"time":   func(r *run, v Value) string { return r.when(v, r.locale().time) },
}

// format says v as a person of the flow's language reads it, then applies the formats asked for.
func (r *run) format(v Value, names []string) string {
	if len(names) == 0 {
		switch v.Type {
		case TypeNumber:
			return r.locale().decimal(v.Text)
		case TypeDate:
			return r.when(v, r.locale().date)
		case TypeTime:
			return r.when(v, r.locale().moment)
		case TypeBool:
			return r.locale().truth(v.Text == "true")
		}
		return v.Text
	}
	for _, name := range names {
		if f := formats[name]; f != nil {
			v = Value{Type: v.Type, Text: f(r, v)}
		}
	}
	return v.Text
}

// when reads a date or a moment and says it; what is neither stays as it is.
func (r *run) when(v Value, say func(time.Time) string) string {
	if t, err := time.Parse(time.RFC3339, v.Text); err == nil {
		return say(t.In(r.env.here().Location()))
	}
	if t, err := time.Parse(time.DateOnly, v.Text); err == nil {
		return say(t)
	}
	return v.Text
}

// title writes each word with a capital, leaving the rest of a word as it is unless all of it is in capitals.
func title(s string) string {
	fields := strings.Fields(s)
	for i, w := range fields {
		first, size := utf8.DecodeRuneInString(w)
		rest := w[size:]
		if strings.ToUpper(w) == w {
			rest = strings.ToLower(rest)
		}
		fields[i] = string(unicode.ToUpper(first)) + rest
	}
	return strings.Join(fields, " ")
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	return word
}

func keepDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if d, ok := digitOf(r); ok {
			return '0' + d
		}
		return -1
	}, s)
}

// mask hides all but the last four characters.
func mask(s string) string {
	r := []rune(s)
	hidden := max(len(r)-4, 0)
	return strings.Repeat("•", hidden) + string(r[hidden:])
}
