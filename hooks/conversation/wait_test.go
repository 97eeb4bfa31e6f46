package conversation_test

import (
	"testing"
	"time"

	"mostrador/hooks/conversation"
	"mostrador/hooks/desktest"
	"mostrador/hooks/outbox"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
	"mostrador/whatsapp"
)

// TestSilenceBeginsWhenOurWordLeaves: an answer that waited for the line for hours is no reason to close at once.
func TestSilenceBeginsWhenOurWordLeaves(t *testing.T) {
	receipt := func(w *desktest.World, m view.Message) {
		err := w.Desk.Outbox.WriteReceipts([]outbox.LineReceipt{{Line: "line", Receipt: whatsapp.Receipt{IDs: []string{w.Message(m.ID).WaID}, State: whatsapp.Delivered}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	sent := func(w *desktest.World, m view.Message) { w.Outcome(m.ID, outbox.Result{Sent: true}) }
	for name, tt := range map[string]struct {
		queue func(w *desktest.World, ana rights.Viewer, id string) view.Message
		leave func(w *desktest.World, m view.Message)
	}{
		"after the line was down": {func(w *desktest.World, ana rights.Viewer, id string) view.Message {
			return w.Send(ana, id, outbox.NewMessage{Text: "sí"})
		}, sent},
		"as the receipt tells": {func(w *desktest.World, ana rights.Viewer, id string) view.Message {
			return w.Send(ana, id, outbox.NewMessage{Text: "sí"})
		}, receipt},
		"a receipt for one given up": {failedForGood, receipt},
		"tried again by hand":        {failedForGood, func(w *desktest.World, m view.Message) { w.Retry(m); sent(w, m) }},
		"planned":                    {planned, sent},
		"planned before the last word": {func(w *desktest.World, ana rights.Viewer, id string) view.Message {
			m := planned(w, ana, id)
			w.Sent(ana, id, "hasta luego")
			return m
		}, sent},
		"the flow's": {func(w *desktest.World, ana rights.Viewer, id string) view.Message {
			w.Add(id, &store.Message{Direction: "out", Kind: "text", Author: store.ByFlow, Text: "menu", WaID: "F", Outbox: true})
			return view.Message{ID: w.Get(id).LastMessage}
		}, sent},
	} {
		t.Run(name, func(t *testing.T) {
			w := desktest.NewWorld(t)
			ana := w.User("ana", rights.Operator)
			id := w.Conversation(store.StatusOpen, "", ana.ID)
			w.Says(id, "¿abren hoy?")
			w.Sent(ana, id, "un momento")
			m := tt.queue(w, ana, id)
			w.Pass(2 * time.Hour)
			tt.leave(w, m)
			for _, after := range []time.Duration{0, 30*time.Minute - time.Second} {
				w.Pass(after)
				w.Tick()
				if c := w.Get(id); c.Status != store.StatusOpen {
					t.Fatalf("got %s %s after it left, want open", c.Status, after)
				}
			}
			w.Pass(time.Second)
			w.Tick()
			if c := w.Get(id); c.Status != store.StatusClosed {
				t.Errorf("got %s, want closed in the end", c.Status)
			}
		})
	}
}

func failedForGood(w *desktest.World, ana rights.Viewer, id string) view.Message {
	m := w.Send(ana, id, outbox.NewMessage{Text: "sí"})
	w.Outcome(m.ID, outbox.Result{Permanent: true, Reason: outbox.FailGaveUp})
	return m
}

func planned(w *desktest.World, ana rights.Viewer, id string) view.Message {
	return w.Send(ana, id, outbox.NewMessage{Text: "sí", SendAt: w.Desk.Store.Now().Add(time.Hour)})
}

// TestAnswerCountsWhenItHasLeft: what never left is no answer. The steps happen a minute apart, the customer's question
// first; then the customer waits since the minute that is wanted, or not any more (-1).
func TestAnswerCountsWhenItHasLeft(t *testing.T) {
	type steps = []func(w *desktest.World, ana rights.Viewer, id string)
	last := map[string]string{} // the messages of the case that runs, by their text
	says := func(w *desktest.World, _ rights.Viewer, id string) { w.Says(id, "¿hola?") }
	answer := func(text string) func(*desktest.World, rights.Viewer, string) {
		return func(w *desktest.World, ana rights.Viewer, id string) {
			last[text] = w.Send(ana, id, outbox.NewMessage{Text: text}).ID
		}
	}
	plan := func(w *desktest.World, ana rights.Viewer, id string) { last["plan"] = planned(w, ana, id).ID }
	ends := func(text string, r outbox.Result) func(*desktest.World, rights.Viewer, string) {
		return func(w *desktest.World, _ rights.Viewer, _ string) { w.Outcome(last[text], r) }
	}
	sent := func(text string) func(*desktest.World, rights.Viewer, string) {
		return ends(text, outbox.Result{Sent: true})
	}
	fails := func(text string) func(*desktest.World, rights.Viewer, string) {
		return ends(text, outbox.Result{Permanent: true, Reason: outbox.FailGaveUp})
	}
	revoke := func(text string) func(*desktest.World, rights.Viewer, string) {
		return func(w *desktest.World, ana rights.Viewer, id string) {
			w.Send(ana, id, outbox.NewMessage{Revoke: &outbox.NewRevoke{ID: last[text]}})
		}
	}
	closes := func(goodbye string) func(*desktest.World, rights.Viewer, string) {
		return func(w *desktest.World, ana rights.Viewer, id string) {
			if _, err := w.Desk.Conversations.CloseConversation(t.Context(), ana, id, conversation.Closing{Message: goodbye}); err != nil {
				t.Fatal(err)
			}
			last[goodbye] = w.Get(id).LastMessage
		}
	}
	reopens := func(w *desktest.World, ana rights.Viewer, id string) {
		if _, err := w.Desk.Conversations.Reopen(t.Context(), ana, id); err != nil {
			t.Fatal(err)
		}
	}
	phone := func(w *desktest.World, _ rights.Viewer, id string) {
		w.Add(id, &store.Message{Direction: "out", Kind: "text", Author: store.ByPhone, State: "sent", Text: "desde el teléfono"})
	}
	for name, tt := range map[string]struct {
		steps  steps
		waits  int // since which minute
		events string
	}{
		"queued":                                     {steps{says, answer("a")}, -1, ""},
		"sent":                                       {steps{says, answer("a"), sent("a")}, -1, ""},
		"failed":                                     {steps{says, answer("a"), fails("a")}, 0, "escalated"},
		"taken back before it left":                  {steps{says, answer("a"), revoke("a")}, 0, "escalated"},
		"taken back after a time-out":                {steps{says, answer("a"), ends("a", outbox.Result{Counts: true}), revoke("a")}, 0, "escalated"},
		"taken back when it had left":                {steps{says, answer("a"), sent("a"), revoke("a")}, -1, ""},
		"put off":                                    {steps{says, answer("a"), ends("a", outbox.Result{Counts: true})}, -1, ""},
		"planned":                                    {steps{says, plan}, 0, "escalated"},
		"planned and sent":                           {steps{says, plan, sent("plan")}, -1, ""},
		"planned and taken back":                     {steps{says, plan, revoke("plan")}, 0, "escalated"},
		"planned before the question":                {steps{plan, says, sent("plan")}, 1, "escalated"},
		"one of two failed":                          {steps{says, answer("a"), answer("b"), fails("a")}, -1, ""},
		"one failed, the other sent":                 {steps{says, answer("a"), answer("b"), fails("a"), sent("b")}, -1, ""},
		"the second failed":                          {steps{says, answer("a"), answer("b"), sent("a"), fails("b")}, -1, ""},
		"both failed":                                {steps{says, answer("a"), answer("b"), fails("a"), fails("b")}, 0, "escalated"},
		"a plan does not save a failed one":          {steps{says, answer("a"), plan, fails("a")}, 0, "escalated"},
		"failed, and the customer asked again":       {steps{says, answer("a"), says, fails("a")}, 0, "escalated"},
		"sent, and the customer asked again":         {steps{says, answer("a"), says, sent("a")}, 2, "escalated"},
		"the second question's answer failed":        {steps{says, answer("a"), says, answer("b"), sent("a"), fails("b")}, 2, "escalated"},
		"the second question's answer failed first":  {steps{says, answer("a"), says, answer("b"), revoke("b"), sent("a")}, 2, "escalated"},
		"failed, then answered on the phone":         {steps{says, answer("a"), phone, fails("a")}, -1, ""},
		"closed without a word and opened again":     {steps{says, closes(""), reopens}, 0, "closed reopened assigned escalated"},
		"closed with a word and opened again":        {steps{says, closes("adiós"), reopens, sent("adiós")}, -1, "closed reopened assigned"},
		"closed with a word that failed":             {steps{says, closes("adiós"), fails("adiós"), reopens}, 0, "closed reopened assigned escalated"},
		"closed when all was said, and opened again": {steps{says, answer("a"), sent("a"), closes(""), reopens}, -1, "closed reopened assigned"},
		"failed while closed":                        {steps{says, answer("a"), closes(""), fails("a"), reopens}, 0, "closed reopened assigned escalated"},
	} {
		t.Run(name, func(t *testing.T) {
			w := desktest.NewWorld(t)
			ana := w.User("ana", rights.Operator)
			id := w.Conversation(store.StatusOpen, "", ana.ID)
			began, want := w.Desk.Store.Now(), time.Time{}
			if tt.waits >= 0 {
				want = began.Add(time.Duration(tt.waits) * time.Minute)
			}
			for _, step := range tt.steps {
				step(w, ana, id)
				w.Pass(time.Minute)
			}
			c := w.Get(id)
			if !c.WaitingSince.Time().Equal(want) {
				t.Errorf("got the customer waiting since %s, want %s", c.WaitingSince, want)
			}
			w.Pass(20 * time.Minute)
			w.Tick()
			if got := w.Events(id); got != tt.events {
				t.Errorf("got events %q, want %q", got, tt.events)
			}
		})
	}
}

// TestFirstReplyIsOneThatLeft: the time to it is told by the answer that the customer got.
func TestFirstReplyIsOneThatLeft(t *testing.T) {
	w := desktest.NewWorld(t)
	ana := w.User("ana", rights.Operator)
	id := w.Conversation(store.StatusOpen, "", ana.ID)
	w.Says(id, "¿abren hoy?")
	w.Pass(time.Minute)
	m := w.Send(ana, id, outbox.NewMessage{Text: "a"})
	if got := w.Get(id).FirstReplyAt; got.IsZero() {
		t.Error("an answer on its way counts for the time being")
	}
	w.Outcome(m.ID, outbox.Result{Permanent: true, Reason: outbox.FailGaveUp})
	if got := w.Get(id).FirstReplyAt; !got.IsZero() {
		t.Errorf("got %s, want none: it failed", got)
	}
	m = w.Send(ana, id, outbox.NewMessage{Text: "b"})
	w.Pass(time.Hour)
	w.Outcome(m.ID, outbox.Result{Sent: true, At: w.Desk.Store.Now()})
	if got := w.Get(id).FirstReplyAt.Time(); !got.Equal(w.Desk.Store.Now()) {
		t.Errorf("got %s, want when it left, %s", got, w.Desk.Store.Now())
	}
}

// TestLeavingIsNoNews: what agents see of a conversation is the same, so they are told only of the message.
func TestLeavingIsNoNews(t *testing.T) {
	w := desktest.NewWorld(t)
	ana := w.User("ana", rights.Operator)
	id := w.Conversation(store.StatusOpen, "", ana.ID)
	w.Says(id, "¿abren hoy?")
	m := w.Send(ana, id, outbox.NewMessage{Text: "sí"})
	before, heard := w.Get(id).Seq, w.Hear()
	w.Outcome(m.ID, outbox.Result{Sent: true, At: w.Desk.Store.Now()})
	if got := desktest.Names(*heard); len(got) != 1 || got[0] != store.EventMessage || w.Get(id).Seq != before {
		t.Errorf("got %q and cursor %d, want %s and %d", got, w.Get(id).Seq, store.EventMessage, before)
	}
}
