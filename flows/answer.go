package flows

import (
	"math"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

func readText(_ *run, n *ask, in Input) (Value, bool) {
	s := strings.TrimSpace(clip(words(in), MaxValue))
	length := utf8.RuneCountInString(s)
	if least, err := strconv.Atoi(n.Min); err == nil && length < least {
		return Value{}, false
	}
	if most, err := strconv.Atoi(n.Max); err == nil && length > most {
		return Value{}, false
	}
	return Value{Type: TypeText, Text: s}, s != ""
}

func readNumber(r *run, n *ask, in Input) (Value, bool) {
	s, ok := r.locale().readNumber(words(in))
	if !ok || !within(s, n.Min, n.Max) {
		return Value{}, false
	}
	return Value{Type: TypeNumber, Text: s}, true
}

// within compares with bounds of the same kind; an empty or senseless bound holds nothing back.
func within(s, least, most string) bool {
	if c, ok := order(s, least); ok && c < 0 {
		return false
	}
	c, ok := order(s, most)
	return !ok || c <= 0
}

// readNumber reads a number as customers type it, with the language's separators, a currency or a unit around it.
func (l *locale) readNumber(text string) (string, bool) {
	s := strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '\u00a0' || r == '\u202f' || r == '\'':
			return -1
		case r == '−':
			return '-'
		}
		return r
	}, foldDigits(text))
	if rest := strings.TrimPrefix(s, "-"); len(rest) > 1 && (rest[0] == '.' || rest[0] == ',') && rest[1] >= '0' && rest[1] <= '9' {
		s = strings.TrimSuffix(s, rest) + "0" + rest // ".5" is a half; in "S/.5" the point belongs to the currency
	}
	s = strings.TrimFunc(s, func(r rune) bool { return r != '-' && (r < '0' || r > '9') })
	s = l.canonical(s)
	if _, ok := parseNumber(s); !ok || len(s) > 30 {
		return "", false
	}
	return trimNumber(s), true
}

// canonical decides which separator is the point. With both, it is the last one; one that stands several times, or
// the language's group before three digits, parts thousands, but not in 0.500.
func (l *locale) canonical(s string) string {
	comma, dot := strings.LastIndexByte(s, ','), strings.LastIndexByte(s, '.')
	switch {
	case comma >= 0 && dot >= 0 && comma > dot:
		return strings.Replace(strings.ReplaceAll(s, ".", ""), ",", ".", 1)
	case comma >= 0 && dot >= 0:
		return strings.ReplaceAll(s, ",", "")
	case comma < 0 && dot < 0:
		return s
	}
	sep := s[max(comma, dot):][:1]
	thousands := len(s)-max(comma, dot) == 4 && !strings.HasPrefix(strings.TrimPrefix(s, "-"), "0")
	if strings.Count(s, sep) > 1 || sep == l.group && thousands {
		return strings.ReplaceAll(s, sep, "")
	}
	return strings.Replace(s, sep, ".", 1)
}

// trimNumber takes off zeros that say nothing.
func trimNumber(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	s = strings.TrimLeft(s, "0")
	if s == "" || s[0] == '.' {
		s = "0" + s
	}
	if s == "0" {
		return s
	}
	return sign + s
}

// foldDigits writes digits of any script as 0-9, without the marks of writing direction that phones put around numbers
// when they are copied.
func foldDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if d, ok := digitOf(r); ok {
			return '0' + d
		}
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, strings.TrimSpace(s))
}

// readEmail finds the address in "mi correo es Ana@Example.com".
func readEmail(_ *run, _ *ask, in Input) (Value, bool) {
	for word := range strings.FieldsSeq(clip(words(in), MaxValue)) {
		word = strings.Trim(word, "<>()[],;:.\"'")
		user, host, ok := strings.Cut(word, "@")
		if !ok || len(word) > 254 || len(user) > 64 || !strings.Contains(host, ".") {
			continue
		}
		if a, err := mail.ParseAddress(word); err == nil && a.Address == word {
			return Value{Type: TypeEmail, Text: user + "@" + strings.ToLower(host)}, true
		}
	}
	return Value{}, false
}

// readPhone takes 8 to 15 digits (E.164), with whatever people put between them. A leading + or 00 is kept as +.
func readPhone(_ *run, _ *ask, in Input) (Value, bool) {
	if c, ok := in.(Card); ok {
		in = Text{Body: c.Phone}
	}
	s := foldDigits(words(in))
	if strings.Trim(s, "0123456789+-.() /\u00a0\u2010\u2011\u2013") != "" {
		return Value{}, false
	}
	digits := keepDigits(s)
	if plus := strings.HasPrefix(s, "+"); plus || strings.HasPrefix(digits, "00") {
		digits = "+" + strings.TrimLeft(digits, "0")
	}
	n := len(strings.TrimPrefix(digits, "+"))
	return Value{Type: TypePhone, Text: digits}, n >= 8 && n <= 15
}

func readChoice(_ *run, n *ask, in Input) (Value, bool) {
	i, ok := n.opts.find(words(in))
	if !ok {
		return Value{}, false
	}
	return Value{Type: TypeText, Text: n.Options[i].Label}, true
}

// readFile keeps the caller's reference of a file.
func readFile(_ *run, n *ask, in Input) (Value, bool) {
	m, ok := in.(Media)
	if !ok || m.Ref == "" || m.Kind == "sticker" || len(n.Files) > 0 && !slices.Contains(n.Files, m.Kind) {
		return Value{}, false
	}
	return Value{Type: TypeFile, Text: m.Ref}, true
}

// readLocation keeps a place as latitude and longitude in degrees, with a comma between.
func readLocation(_ *run, _ *ask, in Input) (Value, bool) {
	l, ok := in.(Location)
	if !ok || !(math.Abs(l.Lat) <= 90) || !(math.Abs(l.Lng) <= 180) {
		return Value{}, false
	}
	return Value{Type: TypePlace, Text: degrees(l.Lat) + "," + degrees(l.Lng)}, true
}

// degrees writes a number as short as it can be read back.
func degrees(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
