package bench

import (
	"strings"
	"testing"

	"mostrador/flows"
)

func TestFlowAnswersOneMessageEach(t *testing.T) {
	f, err := flows.Parse([]byte(Flow))
	if err != nil {
		t.Fatal(err)
	}
	if problems := flows.Check(f, flows.Known{}); !flows.Publishable(problems) {
		t.Fatalf("got %+v, want a flow that can be published", problems)
	}
	var chat, want strings.Builder
	for i, question := range flowQuestions {
		chat.WriteString("> " + question + "\n")
		want.WriteString("> " + question + "\n< " + strings.ReplaceAll(flowAnswers[i], "\n", "\n  ") + "\n")
	}
	want.WriteString("* hand over to \"sales\"\n")
	got, err := flows.Play(f, flows.Env{}, chat.String())
	if err != nil || got != want.String() {
		t.Errorf("got %q and error %v, want %q", got, err, want.String())
	}
}
