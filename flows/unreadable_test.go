package flows

import (
	"errors"
	"strings"
	"testing"
)

// TestUnreadable: what can't be read is told with its place, in every language.
func TestUnreadable(t *testing.T) {
	flow := func(nodes string) string { return `{"spec":1,"start":"a","nodes":{` + nodes + `}}` }
	file := func(rest string) string { return `{"spec":1,"flow":` + flow(`"a":{"type":"end"}`) + rest + `}` }
	covered := map[Code]bool{noWord: true, unknownLine: true} // of triggers: below
	for name, c := range map[string]struct {
		code           Code
		text, at, says string
	}{
		"broken":             {badJSON, "{\"spec\":1,\n \"name\" 5}", ".", "Can't be read: there is a mistake at line and column 2:9."},
		"torn off":           {badJSON, `{"spec":1,`, ".", "Can't be read: there is a mistake at line and column 1:10."},
		"empty":              {badJSON, ``, ".", "Can't be read: there is a mistake at line and column 1:1."},
		"field of the flow":  {unknownField, `{"spec":1,"nodez":{}}`, ".nodez", "The field “nodez” does not exist."},
		"field of a node":    {unknownField, flow(`"a":{"type":"end","nxet":"b"}`), "a.nxet", "The field “nxet” does not exist."},
		"form of a field":    {wrongType, flow(`"a":{"type":"menu","options":[{"id":"x","label":7}]}`), "a.options.label", "“options.label” does not have the expected form."},
		"type of a node":     {unknownType, flow(`"a":{"type":"bomb"}`), "a.type", "There are no steps of type “bomb”."},
		"id of a node":       {badName, flow(`"a b":{"type":"end"}`), "a b.id", "“a b” can't be a name: use plain letters, digits, - or _."},
		"newer":              {newerSpec, `{"spec":99}`, ".spec", "It is of a newer version of Mostrador (format 99): update this one."},
		"no format":          {unknownSpec, `{"start":"a"}`, ".spec", "The format 0 is not known."},
		"newer file":         {newerSpec, `{"spec":99,"flow":{}}`, ".spec", "It is of a newer version of Mostrador (format 99): update this one."},
		"field of the file":  {unknownField, file(`,"author":"ana"`), ".author", "The field “author” does not exist."},
		"field of a trigger": {unknownField, file(`,"triggers":[{"on":"word","wrods":[]}]`), ".triggers.wrods", "The field “wrods” does not exist."},
		"form of a trigger":  {wrongType, file(`,"triggers":{}`), ".triggers", "“triggers” does not have the expected form."},
		"form of a flow":     {wrongType, `[]`, ".", "“JSON” does not have the expected form."},
		"form of a node":     {wrongType, flow(`"a":[]`), "a.", "“a” does not have the expected form."},
		"nameless test":      {noText, file(`,"tests":[{"text":"x"}]`), ".tests.0", "The text is missing."},
		"long test":          {tooBig, file(`,"tests":[{"name":"x","text":"` + strings.Repeat("x", MaxTest+1) + `"}]`), ".tests.0.text", "It is too big: 65536 bytes at most."},
		"long name":          {outOfRange, file(`,"tests":[{"name":"` + strings.Repeat("x", 201) + `","text":"x"}]`), ".tests.0.name", "Must be within 1–200."},
		"many tests":         {tooMany, file(`,"tests":[` + strings.TrimSuffix(strings.Repeat(`{"name":"x","text":"x"},`, 101), ",") + `]`), ".tests", "Too many: 100 at most."},
		"big":                {tooBig, `{"spec":1,"ui":"` + strings.Repeat("x", MaxFileBytes) + `"}`, ".", "It is too big: 6291456 bytes at most."},
		"big flow":           {tooBig, `{"spec":1,"ui":"` + strings.Repeat("x", MaxFlowBytes) + `"}`, ".", "It is too big: 1048576 bytes at most."},
	} {
		covered[c.code] = true
		_, err := ParseFile([]byte(c.text))
		var u *Unreadable
		if !errors.As(err, &u) {
			t.Errorf("%s: got %v, want an Unreadable", name, err)
			continue
		}
		if got := u.Problem.Node + "." + u.Problem.Field; u.Problem.Code != c.code || got != c.at || u.Problem.Say(English) != c.says {
			t.Errorf("%s: got %s %q at %s, want %s %q at %s", name, u.Problem.Code, u.Problem.Say(English), got, c.code, c.says, c.at)
		}
	}
	for code := range misreadings {
		if !covered[code] {
			t.Errorf("no case for %s", code)
		}
	}
}

func TestCheckTriggers(t *testing.T) {
	known := Known{Areas: map[string]string{"sales": "Sales"}, Lines: map[string]bool{"one": true}}
	for text, want := range map[string]string{
		`[]`: "",
		`[{"on":"message","line":"one","area":"sales"},{"on":"word","words":["pedido"],"contains":true},{"on":"closed"},{"on":"hand"},{"on":"end"}]`: "",
		`[{"on":"sometimes"}]`:                                            "triggers.0.on: “sometimes” is not a possible value here.",
		`[{"on":"word"}]`:                                                 "triggers.0.words: A word that it begins with is missing.",
		`[{"on":"word","words":["","?"]}]`:                                "triggers.0.words: A word that it begins with is missing.",
		`[{"on":"message"},{"on":"message","area":"gone"}]`:               "triggers.1.area: The area “gone” does not exist.",
		`[{"on":"message","line":"gone"}]`:                                "triggers.0.line: The line “gone” does not exist.",
		`[{"on":"word","words":["` + strings.Repeat("x", 201) + `"]}]`:    "triggers.0.words: Must be within 1–200.",
		`[{"on":"word","words":["x"` + strings.Repeat(`,"x"`, 50) + `]}]`: "triggers.0.words: Too many: 50 at most.",
		`[{"on":"hand"}` + strings.Repeat(`,{"on":"hand"}`, 20) + `]`:     "triggers: Too many: 20 at most.",
	} {
		triggers, err := ParseTriggers([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range CheckTriggers(triggers, known) {
			got = append(got, p.Field+": "+p.Say(English))
		}
		if strings.Join(got, "\n") != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
	if found := CheckTriggers([]Trigger{{On: OnFirst, Area: "x", Line: "y"}}, Known{}); len(found) > 0 {
		t.Errorf("nothing is known: got %+v, want nothing", found)
	}
}
