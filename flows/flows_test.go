package flows_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mostrador/flows"
)

var update = flag.Bool("update", false, "rewrite the conversations in testdata")

// TestTranscripts plays every testdata/*/*.txtar.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts (%v)", err)
	}
	for _, file := range files {
		name, _ := filepath.Rel("testdata", strings.TrimSuffix(file, ".txtar"))
		t.Run(name, func(t *testing.T) { playFile(t, file) })
	}
}

func playFile(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	script := flows.ParseTranscript(string(text))
	if got := script.String(); got != string(text) {
		t.Errorf("read and written again: got\n%s\nwant\n%s", got, text)
	}
	f, env, err := script.Load()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		rewrite(t, file, script, f, env)
		return
	}
	if err := flows.Test(f, env, script.Part("chat")); err != nil {
		got, _ := flows.Play(f, env, script.Part("chat"))
		t.Errorf("%v\n--- got\n%s--- want\n%s", err, got, script.Part("chat"))
	}
}

func rewrite(t *testing.T, file string, script flows.Transcript, f flows.Flow, env flows.Env) {
	got, err := flows.Play(f, env, script.Part("chat"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range script.Parts {
		if script.Parts[i].Name == "chat" {
			script.Parts[i].Text = got
		}
	}
	if err := os.WriteFile(file, []byte(script.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestEveryNodeTypeHasTranscripts: docs/flows.md has a row for each type, and each row a folder here.
func TestEveryNodeTypeHasTranscripts(t *testing.T) {
	page, err := os.ReadFile("../docs/flows.md")
	if err != nil {
		t.Fatal(err)
	}
	table, _, _ := strings.Cut(string(page), "### ")
	for line := range strings.Lines(table) {
		cell, ok := strings.CutPrefix(line, "| `")
		if !ok {
			continue
		}
		kind, _, _ := strings.Cut(cell, "`")
		if files, _ := filepath.Glob(filepath.Join("testdata", kind, "*.txtar")); len(files) == 0 {
			t.Errorf("no transcript in testdata/%s", kind)
		}
	}
}

// TestEverySpecHasATranscript: a flow of each spec that was ever released is played as it was then.
func TestEverySpecHasATranscript(t *testing.T) {
	for n := 1; n <= flows.Spec; n++ {
		text, err := os.ReadFile(filepath.Join("testdata", "spec", fmt.Sprint(n, ".txtar")))
		if err != nil {
			t.Errorf("spec %d: %v", n, err)
			continue
		}
		if flow := flows.ParseTranscript(string(text)).Part("flow.json"); !strings.HasPrefix(flow, fmt.Sprintf(`{"spec":%d,`, n)) {
			t.Errorf("spec %d: got a flow that begins %.20q", n, flow)
		}
	}
	page, err := os.ReadFile("testdata/spec/1.txtar")
	if err != nil {
		t.Fatal(err)
	}
	f := parse(t, flows.ParseTranscript(string(page)).Part("flow.json"))
	kinds := map[string]bool{}
	for _, n := range f.Nodes {
		kinds[n.Kind()] = true
	}
	if len(kinds) != 16 {
		t.Errorf("spec 1: got %d types of node in it, want all 16", len(kinds))
	}
}
