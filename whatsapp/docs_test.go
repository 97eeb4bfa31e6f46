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
	source, err := parser.ParseFile(token.NewFileSet(), "state.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
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
			code, err := strconv.Unquote(value.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			found++
			cell := map[string]string{"State": "| `" + code + "` |", "Reason": " | `" + code + "` |"}[kind.Name]
			if !strings.Contains(string(page), cell) {
				t.Errorf("docs/line.md does not explain %s %q", kind.Name, code)
			}
		}
	}
	if want := 25; found < want {
		t.Errorf("found %d states and reasons, want at least %d", found, want)
	}
}
