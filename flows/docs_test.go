package flows

import (
	"os"
	"strings"
	"testing"
)

// TestDocsNameEverything holds docs/flows.md against what there is.
func TestDocsNameEverything(t *testing.T) {
	text, err := os.ReadFile("../docs/flows.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	var names []string
	names = append(names, sortedKeys(answers)...)
	names = append(names, sortedKeys(documents)...)
	names = append(names, sortedKeys(compare)...)
	names = append(names, sortedKeys(formats)...)
	for _, r := range []Reason{ReasonFlow, ReasonAsked, ReasonExit, ReasonSilence, ReasonMisses, ReasonUnsure, ReasonHTTP, ReasonAI, ReasonDeadline,
		ReasonNoNode, ReasonDeadEnd, ReasonNoFlow, ReasonLoop, ReasonSends, ReasonInputs, ReasonVars, ReasonDepth, ReasonArea, ReasonPattern, ReasonEmpty, ReasonBug} {
		names = append(names, string(r))
	}
	for name := range worldNames {
		names = append(names, name)
	}
	for _, name := range names {
		if !strings.Contains(page, "`"+name+"`") {
			t.Errorf("docs/flows.md does not name %q", name)
		}
	}
	for kind := range kinds {
		if !strings.Contains(page, "\n| `"+kind+"` |") {
			t.Errorf("docs/flows.md has no row for the node type %q", kind)
		}
	}
	for verb := range verbs {
		if !strings.Contains(page, "> ("+verb) {
			t.Errorf("docs/flows.md does not show the line (%s …)", verb)
		}
	}
}

// TestDocsExample runs the example of the page: its flow, and its conversation.
func TestDocsExample(t *testing.T) {
	text, err := os.ReadFile("../docs/flows.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "```json\n")
	flow, after, _ := strings.Cut(after, "```")
	_, after, _ = strings.Cut(after, "```\n")
	chat, _, _ := strings.Cut(after, "```")
	f, err := Parse([]byte(flow))
	if err != nil {
		t.Fatal(err)
	}
	if found := Check(f, Known{}); len(found) > 0 {
		t.Errorf("got %+v, want nothing", found)
	}
	script := ParseTranscript(chat)
	env, err := script.Env()
	if err != nil {
		t.Fatal(err)
	}
	if err := Test(f, env, script.Part("chat")); err != nil {
		t.Error(err)
	}
}
