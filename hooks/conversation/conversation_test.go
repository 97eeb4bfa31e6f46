package conversation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"mostrador/hooks/desktest"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
)

func TestMessageKeepsTheConversationsCounters(t *testing.T) {
	w := desktest.NewWorld(t)
	sales := w.Area("sales")
	ana := w.User("ana", rights.Operator, sales)
	id := w.Conversation(store.StatusOpen, sales, ana.ID)

	first := w.Says(id, "hola\n  ¿hay   alguien?")
	w.Pass(time.Minute)
	w.Says(id, "?")
	c := w.Get(id)
	if c.Unread != 2 || c.WaitingSince != first.SentAt || c.LastText != "?" || c.LastAuthor != store.ByContact {
		t.Errorf("after two questions: got unread %d, waiting since %v, last %q by %q", c.Unread, c.WaitingSince, c.LastText, c.LastAuthor)
	}
	w.Add(id, &store.Message{Direction: "out", Kind: store.KindNote, Author: ana.ID, Text: "secret", State: "sent"})
	if c = w.Get(id); c.LastText != "?" || c.Unread != 2 || c.WaitingSince.IsZero() {
		t.Errorf("after a note: got last %q, unread %d, waiting since %v; want nothing changed", c.LastText, c.Unread, c.WaitingSince)
	}
	w.Add(id, &store.Message{Direction: "out", Kind: "text", Author: store.ByFlow, Text: "un momento"})
	if c = w.Get(id); c.WaitingSince.IsZero() || !c.FirstReplyAt.IsZero() {
		t.Error("an automatic answer counted as an answer by a person")
	}
	w.Pass(time.Minute)
	reply := &store.Message{Direction: "out", Kind: "text", Author: ana.ID, Text: "sí"}
	w.Add(id, reply)
	if c = w.Get(id); c.Unread != 0 || !c.WaitingSince.IsZero() || c.FirstReplyAt != reply.SentAt || c.ReadPos != reply.Pos {
		t.Errorf("after the answer: got unread %d, waiting since %v, first reply %v, read up to %d", c.Unread, c.WaitingSince, c.FirstReplyAt, c.ReadPos)
	}
}

func TestBotIsNotWaitedFor(t *testing.T) {
	w := desktest.NewWorld(t)
	id := w.Conversation(store.StatusBot, "", "")
	w.Says(id, "hola")
	if c := w.Get(id); !c.WaitingSince.IsZero() || c.Unread != 1 {
		t.Errorf("got waiting since %v, unread %d; want none and 1", c.WaitingSince, c.Unread)
	}
}

func TestReactionOnItsWayHasNoPlace(t *testing.T) {
	w := desktest.NewWorld(t)
	id := w.Conversation(store.StatusOpen, "", "")
	w.Says(id, "hola")
	heard := w.Hear()
	m := &store.Message{Direction: "out", Kind: "reaction", Author: "u", Text: "👍", Target: "x", Outbox: true}
	w.Add(id, m)
	if m.Pos != 0 || m.Seq == 0 || len(*heard) != 0 || w.Get(id).LastText != "hola" {
		t.Errorf("got pos %d, seq %d, events %v, preview %q", m.Pos, m.Seq, desktest.Names(*heard), w.Get(id).LastText)
	}
}

func TestOneCauseIsHeardOnce(t *testing.T) {
	w := desktest.NewWorld(t)
	sales := w.Area("sales")
	id := w.Conversation(store.StatusBot, "", "")
	heard := w.Hear()
	w.Write(func(tx *store.Tx) error {
		c, err := tx.Conversation(id)
		if err != nil {
			return err
		}
		m := &store.Message{Direction: "in", Kind: "text", Author: store.ByContact, Text: "1", WaID: "A"}
		if err := w.Desk.Conversations.AddMessage(tx, c, m); err != nil {
			return err
		}
		if err := tx.UpdateMessage(m); err != nil {
			return err
		}
		before := *c
		c.Status, c.Area, c.WaitingSince = store.StatusWaiting, sales, store.Stamp(tx.Now)
		if err := tx.Save(c, before); err != nil {
			return err
		}
		return tx.Event(c, "handover", store.ByFlow, map[string]string{"area": sales})
	})
	want := []string{store.EventMessageNew, store.EventMessageNew, store.EventConversation, store.EventPending}
	if got := desktest.Names(*heard); !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	if e := (*heard)[0]; e.Area != sales || e.Data.(view.Message).Text != "1" {
		t.Errorf("the message goes to area %q, want %q", e.Area, sales)
	}
	if e := (*heard)[2]; !e.Moved || e.FromArea != "" || e.Area != sales || e.Data.(view.Conversation).Contact.Name != "Carla" {
		t.Errorf("got %+v, want a move from no area to %s, with the contact", e, sales)
	}
	if e := (*heard)[3]; e.Moved {
		t.Error("an alert may not take the conversation from anybody's list")
	}
}

func TestEventRemembersFromWhereItMoved(t *testing.T) {
	w := desktest.NewWorld(t)
	id := w.Conversation(store.StatusOpen, "a", "u")
	w.Write(func(tx *store.Tx) error {
		c, err := tx.Conversation(id)
		if err != nil {
			return err
		}
		before := *c
		c.Area, c.Assignee = "b", ""
		if err := tx.Save(c, before); err != nil {
			return err
		}
		return tx.Event(c, "transferred", "u", nil)
	})
	var e store.EventRow
	if err := w.Desk.Store.App.DB().Select().From("events").One(&e); err != nil {
		t.Fatal(err)
	}
	if e.FromArea != "a" || e.FromAssignee != "u" || e.Pos == 0 {
		t.Errorf("got from %q/%q at %d, want a/u", e.FromArea, e.FromAssignee, e.Pos)
	}
}

func TestEditedPreviewFollows(t *testing.T) {
	w := desktest.NewWorld(t)
	id := w.Conversation(store.StatusOpen, "", "u")
	m := w.Says(id, "hloa")
	w.Write(func(tx *store.Tx) error {
		c, err := tx.Conversation(id)
		if err != nil {
			return err
		}
		m.Text, m.EditedAt = "hola", store.Stamp(tx.Now)
		return tx.Retell(c, m)
	})
	if got := w.Get(id).LastText; got != "hola" {
		t.Errorf("got preview %q, want hola", got)
	}
}

func TestPreviewIsShortAndWhole(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"short", "hola", "hola"},
		{"lines", " a\n\n b\tc ", "a b c"},
		{"long", strings.Repeat("ñ", 300), strings.Repeat("ñ", 199) + "…"},
		{"huge", strings.Repeat("é", 40_000), strings.Repeat("é", 199) + "…"},
		{"cut inside a character", strings.Repeat("x", 799) + "€", strings.Repeat("x", 199) + "…"},
		{"empty", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := store.Preview(tt.text); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
