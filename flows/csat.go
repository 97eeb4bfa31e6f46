package flows

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// csat asks how content the customer is, and why.
type csat struct {
	head
	Say     template `json:"say,omitzero"`
	Scale   int      `json:"scale,omitempty"`  // 1 to this, the best; 0: 5
	Labels  []string `json:"labels,omitempty"` // for 1, 2, 3…; empty: the numbers alone
	Poll    bool     `json:"poll,omitempty"`   // one tap; a number is understood all the same
	Comment template `json:"comment,omitzero"` // a second question; empty: none
	Var     string   `json:"var,omitempty"`    // keep the score
	Low     *low     `json:"low,omitempty"`    // a way of its own for bad scores, taken after the comment
	Retry   template `json:"retry,omitzero"`
	Retries *int     `json:"retries,omitempty"` // nil: 2
	Silence *Silence `json:"silence,omitempty"`
	Else    string   `json:"else,omitempty"` // for who does not give a score; empty: next
	Next    string   `json:"next,omitempty"`
	opts    options
}

// low is what a bad score leads to.
type low struct {
	UpTo int    `json:"upTo"`
	Next string `json:"next,omitempty"`
}

const (
	phaseComment = "comment"
	maxScale     = 10
)

func (n *csat) prepare() error {
	var list []option
	for i := range n.scale() {
		label := strconv.Itoa(i + 1)
		if i < len(n.Labels) && n.Labels[i] != "" {
			label = n.Labels[i]
		}
		list = append(list, option{ID: strconv.Itoa(i + 1), Label: label})
	}
	n.opts = newOptions(list)
	return nil
}

func (n *csat) scale() int {
	if n.Scale < 2 || n.Scale > maxScale {
		return 5
	}
	return n.Scale
}

func (n *csat) enter(r *run) move {
	n.ask(r, "")
	return r.wait(n.Silence)
}

func (n *csat) ask(r *run, about string) {
	question := r.text(n.Say)
	switch {
	case n.Poll && about == "":
		r.send(Send{Poll: n.opts.poll(question)})
	case len(n.Labels) > 0:
		r.send(Send{Text: n.opts.under(paragraphs(about, question))})
	default:
		r.send(Send{Text: clip(paragraphs(about, question), MaxText)})
	}
}

func (n *csat) answer(r *run, in Input) move {
	_, tapped := in.(Vote)
	if r.s.Phase == phaseComment && !tapped { // a tap is another score, not why
		if text := strings.TrimSpace(clip(words(in), MaxValue)); text != "" {
			r.out = append(r.out, Rate{Of: n.scale(), Comment: text})
		}
		return n.leave(r, r.s.Turns)
	}
	score, ok := n.score(words(in))
	if !ok {
		again := retry{Retry: n.Retry, Retries: n.Retries, Else: cmp.Or(n.Else, n.Next)}
		return r.miss(again, sayBadScore, n.Silence, func(about string) { n.ask(r, about) })
	}
	if n.Var != "" && !r.set(n.Var, Value{Type: TypeNumber, Text: strconv.Itoa(score)}) {
		return r.fault(ReasonVars)
	}
	r.out = append(r.out, Rate{Score: score, Of: n.scale()})
	comment := r.text(n.Comment)
	if comment == "" {
		return n.leave(r, score)
	}
	if r.s.Phase != phaseComment {
		r.send(Send{Text: comment})
	}
	r.s.Phase, r.s.Turns, r.s.Misses = phaseComment, score, 0
	return r.wait(n.Silence)
}

func (n *csat) leave(r *run, score int) move {
	if n.Low != nil && score <= n.Low.UpTo {
		return r.follow("low", n.Low.Next)
	}
	return r.follow("next", n.Next)
}

// score reads a number, a label, "5/5" or stars.
func (n *csat) score(text string) (int, bool) {
	if stars := strings.Count(text, "⭐"); stars > 0 && stars <= n.scale() {
		return stars, true
	}
	if before, of, ok := strings.Cut(text, "/"); ok && strings.TrimSpace(of) == strconv.Itoa(n.scale()) {
		text = before
	}
	i, ok := n.opts.find(text)
	return i + 1, ok
}

func (n *csat) claims(text string) bool {
	_, ok := n.score(text)
	return ok
}

func (n *csat) silence() *Silence { return n.Silence }

func (n *csat) ways() []way {
	all := []way{{port: "next", to: n.Next, field: "next", waits: true}}
	if n.Low != nil {
		all = append(all, way{port: "low", to: n.Low.Next, field: "low.next", waits: true})
	}
	return append(all, exits(retry{Else: n.Else}, n.Silence)...)
}

func (n *csat) uses() uses {
	u := uses{texts: []usedText{said("say", n.Say), said("comment", n.Comment), said("retry", n.Retry)}}
	if n.Var != "" {
		u.writes = append(u.writes, n.Var)
	}
	return u
}

func (n *csat) check(c *checker) {
	if n.Say.IsZero() {
		c.fail(noText, "say", "")
	}
	if n.Scale != 0 && (n.Scale < 2 || n.Scale > maxScale) {
		c.fail(outOfRange, "scale", fmt.Sprintf("2–%d", maxScale))
	}
	c.apart(n.opts, func(i int) string { return fmt.Sprintf("labels.%d", i) })
	if n.Var != "" {
		c.variable("var", n.Var)
	}
	if n.Low != nil && (n.Low.UpTo < 1 || n.Low.UpTo > n.scale()) {
		c.fail(outOfRange, "low.upTo", fmt.Sprintf("1–%d", n.scale()))
	}
	if n.Poll {
		c.poll(n.opts.list)
	}
	c.question(n.Retries, n.Silence)
}
