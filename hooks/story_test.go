package hooks

import (
	"testing"

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
			s := newShop(t)
			agent := s.user("ana", rights.Operator, s.areaID("sales"))
			carla := s.server.Phone(carlaNumber, wasim.Name("Carla"), wasim.Address(mode))

			s.say(carla, "hola")
			s.reads(carla, "Hola, elige:\n1. Ventas\n2. Nada")
			s.say(carla, "ventas")
			s.reads(carla, "Te paso con ventas.")
			c := s.thread("the agent has it", func(c store.Conversation) bool { return c.Status == store.StatusOpen && c.Assignee == agent.ID })

			s.answers(c.ID, agent.ID, "Soy Ana, dime.")
			s.reads(carla, "Soy Ana, dime.")
			s.say(carla, "quiero un presupuesto")
			s.message("quiero un presupuesto", func(m store.Message) bool { return m.Conversation == c.ID && m.State == "received" && !m.Pending })
			s.message("Soy Ana, dime.", func(m store.Message) bool { return m.State == "read" && !m.Outbox })

			if got := s.count("SELECT COUNT(*) FROM conversations"); got != 1 {
				t.Errorf("got %d conversations, want 1", got)
			}
			if got := s.count("SELECT COUNT(*) FROM contacts WHERE mergedInto = ''"); got != 1 {
				t.Errorf("got %d contacts, want 1", got)
			}
			if got := s.count("SELECT COUNT(*) FROM messages WHERE outbox OR pending OR state = 'failed'"); got != 0 {
				t.Errorf("got %d messages that are not through, want 0", got)
			}
		})
	}
}
