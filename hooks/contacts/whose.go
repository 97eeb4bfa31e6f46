package contacts

import (
	"fmt"

	"mostrador/hooks/store"
	"mostrador/whatsapp"
)

func Direction(m whatsapp.Message) string {
	if m.FromMe {
		return store.Outbound
	}
	return store.Inbound
}

// WhatsApp's ids are chosen by who writes, so that an id is a message's name only together with its chat and side: anybody
// may use an id that they have seen, or send a receipt for it.

// Whose reports whether a contact is who an address names. WhatsApp may name a customer by the half of the address that is
// not known yet: then it is whoever has the message, if nobody else is known by that half.
func (s *Contacts) Whose(t *store.Tx, contact string, a whatsapp.Address) (bool, error) {
	if p, ok := s.Known[a]; ok {
		return p.ID == contact, nil
	}
	c, err := store.Find[store.ContactRow](t.DB(), "contacts", contact)
	if store.IsNone(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read contact %s: %w", contact, err)
	}
	switch {
	case a.LID != "" && c.LID != "":
		return a.LID == c.LID, nil
	case a.Phone != "" && c.Phone != "":
		return PhoneKey(a.Phone) == c.PhoneKey || a.Phone == c.Phone, nil
	}
	for column, half := range map[string]string{"lid": a.LID, "phone": a.Phone} {
		if other, err := contactBy(t, column, half); err != nil || other != nil {
			return false, err
		}
	}
	return true, nil
}
