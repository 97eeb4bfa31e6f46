package desktest

import (
	"fmt"
	"sync"

	"mostrador/hooks/editor"
	"mostrador/whatsapp/wasim"
)

// Customers are simulated phones that write to a shop.
type Customers struct {
	*Shop
	Phones []*wasim.Phone
}

func (s *Shop) Customers(n int, from string) Customers {
	c := Customers{Shop: s}
	for i := range n {
		c.Phones = append(c.Phones, s.Server.Phone(fmt.Sprintf("+54911%s%04d", from, i), wasim.Name(fmt.Sprint("Customer ", i))))
	}
	return c
}

// each does something with every customer at the same time.
func (c Customers) each(do func(p *wasim.Phone)) {
	var wg sync.WaitGroup
	for _, p := range c.Phones {
		wg.Go(func() { do(p) })
	}
	wg.Wait()
}

func (c Customers) Say(text string) {
	c.each(func(p *wasim.Phone) { c.Shop.Say(p, text) })
}

func (c Customers) Read(text string) {
	c.T.Helper()
	for _, p := range c.Phones {
		c.Reads(p, text)
	}
}

func (s *Shop) Tick() {
	s.T.Helper()
	if err := s.Desk.Tick(s.T.Context()); err != nil {
		s.T.Fatal(err)
	}
}

func (s *Shop) FlowView(id string) editor.FlowView {
	s.T.Helper()
	f, err := s.Desk.Editor.Flow(id, "en")
	if err != nil {
		s.T.Fatal(err)
	}
	return f.FlowView
}

func (s *Shop) FlowVersions(id string) []editor.VersionView {
	s.T.Helper()
	list, err := s.Desk.Editor.Versions(id, 0, 10)
	if err != nil {
		s.T.Fatal(err)
	}
	return list
}

const MenuText = "Hola, elige:\n1. Ventas\n2. Nada"

// Shown lists what a phone got from the shop, in its order.
func (s *Shop) Shown(p *wasim.Phone) (texts []string) {
	for _, e := range p.Chat(s.Owner) {
		if !e.FromMe {
			texts = append(texts, e.Text)
		}
	}
	return texts
}

func (s *Shop) Inject(f wasim.Fault) string {
	s.T.Helper()
	f.Line = s.Owner
	id, err := s.Server.Inject(f)
	if err != nil {
		s.T.Fatal(err)
	}
	return id
}

func (s *Shop) Clear(fault string) {
	s.T.Helper()
	if err := s.Server.ClearFault(fault); err != nil {
		s.T.Fatal(err)
	}
}
