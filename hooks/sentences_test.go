package hooks_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mostrador/hooks/api"
	"mostrador/hooks/conversation"
)

// declared is a refusal, a warning or a sentence as the source declares it.
type declared struct {
	where, code string // no code: a sentence that is neither
	texts       []string
}

// declarations reads them out of the source of every room, so that a new one cannot be forgotten here; source is all of it.
func declarations(t *testing.T) (all []declared, source string) {
	t.Helper()
	own, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	rooms, err := filepath.Glob("*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(own, rooms...) {
		if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "desktest") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		source += string(text)
		files := token.NewFileSet()
		tree, err := parser.ParseFile(files, name, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			var d declared
			for _, arg := range call.Args {
				if value, ok := arg.(*ast.BasicLit); ok && value.Kind == token.STRING {
					text, _ := strconv.Unquote(value.Value)
					d.texts = append(d.texts, text)
				}
			}
			d.where = files.Position(call.Pos()).String()
			switch called(call) {
			case "Refuses", "Warns":
				d.code, d.texts = d.texts[0], d.texts[1:]
				all = append(all, d)
			case "Says":
				all = append(all, d)
			}
			return true
		})
	}
	return all, source
}

// called is the name of the function, without its package.
func called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

func TestEveryRefusalHasItsSentenceInThreeLanguages(t *testing.T) {
	all, source := declarations(t)
	if len(all) < 80 {
		t.Fatalf("found only %d sentences", len(all))
	}
	holes := regexp.MustCompile(`\{[a-z]+\}`)
	codes := map[string]bool{}
	for _, d := range all {
		if d.code != "" && codes[d.code] {
			t.Errorf("%s: %q is a code already", d.where, d.code)
		}
		codes[d.code] = true
		if len(d.texts) != len(api.Languages) || slices.Contains(d.texts, "") {
			t.Errorf("%s: got %q, want a sentence in each of %v", d.where, d.texts, api.Languages)
			continue
		}
		want := holes.FindAllString(d.texts[2], -1)
		for _, text := range d.texts {
			if got := holes.FindAllString(text, -1); !slices.Equal(got, want) {
				t.Errorf("%s: %q has the places %v, want %v", d.where, text, got, want)
			}
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^\t(\w+)\s+= (?:api\.)?(?:Refuses|Warns|Says)\(`).FindAllStringSubmatch(source, -1) {
		if n := len(regexp.MustCompile(`\b`+m[1]+`\b[^:]`).FindAllString(source, -1)); n < 2 {
			t.Errorf("%s: nobody says it", m[1])
		}
	}
}

func TestSentenceFillsItsPlaces(t *testing.T) {
	if got, want := conversation.ErrTaken.With("name", "Ana").Say("pt-BR"), "Ana pegou a conversa antes."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := conversation.ErrTaken.Say("pt-BR"); !strings.HasPrefix(got, "{name}") {
		t.Errorf("got %q: what is said of one refusal stays with the next", got)
	}
}
