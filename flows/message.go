package flows

import "fmt"

// message says something and goes on.
type message struct {
	head
	Say      template    `json:"say,omitzero"`
	Variants []template  `json:"variants,omitempty"` // other wordings; one of all is picked at random
	Media    *Attachment `json:"media,omitempty"`
	Next     string      `json:"next,omitempty"`
}

func (n *message) enter(r *run) move {
	say := n.Say
	if len(n.Variants) > 0 {
		if i := r.env.Random % uint64(len(n.Variants)+1); i > 0 {
			say = n.Variants[i-1]
		}
	}
	r.send(Send{Text: r.text(say), Media: n.Media})
	return r.follow("next", n.Next)
}

func (n *message) ways() []way { return []way{{port: "next", to: n.Next, field: "next"}} }

func (n *message) uses() uses {
	u := uses{texts: []usedText{said("say", n.Say)}}
	for i, v := range n.Variants {
		u.texts = append(u.texts, said(fmt.Sprintf("variants.%d", i), v))
	}
	return u
}

func (n *message) check(c *checker) {
	if n.Say.IsZero() && n.Media == nil {
		c.warn(noText, "say", "")
	}
	c.media("media", n.Media)
}
