package hooks_test

import (
	"testing"

	"mostrador/hooks/desktest"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/whatsapp/wasim"
)

// The whole way of a customer: menu, area, an agent's answer, blue ticks. The four forms in which WhatsApp names a
// customer all end with one contact and one conversation.
func TestStory(t *testing.T) {
	for name, mode := range map[string]wasim.AddressMode{
		"LID with number": wasim.LID, "number only": wasim.PN, "LID, number hidden": wasim.LIDHidden, "number with LID": wasim.PNWithLID,
	} {
		t.Run(name, func(t *testing.T) {
			s := desktest.NewShop(t)
			agent := s.User("ana", rights.Operator, s.AreaID("sales"))
			carla := s.Server.Phone(desktest.CarlaNumber, wasim.Name("Carla"), wasim.Address(mode))

			s.Say(carla, "hola")
			s.Reads(carla, "Hola, elige:\n1. Ventas\n2. Nada")
			s.Say(carla, "ventas")
			s.Reads(carla, "Te paso con ventas.")
			c := s.Thread("the agent has it", func(c store.Conversation) bool { return c.Status == store.StatusOpen && c.Assignee == agent.ID })

			s.Answers(c.ID, agent.ID, "Soy Ana, dime.")
			s.Reads(carla, "Soy Ana, dime.")
			s.Say(carla, "quiero un presupuesto")
			s.Message("quiero un presupuesto", func(m store.Message) bool { return m.Conversation == c.ID && m.State == "received" && !m.Pending })
			s.Message("Soy Ana, dime.", func(m store.Message) bool { return m.State == "read" && !m.Outbox })

			if got := s.Count("SELECT COUNT(*) FROM conversations"); got != 1 {
				t.Errorf("got %d conversations, want 1", got)
			}
			if got := s.Count("SELECT COUNT(*) FROM contacts WHERE mergedInto = ''"); got != 1 {
				t.Errorf("got %d contacts, want 1", got)
			}
			if got := s.Count("SELECT COUNT(*) FROM messages WHERE outbox OR pending OR state = 'failed'"); got != 0 {
				t.Errorf("got %d messages that are not through, want 0", got)
			}
		})
	}
}
