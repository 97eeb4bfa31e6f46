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
