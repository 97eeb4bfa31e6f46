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
}

// Simulated is what came of it.
type Simulated struct {
	Session Session           `json:"session"`
	Actions []json.RawMessage `json:"actions"`        // as EncodeAction writes them, without the trace
	Path    []Visit           `json:"path"`           // the way through the flow
	Contact Contact           `json:"contact"`        // after the actions; send it with the next step
	Line    string            `json:"line,omitempty"` // of a transcript: the input as Play reads it
}

// Simulate does one step. The error says what can't be read; a flow at fault is no error, as in life.
func Simulate(in Simulation) (Simulated, error) {
	f, err := Parse(in.Flow)
	if err != nil {
		return Simulated{}, err
	}
	input, err := DecodeInput(in.Input)
	if err != nil {
		return Simulated{}, err
	}
	env, err := in.World.Env()
	if err != nil {
		return Simulated{}, err
	}
	if env.Flows, err = library(in.Flows); err != nil {
		return Simulated{}, err
	}
	session, actions := Step(f, in.Session, input, env)
	out := Simulated{Session: session, Actions: []json.RawMessage{}, Path: []Visit{}, Contact: env.Contact, Line: LineOf(input)}
	for _, a := range actions {
		out.Contact = out.Contact.after(a)
		if t, ok := a.(Trace); ok {
			out.Path = t.Visits
			continue
		}
		b, err := EncodeAction(a)
		if err != nil {
			return Simulated{}, err
		}
		out.Actions = append(out.Actions, b)
	}
	return out, nil
}

// library reads flows that may be jumped to, each as version 1.
func library(texts map[string]json.RawMessage) (map[Ref]Flow, error) {
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
