package conversation_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"mostrador/hooks/conversation"
	"mostrador/hooks/desktest"
	"mostrador/hooks/outbox"
	"mostrador/hooks/receive"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/whatsapp"
)

// written is a desk with ana in the area sales, where everybody belongs, and the chat that the owner has begun on the phone.
func written(t *testing.T, kind whatsapp.Kind) (w *desktest.World, ana rights.Viewer, id string, heard *[]store.Event) {
	w = desktest.NewWorld(t)
	sales := w.Area("sales")
	ana = w.User("ana", rights.Operator, sales)
	w.Setting("defaultArea", `"`+sales+`"`)
	heard = w.Hear()
	w.Gets(whatsapp.Message{ID: "O", Kind: kind, FromMe: true, Text: "¿vamos al cine?"})
	if kind == whatsapp.Undecryptable {
		w.Pass(receive.ReadableAfter)
		w.Round()
	}
	return w, ana, w.Only().ID, heard
}

// TestOwnersChatCallsNobody: whoever the owner writes to first has asked nothing. When they do, it is a customer's question.
func TestOwnersChatCallsNobody(t *testing.T) {
	for _, kind := range []whatsapp.Kind{whatsapp.Text, whatsapp.Undecryptable} {
		t.Run(string(kind), func(t *testing.T) {
			w, ana, id, heard := written(t, kind)
			for range 2 {
				w.Gets(whatsapp.Message{ID: store.NewID(w.Desk.Store.Now()), FromMe: true, Text: "¿sí?"})
				if err := w.Desk.Conversations.Freed(t.Context(), ana.ID); err != nil {
					t.Fatal(err)
				}
				w.Tick()
				w.Pass(time.Hour)
			}
			if c := w.Get(id); c.Status != store.StatusWaiting || c.Assignee != "" || c.Area != ana.Areas[0] || !c.WaitingSince.IsZero() {
				t.Fatalf("got %s with %q in %q since %s, want it with nobody, where people see it", c.Status, c.Assignee, c.Area, c.WaitingSince)
			}
			if slices.Contains(desktest.Names(*heard), store.EventPending) || w.Events(id) != "handover" {
				t.Errorf("got %q and %q, want nobody called", desktest.Names(*heard), w.Events(id))
			}
			w.Gets(whatsapp.Message{ID: "C", Text: "¡sí!"})
			if c := w.Get(id); c.Status != store.StatusOpen || c.Assignee != ana.ID || !c.WaitingSince.Time().Equal(w.Desk.Store.Now()) {
				t.Errorf("got %s with %q since %s, want ana to answer now", c.Status, c.Assignee, c.WaitingSince)
			}
		})
	}
}

func TestOwnersChatThatNobodyIsFreeFor(t *testing.T) {
	w, ana, id, heard := written(t, whatsapp.Text)
	w.Available(ana, "away")
	w.Gets(whatsapp.Message{ID: "C", Text: "¡sí!"})
	if got := desktest.Names(*heard); got[len(got)-1] != store.EventPending {
		t.Errorf("got %q, want people called when the customer writes", got)
	}
	w.Pass(20 * time.Minute)
	w.Tick()
	if got := w.Events(id); got != "handover escalated" {
		t.Errorf("got events %q, want it escalated like anybody's", got)
	}
	w.Available(ana, "available")
	w.Tick()
	if c := w.Get(id); c.Assignee != ana.ID {
		t.Errorf("got it with %q, want ana", c.Assignee)
	}
}

// TestAnsweredChatIsNotBeforeTheOthers: who was answered on the phone while they waited comes after those who still wait, and
// who asked nothing not at all.
func TestAnsweredChatIsNotBeforeTheOthers(t *testing.T) {
	w, ana, asked, _ := written(t, whatsapp.Text)
	w.Available(ana, "away")
	answered := w.Conversation(store.StatusWaiting, ana.Areas[0], "")
	w.Says(answered, "hola")
	w.Add(answered, &store.Message{Direction: "out", Kind: "text", Author: store.ByPhone, State: "sent", Text: "ya te atienden"})
	w.Pass(time.Minute)
	waits := w.Conversation(store.StatusWaiting, ana.Areas[0], "")
	w.Says(waits, "hola")
	w.Available(ana, "available")
	for room, want := range [][]string{{}, {waits}, {waits, answered}, {waits, answered}} {
		w.Exec(fmt.Sprint("UPDATE users SET capacity = ", max(room, 1), ", active = ", room > 0))
		w.Tick()
		var got []string
		for _, id := range []string{asked, waits, answered} {
			if w.Get(id).Assignee == ana.ID {
				got = append(got, id)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("with room for %d: got %q, want %q", room, got, want)
		}
	}
}

func TestOwnersChatFindsAnotherAreaAndNobody(t *testing.T) {
	w, ana, id, _ := written(t, whatsapp.Text)
	help := w.Area("help")
	w.User("bea", rights.Operator, help)
	w.Setting("defaultArea", `"`+help+`"`)
	w.Exec("UPDATE areas SET active = FALSE WHERE id = '" + ana.Areas[0] + "'")
	w.Tick()
	if c := w.Get(id); c.Area != help || c.Status != store.StatusWaiting || c.Assignee != "" {
		t.Errorf("got %s in %q with %q, want it waiting in %q with nobody", c.Status, c.Area, c.Assignee, help)
	}
}

func TestNoGoodbyeToWhoNeverWrote(t *testing.T) {
	w, _, id, _ := written(t, whatsapp.Text)
	boss := w.User("boss", rights.Admin)
	if _, err := w.Desk.Conversations.Claim(t.Context(), boss, id); err != nil {
		t.Fatal(err)
	}
	w.Pass(time.Hour)
	w.Tick()
	if c := w.Get(id); c.Status != store.StatusClosed || w.Outbox() != "" {
		t.Errorf("got %s and outbox %q, want it closed without a word", c.Status, w.Outbox())
	}
}

// TestBackInTheLineIsWaiting: who was answered and is then passed on waits for the next person.
func TestBackInTheLineIsWaiting(t *testing.T) {
	returns := func(w *desktest.World, v rights.Viewer, id, _ string) error {
		_, err := w.Desk.Conversations.Return(w.T.Context(), v, id)
		return err
	}
	for name, tt := range map[string]struct {
		pass  func(w *desktest.World, v rights.Viewer, id, area string) error
		leave bool // the answer leaves only afterwards
	}{
		"returned":                        {returns, false},
		"returned before the answer left": {returns, true},
		"transferred": {func(w *desktest.World, v rights.Viewer, id, area string) error {
			_, err := w.Desk.Conversations.Transfer(w.T.Context(), v, id, conversation.Transfer{Area: area})
			return err
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := desktest.NewWorld(t)
			sales, help := w.Area("sales"), w.Area("help")
			ana := w.User("ana", rights.Operator, sales)
			id := w.Conversation(store.StatusOpen, sales, ana.ID)
			w.Says(id, "hola")
			m := w.Send(ana, id, outbox.NewMessage{Text: "te paso"})
			if !tt.leave {
				w.Outcome(m.ID, outbox.Result{Sent: true})
			}
			w.Pass(time.Minute)
			if err := tt.pass(w, ana, id, help); err != nil {
				t.Fatal(err)
			}
			now := w.Desk.Store.Now()
			w.Pass(time.Minute)
			if tt.leave {
				w.Outcome(m.ID, outbox.Result{Sent: true})
			}
			if c := w.Get(id); c.Status != store.StatusWaiting || !c.WaitingSince.Time().Equal(now) {
				t.Errorf("got %s since %s, want waiting since %s", c.Status, c.WaitingSince, now)
			}
			w.Pass(20 * time.Minute)
			w.Tick()
			if c := w.Get(id); c.EscalatedAt.IsZero() {
				t.Error("nobody was told")
			}
		})
	}
}
