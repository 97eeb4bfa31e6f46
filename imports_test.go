package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// packages is the architecture: what each package is for, and which modules besides the standard library its code (not
// its tests) may import. A new package needs its sentence here. A name ending in "/" allows everything below it.
var packages = map[string]struct {
	is  string
	may []string
}{
	".": {"The program: embeds the page and starts the command line.", []string{"mostrador/commands"}},
	"commands": {"The command line: reads flags and environment, wires the rest together, opens the desk.",
		[]string{"mostrador/hooks", "mostrador/hooks/", "mostrador/page", "mostrador/whatsapp", "mostrador/whatsapp/wasim", "mostrador/flows", "mostrador/pb_migrations", "mostrador/bench",
			pocketBase, "github.com/pocketbase/dbx", "github.com/spf13/cobra", "github.com/mattn/go-sqlite3", "golang.org/x/sys/unix"}},
	"page":  {"The built page, served.", nil},
	"flows": {"Decides: what a flow says next. No I/O, no clock, no random, no logger.", nil},
	"hooks": {"Does: the only code that touches the database; hooks, routes, loops, clock jobs.",
		[]string{"mostrador/flows", "mostrador/hooks/", "mostrador/whatsapp", "mostrador/pb_migrations", pocketBase, "github.com/pocketbase/dbx",
			"github.com/robfig/cron/v3", "github.com/mattn/go-sqlite3"}},
	"hooks/store": {"The database and its one writer: causes, rows, ids, what happened.",
		[]string{"mostrador/hooks/rights", "mostrador/flows", "mostrador/whatsapp", pocketBase, "github.com/pocketbase/dbx", "github.com/mattn/go-sqlite3"}},
	"hooks/rights": {"Who may see and do what: roles, and the one rule of sight.", nil},
	"hooks/fetch":  {"Asks other systems: HTTP requests to addresses that people typed, which reach public addresses only.", nil},
	"whatsapp": {"The line: our words for what WhatsApp does, over whatsmeow.",
		[]string{"go.mau.fi/", "google.golang.org/protobuf/", "github.com/mattn/go-sqlite3", "github.com/rs/zerolog", "golang.org/x/time/"}},
	"whatsapp/wasim": {"A WhatsApp server in a box, for tests, the demo and benchmarks.",
		[]string{"go.mau.fi/", "google.golang.org/protobuf/", "github.com/coder/websocket", "golang.org/x/crypto/", "github.com/mattn/go-sqlite3", "filippo.io/edwards25519"}},
	"bench": {"Measures: the desk from outside, beside a bare WhatsApp client. Nothing of the product imports it but the command.",
		[]string{"mostrador/whatsapp", "go.mau.fi/whatsmeow/", "google.golang.org/protobuf/"}},
	"pb_migrations": {"The data model: collections, indexes and access rules.",
		[]string{pocketBase, "github.com/pocketbase/dbx"}},
}

const pocketBase = "github.com/pocketbase/pocketbase/"

// TestImports holds who may import whom.
func TestImports(t *testing.T) {
	seen := map[string]bool{}
	for _, file := range goFiles(t) {
		dir := filepath.ToSlash(filepath.Dir(file))
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		rule, ok := packages[dir]
		if !ok {
			t.Errorf("%s: a package without its sentence in imports_test.go", dir)
			continue
		}
		seen[dir] = true
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range tree.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			if foreign(name) && !slices.ContainsFunc(rule.may, func(allowed string) bool { return covers(allowed, name) }) {
				t.Errorf("%s imports %s: %s is: %s", file, name, dir, rule.is)
			}
		}
	}
	for dir := range packages {
		if !seen[dir] {
			t.Errorf("%s: has a sentence in imports_test.go and no code", dir)
		}
	}
}

// foreign tells whether an import is not of the standard library.
func foreign(name string) bool {
	first, _, _ := strings.Cut(name, "/")
	return first == "mostrador" || strings.Contains(first, ".")
}

func covers(allowed, name string) bool {
	if below, ok := strings.CutSuffix(allowed, "/"); ok {
		return name == below || strings.HasPrefix(name, allowed)
	}
	return name == allowed
}

// TestImportRules holds the rule matcher itself: a rule that covers too much holds nothing.
func TestImportRules(t *testing.T) {
	for _, c := range []struct {
		allowed, name string
		want          bool
	}{
		{"mostrador/whatsapp", "mostrador/whatsapp", true},
		{"mostrador/whatsapp", "mostrador/whatsapp/wasim", false},
		{pocketBase, "github.com/pocketbase/pocketbase", true},
		{pocketBase, "github.com/pocketbase/pocketbase/core", true},
		{pocketBase, "github.com/pocketbase/pocketbasement", false},
	} {
		if got := covers(c.allowed, c.name); got != c.want {
			t.Errorf("covers(%q, %q): got %v, want %v", c.allowed, c.name, got, c.want)
		}
	}
}

// goFiles lists every Go file of the module, slash-separated and relative to its root.
func goFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".go") {
			files = append(files, filepath.ToSlash(path))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
