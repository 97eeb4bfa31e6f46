package commands

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mostrador/hooks/store"
)

// running is a Main that serves in a goroutine of the test.
type running struct {
	url  string
	stop func() (code int, stderr string) // may be called more than once
	out  *bytes.Buffer                    // read after stop
}

// start runs a command that serves, waits until it answers, and stops it when the test ends.
func start(t *testing.T, env map[string]string, args ...string) running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready := make(chan string, 1)
	ended := make(chan int, 1)
	var out, errs bytes.Buffer
	m := &Main{Page: builtPage, Args: args, Env: env, Dir: t.TempDir(), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Now: time.Now,
		Ready: func(url string) { ready <- url }}
	go func() { ended <- m.Run(ctx) }()
	r := running{out: &out, stop: sync.OnceValues(func() (int, string) {
		cancel()
		select {
		case code := <-ended:
			return code, errs.String()
		case <-time.After(30 * time.Second):
			return -1, "it did not stop"
		}
	})}
	t.Cleanup(func() { r.stop() })
	select {
	case r.url = <-ready:
	case code := <-ended:
		t.Fatalf("mostrador %s: ended with %d before it answered: %s", strings.Join(args, " "), code, errs.String())
	case <-time.After(30 * time.Second):
		t.Fatalf("mostrador %s: did not answer", strings.Join(args, " "))
	}
	return r
}

func TestServeAnswersAndStops(t *testing.T) {
	desk := start(t, nil, "serve", "--http", "127.0.0.1:0", "--dir", t.TempDir())
	res, err := http.Get(desk.url + "/api/health")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 200 {
		t.Errorf("got %s, want 200", res.Status)
	}
	for path, want := range map[string]int{"/": 200, "/login": 200, "/demo/": 404, "/assets/none.js": 404, "/api/none": 404} {
		res, err := http.Get(desk.url + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s: got %s, want %d", path, res.Status, want)
		}
	}
	code, stderr := desk.stop()
	if code != 0 || stderr != "" {
		t.Errorf("stop: got exit code %d and stderr %q, want 0 and nothing", code, stderr)
	}
	if want := "listening on " + desk.url + "\n"; desk.out.String() != want {
		t.Errorf("got stdout %q, want %q", desk.out, want)
	}
}

// TestServeLogsNoAddresses: what is asked for may be a name, a number or a one-time token.
func TestServeLogsNoAddresses(t *testing.T) {
	dir := t.TempDir()
	desk := start(t, nil, "serve", "--http", "127.0.0.1:0", "--dir", dir)
	for _, path := range []string{"/setup?token=s3cret", "/api/conversations?q=s3cret", "/api/none/s3cret", "/a/s3cret.js", "/_/?s3cret"} {
		req, err := http.NewRequest("GET", desk.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Referer", desk.url+"/setup?token=s3cret")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
	if code, stderr := desk.stop(); code != 0 {
		t.Fatalf("got exit code %d and %q", code, stderr)
	}
	db, err := store.Connect(filepath.Join(dir, "auxiliary.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.NewQuery("SELECT COUNT(*) FROM _logs WHERE message || data LIKE '%s3cret%'").Row(&n); err != nil || n > 0 {
		t.Errorf("got %d log rows with what was asked for (%v), want none", n, err)
	}
}

func TestServeAgainOnTheSameFolder(t *testing.T) {
	dir := t.TempDir()
	for range 2 {
		if code, stderr := start(t, nil, "serve", "--http", "127.0.0.1:0", "--dir", dir).stop(); code != 0 {
			t.Fatalf("got exit code %d and %q, want 0", code, stderr)
		}
	}
}

func TestServeSaysWhyItCannot(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	owned := t.TempDir()
	start(t, nil, "serve", "--http", "127.0.0.1:0", "--dir", owned)
	file := filepath.Join(t.TempDir(), "file")
	writeFile(t, file, "")
	for name, c := range map[string]struct{ address, dir, want string }{
		"port in use":       {busy.Addr().String(), t.TempDir(), "choose another address with --http"},
		"no such address":   {"300.1.2.3:80", t.TempDir(), "choose another address with --http"},
		"folder in use":     {"127.0.0.1:0", owned, "is in use by another mostrador (process "},
		"folder is a file":  {"127.0.0.1:0", file, "name another one with --dir"},
		"folder in nowhere": {"127.0.0.1:0", "/proc/nowhere", "name another one with --dir"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := runMain(t, "serve", "--http", c.address, "--dir", c.dir)
			if code != 1 || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, c.want) {
				t.Errorf("got exit code %d, stdout %q, stderr %q, want 1, nothing and one line with %q", code, stdout, stderr, c.want)
			}
		})
	}
}

func TestServeReadsTheEnvironment(t *testing.T) {
	desk := start(t, map[string]string{"DATABASE_URL": "mysql://x"}, "serve", "--http", "127.0.0.1:0", "--dir", t.TempDir())
	if _, stderr := desk.stop(); strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "DATABASE_URL") {
		t.Errorf("got stderr %q, want one line that names DATABASE_URL", stderr)
	}
	var errs bytes.Buffer
	m := &Main{Page: builtPage, Args: []string{"serve"}, Env: map[string]string{"PORT": "zero"}, Dir: t.TempDir(), Stderr: &errs, Now: time.Now}
	if code := m.Run(t.Context()); code != 1 || !strings.Contains(errs.String(), `PORT is "zero"`) {
		t.Errorf("got exit code %d and stderr %q, want 1 and PORT", code, errs.String())
	}
}

func TestServeKeepsRealAndEmulatedApart(t *testing.T) {
	emulator := start(t, nil, "wasim", "--listen", "127.0.0.1:0")
	dir := t.TempDir()
	serve := []string{"serve", "--http", "127.0.0.1:0", "--dir", dir}
	start(t, nil, append(serve, "--whatsapp", emulator.url)...).stop()
	start(t, nil, serve...).stop() // nothing is linked yet: it may become a real one

	link := func(device string) {
		t.Helper()
		f, err := openFolder(dir, true, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer f.close()
		_, err = f.app.NonconcurrentDB().NewQuery("INSERT INTO lines (id, name, standard, device) VALUES ('line', 'WhatsApp', TRUE, '" +
			device + "') ON CONFLICT (id) DO UPDATE SET device = excluded.device").Execute()
		if err != nil {
			t.Fatal(err)
		}
	}
	link("1:1@s.whatsapp.net")
	code, _, stderr := runMain(t, append(serve, "--whatsapp", emulator.url)...)
	if code != 1 || !strings.Contains(stderr, "linked to the real WhatsApp") {
		t.Errorf("a real line on an emulated server: got exit code %d and %q, want 1 and why", code, stderr)
	}
	link("")
	start(t, nil, append(serve, "--whatsapp", emulator.url)...).stop()
	link("1:1@s.whatsapp.net")
	code, _, stderr = runMain(t, serve...)
	if code != 1 || !strings.Contains(stderr, "linked to an emulated WhatsApp") {
		t.Errorf("an emulated line on the real server: got exit code %d and %q, want 1 and why", code, stderr)
	}
}

func TestServeSaysWhatIsWrongWithTheEmulatedWhatsApp(t *testing.T) {
	for want, args := range map[string][]string{
		"--no-limit is for an emulated WhatsApp": {"--no-limit"},
		"start one with mostrador wasim":         {"--whatsapp", "http://127.0.0.1:1"},
	} {
		code, _, stderr := runMain(t, append([]string{"serve", "--http", "127.0.0.1:0", "--dir", t.TempDir()}, args...)...)
		if code != 1 || !strings.Contains(stderr, want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: got exit code %d and %q, want 1 and %q", args[0], code, stderr, want)
		}
	}
}

func TestServeRefusesHostsThatCannotBeMeant(t *testing.T) {
	code, _, stderr := runMain(t, "serve", "--http", "127.0.0.1:0", "--dir", t.TempDir(), "--allow-host", "erp.lan", "--allow-host", "http://erp.lan/")
	if code != 1 || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, `--allow-host: "http://erp.lan/" is not a host`) {
		t.Errorf("got exit code %d and %q, want 1 and one line that names the entry", code, stderr)
	}
}

// TestServeNeedsAnAddress: an empty one, such as of a variable that is not set, must not open every address at any port.
func TestServeNeedsAnAddress(t *testing.T) {
	for _, command := range []string{"serve", "demo"} {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		var errs bytes.Buffer
		m := &Main{Page: builtPage, Args: []string{command, "--http", "", "--dir", t.TempDir()}, Dir: t.TempDir(), Stdout: io.Discard, Stderr: &errs, Now: time.Now,
			Ready: func(string) { cancel() }}
		if code := m.Run(ctx); code != 1 || !strings.Contains(errs.String(), "--http is empty") {
			t.Errorf("%s: got exit code %d and stderr %q, want 1 and what is missing", command, code, errs.String())
		}
	}
}
