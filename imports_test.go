package main

import (
	"bytes"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// room is what a package is for, the floor that it stands on, and what its code (not its tests) may import besides the standard library:
// rooms of lower floors by their names, and modules. A name ending in "/" allows everything below it.
type room struct {
	is    string // the same sentence as its package comment
	floor int    // 0: beside the house
	may   []string
	uses  []string // other modules
}

// packages is the architecture. A new package needs its sentence here.
//
//	floor 15   the program
//	floor 14   commands
//	floor 13   sample       desktest
//	floor 12   hooks
//	floor 11   runner       lines
//	floor 10   receive
//	floor  9   outbox       editor
//	floor  8   media        people
//	floor  7   contacts     presence
//	floor  6   conversation
//	floor  5   view         facts        auth         calls
//	floor  4   realtime     settings     secrets
//	floor  3   api
//	floor  2   store
//	floor  1   rights       fetch
var packages = map[string]room{
	".": {is: "The program: embeds the page and starts the command line.", floor: 15, may: []string{"commands"}},
	"commands": {is: "The command line: reads flags and environment, wires the rest together, opens the desk.", floor: 14,
		may:  []string{"hooks", "hooks/", "page", "whatsapp", "whatsapp/wasim", "flows", "pb_migrations", "bench"},
		uses: []string{pocketBase, dbx, "github.com/spf13/cobra", sqlite, "golang.org/x/sys/unix"}},
	"page":  {is: "The built page, served."},
	"flows": {is: "Decides: what a flow says next. No I/O, no clock, no random, no logger."},
	"whatsapp": {is: "The line: our words for what WhatsApp does, over whatsmeow.",
		uses: []string{"go.mau.fi/", "google.golang.org/protobuf/", sqlite, "github.com/rs/zerolog", "golang.org/x/time/"}},
	"whatsapp/wasim": {is: "A WhatsApp server in a box, for tests, the demo and benchmarks.",
		uses: []string{"go.mau.fi/", "google.golang.org/protobuf/", "github.com/coder/websocket", "golang.org/x/crypto/", sqlite, "filippo.io/edwards25519"}},
	"bench": {is: "Measures: the desk from outside, beside a bare WhatsApp client. Nothing of the product imports it but the command.",
		may: []string{"whatsapp"}, uses: []string{"go.mau.fi/whatsmeow/", "google.golang.org/protobuf/"}},
	"pb_migrations": {is: "The data model: collections, indexes and access rules.", uses: []string{pocketBase, dbx}},

	"hooks": {is: "The desk put together: its subjects, what runs, the clock, the list of routes.", floor: 12,
		may: []string{"hooks/", "whatsapp", "flows", "pb_migrations"}, uses: []string{pocketBase, dbx, "github.com/robfig/cron/v3", sqlite}},
	"hooks/sample": {is: "What an empty desk is given: sample areas and flows, and the past of a demo.", floor: 13,
		may: []string{"flows", "hooks", "hooks/conversation", "hooks/editor", "hooks/lines", "hooks/outbox", "hooks/rights", "hooks/runner", "hooks/settings", "hooks/store", "whatsapp"}, uses: []string{dbx, pocketBase}},
	"hooks/desktest": {is: "The desk for tests: alone, over HTTP, and with an emulated WhatsApp.", floor: 13,
		may: []string{"flows", "hooks", "hooks/", "pb_migrations", "whatsapp", "whatsapp/wasim"}, uses: []string{dbx, pocketBase, "golang.org/x/crypto/"}},
	"hooks/lines": {is: "The lines to WhatsApp as the desk runs them: link, state, QR.", floor: 11,
		may: []string{"hooks/api", "hooks/contacts", "hooks/conversation", "hooks/media", "hooks/outbox", "hooks/receive", "hooks/rights", "hooks/store", "whatsapp"}, uses: []string{dbx, pocketBase}},
	"hooks/runner": {is: "Flows at work on a conversation: the inbox loop, steps, and what they decide.", floor: 11,
		may: []string{"flows", "hooks/api", "hooks/calls", "hooks/contacts", "hooks/conversation", "hooks/facts", "hooks/receive", "hooks/rights", "hooks/settings", "hooks/store", "hooks/view", "whatsapp"}, uses: []string{dbx, pocketBase}},
	"hooks/receive": {is: "What comes in: stored before it is acknowledged.", floor: 10,
		may: []string{"hooks/contacts", "hooks/conversation", "hooks/media", "hooks/outbox", "hooks/settings", "hooks/store", "whatsapp"}, uses: []string{dbx}},
	"hooks/editor": {is: "Flows as people make them: drafts, versions, tests, publishing, counts.", floor: 9,
		may: []string{"flows", "hooks/api", "hooks/facts", "hooks/media", "hooks/rights", "hooks/secrets", "hooks/settings", "hooks/store"}, uses: []string{dbx, pocketBase}},
	"hooks/outbox": {is: "What leaves: what people write, sending, receipts, read marks.", floor: 9,
		may: []string{"hooks/api", "hooks/contacts", "hooks/conversation", "hooks/media", "hooks/rights", "hooks/store", "hooks/view", "whatsapp"}, uses: []string{dbx, pocketBase}},
	"hooks/media": {is: "Files: fetched from WhatsApp, uploaded by people, shown to those who may.", floor: 8,
		may: []string{"hooks/api", "hooks/contacts", "hooks/conversation", "hooks/rights", "hooks/settings", "hooks/store", "hooks/view", "whatsapp"}, uses: []string{dbx, pocketBase}},
	"hooks/people": {is: "Users and areas, as admins manage them.", floor: 8,
		may: []string{"hooks/api", "hooks/auth", "hooks/conversation", "hooks/presence", "hooks/rights", "hooks/settings", "hooks/store"}, uses: []string{dbx, pocketBase}},
	"hooks/contacts": {is: "Who the customer is: addresses, merging, the card.", floor: 7,
		may: []string{"hooks/api", "hooks/conversation", "hooks/rights", "hooks/store", "hooks/view", "whatsapp"}, uses: []string{dbx, pocketBase}},
	"hooks/presence": {is: "Who is at the desk: availability, coming and going, who types and looks.", floor: 7,
		may: []string{"hooks/api", "hooks/auth", "hooks/conversation", "hooks/rights", "hooks/store", "hooks/view"}, uses: []string{dbx}},
	"hooks/conversation": {is: "The life of a conversation: who has it, who waits, how it ends.", floor: 6,
		may: []string{"hooks/api", "hooks/facts", "hooks/rights", "hooks/settings", "hooks/store", "hooks/view", "whatsapp"}, uses: []string{dbx, pocketBase}},
	"hooks/auth": {is: "Who signs in: sessions, the guard, accounts.", floor: 5,
		may: []string{"hooks/api", "hooks/realtime", "hooks/rights", "hooks/settings", "hooks/store"}, uses: []string{dbx, pocketBase}},
	"hooks/calls": {is: "What flows ask of other systems and of language models: rows, a loop, reasons.", floor: 5,
		may: []string{"flows", "hooks/api", "hooks/fetch", "hooks/secrets", "hooks/settings", "hooks/store"}, uses: []string{pocketBase}},
	"hooks/facts": {is: "What flows need to know of the desk: areas, opening hours, published flows.", floor: 5,
		may: []string{"flows", "hooks/settings", "hooks/store"}, uses: []string{dbx, pocketBase}},
	"hooks/view": {is: "What agents see: conversations, messages, lists, threads, and what they missed.", floor: 5,
		may: []string{"hooks/api", "hooks/realtime", "hooks/rights", "hooks/store", "whatsapp"}, uses: []string{dbx, pocketBase}},
	"hooks/realtime": {is: "Open streams: brings an event to those who may see it, and never waits for a browser.", floor: 4,
		may: []string{"hooks/api", "hooks/rights", "hooks/store"}, uses: []string{pocketBase}},
	"hooks/secrets": {is: "Values that requests carry and nobody is shown again.", floor: 4,
		may: []string{"flows", "hooks/api", "hooks/fetch", "hooks/rights", "hooks/store"}, uses: []string{dbx, pocketBase}},
	"hooks/settings": {is: "What an admin sets: settings, quick replies, tags.", floor: 4,
		may: []string{"hooks/api", "hooks/fetch", "hooks/rights", "hooks/store"}, uses: []string{dbx}},
	"hooks/api": {is: "How the desk is asked and answers: routes, requests, pages, refusals in three languages.", floor: 3,
		may: []string{"hooks/rights", "hooks/store"}, uses: []string{pocketBase}},
	"hooks/store": {is: "The database and its one writer: causes, rows, ids, what happened.", floor: 2,
		may: []string{"flows", "hooks/rights", "whatsapp"}, uses: []string{dbx, pocketBase, sqlite}},
	"hooks/fetch":  {is: "Asks other systems: HTTP requests to addresses that people typed, which reach public addresses only.", floor: 1},
	"hooks/rights": {is: "Who may see and do what: roles, and the one rule of sight.", floor: 1},
}

const (
	dbx    = "github.com/pocketbase/dbx"
	sqlite = "github.com/mattn/go-sqlite3"
)

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
			if foreign(name) && !rule.allows(name) {
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

// allows tells whether a package may import another.
func (r room) allows(name string) bool {
	return slices.ContainsFunc(r.may, func(allowed string) bool { return covers("mostrador/"+allowed, name) }) ||
		slices.ContainsFunc(r.uses, func(allowed string) bool { return covers(allowed, name) })
}

// TestFloors: a room names only rooms of lower floors, and says in its package comment what it is.
func TestFloors(t *testing.T) {
	for dir, r := range packages {
		for _, below := range r.may {
			if other := packages[strings.TrimSuffix(below, "/")]; other.floor >= r.floor && other.floor > 0 && below != dir+"/" {
				t.Errorf("%s, on floor %d, names %s, on floor %d: rooms look down only", dir, r.floor, below, other.floor)
			}
		}
		if !strings.HasPrefix(dir, "hooks/") || dir == "hooks/fetch" {
			continue
		}
		name := path.Base(dir)
		want := "// Package " + name + ": " + strings.ToLower(r.is[:1]) + r.is[1:] + "\n"
		if !bytes.Contains(read(t, filepath.Join(dir, name+".go")), []byte(want)) {
			t.Errorf("%s: its package comment is not %q", dir, want)
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
