package flows

import (
	"fmt"
	"slices"
	"strings"
)

// set writes variables, contact fields and tags.
type set struct {
	head
	Set    []assignment `json:"set,omitempty"`
	Add    []string     `json:"add,omitempty"`    // tags
	Remove []string     `json:"remove,omitempty"` // tags
	Next   string       `json:"next,omitempty"`
}

// assignment writes one value. An empty one clears.
type assignment struct {
	Var     string   `json:"var,omitempty"`     // a variable, or
	Contact string   `json:"contact,omitempty"` // a field of the contact
	Op      string   `json:"op,omitempty"`      // "set" (also when empty), "add" (to a number), "append" (to a text)
	Value   template `json:"value,omitzero"`
	As      Type     `json:"as,omitempty"` // type of the variable; empty: that of the value when it is one variable, else text
}

func (n *set) enter(r *run) move {
	for _, a := range n.Set {
		v := r.assign(a)
		if a.Contact != "" {
			r.setContact(a.Contact, v.Text)
		} else if !r.set(a.Var, v) {
			return r.fault(ReasonVars)
		}
	}
	r.tag(n.Add, n.Remove)
	return r.follow("next", n.Next)
}

func (n *set) ways() []way { return []way{{port: "next", to: n.Next, field: "next"}} }

// assign works out a value.
func (r *run) assign(a assignment) Value {
	v := Value{Type: a.As, Text: r.fill(a.Value)}
	if p := a.Value.parts; len(p) == 1 && p[0].name != "" && len(p[0].formats) == 0 {
		if from := r.lookup(p[0].name); from.Text != "" {
			v.Text = from.Text // as it is kept, not as it is read
			if v.Type == "" {
				v.Type = from.Type
			}
		}
	}
	if a.Op == "" || a.Op == "set" {
		return v
	}
	name := a.Var
	if a.Contact != "" {
		name = "contact." + a.Contact
	}
	old := r.lookup(name)
	if a.Op == "append" {
		return Value{Type: old.Type, Text: old.Text + v.Text}
	}
	if len(a.Value.parts) > 1 {
		v.Text = r.machine(a.Value) // "-{{paid}}" is -1.5, not -1,5
	}
	return Value{Type: TypeNumber, Text: add(old.Text, v.Text)}
}

// add sums two numbers; what is none counts as nothing.
func add(a, b string) string {
	x, okX := parseNumber(a)
	y, okY := parseNumber(b)
	switch {
	case !okX && !okY:
		return "0"
	case !okX:
		return b
	case !okY:
		return a
	}
	sum := x.Add(x, y)
	if n, exact := sum.FloatPrec(); exact {
		return sum.FloatString(n)
	}
	return sum.FloatString(6)
}

// unwritten are fields of the contact that no step writes: the number is WhatsApp's to say, tags have their own step.
var unwritten = []string{"phone", "tags"}

// setContact writes a field of the contact, for the caller and for the rest of this step.
func (r *run) setContact(field, value string) {
	if slices.Contains(unwritten, field) {
		return
	}
	value = clip(value, MaxValue)
	if r.wrote == nil {
		r.wrote = map[string]string{}
	}
	r.wrote[field] = value
	r.out = append(r.out, SetContact{Field: field, Value: value})
}

// tag changes the tags, for the caller and for the rest of this step.
func (r *run) tag(add, remove []string) {
	add, remove = named(add), named(remove)
	if len(add)+len(remove) == 0 {
		return
	}
	for _, t := range add {
		r.added = append(r.added, t)
		r.gone = slices.DeleteFunc(r.gone, func(g string) bool { return g == t })
	}
	for _, t := range remove {
		r.gone = append(r.gone, t)
		r.added = slices.DeleteFunc(r.added, func(a string) bool { return a == t })
	}
	r.out = append(r.out, Tag{Add: add, Remove: remove})
}

// named are the tags that have a name, without spaces around it.
func named(tags []string) (all []string) {
	for _, t := range tags {
		if t = strings.TrimSpace(t); t != "" {
			all = append(all, t)
		}
	}
	return all
}

// tags are the contact's, as they are by now.
func (r *run) tags() []string {
	var all []string
	for _, t := range slices.Concat(r.env.Contact.Tags, r.added) {
		if !slices.Contains(r.gone, t) && !slices.Contains(all, t) {
			all = append(all, t)
		}
	}
	return all
}

func (n *set) uses() uses {
	var u uses
	for i, a := range n.Set {
		u.texts = append(u.texts, written(fmt.Sprintf("set.%d.value", i), a.Value))
		if a.Contact == "" {
			u.writes = append(u.writes, a.Var)
		}
	}
	return u
}

func (n *set) check(c *checker) {
	for i, a := range n.Set {
		field := fmt.Sprintf("set.%d", i)
		if a.Contact == "" {
			c.variable(field+".var", a.Var)
		}
		c.written(field+".contact", a.Contact)
		if a.Op != "" && a.Op != "set" && a.Op != "add" && a.Op != "append" {
			c.fail(unknownKind, field+".op", a.Op)
		}
		if !a.As.known() {
			c.fail(unknownKind, field+".as", string(a.As))
		}
	}
	c.many("set", len(n.Set))
}
