package commands

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"
)

// builtPage is what the binary carries.
var builtPage = os.DirFS("../pb_public")

// runMain carries out one command with its own streams and an empty environment.
func runMain(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	m := &Main{Page: builtPage, Args: args, Dir: t.TempDir(), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Now: time.Now}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second) // a command that should have ended and serves
	defer cancel()
	code = m.Run(ctx)
	if ctx.Err() != nil {
		t.Fatalf("mostrador %s: did not end by itself", strings.Join(args, " "))
	}
	return code, out.String(), errs.String()
}

func TestWrongCommandLinesSayOneSentence(t *testing.T) {
	for name, args := range map[string][]string{
		"unknown command": {"srve"},
		"unknown flag":    {"--nonsense"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := runMain(t, args...)
			if code != 1 || stdout != "" {
				t.Errorf("got exit code %d and stdout %q, want 1 and nothing", code, stdout)
			}
			if strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, args[0]) || !strings.Contains(stderr, "--help") {
				t.Errorf("got stderr %q, want one line that names %q and --help", stderr, args[0])
			}
		})
	}
}

// TestEveryCommandHasHelpWithAnExample walks the whole tree of commands.
func TestEveryCommandHasHelpWithAnExample(t *testing.T) {
	m := &Main{Page: builtPage}
	pending := append(m.root().Commands(), m.root())
	for len(pending) > 0 {
		cmd := pending[0]
		pending = append(pending[1:], cmd.Commands()...)
		args := append(strings.Fields(cmd.CommandPath())[1:], "--help")
		code, stdout, stderr := runMain(t, args...)
		if code != 0 || stderr != "" || !strings.Contains(stdout, "Examples:\n  mostrador ") {
			t.Errorf("%s --help: got exit code %d, stderr %q and stdout %q, want 0 and help with an example", cmd.CommandPath(), code, stderr, stdout)
		}
	}
}

func TestEnvironmentWinsOverEnvFile(t *testing.T) {
	m := &Main{Page: builtPage, Dir: t.TempDir(), Env: map[string]string{"PORT": "5000"}}
	writeFile(t, m.Dir+"/.env", "PORT=4000\nSESSION_COOKIE_NAME=desk\n")
	got, err := m.environment()
	if err != nil || got.Port != 5000 || got.SessionCookie != "desk" {
		t.Errorf("got port %d, cookie %q, error %v, want 5000, desk and none", got.Port, got.SessionCookie, err)
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func writeFile(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
