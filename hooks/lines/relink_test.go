package lines_test

import (
	"testing"

	"mostrador/hooks/desktest"
	"mostrador/hooks/outbox"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/whatsapp/wasim"
)

// What waits to be sent belongs to the number that the customer knows: another number on the same line does not send it by
// itself.
func TestLineThatIsLinkedWithAnotherNumber(t *testing.T) {
	for name, other := range map[string]bool{"the same number": false, "another number": true} {
		t.Run(name, func(t *testing.T) {
			s := desktest.NewShop(t)
			ana := s.User("ana", rights.Operator, s.AreaID("sales"))
			carla := s.Server.Phone(desktest.CarlaNumber, wasim.Name("Carla"))
			s.Say(carla, "hola")
			s.Reads(carla, "Hola, elige:\n1. Ventas\n2. Nada")
			s.Say(carla, "1")
			c := s.Thread("ana has it", func(c store.Conversation) bool { return c.Assignee == ana.ID })
			if _, err := s.Desk.Lines.Logout(t.Context(), ""); err != nil {
				t.Fatal(err)
			}
			s.Answers(c.ID, ana.ID, "we have it")
			if other {
				s.Owner = s.Server.Phone("+5491100000002", wasim.Owner(), wasim.Name("Other"))
			}
			s.Link()
			if !other {
				s.Reads(carla, "we have it")
				return
			}
			m := s.Message("we have it", func(m store.Message) bool { return m.State == "failed" || m.State == "sent" })
			if m.State != "failed" || m.Reason != outbox.FailOtherNumber || m.Outbox {
				t.Errorf("got %s %q, want it held back and said why", m.State, m.Reason)
			}
			if got := s.Get(c.ID); got.WaitingSince.IsZero() {
				t.Error("nobody sees that the customer has no answer")
			}
			if _, err := s.Desk.Outbox.Retry(t.Context(), ana, c.ID, m.ID); err != nil {
				t.Fatal(err)
			}
			s.Reads(carla, "we have it") // because somebody said so
		})
	}
}
