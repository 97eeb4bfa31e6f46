package commands

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestFlowTest(t *testing.T) {
	dir := t.TempDir()
	good, bad, empty := filepath.Join(dir, "good.txtar"), filepath.Join(dir, "bad.txtar"), filepath.Join(dir, "empty.txtar")
	script := string(read(t, "../flows/testdata/menu/number.txtar"))
	writeFile(t, good, script)
	writeFile(t, bad, strings.Replace(script, "\n< ", "\n< Chau. ", 1))
	writeFile(t, empty, "Nothing.\n")

	if code, stdout, stderr := runMain(t, "flow", "test", good); code != 0 || !strings.HasPrefix(stdout, "ok ") {
		t.Errorf("as written: got exit code %d, stdout %q, stderr %q, want 0 and ok", code, stdout, stderr)
	}
	for file, want := range map[string]string{bad: `want "< Chau. `, empty: "-- chat --", dir + "/none": "no such file"} {
		code, stdout, stderr := runMain(t, "flow", "test", good, file)
		if code != 1 || !strings.Contains(stdout, want) || !strings.Contains(stderr, "1 of 2") {
			t.Errorf("%s: got exit code %d, stdout %q, stderr %q, want 1, %q and 1 of 2", filepath.Base(file), code, stdout, stderr, want)
		}
	}
	if code, _, stderr := runMain(t, "flow", "test"); code != 1 || !strings.Contains(stderr, "which file?") {
		t.Errorf("no file: got exit code %d and stderr %q, want 1 and a question", code, stderr)
	}
}

func TestFlowLint(t *testing.T) {
	dir := t.TempDir()
	good, bad, torn := filepath.Join(dir, "good.json"), filepath.Join(dir, "bad.json"), filepath.Join(dir, "torn.json")
	writeFile(t, good, `{"spec":1,"lang":"es","start":"s","nodes":{"s":{"type":"start","next":"r"},"r":{"type":"redirect","area":"sales"}}}`)
	writeFile(t, bad, `{"spec":1,"lang":"es","start":"s","nodes":{"s":{"type":"start","next":"nowhere"}}}`)
	writeFile(t, torn, `{"spec":1,`)
	for _, c := range []struct {
		file           string
		code           int
		stdout, stderr string
	}{
		{good, 0, "", ""},
		{bad, 1, "bad.json: error s.next: ", "1 of 1 flows cannot be published"},
		{torn, 1, "", "torn.json: "},
		{dir + "/none.json", 1, "", "no such file"},
	} {
		code, stdout, stderr := runMain(t, "flow", "lint", c.file)
		if code != c.code || !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) {
			t.Errorf("%s: got exit code %d, stdout %q, stderr %q, want %d, %q, %q", filepath.Base(c.file), code, stdout, stderr, c.code, c.stdout, c.stderr)
		}
	}
	if code, stdout, stderr := runMain(t, "flow", "lint", "--lang", "fr", bad); code != 1 || stdout != "" || !strings.Contains(stderr, `"fr": choose es, pt-BR or en`) {
		t.Errorf("a language that is none: got exit code %d, stdout %q, stderr %q, want 1 and which there are", code, stdout, stderr)
	}
}
