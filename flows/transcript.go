package flows

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Transcript is a test of a flow as a person writes it: a sentence about what it shows, and a conversation. In a file
// it also has the flow, flows that are jumped to, and the world; these parts begin with a line like "-- flow.json --".
type Transcript struct {
	About string
	Parts []Part // in their order; names are flow.json, flows/ID.json, world.json, chat
}

// Part is a named piece of a transcript file.
type Part struct{ Name, Text string }

// World is the part world.json: what a transcript says about the world.
type World struct {
	Now     time.Time         `json:"now,omitzero"`
	Contact Contact           `json:"contact,omitzero"`
	Line    Line              `json:"line,omitzero"`
	Area    string            `json:"area,omitempty"`
	Areas   map[string]string `json:"areas,omitempty"`
	Hours   map[string]Hours  `json:"hours,omitempty"`
	Random  uint64            `json:"random,omitempty"`
}

// WorldOf writes down the world of a step, for a transcript.
func WorldOf(env Env) World {
	w := World{Now: env.here().Truncate(time.Second), Contact: env.Contact, Line: env.Line, Area: env.Area, Areas: env.Areas, Random: env.Random}
	for area, c := range env.Hours {
		if c.always() {
			continue
		}
		if w.Hours == nil {
			w.Hours = map[string]Hours{}
		}
		w.Hours[area] = c.hours(w.Now)
	}
	return w
}

// Hours is a calendar in a transcript: windows such as "09:00-18:00" by weekday in English or by date, in the zone of
// World.Now unless "zone" has an offset. A day without windows is closed.
type Hours map[string][]string

// ParseTranscript takes a file apart. Everything before the first part is About.
func ParseTranscript(text string) Transcript {
	var t Transcript
	for line := range strings.Lines(text) {
		name, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "-- ")
		if name, closed := strings.CutSuffix(name, " --"); ok && closed {
			t.Parts = append(t.Parts, Part{Name: strings.TrimSpace(name)})
			continue
		}
		if n := len(t.Parts); n > 0 {
			t.Parts[n-1].Text += line
		} else {
			t.About += line
		}
	}
	t.About = strings.TrimSpace(t.About)
	return t
}

// String writes the transcript as ParseTranscript reads it.
func (t Transcript) String() string {
	var b strings.Builder
	if t.About != "" {
		fmt.Fprintln(&b, t.About)
	}
	for _, p := range t.Parts {
		fmt.Fprintf(&b, "-- %s --\n%s", p.Name, p.Text)
		if p.Text != "" && !strings.HasSuffix(p.Text, "\n") {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// Part returns the text of a part; empty when there is none.
func (t Transcript) Part(name string) string {
	for _, p := range t.Parts {
		if p.Name == name {
			return p.Text
		}
	}
	return ""
}

// Load reads the flow and the world of a transcript file.
func (t Transcript) Load() (Flow, Env, error) {
	f, err := Parse([]byte(t.Part("flow.json")))
	if err != nil {
		return Flow{}, Env{}, err
	}
	env, err := t.Env()
	if err != nil {
		return Flow{}, Env{}, err
	}
	if env.Flows, err = t.Flows(); err != nil {
		return Flow{}, Env{}, err
	}
	return f, env, nil
}

// Flows reads the flows of a transcript that can be jumped to, the parts flows/ID.json.
func (t Transcript) Flows() (map[Ref]Flow, error) {
	others := map[string]json.RawMessage{}
	for _, p := range t.Parts {
		if id, ok := strings.CutPrefix(p.Name, "flows/"); ok {
			others[strings.TrimSuffix(id, ".json")] = json.RawMessage(p.Text)
		}
	}
	return Library(others)
}

// Env reads the world of a transcript. Without one it is Monday, 3 March 2025, nine in the morning UTC, always open.
func (t Transcript) Env() (Env, error) {
	var w World
	if text := t.Part("world.json"); text != "" {
		if err := strict([]byte(text), &w); err != nil {
			return Env{}, fmt.Errorf("world.json: %w", err)
		}
	}
	return w.Env()
}

// Env is the world as Step takes it.
func (w World) Env() (Env, error) {
	env := Env{Now: w.Now, Zone: w.Now.Location(), Contact: w.Contact, Line: w.Line, Area: w.Area, Areas: w.Areas, Random: w.Random}
	for area, hours := range w.Hours {
		c, err := hours.calendar(env.Zone)
		if err != nil {
			return Env{}, fmt.Errorf("hours of %q: %w", area, err)
		}
		if env.Hours == nil {
			env.Hours = map[string]Calendar{}
		}
		env.Hours[area] = c
	}
	return env, nil
}

// Difference is the first line in which a transcript and what the flow does now are not the same.
type Difference struct {
	Line int    `json:"line"` // of the conversation, from 1
	Got  string `json:"got"`  // what the flow does; empty: nothing more
	Want string `json:"want"` // what the transcript says; empty: nothing more
}

// Error says the difference.
func (d Difference) Error() string {
	return fmt.Sprintf("line %d: got %q, want %q", d.Line, d.Got, d.Want)
}

// Test plays chat and returns where it differs from what happens: nil when it does not. The error is a Difference, or
// says which line can't be read.
func Test(f Flow, env Env, chat string) error {
	got, err := Play(f, env, chat)
	if err != nil {
		return err
	}
	a, b := strings.Split(strings.TrimRight(got, "\n"), "\n"), strings.Split(strings.TrimRight(chat, "\n"), "\n")
	for i := range max(len(a), len(b)) {
		d := Difference{Line: i + 1}
		if i < len(a) {
			d.Got = a[i]
		}
		if i < len(b) {
			d.Want = strings.TrimRight(b[i], " \r")
		}
		if d.Got != d.Want {
			return d
		}
	}
	return nil
}
