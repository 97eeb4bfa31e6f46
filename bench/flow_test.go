package bench

import (
	"strings"
	"testing"

	"mostrador/flows"
)

// TestScriptsGoThroughTheFlow: what the customers of the benchmarks expect is what the flow says.
func TestScriptsGoThroughTheFlow(t *testing.T) {
	f, err := flows.Parse([]byte(Flow("127.0.0.1:1")))
	if err != nil {
		t.Fatal(err)
	}
	if problems := flows.Check(f, flows.Known{}); !flows.Publishable(problems) {
		t.Fatalf("got %+v, want a flow that can be published", problems)
	}
	happens := map[string]string{"3": "> (waits 1s)\n", "4": "> (http 200 {\"code\":\"42\"})\n"}
	for _, s := range []script{quick, patient} {
		var chat strings.Builder
		for _, question := range s.questions {
			chat.WriteString("> " + question + "\n" + happens[question])
		}
		played, err := flows.Play(f, flows.Env{}, chat.String())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for line := range strings.Lines(played) {
			line = strings.TrimSuffix(line, "\n")
			if text, ok := strings.CutPrefix(line, "< "); ok {
				got = append(got, text)
			} else if text, ok := strings.CutPrefix(line, "  "); ok && len(got) > 0 {
				got[len(got)-1] += "\n" + text
			}
		}
		if want := s.said(); strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%q gets %q, want %q", s.questions, got, want)
		}
	}
}
