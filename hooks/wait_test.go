package hooks

import (
	"testing"
	"time"

	"mostrador/hooks/conversation"
	"mostrador/hooks/outbox"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
	"mostrador/whatsapp"
)

// TestSilenceBeginsWhenOurWordLeaves: an answer that waited for the line for hours is no reason to close at once.
func TestSilenceBeginsWhenOurWordLeaves(t *testing.T) {
	receipt := func(w *world, m view.Message) {
		err := w.d.Outbox.WriteReceipts([]outbox.LineReceipt{{Line: "line", Receipt: whatsapp.Receipt{IDs: []string{w.message(m.ID).WaID}, State: whatsapp.Delivered}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	sent := func(w *world, m view.Message) { w.outcome(m.ID, outbox.Result{Sent: true}) }
	for name, tt := range map[string]struct {
		queue func(w *world, ana rights.Viewer, id string) view.Message
		leave func(w *world, m view.Message)
	}{
		"after the line was down": {func(w *world, ana rights.Viewer, id string) view.Message {
			return w.send(ana, id, outbox.NewMessage{Text: "sí"})
		}, sent},
		"as the receipt tells": {func(w *world, ana rights.Viewer, id string) view.Message {
			return w.send(ana, id, outbox.NewMessage{Text: "sí"})
		}, receipt},
		"a receipt for one given up": {failedForGood, receipt},
		"tried again by hand":        {failedForGood, func(w *world, m view.Message) { w.retry(m); sent(w, m) }},
		"planned":                    {planned, sent},
		"planned before the last word": {func(w *world, ana rights.Viewer, id string) view.Message {
			m := planned(w, ana, id)
			w.sent(ana, id, "hasta luego")
			return m
		}, sent},
		"the flow's": {func(w *world, ana rights.Viewer, id string) view.Message {
			w.add(id, &store.Message{Direction: "out", Kind: "text", Author: store.ByFlow, Text: "menu", WaID: "F", Outbox: true})
			return view.Message{ID: w.get(id).LastMessage}
		}, sent},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			ana := w.user("ana", rights.Operator)
			id := w.conversation(store.StatusOpen, "", ana.ID)
			w.says(id, "¿abren hoy?")
			w.sent(ana, id, "un momento")
			m := tt.queue(w, ana, id)
			w.pass(2 * time.Hour)
			tt.leave(w, m)
			for _, after := range []time.Duration{0, 30*time.Minute - time.Second} {
				w.pass(after)
				w.tick()
				if c := w.get(id); c.Status != store.StatusOpen {
					t.Fatalf("got %s %s after it left, want open", c.Status, after)
				}
			}
			w.pass(time.Second)
			w.tick()
			if c := w.get(id); c.Status != store.StatusClosed {
				t.Errorf("got %s, want closed in the end", c.Status)
			}
		})
	}
}

func failedForGood(w *world, ana rights.Viewer, id string) view.Message {
	m := w.send(ana, id, outbox.NewMessage{Text: "sí"})
	w.outcome(m.ID, outbox.Result{Permanent: true, Reason: outbox.FailGaveUp})
	return m
}

func planned(w *world, ana rights.Viewer, id string) view.Message {
	return w.send(ana, id, outbox.NewMessage{Text: "sí", SendAt: w.d.Store.Now().Add(time.Hour)})
}

func (w *world) retry(m view.Message) {
	w.t.Helper()
	if _, err := w.d.Outbox.Retry(w.t.Context(), rights.Viewer{ID: "boss", Role: rights.Admin}, m.Conversation, m.ID); err != nil {
		w.t.Fatal(err)
	}
}

// TestAnswerCountsWhenItHasLeft: what never left is no answer. The steps happen a minute apart, the customer's question
// first; then the customer waits since the minute that is wanted, or not any more (-1).
func TestAnswerCountsWhenItHasLeft(t *testing.T) {
	type steps = []func(w *world, ana rights.Viewer, id string)
	last := map[string]string{} // the messages of the case that runs, by their text
	says := func(w *world, _ rights.Viewer, id string) { w.says(id, "¿hola?") }
	answer := func(text string) func(*world, rights.Viewer, string) {
		return func(w *world, ana rights.Viewer, id string) {
			last[text] = w.send(ana, id, outbox.NewMessage{Text: text}).ID
		}
	}
	plan := func(w *world, ana rights.Viewer, id string) { last["plan"] = planned(w, ana, id).ID }
	ends := func(text string, r outbox.Result) func(*world, rights.Viewer, string) {
		return func(w *world, _ rights.Viewer, _ string) { w.outcome(last[text], r) }
	}
	sent := func(text string) func(*world, rights.Viewer, string) { return ends(text, outbox.Result{Sent: true}) }
	fails := func(text string) func(*world, rights.Viewer, string) {
		return ends(text, outbox.Result{Permanent: true, Reason: outbox.FailGaveUp})
	}
	revoke := func(text string) func(*world, rights.Viewer, string) {
		return func(w *world, ana rights.Viewer, id string) {
			w.send(ana, id, outbox.NewMessage{Revoke: &outbox.NewRevoke{ID: last[text]}})
		}
	}
	closes := func(goodbye string) func(*world, rights.Viewer, string) {
		return func(w *world, ana rights.Viewer, id string) {
			if _, err := w.d.Conversations.CloseConversation(t.Context(), ana, id, conversation.Closing{Message: goodbye}); err != nil {
				t.Fatal(err)
			}
			last[goodbye] = w.get(id).LastMessage
		}
	}
	reopens := func(w *world, ana rights.Viewer, id string) {
		if _, err := w.d.Conversations.Reopen(t.Context(), ana, id); err != nil {
			t.Fatal(err)
		}
	}
	phone := func(w *world, _ rights.Viewer, id string) {
		w.add(id, &store.Message{Direction: "out", Kind: "text", Author: store.ByPhone, State: "sent", Text: "desde el teléfono"})
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
			w := newWorld(t)
			ana := w.user("ana", rights.Operator)
			id := w.conversation(store.StatusOpen, "", ana.ID)
			began, want := w.d.Store.Now(), time.Time{}
			if tt.waits >= 0 {
				want = began.Add(time.Duration(tt.waits) * time.Minute)
			}
			for _, step := range tt.steps {
				step(w, ana, id)
				w.pass(time.Minute)
			}
			c := w.get(id)
			if !c.WaitingSince.Time().Equal(want) {
				t.Errorf("got the customer waiting since %s, want %s", c.WaitingSince, want)
			}
			w.pass(20 * time.Minute)
			w.tick()
			if got := w.events(id); got != tt.events {
				t.Errorf("got events %q, want %q", got, tt.events)
			}
		})
	}
}

// TestFirstReplyIsOneThatLeft: the time to it is told by the answer that the customer got.
func TestFirstReplyIsOneThatLeft(t *testing.T) {
	w := newWorld(t)
	ana := w.user("ana", rights.Operator)
	id := w.conversation(store.StatusOpen, "", ana.ID)
	w.says(id, "¿abren hoy?")
	w.pass(time.Minute)
	m := w.send(ana, id, outbox.NewMessage{Text: "a"})
	if got := w.get(id).FirstReplyAt; got.IsZero() {
		t.Error("an answer on its way counts for the time being")
	}
	w.outcome(m.ID, outbox.Result{Permanent: true, Reason: outbox.FailGaveUp})
	if got := w.get(id).FirstReplyAt; !got.IsZero() {
		t.Errorf("got %s, want none: it failed", got)
	}
	m = w.send(ana, id, outbox.NewMessage{Text: "b"})
	w.pass(time.Hour)
	w.outcome(m.ID, outbox.Result{Sent: true, At: w.d.Store.Now()})
	if got := w.get(id).FirstReplyAt.Time(); !got.Equal(w.d.Store.Now()) {
		t.Errorf("got %s, want when it left, %s", got, w.d.Store.Now())
	}
}

// TestLeavingIsNoNews: what agents see of a conversation is the same, so they are told only of the message.
func TestLeavingIsNoNews(t *testing.T) {
	w := newWorld(t)
	ana := w.user("ana", rights.Operator)
	id := w.conversation(store.StatusOpen, "", ana.ID)
	w.says(id, "¿abren hoy?")
	m := w.send(ana, id, outbox.NewMessage{Text: "sí"})
	before, heard := w.get(id).Seq, w.hear()
	w.outcome(m.ID, outbox.Result{Sent: true, At: w.d.Store.Now()})
	if got := names(*heard); len(got) != 1 || got[0] != store.EventMessage || w.get(id).Seq != before {
		t.Errorf("got %q and cursor %d, want %s and %d", got, w.get(id).Seq, store.EventMessage, before)
	}
}
