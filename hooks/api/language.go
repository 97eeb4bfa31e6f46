package api

import (
	"fmt"
	"strings"
)

// Languages are those that the desk speaks; English is for whoever asks for none of them.
var Languages = []string{"es", "pt-BR", "en"}

// language picks one of ours from what the user chose, else from Accept-Language (in its order; weights are ignored,
// because browsers send them sorted).
func language(chosen, accept string) string {
	for _, tag := range append([]string{chosen}, strings.Split(accept, ",")...) {
		tag, _, _ = strings.Cut(strings.TrimSpace(tag), ";")
		base, _, _ := strings.Cut(strings.ToLower(tag), "-")
		switch base {
		case "es", "en":
			return base
		case "pt":
			return "pt-BR"
		}
	}
	return "en"
}

// Said is one sentence in the languages of the desk.
type Said struct{ es, pt, en string }

// Says declares a sentence that is no refusal.
func Says(es, pt, en string) Said { return Said{es, pt, en} }

// In is the sentence in one language, with its places filled.
func (s Said) In(lang string, args map[string]any) string {
	text := map[string]string{"es": s.es, "pt-BR": s.pt, "en": s.en}[lang]
	for name, value := range args {
		text = strings.ReplaceAll(text, "{"+name+"}", fmt.Sprint(value))
	}
	return text
}
