package flows

import (
	"slices"
	"strconv"
)

// graph checks the flow as a whole: what can be reached, loops in which nobody waits, and what one answer may cause.
func (c *checker) graph() {
	if _, ok := c.flow.Nodes[c.flow.Start]; ok {
		reached := c.reachable()
		for _, id := range sortedKeys(c.flow.Nodes) {
			if c.node = id; !reached[id] {
				c.warn(unreachable, "", "")
			}
		}
	}
	bad := map[string]bool{}
	for _, loop := range c.loops(func(_ Node, w way) bool { return !w.waits }) {
		c.node = loop[0]
		c.fail(loopNoWait, "", "")
		for _, id := range loop {
			bad[id] = true
		}
	}
	for _, loop := range c.loops(func(n Node, _ way) bool { return !asks(n) }) {
		if c.node = loop[0]; !slices.ContainsFunc(loop, func(id string) bool { return bad[id] }) {
			c.warn(loopNoCustomer, "", "")
		}
	}
	if len(bad) == 0 {
		c.longest()
	}
}

// asks reports whether a node waits for the customer before it is left. Another flow may, so it is believed to.
func asks(n Node) bool {
	switch n := n.(type) {
	case *ai:
		return n.Turns > 0
	case *ask:
		return !n.Known
	case *jump:
		return true
	}
	_, ok := n.(answerer)
	return ok
}

// reachable finds the nodes that some conversation can come to.
func (c *checker) reachable() map[string]bool {
	reached := map[string]bool{}
	todo := []string{c.flow.Start, c.flow.Global.Menu.Next}
	if c.flow.Silence != nil {
		todo = append(todo, c.flow.Silence.Next)
	}
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		n, ok := c.flow.Nodes[id]
		if !ok || reached[id] {
			continue
		}
		reached[id] = true
		for _, w := range n.ways() {
			todo = append(todo, w.to)
		}
	}
	return reached
}

// loops finds the loops along the ways that follow keeps, by Tarjan's strongly connected components, without recursion:
// a flow may be a chain of thousands. Each loop is its nodes in order of their ids.
func (c *checker) loops(follow func(Node, way) bool) [][]string {
	next := map[string][]string{}
	for id, n := range c.flow.Nodes {
		for _, w := range n.ways() {
			if _, ok := c.flow.Nodes[w.to]; ok && follow(n, w) {
				next[id] = append(next[id], w.to)
			}
		}
	}
	var found [][]string
	for _, group := range components(sortedKeys(c.flow.Nodes), next) {
		if len(group) > 1 || slices.Contains(next[group[0]], group[0]) {
			slices.Sort(group)
			found = append(found, group)
		}
	}
	return found
}

// components are the strongly connected ones, each after those that it leads to.
func components(ids []string, next map[string][]string) [][]string {
	t := tarjan{next: next, index: map[string]int{}, low: map[string]int{}, on: map[string]bool{}}
	for _, id := range ids {
		if _, seen := t.index[id]; !seen {
			t.visit(id)
		}
	}
	return t.found
}

type tarjan struct {
	next       map[string][]string
	index, low map[string]int
	on         map[string]bool
	stack      []string
	found      [][]string
}

// visit walks from id with a path of its own in place of the call stack.
func (t *tarjan) visit(id string) {
	type place struct {
		id   string
		next int
	}
	path := []place{{id: id}}
	t.open(id)
	for len(path) > 0 {
		at := &path[len(path)-1]
		if at.next < len(t.next[at.id]) {
			to := t.next[at.id][at.next]
			at.next++
			if _, seen := t.index[to]; !seen {
				t.open(to)
				path = append(path, place{id: to})
			} else if t.on[to] {
				t.low[at.id] = min(t.low[at.id], t.index[to])
			}
			continue
		}
		done := at.id
		path = path[:len(path)-1]
		if len(path) > 0 {
			up := path[len(path)-1].id
			t.low[up] = min(t.low[up], t.low[done])
		}
		if t.low[done] == t.index[done] {
			t.close(done)
		}
	}
}

func (t *tarjan) open(id string) {
	t.index[id], t.low[id] = len(t.index), len(t.index)
	t.stack, t.on[id] = append(t.stack, id), true
}

func (t *tarjan) close(id string) {
	i := slices.Index(t.stack, id)
	group := slices.Clone(t.stack[i:])
	for _, g := range group {
		t.on[g] = false
	}
	t.stack = t.stack[:i]
	t.found = append(t.found, group)
}

// longest checks that no answer of a customer leads to more messages or nodes than one input may cause. It is called
// when there is no loop without a wait.
func (c *checker) longest() {
	next := map[string][]string{}
	for id, n := range c.flow.Nodes {
		for _, w := range n.ways() {
			if _, ok := c.flow.Nodes[w.to]; ok && !w.waits {
				next[id] = append(next[id], w.to)
			}
		}
	}
	sends, steps := map[string]int{}, map[string]int{}
	for _, group := range components(sortedKeys(c.flow.Nodes), next) {
		id := group[0]
		for _, to := range next[id] {
			sends[id], steps[id] = max(sends[id], sends[to]), max(steps[id], steps[to])
		}
		before := sends[id]
		sends[id] += speaks(c.flow.Nodes[id])
		steps[id]++
		c.node = id
		if before < MaxSends && sends[id] >= MaxSends {
			c.fail(manyMessages, "", strconv.Itoa(MaxSends-1))
		}
		if steps[id] == MaxSteps+1 {
			c.fail(manySteps, "", strconv.Itoa(MaxSteps))
		}
	}
	c.onTheWay(sends)
}

// onTheWay counts what is said before a node is entered: a model's answer, the sentence of a global word.
func (c *checker) onTheWay(sends map[string]int) {
	for _, id := range sortedKeys(c.flow.Nodes) {
		if n, ok := c.flow.Nodes[id].(*ai); ok && !n.Quiet && sends[n.Next] == MaxSends-1 {
			c.node = id
			c.fail(manyMessages, "next", strconv.Itoa(MaxSends-1))
		}
	}
	c.node = ""
	home := c.flow.Global.Menu
	if home.Next == "" {
		home.Next = c.flow.Start
	}
	if !home.Off && !home.Say.IsZero() && sends[home.Next] == MaxSends-1 {
		c.fail(manyMessages, "global.menu.say", strconv.Itoa(MaxSends-1))
	}
}

// speaks counts the messages that entering a node sends.
func speaks(n Node) int {
	switch n := n.(type) {
	case *message:
		return 1
	case answerer:
		if _, isAI := n.(*ai); !isAI {
			return 1
		}
	case *end:
		return one(n.Say)
	case *redirect:
		return one(n.Say)
	case *request:
		return one(n.Say)
	}
	return 0
}

func one(t template) int {
	if t.IsZero() {
		return 0
	}
	return 1
}
