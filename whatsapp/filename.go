package whatsapp

import (
	"path"
	"strings"
	"unicode"
)

// PlainName is a file's name as it may be shown and written: without folders, control characters, line ends, and the marks that
// turn the direction of writing round, with which "gnp.exe" is read as "exe.png". Empty when nothing is left.
func PlainName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, "\uFFFD"))
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	if name == "." || name == ".." || name == "/" {
		return ""
	}
	return name
}
