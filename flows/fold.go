package flows

import (
	"strings"
	"unicode"
)

// fold brings a text to the form in which answers are compared: lower case, no accents, digits of any script and of
// emoji as 0-9, no punctuation at the ends, one space between words.
func fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		r = unicode.ToLower(r)
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9': // most of what people write
			b.WriteRune(r)
		case r == '🔟':
			b.WriteString("10")
		case r == 'ß':
			b.WriteString("ss")
		case r == 'æ':
			b.WriteString("ae")
		case r == 'œ':
			b.WriteString("oe")
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) || r == '\uFE0F':
			// accents of their own, the frame of 1️⃣, and marks of writing direction
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		default:
			if d, ok := digitOf(r); ok {
				r = '0' + d
			}
			b.WriteRune(plain(r))
		}
	}
	trimmed := strings.TrimFunc(b.String(), func(r rune) bool {
		return unicode.IsSpace(r) || (unicode.IsPunct(r) && r != '#') || r == '¿' || r == '¡'
	})
	return strings.Join(strings.Fields(trimmed), " ")
}

// digitOf is the value of a decimal digit of any script. Unicode lays each script's ten digits side by side in order.
func digitOf(r rune) (rune, bool) {
	if r >= '0' && r <= '9' {
		return r - '0', true
	}
	if r < 0x80 || !unicode.Is(unicode.Nd, r) {
		return 0, false
	}
	if r >= 0x1D7CE && r <= 0x1D7FF { // mathematical digits: five sets in a row
		return (r - 0x1D7CE) % 10, true
	}
	zero := r
	for r-zero < 9 && unicode.Is(unicode.Nd, zero-1) {
		zero--
	}
	return r - zero, true
}

// plain is a Latin letter without its accent. Unicode's own decomposition is not in the standard library.
func plain(r rune) rune {
	if r < 0xE0 || r > 0x17F {
		return r
	}
	if p, ok := bare[r]; ok {
		return p
	}
	return r
}

var bare = letters(map[rune]string{
	'a': "àáâãäåāăą", 'c': "çćĉċč", 'd': "ďđð", 'e': "èéêëēĕėęě", 'g': "ĝğġģ", 'h': "ĥħ", 'i': "ìíîïĩīĭįı", 'j': "ĵ",
	'k': "ķ", 'l': "ĺļľŀł", 'n': "ñńņňŉ", 'o': "òóôõöøōŏő", 'r': "ŕŗř", 's': "śŝşš", 't': "ţťŧ",
	'u': "ùúûüũūŭůűų", 'w': "ŵ", 'y': "ýÿŷ", 'z': "źżž",
})

func letters(groups map[rune]string) map[rune]rune {
	all := map[rune]rune{}
	for plain, accented := range groups {
		for _, r := range accented {
			all[r] = plain
		}
	}
	return all
}
