package flows

import "strings"

// menu asks for one of several options.
type menu struct {
	head
	Say     template `json:"say,omitzero"`
	Options []option `json:"options"`
	Poll    bool     `json:"poll,omitempty"` // as a poll; numbers and words are understood all the same
	retry
	Silence *Silence `json:"silence,omitempty"`

	opts options
}

// retry is what happens after an answer that does not fit.
type retry struct {
	Retry   template `json:"retry,omitzero"`    // said before asking again; empty: a sentence of the engine
	Retries *int     `json:"retries,omitempty"` // how often it is asked again; nil: 2
	Else    string   `json:"else,omitempty"`    // where it goes on then; empty: a person
}

func (n *menu) prepare() error {
	n.opts = newOptions(n.Options)
	return nil
}

func (n *menu) enter(r *run) move {
	if len(n.Options) == 0 {
		return r.fault(ReasonEmpty)
	}
	n.ask(r, "")
	return r.wait(n.Silence)
}

// ask puts the question, after a sentence about the answer before.
func (n *menu) ask(r *run, about string) {
	question := r.text(n.Say)
	if n.Poll && about == "" {
		r.send(Send{Poll: n.opts.poll(question)})
		return
	}
	r.send(Send{Text: n.opts.under(paragraphs(about, question))})
}

func (n *menu) answer(r *run, in Input) move {
	text := words(in)
	if i, ok := n.opts.find(text); ok {
		return r.follow(n.Options[i].ID, n.Options[i].Next)
	}
	if r.wantsPerson(text) {
		return r.asked()
	}
	return r.miss(n.retry, sayMenuMiss, n.Silence, func(about string) { n.ask(r, about) })
}

func (n *menu) claims(text string) bool {
	_, ok := n.opts.exact(text)
	return ok
}

func (n *menu) silence() *Silence { return n.Silence }

func (n *menu) ways() []way { return append(optionWays(n.Options), exits(n.retry, n.Silence)...) }

// miss counts an answer that did not fit, and asks again or gives up.
func (r *run) miss(n retry, about phrase, silence *Silence, ask func(about string)) move {
	if r.album {
		return r.stay() // five photos for one question are one answer, not four misunderstandings
	}
	r.visit(Missed, "")
	r.s.Misses++
	if r.s.Misses > n.tries() {
		if n.Else != "" {
			return r.follow("else", n.Else)
		}
		return r.fault(ReasonMisses)
	}
	say := r.text(n.Retry)
	if say == "" {
		say = r.say(about)
	}
	ask(say)
	return r.wait(silence)
}

func (n retry) tries() int {
	if n.Retries == nil {
		return 2
	}
	return max(min(*n.Retries, MaxRetries), 0)
}

// poll makes one of the options' labels. WhatsApp tells votes by their text, so the texts are cut before they are sent, and
// have one line each: several votes are told line by line.
func (o options) poll(question string) *Poll {
	p := &Poll{Question: question}
	for _, opt := range o.list {
		p.Options = append(p.Options, clip(strings.Join(strings.Fields(opt.Label), " "), MaxLine))
	}
	return p
}

func optionWays(list []option) []way {
	var all []way
	for _, o := range list {
		all = append(all, way{port: o.ID, to: o.Next, field: "options." + o.ID + ".next", waits: true})
	}
	return all
}

// exits are the ways out of a question that nobody answered.
func exits(n retry, s *Silence) []way {
	all := []way{{port: "else", to: n.Else, field: "else", optional: true, waits: true}}
	if s != nil {
		all = append(all, way{port: "silence", to: s.Next, field: "silence.next", optional: true, waits: true})
	}
	return all
}

func paragraphs(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "\n\n" + b
}

func (n *menu) uses() uses {
	return uses{texts: []usedText{said("say", n.Say), said("retry", n.Retry)}}
}

func (n *menu) check(c *checker) {
	if n.Say.IsZero() {
		c.warn(noText, "say", "")
	}
	if len(n.Options) == 0 {
		c.fail(emptyMenu, "options", "")
	}
	c.options(n.Options)
	if n.Poll {
		c.poll(n.Options)
	}
	c.question(n.Retries, n.Silence)
}
