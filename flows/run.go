package flows

import (
	"fmt"
	"slices"
	"time"
)

// run is one Step under way.
type run struct {
	s      Session
	env    Env
	first  Flow // the one given to Step
	flow   Flow // the one in which we stand
	out    []Action
	visits []Visit
	sends  int
	own    bool              // s.Vars is ours to write
	wrote  map[string]string // contact fields set during this step, ahead of env.Contact
	added  []string          // tags set during this step, ahead of env.Contact
	gone   []string
	album  bool   // the input is a file right after another one
	full   Reason // a limit that was reached while a node was entered
}

// move is what happens after a node: go to another one by a port, or stop.
type move struct {
	port, to string
	stop     bool
}

func (r *run) follow(port, to string) move { return move{port: port, to: to} }

func (r *run) top() *Frame { return &r.s.Frames[len(r.s.Frames)-1] }

// find returns a version of a flow that the session stands in.
func (r *run) find(ref Ref) (Flow, bool) {
	if ref == r.first.Ref() {
		return r.first, true
	}
	f, ok := r.env.Flows[ref]
	return f, ok
}

// stay waits on as before: nothing that concerns the flow happened.
func (r *run) stay() move { return move{stop: true} }

// wait stops for the customer, for at most as long as silence says.
func (r *run) wait(silence *Silence) move {
	patience := r.env.Patience
	if r.flow.Silence != nil && r.flow.Silence.Seconds > 0 {
		patience = seconds(r.flow.Silence.Seconds)
	}
	if silence != nil && silence.Seconds > 0 {
		patience = seconds(silence.Seconds)
	}
	if patience <= 0 {
		patience = Patience
	}
	r.s.Wait, r.s.Call, r.s.WakesAt = WaitCustomer, "", r.env.Now.Add(min(patience, MaxWait))
	return move{stop: true}
}

// waitTime stops until a time.
func (r *run) waitTime(d time.Duration) move {
	r.s.Wait, r.s.Call, r.s.WakesAt = WaitTime, "", r.env.Now.Add(max(min(d, MaxWait), 0))
	return move{stop: true}
}

// waitResult makes a call and stops for its result.
func (r *run) waitResult(c Call, timeout time.Duration) move {
	r.s.Calls++
	c.ID = fmt.Sprintf("%d-%08x", r.s.Calls, uint32(r.env.Random))
	c.Deadline = r.env.Now.Add(timeout)
	r.s.Wait, r.s.Call, r.s.WakesAt = WaitResult, c.ID, c.Deadline.Add(grace)
	r.out = append(r.out, c)
	return move{stop: true}
}

// grace is how long after a call's deadline a Timeout is due: whoever works the call off reports its failure first.
const grace = 5 * time.Second

// errDeadline is the error of a Result that the engine makes up when none came.
const errDeadline = "deadline"

// silent is what happens when the customer did not answer in time.
func (r *run) silent(s *Silence) move {
	r.s.Silences++
	if s == nil || s.Next == "" || r.s.Silences > MaxSilence {
		if s = r.flow.Silence; s == nil || s.Next == "" || s.Next == r.s.Node() || r.s.Silences > MaxSilence {
			r.visit(Abandoned, "")
			return r.end(EndClosed, Close{Reason: ReasonSilence})
		}
	}
	return r.follow("silence", s.Next)
}

// send says something, unless it is nothing. One place is kept for the sentence before a handover.
func (r *run) send(s Send) {
	if s.Text == "" && s.Media == nil && s.Poll == nil {
		return
	}
	if r.sends >= MaxSends-1 {
		r.full = ReasonSends
		return
	}
	r.sends++
	r.out = append(r.out, s)
}

func (r *run) say(p phrase) string { return r.locale().says[p] }

func (r *run) visit(what What, port string) {
	if len(r.visits) < 4*MaxSteps {
		r.visits = append(r.visits, Visit{Ref: r.top().Ref, Node: r.top().Node, What: what, Port: port})
	}
}

// end leaves the flow for good. The variables stay, for whoever looks at the conversation afterwards.
func (r *run) end(how Ending, last Action) move {
	r.out = append(r.out, last)
	r.s = Session{Vars: r.s.Vars, Inputs: r.s.Inputs, Calls: r.s.Calls, Done: true, Ending: how}
	return move{stop: true}
}

// hand gives the conversation to people, with a sentence for the customer when the flow did not foresee it.
func (r *run) hand(h Handover) move {
	if _, known := r.env.Areas[h.Area]; h.Area != "" && r.env.Areas != nil && !known {
		h.Area = ""
		if h.Reason == ReasonFlow {
			h.Reason = ReasonArea
		}
	}
	if !h.Reason.planned() {
		r.sends++
		r.out = append(r.out, Send{Text: r.person()})
	}
	h.Node = r.s.Node()
	r.visit(HandedOver, "")
	return r.end(EndPeople, h)
}

// fault is a handover that no one planned. The area for who asks for a person gets it.
func (r *run) fault(why Reason) move {
	return r.hand(Handover{Area: r.flow.Global.Agent.Area, Reason: why})
}

// person is the sentence that tells the customer that a person will answer.
func (r *run) person() string {
	if say := r.text(r.flow.Global.Agent.Say); say != "" {
		return say
	}
	return r.say(sayPerson)
}

// back returns to the flow that jumped here, or hands over: a way that leads nowhere must not leave the customer alone.
func (r *run) back() move {
	n := len(r.s.Frames)
	if n < 2 {
		return r.fault(ReasonDeadEnd)
	}
	to := r.top().Return
	r.s.Frames = slices.Clone(r.s.Frames[:n-1])
	flow, ok := r.find(r.top().Ref)
	if !ok {
		return r.fault(ReasonNoFlow)
	}
	r.flow = flow
	return move{to: to}
}

func seconds(n int) time.Duration { return min(time.Duration(n), MaxWait/time.Second) * time.Second }

// albumGap is how close after each other files count as sent together.
const albumGap = 10 * time.Second

// remember keeps the customer's last and first text as variables, and when a file came.
func (r *run) remember(in Input) {
	if !fromCustomer(in) {
		return
	}
	if m, ok := in.(Media); ok && m.Kind != "sticker" && m.Kind != "voice" {
		r.album = m.Caption == "" && !r.s.FileAt.IsZero() && r.env.Now.Sub(r.s.FileAt) < albumGap
		r.s.FileAt = r.env.Now
	}
	if !r.s.Started() {
		r.set("first", Value{Text: clip(words(in), maxRemembered)})
	}
	r.set("message", Value{Text: clip(words(in), maxRemembered)})
}
