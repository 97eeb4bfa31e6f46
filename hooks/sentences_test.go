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
)

// codes reads the refusal codes out of the source, so that a new one cannot be forgotten here.
func codes(t *testing.T) (all []string) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	rooms, err := filepath.Glob("*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, rooms...)
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		tree, err := parser.ParseFile(token.NewFileSet(), name, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 || !strings.HasPrefix(strings.ToLower(spec.Names[0].Name), "code") {
				return true
			}
			if value, ok := spec.Values[0].(*ast.BasicLit); ok && value.Kind == token.STRING {
				code, _ := strconv.Unquote(value.Value)
				all = append(all, code)
			}
			return true
		})
	}
	return all
}

func TestEveryRefusalHasItsSentenceInThreeLanguages(t *testing.T) {
	all := codes(t)
	if len(all) < 30 {
		t.Fatalf("found only %d codes", len(all))
	}
	holes := regexp.MustCompile(`\{[a-z]+\}`)
	for _, code := range all {
		texts, ok := api.Sentences[code]
		if !ok || texts.Es == "" || texts.Pt == "" || texts.En == "" {
			t.Errorf("%s: got %+v, want a sentence in es, pt-BR and en", code, texts)
			continue
		}
		want := holes.FindAllString(texts.En, -1)
		for _, text := range []string{texts.Es, texts.Pt} {
			if got := holes.FindAllString(text, -1); !slices.Equal(got, want) {
				t.Errorf("%s: %q has the places %v, want %v", code, text, got, want)
			}
		}
		if code != api.CodeInternal && api.Sentence("en", code, nil) == api.Sentences[api.CodeInternal].En {
			t.Errorf("%s reads as a fault of ours", code)
		}
	}
	for code := range api.Sentences {
		if !slices.Contains(all, code) {
			t.Errorf("a sentence for %s, which nobody says", code)
		}
	}
}

func TestSentenceFillsItsPlaces(t *testing.T) {
	if got, want := api.Sentence("pt-BR", api.CodeTaken, map[string]any{"name": "Ana"}), "Ana pegou a conversa antes."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
