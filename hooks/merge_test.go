package hooks

import (
	"slices"
	"testing"

	"mostrador/whatsapp"
)

// A number that its operator gave to somebody else brings nothing of the one who had it.
func TestRecycledNumberInheritsNothing(t *testing.T) {
	b := whatsapp.Address{Phone: "5491122222222", LID: "2"}
	w := newWorld(t)
	a := whatsapp.Address{Phone: b.Phone, LID: "1"}
	w.gets(whatsapp.Message{ID: "A", Text: "secret", Chat: a, Name: "Ana"})
	was := w.contacts()[0]
	w.exec(`UPDATE contacts SET name = 'Ana Old', tags = '["vip"]'`)
	w.exec("UPDATE conversations SET status = 'closed', closedAt = startedAt")
	w.gets(whatsapp.Message{ID: "B", Text: "hello", Chat: b, Name: "Bruno"})
	got := w.contacts()
	if len(got) != 2 {
		t.Fatalf("got %+v, want two people", got)
	}
	if c := got[0]; c.ID != was.ID || c.LID != "1" || c.Phone != "" || c.PushName != "Ana" || c.Name != "Ana Old" {
		t.Errorf("who had the number: got %+v, want all but the number kept", c)
	}
	if c := got[1]; c.LID != "2" || c.Phone != b.Phone || c.Name != "" || len(c.Tags) > 2 || c.PushName != "Bruno" {
		t.Errorf("who has it now: got %+v, want a stranger", c)
	}
	if texts := threadTexts(w, w.liveOf(got[1].ID).ID); !slices.Equal(texts, []string{"hello"}) {
		t.Errorf("got %q, want only what the new one said", texts)
	}
	w.gets(whatsapp.Message{ID: "C", Text: "I am back", Chat: whatsapp.Address{LID: "1"}})
	if live := w.liveOf(was.ID); live.LastText != "I am back" {
		t.Errorf("who had the number writes by LID: got last %q", live.LastText)
	}
}
