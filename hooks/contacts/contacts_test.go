package contacts_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"mostrador/hooks/contacts"
	"mostrador/hooks/conversation"
	"mostrador/hooks/desktest"
	"mostrador/hooks/realtime"
	"mostrador/hooks/receive"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

func TestContactIsFoundByEitherHalf(t *testing.T) {
	phone, lid, both := whatsapp.Address{Phone: desktest.Carla.Phone}, whatsapp.Address{LID: desktest.Carla.LID}, desktest.Carla
	for name, order := range map[string][]whatsapp.Address{
		"number, then both": {phone, both, lid}, "LID, then both": {lid, both, phone}, "both": {both, lid, phone},
		"each alone, then both": {phone, lid, both, lid, phone}, "LID alone first": {lid, phone, both, phone},
	} {
		t.Run(name, func(t *testing.T) {
			w := desktest.NewWorld(t)
			for i, a := range order {
				w.Gets(whatsapp.Message{ID: string(rune('A' + i)), Text: "hola", Chat: a, Name: "Carla"})
			}
			got := w.Contacts()
			if len(got) != 1 || got[0].Phone != desktest.Carla.Phone || got[0].LID != desktest.Carla.LID || got[0].PushName != "Carla" {
				t.Errorf("got %+v, want one contact with both halves", got)
			}
			live := desktest.All[store.Conversation](w, "SELECT * FROM conversations WHERE status != 'closed'")
			if len(live) != 1 || live[0].Contact != got[0].ID || live[0].Unread != len(order) {
				t.Fatalf("got %+v, want one live conversation of that contact with everything unread", live)
			}
			for _, m := range w.Messages() {
				if m.Conversation != live[0].ID || m.Contact != got[0].ID {
					t.Errorf("message %s is in %s of %s, want %s of %s", m.WaID, m.Conversation, m.Contact, live[0].ID, got[0].ID)
				}
			}
		})
	}
}

func TestMergeKeepsTheOlderContactAndWhatPeopleAreAt(t *testing.T) {
	w := desktest.NewWorld(t)
	w.Gets(whatsapp.Message{ID: "A", Text: "uno", Chat: whatsapp.Address{Phone: desktest.Carla.Phone}})
	older := w.Contacts()[0]
	w.Gets(whatsapp.Message{ID: "B", Text: "dos", Chat: whatsapp.Address{LID: desktest.Carla.LID}})
	w.Gets(whatsapp.Message{ID: "0", Text: "cero", Chat: whatsapp.Address{Phone: desktest.Carla.Phone}})
	w.Gets(whatsapp.Message{ID: "A", Text: "uno", Chat: whatsapp.Address{LID: desktest.Carla.LID}})
	area := w.Area("sales")
	agent := w.User("ana", rights.Operator, area)
	younger := desktest.All[store.Conversation](w, "SELECT * FROM conversations ORDER BY id DESC LIMIT 1")[0]
	w.Write(func(tx *store.Tx) error {
		c, err := tx.Conversation(younger.ID)
		if err != nil {
			return err
		}
		return w.Desk.Conversations.Handover(tx, c, conversation.Handover{Area: area})
	})
	heard := w.Hear()
	w.Gets(whatsapp.Message{ID: "C", Text: "tres", Chat: desktest.Carla})

	if got := w.Contacts(); len(got) != 1 || got[0].ID != older.ID {
		t.Fatalf("got %+v, want only the older contact %s", got, older.ID)
	}
	c := w.Get(younger.ID)
	if c.Status != store.StatusOpen || c.Assignee != agent.ID || c.Contact != older.ID || c.LastText != "tres" {
		t.Errorf("got %+v, want the agent's conversation to go on with the older contact", c)
	}
	closed := desktest.All[store.Conversation](w, "SELECT * FROM conversations WHERE status = 'closed'")
	if len(closed) != 1 || closed[0].CloseReason != "merged" || closed[0].Contact != older.ID {
		t.Errorf("got %+v, want the bot's conversation closed as merged", closed)
	}
	if got, want := strings.Join(threadTexts(w, c.ID), ", "), "dos, cero, uno, tres"; got != want {
		t.Errorf("got %q, want %q: all messages in their order, the one that both had once", got, want)
	}
	if len(*heard) == 0 {
		t.Error("got no events, want agents to hear of it")
	}
}

// A year of messages is moved without holding up the desk or flooding the streams; who was away gets all of it by cursor.
func TestMergeOfALongThreadTellsTheNewest(t *testing.T) {
	w := desktest.NewWorld(t)
	boss := w.User("boss", rights.Admin)
	ana := w.User("ana", rights.Operator, w.Area("sales"))
	w.Gets(whatsapp.Message{ID: "A", Text: "uno", Chat: whatsapp.Address{Phone: desktest.Carla.Phone}})
	w.Gets(whatsapp.Message{ID: "B", Text: "dos", Chat: whatsapp.Address{LID: desktest.Carla.LID}})
	keep := w.Messages()[0].Conversation
	w.Exec("UPDATE conversations SET status = 'open', assignee = '" + ana.ID + "' WHERE id = '" + keep + "'")
	gone := w.Messages()[1].Conversation
	const many = 1200
	for i := range many {
		w.Add(gone, &store.Message{Direction: "in", Kind: "text", Author: store.ByContact, Text: strconv.Itoa(i), WaID: "M" + strconv.Itoa(i)})
	}
	before := w.Desk.Hub.Now()
	l := w.Desk.Hub.Join(boss, "s")
	l.Listen(realtime.Topics)
	w.Gets(whatsapp.Message{ID: "C", Text: "tres", Chat: desktest.Carla})
	if n := len(l.Events); l.IsDiscarded() || n < contacts.ShownMoved || n > realtime.ListenerBuffer/2 {
		t.Errorf("got %d events (cut off: %t), want the newest %d and some more", n, l.IsDiscarded(), contacts.ShownMoved)
	}
	want := []string{"uno", "dos"}
	for i := range many {
		want = append(want, strconv.Itoa(i))
	}
	want = append(want, "tres")
	if got := threadTexts(w, keep); !slices.Equal(got, want) {
		t.Errorf("got %d messages from %q to %q, want all %d in their order", len(got), got[:2], got[len(got)-2:], len(want))
	}
	moved := map[string]bool{}
	for more := true; more; {
		part, err := w.Desk.Views.Changes(t.Context(), boss, before)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range part.Messages {
			if m, ok := m.(view.Message); ok && m.Conversation == keep {
				moved[m.ID] = true
			}
		}
		before, more = part.Cursor, part.More
	}
	if len(moved) != many+2 { // and dos, and tres
		t.Errorf("who was away got %d messages, want %d", len(moved), many+2)
	}
}

// threadTexts are what was said in a conversation, in order.
func threadTexts(w *desktest.World, chat string) (texts []string) {
	for _, m := range desktest.All[store.Message](w, "SELECT * FROM messages WHERE conversation = '"+chat+"' ORDER BY pos") {
		texts = append(texts, m.Text)
	}
	return texts
}

func TestMergeTakesAlongWhatCannotBeReadYet(t *testing.T) {
	w, _ := desktest.NewWorldWithFlow(t)
	byPhone, byLID := whatsapp.Address{Phone: desktest.Carla.Phone}, whatsapp.Address{LID: desktest.Carla.LID}
	w.Gets(whatsapp.Message{ID: "A", Text: "hola", Chat: byPhone})
	w.Round()
	w.Gets(whatsapp.Message{ID: "B", Kind: whatsapp.Undecryptable, Chat: byLID})
	w.Gets(whatsapp.Message{ID: "C", Kind: whatsapp.Undecryptable, Chat: byLID})
	w.Gets(whatsapp.Message{ID: "C", Kind: whatsapp.Undecryptable, Chat: byPhone})
	w.Gets(whatsapp.Message{ID: "D", Text: "ventas"}) // joins the two
	w.Pass(receive.ReadableAfter)
	w.Round()
	c, contact := w.Only(), w.Contacts()[0]
	var ids []string
	for _, m := range w.Messages() {
		if m.Contact != contact.ID || m.Conversation != c.ID {
			t.Errorf("message %s: got contact %s in %q, want %s in %s", m.WaID, m.Contact, m.Conversation, contact.ID, c.ID)
		}
		if m.Direction == "in" {
			ids = append(ids, m.WaID)
		}
	}
	slices.Sort(ids)
	if want := []string{"A", "B", "C", "D"}; !slices.Equal(ids, want) {
		t.Errorf("got %v, want each once: %v", ids, want)
	}
}

func TestNumberThatWentToSomebodyElse(t *testing.T) {
	w := desktest.NewWorld(t)
	w.Gets(whatsapp.Message{ID: "A", Chat: whatsapp.Address{Phone: "5491111111111", LID: "1"}})
	w.Gets(whatsapp.Message{ID: "B", Chat: whatsapp.Address{Phone: "5491122222222", LID: "2"}})
	w.Gets(whatsapp.Message{ID: "C", Chat: whatsapp.Address{Phone: "5491122222222", LID: "1"}})
	got := w.Contacts()
	if len(got) != 2 || got[0].LID != "1" || got[0].Phone != "5491122222222" || got[1].LID != "2" || got[1].Phone != "" {
		t.Errorf("got %+v, want the number with LID 1 and two people still", got)
	}
}

func TestPhoneVariantsFindTheSameContact(t *testing.T) {
	for imported, writes := range map[string]string{
		"551187654321": "5511987654321", "5511987654321": "551187654321", "541123456789": "5491123456789", "525512345678": "5215512345678",
	} {
		w := desktest.NewWorld(t)
		id := w.Insert("contacts", dbx.Params{"name": "Imported", "phone": imported, "phoneKey": contacts.PhoneKey(imported)})
		w.Gets(whatsapp.Message{ID: "A", Chat: whatsapp.Address{Phone: writes, LID: "9"}})
		got := w.Contacts()
		if len(got) != 1 || got[0].ID != id || got[0].Phone != writes {
			t.Errorf("%s writes, %s is known: got %+v, want one contact with WhatsApp's number", writes, imported, got)
		}
	}
	for _, other := range []string{"5491123456780", "14155550123", "4930123456789"} {
		if contacts.PhoneKey(other) == contacts.PhoneKey("5491123456789") {
			t.Errorf("%s shares a key with another number", other)
		}
	}
}

// TestLikenessIsNotIdentity: numbers that only look alike are two people, whoever of them is known first.
func TestLikenessIsNotIdentity(t *testing.T) {
	for landline, mobile := range map[string]string{
		"551133334444": "5511933334444", "552122223333": "5521922223333", "554755556666": "5547955556666", "553140001111": "5531940001111",
	} {
		for known, writes := range map[string]string{landline: mobile, mobile: landline} {
			w := desktest.NewWorld(t)
			w.Insert("contacts", dbx.Params{"name": "Imported", "phone": known, "phoneKey": contacts.PhoneKey(known)})
			w.Gets(whatsapp.Message{ID: "A", Chat: whatsapp.Address{Phone: writes, LID: "9"}})
			if got := w.Contacts(); len(got) != 2 {
				t.Errorf("%s writes, %s is known: got %+v, want two people", writes, known, got)
			}
		}
	}
}

func TestKnownCustomersCostNoLookUpAndFollowChanges(t *testing.T) {
	w := desktest.NewWorld(t)
	w.Gets(whatsapp.Message{ID: "A", Name: "Carla"})
	w.Write(func(*store.Tx) error { return nil }) // what follows the commit has run
	if got := len(w.Desk.Contacts.Known); got != 1 {
		t.Errorf("got %d remembered, want 1", got)
	}
	w.Gets(whatsapp.Message{ID: "B", Name: "Carla Díaz"})
	if got := w.Contacts(); len(got) != 1 || got[0].PushName != "Carla Díaz" {
		t.Errorf("got %+v, want the new push name", got)
	}
}
