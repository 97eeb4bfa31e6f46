package secrets_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mostrador/hooks/secrets"
)

func TestVaultOpensWhatItSealed(t *testing.T) {
	for name, word := range map[string]string{"with SESSION_SECRET": "s3cret", "with a file": ""} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			v := &secrets.Vault{Dir: dir, Word: word}
			sealed, err := v.Seal("crm", "hunter2")
			if err != nil {
				t.Fatal(err)
			}
			again, err := v.Seal("crm", "hunter2")
			if err != nil || again == sealed || strings.Contains(sealed, "hunter2") {
				t.Errorf("got %q and %q (%v), want two that differ", sealed, again, err)
			}
			if got, err := (&secrets.Vault{Dir: dir, Word: word}).Open("crm", sealed); err != nil || got != "hunter2" {
				t.Errorf("after a restart: got %q (%v)", got, err)
			}
			if _, err := v.Open("erp", sealed); !errors.Is(err, secrets.ErrSealed) {
				t.Errorf("under another name: got %v, want %v", err, secrets.ErrSealed)
			}
			for i := range sealed {
				broken := sealed[:i] + "A" + sealed[i+1:]
				if got, err := v.Open("crm", broken); broken != sealed && err == nil {
					t.Errorf("with byte %d changed: got %q", i, got)
				}
			}
			for _, nothing := range []string{"", "1:", "2:" + sealed[2:], "1:AAAA"} {
				if _, err := v.Open("crm", nothing); !errors.Is(err, secrets.ErrSealed) {
					t.Errorf("%q: got %v, want %v", nothing, err, secrets.ErrSealed)
				}
			}
			info, err := os.Stat(filepath.Join(dir, secrets.KeyName))
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
	byFile, err := (&secrets.Vault{Dir: dir}).Seal("crm", "a")
	if err != nil {
		t.Fatal(err)
	}
	byWord, err := (&secrets.Vault{Dir: dir, Word: "one"}).Seal("crm", "b")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		v              *secrets.Vault
		byFile, byWord string
	}{
		"SESSION_SECRET set later":   {&secrets.Vault{Dir: dir, Word: "one"}, "a", "b"},
		"SESSION_SECRET changed":     {&secrets.Vault{Dir: dir, Word: "two"}, "a", ""},
		"SESSION_SECRET taken away":  {&secrets.Vault{Dir: dir}, "a", ""},
		"the database alone":         {&secrets.Vault{Dir: t.TempDir()}, "", ""},
		"the database and the word":  {&secrets.Vault{Dir: t.TempDir(), Word: "one"}, "", "b"},
		"a word that is the file's?": {&secrets.Vault{Dir: t.TempDir(), Word: "1"}, "", ""},
	} {
		for sealed, want := range map[string]string{byFile: tt.byFile, byWord: tt.byWord} {
			if got, err := tt.v.Open("crm", sealed); got != want || errors.Is(err, secrets.ErrSealed) != (want == "") {
				t.Errorf("%s: got %q (%v), want %q", name, got, err, want)
			}
		}
	}
}

func TestDamagedKeyFileIsNotReplaced(t *testing.T) {
	v := &secrets.Vault{Dir: t.TempDir()}
	writeKey := func(text string) {
		if err := os.WriteFile(filepath.Join(v.Dir, secrets.KeyName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range []string{"", "zz", strings.Repeat("0", 62), strings.Repeat("0", 66)} {
		writeKey(text)
		if _, err := v.Seal("crm", "a"); err == nil || !strings.Contains(err.Error(), secrets.KeyName) {
			t.Errorf("%q: got %v, want an error that names the file", text, err)
		}
	}
	if left, err := os.ReadFile(filepath.Join(v.Dir, secrets.KeyName)); err != nil || len(left) != 66 {
		t.Errorf("got %q (%v), want the file as it was", left, err)
	}
}
