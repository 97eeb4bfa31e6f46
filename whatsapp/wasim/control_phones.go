package wasim

import (
	"encoding/base64"
	"net/http"
)

// phoneJSON is a phone as the control API shows it.
type phoneJSON struct {
	Number    string           `json:"number"`
	Name      string           `json:"name"`
	Owner     bool             `json:"owner"`
	Address   AddressMode      `json:"address"`
	Devices   int              `json:"devices"`
	Delivered string           `json:"delivered"`
	Read      string           `json:"read"`
	Hostile   bool             `json:"hostile"`
	PN        string           `json:"pn"`
	LID       string           `json:"lid"`
	Linked    []CompanionState `json:"linked,omitempty"` // devices linked to it
	Entries   int              `json:"entries"`          // number of the last entry it shows
}

// json describes a phone. s.mu is held.
func (p *Phone) json() phoneJSON {
	out := phoneJSON{Number: p.Number(), Name: p.name, Owner: p.owner, Address: p.address, Devices: len(p.devices),
		Delivered: onOff(p.deliver), Read: onOff(p.read), Hostile: p.hostile, PN: p.pn.String(), LID: p.lid.String(), Entries: p.chat.base + len(p.chat.entries)}
	for _, d := range p.linked() {
		out.Linked = append(out.Linked, d.stateNow())
	}
	return out
}

func onOff(on bool) string {
	if on {
		return "auto"
	}
	return "off"
}

// parseOnOff reads "auto", "off" or nothing, which keeps what is.
func parseOnOff(field, value string, now bool) (bool, error) {
	switch value {
	case "":
		return now, nil
	case "auto", "on":
		return true, nil
	case "off":
		return false, nil
	}
	return now, badRequest("%s %q: want auto or off", field, value)
}

func (s *Server) postPhone(r *http.Request) (any, error) {
	var b struct {
		Number, Name, Delivered, Read string
		Owner                         bool
		Address                       AddressMode
		Devices                       int
		Picture                       string // base64
		Hostile                       *bool
	}
	if err := readBody(r, maxBody, &b); err != nil {
		return nil, err
	}
	if b.Devices < 0 || b.Devices > 5 {
		return nil, badRequest("devices %d: want 1 to 5", b.Devices)
	}
	picture, err := base64.StdEncoding.DecodeString(b.Picture)
	if err != nil {
		return nil, badRequest("picture: not base64: %v", err)
	}
	switch b.Address {
	case "", LID, PN, LIDHidden, PNWithLID:
	default:
		return nil, badRequest("address %q: want lid, pn, lid-hidden or pn-lid", b.Address)
	}
	for field, value := range map[string]string{"delivered": b.Delivered, "read": b.Read} {
		if _, err := parseOnOff(field, value, false); err != nil {
			return nil, err
		}
	}
	p, err := s.AddPhone(b.Number, func(p *Phone) {
		p.name, p.owner = firstText(b.Name, p.name), p.owner || b.Owner
		p.address = AddressMode(firstText(string(b.Address), string(p.address)))
		p.deliver, _ = parseOnOff("delivered", b.Delivered, p.deliver)
		p.read, _ = parseOnOff("read", b.Read, p.read)
		Devices(b.Devices)(p)
		if b.Hostile != nil {
			p.hostile = *b.Hostile
		}
		if len(picture) > 0 {
			Picture(picture)(p)
		}
	})
	if err != nil {
		return nil, badRequest("%v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return p.json(), nil
}

func (s *Server) getPhones(*http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]phoneJSON, len(s.phones))
	for i, p := range s.phones {
		out[i] = p.json()
	}
	return map[string]any{"phones": out}, nil
}

func (s *Server) getPhone(r *http.Request) (any, error) {
	p, err := s.phoneOf(r)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return p.json(), nil
}

func (s *Server) postScan(r *http.Request) (any, error) {
	p, err := s.phoneOf(r)
	if err != nil {
		return nil, err
	}
	var b struct{ QR, Code string }
	if err = readBody(r, maxBody, &b); err != nil {
		return nil, err
	}
	var d *Companion
	switch {
	case b.Code != "":
		d, err = p.enterCode(r.Context(), b.Code)
	case b.QR != "":
		d, err = p.ScanQR(b.QR)
	default:
		return nil, badRequest(`want {"qr":"<text of the QR>"} or {"code":"ABCD-1234"}`)
	}
	if err != nil {
		return nil, refusal{http.StatusConflict, err.Error()}
	}
	return map[string]string{"device": d.JID.String(), "lid": d.LID.String(), "name": d.props.GetOs()}, nil
}

func (s *Server) postSay(r *http.Request) (any, error) {
	p, err := s.phoneOf(r)
	if err != nil {
		return nil, err
	}
	var b sayBody
	if err = readBody(r, maxSayBody, &b); err != nil {
		return nil, err
	}
	id, err := s.sayFor(p, &b)
	if err != nil {
		return nil, err
	}
	return map[string]string{"id": id}, nil
}

func (s *Server) sayFor(p *Phone, b *sayBody) (string, error) {
	to, err := s.findPhone(b.To)
	if err != nil {
		return "", err
	}
	what, err := b.say(s.now())
	if err != nil {
		return "", err
	}
	return p.Say(to, what)
}

// postSayMany sends [{"from","to",…},…] in order, for load tests. It stops at the first that can't be sent; the ids tell
// how far it came.
func (s *Server) postSayMany(r *http.Request) (any, error) {
	var many []sayBody
	if err := readBody(r, maxSayBody, &many); err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(many))
	for i := range many {
		p, err := s.findPhone(many[i].From)
		if err == nil {
			var id string
			if id, err = s.sayFor(p, &many[i]); err == nil {
				ids = append(ids, id)
				continue
			}
		}
		return nil, badRequest("message %d of %d (the ones before were sent): %v", i+1, len(many), err)
	}
	return map[string]any{"ids": ids}, nil
}
