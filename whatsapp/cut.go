package whatsapp

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxCluster bounds how far Cut goes back for the beginning of what people see as one sign: a family of four is 25 bytes, a
// flag of England 28. Who piles up more marks than that is not writing.
const maxCluster = 64

// Cut keeps at most max bytes from the beginning of a text, and no half of a letter, of a letter with its marks, of an
// emoji of several parts or of a flag.
func Cut(text string, max int) string {
	if len(text) <= max {
		return text
	}
	at := whole(text, max)
	for back := at; back > 0 && at-back < maxCluster; {
		if !together(text[:back], text[back:]) {
			return text[:back]
		}
		_, size := utf8.DecodeLastRuneInString(text[:back])
		back -= size
	}
	return text[:at]
}

// CutLetters is Cut by Unicode characters instead of bytes.
func CutLetters(text string, max int) string {
	if len(text) <= max {
		return text
	}
	for at := range text {
		if max <= 0 {
			return Cut(text, at)
		}
		max--
	}
	return text
}

// whole is the last place up to max that does not divide a character.
func whole(text string, max int) int {
	for at := max; at > 0 && at > max-utf8.UTFMax; at-- {
		if utf8.RuneStart(text[at]) {
			return at
		}
	}
	return 0 // no UTF-8
}

const joiner = '\u200d' // makes one emoji of two

// together tells whether what stands left and right of a place is shown as one sign.
func together(left, right string) bool {
	before, _ := utf8.DecodeLastRuneInString(left)
	after, _ := utf8.DecodeRuneInString(right)
	switch {
	case before == joiner, after == joiner, before == '\r' && after == '\n', unicode.Is(unicode.M, after):
		return true
	case after >= 0x1F3FB && after <= 0x1F3FF, after >= 0xE0020 && after <= 0xE007F: // the colour of a skin; the letters of a flag
		return true
	}
	return indicator(after) && indicators(left)%2 == 1
}

// indicator tells the letters that make a flag two by two.
func indicator(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }

// indicators counts those at the end of a text; a wall of flags is cut anywhere.
func indicators(text string) (n int) {
	for n < maxCluster {
		r, size := utf8.DecodeLastRuneInString(text)
		if !indicator(r) {
			break
		}
		text = text[:len(text)-size]
		n++
	}
	return n
}

// CutCard shortens a vCard to at most max bytes and leaves one: its short lines, which are the names and the numbers, and
// not the picture.
func CutCard(card string, max int) string {
	const end = "END:VCARD"
	if len(card) <= max {
		return card
	}
	var kept strings.Builder
	for property := range properties(card) {
		closes := strings.EqualFold(strings.TrimSpace(property), end)
		if !closes && len(property) <= max/4 && kept.Len()+len(property)+len(end) <= max {
			kept.WriteString(property)
		}
	}
	if kept.Len()+len(end) > max {
		return ""
	}
	return kept.String() + end
}

// properties yields the lines of a vCard, each with those that go on with it (RFC 2426: they begin with a space).
func properties(card string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		start := 0
		for i := 0; i < len(card); i++ {
			ends := card[i] == '\n' && (i+1 == len(card) || card[i+1] != ' ' && card[i+1] != '\t')
			if ends || i+1 == len(card) {
				if !yield(card[start : i+1]) {
					return
				}
				start = i + 1
			}
		}
	}
}
