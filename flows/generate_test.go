package flows

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// generate makes a random flow of up to 12 nodes. Most of what it makes is sensible enough for Check to accept.
func generate(t *testing.T, r *rand.Rand) Flow {
	t.Helper()
	g := &generator{r: r, count: 2 + r.IntN(11)}
	nodes := map[string]any{}
	for i := range g.count {
		nodes[fmt.Sprintf("n%d", i)] = g.node()
	}
	doc := map[string]any{"spec": 1, "lang": "en", "start": "n0", "nodes": nodes}
	if r.IntN(2) == 0 {
		doc["silence"] = map[string]any{"seconds": 1 + r.IntN(100), "next": g.some()}
	}
	if r.IntN(4) == 0 {
		doc["global"] = map[string]any{"menu": map[string]any{"next": g.some(), "say": "Back."}, "agent": map[string]any{"area": "sales"}}
	}
	b, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Parse(b)
	if err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	return f
}

type generator struct {
	r     *rand.Rand
	count int
}

// some is a node to lead to; rarely none.
func (g *generator) some() string {
	if g.r.IntN(40) == 0 {
		return ""
	}
	return fmt.Sprintf("n%d", g.r.IntN(g.count))
}

// say is a text with variables that may not be set.
func (g *generator) say() string {
	return [...]string{"Hello {{contact.name:first|you}}", "{{x|nothing}} {{message:upper}}", "{{n:money|0}} {{opens:day|soon}} 🙂", "مرحبا {{first}}", strings.Repeat("long ", 1000)}[g.r.IntN(5)]
}

func (g *generator) node() map[string]any {
	n := map[string]any{"next": g.some()}
	switch g.r.IntN(20) {
	case 0:
		n["type"] = "start"
	case 1, 2:
		n["type"], n["say"] = "message", g.say()
	case 3, 4, 5, 6:
		delete(n, "next")
		n["type"], n["say"], n["options"], n["poll"] = "menu", g.say(), g.options(), g.r.IntN(2) == 0
		g.question(n)
		n["else"] = g.some()
	case 7, 8, 9, 10:
		n["type"], n["say"], n["var"], n["contact"], n["known"] = "ask", g.say(), "x", "email", g.r.IntN(5) == 0
		n["as"] = [...]string{"text", "number", "email", "date", "choice", "file", "document", "location", "phone"}[g.r.IntN(9)]
		n["options"] = g.options()
		g.question(n)
	case 11:
		delete(n, "next")
		n["type"], n["else"] = "condition", g.some()
		n["cases"] = []any{map[string]any{"id": "a", "next": g.some(), "rules": []any{map[string]any{"var": "message", "op": "contains", "value": "a"}}}}
	case 12:
		n["type"], n["add"] = "set", []string{"vip"}
		n["set"] = []any{map[string]any{"var": "n", "op": "add", "value": "1"}, map[string]any{"var": "long", "op": "append", "value": "{{message}}"}}
	default:
		g.rarer(n)
	}
	return n
}

func (g *generator) rarer(n map[string]any) {
	switch g.r.IntN(9) {
	case 0:
		delete(n, "next")
		n["type"], n["open"], n["closed"] = "hours", g.some(), g.some()
	case 1:
		n["type"], n["url"], n["fail"] = "http", "https://example.com/{{x|}}", g.some()
		n["save"] = []any{map[string]any{"var": "n", "path": "a[0].b"}}
	case 2:
		n["type"], n["seconds"], n["interrupt"] = "delay", 1+g.r.IntN(200), g.some()
	case 3:
		n["type"], n["flow"], n["return"] = "jump", "sub", g.r.IntN(3) > 0
	case 4:
		delete(n, "next")
		n["type"], n["area"], n["say"] = "redirect", "sales", g.say()
	case 5:
		n["type"], n["text"] = "note", g.say()
	case 6:
		n["type"], n["turns"], n["confidence"], n["unsure"] = "ai", g.r.IntN(3), 0.5, g.some()
	case 7:
		n["type"], n["say"], n["comment"], n["low"] = "csat", g.say(), "Why?", map[string]any{"upTo": 2, "next": g.some()}
	case 8:
		delete(n, "next")
		n["type"], n["then"] = "end", [...]string{"close", "people", "back"}[g.r.IntN(3)]
	}
}

func (g *generator) options() []any {
	all := make([]any, 2+g.r.IntN(2))
	for i := range all {
		all[i] = map[string]any{"id": fmt.Sprintf("o%d", i), "label": [...]string{"One", "Two", "Three"}[i], "next": g.some()}
	}
	return all
}

func (g *generator) question(n map[string]any) {
	if g.r.IntN(2) == 0 {
		n["retries"] = g.r.IntN(3)
	}
	if g.r.IntN(2) == 0 {
		n["silence"] = map[string]any{"seconds": g.r.IntN(100), "next": g.some()}
	}
}
