package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const (
	goFileLines  = 300 // lines of a Go file that is not a test
	vueFileLines = 200 // lines of a Vue component
	functionSize = 45  // lines of a Go function
	roomLines    = 3000
	roomFiles    = 20
	// Each may be longer in one case of ten of a package, files by a third at most: past that, it wants to be split.
)

// tally counts what is long in one package.
type tally struct {
	all  int
	long []string
}

// TestFilesStayShort holds the sizes of CONTRIBUTING.md: a file is read from top to bottom in one go.
func TestFilesStayShort(t *testing.T) {
	byPackage := map[string]*tally{}
	for _, file := range treeFiles(t) {
		limit, kind := 0, path.Dir(file)
		switch {
		case strings.HasSuffix(file, "_test.go"):
		case strings.HasSuffix(file, ".go"):
			limit = goFileLines
		case strings.HasSuffix(file, ".vue"):
			limit, kind = vueFileLines, "Vue components"
		}
		if limit == 0 {
			continue
		}
		if byPackage[kind] == nil {
			byPackage[kind] = &tally{}
		}
		byPackage[kind].all++
		got := bytes.Count(read(t, file), []byte("\n"))
		if got > limit {
			byPackage[kind].long = append(byPackage[kind].long, file)
		}
		if got > limit*4/3 {
			t.Errorf("%s: got %d lines, want %d or so: split it by subject", file, got, limit)
		}
	}
	for kind, n := range byPackage {
		if len(n.long)*10 > n.all {
			t.Errorf("%s: got %d of %d files over the limit, want at most one in ten: %s", kind, len(n.long), n.all, strings.Join(n.long, ", "))
		}
	}
}

// TestRoomsStaySmall: a room of the desk is known by whoever has read it once.
func TestRoomsStaySmall(t *testing.T) {
	lines, files := map[string]int{}, map[string]int{}
	for _, file := range goFiles(t) {
		if dir := path.Dir(filepath.ToSlash(file)); (dir == "hooks" || path.Dir(dir) == "hooks") && !strings.HasSuffix(file, "_test.go") {
			lines[dir] += bytes.Count(read(t, file), []byte("\n"))
			files[dir]++
		}
	}
	for dir := range files {
		if lines[dir] > roomLines || files[dir] > roomFiles {
			t.Errorf("%s: got %d lines in %d files, want at most %d in %d: it is more than one subject", dir, lines[dir], files[dir], roomLines, roomFiles)
		}
	}
	if len(files) < 2 {
		t.Errorf("got rooms %v", files)
	}
}

// TestFunctionsStayShort lets one function in ten of a package be longer than the limit.
func TestFunctionsStayShort(t *testing.T) {
	byPackage := map[string]*tally{}
	fset := token.NewFileSet()
	for _, file := range goFiles(t) {
		if strings.HasSuffix(file, "_test.go") || strings.HasPrefix(file, "pb_migrations/") { // tables of fields
			continue
		}
		tree, err := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.ToSlash(filepath.Dir(file))
		if byPackage[dir] == nil {
			byPackage[dir] = &tally{}
		}
		for _, decl := range tree.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			byPackage[dir].all++
			if fset.Position(fn.End()).Line-fset.Position(fn.Pos()).Line+1 > functionSize {
				byPackage[dir].long = append(byPackage[dir].long, file+":"+fn.Name.Name)
			}
		}
	}
	for dir, n := range byPackage {
		if len(n.long)*10 > n.all {
			t.Errorf("%s: got %d of %d functions over %d lines, want at most one in ten: %s", dir, len(n.long), n.all, functionSize, strings.Join(n.long, ", "))
		}
	}
}

// The patterns are put together here so that this file does not match itself.
var foreignTraces = map[string]*regexp.Regexp{
	"a path of somebody's machine": regexp.MustCompile(`(^|[\s"'` + "`" + `=(:])/(root|home|Users|work)/[\w.]`),
	"a package registry's host":    regexp.MustCompile(`(registry\.npm` + `js|proxy\.` + `golang|sum\.` + `golang|deb\.` + `debian)\.org`),
}

// TestTreeNamesNoMachine keeps paths and hosts of the machine that a change was made on out of the repository.
func TestTreeNamesNoMachine(t *testing.T) {
	for _, file := range treeFiles(t) {
		data := read(t, file)
		if bytes.IndexByte(data, 0) >= 0 {
			continue // a picture, a font
		}
		for what, pattern := range foreignTraces {
			if at := pattern.FindIndex(data); at != nil {
				t.Errorf("%s:%d: names %s: %q", file, 1+bytes.Count(data[:at[0]], []byte("\n")), what, data[at[0]:at[1]])
			}
		}
		if filepath.Base(file) == "package-lock.json" && bytes.Contains(data, []byte(`"resolved"`)) {
			t.Errorf(`%s: has "resolved" addresses; npm config set omit-lockfile-registry-resolved true, then lock again`, file)
		}
	}
}

// TestForeignTraces holds the patterns themselves.
func TestForeignTraces(t *testing.T) {
	for _, c := range []struct {
		text string
		want bool
	}{
		{"cd /ro" + "ot/x", true},
		{`"/ho` + `me/ana/mostrador"`, true},
		{"https://proxy.gol" + "ang.org/x", true},
		{"GET /api/home/x", false},
		{"frame" + "work/x", false},
	} {
		got := false
		for _, pattern := range foreignTraces {
			got = got || pattern.MatchString(c.text)
		}
		if got != c.want {
			t.Errorf("%q: got %v, want %v", c.text, got, c.want)
		}
	}
}

// treeFiles lists what is in the repository: everything but what .gitignore leaves out.
func treeFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if name == ".git" || name == "node_modules" || name == "test-results" || name == "dist" || strings.HasPrefix(name, "pb_data") || strings.HasPrefix(name, "demo_data") {
				return filepath.SkipDir
			}
			return nil
		}
		if d.Type().IsRegular() && name != "mostrador" && name != ".env" && name != ".git" {
			files = append(files, filepath.ToSlash(path))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
