package flows

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// condition goes the way of its first case that holds.
type condition struct {
	head
	Cases []branch `json:"cases"`
	Else  string   `json:"else,omitempty"`
}

// branch is one case: all of its rules hold, or one of them.
type branch struct {
	ID    string `json:"id"`              // the port
	Match string `json:"match,omitempty"` // "all" (also when empty) or "any"
	Rules []rule `json:"rules"`
	Next  string `json:"next,omitempty"`
}

// rule compares a variable with a text.
type rule struct {
	Var   string   `json:"var,omitempty"` // a name as in {{…}}; not needed for has_tag
	Op    string   `json:"op"`
	Value template `json:"value,omitzero"`

	re pattern
}

// compare has the operators. Texts are compared folded: without case, accents and punctuation at the ends; see alike.
var compare = map[string]func(r *run, v Value, with string) bool{
	"equals":     func(_ *run, v Value, with string) bool { return same(v, with) },
	"not_equals": func(_ *run, v Value, with string) bool { return !same(v, with) },
	"contains":   func(_ *run, v Value, with string) bool { return found(strings.Contains, v, with) },
	"starts":     func(_ *run, v Value, with string) bool { return found(strings.HasPrefix, v, with) },
	"ends":       func(_ *run, v Value, with string) bool { return found(strings.HasSuffix, v, with) },
	"in":         func(_ *run, v Value, with string) bool { return oneOf(v, with) },
	"greater":    func(_ *run, v Value, with string) bool { c, ok := order(v.Text, with); return ok && c > 0 },
	"less":       func(_ *run, v Value, with string) bool { c, ok := order(v.Text, with); return ok && c < 0 },
	"at_least":   func(_ *run, v Value, with string) bool { c, ok := order(v.Text, with); return ok && c >= 0 },
	"at_most":    func(_ *run, v Value, with string) bool { c, ok := order(v.Text, with); return ok && c <= 0 },
	"empty":      func(_ *run, v Value, _ string) bool { return v.Text == "" },
	"not_empty":  func(_ *run, v Value, _ string) bool { return v.Text != "" },
	"has_tag":    func(r *run, _ Value, with string) bool { return slices.Contains(r.tags(), strings.TrimSpace(with)) },
	"matches":    nil, // by rule.re
}

func (n *condition) prepare() error {
	for i := range n.Cases {
		for j := range n.Cases[i].Rules {
			if rule := &n.Cases[i].Rules[j]; rule.Op == "matches" {
				rule.re = newPattern(rule.Value.raw)
			}
		}
	}
	return nil
}

func (n *condition) enter(r *run) move {
	for _, c := range n.Cases {
		held := 0
		for _, rule := range c.Rules {
			if r.holds(rule) {
				held++
			}
		}
		if held == len(c.Rules) && held > 0 || c.Match == "any" && held > 0 {
			return r.follow(c.ID, c.Next)
		}
	}
	return r.follow("else", n.Else)
}

func (r *run) holds(rule rule) bool {
	v := r.lookup(rule.Var)
	if rule.Op == "matches" {
		return rule.re.re != nil && rule.re.re.MatchString(v.Text)
	}
	test := compare[rule.Op]
	return test != nil && test(r, v, r.machine(rule.Value))
}

func (n *condition) ways() []way {
	var all []way
	for _, c := range n.Cases {
		all = append(all, way{port: c.ID, to: c.Next, field: "cases." + c.ID + ".next"})
	}
	return append(all, way{port: "else", to: n.Else, field: "else"})
}

// same compares numbers as numbers and all else as folded text.
func same(v Value, with string) bool {
	if v.Type == TypeNumber {
		c, ok := order(v.Text, with)
		return ok && c == 0
	}
	text, with := alike(v.Text, with)
	return text == with
}

// found looks for a text in a value. An empty one is nowhere.
func found(in func(text, with string) bool, v Value, with string) bool {
	text, with := alike(v.Text, with)
	return with != "" && in(text, with)
}

// alike folds two texts for a comparison. Signs alone, such as "@" or "?", would vanish: they are compared as they stand.
func alike(text, with string) (string, string) {
	if folded := fold(with); folded != "" {
		return fold(text), folded
	}
	return strings.TrimSpace(text), strings.TrimSpace(with)
}

func oneOf(v Value, list string) bool {
	for item := range strings.SplitSeq(list, ",") {
		if same(v, strings.TrimSpace(item)) {
			return true
		}
	}
	return false
}

// order compares two numbers, or two dates. False: they are neither.
func order(a, b string) (int, bool) {
	if x, ok := parseNumber(strings.TrimSpace(a)); ok {
		y, ok := parseNumber(strings.TrimSpace(b))
		if !ok {
			return 0, false
		}
		return x.Cmp(y), true
	}
	x, ok := moment(a)
	y, ok2 := moment(b)
	return x.Compare(y), ok && ok2
}

func moment(s string) (time.Time, bool) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, strings.TrimSpace(s)); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func (n *condition) uses() uses {
	var u uses
	for _, c := range n.Cases {
		for j, rule := range c.Rules {
			field := fmt.Sprintf("cases.%s.rules.%d", c.ID, j)
			if rule.Var != "" {
				u.reads = append(u.reads, usedVar{field: field + ".var", name: rule.Var})
			}
			if rule.Op != "matches" { // there the braces are the pattern's
				u.texts = append(u.texts, written(field+".value", rule.Value))
			}
		}
	}
	return u
}

func (n *condition) check(c *checker) {
	var ids []string
	for _, b := range n.Cases {
		ids = append(ids, b.ID)
		field := "cases." + b.ID
		if len(b.Rules) == 0 {
			c.fail(noRule, field+".rules", "")
		}
		if b.Match != "" && b.Match != "all" && b.Match != "any" {
			c.fail(unknownKind, field+".match", b.Match)
		}
		for j, rule := range b.Rules {
			at := fmt.Sprintf("%s.rules.%d", field, j)
			if _, ok := compare[rule.Op]; !ok {
				c.fail(unknownKind, at+".op", rule.Op)
			}
			if rule.Op != "has_tag" && rule.Var == "" {
				c.fail(noVariable, at+".var", "")
			}
			c.pattern(at+".value", rule.re)
		}
	}
	c.ids("cases", ids)
}
