package commands

import (
	"bytes"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"
)

const goodPassword = "correct-horse-41"

// runIn carries out a command that reads from standard input.
func runIn(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	m := &Main{Page: builtPage, Args: args, Dir: t.TempDir(), Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs, Now: time.Now}
	return m.Run(t.Context()), out.String(), errs.String()
}

func TestAdminCreateMakesSomebodyWhoMaySignIn(t *testing.T) {
	dir := t.TempDir()
	create := []string{"admin", "create", "--dir", dir, "--email", "Ana@Example.com", "--username", "ana"}
	if code, _, stderr := runIn(t, goodPassword+"\n", append(create, "--password-stdin")...); code != 0 {
		t.Fatalf("got exit code %d and %q, want 0", code, stderr)
	}
	code, stdout, stderr := runIn(t, "", append(create, "--reset")...)
	_, token, ok := strings.Cut(stdout, "/setup#token=")
	if code != 0 || !ok {
		t.Fatalf("reset: got exit code %d, stdout %q, stderr %q, want 0 and a link", code, stdout, stderr)
	}
	desk := start(t, nil, "serve", "--http", "127.0.0.1:0", "--dir", dir)
	for _, c := range []struct{ path, body string }{
		{"/api/auth/login", `{"identity":"ana","password":"` + goodPassword + `"}`},
		{"/api/auth/login", `{"identity":"ana@example.com","password":"` + goodPassword + `"}`},
		{"/api/auth/setup", `{"token":"` + strings.TrimSpace(token) + `","password":"another-horse-42"}`},
		{"/api/auth/login", `{"identity":"ana","password":"another-horse-42"}`},
	} {
		if got := post(t, desk.url+c.path, c.body); got != 200 {
			t.Errorf("%s %s: got %d, want 200", c.path, c.body, got)
		}
	}
	code, _, stderr = runMain(t, create...)
	if code != 1 || !strings.Contains(stderr, "is in use by another mostrador") {
		t.Errorf("while the desk runs: got exit code %d and %q, want 1 and why", code, stderr)
	}
}

func TestAdminCreateSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	ana := []string{"--email", "ana@example.com", "--username", "ana"}
	if code, _, stderr := runIn(t, "", append([]string{"admin", "create", "--dir", dir}, ana...)...); code != 0 {
		t.Fatalf("got exit code %d and %q, want 0", code, stderr)
	}
	for name, c := range map[string]struct {
		args        []string
		stdin, want string
	}{
		"nobody":             {nil, "", "give --email"},
		"no username":        {[]string{"--email", "x@example.com"}, "", "give --username"},
		"twice":              {ana, "", "username"},
		"weak password":      {[]string{"--email", "b@example.com", "--username", "bruno", "--password-stdin"}, "short\n", "10"},
		"no password given":  {[]string{"--email", "b@example.com", "--username", "bruno", "--password-stdin"}, "", "standard input"},
		"no such role":       {[]string{"--email", "b@example.com", "--username", "bruno", "--role", "KING"}, "", "ADMIN, SUPERVISOR or OPERATOR"},
		"reset of nobody":    {[]string{"--username", "nobody", "--reset"}, "", "leave out --reset"},
		"superuser unguided": {[]string{"--superuser", "--email", "x@example.com"}, "", "--password-stdin"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := runIn(t, c.stdin, append([]string{"admin", "create", "--dir", dir}, c.args...)...)
			if code != 1 || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, c.want) {
				t.Errorf("got exit code %d, stdout %q, stderr %q, want 1, nothing and one line with %q", code, stdout, stderr, c.want)
			}
		})
	}
}

func TestAdminCreatePrintsTheWholeLinkWhereItCan(t *testing.T) {
	dir := t.TempDir()
	link := func(env map[string]string) string {
		t.Helper()
		var out, errs bytes.Buffer
		m := &Main{Page: builtPage, Args: []string{"admin", "create", "--dir", dir, "--email", "ana@example.com", "--username", "ana", "--reset"}, Env: env,
			Dir: t.TempDir(), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Now: time.Now}
		if code := m.Run(t.Context()); code != 0 {
			t.Fatalf("got exit code %d and %q, want 0", code, errs.String())
		}
		_, line, _ := strings.Cut(out.String(), "\n")
		address, _, _ := strings.Cut(line, "/setup#token=")
		return address
	}
	if code, _, stderr := runIn(t, "", "admin", "create", "--dir", dir, "--email", "ana@example.com", "--username", "ana"); code != 0 {
		t.Fatalf("got exit code %d and %q, want 0", code, stderr)
	}
	if got := link(nil); got != "" {
		t.Errorf("got %q, want the path alone: nobody knows the address", got)
	}
	if got, want := link(map[string]string{"PORT": "4000"}), "http://127.0.0.1:4000"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	f, err := openFolder(dir, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	f.app.Settings().Meta.AppURL = "https://desk.example.com/"
	if err := f.app.Save(f.app.Settings()); err != nil {
		t.Fatal(err)
	}
	f.close()
	if got, want := link(map[string]string{"PORT": "4000"}), "https://desk.example.com"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Who resets a password may have a reason: whoever was signed in with the old one is not any more.
func TestAdminCreateResetSignsOut(t *testing.T) {
	dir := t.TempDir()
	create := []string{"admin", "create", "--dir", dir, "--email", "ana@example.com", "--username", "ana", "--password-stdin"}
	if code, _, stderr := runIn(t, goodPassword+"\n", create...); code != 0 {
		t.Fatalf("got exit code %d and %q, want 0", code, stderr)
	}
	desk := start(t, nil, "serve", "--http", "127.0.0.1:0", "--dir", dir)
	res, err := http.Post(desk.url+"/api/auth/login", "application/json", strings.NewReader(`{"identity":"ana","password":"`+goodPassword+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	me := func() int {
		t.Helper()
		req, err := http.NewRequest("GET", desk.url+"/api/auth/me", nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range res.Cookies() {
			req.AddCookie(c)
		}
		answer, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	if got := me(); got != 200 {
		t.Fatalf("signed in: got %d, want 200", got)
	}
	desk.stop()
	if code, _, stderr := runIn(t, "another-horse-42\n", append(create, "--reset")...); code != 0 {
		t.Fatalf("reset: got exit code %d and %q, want 0", code, stderr)
	}
	desk = start(t, nil, "serve", "--http", "127.0.0.1:0", "--dir", dir)
	if got := me(); got != 401 {
		t.Errorf("the browser of before: got %d, want 401", got)
	}
}

// TestAdminCreateResetNamesWhoItIs: also who was found by their address; and nobody who is switched off "may sign in".
func TestAdminCreateResetNamesWhoItIs(t *testing.T) {
	dir := t.TempDir()
	create := []string{"admin", "create", "--dir", dir, "--email", "ana@example.com"}
	if code, _, stderr := runIn(t, "", append(create, "--username", "ana")...); code != 0 {
		t.Fatalf("got exit code %d and %q, want 0", code, stderr)
	}
	if _, stdout, _ := runIn(t, goodPassword+"\n", append(create, "--reset", "--password-stdin")...); stdout != "ana may sign in\n" {
		t.Errorf("a password: got %q", stdout)
	}
	if _, stdout, _ := runIn(t, "", append(create, "--reset")...); !strings.HasPrefix(stdout, "ana chooses a password") {
		t.Errorf("a link: got %q", stdout)
	}
	f, err := openFolder(dir, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.app.NonconcurrentDB().NewQuery("UPDATE users SET active = FALSE").Execute()
	if f.close(); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := runIn(t, goodPassword+"\n", append(create, "--reset", "--password-stdin")...)
	if code != 1 || stdout != "" || !strings.Contains(stderr, "ana is switched off") {
		t.Errorf("switched off: got exit code %d, %q and %q, want it said", code, stdout, stderr)
	}
}

func TestAdminCreateSuperuser(t *testing.T) {
	dir := t.TempDir()
	for range 2 { // the second time it is a new password
		code, _, stderr := runIn(t, goodPassword, "admin", "create", "--dir", dir, "--superuser", "--email", "ops@example.com", "--password-stdin")
		if code != 0 {
			t.Fatalf("got exit code %d and %q, want 0", code, stderr)
		}
	}
	desk := start(t, nil, "serve", "--http", "127.0.0.1:0", "--dir", dir)
	got := post(t, desk.url+"/api/collections/_superusers/auth-with-password", `{"identity":"ops@example.com","password":"`+goodPassword+`"}`)
	if got != 200 {
		t.Errorf("sign in: got %d, want 200", got)
	}
}

func post(t *testing.T, address, body string) int {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := (&http.Client{Jar: jar}).Post(address, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}
