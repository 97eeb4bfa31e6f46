package contacts_test

import (
	"slices"
	"testing"

	"mostrador/hooks/contacts"
	"mostrador/hooks/desktest"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/whatsapp"
)

// A customer changed the number and wrote from the new one before WhatsApp told whose it is.
func TestCustomerWithANewNumberIsOneContact(t *testing.T) {
	old, lid := whatsapp.Address{Phone: "5491111111111", LID: "1"}, "1"
	fresh := whatsapp.Address{Phone: "5491122222222"}
	for name, first := range map[string][2]whatsapp.Address{"the old number is older": {old, fresh}, "the new number is older": {fresh, old}} {
		t.Run(name, func(t *testing.T) {
			w := desktest.NewWorld(t)
			for i, a := range first {
				w.Gets(whatsapp.Message{ID: string(rune('A' + i)), Text: string(rune('a' + i)), Chat: a, Name: "Carla"})
			}
			w.Gets(whatsapp.Message{ID: "C", Text: "c", Chat: whatsapp.Address{Phone: fresh.Phone, LID: lid}})
			got := w.Contacts()
			if len(got) != 1 || got[0].LID != lid || got[0].Phone != fresh.Phone {
				t.Fatalf("got %+v, want one contact with the LID and the new number", got)
			}
			live := w.LiveOf(got[0].ID)
			texts := threadTexts(w, live.ID)
			slices.Sort(texts)
			if !slices.Equal(texts, []string{"a", "b", "c"}) {
				t.Errorf("got %q in the live conversation, want everything that was said", texts)
			}
			w.Gets(whatsapp.Message{ID: "D", Text: "d", Chat: whatsapp.Address{LID: lid}})
			if again := w.LiveOf(got[0].ID); again.LastText != "d" {
				t.Errorf("by LID alone: got last text %q, want d", again.LastText)
			}
		})
	}
}

// A number that its operator gave to somebody else brings nothing of the one who had it.
func TestRecycledNumberInheritsNothing(t *testing.T) {
	b := whatsapp.Address{Phone: "5491122222222", LID: "2"}
	w := desktest.NewWorld(t)
	a := whatsapp.Address{Phone: b.Phone, LID: "1"}
	w.Gets(whatsapp.Message{ID: "A", Text: "secret", Chat: a, Name: "Ana"})
	was := w.Contacts()[0]
	w.Exec(`UPDATE contacts SET name = 'Ana Old', tags = '["vip"]'`)
	w.Exec("UPDATE conversations SET status = 'closed', closedAt = startedAt")
	w.Gets(whatsapp.Message{ID: "B", Text: "hello", Chat: b, Name: "Bruno"})
	got := w.Contacts()
	if len(got) != 2 {
		t.Fatalf("got %+v, want two people", got)
	}
	if c := got[0]; c.ID != was.ID || c.LID != "1" || c.Phone != "" || c.PushName != "Ana" || c.Name != "Ana Old" {
		t.Errorf("who had the number: got %+v, want all but the number kept", c)
	}
	if c := got[1]; c.LID != "2" || c.Phone != b.Phone || c.Name != "" || len(c.Tags) > 2 || c.PushName != "Bruno" {
		t.Errorf("who has it now: got %+v, want a stranger", c)
	}
	if texts := threadTexts(w, w.LiveOf(got[1].ID).ID); !slices.Equal(texts, []string{"hello"}) {
		t.Errorf("got %q, want only what the new one said", texts)
	}
	w.Gets(whatsapp.Message{ID: "C", Text: "I am back", Chat: whatsapp.Address{LID: "1"}})
	if live := w.LiveOf(was.ID); live.LastText != "I am back" {
		t.Errorf("who had the number writes by LID: got last %q", live.LastText)
	}
}

// Two agents had a conversation with what is one customer: the one who loses theirs can take another.
func TestMergeFreesWhoLosesTheConversation(t *testing.T) {
	w := desktest.NewWorld(t)
	sales := w.Area("sales")
	ana, bob := w.User("ana", rights.Operator, sales), w.User("bob", rights.Operator, sales)
	w.Exec("UPDATE users SET capacity = 1")
	w.Gets(whatsapp.Message{ID: "A", Text: "uno", Chat: whatsapp.Address{Phone: desktest.Carla.Phone}})
	w.Gets(whatsapp.Message{ID: "B", Text: "dos", Chat: whatsapp.Address{LID: desktest.Carla.LID}})
	first, second := w.Messages()[0].Conversation, w.Messages()[1].Conversation
	for id, v := range map[string]rights.Viewer{first: ana, second: bob} {
		w.Exec("UPDATE conversations SET status = 'open', area = '" + sales + "', assignee = '" + v.ID + "' WHERE id = '" + id + "'")
	}
	waits := w.Conversation(store.StatusWaiting, sales, "")
	heard := w.Hear()
	w.Gets(whatsapp.Message{ID: "C", Text: "tres", Chat: desktest.Carla})

	gone := w.Get(second)
	if gone.Status != store.StatusClosed || gone.CloseReason != "merged" {
		t.Fatalf("got %+v, want the younger one closed as merged", gone)
	}
	if got := w.Get(waits); got.Assignee != bob.ID {
		t.Errorf("who waits: got %s with %q, want bob, who has room now", got.Status, got.Assignee)
	}
	if got := w.Events(second); got != "closed" {
		t.Errorf("events of the closed one: got %q, want closed", got)
	}
	if !slices.Contains(desktest.Names(*heard), store.EventClosed) {
		t.Errorf("got %q, want %s among them", desktest.Names(*heard), store.EventClosed)
	}
}

// A customer of an import, whose number was typed the other way, who wrote by LID alone at first.
func TestLIDThatTurnsOutToBeAnImportedNumber(t *testing.T) {
	w := desktest.NewWorld(t)
	imported := w.Insert("contacts", map[string]any{"name": "Imported", "phone": "541123456789", "phoneKey": contacts.PhoneKey("541123456789")})
	w.Gets(whatsapp.Message{ID: "A", Text: "a", Chat: whatsapp.Address{LID: desktest.Carla.LID}})
	w.Gets(whatsapp.Message{ID: "B", Text: "b", Chat: desktest.Carla})
	got := w.Contacts()
	if len(got) != 1 || got[0].ID != imported || got[0].Name != "Imported" || got[0].Phone != desktest.Carla.Phone || got[0].LID != desktest.Carla.LID {
		t.Fatalf("got %+v, want one contact with WhatsApp's number and the name of the import", got)
	}
	if texts := threadTexts(w, w.LiveOf(imported).ID); !slices.Equal(texts, []string{"a", "b"}) {
		t.Errorf("got %q, want both messages in one conversation", texts)
	}
}
