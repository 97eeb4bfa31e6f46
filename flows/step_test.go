package flows

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"
)

var noon = time.Date(2025, 3, 3, 12, 0, 0, 0, time.UTC)

func mustParse(t *testing.T, nodes string) Flow {
	t.Helper()
	f, err := Parse([]byte(`{"spec":1,"lang":"en","start":"a","nodes":{` + nodes + `}}`))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// through is Step with the session going through JSON before and after, as it does between two messages in life.
func through(t *testing.T, f Flow, s Session, in Input, env Env) (Session, []Action) {
	t.Helper()
	s, actions := Step(f, again(t, s), in, env)
	return again(t, s), actions
}

func again(t *testing.T, s Session) Session {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var out Session
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// bomb is a node that panics.
type bomb struct{ start }

func (bomb) enter(*run) move { panic("boom") }

func TestPanicBecomesHandover(t *testing.T) {
	f := Flow{Start: "a", Nodes: map[string]Node{"a": &bomb{}}}
	s, actions := through(t, f, Session{}, Text{Body: "hi"}, Env{})
	want := []Action{Handover{Reason: ReasonBug}}
	if !s.Done || s.Ending != EndPeople || !reflect.DeepEqual(actions, want) {
		t.Errorf("got %+v, %+v, want %+v", s, actions, want)
	}
}

// What comes too early, too late, or twice changes nothing and does nothing.
func TestInputsThatChangeNothing(t *testing.T) {
	f := mustParse(t, `"a":{"type":"menu","say":"?","options":[{"id":"x","label":"X","next":"b"}]},"b":{"type":"http","url":"https://a.example/","next":"a"}`)
	env := Env{Now: noon}
	menu, _ := through(t, f, Session{}, Text{Body: "hi"}, env)
	call, _ := through(t, f, menu, Text{Body: "1"}, env)
	for name, c := range map[string]struct {
		s  Session
		in Input
	}{
		"nothing":                   {menu, nil},
		"start again":               {menu, Start{}},
		"timer before its time":     {menu, Timeout{}},
		"result without a call":     {menu, Result{}},
		"result of an earlier call": {call, Result{Call: "0-00000000", Status: 200}},
		"vote taken back":           {menu, Vote{}},
		"after the end":             {Session{Done: true}, Text{Body: "hi"}},
		"timer before the start":    {Session{}, Timeout{}},
		"result before the start":   {Session{}, Result{}},
	} {
		got, actions := through(t, f, c.s, c.in, env)
		if len(actions) > 0 || !reflect.DeepEqual(got, c.s) {
			t.Errorf("%s: got %+v, %+v, want nothing to change", name, got, actions)
		}
	}
}

// A conversation keeps the version that it began with; when that is gone, a person takes over.
func TestConversationKeepsItsVersion(t *testing.T) {
	old := mustParse(t, `"a":{"type":"ask","say":"old?","var":"x","next":"b"},"b":{"type":"end","say":"old"}`)
	old.ID, old.Version = "f", 1
	newer := mustParse(t, `"a":{"type":"ask","say":"new?","var":"x","next":"b"},"b":{"type":"end","say":"new"}`)
	newer.ID, newer.Version = "f", 2
	s, _ := through(t, old, Session{}, Text{Body: "hi"}, Env{Now: noon})
	if got := s.Needs(); !reflect.DeepEqual(got, []Ref{{Flow: "f", Version: 1}}) {
		t.Errorf("needs %+v, want version 1", got)
	}
	_, actions := through(t, newer, s, Text{Body: "x"}, Env{Now: noon, Flows: map[Ref]Flow{old.Ref(): old, newer.Ref(): newer, {Flow: "f"}: newer}})
	if got := actions[0]; !reflect.DeepEqual(got, Send{Text: "old"}) {
		t.Errorf("got %+v, want the old version's text", got)
	}
	_, actions = through(t, newer, s, Text{Body: "x"}, Env{Now: noon})
	if got, ok := actions[1].(Handover); !ok || got.Reason != ReasonNoFlow {
		t.Errorf("without the version: got %+v, want a handover", actions)
	}
}

func TestInputLimit(t *testing.T) {
	f := mustParse(t, `"a":{"type":"menu","say":"?","options":[{"id":"x","label":"X","next":"a"}]}`)
	s, _ := through(t, f, Session{}, Text{Body: "hi"}, Env{Now: noon})
	for i := range MaxInputs {
		if s, _ = through(t, f, s, Text{Body: "1"}, Env{Now: noon}); s.Done {
			t.Fatalf("over after %d inputs, want %d", i+1, MaxInputs)
		}
	}
	s, actions := through(t, f, s, Text{Body: "1"}, Env{Now: noon})
	if h, ok := actions[1].(Handover); !s.Done || !ok || h.Reason != ReasonInputs {
		t.Errorf("got %+v, %+v, want a handover", s, actions)
	}
}

func TestHowLongSilenceMayBe(t *testing.T) {
	for name, c := range map[string]struct {
		flow  *Silence
		node  string
		env   time.Duration
		waits time.Duration
	}{
		"nothing said":        {nil, "", 0, Patience},
		"by the desk":         {nil, "", time.Hour, time.Hour},
		"by the flow":         {&Silence{Seconds: 60}, "", time.Hour, time.Minute},
		"by the node":         {&Silence{Seconds: 60}, `,"silence":{"seconds":5}`, time.Hour, 5 * time.Second},
		"not by a zero":       {&Silence{}, `,"silence":{"seconds":0}`, time.Hour, time.Hour},
		"never without end":   {nil, `,"silence":{"seconds":999999999999}`, 0, MaxWait},
		"nor by the desk":     {nil, "", 99 * MaxWait, MaxWait},
		"nor before it began": {nil, `,"silence":{"seconds":-5}`, -time.Hour, Patience},
	} {
		f := mustParse(t, `"a":{"type":"ask","say":"?","var":"x"`+c.node+`}`)
		f.Silence = c.flow
		s, _ := through(t, f, Session{}, Text{Body: "hi"}, Env{Now: noon, Patience: c.env})
		if got := s.WakesAt.Sub(noon); got != c.waits || s.Wait != WaitCustomer {
			t.Errorf("%s: waits %v, want %v", name, got, c.waits)
		}
	}
}

// The identity of a call can't meet that of an earlier session of the same conversation.
func TestCallsHaveTheirOwnIDs(t *testing.T) {
	f := mustParse(t, `"a":{"type":"http","url":"https://a.example/","next":"a","fail":"a"}`)
	seen := map[string]bool{}
	for random := range uint64(3) {
		var s Session
		for range 3 {
			env := Env{Now: noon, Random: random}
			if !s.Started() {
				s, _ = through(t, f, s, Start{}, env)
			} else {
				s, _ = through(t, f, s, Result{Call: s.Call}, env)
			}
			if seen[s.Call] || s.Call == "" {
				t.Errorf("call %q came again", s.Call)
			}
			seen[s.Call] = true
			if want := noon.Add(httpSeconds*time.Second + grace); !s.WakesAt.Equal(want) {
				t.Errorf("wakes at %v, want %v", s.WakesAt, want)
			}
		}
	}
}

func TestSessionSaysWhereItStands(t *testing.T) {
	f := mustParse(t, `"a":{"type":"ask","say":"?","var":"x","next":"b"},"b":{"type":"end"}`)
	var s Session
	if s.Started() || s.Node() != "" {
		t.Errorf("before: got %v at %q", s.Started(), s.Node())
	}
	s, _ = through(t, f, s, Start{}, Env{Now: noon})
	if !s.Started() || s.Node() != "a" {
		t.Errorf("under way: got %v at %q", s.Started(), s.Node())
	}
	s, _ = through(t, f, s, Text{Body: "x"}, Env{Now: noon})
	if !s.Started() || s.Node() != "" || s.Ending != EndClosed || s.Vars["x"].Text != "x" {
		t.Errorf("after: got %+v", s)
	}
}

func TestVariableLimit(t *testing.T) {
	r := &run{}
	for i := range MaxVars {
		if !r.set(fmt.Sprintf("v%d", i), Value{Text: "x"}) {
			t.Fatalf("no room after %d variables, want %d", i, MaxVars)
		}
	}
	if r.set("more", Value{Text: "x"}) {
		t.Errorf("room for %d variables, want %d", MaxVars+1, MaxVars)
	}
	if r.set("more", Value{}); len(r.s.Vars) != MaxVars {
		t.Errorf("%d variables after one was emptied, want %d", len(r.s.Vars), MaxVars)
	}
}

func TestTagsWithinAStep(t *testing.T) {
	r := &run{env: Env{Contact: Contact{Tags: []string{"a", "b"}}}}
	r.tag([]string{"c"}, []string{"a"})
	r.tag([]string{"a"}, []string{"c", "b"})
	if got, want := r.tags(), []string{"a"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if want := []string{"a", "b"}; !reflect.DeepEqual(r.env.Contact.Tags, want) {
		t.Errorf("the contact given to Step became %q, want %q", r.env.Contact.Tags, want)
	}
}

// A way of exactly as many nodes as allowed is walked to its end; one more is a loop.
func TestStepLimit(t *testing.T) {
	for nodes, want := range map[int]Reason{MaxSteps: ReasonFlow, MaxSteps + 1: ReasonLoop} {
		f := mustParse(t, chainFrom("a", `"type":"tag","add":["x"]`, nodes))
		f.Nodes[fmt.Sprintf("a%d", nodes-2)] = &redirect{}
		_, actions := through(t, f, Session{}, Text{Body: "hi"}, Env{Now: noon})
		if h, ok := actions[len(actions)-2].(Handover); !ok || h.Reason != want {
			t.Errorf("%d nodes: got %+v, want %s", nodes, actions[len(actions)-2], want)
		}
	}
}
