package main

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"mostrador/bench"
)

// TestDemoIsTheWholeProduct goes through what somebody does who has just cloned the repository.
func TestDemoIsTheWholeProduct(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	dir := t.TempDir()
	served := start(t, nil, "demo", "--http", "127.0.0.1:0", "--dir", dir)
	phones := bench.Phones{URL: served.url + "/demo/api"}
	desk := signInAs(t, ctx, served, dir, "ana")
	if err := desk.WaitForLine(ctx, "waiting_scan"); err != nil {
		t.Fatal(err)
	}
	if err := desk.Link(ctx, phones, demoOwner); err != nil {
		t.Fatal(err)
	}
	if _, err := phones.Say(ctx, demoCustomers[0].number, demoOwner, "hola"); err != nil {
		t.Fatal(err)
	}
	entries := waitForAnswer(t, ctx, phones, demoCustomers[0].number)
	if got := entries[len(entries)-1]; got.FromMe || got.Text == "" {
		t.Errorf("got %+v, want an answer of the flow", got)
	}
	if code, stderr := served.stop(); code != 0 || stderr != "" {
		t.Fatalf("stop: got exit code %d and %q", code, stderr)
	}

	again := start(t, nil, "demo", "--http", "127.0.0.1:0", "--dir", dir)
	desk = signInAs(t, ctx, again, dir, "carmen")
	if err := desk.WaitForLine(ctx, "connected"); err != nil {
		t.Errorf("after a restart: %v", err)
	}
	if got := crossSite(t, again.url+"/demo/api/phones"); got != http.StatusForbidden {
		t.Errorf("another site types on the phones: got %d, want 403", got)
	}
}

var demoPassword = regexp.MustCompile(`demo-[a-z0-9]{8}`)

// signInAs takes the password from where demo keeps it.
func signInAs(t *testing.T, ctx context.Context, served running, dir, username string) *bench.Desk {
	t.Helper()
	desk, err := bench.SignIn(ctx, served.url, username, demoPassword.FindString(string(read(t, dir+"/demo.json"))))
	if err != nil {
		t.Fatal(err)
	}
	return desk
}

func waitForAnswer(t *testing.T, ctx context.Context, phones bench.Phones, number string) []bench.ChatEntry {
	t.Helper()
	for {
		entries, err := phones.Chat(ctx, number, demoOwner, 1, 2*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) > 0 {
			return entries
		}
	}
}

func crossSite(t *testing.T, address string) int {
	t.Helper()
	req, err := http.NewRequest("POST", address, strings.NewReader(`{"number":"+5491155550199"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

func TestDemoRefusesAFolderWithARealLine(t *testing.T) {
	dir := t.TempDir()
	f, err := openFolder(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.app.NonconcurrentDB().NewQuery("INSERT INTO lines (id, name, device) VALUES ('line', 'WhatsApp', '1:1@s.whatsapp.net')").Execute()
	f.close()
	if err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := runMain(t, "demo", "--http", "127.0.0.1:0", "--dir", dir)
	if code != 1 || stdout != "" || !strings.Contains(stderr, "linked to the real WhatsApp") {
		t.Errorf("got exit code %d, stdout %q, stderr %q, want 1, nothing and why", code, stdout, stderr)
	}
}
