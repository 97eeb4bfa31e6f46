package flows

import "strings"

// Global has the words that work anywhere in a flow, when they are all that the customer writes. Without a word list
// the built-in words of all three languages hold: customers mix them, at borders above all.
type Global struct {
	Menu  GlobalWord `json:"menu,omitzero"`  // back to the start, or to Next
	Agent GlobalWord `json:"agent,omitzero"` // a person, in Area
	Exit  GlobalWord `json:"exit,omitzero"`  // close
}

// GlobalWord is one of them.
type GlobalWord struct {
	Words map[Lang][]string `json:"words,omitempty"`
	Off   bool              `json:"off,omitempty"`
	Say   template          `json:"say,omitzero"`
	Next  string            `json:"next,omitempty"` // Menu only
	Area  string            `json:"area,omitempty"` // Agent only; also where faults of the flow are handed to

	folded map[string]bool
}

// IsZero keeps an unset word out of the JSON.
func (g GlobalWord) IsZero() bool {
	return len(g.Words) == 0 && !g.Off && g.Say.IsZero() && g.Next == "" && g.Area == ""
}

// IsZero keeps unset words out of the JSON.
func (g Global) IsZero() bool { return g.Menu.IsZero() && g.Agent.IsZero() && g.Exit.IsZero() }

var (
	menuWords = map[Lang][]string{
		Spanish: {"menú", "inicio", "volver al inicio", "menú principal"}, Portuguese: {"menu", "início", "voltar ao início", "menu principal"},
		English: {"menu", "start", "main menu", "start over"},
	}
	agentWords = map[Lang][]string{
		Spanish: {"agente", "asesor", "asesora", "humano", "persona", "operador", "hablar con alguien"}, Portuguese: {"atendente", "humano", "pessoa", "operador", "falar com alguém"},
		English: {"agent", "human", "person", "representative", "talk to someone"},
	}
	exitWords = map[Lang][]string{Spanish: {"salir", "terminar"}, Portuguese: {"sair", "encerrar"}, English: {"exit", "quit"}}
)

func (g *Global) prepare() {
	g.Menu.prepare(menuWords)
	g.Agent.prepare(agentWords)
	g.Exit.prepare(exitWords)
}

func (g *GlobalWord) prepare(builtin map[Lang][]string) {
	if g.Off {
		return
	}
	lists := g.Words
	if len(lists) == 0 {
		lists = builtin
	}
	g.folded = map[string]bool{}
	for _, list := range lists {
		for _, w := range list {
			if w = fold(w); w != "" {
				g.folded[w] = true
			}
		}
	}
}

// globalWord follows a word that works anywhere, unless the node takes it for an answer of its own.
func (r *run) globalWord(n Node, text string) (move, bool) {
	if text == "" || len(text) > MaxText {
		return move{}, false
	}
	if c, ok := n.(claimer); ok && r.s.Wait == WaitCustomer && c.claims(text) {
		return move{}, false
	}
	g, word := &r.flow.Global, fold(text)
	switch {
	case g.Menu.folded[word]:
		r.send(Send{Text: r.text(g.Menu.Say)})
		to := g.Menu.Next
		if to == "" {
			to = r.flow.Start
		}
		return r.follow("menu", to), true
	case g.Agent.folded[word]:
		return r.asked(), true
	case g.Exit.folded[word]:
		say := r.text(g.Exit.Say)
		if say == "" {
			say = r.say(sayBye)
		}
		r.send(Send{Text: say})
		r.visit(Closed, "exit")
		return r.end(EndClosed, Close{Reason: ReasonExit}), true
	}
	return move{}, false
}

// asked hands over because the customer asked for a person.
func (r *run) asked() move {
	r.send(Send{Text: r.person()})
	return r.hand(Handover{Area: r.flow.Global.Agent.Area, Reason: ReasonAsked})
}

// wantsPerson reports whether a text that fits no answer has a word for a person in it.
func (r *run) wantsPerson(text string) bool {
	said := spread(text)
	for w := range r.flow.Global.Agent.folded {
		if strings.Contains(said, spread(w)) {
			return true
		}
	}
	return false
}
