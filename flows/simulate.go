package flows

import (
	"encoding/json"
	"fmt"
)

// Simulation is one step to try: everything that Step takes, as JSON. It is the live engine; there is no other.
type Simulation struct {
	Flow    json.RawMessage            `json:"flow"`
	Flows   map[string]json.RawMessage `json:"flows,omitempty"` // that it may jump to, by id
	Session Session                    `json:"session,omitzero"`
	Input   json.RawMessage            `json:"input"` // as DecodeInput reads it
	World   World                      `json:"world,omitzero"`
	Stubs   map[string]Result          `json:"stubs,omitempty"` // answers to calls, by the id of the node that makes them; given at once
}

// Simulated is what came of it.
type Simulated struct {
	Session Session           `json:"session"`
	Actions []json.RawMessage `json:"actions"` // as EncodeAction writes them, without the trace
	Path    []Visit           `json:"path"`    // the way through the flow
	Contact Contact           `json:"contact"` // after the actions; send it with the next step
	Lines   []string          `json:"lines"`   // of a transcript: the input and the stubs, as Play reads them; empty where there is no such line
}

// Simulate does one step. The error says what can't be read; a flow at fault is no error, as in life.
func Simulate(in Simulation) (Simulated, error) {
	t := Trial{Session: in.Session, Stubs: in.Stubs}
	var err error
	if t.Flow, err = Parse(in.Flow); err != nil {
		return Simulated{}, err
	}
	if t.Input, err = DecodeInput(in.Input); err != nil {
		return Simulated{}, err
	}
	if t.Env, err = in.World.Env(); err != nil {
		return Simulated{}, err
	}
	if t.Env.Flows, err = Library(in.Flows); err != nil {
		return Simulated{}, err
	}
	return t.Run()
}

// Trial is a Simulation that was read.
type Trial struct {
	Flow    Flow
	Session Session
	Input   Input
	Env     Env
	Stubs   map[string]Result
}

// Run does the step, and those that the stubs lead to. It ends: the engine bounds how often a flow goes on without the
// customer.
func (t Trial) Run() (Simulated, error) {
	out := Simulated{Actions: []json.RawMessage{}, Path: []Visit{}, Contact: t.Env.Contact}
	for {
		session, actions := Step(t.Flow, t.Session, t.Input, t.Env)
		out.Session, out.Lines = session, append(out.Lines, LineOf(t.Input))
		for _, a := range actions {
			if err := out.add(a); err != nil {
				return Simulated{}, err
			}
		}
		answer, ok := t.Stubs[session.Node()]
		if session.Wait != WaitResult || !ok {
			return out, nil
		}
		answer.Call = session.Call
		t.Session, t.Input, t.Env.Contact = session, answer, out.Contact
		t.Env.Random++
	}
}

func (out *Simulated) add(a Action) error {
	out.Contact = out.Contact.after(a)
	if t, ok := a.(Trace); ok {
		out.Path = append(out.Path, t.Visits...)
		return nil
	}
	b, err := EncodeAction(a)
	out.Actions = append(out.Actions, b)
	return err
}

// Library reads flows that may be jumped to, each as version 1.
func Library(texts map[string]json.RawMessage) (map[Ref]Flow, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	flows := map[Ref]Flow{}
	for id, text := range texts {
		f, err := Parse(text)
		if err != nil {
			return nil, fmt.Errorf("flow %q: %w", clip(id, MaxName), err)
		}
		f.ID, f.Version = id, 1
		flows[f.Ref()], flows[Ref{Flow: id}] = f, f
	}
	return flows, nil
}
