package flows

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Play plays a conversation with a flow and returns it as it went. In chat, lines that begin with > are what the
// customer or the world does; every other line is what the engine did when chat was written, and is not read: the text
// that comes back equals chat when nothing has changed. The session goes through JSON between every two inputs, as it
// does in life. A line that can't be understood is an error that names its number.
//
//	> hola                    the customer writes; a line below it that begins with two spaces belongs to it
//	> (waits 5m)              time passes, and a timer that is due rings
//	> (starts)                the flow begins without a message
//	> (sends image Receipt)   a file: image, video, audio, voice, document or sticker, and its caption
//	> (location -34.6 -58.4 Obelisco)
//	> (contact Ana +5491155550000)
//	> (votes Sales)           answers a poll
//	> (http 200 {"a":1})      the answer to a request, or (http timeout) for a failure by its code
//	> (ai 0.9 Hello)          the answer of a model, with its confidence or - for none
//	> (writes 5000 x)         the customer writes x five thousand times
//	< Hi, choose:             a message to the customer; further lines of it begin with two spaces
//	* hand over to "sales"    anything else that is done
func Play(f Flow, env Env, chat string) (string, error) {
	p := newPlayer(f, env)
	lines := strings.Split(strings.TrimSuffix(strings.ReplaceAll(chat, "\r", ""), "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		said, ok := strings.CutPrefix(strings.TrimRight(lines[i], " "), ">") // as lines are written
		if !ok {
			continue
		}
		number := i + 1
		for ; i+1 < len(lines) && continues(lines[i+1:]); i++ {
			said += "\n" + strings.TrimRight(strings.TrimPrefix(lines[i+1], "  "), " ")
		}
		if err := p.line(strings.TrimRight(strings.TrimPrefix(said, " "), " \n")); err != nil {
			return "", &LineError{number, err}
		}
	}
	return p.out.String(), nil
}

// ErrTooLong means that what comes of a conversation is more than MaxTranscript.
var ErrTooLong = fmt.Errorf("the conversation is longer than %d bytes", MaxTranscript)

// LineError says which line of a conversation can't be played.
type LineError struct {
	Line int // from 1
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap says why.
func (e *LineError) Unwrap() error { return e.Err }

// continues reports whether the first of lines belongs to what was said before: it is indented, or empty before one
// that is.
func continues(lines []string) bool {
	for _, l := range lines {
		if l != "" {
			return strings.HasPrefix(l, "  ")
		}
	}
	return false
}

type player struct {
	flow Flow
	env  Env
	s    Session
	out  strings.Builder
}

func newPlayer(f Flow, env Env) *player {
	if env.Now.IsZero() {
		env.Now = time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)
	}
	return &player{flow: f, env: env}
}

// line does what one line of the customer says.
func (p *player) line(said string) error {
	p.write("> ", said)
	if wait, ok := strings.CutPrefix(said, "(waits "); ok {
		d, err := time.ParseDuration(strings.TrimSuffix(wait, ")"))
		if err != nil || d <= 0 {
			return fmt.Errorf("%q is not a time to wait, such as 5m or 36h", strings.TrimSuffix(wait, ")"))
		}
		return p.wait(d)
	}
	in, err := readInput(said, p.s.Call)
	if err != nil {
		return err
	}
	return p.step(in)
}

// wait lets time pass, ringing each timer at its time.
func (p *player) wait(d time.Duration) error {
	until := p.env.Now.Add(d)
	for range MaxInputs {
		if p.s.WakesAt.IsZero() || p.s.WakesAt.After(until) {
			break
		}
		if p.s.WakesAt.After(p.env.Now) {
			p.env.Now = p.s.WakesAt
		}
		if err := p.step(Timeout{}); err != nil {
			return err
		}
	}
	p.env.Now = until
	return nil
}

// step takes one input and writes what came of it.
func (p *player) step(in Input) error {
	b, err := json.Marshal(p.s)
	if err != nil {
		return fmt.Errorf("write session: %w", err)
	}
	p.s = Session{}
	if err := json.Unmarshal(b, &p.s); err != nil {
		return fmt.Errorf("read session: %w", err)
	}
	next, actions := Step(p.flow, p.s, in, p.env)
	p.s = next
	p.env.Random++
	for _, a := range actions {
		p.env.Contact = p.env.Contact.after(a)
		if mark, text := describe(a); mark != "" {
			p.write(mark, text)
		}
	}
	if p.out.Len() > MaxTranscript {
		return ErrTooLong
	}
	return nil
}

func (p *player) write(mark, text string) {
	for i, line := range strings.Split(strings.ReplaceAll(text, "\r", ""), "\n") {
		if i > 0 {
			mark = "  "
		}
		fmt.Fprintln(&p.out, strings.TrimRight(mark+line, " "))
	}
}

// after is the contact once an action was carried out.
func (c Contact) after(a Action) Contact {
	switch a := a.(type) {
	case SetContact:
		return c.With(a.Field, a.Value)
	case Tag:
		r := run{env: Env{Contact: c}}
		r.tag(a.Add, a.Remove)
		c.Tags = r.tags()
	}
	return c
}

// describe says an action in one line of a transcript. Traces are not shown.
func describe(a Action) (mark, text string) {
	switch a := a.(type) {
	case Send:
		return "< ", describeSend(a)
	case Handover:
		return "* ", describeHandover(a)
	case Close:
		if a.Reason == ReasonFlow {
			return "* ", "close"
		}
		return "* ", "close: " + spaced(a.Reason)
	case Call:
		return "* ", describeCall(a)
	case SetContact:
		return "* ", fmt.Sprintf("contact %s = %q", a.Field, a.Value)
	case Tag:
		return "* ", "tags" + prefixed(" +", a.Add) + prefixed(" -", a.Remove)
	case Note:
		return "* ", "note: " + a.Text
	case Rate:
		if a.Score == 0 {
			return "* ", fmt.Sprintf("comment: %s", a.Comment)
		}
		return "* ", fmt.Sprintf("rated %d of %d", a.Score, a.Of)
	}
	return "", ""
}

func describeSend(s Send) string {
	switch {
	case s.Poll != nil:
		return "[poll] " + s.Poll.Question + strings.Join(append([]string{""}, s.Poll.Options...), "\n- ")
	case s.Media != nil:
		return strings.TrimSpace("[" + s.Media.Kind + " " + s.Media.Ref + "] " + s.Text)
	}
	return s.Text
}

func describeHandover(h Handover) string {
	text := fmt.Sprintf("hand over to %q", h.Area)
	if h.User != "" {
		text += fmt.Sprintf(" for %q", h.User)
	}
	if h.Reason != ReasonFlow {
		text += " " + spaced(h.Reason)
	}
	if h.Priority != 0 {
		text += fmt.Sprintf(" (priority %d)", h.Priority)
	}
	if h.Note != "" {
		text += ": " + h.Note
	}
	return text
}

func describeCall(c Call) string {
	if c.AI != nil {
		return "ask ai: " + c.AI.Prompt
	}
	text := c.HTTP.Method + " " + c.HTTP.URL
	for _, h := range c.HTTP.Headers {
		value := h.Value
		if h.Secret != "" {
			value += "<" + h.Secret + ">"
		}
		text += "\n" + h.Name + ": " + value
	}
	if c.HTTP.Body != "" {
		text += "\n" + c.HTTP.Body
	}
	return text
}

func spaced(r Reason) string { return strings.ReplaceAll(string(r), "_", " ") }

func prefixed(mark string, items []string) string {
	var b strings.Builder
	for _, s := range items {
		b.WriteString(mark + s)
	}
	return b.String()
}
