package flows

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"
)

// world is what the generated flows live in.
var world = Known{Areas: map[string]string{"sales": "Sales"}, Flows: map[string]bool{"sub": true}}

// sub is a flow that the generated ones may jump to.
var sub = `{"spec":1,"lang":"en","start":"q","nodes":{"q":{"type":"ask","say":"Sub?","var":"sub","next":"e"},"e":{"type":"end","then":"back"}}}`

// TestNobodyIsLeftAlone plays 200 random inputs on each of many random flows that Check accepts. After each of them the
// conversation waits for the customer, a result or a time, each with an end to the wait, or it is over; nobody gets more
// messages at once than allowed; and the flow is never at fault where Check said that it is not.
func TestNobodyIsLeftAlone(t *testing.T) {
	rounds := 1_000
	if testing.Short() {
		rounds = 200
	}
	accepted := 0
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 7))
		f := generate(t, r)
		problems := Check(f, world)
		if !Publishable(problems) {
			continue
		}
		accepted++
		loops := slices.ContainsFunc(problems, func(p Problem) bool { return p.Code == loopNoCustomer || p.Code == deadEnd })
		converse(t, r, f, seed, loops)
	}
	t.Logf("accepted %d of %d", accepted, rounds)
	if accepted < rounds/4 {
		t.Fatalf("Check accepted %d of %d generated flows: too few to mean anything", accepted, rounds)
	}
}

func converse(t *testing.T, r *rand.Rand, f Flow, seed uint64, loops bool) {
	var s Session
	called, err := Parse([]byte(sub))
	if err != nil {
		t.Fatal(err)
	}
	called.ID, called.Version = "sub", 1
	env := Env{Now: time.Unix(1e9, 0), Areas: world.Areas, Contact: Contact{Name: "Ana", Tags: []string{"vip"}}, Flows: map[Ref]Flow{{Flow: "sub"}: called, called.Ref(): called}}
	for range 200 {
		env.Random = r.Uint64()
		env.Now = env.Now.Add(time.Duration(r.IntN(100)) * time.Second)
		in := someInput(r, s)
		before, _ := json.Marshal(s)
		next, actions := step(f, s, in, env)
		if after, _ := json.Marshal(s); string(after) != string(before) {
			t.Fatalf("seed %d: Step changed the session it was given", seed)
		}
		if fault := judge(next, actions, env, loops); fault != "" {
			t.Fatalf("seed %d: %s\ninput %#v\nsession %+v\nactions %+v", seed, fault, in, next, actions)
		}
		b, err := json.Marshal(next)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		s = Session{}
		if err := json.Unmarshal(b, &s); err != nil || !reflect.DeepEqual(s.Vars, next.Vars) && len(next.Vars) > 0 {
			t.Fatalf("seed %d: through JSON: got %+v, %v, want %+v", seed, s, err, next)
		}
		if s.Done && r.IntN(3) == 0 {
			s = Session{} // given back to the bot
		}
	}
}

// judge says what is wrong with a state, if something is.
func judge(s Session, actions []Action, env Env, loops bool) string {
	sends, ends := 0, 0
	for _, a := range actions {
		switch a := a.(type) {
		case Send:
			sends++
		case Close:
			ends++
		case Handover:
			ends++
			switch a.Reason {
			case ReasonNoNode, ReasonNoFlow, ReasonSends, ReasonDepth, ReasonArea, ReasonPattern, ReasonEmpty, ReasonBug:
				return "a flow that Check accepted was at fault: " + string(a.Reason)
			case ReasonLoop, ReasonDeadEnd:
				if !loops {
					return "not foreseen by Check: " + string(a.Reason)
				}
			}
		}
	}
	switch {
	case sends > MaxSends:
		return fmt.Sprintf("%d messages for one input", sends)
	case s.Done && (ends > 1 || s.Ending == "" || s.Wait != "" || !s.WakesAt.IsZero()):
		return "over, but not quite"
	case s.Done || !s.Started():
		return ""
	case ends > 0:
		return "ended, and goes on"
	case s.Wait != WaitCustomer && s.Wait != WaitResult && s.Wait != WaitTime:
		return "waits for nothing"
	case s.WakesAt.IsZero() || s.WakesAt.After(env.Now.Add(MaxWait)):
		return "waits without an end"
	case s.Wait == WaitResult && s.Call == "":
		return "waits for the result of no call"
	}
	return ""
}

func someInput(r *rand.Rand, s Session) Input {
	if s.Wait == WaitResult && r.IntN(2) == 0 {
		sure := r.Float64()
		return [...]Input{
			Result{Call: s.Call, Status: 200, Body: `{"a":[{"b":1}]}`}, Result{Call: s.Call, Status: 404}, Result{Call: s.Call, Err: "refused"},
			Result{Call: s.Call, Body: "Yes.", Confidence: &sure}, Result{Call: "other", Body: "No."},
		}[r.IntN(5)]
	}
	return [...]Input{
		Text{"1"}, Text{"2"}, Text{"3"}, Text{"4"}, Text{"ana@example.com"}, Text{"3/3/2025"}, Text{"nonsense 🙂"}, Text{""}, Text{"menu"}, Text{"\xff\x00"},
		Text{"salir"}, Text{"agente"}, Media{Kind: "image", Ref: "f"}, Media{Kind: "voice"}, Location{Lat: 1}, Card{}, Vote{}, Vote{Options: []string{"One"}},
		Other{}, Timeout{}, Timeout{}, Start{}, nil, Result{},
	}[r.IntN(24)]
}
