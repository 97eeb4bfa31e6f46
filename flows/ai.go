package flows

import (
	"fmt"
	"strings"
	"time"
)

// What a question to a model may take.
const (
	aiSeconds    = 30 // when the node says nothing
	maxAISeconds = 120
	aiMessages   = 10
	maxMessages  = 50
	maxTurns     = 20
)

// unsure is what the model is told to answer when a person should.
const unsure = "[[person]]"

// phaseMore means that the customer wrote on while the model was asked: its answer would be to half of the question.
const phaseMore = "more"

// ai lets a language model answer.
type ai struct {
	head
	System     template `json:"system,omitzero"`
	Prompt     template `json:"prompt,omitzero"`      // empty: the last messages say it all
	Messages   int      `json:"messages,omitempty"`   // how many of them go along; 0: 10, -1: none
	MaxTokens  int      `json:"maxTokens,omitempty"`  // 0: the endpoint's default
	Seconds    int      `json:"seconds,omitempty"`    // 0: 30
	Confidence float64  `json:"confidence,omitempty"` // an answer below it is not given; 0: any
	Var        string   `json:"var,omitempty"`        // keep the answer
	Quiet      bool     `json:"quiet,omitempty"`      // do not say it
	Turns      int      `json:"turns,omitempty"`      // how many further messages of the customer it answers
	Silence    *Silence `json:"silence,omitempty"`
	Next       string   `json:"next,omitempty"`
	Unsure     string   `json:"unsure,omitempty"` // empty: a person
	Fail       string   `json:"fail,omitempty"`   // empty: a person
}

func (n *ai) enter(r *run) move { return n.call(r) }

func (n *ai) call(r *run) move {
	messages := n.Messages
	if messages == 0 {
		messages = aiMessages
	}
	s := n.Seconds
	if s <= 0 {
		s = aiSeconds
	}
	q := &AI{
		System: paragraphs(r.fill(n.System), r.say(sayUnsure)), Prompt: r.fill(n.Prompt),
		Messages: max(min(messages, maxMessages), 0), MaxTokens: max(n.MaxTokens, 0), Confidence: n.Confidence,
	}
	return r.waitResult(Call{AI: q}, time.Duration(min(s, maxAISeconds))*time.Second)
}

func (n *ai) result(r *run, res Result) move {
	text := strings.TrimSpace(clip(res.Body, MaxText))
	switch {
	case res.Err != "" || text == "":
		return n.failed(r, res)
	case strings.Contains(text, unsure) || res.Confidence != nil && *res.Confidence < n.Confidence:
		if n.Unsure != "" {
			return r.follow("unsure", n.Unsure)
		}
		return r.fault(ReasonUnsure)
	case r.s.Phase == phaseMore && r.s.Turns < n.turns():
		return n.again(r)
	}
	if n.Var != "" && !r.set(n.Var, Value{Type: TypeText, Text: text}) {
		return r.fault(ReasonVars)
	}
	if !n.Quiet {
		r.send(Send{Text: text})
	}
	if r.s.Turns >= n.turns() {
		return r.follow("next", n.Next)
	}
	return r.wait(n.Silence)
}

func (n *ai) failed(r *run, res Result) move {
	if n.Fail != "" {
		return r.follow("fail", n.Fail)
	}
	if res.Err == errDeadline {
		return r.fault(ReasonDeadline)
	}
	return r.fault(ReasonAI)
}

func (n *ai) answer(r *run, in Input) move {
	if words(in) == "" {
		return r.miss(retry{}, sayNeedText, n.Silence, func(about string) { r.send(Send{Text: about}) })
	}
	return n.again(r)
}

// again asks for one more of the turns.
func (n *ai) again(r *run) move {
	r.s.Turns++
	r.s.Phase = ""
	return n.call(r)
}

// meanwhile hears what the customer writes while the model is asked.
func (n *ai) meanwhile(r *run, in Input) {
	if words(in) != "" {
		r.s.Phase = phaseMore
	}
}

func (n *ai) turns() int { return min(n.Turns, maxTurns) }

func (n *ai) silence() *Silence { return n.Silence }

func (n *ai) ways() []way {
	all := []way{
		{port: "next", to: n.Next, field: "next", waits: true},
		{port: "unsure", to: n.Unsure, field: "unsure", optional: true, waits: true},
		{port: "fail", to: n.Fail, field: "fail", optional: true, waits: true},
	}
	if n.Silence != nil {
		all = append(all, way{port: "silence", to: n.Silence.Next, field: "silence.next", optional: true, waits: true})
	}
	return all
}

func (n *ai) uses() uses {
	u := uses{texts: []usedText{written("system", n.System), written("prompt", n.Prompt)}}
	if n.Var != "" {
		u.writes = append(u.writes, n.Var)
	}
	return u
}

func (n *ai) check(c *checker) {
	if n.Var != "" {
		c.variable("var", n.Var)
	}
	if n.Quiet && n.Var == "" {
		c.warn(noVariable, "var", "")
	}
	if n.Confidence < 0 || n.Confidence > 1 {
		c.fail(outOfRange, "confidence", "0–1")
	}
	if n.Turns < 0 || n.Turns > maxTurns {
		c.fail(outOfRange, "turns", fmt.Sprintf("0–%d", maxTurns))
	}
	c.silence(n.Silence)
}
