package flows

import (
	"testing"
	"unicode"
)

func TestFold(t *testing.T) {
	for text, want := range map[string]string{
		"  ¡HOLA,   Mañana! ": "hola, manana", "Ação": "acao", "ﬀ": "ﬀ", "STRASSE": "strasse", "straße": "strasse", "GROẞ": "gross", "Œuvre": "oeuvre", "Æsir": "aesir",
		"1️⃣": "1", "🔟": "10", "٣": "3", "३": "3", "𝟟": "7", "e\u0301": "e", "\u200fنعم\u200e": "نعم", "🙂": "🙂", "": "", " . ": "", "#2": "#2", "\xff": "\ufffd",
		"ŁÓDŹ": "lodz", "İ": "i", "ａ": "ａ",
	} {
		if got := fold(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// What is folded once stays as it is when it is folded again: options are compared with folded texts.
func FuzzFold(f *testing.F) {
	f.Add("¡Opción 2️⃣, por favor!")
	f.Fuzz(func(t *testing.T, text string) {
		once := fold(text)
		if twice := fold(once); twice != once {
			t.Errorf("%q: got %q, then %q", text, once, twice)
		}
	})
}

func TestClip(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int
		want string
	}{{"hola", 4, "hola"}, {"holas", 4, "hol…"}, {"ñandú", 5, "ñandú"}, {"🙂🙂🙂", 2, "🙂…"}, {"a\xffb", 9, "ab"}, {"", 1, ""}} {
		if got := clip(c.text, c.n); got != c.want {
			t.Errorf("%q to %d: got %q, want %q", c.text, c.n, got, c.want)
		}
	}
}

// Every character there is folds to something that folds to itself.
func TestFoldTwice(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if once := fold("a" + string(r) + "b"); fold(once) != once {
			t.Errorf("%q: got %q, then %q", r, once, fold(once))
		}
	}
}
