package commands

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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
	f, err := openFolder(dir, true, nil)
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

// TestDemoThatWasInterrupted begins again with an empty folder; one that is somebody's keeps what is in it.
func TestDemoThatWasInterrupted(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	dir := t.TempDir()
	served := start(t, nil, "demo", "--http", "127.0.0.1:0", "--dir", dir)
	if code, stderr := served.stop(); code != 0 || stderr != "" {
		t.Fatalf("stop: got exit code %d and %q", code, stderr)
	}
	// As a kill leaves it: some people and chats are there, and the mark.
	f, err := openFolder(dir, true, nil)
	if err == nil {
		_, err = f.app.NonconcurrentDB().NewQuery("DELETE FROM conversations WHERE status = 'closed'").Execute()
		f.close()
	}
	if err = errors.Join(err, os.Remove(filepath.Join(dir, "demo.json")), os.WriteFile(filepath.Join(dir, halfMade), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	served = start(t, nil, "demo", "--http", "127.0.0.1:0", "--dir", dir)
	closed, err := signInAs(t, ctx, served, dir, "ana").Conversations(ctx, "closed", 10)
	if err != nil || len(closed) != 3 {
		t.Errorf("got %d closed conversations (%v), want the 3 of a new demo", len(closed), err)
	}
	if code, stderr := served.stop(); code != 0 || stderr != "" {
		t.Fatalf("stop: got exit code %d and %q", code, stderr)
	}
	if _, err := os.Stat(filepath.Join(dir, halfMade)); err == nil {
		t.Error("a demo that is done has the mark still")
	}

	other := t.TempDir()
	theirs := filepath.Join(other, "thesis.txt")
	if err := os.WriteFile(theirs, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		served = start(t, nil, "demo", "--http", "127.0.0.1:0", "--dir", other)
		served.stop()
	}
	if _, err := os.Stat(theirs); err != nil {
		t.Error("the demo took a file that was there before it")
	}
}

// TestDemoRemembers: a new demo has chats from before, on the desk and on the phones alike, and goes on with them.
func TestDemoRemembers(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	dir := t.TempDir()
	served := start(t, nil, "demo", "--http", "127.0.0.1:0", "--dir", dir, "--lang", "en")
	phones := bench.Phones{URL: served.url + "/demo/api"}
	ana, carmen := signInAs(t, ctx, served, dir, "ana"), signInAs(t, ctx, served, dir, "carmen")
	chats := func() map[string]int { // conversations by status
		t.Helper()
		count := map[string]int{}
		for _, status := range []string{"bot", "waiting", "open", "closed"} {
			list, err := ana.Conversations(ctx, status, 100)
			if err != nil {
				t.Fatal(err)
			}
			count[status] = len(list)
		}
		return count
	}
	want := map[string]int{"bot": 0, "waiting": 1, "open": 2, "closed": 3}
	if got := chats(); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	open, err := carmen.Conversations(ctx, "open", 10)
	if err != nil || len(open) != 1 {
		t.Fatalf("got %d open for carmen (%v), want one", len(open), err)
	}
	number, before := open[0].Contact.Phone, 0
	if entries, err := phones.Chat(ctx, number, demoOwner, 0, 0); err != nil || len(entries) < 15 || !entries[0].FromMe {
		t.Fatalf("the phone of %s shows %+v (%v), want what was said in the past", open[0].Contact.Name, entries, err)
	} else {
		before = entries[len(entries)-1].N
	}
	if err := ana.Link(ctx, phones, demoOwner); err != nil { // the owner's phone hands its history over
		t.Fatal(err)
	}
	if err := carmen.Answer(ctx, open[0].ID, "later", "Friday it is."); err != nil {
		t.Fatal(err)
	}
	for answered := false; !answered; {
		entries, err := phones.Chat(ctx, number, demoOwner, before, 2*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		answered = slices.ContainsFunc(entries, func(e bench.ChatEntry) bool { return e.Text == "Friday it is." && !e.FromMe })
	}
	if got := chats(); !maps.Equal(got, want) {
		t.Errorf("after linking: got %v, want %v", got, want)
	}
	if code, stderr := served.stop(); code != 0 || stderr != "" {
		t.Fatalf("stop: got exit code %d and %q", code, stderr)
	}
	again := start(t, nil, "demo", "--http", "127.0.0.1:0", "--dir", dir, "--lang", "en")
	ana = signInAs(t, ctx, again, dir, "ana")
	if got := chats(); !maps.Equal(got, want) {
		t.Errorf("after a restart: got %v, want %v", got, want)
	}
}
