package commands

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestStoryInABrowser plays web/tests/e2e/main-path.mjs: the main path as people see it. The pictures in docs/img are made
// by it: go test ./commands -run TestStoryInABrowser -args -images ../docs/img
func TestStoryInABrowser(t *testing.T) {
	if _, err := os.Stat("../web/node_modules/playwright-core"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("../web/node_modules is missing; make test brings it")
		}
		t.Skip("without the npm packages that make test brings to web/ there is no browser to play it; CI fails instead of skipping")
	}
	s := newBareStage(t)
	clock := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { s.ahead.Add(int64(31 * time.Minute)) }))
	defer clock.Close()
	failures := os.Getenv("STORY_FAILURES") // a folder for pictures of what went wrong
	play, err := json.Marshal(map[string]string{"desk": s.url, "phones": s.phones.URL, "clock": clock.URL, "owner": owner,
		"adminPassword": adminPassword, "agentPassword": agentPassword, "goodbye": goodbye, "images": absolute(t, *images), "failures": failures})
	s.must(err)
	node := exec.CommandContext(t.Context(), "node", "tests/e2e/main-path.mjs", string(play))
	node.Dir = "../web"
	if out, err := node.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func absolute(t *testing.T, dir string) string {
	t.Helper()
	if dir == "" {
		return ""
	}
	dir, err := filepath.Abs(dir)
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
