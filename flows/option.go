package flows

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// option is one of several numbered answers.
type option struct {
	ID    string   `json:"id"`              // the port; counts are kept by it, so it survives a new label
	Key   string   `json:"key,omitempty"`   // what is typed for it; empty: its number
	Label string   `json:"label"`           // plain text, without variables: it is compared with answers
	Words []string `json:"words,omitempty"` // synonyms
	Next  string   `json:"next,omitempty"`
}

// options is a list of answers, with what its labels and words fold to.
type options struct {
	list   []option
	folded []folded
	lines  string // as they stand under a question
}

type folded struct {
	key   string
	texts []string // label first
	words []string // texts as spread makes them; those of one or two letters are left out
}

func newOptions(list []option) options {
	o := options{list: list}
	var lines strings.Builder
	for i, opt := range list {
		f := folded{key: called(opt.key(i)), texts: []string{called(opt.Label)}}
		if strings.HasPrefix(f.texts[0], f.key+" ") {
			fmt.Fprintf(&lines, "\n%s", clip(opt.Label, MaxText)) // it says its number by itself: "1️⃣ Ventas"
		} else {
			fmt.Fprintf(&lines, "\n%s. %s", opt.key(i), clip(opt.Label, MaxText))
		}
		for _, w := range opt.Words {
			if w = called(w); w != "" {
				f.texts = append(f.texts, w)
			}
		}
		for _, t := range f.texts {
			if s := spread(strings.TrimPrefix(t, f.key+" ")); len(s) > 4 { // "1️⃣ Ventas" is known as "ventas", too
				f.words = append(f.words, s)
			}
		}
		o.folded = append(o.folded, f)
	}
	o.lines = clip(lines.String(), MaxText)
	return o
}

func (o option) key(i int) string {
	if o.Key != "" {
		return o.Key
	}
	return strconv.Itoa(i + 1)
}

// called folds what an option is called by. A sign alone, such as "*", stays as it is.
func called(text string) string {
	if folded := fold(text); folded != "" {
		return folded
	}
	return strings.TrimSpace(text)
}

// before are words that people put before an option's number.
var before = []string{"opcion ", "opcao ", "option ", "la opcion ", "a opcao ", "la ", "el ", "a ", "o ", "the ", "numero ", "number ", "nro ", "nº ", "n° ", "no ", "n ", "#"}

// numbers are option numbers as words.
var numbers = map[string]string{
	"uno": "1", "una": "1", "primera": "1", "primero": "1", "um": "1", "uma": "1", "primeira": "1", "primeiro": "1", "one": "1", "first": "1",
	"dos": "2", "segunda": "2", "segundo": "2", "dois": "2", "duas": "2", "two": "2", "second": "2",
	"tres": "3", "tercera": "3", "tercero": "3", "terceira": "3", "terceiro": "3", "three": "3", "third": "3",
	"cuatro": "4", "cuarta": "4", "quatro": "4", "quarta": "4", "four": "4", "fourth": "4",
	"cinco": "5", "quinta": "5", "five": "5", "fifth": "5", "seis": "6", "six": "6", "siete": "7", "sete": "7", "seven": "7",
	"ocho": "8", "oito": "8", "eight": "8", "nueve": "9", "nove": "9", "nine": "9", "diez": "10", "dez": "10", "ten": "10",
}

// exact finds the option that a text names outright: by key, number word, "option 2", label or synonym.
func (o options) exact(text string) (int, bool) {
	word := called(text)
	if word == "" {
		return 0, false
	}
	for i, f := range o.folded {
		if word == f.key {
			return i, true
		}
	}
	for i, f := range o.folded {
		for _, t := range f.texts {
			if word == t {
				return i, true
			}
		}
	}
	return o.spelled(word)
}

// after are words that people put behind it.
var after = []string{" por favor", " porfa", " please", " gracias", " obrigado", " obrigada", " thanks", " opcion", " opcao", " option", " one"}

// marks are what stands between these words.
var marks = strings.NewReplacer(", ", " ", ". ", " ", ": ", " ", ".º", "º", ".°", "°")

// spelled finds "opción 2", "la segunda, por favor", "n.º 2", "two".
func (o options) spelled(word string) (int, bool) {
	word = marks.Replace(word)
	for _, s := range after {
		word = strings.TrimSuffix(word, s)
	}
	for _, p := range before {
		if rest, ok := strings.CutPrefix(word, p); ok {
			word = rest
			break
		}
	}
	word = strings.Trim(word, "#º°ª.) ")
	if n, ok := numbers[word]; ok {
		word = n
	}
	for i, f := range o.folded {
		if word == f.key && word != "" {
			return i, true
		}
	}
	return 0, false
}

// find is exact, or else the only option whose label or synonym stands as whole words in the text. Two of them are a
// misunderstanding, not a choice; but who says "muy bien" has not said "bien".
func (o options) find(text string) (int, bool) {
	if i, ok := o.exact(text); ok {
		return i, true
	}
	said := spread(text)
	var heard []string
	for _, f := range o.folded {
		for _, w := range f.words {
			if strings.Contains(said, w) {
				heard = append(heard, w)
			}
		}
	}
	found, hits := 0, 0
	for i, f := range o.folded {
		if slices.ContainsFunc(f.words, func(w string) bool { return standsAlone(w, said, heard) }) {
			found = i
			hits++
		}
	}
	return found, hits == 1
}

// standsAlone reports whether w is in a text outside of all longer words that were heard in it.
func standsAlone(w, said string, heard []string) bool {
	for _, longer := range heard {
		if longer != w && strings.Contains(longer, w) {
			said = strings.ReplaceAll(said, longer, "  ")
		}
	}
	return strings.Contains(said, w)
}

// under writes the options under a question.
func (o options) under(question string) string {
	return clip(strings.TrimPrefix(question+o.lines, "\n"), MaxText)
}

// spread folds a text into words with one space on each side, so that words can be looked for whole.
func spread(text string) string {
	words := strings.FieldsFunc(fold(clip(text, MaxText)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return " " + strings.Join(words, " ") + " "
}
