package contacts

import (
	"database/sql"
	"fmt"

	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
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

// At is the contact with an address; sql.ErrNoRows for a stranger. Contacts that turn out to be one are merged.
func (s *Contacts) At(t *store.Tx, a whatsapp.Address) (*store.ContactRow, error) {
	byLID, err := contactBy(t, "lid", a.LID)
	if err != nil {
		return nil, err
	}
	byPhone, err := contactBy(t, "phone", a.Phone)
	if err != nil {
		return nil, err
	}
	if byPhone == nil && a.Phone != "" {
		byPhone, err = contactLike(t, a)
		if err != nil {
			return nil, err
		}
	}
	switch {
	case byPhone == nil && byLID == nil:
		return nil, sql.ErrNoRows
	case byPhone == nil || byLID != nil && byPhone.ID == byLID.ID:
		return byLID, nil
	case byLID == nil && (a.LID == "" || byPhone.LID == "" || byPhone.LID == a.LID):
		return byPhone, nil
	case byLID != nil && byPhone.LID == "": // the same person, with a new number if there was one
		return s.merge(t, byLID, byPhone)
	}
	return s.passOn(t, byPhone, byLID)
}

// passOn takes a number from a contact who has another LID than the person who uses it now: a LID is one person for good, a
// number may be given to somebody else, who must inherit nothing. now is that person; nil, and sql.ErrNoRows, for a stranger.
func (s *Contacts) passOn(t *store.Tx, had, now *store.ContactRow) (*store.ContactRow, error) {
	had.Phone, had.PhoneKey = "", ""
	if err := s.SaveContact(t, had); err != nil {
		return nil, err
	}
	if now == nil {
		return nil, sql.ErrNoRows
	}
	return now, nil
}

// contactBy reads a contact by one half of its address; nil when there is none.
func contactBy(t *store.Tx, column, value string) (*store.ContactRow, error) {
	if value == "" {
		return nil, nil
	}
	c := new(store.ContactRow)
	// The second condition lets SQLite use the partial index.
	err := t.DB().NewQuery(`SELECT * FROM contacts WHERE ` + column + ` = {:value} AND ` + column + ` != ''`).
		Bind(dbx.Params{"value": value}).One(c)
	if store.IsNone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find contact: %w", err)
	}
	return c, nil
}

// contactLike finds a contact whose number was written the other way (an import, a person who typed it), and who is not
// known to be somebody else; nil when there is none.
func contactLike(t *store.Tx, a whatsapp.Address) (*store.ContactRow, error) {
	var like []store.ContactRow
	err := t.DB().NewQuery(`SELECT * FROM contacts WHERE phoneKey = {:key} AND phoneKey != '' ORDER BY id LIMIT 2`).
		Bind(dbx.Params{"key": PhoneKey(a.Phone)}).All(&like)
	if err != nil {
		return nil, fmt.Errorf("find contact by similar number: %w", err)
	}
	if len(like) != 1 || like[0].LID != "" && a.LID != "" && like[0].LID != a.LID {
		return nil, nil
	}
	return &like[0], nil
}
