package hooks

// warning is something that who runs the desk should see to: it works, and will not for ever, or not as it should.
type warning struct {
	Code    string `json:"code"`    // of the sentence
	Message string `json:"message"` // for who asks, in their language

	args map[string]any
}

// warnings asks everything that may have something to warn of. Each looks at what it is now: a warning goes when its reason does.
func (d *Desk) warnings() (all []warning) {
	for _, ask := range []func(*Desk) []warning{
		(*Desk).diskWarnings,
		(*Desk).proxyWarnings, (*Desk).privacyWarnings,
	} {
		all = append(all, ask(d)...)
	}
	return all
}

func (d *Desk) warningRoutes() []route {
	return []route{
		{method: "GET", path: "/api/warnings", who: admins, run: d.listWarnings},
	}
}

// listWarnings lists what an admin should see to; the dashboard shows it.
func (d *Desk) listWarnings(r *request) error {
	answer := page[warning]{Items: []warning{}}
	for _, w := range d.warnings() {
		w.Message = sentence(lang(r.RequestEvent), w.Code, w.args)
		answer.Items = append(answer.Items, w)
	}
	return r.ok(answer)
}
