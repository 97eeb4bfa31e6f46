package flows

// redirect hands the conversation to an area or a person.
type redirect struct {
	head
	Say      template `json:"say,omitzero"`
	Area     template `json:"area,omitzero"` // key of an area; may be a variable such as {{contact.area}}
	User     string   `json:"user,omitempty"`
	Note     template `json:"note,omitzero"`
	Priority int      `json:"priority,omitempty"`
}

func (n *redirect) enter(r *run) move {
	r.send(Send{Text: r.text(n.Say)})
	return r.hand(Handover{Area: clip(r.text(n.Area), MaxName), User: n.User, Note: r.text(n.Note), Priority: n.Priority, Reason: ReasonFlow})
}

func (n *redirect) ways() []way { return nil }

func (n *redirect) uses() uses {
	return uses{texts: []usedText{said("say", n.Say), written("area", n.Area), written("note", n.Note)}}
}

func (n *redirect) check(c *checker) {
	switch {
	case n.Area.IsZero() && n.User == "":
		c.fail(noArea, "area", "")
	case n.Area.fixed():
		c.area("area", n.Area.raw)
	}
	if n.User != "" && c.known.Users != nil && !c.known.Users[n.User] {
		c.warn(unknownUser, "user", "") // the area gets it
	}
}
