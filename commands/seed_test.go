package commands

import (
	"path/filepath"
	"strings"
	"testing"

	"mostrador/bench"
)

func TestSeedTwiceAndImportAFlow(t *testing.T) {
	dir := t.TempDir()
	for range 2 {
		if code, _, stderr := runMain(t, "seed", "--dir", dir, "--lang", "en"); code != 0 {
			t.Fatalf("seed: got exit code %d and %q, want 0", code, stderr)
		}
	}
	if code, _, stderr := runMain(t, "seed", "--dir", dir, "--lang", "fr"); code != 1 || !strings.Contains(stderr, "choose es, pt-BR or en") {
		t.Errorf("seed in French: got exit code %d and %q, want 1 and the languages", code, stderr)
	}
	file := filepath.Join(t.TempDir(), "menu.json")
	writeFile(t, file, bench.Flow("127.0.0.1:1"))
	code, id, stderr := runMain(t, "flow", "import", "--dir", dir, "--publish", "--first", file)
	if code != 0 || len(strings.TrimSpace(id)) != 15 {
		t.Fatalf("import: got exit code %d, id %q and %q, want 0 and an id", code, id, stderr)
	}
	code, text, stderr := runMain(t, "flow", "export", "--dir", dir, strings.TrimSpace(id))
	if code != 0 || !strings.Contains(text, "Te paso con una persona.") {
		t.Errorf("export: got exit code %d, %q and %q, want 0 and the flow", code, text, stderr)
	}
	// What was exported can be checked and imported, with its tests.
	writeFile(t, file, text)
	if code, stdout, stderr := runMain(t, "flow", "lint", file); code != 0 || stdout != "" {
		t.Errorf("lint of an export: got exit code %d, %q and %q, want 0 and nothing", code, stdout, stderr)
	}
	code, again, stderr := runMain(t, "flow", "import", "--dir", dir, file)
	if code != 0 {
		t.Fatalf("import of an export: got exit code %d and %q, want 0", code, stderr)
	}
	if _, same, _ := runMain(t, "flow", "export", "--dir", dir, "--version", "draft", strings.TrimSpace(again)); same != text {
		t.Errorf("exported again: got %s, want %s", same, text)
	}
	if code, id, stderr := runMain(t, "flow", "import", "--dir", dir, "--first", file); code != 1 || id != "" || !strings.Contains(stderr, "--publish") {
		t.Errorf("first, but a draft: got exit code %d, id %q and %q, want 1, none and what is missing", code, id, stderr)
	}
	writeFile(t, file, `{"spec":1,"flow":`+bench.Flow("127.0.0.1:1")+`,"tests":[{"name":"Wrong","text":"-- chat --\n> hola\n< nada\n"}]}`)
	code, _, stderr = runMain(t, "flow", "import", "--dir", dir, "--publish", file)
	if code != 1 || !strings.Contains(stderr, `The test "Wrong" fails at line 2`) {
		t.Errorf("import with a test that fails: got exit code %d and %q, want 1 and the line", code, stderr)
	}
	writeFile(t, file, strings.Replace(bench.Flow("127.0.0.1:1"), `"sales"`, `"nowhere"`, 1))
	code, id, stderr = runMain(t, "flow", "import", "--dir", dir, "--publish", file)
	if code != 1 || id != "" || !strings.Contains(stderr, "cannot be published") {
		t.Errorf("import to an unknown area: got exit code %d, id %q and %q, want 1, none and why", code, id, stderr)
	}
}
