package flows_test

import (
	"reflect"
	"testing"
	"time"

	"mostrador/flows"
)

// Three customers: one understood at once, one after nonsense, one who goes silent.
func TestCountsByNode(t *testing.T) {
	f := parse(t, `{"spec":1,"lang":"es","start":"m","nodes":{
		"m":{"type":"menu","say":"?","options":[{"id":"a","label":"A","next":"r"},{"id":"b","label":"B","next":"e"}]},
		"r":{"type":"redirect","area":"sales"},"e":{"type":"end"}}}`)
	f.ID, f.Version = "f", 3
	day := flows.Counts{}
	for _, said := range [][]flows.Input{
		{flows.Text{Body: "hola"}, flows.Text{Body: "1"}},
		{flows.Text{Body: "hola"}, flows.Text{Body: "?"}, flows.Text{Body: "b"}},
		{flows.Text{Body: "hola"}, flows.Timeout{}},
	} {
		var s flows.Session
		env := flows.Env{Now: time.Unix(0, 0)}
		half := flows.Counts{}
		for _, in := range said {
			var actions []flows.Action
			s, actions = flows.Step(f, s, in, env)
			half.Add(actions[len(actions)-1].(flows.Trace).Visits)
			env.Now = env.Now.Add(time.Hour)
		}
		day.Merge(half)
	}
	want := map[string]flows.NodeCounts{
		"m": {Entered: 3, Left: map[string]int{"a": 1, "b": 1}, Missed: 1, Abandoned: 1},
		"r": {Entered: 1, HandedOver: 1},
		"e": {Entered: 1, Closed: 1},
	}
	for _, ref := range []flows.Ref{f.Ref(), {Flow: "f"}} {
		if got := day.Nodes(ref); !reflect.DeepEqual(got, want) {
			t.Errorf("%+v: got %+v, want %+v", ref, got, want)
		}
	}
	if got := day.Nodes(flows.Ref{Flow: "f", Version: 2}); len(got) > 0 {
		t.Errorf("of another version: got %+v, want nothing", got)
	}
}
