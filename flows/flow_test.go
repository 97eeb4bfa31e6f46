package flows_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"mostrador/flows"
)

func TestParseRefuses(t *testing.T) {
	many := make([]string, flows.MaxNodes+1)
	for i := range many {
		many[i] = fmt.Sprintf(`"n%d":{"type":"end"}`, i)
	}
	for want, text := range map[string]string{
		"at most 1048576 are allowed":          `{"spec":1,"ui":"` + strings.Repeat("x", flows.MaxFlowBytes) + `"}`,
		"at most 5000 are allowed":             `{"spec":1,"nodes":{` + strings.Join(many, ",") + `}}`,
		`unknown field "nodez"`:                `{"spec":1,"nodez":{}}`,
		`node "a": unknown type "bomb"`:        `{"spec":1,"nodes":{"a":{"type":"bomb"}}}`,
		`node "a": json: unknown field "nxet"`: `{"spec":1,"nodes":{"a":{"type":"start","nxet":"b"}}}`,
		"node \"a\": json: cannot unmarshal":   `{"spec":1,"nodes":{"a":{"type":"message","say":{}}}}`,
		`node "a b": an id has`:                `{"spec":1,"nodes":{"a b":{"type":"end"}}}`,
		`node "": an id has`:                   `{"spec":1,"nodes":{"":{"type":"end"}}}`,
		"unexpected end":                       ``,
		"cannot unmarshal":                     `[]`,
		"newer version":                        `{"spec":99}`,
		"after top-level value":                `{"spec":1} {}`,
	} {
		if _, err := flows.Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

// A flow read, written and read again is the same, the editor's part to the byte.
func TestFlowThroughJSON(t *testing.T) {
	files, _ := filepath.Glob("testdata/*/*.txtar")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		once := parse(t, flows.ParseTranscript(string(text)).Part("flow.json"))
		b, err := json.Marshal(once)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		again := parse(t, string(b))
		if c, _ := json.Marshal(again); string(c) != string(b) {
			t.Errorf("%s: got %s, want %s", file, c, b)
		}
		if changes := flows.Diff(once, again); len(changes) > 0 {
			t.Errorf("%s: got %+v, want no change", file, changes)
		}
	}
	for _, text := range []string{
		`{"spec":1,"start":"a","global":{"agent":{"area":"x"}},"nodes":{"a":{"type":"end"}}}`,
		`{"spec":1,"start":"a","global":{"menu":{"next":"a"},"exit":{"off":true}},"nodes":{"a":{"type":"end"}}}`,
		`{"spec":1,"start":"a","global":{"menu":{"words":{"es":["volver"]}},"agent":{"say":"x"}},"nodes":{"a":{"type":"end"}}}`,
		`{"spec":1,"lang":"en","start":"a","silence":{"seconds":5,"next":"a"},"nodes":{"a":{"type":"end","say":"{{x|y}}","then":"people"}}}`,
	} {
		if b, err := json.Marshal(parse(t, text)); err != nil || string(b) != text {
			t.Errorf("got %s, %v, want %s", b, err, text)
		}
	}
	f := parse(t, `{"spec":1,"start":"a","nodes":{"a":{"type":"end","name":"Fin"}},"ui":{"a":[1,2.50],"zoom":1e2}}`)
	b, err := json.Marshal(f)
	if want := `{"spec":1,"start":"a","nodes":{"a":{"type":"end","name":"Fin"}},"ui":{"a":[1,2.50],"zoom":1e2}}`; err != nil || string(b) != want {
		t.Errorf("got %s, %v, want %s", b, err, want)
	}
}

// The session that Step returns survives JSON as it is, with every kind of value in it.
func TestSessionThroughJSON(t *testing.T) {
	f := parse(t, `{"spec":1,"lang":"es","start":"a","nodes":{
		"a":{"type":"set","set":[{"var":"n","value":"1","as":"number"},{"var":"t","value":"x"}],"next":"b"},
		"b":{"type":"menu","say":"?","options":[{"id":"a","label":"A","next":"b"}]}}}`)
	s, _ := flows.Step(f, flows.Session{}, flows.Text{Body: "hola \xff"}, flows.Env{})
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var again flows.Session
	if err := json.Unmarshal(b, &again); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again, s) {
		t.Errorf("got %+v, want %+v", again, s)
	}
}
