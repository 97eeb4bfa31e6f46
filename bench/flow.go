package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Flow is what the desk under test answers with. Options 1 and 2 are one message for each of the customer's, so that an
// answer can be told from the one before: 1 shows the menu again, 2 hands over to people. 3 makes the customer wait, 4 asks
// another system at the address, which answers {"code":"42"}.
func Flow(address string) string {
	return `{
  "spec": 1, "name": "Menu", "lang": "es", "start": "start",
  "nodes": {
    "start": {"type": "start", "next": "menu"},
    "menu": {"type": "menu", "say": "Hola, elige:", "options": [
      {"id": "again", "label": "Otra vez", "next": "menu"},
      {"id": "person", "label": "Una persona", "next": "person"},
      {"id": "later", "label": "Más tarde", "next": "wait"},
      {"id": "code", "label": "Un código", "next": "ask"}
    ]},
    "wait": {"type": "message", "say": "Espera.", "next": "pause"},
    "pause": {"type": "delay", "seconds": 1, "next": "menu"},
    "ask": {"type": "http", "say": "Consulto.", "url": "http://` + address + `/code", "seconds": 60, "save": [{"var": "code", "path": "code"}], "next": "code"},
    "code": {"type": "message", "say": "Código {{code}}.", "next": "menu"},
    "person": {"type": "redirect", "say": "Te paso con una persona.", "area": "sales"}
  }
}`
}

const flowMenu = "Hola, elige:\n1. Otra vez\n2. Una persona\n3. Más tarde\n4. Un código"

// script is what a customer writes to go through the flow, and what the flow says to each.
type script struct {
	questions []string
	answers   [][]string
	patient   bool // waits for the answers before writing on
}

var (
	quick   = script{questions: []string{"hola", "1", "2"}, answers: [][]string{{flowMenu}, {flowMenu}, {"Te paso con una persona."}}}
	patient = script{questions: []string{"hola", "3", "4", "2"}, patient: true,
		answers: [][]string{{flowMenu}, {"Espera.", flowMenu}, {"Consulto.", "Código 42.", flowMenu}, {"Te paso con una persona."}}}
)

// said are all answers in their order.
func (s script) said() []string { return slices.Concat(s.answers...) }

// withFlow gives a new folder sample areas and the flow as what answers first messages.
func (r *Rig) withFlow(ctx context.Context, address string) func(dir string) error {
	return func(dir string) error {
		file := filepath.Join(r.Dir, "flow.json")
		if err := os.WriteFile(file, []byte(Flow(address)), 0o600); err != nil {
			return err
		}
		if _, err := r.Program.Do(ctx, r.Dir, "", "seed", "--dir", dir, "--always-open"); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
		_, err := r.Program.Do(ctx, r.Dir, "", "flow", "import", "--dir", dir, "--publish", "--first", file)
		return err
	}
}
