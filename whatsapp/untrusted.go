package whatsapp

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
)

// What stands in a message is written by its sender's program, and checked by nobody on the way: WhatsApp cannot read it.

const (
	maxID     = 100     // bytes; those of WhatsApp's own programs have 16 to 32
	maxQuoted = 2 << 10 // bytes of what is said to have been quoted
	maxPath   = 2 << 10 // bytes of a file's place on the media servers
	maxKey    = 64      // bytes of keys and hashes, which have 32
	hashBytes = 32
)

// known makes an id of a message safe to store and to compare. One that no program of WhatsApp's makes is replaced by
// another that is the same every time: two ids never become one.
func known(id string) string {
	if id == clean(id) && len(id) <= maxID {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return "odd-" + hex.EncodeToString(sum[:])
}

// short keeps keys and hashes of a usable length; nil for others, with which no file can be opened.
func short(b []byte) []byte {
	if len(b) > maxKey {
		return nil
	}
	return b
}

// invisible are letters that take up no room, or room and no ink, besides what Unicode calls a space or a format.
const invisible = "\u115F\u1160\u17B4\u17B5\u2800\u3164\uFFA0\uFE0E\uFE0F"

// called makes a name safe to show within a line: without what turns the direction of the text around it and without line
// breaks. A name in which nothing can be seen is none, so that people see the number instead.
func called(name string) string {
	seen := false
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Bidi_Control, r):
			return -1
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		}
		seen = seen || unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.IsMark(r) && !strings.ContainsRune(invisible, r)
		return r
	}, clean(name))
	if !seen {
		return ""
	}
	return strings.TrimSpace(name)
}

// of names a message as nobody else's: an id is unique within a chat and a direction only, and its sender chooses it.
type of struct {
	chat   Address
	fromMe bool
	id     string
}

// own is how a message is told from all others.
func (m Message) own() of { return of{m.Chat, m.FromMe, m.ID} }
