package editor

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"mostrador/flows"
	"mostrador/hooks/api"
	"mostrador/hooks/store"
)

// Simulate does one step of a conversation that does not exist, by the live engine. What the world does not say is as it
// is on this desk now: the time, areas, opening hours, the standard line, flows to jump to.
func (ed *Editor) Simulate(in flows.Simulation) (flows.Simulated, error) {
	t := flows.Trial{Session: in.Session, Stubs: in.Stubs}
	var err error
	if t.Flow, err = ed.parsed.parse(in.Flow); err != nil {
		return flows.Simulated{}, unreadable(err)
	}
	if t.Input, err = flows.DecodeInput(in.Input); err != nil {
		return flows.Simulated{}, api.BadValue("input")
	}
	if t.Env, err = ed.env(in.World); err != nil {
		return flows.Simulated{}, err
	}
	own, err := flows.Library(in.Flows)
	if err != nil {
		return flows.Simulated{}, unreadable(err)
	}
	t.Env.Flows = withOwn(t.Env.Flows, own)
	out, err := t.Run()
	if err != nil {
		return flows.Simulated{}, fmt.Errorf("simulate: %w", err)
	}
	return out, nil
}

// parsedFlows keeps the flows that were simulated last: a builder sends the same one with every step, and reading it
// takes longer than the step.
type parsedFlows struct {
	mu    sync.Mutex
	flows [parsedKept]flows.Flow
	sums  [parsedKept][sha256.Size]byte
	next  int // place of the oldest
}

// parsedKept is how many; more people than that try flows at the same time only rarely.
const parsedKept = 16

func (p *parsedFlows) parse(text []byte) (flows.Flow, error) {
	sum := sha256.Sum256(text)
	p.mu.Lock()
	at := slices.Index(p.sums[:], sum)
	if at >= 0 {
		defer p.mu.Unlock()
		return p.flows[at], nil
	}
	p.mu.Unlock()
	f, err := flows.Parse(text)
	if err != nil {
		return f, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flows[p.next], p.sums[p.next] = f, sum
	p.next = (p.next + 1) % parsedKept
	return f, nil
}

// env is a world as a flow meets it on this desk.
func (ed *Editor) env(w flows.World) (flows.Env, error) {
	known, err := ed.Facts.Last()
	if err != nil {
		return flows.Env{}, err
	}
	if w.Now.IsZero() {
		w.Now = ed.Store.Now()
	}
	if w.Now.Add(flows.MaxWait+24*time.Hour).Year() > 9999 {
		return flows.Env{}, api.BadValue("world") // JSON has no later times, and the flow may wait for one; a day is for the zone
	}
	zone := ed.Settings.Get().Location()
	w.Now = w.Now.In(zone)
	env, err := w.Env()
	if err != nil {
		return flows.Env{}, api.BadValue("world")
	}
	env.Zone, env.Flows = zone, known.Flows
	if w.Areas == nil {
		env.Areas = known.Names()
	}
	if w.Hours == nil {
		env.Hours = known.Hours
	}
	if w.Line == (flows.Line{}) {
		if env.Line, err = ed.standardLine(); err != nil {
			return flows.Env{}, err
		}
	}
	return env, nil
}

// withOwn adds flows to those that are published; neither list is changed.
func withOwn(published, own map[flows.Ref]flows.Flow) map[flows.Ref]flows.Flow {
	if len(own) == 0 {
		return published
	}
	all := maps.Clone(published)
	maps.Copy(all, own)
	return all
}

// standardLine is the line that is meant when none is named; the zero one when there is none.
func (ed *Editor) standardLine() (flows.Line, error) {
	row, err := store.One[struct {
		ID    string `db:"id"`
		Name  string `db:"name"`
		Phone string `db:"phone"`
	}](store.Execer(ed.Store.App.ConcurrentDB()), "SELECT id, displayName AS name, phone FROM lines WHERE standard ORDER BY id LIMIT 1")
	if store.IsNone(err) {
		return flows.Line{}, nil
	}
	if err != nil {
		return flows.Line{}, fmt.Errorf("read the standard line: %w", err)
	}
	return flows.Line{ID: row.ID, Name: row.Name, Phone: row.Phone}, nil
}

// Tried is a simulation that is to be kept as a test: the steps as they were sent to be simulated.
type Tried struct {
	Steps []TriedStep             `json:"steps"`
	World *flows.World            `json:"world"` // in which it began; nil: that of the first step
	Stubs map[string]flows.Result `json:"stubs"`
	Flow  json.RawMessage         `json:"flow"` // that was tried; absent: the draft
}

// TriedStep is one input, and the world in which it came; of that only the time counts after the first step.
type TriedStep struct {
	Input json.RawMessage `json:"input"`
	World flows.World     `json:"world"` // without a time: at once
}

// MaxSteps is how many steps one test has at most.
const MaxSteps = flows.MaxInputs

// record plays a simulation and writes it as a test. It is self-contained: the areas, hours and line of today stand in it,
// so that it passes next year, too.
func (ed *Editor) record(id string, s Tried) (string, error) {
	row, err := ed.Row(id)
	if err != nil {
		return "", err
	}
	if !absent(s.Flow) {
		row.Draft = []byte(s.Flow)
	}
	f, err := row.parse()
	if err != nil {
		return "", unreadable(err)
	}
	moments, err := s.moments()
	if err != nil {
		return "", err
	}
	world := s.Steps[0].World
	if s.World != nil {
		world = *s.World
	}
	if world.Now.IsZero() {
		world.Now = moments[0].At
	}
	env, err := ed.env(world)
	if err != nil {
		return "", err
	}
	env.Now = env.Now.Truncate(time.Second)
	written := flows.WorldOf(env)
	text, err := json.Marshal(written)
	if err != nil {
		return "", fmt.Errorf("write the world: %w", err)
	}
	again, err := written.Env()
	if err != nil {
		return "", fmt.Errorf("read the world: %w", err)
	}
	again.Flows = env.Flows
	chat, err := flows.Record(f, again, moments, s.Stubs)
	var u *flows.Unsayable
	if errors.As(err, &u) {
		return "", errUnsayable.With("field", "steps").With("step", u.Moment+1)
	}
	script := flows.Transcript{Parts: []flows.Part{{Name: "world.json", Text: string(text)}, {Name: "chat", Text: chat}}}
	return script.String(), err
}

// moments reads the steps.
func (s Tried) moments() ([]flows.Moment, error) {
	if len(s.Steps) > MaxSteps {
		return nil, api.ErrTooMany.With("field", "steps").With("max", MaxSteps)
	}
	moments := make([]flows.Moment, len(s.Steps))
	for i, step := range s.Steps {
		in, err := flows.DecodeInput(step.Input)
		if err != nil {
			return nil, api.BadValue(fmt.Sprintf("steps.%d.input", i))
		}
		moments[i] = flows.Moment{At: step.World.Now, Input: in}
	}
	return moments, nil
}
