package flows

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
)

// Problem is something about a flow that Check found.
type Problem struct {
	Level Level  `json:"level"`
	Code  Code   `json:"code"`
	Node  string `json:"node,omitempty"`  // empty: the flow itself
	Field string `json:"field,omitempty"` // of the node's JSON, with ids or numbers of list items: options.sales.next
	Arg   string `json:"arg,omitempty"`   // what the sentence names: a variable, a text, a range
}

// Level says whether a problem keeps a flow from being published.
type Level string

// The levels.
const (
	Error   Level = "error"
	Warning Level = "warning"
)

// Known is what Check may rely on. A nil map means that nothing is known about it, and nothing is said.
type Known struct {
	Areas   map[string]string
	Flows   map[string]bool // ids that can be jumped to
	Media   map[string]bool // references
	Secrets map[string]bool // names
	Users   map[string]bool // ids of people who can be handed to
	Lines   map[string]bool // ids
}

// Check finds what is wrong with a flow, errors first, then by node. A flow with errors must not be published; each of
// them would end in a handover for some customer.
func Check(f Flow, known Known) []Problem {
	c := &checker{flow: f, known: known}
	c.frame()
	for _, id := range sortedKeys(f.Nodes) {
		c.node = id
		n := f.Nodes[id]
		n.check(c)
		c.leads(n)
		c.readable(n)
	}
	c.variables()
	c.graph()
	slices.SortStableFunc(c.found, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Level, b.Level), cmp.Compare(a.Node, b.Node))
	})
	return c.found
}

// Publishable reports whether none of the problems is an error.
func Publishable(problems []Problem) bool {
	return !slices.ContainsFunc(problems, func(p Problem) bool { return p.Level == Error })
}

type checker struct {
	flow  Flow
	known Known
	node  string
	found []Problem
}

func (c *checker) fail(code Code, field, arg string) { c.add(Error, code, field, arg) }
func (c *checker) warn(code Code, field, arg string) { c.add(Warning, code, field, arg) }

func (c *checker) add(level Level, code Code, field, arg string) {
	c.found = append(c.found, Problem{Level: level, Code: code, Node: c.node, Field: field, Arg: clip(arg, 80)})
}

// frame checks what is not in a node.
func (c *checker) frame() {
	if _, ok := c.flow.Nodes[c.flow.Start]; !ok {
		c.fail(noStart, "start", c.flow.Start)
	}
	if locales[c.flow.Lang] == nil {
		c.warn(unknownKind, "lang", string(c.flow.Lang))
	}
	if s := c.flow.Silence; s != nil {
		c.silence(s)
		c.target("silence.next", s.Next)
	}
	g := c.flow.Global
	c.target("global.menu.next", g.Menu.Next)
	c.area("global.agent.area", g.Agent.Area)
}

// leads checks where a node leads.
func (c *checker) leads(n Node) {
	for _, w := range n.ways() {
		if w.to == "" && !w.optional {
			c.warn(deadEnd, w.field, "")
		}
		c.target(w.field, w.to)
	}
}

func (c *checker) target(field, to string) {
	if _, ok := c.flow.Nodes[to]; to != "" && !ok {
		c.fail(missingTarget, field, to)
	}
}

func (c *checker) area(field, area string) {
	if _, ok := c.known.Areas[area]; area != "" && c.known.Areas != nil && !ok {
		c.fail(unknownArea, field, area)
	}
}

func (c *checker) media(field string, m *Attachment) {
	if m == nil {
		return
	}
	if m.Ref == "" || c.known.Media != nil && !c.known.Media[m.Ref] {
		c.fail(noMedia, field+".ref", m.Ref)
	}
	if !slices.Contains([]string{"image", "video", "audio", "voice", "document", "sticker"}, m.Kind) {
		c.fail(unknownKind, field+".kind", m.Kind)
	}
}

func (c *checker) pattern(field string, p pattern) {
	if p.err != nil {
		c.fail(badPattern, field, p.raw)
	}
}

// options checks a list of answers: each can be told from the others.
func (c *checker) options(list []option) {
	c.many("options", len(list))
	var ids []string
	for _, o := range list {
		ids = append(ids, o.ID)
		if o.Label == "" {
			c.fail(noText, "options."+o.ID+".label", "")
		}
	}
	c.apart(newOptions(list), func(i int) string { return "options." + list[i].ID })
	c.ids("options", ids)
}

// apart checks that no two answers are called the same.
func (c *checker) apart(o options, field func(i int) string) {
	seen := map[string]bool{}
	for i, f := range o.folded {
		own := map[string]bool{f.key: true}
		for _, t := range f.texts {
			own[t] = true
		}
		for _, text := range sortedKeys(own) {
			if text != "" && seen[text] {
				c.fail(duplicate, field(i), text)
			}
			seen[text] = true
		}
	}
}

// ids checks that ids of list items can be ports: well formed, and each only once.
func (c *checker) ids(field string, ids []string) {
	c.many(field, len(ids))
	for i, id := range ids {
		if !validName(id) || slices.Contains(reserved, id) {
			c.fail(badName, fmt.Sprintf("%s.%d.id", field, i), id)
		} else if slices.Contains(ids[:i], id) {
			c.fail(duplicate, fmt.Sprintf("%s.%d.id", field, i), id)
		}
	}
}

// reserved are ports that nodes have by themselves.
var reserved = []string{"next", "else", "silence", "fail", "menu", "open", "closed", "low", "unsure", "interrupt", "back"}

func (c *checker) poll(list []option) {
	if len(list) < 2 || len(list) > MaxPoll {
		c.fail(outOfRange, "options", fmt.Sprintf("2–%d", MaxPoll))
	}
	for _, o := range list {
		if clip(o.Label, MaxLine) != o.Label {
			c.fail(longLabel, "options."+o.ID+".label", o.Label)
		}
	}
}

func (c *checker) question(retries *int, s *Silence) {
	if retries != nil && (*retries < 0 || *retries > MaxRetries) {
		c.fail(outOfRange, "retries", fmt.Sprintf("0–%d", MaxRetries))
	}
	c.silence(s)
}

func (c *checker) silence(s *Silence) {
	if s != nil {
		c.seconds("silence.seconds", s.Seconds, 0)
	}
}

func (c *checker) seconds(field string, n, least int) {
	if most := int(MaxWait.Seconds()); n < least || n > most {
		c.fail(outOfRange, field, fmt.Sprintf("%d–%d", least, most))
	}
}

func (c *checker) many(field string, n int) {
	if n > MaxOptions {
		c.fail(outOfRange, field, fmt.Sprintf("0–%d", MaxOptions))
	}
}

// written checks that a field of the contact can be written; empty: none is.
func (c *checker) written(field, name string) {
	if slices.Contains(unwritten, name) {
		c.fail(unknownKind, field, name)
	}
}

func (c *checker) variable(field, name string) {
	switch {
	case name == "":
		c.fail(noVariable, field, "")
	case !validName(name):
		c.fail(badName, field, name)
	}
}

var headerName = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

func (c *checker) header(field string, l line) {
	if !headerName.MatchString(l.Name) {
		c.fail(badName, field+".name", l.Name)
	}
	if l.Secret != "" && c.known.Secrets != nil && !c.known.Secrets[l.Secret] {
		c.warn(unknownSecret, field+".secret", l.Secret) // the request fails, and the flow has a way for that
	}
}
