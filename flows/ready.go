package flows

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// The flows that come with the program: ready/KEY/LANG.json, and their tests in ready/KEY/LANG/. They name areas by the
// keys in ReadyAreas.
//
//go:embed ready
var ready embed.FS

// ReadyAreas are the keys of the areas that the ready-made flows hand over to.
var ReadyAreas = []string{"sales", "support", "billing"}

// ReadyMade is a flow that comes with the program.
type ReadyMade struct {
	Key      string // reception, callback, order or survey
	Lang     Lang
	JSON     []byte
	Triggers []Trigger    // by what it is meant to begin
	Tests    []Transcript // their world.json and chat; the flow is this one
}

// readyTriggers are by what the ready-made flows are meant to begin.
var readyTriggers = map[string][]Trigger{
	"reception": {{On: OnFirst}},
	"callback":  {{On: OnClosed}},
	"survey":    {{On: OnEnd}},
}

// orderWords ask for the state of an order.
var orderWords = map[Lang][]string{
	Spanish:    {"pedido", "mi pedido", "estado de mi pedido", "dónde está mi pedido"},
	Portuguese: {"pedido", "meu pedido", "status do pedido", "onde está meu pedido"},
	English:    {"order", "my order", "order status", "where is my order"},
}

// Ready returns the ready-made flow of that key in a language. It is an error when there is none.
func Ready(key string, lang Lang) (ReadyMade, error) {
	b, err := ready.ReadFile(path.Join("ready", key, string(lang)+".json"))
	if err != nil {
		return ReadyMade{}, fmt.Errorf("ready-made flow %q in %q: %w", key, lang, err)
	}
	made := ReadyMade{Key: key, Lang: lang, JSON: b, Triggers: readyTriggers[key]}
	if key == "order" {
		made.Triggers = []Trigger{{On: OnWord, Words: orderWords[lang]}}
	}
	files, err := fs.Glob(ready, path.Join("ready", key, string(lang), "*.txtar"))
	if err != nil {
		return ReadyMade{}, fmt.Errorf("tests of ready-made flow %q in %q: %w", key, lang, err)
	}
	for _, file := range files {
		text, err := ready.ReadFile(file)
		if err != nil {
			return ReadyMade{}, fmt.Errorf("test of ready-made flow %q in %q: %w", key, lang, err)
		}
		made.Tests = append(made.Tests, ParseTranscript(string(text)))
	}
	return made, nil
}

// ReadyKeys lists the ready-made flows. Each exists in every language.
func ReadyKeys() []string {
	entries, err := ready.ReadDir("ready")
	if err != nil {
		return nil
	}
	var keys []string
	for _, e := range entries {
		keys = append(keys, strings.TrimSuffix(e.Name(), "/"))
	}
	return keys
}

// Languages are those that the engine and the ready-made flows speak.
func Languages() []Lang { return []Lang{Spanish, Portuguese, English} }
