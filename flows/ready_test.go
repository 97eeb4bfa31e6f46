package flows_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mostrador/flows"
)

// TestReadyMadeFlows plays the tests of each ready-made flow in each language.
func TestReadyMadeFlows(t *testing.T) {
	for _, key := range flows.ReadyKeys() {
		for _, lang := range flows.Languages() {
			t.Run(key+"/"+string(lang), func(t *testing.T) { playReady(t, key, lang) })
		}
	}
}

func playReady(t *testing.T, key string, lang flows.Lang) {
	made, err := flows.Ready(key, lang)
	if err != nil {
		t.Fatal(err)
	}
	f, err := flows.Parse(made.JSON)
	if err != nil {
		t.Fatal(err)
	}
	if f.Lang != lang || f.Name == "" {
		t.Errorf("got language %q and name %q, want %q and a name", f.Lang, f.Name, lang)
	}
	if len(made.Tests) == 0 {
		t.Error("has no tests")
	}
	if *update {
		rewriteReady(t, filepath.Join("ready", key, string(lang)), f)
		return
	}
	for _, test := range made.Tests {
		env, err := test.Env()
		if err != nil {
			t.Fatal(err)
		}
		if err := flows.Test(f, env, test.Part("chat")); err != nil {
			t.Errorf("%s\n%v", test.About, err)
		}
	}
}

func rewriteReady(t *testing.T, dir string, f flows.Flow) {
	files, _ := filepath.Glob(filepath.Join(dir, "*.txtar"))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		script := flows.ParseTranscript(strings.ReplaceAll(string(text), "\r\n", "\n"))
		env, err := script.Env()
		if err != nil {
			t.Fatal(err)
		}
		rewrite(t, file, script, f, env)
	}
}

// TestReadyTestsSpeakTheirLanguage: their first sentence is the name that the desk shows.
func TestReadyTestsSpeakTheirLanguage(t *testing.T) {
	for _, key := range flows.ReadyKeys() {
		seen := map[string]flows.Lang{}
		for _, lang := range flows.Languages() {
			made, err := flows.Ready(key, lang)
			if err != nil {
				t.Fatal(err)
			}
			for _, test := range made.Tests {
				if other, ok := seen[test.About]; ok || test.About == "" {
					t.Errorf("%s: %q is the name of a test in %s and in %s", key, test.About, other, lang)
				}
				seen[test.About] = lang
			}
		}
	}
}
