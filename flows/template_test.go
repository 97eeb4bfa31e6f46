package flows

import (
	"strings"
	"testing"
	"time"
)

// someRun is a step under way with a few variables.
func someRun(lang Lang) *run {
	return &run{flow: Flow{Lang: lang, ID: "f", Name: "Flow"}, env: Env{Now: time.Date(2025, 3, 3, 15, 4, 0, 0, time.UTC)}, s: Session{Vars: map[string]Value{
		"text": {Text: "ana maría DE LA CRUZ"}, "n": {Type: TypeNumber, Text: "-1234567.5"}, "day": {Type: TypeDate, Text: "2025-12-31"},
		"at": {Type: TypeTime, Text: "2025-12-31T23:30:00Z"}, "yes": {Type: TypeBool, Text: "true"}, "no": {Type: TypeBool, Text: "false"}, "json": {Type: TypeJSON, Text: `{"a":1}`},
	}}}
}

func TestTemplates(t *testing.T) {
	for _, c := range []struct {
		lang       Lang
		text, want string
	}{
		{Spanish, "{{text:title}} {{text:first:upper}} {{text:lower}}", "Ana María De La Cruz ANA ana maría de la cruz"},
		{Spanish, "{{n}} {{n:number}} {{n:money}} {{n:digits}} {{text:money}}", "-1234567,5 -1.234.567,5 -1.234.567,50 12345675 ana maría DE LA CRUZ"},
		{English, "{{n}} {{n:number}} {{day}} {{day:day}} {{at}} {{at:time}} {{yes}}", "-1234567.5 -1,234,567.5 31 Dec 2025 Wednesday 31 December 31 Dec 2025 23:30 23:30 yes"},
		{Portuguese, "{{day}} {{day:day}} {{at}} {{yes}} {{no}} {{now.greeting}}", "31/12/2025 quarta-feira 31/12 31/12/2025 23:30 sim não Boa tarde"},
		{"tlh", "{{now.datetime}} {{now.hour}} {{now.weekday}} {{flow.id}}", "03/03/2025 15:04 15 lunes f"},
		{Spanish, "{{ gone | nobody }}{{gone}}{{gone|}}", "nobody"},
		{Spanish, "{{}} {{|x}} {{ text:first }} }} {{", "{{}} {{|x}} ana }} {{"},
		{Spanish, "{{json}} {{text:date}} {{line.gone}}{{area.gone}}{{now.gone}}{{gone.gone}}", `{"a":1} ana maría DE LA CRUZ `},
	} {
		if got := someRun(c.lang).fill(newTemplate(c.text)); got != c.want {
			t.Errorf("%s %q:\ngot  %q\nwant %q", c.lang, c.text, got, c.want)
		}
	}
}

func TestURLsAreEscaped(t *testing.T) {
	r := someRun(Spanish)
	for value, want := range map[string]string{
		"a/b": "https://x.example/a%2Fb?q=a%2Fb#", "..": "https://x.example/?q=..#", "é &=?": "https://x.example/%C3%A9%20&=%3F?q=%C3%A9+%26%3D%3F#", "\r\nHost: y": "https://x.example/%0D%0AHost:%20y?q=%0D%0AHost%3A+y#",
	} {
		r.s.Vars["v"] = Value{Text: value}
		if got := r.fillURL(newTemplate("https://x.example/{{v}}?q={{v}}#")); got != want {
			t.Errorf("%q: got %q, want %q", value, got, want)
		}
	}
}

func TestBodiesAreEscaped(t *testing.T) {
	r := someRun(Spanish)
	r.s.Vars["v"] = Value{Text: "a\"\\\n{{n}}"}
	for text, want := range map[string]string{
		`{"a":"{{v}}"}`: `{"a":"a\"\\\n{{n}}"}`,
		`{"a":{{v}}}`:   `{"a":"a\"\\\n{{n}}"}`,
		`{"a":{{n}},"b":{{yes}},"c":{{json}},"d":{{day}}}`: `{"a":-1234567.5,"b":true,"c":{"a":1},"d":"2025-12-31"}`,
		`{"a":{{gone|null}},"b":{{gone}},"c":{{gone|x}}}`:  `{"a":null,"b":"","c":"x"}`,
		`{"\"{{n}}":"{{n:number}}"}`:                       `{"\"-1234567.5":"-1.234.567,5"}`,
		`["{{text:first}}"]`:                               `["ana"]`,
		`a={{v}}`:                                          "a=a\"\\\n{{n}}",
	} {
		if got := r.fillBody(newTemplate(text)); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	if got, want := oneLine("a\r\nb\x00\x7fc"), "a  b  c"; got != want {
		t.Errorf("header: got %q, want %q", got, want)
	}
}

func TestPickFromAnswer(t *testing.T) {
	var n request
	n.Save = []pick{{Var: "v"}}
	for _, c := range []struct {
		path, body string
		want       Value
	}{
		{"", " whole\n", Value{Type: TypeText, Text: "whole"}},
		{"a.b[1]", `{"a":{"b":[1,"x"]}}`, Value{Type: TypeText, Text: "x"}},
		{"0.n", `[{"n":1.50}]`, Value{Type: TypeNumber, Text: "1.5"}},
		{"n", `{"n":1e3}`, Value{Type: TypeText, Text: "1e3"}},
		{"n", `{"n":1e999999999}`, Value{Type: TypeText, Text: "1e999999999"}},
		{"t", `{"t":true}`, Value{Type: TypeBool, Text: "true"}},
		{"o", `{"o":{"k":[1]}}`, Value{Type: TypeJSON, Text: `{"k":[1]}`}},
		{"o", `{"o":null}`, Value{}}, {"a.b.c", `{"a":1}`, Value{}}, {"[9]", `[1]`, Value{}}, {"[-1]", `[1]`, Value{}}, {"x", `not json`, Value{}},
	} {
		r := &run{s: Session{Frames: []Frame{{}}}, flow: Flow{}}
		n.Save[0].Path, n.Next = c.path, "next"
		n.result(r, Result{Status: 200, Body: c.body})
		if got := r.s.Vars["v"]; got != c.want {
			t.Errorf("%s of %s: got %+v, want %+v", c.path, c.body, got, c.want)
		}
	}
}

func TestOrderOfNumbersAndDates(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want string
	}{
		{"1", "1.0", "="}, {"2", "10", "<"}, {"-1", "-2", ">"}, {"2025-03-03", "2025-03-04", "<"}, {"2025-03-03", "2025-03-03T00:00:00Z", "="},
		{"a", "b", "?"}, {"1", "b", "?"}, {"b", "1", "?"}, {"", "", "?"}, {"2025-03-03", "x", "?"}, {"1/2", "1", "?"}, {"1e3", "1", "?"}, {"1-2", "1", "?"},
	} {
		n, ok := order(c.a, c.b)
		got := "?"
		if ok {
			got = string("<=>"[n+1])
		}
		if got != c.want {
			t.Errorf("%q and %q: got %s, want %s", c.a, c.b, got, c.want)
		}
		for op, holds := range map[string]string{"greater": ">", "less": "<", "at_least": ">=", "at_most": "<="} {
			want := c.want != "?" && (c.want == holds[:1] || c.want == holds[1:])
			if got := compare[op](nil, Value{Text: c.a}, c.b); got != want {
				t.Errorf("%q %s %q: got %v, want %v", c.a, op, c.b, got, want)
			}
		}
	}
}

// TestRequestsAreBounded: one customer's text, written into a body a thousand times, must not fill the memory.
func TestRequestsAreBounded(t *testing.T) {
	times := strings.Repeat("{{v}}", 1000)
	for name, node := range map[string]string{
		"url": `"url":"https://a.example/?` + times + `"`, "json": `"url":"https://a.example/","body":"[\"` + times + `\"]"`,
		"form": `"url":"https://a.example/","headers":[{"name":"Content-Type","value":"application/x-www-form-urlencoded"}],"body":"a=` + times + `"`,
	} {
		f, err := Parse([]byte(`{"spec":1,"lang":"es","start":"a","nodes":{"a":{"type":"ask","say":"?","var":"v","next":"h"},
			"h":{"type":"http","method":"POST",` + node + `,"next":"e","fail":"big"},"e":{"type":"end"},"big":{"type":"end","say":"Demasiado."}}}`))
		if err != nil {
			t.Fatal(err)
		}
		s, _ := Step(f, Session{}, Text{Body: "hola"}, Env{})
		if _, did := Step(f, s, Text{Body: strings.Repeat("ñ", MaxValue)}, Env{}); len(did) == 0 || did[0] != Action(Send{Text: "Demasiado."}) {
			t.Errorf("%s: got a %T first, want it to go by fail", name, did[0])
		}
	}
}
