package commands

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func TestWasimKeepsItsKeyWithState(t *testing.T) {
	dir := t.TempDir()
	var keys []string
	for range 2 {
		emulator := start(t, nil, "wasim", "--listen", "127.0.0.1:0", "--state", dir)
		res, err := http.Get(emulator.url + "/state")
		if err != nil {
			t.Fatal(err)
		}
		var state struct{ RootKey, WebSocket string }
		err = json.NewDecoder(res.Body).Decode(&state)
		res.Body.Close()
		if err != nil || len(state.RootKey) != 64 || !strings.HasPrefix(state.WebSocket, "ws"+strings.TrimPrefix(emulator.url, "http")) {
			t.Fatalf("got %+v and error %v, want a key of 64 digits and a socket at %s", state, err, emulator.url)
		}
		keys = append(keys, state.RootKey)
		if code, stderr := emulator.stop(); code != 0 || stderr != "" {
			t.Fatalf("stop: got exit code %d and %q", code, stderr)
		}
	}
	if keys[0] != keys[1] {
		t.Errorf("got the keys %s and %s, want the same after a restart", keys[0], keys[1])
	}
}

func TestWasimListensOnThisMachineOnly(t *testing.T) {
	code, stdout, stderr := runMain(t, "wasim", "--listen", "0.0.0.0:0")
	if code != 1 || stdout != "" || !strings.Contains(stderr, "loopback") {
		t.Errorf("got exit code %d, stdout %q, stderr %q, want 1, nothing and a word on loopback", code, stdout, stderr)
	}
}
