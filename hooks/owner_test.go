package hooks

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"mostrador/hooks/conversation"
	"mostrador/hooks/outbox"
	"mostrador/hooks/receive"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/whatsapp"
)

// written is a desk with ana in the area sales, where everybody belongs, and the chat that the owner has begun on the phone.
func written(t *testing.T, kind whatsapp.Kind) (w *world, ana rights.Viewer, id string, heard *[]store.Event) {
	w = newWorld(t)
	sales := w.area("sales")
	ana = w.user("ana", rights.Operator, sales)
	w.setting("defaultArea", `"`+sales+`"`)
	heard = w.hear()
	w.gets(whatsapp.Message{ID: "O", Kind: kind, FromMe: true, Text: "¿vamos al cine?"})
	if kind == whatsapp.Undecryptable {
		w.pass(receive.ReadableAfter)
		w.round()
	}
	return w, ana, w.only().ID, heard
}

// TestOwnersChatCallsNobody: whoever the owner writes to first has asked nothing. When they do, it is a customer's question.
func TestOwnersChatCallsNobody(t *testing.T) {
	for _, kind := range []whatsapp.Kind{whatsapp.Text, whatsapp.Undecryptable} {
		t.Run(string(kind), func(t *testing.T) {
			w, ana, id, heard := written(t, kind)
			for range 2 {
				w.gets(whatsapp.Message{ID: store.NewID(w.d.Store.Now()), FromMe: true, Text: "¿sí?"})
				if err := w.d.Conversations.Freed(t.Context(), ana.ID); err != nil {
					t.Fatal(err)
				}
				w.tick()
				w.pass(time.Hour)
			}
			if c := w.get(id); c.Status != store.StatusWaiting || c.Assignee != "" || c.Area != ana.Areas[0] || !c.WaitingSince.IsZero() {
				t.Fatalf("got %s with %q in %q since %s, want it with nobody, where people see it", c.Status, c.Assignee, c.Area, c.WaitingSince)
			}
			if slices.Contains(names(*heard), store.EventPending) || w.events(id) != "handover" {
				t.Errorf("got %q and %q, want nobody called", names(*heard), w.events(id))
			}
			w.gets(whatsapp.Message{ID: "C", Text: "¡sí!"})
			if c := w.get(id); c.Status != store.StatusOpen || c.Assignee != ana.ID || !c.WaitingSince.Time().Equal(w.d.Store.Now()) {
				t.Errorf("got %s with %q since %s, want ana to answer now", c.Status, c.Assignee, c.WaitingSince)
			}
		})
	}
}

func TestOwnersChatThatNobodyIsFreeFor(t *testing.T) {
	w, ana, id, heard := written(t, whatsapp.Text)
	w.available(ana, "away")
	w.gets(whatsapp.Message{ID: "C", Text: "¡sí!"})
	if got := names(*heard); got[len(got)-1] != store.EventPending {
		t.Errorf("got %q, want people called when the customer writes", got)
	}
	w.pass(20 * time.Minute)
	w.tick()
	if got := w.events(id); got != "handover escalated" {
		t.Errorf("got events %q, want it escalated like anybody's", got)
	}
	w.available(ana, "available")
	w.tick()
	if c := w.get(id); c.Assignee != ana.ID {
		t.Errorf("got it with %q, want ana", c.Assignee)
	}
}

// TestAnsweredChatIsNotBeforeTheOthers: who was answered on the phone while they waited comes after those who still wait, and
// who asked nothing not at all.
func TestAnsweredChatIsNotBeforeTheOthers(t *testing.T) {
	w, ana, asked, _ := written(t, whatsapp.Text)
	w.available(ana, "away")
	answered := w.conversation(store.StatusWaiting, ana.Areas[0], "")
	w.says(answered, "hola")
	w.add(answered, &store.Message{Direction: "out", Kind: "text", Author: store.ByPhone, State: "sent", Text: "ya te atienden"})
	w.pass(time.Minute)
	waits := w.conversation(store.StatusWaiting, ana.Areas[0], "")
	w.says(waits, "hola")
	w.available(ana, "available")
	for room, want := range [][]string{{}, {waits}, {waits, answered}, {waits, answered}} {
		w.exec(fmt.Sprint("UPDATE users SET capacity = ", max(room, 1), ", active = ", room > 0))
		w.tick()
		var got []string
		for _, id := range []string{asked, waits, answered} {
			if w.get(id).Assignee == ana.ID {
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
	help := w.area("help")
	w.user("bea", rights.Operator, help)
	w.setting("defaultArea", `"`+help+`"`)
	w.exec("UPDATE areas SET active = FALSE WHERE id = '" + ana.Areas[0] + "'")
	w.tick()
	if c := w.get(id); c.Area != help || c.Status != store.StatusWaiting || c.Assignee != "" {
		t.Errorf("got %s in %q with %q, want it waiting in %q with nobody", c.Status, c.Area, c.Assignee, help)
	}
}

func TestNoGoodbyeToWhoNeverWrote(t *testing.T) {
	w, _, id, _ := written(t, whatsapp.Text)
	boss := w.user("boss", rights.Admin)
	if _, err := w.d.Conversations.Claim(t.Context(), boss, id); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Hour)
	w.tick()
	if c := w.get(id); c.Status != store.StatusClosed || w.outbox() != "" {
		t.Errorf("got %s and outbox %q, want it closed without a word", c.Status, w.outbox())
	}
}

// TestBackInTheLineIsWaiting: who was answered and is then passed on waits for the next person.
func TestBackInTheLineIsWaiting(t *testing.T) {
	returns := func(w *world, v rights.Viewer, id, _ string) error {
		_, err := w.d.Conversations.Return(w.t.Context(), v, id)
		return err
	}
	for name, tt := range map[string]struct {
		pass  func(w *world, v rights.Viewer, id, area string) error
		leave bool // the answer leaves only afterwards
	}{
		"returned":                        {returns, false},
		"returned before the answer left": {returns, true},
		"transferred": {func(w *world, v rights.Viewer, id, area string) error {
			_, err := w.d.Conversations.Transfer(w.t.Context(), v, id, conversation.Transfer{Area: area})
			return err
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			sales, help := w.area("sales"), w.area("help")
			ana := w.user("ana", rights.Operator, sales)
			id := w.conversation(store.StatusOpen, sales, ana.ID)
			w.says(id, "hola")
			m := w.send(ana, id, outbox.NewMessage{Text: "te paso"})
			if !tt.leave {
				w.outcome(m.ID, outbox.Result{Sent: true})
			}
			w.pass(time.Minute)
			if err := tt.pass(w, ana, id, help); err != nil {
				t.Fatal(err)
			}
			now := w.d.Store.Now()
			w.pass(time.Minute)
			if tt.leave {
				w.outcome(m.ID, outbox.Result{Sent: true})
			}
			if c := w.get(id); c.Status != store.StatusWaiting || !c.WaitingSince.Time().Equal(now) {
				t.Errorf("got %s since %s, want waiting since %s", c.Status, c.WaitingSince, now)
			}
			w.pass(20 * time.Minute)
			w.tick()
			if c := w.get(id); c.EscalatedAt.IsZero() {
				t.Error("nobody was told")
			}
		})
	}
}
