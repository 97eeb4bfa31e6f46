// Package contacts: who the customer is: addresses, merging, the card.
package contacts

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/pocketbase/core"
)

// Contacts knows customers by their addresses.
type Contacts struct {
	Store *store.Store

	Known acquaintances // the writer's alone
}

// PhoneKey is a phone number without the digit that a country's mobile numbers have or lack depending on who writes it:
// Brazil's ninth digit, Argentina's 9, Mexico's 1. Numbers that share a key reach the same person; WhatsApp answers to
// one of them only, which is not always the one that people type. A Brazilian number whose eight digits begin with 2 to 5 was
// never a mobile one (Anatel, Resolução 749/2022): with a 9 before them it is somebody else's.
func PhoneKey(phone string) string {
	if len(phone) != 13 {
		return phone
	}
	switch {
	case strings.HasPrefix(phone, "55") && phone[4] == '9' && phone[5] >= '6':
		return phone[:4] + phone[5:]
	case strings.HasPrefix(phone, "549"):
		return "54" + phone[3:]
	case strings.HasPrefix(phone, "521"):
		return "52" + phone[3:]
	}
	return phone
}

// person is what the path of a message needs to know about a contact.
type person struct {
	ID, pushName string
	Blocked      bool
}

// acquaintances remembers who is behind an address, so that a customer who writes again costs no look-up. It belongs to
// the writer; what a transaction found is kept only once it is committed.
type acquaintances map[whatsapp.Address]person

// maxKnown bounds the memory: about 2 MB.
const maxKnown = 10_000

func (s *Contacts) acquaint(a whatsapp.Address, p person) {
	if s.Known == nil || len(s.Known) >= maxKnown {
		s.Known = acquaintances{}
	}
	s.Known[a] = p
}

// forgetContacts follows a change that the writer did not make, as from the dashboard.
func (s *Contacts) forgetContacts() {
	s.Store.Submit(context.Background(), func(t *store.Tx) error {
		s.Known = nil
		t.After(func() { s.Known = nil })
		return nil
	}, func(error) {})
}

// Person finds who is behind an address, by either half, and makes a contact for a stranger. It learns on the way: the
// half that was missing, a new push name, and that two contacts are one.
func (s *Contacts) Person(t *store.Tx, a whatsapp.Address, pushName string) (person, error) {
	pushName = ClipName(pushName)
	if p, ok := s.Known[a]; ok && (pushName == "" || pushName == p.pushName) {
		return p, nil
	}
	c, err := s.At(t, a)
	if store.IsNone(err) {
		c, err = addContact(t, a, pushName)
	} else if err == nil {
		err = s.Learn(t, c, a, pushName)
	}
	if err != nil {
		return person{}, err
	}
	p := person{c.ID, c.PushName, c.Blocked}
	t.After(func() { s.acquaint(a, p) })
	return p, nil
}

func addContact(t *store.Tx, a whatsapp.Address, pushName string) (*store.ContactRow, error) {
	now := store.Stamp(t.Now)
	c := &store.ContactRow{ID: store.NewID(t.Now), PushName: pushName, Phone: a.Phone, LID: a.LID, PhoneKey: PhoneKey(a.Phone),
		Seq: t.Seq(), Created: now, Updated: now}
	if err := t.Insert(c); err != nil {
		return nil, fmt.Errorf("add contact: %w", err)
	}
	return c, nil
}

// Learn writes down what an address or a push name tells anew about a contact.
func (s *Contacts) Learn(t *store.Tx, c *store.ContactRow, a whatsapp.Address, pushName string) error {
	before := *c
	c.LID = cmp.Or(a.LID, c.LID)
	if a.Phone != "" {
		c.Phone, c.PhoneKey = a.Phone, PhoneKey(a.Phone)
	}
	c.PushName = cmp.Or(pushName, c.PushName)
	if c.LID == before.LID && c.Phone == before.Phone && c.PushName == before.PushName {
		return nil
	}
	return s.SaveContact(t, c)
}

func (s *Contacts) SaveContact(t *store.Tx, c *store.ContactRow) error {
	c.Seq, c.Updated = t.Seq(), store.Stamp(t.Now)
	if err := t.Update(c); err != nil {
		return fmt.Errorf("save contact %s: %w", c.ID, err)
	}
	s.Known = nil
	t.After(func() { s.Known = nil })
	return nil
}

// ClipName keeps a push name to what the column holds.
func ClipName(s string) string {
	return whatsapp.CutLetters(s, 200)
}

// ClampTime believes WhatsApp's time unless it is missing or lies ahead of our clock by more than a minute.
func ClampTime(at, now time.Time) time.Time {
	if at.Unix() <= 0 || at.After(now.Add(time.Minute)) {
		return now
	}
	return at
}

// Bind follows what a superuser changes in the dashboard.
func (s *Contacts) Bind() {
	forget := func(e *core.RecordEvent) error { s.forgetContacts(); return e.Next() }
	s.Store.App.OnRecordAfterUpdateSuccess("contacts").BindFunc(forget)
	s.Store.App.OnRecordAfterDeleteSuccess("contacts").BindFunc(forget)
}
