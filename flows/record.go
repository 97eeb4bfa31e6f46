package flows

import (
	"fmt"
	"strings"
	"time"
)

// Moment is one step of a simulation that is to be kept: what happened, and when. A Timeout is when the timer rings,
// however long after the step before.
type Moment struct {
	At    time.Time // zero: at once
	Input Input
}

// Unsayable means that a moment can't be told in a transcript: a customer who writes "(starts)".
type Unsayable struct {
	Moment int // from 0
	Err    error
}

func (u *Unsayable) Error() string { return fmt.Sprintf("step %d: %v", u.Moment+1, u.Err) }

// Unwrap says why.
func (u *Unsayable) Unwrap() error { return u.Err }

// typing is how long people take for an answer without a test having to tell it.
const typing = time.Minute

// Record plays moments and writes the conversation as Play would, so that it can be kept as a test. The stubs are as in a
// Simulation. The error is an Unsayable.
func Record(f Flow, env Env, moments []Moment, stubs map[string]Result) (chat string, err error) {
	p := newPlayer(f, env)
	for i, m := range moments {
		if err := p.moment(m, stubs); err != nil {
			return "", &Unsayable{i, err}
		}
	}
	return p.out.String(), nil
}

func (p *player) moment(m Moment, stubs map[string]Result) error {
	if d := p.pause(m); d > 0 {
		if err := p.line("(waits " + brief(d) + ")"); err != nil {
			return err
		}
	}
	if _, rings := m.Input.(Timeout); !rings {
		line := LineOf(m.Input)
		if line == "" && m.Input != (Text{}) {
			return fmt.Errorf("a %T like this has no line", m.Input)
		}
		if err := p.line(strings.TrimRight(strings.ReplaceAll(line, "\n  ", "\n"), " \n")); err != nil {
			return err
		}
	}
	for {
		answer, ok := stubs[p.s.Node()]
		if p.s.Wait != WaitResult || !ok {
			return nil
		}
		if err := p.line(resultLine(answer)); err != nil {
			return err
		}
	}
}

// pause is how long a test has to wait before a moment. A timer rings when it is due, not later; and where the customer
// was faster than the timer, they are so in the test.
func (p *player) pause(m Moment) time.Duration {
	due := p.s.WakesAt.Sub(p.env.Now)
	if _, rings := m.Input.(Timeout); rings {
		if p.s.WakesAt.IsZero() {
			return 0
		}
		return max(due+time.Second-1, time.Second).Truncate(time.Second)
	}
	d := m.At.Sub(p.env.Now)
	if m.At.IsZero() || d < typing {
		return 0
	}
	if !p.s.WakesAt.IsZero() && d >= due {
		d = due - time.Second
	}
	return max(d, 0).Truncate(time.Second)
}

// brief is a duration as people write it: 5m, not 5m0s.
func brief(d time.Duration) string {
	switch {
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return d.String()
}
