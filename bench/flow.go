package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// Flow is what the desk under test answers with: one message for each of the customer's, so that an answer can be told
// from the one before. Option 1 shows the menu again, option 2 hands over to people.
const Flow = `{
  "spec": 1, "name": "Menu", "lang": "es", "start": "start",
  "nodes": {
    "start": {"type": "start", "next": "menu"},
    "menu": {"type": "menu", "say": "Hola, elige:", "options": [
      {"id": "again", "label": "Otra vez", "next": "menu"},
      {"id": "person", "label": "Una persona", "next": "person"}
    ]},
    "person": {"type": "redirect", "say": "Te paso con una persona.", "area": "sales"}
  }
}`

// What the flow says to "hola", "1" and "2".
var flowAnswers = []string{"Hola, elige:\n1. Otra vez\n2. Una persona", "Hola, elige:\n1. Otra vez\n2. Una persona", "Te paso con una persona."}

// flowQuestions are what a customer writes to go through it.
var flowQuestions = []string{"hola", "1", "2"}

// withFlow gives a new folder sample areas and Flow as what answers first messages.
func (r *Rig) withFlow(ctx context.Context) func(dir string) error {
	return func(dir string) error {
		file := filepath.Join(r.Dir, "flow.json")
		if err := os.WriteFile(file, []byte(Flow), 0o600); err != nil {
			return err
		}
		if _, err := r.Program.Do(ctx, r.Dir, "", "seed", "--dir", dir, "--always-open"); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
		_, err := r.Program.Do(ctx, r.Dir, "", "flow", "import", "--dir", dir, "--publish", "--first", file)
		return err
	}
}
