package flows

// note leaves an internal note.
type note struct {
	head
	Text template `json:"text,omitzero"`
	Next string   `json:"next,omitempty"`
}

func (n *note) enter(r *run) move {
	if text := r.text(n.Text); text != "" {
		r.out = append(r.out, Note{Text: text})
	}
	return r.follow("next", n.Next)
}

func (n *note) ways() []way { return []way{{port: "next", to: n.Next, field: "next"}} }
func (n *note) uses() uses  { return uses{texts: []usedText{written("text", n.Text)}} }

func (n *note) check(c *checker) {
	if n.Text.IsZero() {
		c.warn(noText, "text", "")
	}
}
