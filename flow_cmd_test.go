package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestFlowTest(t *testing.T) {
	dir := t.TempDir()
	good, bad, empty := filepath.Join(dir, "good.txtar"), filepath.Join(dir, "bad.txtar"), filepath.Join(dir, "empty.txtar")
	script := string(read(t, "flows/testdata/menu/number.txtar"))
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
