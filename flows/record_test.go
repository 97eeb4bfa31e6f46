package flows

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

var recorded = `{"spec":1,"lang":"en","start":"h","nodes":{
	"h":{"type":"hours","area":"far","open":"q","closed":"c"},"c":{"type":"message","say":"Closed until {{opens:time}}.","next":"q"},
	"q":{"type":"ask","say":"Order?","var":"o","silence":{"seconds":300,"next":"s"},"next":"r"},
	"s":{"type":"message","say":"Still there?","next":"q"},
	"r":{"type":"http","url":"https://a.example/{{o}}","save":[{"var":"state","path":"state"}],"next":"m","fail":"m"},
	"m":{"type":"end","say":"It is {{state|unknown}}, {{now.time}}."}}}`

// TestRecord: what was tried becomes a test that passes: with its pauses, timers and stubs.
func TestRecord(t *testing.T) {
	f, err := Parse([]byte(recorded))
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2025, 3, 3, 9, 0, 0, 0, time.FixedZone("", -3*3600))
	at := func(d time.Duration) time.Time { return start.Add(d) }
	// Noon in the far area's zone, which is closed from then on.
	far := Calendar{Zone: time.FixedZone("", 0), Week: map[time.Weekday][]Window{time.Monday: {{From: 8 * 60, To: 12 * 60}}, time.Tuesday: {{From: 8 * 60, To: 12 * 60}}}}
	env := Env{Now: start, Zone: start.Location(), Hours: map[string]Calendar{"far": far, "": {}}, Contact: Contact{Name: "Ana"}, Areas: map[string]string{"far": "Far"}}
	stubs := map[string]Result{"r": {Status: 200, Body: `{"state":"sent"}`}}
	chat, err := Record(f, env, []Moment{
		{At: at(0), Input: Text{Body: "hi"}},
		{At: at(7 * time.Minute), Input: Timeout{}},              // rang at 5m, looked at later
		{At: at(7*time.Minute + 30*time.Second), Input: Start{}}, // changes nothing
		{At: at(8 * time.Minute), Input: Other{"call"}},          // half a minute is typing
		{At: at(20 * time.Minute), Input: Other{"call"}},         // would be after the next timer
		{Input: Text{Body: "A\n1"}},
	}, stubs)
	want := `> hi
< Closed until 05:00.
< Order?
> (waits 5m)
< Still there?
< Order?
> (waits 2m30s)
> (starts)
> (other call)
< Please answer with a text.

  Order?
> (waits 4m59s)
> (other call)
< Please answer with a text.

  Order?
> A
  1
* GET https://a.example/A%0A1
> (http 200 {"state":"sent"})
< It is sent, 09:12.
* close
`
	if err != nil || chat != want {
		t.Fatalf("got %v\n%s\nwant\n%s", err, chat, want)
	}
	world, err := json.Marshal(WorldOf(env))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(world); !strings.Contains(got, `"hours":{"far":{"monday":["08:00-12:00"],"tuesday":["08:00-12:00"],"zone":["+00:00"]}}`) {
		t.Errorf("got world %s", got)
	}
	again, err := Transcript{Parts: []Part{{"world.json", string(world)}}}.Env()
	if err != nil {
		t.Fatal(err)
	}
	if err := Test(f, again, chat); err != nil {
		t.Error(err)
	}
}

// TestRecordKeepsHowSureAModelIs: a stub may be the answer of an endpoint as it came, status and all.
func TestRecordKeepsHowSureAModelIs(t *testing.T) {
	f, err := Parse([]byte(`{"spec":1,"lang":"en","start":"a","nodes":{"a":{"type":"ai","prompt":"{{message}}","confidence":0.5,"unsure":"u","next":"e"},
		"u":{"type":"end","say":"Not sure."},"e":{"type":"end"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	sure := 0.2
	stubs := map[string]Result{"a": {Status: 200, Body: "Perhaps.", Confidence: &sure}}
	chat, err := Record(f, Env{}, []Moment{{Input: Text{Body: "hi"}}}, stubs)
	if err != nil || !strings.Contains(chat, "> (ai 0.2 Perhaps.)\n< Not sure.") {
		t.Errorf("got %v\n%s\nwant the model's doubt in it", err, chat)
	}
}

func TestRecordRefusesWhatHasNoLine(t *testing.T) {
	f, err := Parse([]byte(recorded))
	if err != nil {
		t.Fatal(err)
	}
	for _, said := range []string{"(starts)", "(waits 5m)", "(votes a)"} {
		_, err = Record(f, Env{}, []Moment{{Input: Text{Body: "hi"}}, {Input: Text{Body: said}}}, nil)
		var u *Unsayable
		if !errors.As(err, &u) || u.Moment != 1 {
			t.Errorf("%s: got %v, want moment 1 to be unsayable", said, err)
		}
	}
}

func TestConversationsThatAreTooLong(t *testing.T) {
	f, err := Parse([]byte(`{"spec":1,"lang":"en","start":"q","nodes":{"q":{"type":"ask","say":"` + strings.Repeat("x", MaxText) + `","var":"x","next":"q"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Play(f, Env{}, strings.Repeat("> a\n", 300)); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("got %v, want it to be too long", err)
	}
}

// TestWhatIsRecordedPasses plays random inputs on random flows, and the test made of them again.
func TestWhatIsRecordedPasses(t *testing.T) {
	called, err := Parse([]byte(sub))
	if err != nil {
		t.Fatal(err)
	}
	called.ID, called.Version = "sub", 1
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 9))
		f := generate(t, r)
		env := Env{Now: time.Unix(1e9, 0).UTC(), Areas: world.Areas, Contact: Contact{Name: "Ana", Tags: []string{"vip"}}, Random: r.Uint64() >> 12,
			Flows: map[Ref]Flow{{Flow: "sub"}: called, called.Ref(): called}, Hours: map[string]Calendar{"": {Week: map[time.Weekday][]Window{time.Sunday: {{From: 60, To: 120}}}}}}
		var moments []Moment
		now := env.Now
		for range 20 {
			now = now.Add(time.Duration(r.IntN(200)) * time.Second)
			if in := someInput(r, Session{}); in != nil {
				moments = append(moments, Moment{At: now, Input: in})
			}
		}
		chat, err := Record(f, env, moments, map[string]Result{"n1": {Status: 200, Body: `{"a":[{"b":1}]}`}, "n2": {Body: "Yes."}})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		b, err := json.Marshal(WorldOf(env))
		if err != nil {
			t.Fatal(err)
		}
		again, err := Transcript{Parts: []Part{{"world.json", string(b)}}}.Env()
		if err != nil {
			t.Fatal(err)
		}
		again.Flows = env.Flows
		if err := Test(f, again, chat); err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, chat)
		}
	}
}
