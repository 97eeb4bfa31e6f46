package whatsapp

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"
)

// Every state and reason that a line may show has its row in docs/line.md.
func TestStatesAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../docs/line.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range codesOf(t) {
		cell := map[string]string{"State": "| `" + code.value + "` |", "Reason": " | `" + code.value + "` |"}[code.kind]
		if !strings.Contains(string(page), cell) {
			t.Errorf("docs/line.md does not explain %s %q", code.kind, code.value)
		}
	}
}

// code is a constant of state.go.
type code struct{ kind, value string } // kind: State or Reason

// codesOf reads the states and reasons from their source: a list in a test would forget the next one.
func codesOf(t *testing.T) (all []code) {
	t.Helper()
	source, err := parser.ParseFile(token.NewFileSet(), "state.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, decl := range source.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, spec := range group.Specs {
			value := spec.(*ast.ValueSpec)
			kind, ok := value.Type.(*ast.Ident)
			if !ok || (kind.Name != "State" && kind.Name != "Reason") {
				continue
			}
			text, err := strconv.Unquote(value.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, code{kind.Name, text})
		}
	}
	if want := 25; len(all) < want {
		t.Fatalf("found %d states and reasons, want at least %d", len(all), want)
	}
	return all
}
