package flows_test

import (
	"errors"
	"strings"
	"testing"

	"mostrador/flows"
)

const echo = `{"spec":1,"lang":"en","start":"q","nodes":{"q":{"type":"ask","say":"?","var":"x","next":"m"},"m":{"type":"message","say":"{{x}}","next":"q"}}}`

// The line that differs is named, whatever is different.
func TestTestNamesTheLine(t *testing.T) {
	f := parse(t, echo)
	for name, c := range map[string]struct {
		chat string
		want flows.Difference
	}{
		"another word":   {"> hi\n< ?\n> a\n< b\n< ?\n", flows.Difference{Line: 4, Got: "< a", Want: "< b"}},
		"one line more":  {"> hi\n", flows.Difference{Line: 2, Got: "< ?"}},
		"one line less":  {"> hi\n< ?\n< !\n", flows.Difference{Line: 3, Want: "< !"}},
		"in a long text": {"> hi\n< ?\n> a\n  b\n< a\n  c\n< ?\n", flows.Difference{Line: 6, Got: "  b", Want: "  c"}},
		"something else": {"> hi\n< ?\nwhat is this\n", flows.Difference{Line: 3, Want: "what is this"}},
	} {
		var got flows.Difference
		if err := flows.Test(f, flows.Env{}, c.chat); !errors.As(err, &got) || got != c.want {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	for _, chat := range []string{"", "> hi\n< ?", "> hi  \r\n< ?\r\n", "> hi\n< ?\n> a\n\n  b\n< a\n\n  b\n< ?\n\n"} {
		if err := flows.Test(f, flows.Env{}, chat); err != nil {
			t.Errorf("%q: got %v, want no difference", chat, err)
		}
	}
}

func TestPlayRefusesLinesItCannotRead(t *testing.T) {
	f := parse(t, echo)
	for chat, want := range map[string]string{
		"> hi\n> (waits a while)": "line 2: \"a while\" is not a time",
		"> (waits -5m)":           "line 1: ",
		"\n\n> (location here)":   "line 3: (location …)",
		"> (location a b)":        "not a latitude",
		"> (ai sure Hello)":       "not a confidence",
		"> (writes x y)":          "not a number of times",
		"> (writes 999999999 y)":  "a megabyte in all",
	} {
		if _, err := flows.Play(f, flows.Env{}, chat); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", chat, err, want)
		}
	}
	if got, err := flows.Play(f, flows.Env{}, "> hi\n> (smiles)\n> (x"); err != nil || !strings.Contains(got, "< (smiles)") || !strings.Contains(got, "< (x") {
		t.Errorf("brackets of a customer: got %q, %v", got, err)
	}
}

func TestTranscriptsThatCannotBeLoaded(t *testing.T) {
	for text, want := range map[string]string{
		"no flow at all": "flow:",
		"-- flow.json --\n" + echo + "\n-- world.json --\n{\"nwo\":1}":                             "world.json: json: unknown field",
		"-- flow.json --\n" + echo + "\n-- flows/x.json --\n{}":                                    `flow "x": spec 0`,
		"-- flow.json --\n" + echo + "\n-- world.json --\n{\"hours\":{\"\":{\"someday\":[]}}}":     `"someday" is neither a weekday`,
		"-- flow.json --\n" + echo + "\n-- world.json --\n{\"hours\":{\"\":{\"monday\":[\"9\"]}}}": `"9" is not a window`,
	} {
		if _, _, err := flows.ParseTranscript(text).Load(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

func TestTranscriptFromWindows(t *testing.T) {
	script := flows.ParseTranscript(strings.ReplaceAll("About.\n-- flow.json --\n"+echo+"\n-- chat --\n> hi\n< ?\n", "\n", "\r\n"))
	f, env, err := script.Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := flows.Test(f, env, script.Part("chat")); err != nil {
		t.Error(err)
	}
	if script.About != "About." {
		t.Errorf("got %q", script.About)
	}
}
