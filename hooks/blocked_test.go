package hooks

import (
	"testing"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/conversation"
	"mostrador/hooks/outbox"
	"mostrador/hooks/receive"
	"mostrador/hooks/rights"
	"mostrador/hooks/runner"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// block is what a superuser does in the dashboard.
func (w *world) block(contact string) { w.t.Helper(); w.setBlocked(contact, true) }

func (w *world) setBlocked(contact string, blocked bool) {
	w.t.Helper()
	c, err := w.d.Store.App.FindRecordById("contacts", contact)
	if err != nil {
		w.t.Fatal(err)
	}
	c.Set("blocked", blocked)
	if err := w.d.Store.App.Save(c); err != nil {
		w.t.Fatal(err)
	}
	w.write(func(*store.Tx) error { return nil }) // what the dashboard's change brings with it is a cause of its own, before this one
}

func TestBlockedContactIsWrittenDownAndNoMore(t *testing.T) {
	say := func(w *world) {
		w.gets(whatsapp.Message{ID: "C", Text: "¡contesten!"})
		w.gets(whatsapp.Message{ID: "D", Kind: whatsapp.Image, Text: "mira", Media: &whatsapp.Media{MIME: "image/jpeg", Ref: []byte(`{}`)}})
		w.gets(whatsapp.Message{ID: "E", Kind: whatsapp.Undecryptable})
		w.gets(whatsapp.Message{ID: "F", Kind: whatsapp.Vote, Target: "P", Votes: []string{"1"}})
		for _, later := range []time.Duration{0, conversation.SurveyAfter, receive.ReadableAfter} {
			w.pass(later)
			w.round()
		}
	}
	tests := map[string]struct {
		before func(w *world) // the contact is known and the flow has asked
		status string
	}{
		"in a flow": {func(*world) {}, store.StatusBot},
		"with a person": {func(w *world) {
			w.exec("UPDATE conversations SET status = 'open', assignee = 'ana', session = 'null', wakeAt = '', unread = 0")
		}, store.StatusOpen},
		"waiting, snoozed": {func(w *world) {
			w.exec("UPDATE conversations SET status = 'waiting', session = 'null', wakeAt = '', unread = 0, snoozedUntil = '2026-03-03 12:00:00.000Z'")
		}, store.StatusWaiting},
		"just closed": {func(w *world) { w.close(w.only().ID, "ana") }, store.StatusClosed},
		"asked how it was": {func(w *world) {
			w.flow(surveyFlow, onEnd)
			w.exec("UPDATE conversations SET status = 'open', assignee = 'ana', session = 'null', wakeAt = '', firstReplyAt = startedAt")
			w.close(w.only().ID, "ana")
		}, store.StatusClosed},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w, _ := newWorldWithFlow(t)
			w.setting("defaultArea", `"`+w.areaID("sales")+`"`)
			w.set("areas", w.areaID("sales"), dbx.Params{"awayText": "Cerrado", "updated": "2"})
			w.insert("hours", dbx.Params{"area": "", "week": `{"monday":[]}`})
			w.gets(whatsapp.Message{ID: "A", Text: "hola"})
			w.round()
			w.exec("UPDATE conversations SET area = '" + w.areaID("sales") + "'")
			tt.before(w)
			w.user("bea", rights.Operator, w.areaID("sales"))
			before := w.only()
			w.add(before.ID, &store.Message{Direction: "out", Kind: "poll", Author: store.BySystem, WaID: "P", State: "sent"})
			before = w.only()
			w.block(before.Contact)
			said := len(w.saidToCustomer())
			say(w)
			c := w.only()
			if tt.status == store.StatusBot { // what cannot be read ended the flow
				tt.status = store.StatusClosed
			}
			if c.Status != tt.status || c.Assignee != before.Assignee || c.Unread != before.Unread && c.Status != store.StatusClosed ||
				c.WaitingSince != before.WaitingSince || c.SnoozedUntil != before.SnoozedUntil {
				t.Errorf("got %s with %q, unread %d, waiting since %s, snoozed until %s, want it as it was: %+v", c.Status, c.Assignee, c.Unread, c.WaitingSince, c.SnoozedUntil, before)
			}
			if got := w.saidToCustomer(); len(got) != said {
				t.Errorf("said %q, want nothing after the block", got[said:])
			}
			stored := all[store.Message](w, "SELECT * FROM messages WHERE direction = 'in' AND kind != 'vote' AND waId > 'B' AND conversation = '"+c.ID+"' AND pos > 0 AND NOT pending")
			if len(stored) != 3 {
				t.Errorf("got %d messages, want the 3 that were written: %+v", len(stored), stored)
			}
			w.pass(24 * time.Hour) // whatever flow or survey there was has its time-out
			w.round()
			c = w.only()
			if got := w.saidToCustomer(); len(got) != said || c.InFlow() {
				t.Errorf("a day later: said %q, in a flow: %t; want nothing and no flow", got[said:], c.InFlow())
			}
		})
	}
}

// Who was blocked before they ever wrote is kept in a closed conversation that nobody is shown as waiting.
func TestBlockedStranger(t *testing.T) {
	w, _ := newWorldWithFlow(t)
	w.block(w.contact(carla.Phone))
	w.gets(whatsapp.Message{ID: "A", Text: "oferta"})
	w.gets(whatsapp.Message{ID: "B", Text: "oferta"})
	w.round()
	if c := w.only(); c.Status != store.StatusClosed || c.CloseReason != conversation.ClosedBlocked || c.Unread != 0 || c.LastText != "oferta" || len(w.messages()) != 2 {
		t.Errorf("got %+v, want one closed conversation with both", c)
	}
	w.setBlocked(w.contacts()[0].ID, false)
	w.gets(whatsapp.Message{ID: "C", Text: "hola"})
	w.round()
	if got := w.saidToCustomer(); len(got) != 1 {
		t.Errorf("said %q, want the menu again", got)
	}
}

func TestNothingIsSaidToABlockedContact(t *testing.T) {
	w, ana, id, question := anaAnswers(t)
	failed := w.send(ana, id, outbox.NewMessage{Text: "1"})
	w.exec("UPDATE messages SET state = 'failed', outbox = FALSE WHERE direction = 'out'")
	w.block(w.get(id).Contact)
	for name, err := range map[string]error{
		"a message":  second(w.d.Outbox.Send(t.Context(), ana, id, outbox.NewMessage{Text: "hola"})),
		"a reaction": second(w.d.Outbox.Send(t.Context(), ana, id, outbox.NewMessage{Reaction: &outbox.NewReaction{ID: question.ID, Emoji: "👍"}})),
		"a retry":    second(w.d.Outbox.Retry(t.Context(), ana, id, failed.ID)),
		"a flow":     second(w.d.Runner.StartFlow(t.Context(), ana, id, runner.Starting{})),
	} {
		if codeOf(err) != api.CodeBlocked {
			t.Errorf("%s: got %v, want %s", name, err, api.CodeBlocked)
		}
	}
	w.send(ana, id, outbox.NewMessage{Text: "insultó a Bea", Note: true})
	if _, err := w.d.Conversations.CloseConversation(t.Context(), ana, id, conversation.Closing{Message: "¡Hasta pronto!"}); err != nil {
		t.Fatal(err)
	}
	if got := w.outbox(); got != "" {
		t.Errorf("got outbox %q, want nothing", got)
	}
}

func second[T any](_ T, err error) error { return err }

func TestWhatWaitedForABlockedContactDoesNotLeave(t *testing.T) {
	w, _ := newWorldWithFlow(t)
	w.gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.round() // the menu is queued
	w.block(w.contacts()[0].ID)
	id := all[store.Message](w, "SELECT * FROM messages WHERE outbox = TRUE")[0].ID
	if out, err := w.d.Outbox.Outgoing(t.Context(), id); err != nil || out == nil || out.Fault != outbox.FailBlocked {
		t.Errorf("got %+v and %v, want it to fail for good: %s", out, err, outbox.FailBlocked)
	}
}
