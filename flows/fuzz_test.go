package flows

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// FuzzParse: whatever is read can be checked, written, read again and run.
func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/*/*.txtar")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(ParseTranscript(string(text)).Part("flow.json")), "1")
	}
	f.Fuzz(func(t *testing.T, b []byte, said string) {
		flow, err := Parse(b)
		if err != nil {
			return
		}
		for _, p := range Check(flow, Known{}) {
			if p.Say(English) == "" {
				t.Fatalf("no sentence for %+v", p)
			}
		}
		again, err := json.Marshal(flow)
		if err != nil {
			t.Fatalf("write: %v", err)
		}
		if _, err := Parse(again); err != nil && len(again) <= MaxFlowBytes {
			t.Fatalf("read again: %v\n%s", err, again)
		}
		env := Env{Now: time.Unix(1e9, 0)}
		s, actions := step(flow, Session{}, Text{Body: said}, env)
		for range 5 {
			if fault := judgeAny(s, actions, env); fault != "" {
				t.Fatalf("%s: %+v", fault, s)
			}
			s, actions = step(flow, s, Text{Body: said}, env)
		}
	})
}

// FuzzStep: no sequence of texts to any generated flow panics or leaves the customer with nobody.
func FuzzStep(f *testing.F) {
	f.Add(uint64(1), "hola\n1\n2\nana@example.com")
	f.Add(uint64(2), "1️⃣\n\x00\xff\n٣\n{{x}}\nopción 2")
	f.Add(uint64(3), "12.345.678-5\n3 de marzo\n-1,5")
	f.Fuzz(func(t *testing.T, seed uint64, said string) {
		r := rand.New(rand.NewPCG(seed, 7))
		flow := generate(t, r)
		var s Session
		env := Env{Now: time.Unix(1e9, 0)}
		for line := range strings.SplitSeq(said, "\n") {
			var in Input = Text{Body: line}
			if r.IntN(4) == 0 {
				in = someInput(r, s)
			}
			var actions []Action
			env.Now = env.Now.Add(time.Minute)
			s, actions = step(flow, s, in, env)
			if fault := judgeAny(s, actions, env); fault != "" {
				t.Fatalf("%s: %+v", fault, s)
			}
		}
	})
}

// FuzzPlay: a transcript, however wild, is read and played or refused.
func FuzzPlay(f *testing.F) {
	f.Add("> hola\n< x\n> (waits 5m)\n> (http 200 {})\n> (location 1 2 x)\n> (writes 5 x)\n> (ai - x)")
	flow, err := Parse([]byte(`{"spec":1,"lang":"es","start":"m","nodes":{"m":{"type":"menu","say":"?","options":[{"id":"a","label":"A","next":"h"}]},"h":{"type":"http","url":"https://a.example/","next":"m","fail":"m"}}}`))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, chat string) {
		if len(chat) > 1<<12 {
			return
		}
		got, err := Play(flow, Env{}, chat)
		if err != nil {
			return
		}
		if err := Test(flow, Env{}, got); err != nil {
			t.Fatalf("what was played does not play again: %v\n%s", err, got)
		}
	})
}

// judgeAny is judge for flows that Check did not accept: they may be at fault, but leave nobody alone.
func judgeAny(s Session, actions []Action, env Env) string {
	for i, a := range actions {
		if h, ok := a.(Handover); ok && h.Reason != ReasonBug {
			actions[i] = Handover{Reason: ReasonFlow}
		}
	}
	return judge(s, actions, env, true)
}
