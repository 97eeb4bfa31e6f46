package flows

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// One flow for each problem: its node n (or the frame), and where the problem is.
var problemCases = []struct {
	code  Code
	level Level
	at    string // node.field
	flow  string // the nodes, or a whole flow
}{
	{noStart, Error, ".start", `{"spec":1,"lang":"es","start":"nowhere","nodes":{}}`},
	{missingTarget, Error, "n.next", `"n":{"type":"message","say":"x","next":"gone"}`},
	{missingTarget, Error, "n.options.a.next", `"n":{"type":"menu","say":"x","options":[{"id":"a","label":"A","next":"gone"}]}`},
	{missingTarget, Error, ".silence.next", `{"spec":1,"lang":"es","start":"n","silence":{"seconds":5,"next":"gone"},"nodes":{"n":{"type":"end"}}}`},
	{emptyMenu, Error, "n.options", `"n":{"type":"menu","say":"x","options":[]}`},
	{emptyMenu, Error, "n.options", `"n":{"type":"ask","say":"x","as":"choice","var":"x","next":"n"}`},
	{duplicate, Error, "n.options.b", `"n":{"type":"menu","say":"x","options":[{"id":"a","label":"Sí","next":"n"},{"id":"b","label":"No","words":["si"],"next":"n"}]}`},
	{duplicate, Error, "n.options.b", `"n":{"type":"menu","say":"x","options":[{"id":"a","key":"2","label":"A","next":"n"},{"id":"b","label":"B","next":"n"}]}`},
	{duplicate, Error, "n.options.1.id", `"n":{"type":"menu","say":"x","options":[{"id":"a","label":"A","next":"n"},{"id":"a","label":"B","next":"n"}]}`},
	{loopNoWait, Error, "m.", `"n":{"type":"message","say":"x","next":"m"},"m":{"type":"set","next":"n"}`},
	{loopNoWait, Error, "n.", `"n":{"type":"set","next":"n"}`},
	{loopNoWait, Error, "n.", `"n":{"type":"ask","known":true,"say":"x","var":"x","next":"n"}`},
	{loopNoCustomer, Warning, "n.", `"n":{"type":"delay","seconds":5,"next":"n"}`},
	{loopNoCustomer, Warning, "n.", `"n":{"type":"ai","next":"n"}`},
	{badName, Error, "n.var", `"n":{"type":"ai","var":"a b"}`},
	{badName, Error, "n.save.0.var", `"n":{"type":"http","url":"https://a.example/","save":[{"var":"a b"}]}`},
	{noVariable, Warning, "n.var", `"n":{"type":"ai","quiet":true}`},
	{outOfRange, Error, "n.turns", `"n":{"type":"ai","turns":21}`},
	{outOfRange, Error, "n.options", `"n":{"type":"menu","say":"x","options":[` + strings.TrimSuffix(strings.Repeat(`{"id":"a","label":"A"},`, 51), ",") + `]}`},
	{loopNoCustomer, Warning, "n.", `"n":{"type":"http","url":"https://a.example/","next":"n"}`},
	{manyMessages, Error, "n.", chain(`"type":"message","say":"x"`, 10)},
	{manyMessages, Error, "n.next", `"n":{"type":"ai","next":"m"},` + chainFrom("m", `"type":"message","say":"x"`, 9)},
	{manySteps, Error, "n.", chain(`"type":"tag","add":["x"]`, 101)},
	{noStart, Error, ".start", `{"spec":1,"lang":"es","start":"","nodes":{"n":{"type":"end"}}}`},
	{noArea, Error, "n.area", `"n":{"type":"redirect"}`},
	{unknownUser, Warning, "n.user", `"n":{"type":"redirect","user":"gone"}`},
	{unknownArea, Error, "n.area", `"n":{"type":"redirect","area":"gone"}`},
	{unknownArea, Error, "n.area", `"n":{"type":"hours","area":"gone","open":"n","closed":"n"}`},
	{unknownArea, Error, ".global.agent.area", `{"spec":1,"lang":"es","start":"n","global":{"agent":{"area":"gone"}},"nodes":{"n":{"type":"end"}}}`},
	{unknownFlow, Error, "n.flow", `"n":{"type":"jump","flow":"gone"}`},
	{unknownSecret, Warning, "n.headers.0.secret", `"n":{"type":"http","url":"https://a.example/","headers":[{"name":"X","secret":"gone"}]}`},
	{neverSet, Error, "n.say", `"n":{"type":"end","say":"{{x}}"}`},
	{neverSet, Error, "n.cases.a.rules.0.var", `"n":{"type":"condition","cases":[{"id":"a","rules":[{"var":"x","op":"empty"}]}]}`},
	{neverSet, Warning, "n.say", `"n":{"type":"message","say":"{{x}}","next":"j"},"j":{"type":"jump","flow":"other","return":true}`},
	{neverSet, Error, "n.say", `"n":{"type":"end","say":"{{now.nonsense}}"}`},
	{unknownFormat, Error, "n.say", `"n":{"type":"end","say":"{{message:shout}}"}`},
	{unknownKind, Error, "n.contact", `"n":{"type":"ask","say":"x","as":"phone","var":"x","contact":"phone"}`},
	{unknownKind, Error, "n.set.0.contact", `"n":{"type":"set","set":[{"contact":"tags","value":"vip"}]}`},
	{unknownKind, Error, "n.as", `"n":{"type":"ask","say":"x","as":"colour","var":"x"}`},
	{unknownKind, Error, "n.documents", `"n":{"type":"ask","say":"x","as":"document","documents":["fr_cni"],"var":"x"}`},
	{unknownKind, Error, "n.cases.a.rules.0.op", `"n":{"type":"condition","cases":[{"id":"a","rules":[{"var":"message","op":"like"}]}]}`},
	{unknownKind, Error, "n.cases.a.match", `"n":{"type":"condition","cases":[{"id":"a","match":"most","rules":[{"var":"message","op":"empty"}]}]}`},
	{unknownKind, Error, "n.set.0.as", `"n":{"type":"set","set":[{"var":"x","as":"colour"}]}`},
	{unknownKind, Error, "n.set.0.op", `"n":{"type":"set","set":[{"var":"x","op":"multiply"}]}`},
	{unknownKind, Error, "n.then", `"n":{"type":"end","then":"explode"}`},
	{unknownKind, Error, "n.method", `"n":{"type":"http","method":"BREW","url":"https://a.example/"}`},
	{unknownKind, Error, "n.on.a.status", `"n":{"type":"http","url":"https://a.example/","on":[{"id":"a","status":"abc"}]}`},
	{unknownKind, Error, "n.media.kind", `"n":{"type":"message","media":{"kind":"smell","ref":"r"}}`},
	{unknownKind, Warning, ".lang", `{"spec":1,"lang":"tlh","start":"n","nodes":{"n":{"type":"end"}}}`},
	{badPattern, Error, "n.pattern", `"n":{"type":"ask","say":"x","var":"x","pattern":"("}`},
	{badPattern, Error, "n.cases.a.rules.0.value", `"n":{"type":"condition","cases":[{"id":"a","rules":[{"var":"message","op":"matches","value":"(?<=x)"}]}]}`},
	{badURL, Error, "n.url", `"n":{"type":"http","url":"https://{{message}}/"}`},
	{badURL, Error, "n.url", `"n":{"type":"http","url":"https://a.example{{message}}"}`},
	{badURL, Error, "n.url", `"n":{"type":"http","url":"file:///etc/passwd"}`},
	{badURL, Error, "n.url", `"n":{"type":"http","url":"ftp://a.example/"}`},
	{badURL, Error, "n.url", `"n":{"type":"http","url":"https:///x"}`},
	{badURL, Error, "n.url", `"n":{"type":"http","url":"a.example/x"}`},
	{badURL, Error, "n.url", `"n":{"type":"http","url":"{{message}}"}`},
	{badURL, Error, "n.url", `"n":{"type":"http"}`},
	{badName, Error, "n.var", `"n":{"type":"ask","say":"x","var":"mi nombre"}`},
	{badName, Error, "n.options.0.id", `"n":{"type":"menu","say":"x","options":[{"id":"else","label":"A"}]}`},
	{badName, Error, "n.headers.0.name", `"n":{"type":"http","url":"https://a.example/","headers":[{"name":"X: y"}]}`},
	{noVariable, Error, "n.var", `"n":{"type":"ask","say":"x"}`},
	{noVariable, Error, "n.set.0.var", `"n":{"type":"set","set":[{"value":"x"}]}`},
	{noRule, Error, "n.cases.a.rules", `"n":{"type":"condition","cases":[{"id":"a","rules":[]}]}`},
	{noText, Error, "n.say", `"n":{"type":"ask","var":"x"}`},
	{noText, Warning, "n.say", `"n":{"type":"message"}`},
	{noText, Error, "n.options.a.label", `"n":{"type":"menu","say":"x","options":[{"id":"a"}]}`},
	{noMedia, Error, "n.media.ref", `"n":{"type":"message","media":{"kind":"image","ref":"gone"}}`},
	{noTag, Warning, "n.add", `"n":{"type":"tag","add":[" "]}`},
	{noTag, Warning, "n.add", `"n":{"type":"tag"}`},
	{outOfRange, Error, "n.seconds", `"n":{"type":"delay"}`},
	{outOfRange, Error, "n.retries", `"n":{"type":"menu","say":"x","retries":-1,"options":[{"id":"a","label":"A"}]}`},
	{outOfRange, Error, "n.silence.seconds", `"n":{"type":"menu","say":"x","silence":{"seconds":99999999},"options":[{"id":"a","label":"A"}]}`},
	{outOfRange, Error, "n.options", `"n":{"type":"menu","say":"x","poll":true,"options":[{"id":"a","label":"A"}]}`},
	{duplicate, Error, "n.labels.1", `"n":{"type":"csat","say":"x","scale":2,"labels":["Bien","¡bien!"]}`},
	{duplicate, Error, "n.labels.1", `"n":{"type":"csat","say":"x","scale":2,"labels":["2","1"]}`},
	{unknownKind, Error, "n.min", `"n":{"type":"ask","say":"x","var":"x","as":"number","min":"18 años"}`},
	{unknownKind, Error, "n.max", `"n":{"type":"ask","say":"x","var":"x","as":"date","max":"31/12/2026"}`},
	{unknownKind, Error, "n.max", `"n":{"type":"ask","say":"x","var":"x","max":"long"}`},
	{outOfRange, Error, "n.max", `"n":{"type":"ask","say":"x","var":"x","as":"number","min":"10","max":"9.5"}`},
	{outOfRange, Error, "n.max", `"n":{"type":"ask","say":"x","var":"x","min":"10","max":"9"}`},
	{outOfRange, Error, "n.max", `"n":{"type":"ask","say":"x","var":"x","as":"date","min":"2026-02-01","max":"2026-01-31"}`},
	{unknownKind, Error, "n.files", `"n":{"type":"ask","say":"x","var":"x","as":"file","files":["image","pdf"]}`},
	{badURL, Error, "n.url", `"n":{"type":"http","url":"https://ana:secret@a.example/"}`},
	{badURL, Error, "n.url", `"n":{"type":"http","url":"https://a.example:99999/{{message}}"}`},
	{badURL, Error, "n.url", `"n":{"type":"http","url":"https://peña.example/"}`},
	{outOfRange, Error, "n.low.upTo", `"n":{"type":"csat","say":"x","low":{"upTo":6}}`},
	{outOfRange, Error, "n.low.upTo", `"n":{"type":"csat","say":"x","low":{}}`},
	{outOfRange, Error, "n.scale", `"n":{"type":"csat","say":"x","scale":100}`},
	{outOfRange, Error, "n.confidence", `"n":{"type":"ai","confidence":70}`},
	{longLabel, Error, "n.options.a.label", `"n":{"type":"menu","say":"x","poll":true,"options":[{"id":"a","label":"` + strings.Repeat("x", 101) + `"},{"id":"b","label":"B"}]}`},
	{longText, Warning, "n.say", `"n":{"type":"end","say":"` + strings.Repeat("é", 4097) + `"}`},
	{unreachable, Warning, "m.", `"n":{"type":"end"},"m":{"type":"end"}`},
	{deadEnd, Warning, "n.next", `"n":{"type":"message","say":"x"}`},
	{deadEnd, Warning, "n.else", `"n":{"type":"condition","cases":[]}`},
	{noFallback, Warning, "n.say", `"n":{"type":"end","say":"Hola {{contact.name}}"}`},
}

// chainFrom is first, first0, first1… of count nodes, each leading to the next.
func chainFrom(first, fields string, count int) string {
	var nodes []string
	for i := range count {
		id, next := first, fmt.Sprintf(`,"next":"%s%d"`, first, i)
		if i > 0 {
			id = fmt.Sprintf("%s%d", first, i-1)
		}
		if i == count-1 {
			next = ""
		}
		nodes = append(nodes, fmt.Sprintf(`"%s":{%s%s}`, id, fields, next))
	}
	return strings.Join(nodes, ",")
}

func chain(fields string, count int) string { return chainFrom("n", fields, count) }

var known = Known{Areas: map[string]string{"sales": "Sales"}, Flows: map[string]bool{"other": true}, Media: map[string]bool{}, Secrets: map[string]bool{},
	Users: map[string]bool{"ana": true}}

func TestCheckFindsEachProblem(t *testing.T) {
	covered := map[Code]bool{}
	for i, c := range problemCases {
		covered[c.code] = true
		t.Run(fmt.Sprintf("%s/%d", c.code, i), func(t *testing.T) {
			text := c.flow
			if !strings.HasPrefix(text, "{") {
				text = `{"spec":1,"lang":"es","start":"n","nodes":{` + text + `}}`
			}
			f, err := Parse([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			found := Check(f, known)
			if !slices.ContainsFunc(found, func(p Problem) bool { return p.Code == c.code && p.Level == c.level && p.Node+"."+p.Field == c.at }) {
				t.Errorf("got %+v, want %s %s at %s", found, c.level, c.code, c.at)
			}
		})
	}
	for code := range problems {
		if !covered[code] {
			t.Errorf("no case for %s", code)
		}
	}
}

// TestReadyMadeFlowsHaveNames: the builder shows them.
func TestReadyMadeFlowsHaveNames(t *testing.T) {
	for _, key := range ReadyKeys() {
		for _, lang := range Languages() {
			made, err := Ready(key, lang)
			if err != nil {
				t.Fatal(err)
			}
			f, err := Parse(made.JSON)
			if err != nil {
				t.Fatal(err)
			}
			for id, n := range f.Nodes {
				if n.Title() == "" {
					t.Errorf("%s %s: node %s has no name", key, lang, id)
				}
			}
		}
	}
}

func TestCheckAcceptsReadyMadeFlows(t *testing.T) {
	known := Known{Areas: map[string]string{}, Flows: map[string]bool{}, Secrets: map[string]bool{"orders": true}}
	for _, key := range ReadyAreas {
		known.Areas[key] = key
	}
	for _, key := range ReadyKeys() {
		for _, lang := range Languages() {
			made, err := Ready(key, lang)
			if err != nil {
				t.Fatal(err)
			}
			f, err := Parse(made.JSON)
			if err != nil {
				t.Fatal(err)
			}
			if found := Check(f, known); len(found) > 0 {
				t.Errorf("%s %s: got %+v, want nothing", key, lang, found)
			}
		}
	}
}

func TestProblemsSaySomethingInEveryLanguage(t *testing.T) {
	all := maps.Clone(problems)
	maps.Copy(all, misreadings)
	for code, sentences := range all {
		for i, s := range sentences {
			if s == "" || strings.Contains(s, "%") != strings.Contains(sentences[0], "%") {
				t.Errorf("%s in %s: got %q, beside %q", code, Languages()[i], s, sentences[0])
			}
		}
	}
	p := Problem{Code: neverSet, Arg: "x"}
	if got, want := p.Say(English), "No step gives “x” a value. If it may be missing, write {{x|text}}."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if p.Say("tlh") != p.Say(Spanish) {
		t.Errorf("got %q, want the Spanish sentence", p.Say("tlh"))
	}
}

// Loops that pass a question, and long ones, are none of Check's business.
func TestCheckFindsNothing(t *testing.T) {
	for _, nodes := range []string{
		`"n":{"type":"menu","say":"x","options":[{"id":"a","label":"A","next":"m"}]},"m":{"type":"message","say":"x","next":"n"}`,
		`"n":{"type":"csat","say":"x","next":"m"},"m":{"type":"redirect","area":"{{contact.area|sales}}"}`,
		`"n":{"type":"jump","flow":"other","return":true,"next":"n"}`,
		`"n":{"type":"redirect","user":"ana"}`,
		`"n":{"type":"ai","turns":20,"next":"n"}`,
		`"n":{"type":"ai","next":"m"},"m":{"type":"csat","say":"x","next":"e"},"e":{"type":"end"}`,
		`"n":{"type":"set","set":[{"var":"x","value":"1"}],"next":"m"},"m":{"type":"end","say":"{{x}}"}`,
		`"n":{"type":"http","url":"https://a.example/","save":[{"var":"x"}],"next":"m"},"m":{"type":"ai","confidence":1,"var":"y","next":"e"},"e":{"type":"end","say":"{{x}} {{y}}"}`,
		`"n":{"type":"menu","say":"x","poll":true,"options":[{"id":"a","label":"A","next":"n"},{"id":"b","label":"B","next":"n"}]}`,
		`"n":{"type":"ask","say":"x","var":"x","retries":10,"silence":{"seconds":2592000},"next":"n"}`,
		`"n":{"type":"csat","say":"x","scale":10,"var":"x","low":{"upTo":3,"next":"e"},"next":"e"},"e":{"type":"end","say":"{{x}}"}`,
		chain(`"type":"message","say":"x"`, 8) + `,"n7":{"type":"end","say":"{{first|}} {{opens|}} {{message:upper}}"}`,
	} {
		f, err := Parse([]byte(strings.ReplaceAll(`{"spec":1,"lang":"es","start":"n","nodes":{`+nodes+`}}`, `"n6":{"type":"message","say":"x"}`, `"n6":{"type":"message","say":"x","next":"n7"}`)))
		if err != nil {
			t.Fatal(err)
		}
		if found := Check(f, known); len(found) > 0 {
			t.Errorf("%s\ngot %+v, want nothing", nodes, found)
		}
	}
}
