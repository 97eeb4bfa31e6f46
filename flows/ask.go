package flows

import (
	"slices"
	"strconv"
	"time"
)

// ask puts a question and keeps the answer in a variable.
type ask struct {
	head
	Say       template `json:"say,omitzero"`
	Var       string   `json:"var"`
	As        string   `json:"as,omitempty"`        // a key of answers; empty: text
	Documents []string `json:"documents,omitempty"` // as document: keys of documents; empty: any of them
	Files     []string `json:"files,omitempty"`     // as file: image, video, audio, voice, document; empty: any of them
	Pattern   pattern  `json:"pattern,omitzero"`    // what a text answer must match, besides
	Min       string   `json:"min,omitempty"`       // number, date (or "today"), or the least length of a text
	Max       string   `json:"max,omitempty"`
	Options   []option `json:"options,omitempty"` // as choice; Next of an option wins over Next of the node
	Contact   string   `json:"contact,omitempty"` // also keep it in this field of the contact
	Known     bool     `json:"known,omitempty"`   // not asked when the variable (or Contact's field) has a value already
	retry
	Silence *Silence `json:"silence,omitempty"`
	Next    string   `json:"next,omitempty"`

	opts options
}

// answers has the kinds of answer: how one is read, and what is said when it can't be.
var answers = map[string]struct {
	read func(r *run, n *ask, in Input) (Value, bool)
	bad  phrase
}{
	"text":     {readText, sayBadText},
	"number":   {readNumber, sayBadNumber},
	"email":    {readEmail, sayBadEmail},
	"phone":    {readPhone, sayBadPhone},
	"date":     {readDate, sayBadDate},
	"choice":   {readChoice, sayMenuMiss},
	"document": {readDocument, sayBadDocument},
	"file":     {readFile, sayNeedFile},
	"location": {readLocation, sayNeedLocation},
}

// fileKinds are what a customer can be asked for; a sticker answers nothing.
var fileKinds = []string{"image", "video", "audio", "voice", "document"}

func (n *ask) prepare() error {
	n.opts = newOptions(n.Options)
	return nil
}

func (n *ask) enter(r *run) move {
	if n.Known && n.known(r) {
		return r.follow("next", n.Next)
	}
	n.put(r, "")
	return r.wait(n.Silence)
}

// known takes the answer from the contact's card, if it is not in the variable already.
func (n *ask) known(r *run) bool {
	if r.lookup(n.Var).Text != "" {
		return true
	}
	if n.Contact == "" {
		return false
	}
	v := r.contactValue(n.Contact)
	return v.Text != "" && r.set(n.Var, v)
}

func (n *ask) put(r *run, about string) {
	question := paragraphs(about, r.text(n.Say))
	if n.As == "choice" {
		question = n.opts.under(question)
	}
	r.send(Send{Text: clip(question, MaxText)})
}

func (n *ask) answer(r *run, in Input) move {
	kind, ok := answers[n.kind()]
	if !ok {
		return r.fault(ReasonNoNode)
	}
	if n.Pattern.err != nil {
		return r.fault(ReasonPattern)
	}
	v, ok := kind.read(r, n, in)
	if ok && n.Pattern.re != nil {
		ok = n.Pattern.re.MatchString(v.Text)
	}
	if !ok && n.kind() != "text" && r.wantsPerson(words(in)) {
		return r.asked()
	}
	if !ok {
		return r.miss(n.retry, n.complaint(in, kind.bad), n.Silence, func(about string) { n.put(r, about) })
	}
	if !r.set(n.Var, v) {
		return r.fault(ReasonVars)
	}
	if n.Contact != "" {
		r.setContact(n.Contact, v.Text)
	}
	if i, ok := n.opts.exact(v.Text); ok && n.kind() == "choice" && n.Options[i].Next != "" {
		return r.follow(n.Options[i].ID, n.Options[i].Next)
	}
	return r.follow("next", n.Next)
}

func (n *ask) kind() string {
	if n.As == "" {
		return "text"
	}
	return n.As
}

// complaint is what to say about an answer of the wrong kind.
func (n *ask) complaint(in Input, bad phrase) phrase {
	if words(in) == "" && bad != sayNeedFile && bad != sayNeedLocation {
		return sayNeedText
	}
	return bad
}

func (n *ask) claims(text string) bool {
	_, ok := n.opts.exact(text)
	return ok && n.kind() == "choice"
}

func (n *ask) silence() *Silence { return n.Silence }

func (n *ask) ways() []way {
	all := []way{{port: "next", to: n.Next, field: "next", waits: !n.Known}}
	for _, w := range optionWays(n.Options) {
		w.optional = true // then it goes on by next
		all = append(all, w)
	}
	return append(all, exits(n.retry, n.Silence)...)
}

func (n *ask) uses() uses {
	u := uses{texts: []usedText{said("say", n.Say), said("retry", n.Retry)}, writes: []string{n.Var}}
	return u
}

func (n *ask) check(c *checker) {
	if n.Say.IsZero() {
		c.fail(noText, "say", "")
	}
	c.variable("var", n.Var)
	c.written("contact", n.Contact)
	if _, ok := answers[n.kind()]; !ok {
		c.fail(unknownKind, "as", n.As)
	}
	for _, d := range n.Documents {
		if documents[d] == nil {
			c.fail(unknownKind, "documents", d)
		}
	}
	for _, kind := range n.Files {
		if !slices.Contains(fileKinds, kind) {
			c.fail(unknownKind, "files", kind)
		}
	}
	n.checkBounds(c)
	c.pattern("pattern", n.Pattern)
	if n.kind() == "choice" {
		if len(n.Options) == 0 {
			c.fail(emptyMenu, "options", "")
		}
		c.options(n.Options)
	}
	c.question(n.Retries, n.Silence)
}

// checkBounds checks that Min and Max are of the answer's kind, and that something fits between them.
func (n *ask) checkBounds(c *checker) {
	senseless := func(field, bound string) bool {
		if bound == "" || n.fitsAsBound(bound) {
			return false
		}
		c.fail(unknownKind, field, bound)
		return true
	}
	if senseless("min", n.Min) || senseless("max", n.Max) {
		return
	}
	if between, ok := order(n.Min, n.Max); ok && between > 0 {
		c.fail(outOfRange, "max", n.Min+"–∞")
	}
}

func (n *ask) fitsAsBound(bound string) bool {
	switch n.kind() {
	case "text":
		length, err := strconv.Atoi(bound)
		return err == nil && length >= 0
	case "number":
		_, ok := parseNumber(bound)
		return ok
	case "date":
		_, err := time.Parse(time.DateOnly, bound)
		return err == nil || bound == "today"
	}
	return true // the others have none
}
