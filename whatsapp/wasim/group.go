package wasim

import "errors"

func (p *Phone) groupStanza(d *Companion, id string, m *sentMessage) (Node, error) {
	return Node{}, errors.New("no groups")
}
