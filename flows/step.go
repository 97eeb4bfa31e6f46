package flows

import "slices"

// Step advances s by one input and says what is to be done about it, in order. f is the flow that a session which has
// not started begins with; afterwards it may be any, as long as the versions of s.Needs are f or in env.Flows.
//
// Step does not fail. What cannot be carried out becomes a Handover with a reason, and a panic of this package becomes
// one with ReasonBug. After it, the session waits for the customer, a result or a time, always with WakesAt set, or it
// is Done. Nothing of s, f or env is changed.
func Step(f Flow, s Session, in Input, env Env) (next Session, actions []Action) {
	defer func() {
		if recover() != nil {
			next = Session{Done: true, Ending: EndPeople, Vars: s.Vars, Inputs: s.Inputs}
			actions = []Action{Handover{Reason: ReasonBug, Node: s.Node()}}
		}
	}()
	return step(f, s, in, env)
}

func step(f Flow, s Session, in Input, env Env) (Session, []Action) {
	if s.Done || ignored(s, in, env) {
		return s, nil
	}
	s.Frames = slices.Clone(s.Frames)
	r := &run{s: s, env: env, first: f}
	r.advance(r.begin(in))
	if len(r.visits) > 0 {
		r.out = append(r.out, Trace{Visits: r.visits})
	}
	return r.s, r.out
}

// ignored reports whether in changes nothing: a timer that rings early, the result of a call that is not awaited (or
// no longer), a vote taken back, a start of what has started.
func ignored(s Session, in Input, env Env) bool {
	switch in := in.(type) {
	case nil:
		return true
	case Start:
		return s.Started()
	case Timeout:
		return !s.Started() || s.WakesAt.IsZero() || env.Now.Before(s.WakesAt)
	case Result:
		return s.Wait != WaitResult || in.Call != s.Call
	case Vote:
		return s.Started() && len(in.Options) == 0
	}
	return false
}

// begin finds the first move that an input leads to.
func (r *run) begin(in Input) move {
	r.remember(in)
	if !r.s.Started() {
		r.flow = r.first
		r.s.Frames = []Frame{{Ref: r.flow.Ref()}}
		return move{to: r.flow.Start}
	}
	flow, ok := r.find(r.top().Ref)
	if !ok {
		return r.fault(ReasonNoFlow)
	}
	r.flow = flow
	r.s.Inputs++
	r.s.Alone++
	if fromCustomer(in) {
		r.s.Alone, r.s.Silences = 0, 0
	}
	switch {
	case r.s.Inputs > MaxInputs:
		return r.fault(ReasonInputs)
	case r.s.Alone > MaxAlone:
		return r.fault(ReasonLoop)
	}
	n, ok := r.flow.Nodes[r.top().Node]
	if !ok {
		return r.fault(ReasonNoNode)
	}
	return r.dispatch(n, in)
}

// dispatch gives an input to the node where the conversation stands.
func (r *run) dispatch(n Node, in Input) move {
	if fromCustomer(in) {
		if m, ok := r.globalWord(n, words(in)); ok {
			return m
		}
	}
	if v, ok := in.(Vote); ok && !claimed(n, v) {
		return r.stay() // on an older poll: the one asked now has no such option
	}
	switch r.s.Wait {
	case WaitCustomer:
		if n, ok := n.(answerer); ok {
			if _, late := in.(Timeout); late {
				return r.silent(n.silence())
			}
			return n.answer(r, in)
		}
	case WaitResult:
		if n, ok := n.(caller); ok {
			switch in := in.(type) {
			case Result:
				return n.result(r, in)
			case Timeout:
				return n.result(r, Result{Call: r.s.Call, Err: errDeadline})
			}
			if n, ok := n.(*ai); ok {
				n.meanwhile(r, in)
			}
			return r.stay() // the customer writes meanwhile: kept with the conversation, answered after the result
		}
	case WaitTime:
		if n, ok := n.(*delay); ok {
			return n.wake(r, in)
		}
	}
	return r.fault(ReasonNoNode) // the session and the flow do not belong together
}

// claimed reports whether a vote is for an option that the node asks for.
func claimed(n Node, v Vote) bool {
	c, ok := n.(claimer)
	return ok && c.claims(words(v))
}

// advance enters nodes until the conversation waits or ends.
func (r *run) advance(m move) {
	for steps := 1; !m.stop; steps++ {
		if m.port != "" {
			r.visit(Left, m.port)
		}
		if m.to == "" {
			m = r.back()
			continue
		}
		n, ok := r.flow.Nodes[m.to]
		if !ok {
			m = r.fault(ReasonNoNode)
			continue
		}
		if steps > MaxSteps {
			m = r.fault(ReasonLoop)
			continue
		}
		r.top().Node = m.to
		r.s.Misses, r.s.Phase, r.s.Turns = 0, "", 0
		r.visit(Entered, "")
		m = n.enter(r)
		if r.full != "" && !r.s.Done {
			m = r.fault(r.full)
		}
	}
}
