package main

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write generated documents instead of comparing them")

// compatible are the licences whose code may be part of a GPL-3.0-or-later program.
var compatible = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0", "0BSD", "CC0-1.0", "GPL-3.0", "ISC", "MIT", "MPL-2.0", "Unlicense"}

// linkedModule is one Go module that is compiled into the binary.
type linkedModule struct{ Path, Version, Dir, Licence string }

// TestLicencesAreCurrent holds docs/licences.md against what is linked and bundled: go test -run Licences -update .
func TestLicencesAreCurrent(t *testing.T) {
	var page strings.Builder
	page.WriteString("# Licences of what Mostrador is made of\n\n" +
		"Mostrador itself is GPL-3.0-or-later: it links go.mau.fi/libsignal, which is GPL-3.0. This page is generated from the\n" +
		"dependencies (`go test -run Licences -update .`), and a test keeps it current.\n\n" +
		"## In the binary\n\n| module | version | licence |\n|---|---|---|\n")
	for _, m := range linkedModules(t) {
		fmt.Fprintf(&page, "| %s | %s | %s |\n", m.Path, m.Version, m.Licence)
		if !slices.Contains(compatible, m.Licence) {
			t.Errorf("%s: got licence %q, want one of %s", m.Path, m.Licence, strings.Join(compatible, ", "))
		}
	}
	if rows := bundledPackages(t); len(rows) > 0 {
		page.WriteString("\n## In the page\n\n| package | version | licence |\n|---|---|---|\n" + strings.Join(rows, ""))
	}
	const file = "docs/licences.md"
	if *update {
		if err := os.WriteFile(file, []byte(page.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != page.String() {
		t.Errorf("%s is not what the dependencies say (%v): go test -run Licences -update .", file, err)
	}
}

func linkedModules(t *testing.T) []linkedModule {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}", ".")
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=1") // the same page on every machine
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("list what is linked: %v", err)
	}
	byPath := map[string]linkedModule{}
	for line := range strings.Lines(string(out)) {
		if f := strings.SplitN(strings.TrimSpace(line), " ", 3); len(f) == 3 {
			byPath[f[0]] = linkedModule{Path: f[0], Version: f[1], Dir: f[2], Licence: licenceIn(f[2])}
		}
	}
	return slices.SortedFunc(maps.Values(byPath), func(a, b linkedModule) int { return cmp.Compare(a.Path, b.Path) })
}

// licenceIn reads the licence file of a module; empty when there is none that it knows.
func licenceIn(dir string) string {
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, file := range files {
		name := strings.ToUpper(filepath.Base(file))
		if !strings.HasPrefix(name, "LICEN") && !strings.HasPrefix(name, "COPYING") && !strings.HasPrefix(name, "UNLICENSE") {
			continue
		}
		if text, err := os.ReadFile(file); err == nil {
			if licence := licenceOf(string(text)); licence != "" {
				return licence
			}
		}
	}
	return ""
}

// licenceOf names a licence text by the sentence that no other licence has.
func licenceOf(text string) string {
	text = strings.ToLower(strings.Join(strings.Fields(text), " "))
	for _, known := range []struct{ sentence, name string }{
		{"gnu affero general public license version 3", "AGPL-3.0"},
		{"gnu lesser general public license version", "LGPL"},
		{"gnu general public license version 3", "GPL-3.0"},
		{"mozilla public license version 2.0", "MPL-2.0"},
		{"mozilla public license, version 2.0", "MPL-2.0"},
		{"apache license version 2.0", "Apache-2.0"},
		{"apache license, version 2.0", "Apache-2.0"},
		{"released into the public domain", "Unlicense"},
		{"permission to use, copy, modify, and/or distribute this software", "ISC"},
		{"permission to use, copy, modify, and distribute this software", "ISC"},
		{"permission is hereby granted, free of charge", "MIT"},
		{"neither the name of", "BSD-3-Clause"},
		{"redistributions in binary form must reproduce", "BSD-2-Clause"},
	} {
		if strings.Contains(text, known.sentence) {
			return known.name
		}
	}
	return ""
}

// bundledPackages lists the npm packages that the page is built from, development tools left out. Their licences are
// what the lock file says.
func bundledPackages(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile("web/package-lock.json")
	if os.IsNotExist(err) {
		return nil
	}
	var lock struct {
		Packages map[string]struct {
			Version, License      string
			Dev, Optional, Bundle bool
		}
	}
	if err == nil {
		err = json.Unmarshal(data, &lock)
	}
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, path := range slices.Sorted(maps.Keys(lock.Packages)) {
		p := lock.Packages[path]
		_, name, ok := strings.Cut(path, "node_modules/")
		if !ok || p.Dev || p.Optional {
			continue
		}
		rows = append(rows, fmt.Sprintf("| %s | %s | %s |\n", name, p.Version, p.License))
		if !slices.Contains(compatible, p.License) {
			t.Errorf("%s: got licence %q, want one of %s", name, p.License, strings.Join(compatible, ", "))
		}
	}
	return rows
}
