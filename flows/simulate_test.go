package flows_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"mostrador/flows"
)

const sim = `{"spec":1,"lang":"es","start":"q","nodes":{
	"q":{"type":"ask","say":"¿Nombre?","var":"x","contact":"name","next":"t"},
	"t":{"type":"tag","add":["vip"],"next":"j"},
	"j":{"type":"jump","flow":"other","return":true,"next":"e"},
	"e":{"type":"redirect","area":"sales","note":"{{contact.name}}"}}}`

func simulate(t *testing.T, in string) flows.Simulated {
	t.Helper()
	var s flows.Simulation
	if err := json.Unmarshal([]byte(in), &s); err != nil {
		t.Fatal(err)
	}
	out, err := flows.Simulate(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSimulate(t *testing.T) {
	world := `"flow":` + sim + `,"flows":{"other":{"spec":1,"lang":"es","start":"m","nodes":{"m":{"type":"message","say":"Hola, {{x}}."}}}}`
	out := simulate(t, `{`+world+`,"input":{"input":"text","body":"hola"},"world":{"now":"2025-03-03T09:00:00-03:00"}}`)
	if got := string(out.Actions[0]); len(out.Actions) != 1 || got != `{"do":"send","text":"¿Nombre?"}` || out.Session.Node() != "q" || !reflect.DeepEqual(out.Lines, []string{"hola"}) {
		t.Errorf("got %+v", out)
	}
	session, err := json.Marshal(out.Session)
	if err != nil {
		t.Fatal(err)
	}
	out = simulate(t, `{`+world+`,"input":{"input":"text","body":"Ana"},"session":`+string(session)+`}`)
	var got []string
	for _, a := range out.Actions {
		got = append(got, string(a))
	}
	want := []string{`{"do":"set_contact","field":"name","value":"Ana"}`, `{"do":"tag","add":["vip"]}`, `{"do":"send","text":"Hola, Ana."}`,
		`{"do":"handover","area":"sales","note":"Ana","reason":"flow","node":"e"}`}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if out.Contact.Name != "Ana" || !reflect.DeepEqual(out.Contact.Tags, []string{"vip"}) || !out.Session.Done {
		t.Errorf("got contact %+v, session %+v", out.Contact, out.Session)
	}
	var path []string
	for _, v := range out.Path {
		path = append(path, strings.TrimRight(v.Flow+"/"+v.Node+" "+string(v.What)+" "+v.Port, " "))
	}
	if got, want := strings.Join(path, ", "), "/q left next, /t entered, /t left next, /j entered, /j left next, other/m entered, other/m left next, /e entered, /e handed_over"; got != want {
		t.Errorf("got path %s\nwant     %s", got, want)
	}
}

func TestSimulateRefuses(t *testing.T) {
	for want, in := range map[string]flows.Simulation{
		"flow:":                {},
		"input:":               {Flow: json.RawMessage(sim)},
		`flow "other": spec 0`: {Flow: json.RawMessage(sim), Input: json.RawMessage(`{"input":"start"}`), Flows: map[string]json.RawMessage{"other": json.RawMessage(`{}`)}},
		`hours of "": someday`: {Flow: json.RawMessage(sim), Input: json.RawMessage(`{"input":"start"}`), World: flows.World{Hours: map[string]flows.Hours{"": {"someday": {"9"}}}}},
	} {
		if _, err := flows.Simulate(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// What was tried in the simulator can be kept as a test: each input is a line that reads back as the same input.
func TestLinesReadBack(t *testing.T) {
	f := parse(t, `{"spec":1,"lang":"es","start":"q","nodes":{"q":{"type":"ask","say":"?","var":"x","next":"q"}}}`)
	sure := 0.75
	for in, want := range map[flows.Input]string{
		flows.Start{}:                                            "(starts)",
		flows.Text{Body: "hola\nvos"}:                            "hola\n  vos",
		flows.Media{Kind: "image", Caption: "mi\nfoto"}:          "(sends image mi foto)",
		flows.Media{Kind: "voice"}:                               "(sends voice)",
		flows.Location{Lat: -34.6, Lng: -58.4, Name: "Obelisco"}: "(location -34.6 -58.4 Obelisco)",
		flows.Card{Name: "Ana María", Phone: "+549115"}:          "(contact Ana María +549115)",
		flows.Other{Kind: "call"}:                                "(other call)",
		flows.Timeout{}:                                          "",
		flows.Text{Body: "(starts)"}:                             "", flows.Text{Body: "(waits 5m)"}: "", flows.Text{Body: "(smiles)"}: "(smiles)",
	} {
		if got := flows.LineOf(in); got != want {
			t.Errorf("%#v: got %q, want %q", in, got, want)
		} else if got != "" {
			if _, err := flows.Play(f, flows.Env{}, "> "+got); err != nil {
				t.Errorf("%q: %v", got, err)
			}
		}
	}
	for want, in := range map[string]flows.Input{
		"(votes A; B)": flows.Vote{Options: []string{"A", "B"}}, "(votes)": flows.Vote{}, "(http 200 {})": flows.Result{Call: "1", Status: 200, Body: "{}"},
		"(http timeout)": flows.Result{Err: "timeout"}, "(ai 0.75 Sí)": flows.Result{Body: "Sí", Confidence: &sure}, "(ai - Sí)": flows.Result{Body: "Sí"},
	} {
		if got := flows.LineOf(in); got != want {
			t.Errorf("%#v: got %q, want %q", in, got, want)
		}
	}
}

// TestSimulateWithStubs: a call that has a stub is answered at once, with the way that it led.
func TestSimulateWithStubs(t *testing.T) {
	flow := `{"spec":1,"lang":"en","start":"r","nodes":{
		"r":{"type":"http","url":"https://a.example/","save":[{"var":"x","path":"x"}],"next":"s","fail":"e"},
		"s":{"type":"ai","var":"y","next":"e"},"e":{"type":"end","say":"{{x|}} {{y|}}"}}}`
	out := simulate(t, `{"flow":`+flow+`,"input":{"input":"start"},"stubs":{"r":{"status":200,"body":"{\"x\":\"one\"}"},"s":{"body":"two"}}}`)
	if got, want := strings.Join(out.Lines, " "), `(starts) (http 200 {"x":"one"}) (ai - two)`; got != want || !out.Session.Done {
		t.Errorf("got %s, done %v, want %s and the end", got, out.Session.Done, want)
	}
	if last := string(out.Actions[len(out.Actions)-2]); last != `{"do":"send","text":"one two"}` {
		t.Errorf("got %s, want one two", last)
	}
	loop := `{"spec":1,"lang":"en","start":"r","nodes":{"r":{"type":"http","url":"https://a.example/","next":"r","fail":"r"}}}`
	out = simulate(t, `{"flow":`+loop+`,"input":{"input":"start"},"stubs":{"r":{"err":"refused"}}}`)
	if !out.Session.Done || out.Session.Ending != flows.EndPeople {
		t.Errorf("a stub that always leads back: got %+v, want people to take over", out.Session)
	}
}
