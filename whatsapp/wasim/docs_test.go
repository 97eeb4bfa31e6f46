package wasim

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
)

// What docs/wasim.md shows to say can be said.
func TestExamplesOfTheDocs(t *testing.T) {
	page, err := os.ReadFile("../../docs/wasim.md")
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for line := range strings.Lines(string(page)) {
		example, ok := strings.CutPrefix(strings.TrimSpace(line), "$say '")
		if !ok {
			continue
		}
		var body sayBody
		if err := json.Unmarshal([]byte(strings.TrimSuffix(example, "'")), &body); err != nil {
			t.Errorf("%s: %v", example, err)
			continue
		}
		if said, err := body.say(time.Now()); err != nil || said.Proto == nil {
			t.Errorf("%s: got %v, %v", example, said, err)
		}
		tried++
	}
	if tried < 4 {
		t.Errorf("%d examples, want those of the page", tried)
	}
}
