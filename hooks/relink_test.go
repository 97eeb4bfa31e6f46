package hooks

import (
	"testing"

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
			s := newShop(t)
			ana := s.user("ana", rights.Operator, s.areaID("sales"))
			carla := s.server.Phone(carlaNumber, wasim.Name("Carla"))
			s.say(carla, "hola")
			s.reads(carla, "Hola, elige:\n1. Ventas\n2. Nada")
			s.say(carla, "1")
			c := s.thread("ana has it", func(c store.Conversation) bool { return c.Assignee == ana.ID })
			if _, err := s.d.Lines.Logout(t.Context(), ""); err != nil {
				t.Fatal(err)
			}
			s.answers(c.ID, ana.ID, "we have it")
			if other {
				s.owner = s.server.Phone("+5491100000002", wasim.Owner(), wasim.Name("Other"))
			}
			s.link()
			if !other {
				s.reads(carla, "we have it")
				return
			}
			m := s.message("we have it", func(m store.Message) bool { return m.State == "failed" || m.State == "sent" })
			if m.State != "failed" || m.Reason != outbox.FailOtherNumber || m.Outbox {
				t.Errorf("got %s %q, want it held back and said why", m.State, m.Reason)
			}
			if got := s.get(c.ID); got.WaitingSince.IsZero() {
				t.Error("nobody sees that the customer has no answer")
			}
			if _, err := s.d.Outbox.Retry(t.Context(), ana, c.ID, m.ID); err != nil {
				t.Fatal(err)
			}
			s.reads(carla, "we have it") // because somebody said so
		})
	}
}
