package hooks

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestVaultOpensWhatItSealed(t *testing.T) {
	for name, word := range map[string]string{"with SESSION_SECRET": "s3cret", "with a file": ""} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			v := &vault{dir: dir, word: word}
			sealed, err := v.seal("crm", "hunter2")
			if err != nil {
				t.Fatal(err)
			}
			again, err := v.seal("crm", "hunter2")
			if err != nil || again == sealed || strings.Contains(sealed, "hunter2") {
				t.Errorf("got %q and %q (%v), want two that differ", sealed, again, err)
			}
			if got, err := (&vault{dir: dir, word: word}).open("crm", sealed); err != nil || got != "hunter2" {
				t.Errorf("after a restart: got %q (%v)", got, err)
			}
			if _, err := v.open("erp", sealed); !errors.Is(err, errSealed) {
				t.Errorf("under another name: got %v, want %v", err, errSealed)
			}
			for i := range sealed {
				broken := sealed[:i] + "A" + sealed[i+1:]
				if got, err := v.open("crm", broken); broken != sealed && err == nil {
					t.Errorf("with byte %d changed: got %q", i, got)
				}
			}
			for _, nothing := range []string{"", "1:", "2:" + sealed[2:], "1:AAAA"} {
				if _, err := v.open("crm", nothing); !errors.Is(err, errSealed) {
					t.Errorf("%q: got %v, want %v", nothing, err, errSealed)
				}
			}
			info, err := os.Stat(filepath.Join(dir, KeyName))
			if word != "" && err == nil {
				t.Error("there is a key file all the same")
			}
			if word == "" && (err != nil || info.Mode().Perm() != 0o600) {
				t.Errorf("the key file: got %v (%v), want only its owner to read it", info, err)
			}
		})
	}
}

// TestVaultKeys says which change of keys loses secrets.
func TestVaultKeys(t *testing.T) {
	dir := t.TempDir()
	byFile, err := (&vault{dir: dir}).seal("crm", "a")
	if err != nil {
		t.Fatal(err)
	}
	byWord, err := (&vault{dir: dir, word: "one"}).seal("crm", "b")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		v              *vault
		byFile, byWord string
	}{
		"SESSION_SECRET set later":   {&vault{dir: dir, word: "one"}, "a", "b"},
		"SESSION_SECRET changed":     {&vault{dir: dir, word: "two"}, "a", ""},
		"SESSION_SECRET taken away":  {&vault{dir: dir}, "a", ""},
		"the database alone":         {&vault{dir: t.TempDir()}, "", ""},
		"the database and the word":  {&vault{dir: t.TempDir(), word: "one"}, "", "b"},
		"a word that is the file's?": {&vault{dir: t.TempDir(), word: "1"}, "", ""},
	} {
		for sealed, want := range map[string]string{byFile: tt.byFile, byWord: tt.byWord} {
			if got, err := tt.v.open("crm", sealed); got != want || errors.Is(err, errSealed) != (want == "") {
				t.Errorf("%s: got %q (%v), want %q", name, got, err, want)
			}
		}
	}
}

func TestDamagedKeyFileIsNotReplaced(t *testing.T) {
	v := &vault{dir: t.TempDir()}
	writeKey := func(text string) {
		if err := os.WriteFile(filepath.Join(v.dir, KeyName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range []string{"", "zz", strings.Repeat("0", 62), strings.Repeat("0", 66)} {
		writeKey(text)
		if _, err := v.seal("crm", "a"); err == nil || !strings.Contains(err.Error(), KeyName) {
			t.Errorf("%q: got %v, want an error that names the file", text, err)
		}
	}
	if left, err := os.ReadFile(filepath.Join(v.dir, KeyName)); err != nil || len(left) != 66 {
		t.Errorf("got %q (%v), want the file as it was", left, err)
	}
}
