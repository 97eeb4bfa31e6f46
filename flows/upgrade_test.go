package flows

import (
	"errors"
	"strings"
	"testing"
)

// ladder are made-up steps: 1 renames a field, 2 adds one, 3 can't.
var ladder = map[int]func(map[string]any) error{
	1: func(doc map[string]any) error { doc["name"] = doc["title"]; delete(doc, "title"); return nil },
	2: func(doc map[string]any) error { doc["lang"] = "es"; return nil },
	3: func(map[string]any) error { return errors.New("no way up") },
}

func TestUpgradeStepByStep(t *testing.T) {
	for _, c := range []struct {
		from   string
		target int
		want   string // or part of the error
		err    bool
	}{
		{`{"spec":1,"title":"x"}`, 3, `{"lang":"es","name":"x","spec":3}`, false},
		{`{"spec":2,"name":"x"}`, 3, `{"lang":"es","name":"x","spec":3}`, false},
		{`{"spec":3, "as": "it is"}`, 3, `{"spec":3, "as": "it is"}`, false},
		{`{"spec":3}`, 4, "upgrade from spec 3: no way up", true},
		{`{"spec":5}`, 4, "newer version", true},
		{`{"spec":0}`, 3, "spec 0 is not known", true},
		{`{"spec":-1}`, 3, "spec -1 is not known", true},
		{`{}`, 3, "spec 0 is not known", true},
		{`[`, 3, "flow:", true},
	} {
		got, err := upgrade([]byte(c.from), c.target, ladder)
		if c.err {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: got error %v, want %q", c.from, err, c.want)
			}
		} else if err != nil || string(got) != c.want {
			t.Errorf("%s: got %s, %v, want %s", c.from, got, err, c.want)
		}
	}
}

// Every spec that was ever released has a step to the next.
func TestUpgradesAreComplete(t *testing.T) {
	for n := 1; n < Spec; n++ {
		if upgrades[n] == nil {
			t.Errorf("spec %d can't be brought to %d", n, n+1)
		}
	}
	if _, err := Parse([]byte(`{"spec":2}`)); !errors.Is(err, ErrNewerSpec) {
		t.Errorf("of the next spec: got %v, want ErrNewerSpec", err)
	}
}
