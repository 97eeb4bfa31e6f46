package whatsapp

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// PlainName is a file's name as it may be shown: without control characters, line ends, and the marks that turn the direction
// of writing round, with which "gnp.exe" is read as "exe.png". A slash is a sign like any other: people write "3/4" in names.
// Empty when nothing is left that names something.
func PlainName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, "\uFFFD"))
	if strings.Trim(name, `./\ `) == "" {
		return ""
	}
	return name
}

const maxEnding = 16 // bytes of what says what kind a file is, with its dot

// CutName keeps at most max bytes of a file's name, and its ending: without it nobody can open the file.
func CutName(name string, max int) string {
	if len(name) <= max {
		return name
	}
	ending := ""
	if dot := strings.LastIndexByte(name, '.'); dot > 0 && len(name)-dot <= min(maxEnding, max-utf8.UTFMax) {
		ending = name[dot:]
	}
	return Cut(name[:len(name)-len(ending)], max-len(ending)) + ending
}
