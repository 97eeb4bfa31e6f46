package contacts_test

import (
	"testing"
	"time"

	"mostrador/hooks/conversation"
	"mostrador/hooks/desktest"
	"mostrador/hooks/outbox"
	"mostrador/hooks/receive"
	"mostrador/hooks/rights"
	"mostrador/hooks/runner"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

func TestBlockedContactIsWrittenDownAndNoMore(t *testing.T) {
	say := func(w *desktest.World) {
		w.Gets(whatsapp.Message{ID: "C", Text: "¡contesten!"})
		w.Gets(whatsapp.Message{ID: "D", Kind: whatsapp.Image, Text: "mira", Media: &whatsapp.Media{MIME: "image/jpeg", Ref: []byte(`{}`)}})
		w.Gets(whatsapp.Message{ID: "E", Kind: whatsapp.Undecryptable})
		w.Gets(whatsapp.Message{ID: "F", Kind: whatsapp.Vote, Target: "P", Votes: []string{"1"}})
		for _, later := range []time.Duration{0, conversation.SurveyAfter, receive.ReadableAfter} {
			w.Pass(later)
			w.Round()
		}
	}
	tests := map[string]struct {
		before func(w *desktest.World) // the contact is known and the flow has asked
		status string
	}{
		"in a flow": {func(*desktest.World) {}, store.StatusBot},
		"with a person": {func(w *desktest.World) {
			w.Exec("UPDATE conversations SET status = 'open', assignee = 'ana', session = 'null', wakeAt = '', unread = 0")
		}, store.StatusOpen},
		"waiting, snoozed": {func(w *desktest.World) {
			w.Exec("UPDATE conversations SET status = 'waiting', session = 'null', wakeAt = '', unread = 0, snoozedUntil = '2026-03-03 12:00:00.000Z'")
		}, store.StatusWaiting},
		"just closed": {func(w *desktest.World) { w.Close(w.Only().ID, "ana") }, store.StatusClosed},
		"asked how it was": {func(w *desktest.World) {
			w.Flow(desktest.SurveyFlow, desktest.OnEnd)
			w.Exec("UPDATE conversations SET status = 'open', assignee = 'ana', session = 'null', wakeAt = '', firstReplyAt = startedAt")
			w.Close(w.Only().ID, "ana")
		}, store.StatusClosed},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w, _ := desktest.NewWorldWithFlow(t)
			w.Setting("defaultArea", `"`+w.AreaID("sales")+`"`)
			w.Set("areas", w.AreaID("sales"), dbx.Params{"awayText": "Cerrado", "updated": "2"})
			w.Insert("hours", dbx.Params{"area": "", "week": `{"monday":[]}`})
			w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
			w.Round()
			w.Exec("UPDATE conversations SET area = '" + w.AreaID("sales") + "'")
			tt.before(w)
			w.User("bea", rights.Operator, w.AreaID("sales"))
			before := w.Only()
			w.Add(before.ID, &store.Message{Direction: "out", Kind: "poll", Author: store.BySystem, WaID: "P", State: "sent"})
			before = w.Only()
			w.Block(before.Contact)
			said := len(w.SaidToCustomer())
			say(w)
			c := w.Only()
			if tt.status == store.StatusBot { // what cannot be read ended the flow
				tt.status = store.StatusClosed
			}
			if c.Status != tt.status || c.Assignee != before.Assignee || c.Unread != before.Unread && c.Status != store.StatusClosed ||
				c.WaitingSince != before.WaitingSince || c.SnoozedUntil != before.SnoozedUntil {
				t.Errorf("got %s with %q, unread %d, waiting since %s, snoozed until %s, want it as it was: %+v", c.Status, c.Assignee, c.Unread, c.WaitingSince, c.SnoozedUntil, before)
			}
			if got := w.SaidToCustomer(); len(got) != said {
				t.Errorf("said %q, want nothing after the block", got[said:])
			}
			stored := desktest.All[store.Message](w, "SELECT * FROM messages WHERE direction = 'in' AND kind != 'vote' AND waId > 'B' AND conversation = '"+c.ID+"' AND pos > 0 AND NOT pending")
			if len(stored) != 3 {
				t.Errorf("got %d messages, want the 3 that were written: %+v", len(stored), stored)
			}
			w.Pass(24 * time.Hour) // whatever flow or survey there was has its time-out
			w.Round()
			c = w.Only()
			if got := w.SaidToCustomer(); len(got) != said || c.InFlow() {
				t.Errorf("a day later: said %q, in a flow: %t; want nothing and no flow", got[said:], c.InFlow())
			}
		})
	}
}

// Who was blocked before they ever wrote is kept in a closed conversation that nobody is shown as waiting.
func TestBlockedStranger(t *testing.T) {
	w, _ := desktest.NewWorldWithFlow(t)
	w.Block(w.Contact(desktest.Carla.Phone))
	w.Gets(whatsapp.Message{ID: "A", Text: "oferta"})
	w.Gets(whatsapp.Message{ID: "B", Text: "oferta"})
	w.Round()
	if c := w.Only(); c.Status != store.StatusClosed || c.CloseReason != conversation.ClosedBlocked || c.Unread != 0 || c.LastText != "oferta" || len(w.Messages()) != 2 {
		t.Errorf("got %+v, want one closed conversation with both", c)
	}
	w.SetBlocked(w.Contacts()[0].ID, false)
	w.Gets(whatsapp.Message{ID: "C", Text: "hola"})
	w.Round()
	if got := w.SaidToCustomer(); len(got) != 1 {
		t.Errorf("said %q, want the menu again", got)
	}
}

func TestNothingIsSaidToABlockedContact(t *testing.T) {
	w, ana, id, question := desktest.AnaAnswers(t)
	failed := w.Send(ana, id, outbox.NewMessage{Text: "1"})
	w.Exec("UPDATE messages SET state = 'failed', outbox = FALSE WHERE direction = 'out'")
	w.Block(w.Get(id).Contact)
	for name, err := range map[string]error{
		"a message":  second(w.Desk.Outbox.Send(t.Context(), ana, id, outbox.NewMessage{Text: "hola"})),
		"a reaction": second(w.Desk.Outbox.Send(t.Context(), ana, id, outbox.NewMessage{Reaction: &outbox.NewReaction{ID: question.ID, Emoji: "👍"}})),
		"a retry":    second(w.Desk.Outbox.Retry(t.Context(), ana, id, failed.ID)),
		"a flow":     second(w.Desk.Runner.StartFlow(t.Context(), ana, id, runner.Starting{})),
	} {
		if desktest.CodeOf(err) != conversation.ErrBlocked.Code {
			t.Errorf("%s: got %v, want %s", name, err, conversation.ErrBlocked.Code)
		}
	}
	w.Send(ana, id, outbox.NewMessage{Text: "insultó a Bea", Note: true})
	if _, err := w.Desk.Conversations.CloseConversation(t.Context(), ana, id, conversation.Closing{Message: "¡Hasta pronto!"}); err != nil {
		t.Fatal(err)
	}
	if got := w.Outbox(); got != "" {
		t.Errorf("got outbox %q, want nothing", got)
	}
}

func second[T any](_ T, err error) error { return err }

func TestWhatWaitedForABlockedContactDoesNotLeave(t *testing.T) {
	w, _ := desktest.NewWorldWithFlow(t)
	w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.Round() // the menu is queued
	w.Block(w.Contacts()[0].ID)
	id := desktest.All[store.Message](w, "SELECT * FROM messages WHERE outbox = TRUE")[0].ID
	if out, err := w.Desk.Outbox.Outgoing(t.Context(), id); err != nil || out == nil || out.Fault != outbox.FailBlocked {
		t.Errorf("got %+v and %v, want it to fail for good: %s", out, err, outbox.FailBlocked)
	}
}
