package flows_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"mostrador/flows"
)

const wholeFile = `{"spec":1,
	"flow":{"spec":1,"name":"A <b>","start":"a","nodes":{"a":{"type":"message","say":"<i>","media":{"kind":"image","ref":"pic"},"next":"b"},
		"b":{"type":"message","media":{"kind":"image","ref":"pic"}}}, "ui":{"a":[1,2.50]}},
	"triggers":[{"on":"word","words":["hola"]}],
	"tests":[{"name":"Says hi","text":"-- chat --\n> hola\n< [image pic] <i>\n"}],
	"media":["whatever"]}`

// A file read, written and read again is the same.
func TestFileThroughJSON(t *testing.T) {
	once, err := flows.ParseFile([]byte(wholeFile))
	if err != nil {
		t.Fatal(err)
	}
	text, err := once.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := flows.ParseFile(text)
	if err != nil {
		t.Fatal(err)
	}
	if string(again.JSON) != string(once.JSON) || !reflect.DeepEqual(again.Tests, once.Tests) || !reflect.DeepEqual(again.Triggers, once.Triggers) {
		t.Errorf("got %s\n%+v\nwant %s\n%+v", again.JSON, again, once.JSON, once)
	}
	if got := again.Flow.Media(); len(got) != 1 || got[0] != "pic" || !strings.Contains(string(text), "\"media\": [\n    \"pic\"\n  ]") || strings.Contains(string(text), "whatever") {
		t.Errorf("got media %+v in\n%s\nwant pic, once", got, text)
	}
	if len(again.Tests) != 1 || len(again.Triggers) != 1 || again.Triggers[0].On != flows.OnWord {
		t.Errorf("got %+v, want its test and its trigger", again)
	}
}

func TestFlowAloneIsAFile(t *testing.T) {
	f, err := flows.ParseFile([]byte(`{"spec": 1, "name": "Alone", "start": "a", "nodes": {"a": {"type": "end"}}}`))
	if err != nil || f.Flow.Name != "Alone" || string(f.JSON) != `{"spec":1,"name":"Alone","start":"a","nodes":{"a":{"type":"end"}}}` {
		t.Errorf("got %+v, %s, %v", f, f.JSON, err)
	}
}

// FuzzParseFile: whatever is read can be checked, written and read again.
func FuzzParseFile(f *testing.F) {
	f.Add([]byte(wholeFile))
	f.Add([]byte(`{"spec":1,"start":"a","nodes":{"a":{"type":"end"}}}`))
	f.Add([]byte(`{"spec":1,"flow":null,"tests":[{"name":"","text":"-- world.json --\n{}\n-- chat --\n> x"}],"triggers":null}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := flows.ParseFile(b)
		if err != nil {
			var u *flows.Unreadable
			if !errors.As(err, &u) || u.Problem.Say(flows.Spanish) == "" {
				t.Fatalf("got %v, want an Unreadable with a sentence", err)
			}
			return
		}
		flows.Check(file.Flow, flows.Known{})
		flows.CheckTriggers(file.Triggers, flows.Known{Areas: map[string]string{}})
		for _, test := range file.Tests {
			transcript := flows.ParseTranscript(test.Text)
			if env, err := transcript.Env(); err == nil && len(test.Text) < 1<<12 {
				_ = flows.Test(file.Flow, env, transcript.Part("chat"))
			}
		}
		text, err := file.Encode()
		if err != nil {
			t.Fatalf("write: %v", err)
		}
		again, err := flows.ParseFile(text)
		if err != nil {
			t.Fatalf("read again: %v\n%s", err, text)
		}
		if changes := flows.Diff(file.Flow, again.Flow); len(changes) > 0 || len(again.Tests) != len(file.Tests) || len(again.Triggers) != len(file.Triggers) {
			t.Fatalf("read again: got %+v\n%+v\nwant %+v", changes, again, file)
		}
	})
}
