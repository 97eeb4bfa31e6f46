package wasim

import "net/http"

// target reads {"to":"+549…","state"?} and finds the other side.
func (s *Server) target(r *http.Request) (to *Phone, state string, err error) {
	var b struct{ To, State string }
	if err = readBody(r, maxBody, &b); err != nil {
		return nil, "", err
	}
	if b.To == "" {
		return nil, "", badRequest(`want {"to":"+549…"}: whom it is for`)
	}
	to, err = s.findPhone(b.To)
	return to, b.State, err
}

func (s *Server) playTyping(p *Phone, r *http.Request) error {
	to, state, err := s.target(r)
	if err != nil {
		return err
	}
	return p.Typing(to, firstText(state, "composing"))
}

func (s *Server) playOnline(p *Phone, _ *http.Request) error {
	p.Online(true)
	return nil
}

func (s *Server) playOffline(p *Phone, _ *http.Request) error {
	p.Online(false)
	return nil
}

func (s *Server) playCall(p *Phone, r *http.Request) error {
	to, _, err := s.target(r)
	if err == nil {
		p.Call(to)
	}
	return err
}

func (s *Server) playReinstall(p *Phone, _ *http.Request) error {
	if err := p.Reinstall(); err != nil {
		return refusal{http.StatusConflict, err.Error()}
	}
	return nil
}

// playBlock blocks, or with state "off" unblocks.
func (s *Server) playBlock(p *Phone, r *http.Request) error {
	to, state, err := s.target(r)
	if err != nil {
		return err
	}
	if state != "" && state != "on" && state != "off" {
		return badRequest("block state %q: want on or off", state)
	}
	p.Block(to, state == "off")
	return nil
}

// playRead reads {"to","ids"} and marks messages of the other side as read; no ids mean all of them.
func (s *Server) playRead(p *Phone, r *http.Request) error {
	var b struct {
		To  string
		IDs []string
	}
	if err := readBody(r, maxBody, &b); err != nil {
		return err
	}
	to, err := s.findPhone(b.To)
	if err != nil {
		return err
	}
	if len(b.IDs) == 0 {
		for _, e := range p.Chat(to) {
			if !e.FromMe && e.State != "read" && e.State != "played" {
				b.IDs = append(b.IDs, e.ID)
			}
		}
	}
	return p.MarkRead(to, b.IDs...)
}

// playLogout logs the linked devices of the phone out, or the one named as {"device":"…"}.
func (s *Server) playLogout(p *Phone, r *http.Request) error {
	var b struct{ Device string }
	if err := readBody(r, maxBody, &b); err != nil {
		return err
	}
	n := 0
	for _, d := range p.Companions() {
		if b.Device == "" || b.Device == d.JID.String() {
			p.RemoveDevice(d)
			n++
		}
	}
	if n == 0 {
		return refusal{http.StatusNotFound, "the phone has no such linked device"}
	}
	return nil
}
