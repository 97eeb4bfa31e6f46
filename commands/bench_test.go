package commands

import (
	"strings"
	"testing"
)

// TestBenchRefusesWhatCannotBeMeasured with a sentence, before anything is started.
func TestBenchRefusesWhatCannotBeMeasured(t *testing.T) {
	for args, want := range map[string]string{
		"fanout --for -1s":         "--for",
		"fanout --for 1ms":         "--for",
		"start --starts 0":         "--starts",
		"start --idle -1s":         "--idle",
		"inbound --messages 0":     "--messages",
		"roundtrip --questions -1": "--questions",
	} {
		code, stdout, stderr := runMain(t, append([]string{"bench"}, strings.Fields(args)...)...)
		if code != 1 || stdout != "" || !strings.Contains(stderr, want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: got exit code %d, stdout %q, stderr %q, want 1 and a sentence about %s", args, code, stdout, stderr, want)
		}
	}
}
