package hooks

import (
	"fmt"
	"testing"
	"time"

	"mostrador/flows"
	"mostrador/hooks/runner"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

func TestNobodyIsSilentInAFlowWhileTheLineIsDown(t *testing.T) {
	w, _ := newWorldWithFlow(t)
	w.gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.round()
	w.line(whatsapp.Status{State: whatsapp.Offline})
	w.pass(2 * flows.Patience)
	for range 2 {
		w.round()
	}
	if c := w.only(); c.Status != store.StatusBot || !c.WakeAt.Time().After(w.d.Store.Now()) {
		t.Fatalf("got %s, wakes at %s, want it to wait and not to be looked at all the time", c.Status, c.WakeAt)
	}
	w.line(whatsapp.Status{State: whatsapp.Connected, Since: w.d.Store.Now()})
	w.pass(flows.Patience - time.Minute)
	w.round()
	if c := w.only(); c.Status != store.StatusBot {
		t.Fatalf("got %s, want the customer to have the whole time since the line is up", c.Status)
	}
	w.pass(2 * time.Minute)
	w.round()
	if c := w.only(); c.Status != store.StatusClosed || c.CloseReason != string(flows.ReasonSilence) {
		t.Errorf("got %s %q, want closed for silence", c.Status, c.CloseReason)
	}
}

// TestNobodyIsSilentWhoseWordsWait: for the sender's phone to send them again, or behind many others.
func TestNobodyIsSilentWhoseWordsWait(t *testing.T) {
	tests := map[string]func(w *world){
		"unreadable so far": func(w *world) {
			w.gets(whatsapp.Message{ID: "B", Kind: whatsapp.Undecryptable, What: whatsapp.WhatRetry})
		},
		"behind others": func(w *world) {
			for i := range runner.InboxBatch {
				w.gets(whatsapp.Message{ID: "X", Text: "hola", Chat: whatsapp.Address{Phone: fmt.Sprint(5491100000000 + i)}})
			}
			w.gets(whatsapp.Message{ID: "B", Text: "1"})
		},
	}
	for name, write := range tests {
		t.Run(name, func(t *testing.T) {
			w, _ := newWorldWithFlow(t)
			w.gets(whatsapp.Message{ID: "A", Text: "hola"})
			w.round()
			id := w.only().ID
			w.pass(2 * flows.Patience)
			write(w)
			w.round()
			if c := w.get(id); c.Status != store.StatusBot {
				t.Fatalf("got %s %q, want the flow to wait for what is here already", c.Status, c.CloseReason)
			}
			w.gets(whatsapp.Message{ID: "B", Text: "1"})
			w.round()
			if c := w.get(id); c.Status != store.StatusWaiting {
				t.Errorf("got %s %q, want it with sales as the customer chose", c.Status, c.CloseReason)
			}
		})
	}
}

func TestSilenceIsSeenAfterTheClockWasTurnedBack(t *testing.T) {
	w, _ := newWorldWithFlow(t)
	w.line(whatsapp.Status{State: whatsapp.Connected, Since: w.d.Store.Now().Add(24 * time.Hour)})
	w.gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.round()
	w.pass(2 * flows.Patience)
	w.round()
	if c := w.only(); c.Status != store.StatusClosed {
		t.Errorf("got %s, want closed for silence", c.Status)
	}
}

func TestDelaysAndPausesDoNotWaitForTheLine(t *testing.T) {
	w, flow := newWorldWithFlow(t)
	w.set("flows", flow, dbx.Params{"active": false, "updated": "1"})
	w.flow(`{"spec":1,"start":"d","nodes":{"d":{"type":"delay","seconds":60,"next":"m"},
		"m":{"type":"menu","say":"Now?","options":[{"id":"a","label":"Yes","next":"e"}]},"e":{"type":"end"}}}`, `[{"on":"message"}]`)
	w.gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.round()
	w.line(whatsapp.Status{State: whatsapp.Offline})
	w.pass(time.Minute)
	w.round()
	if said := w.saidToCustomer(); len(said) != 1 {
		t.Fatalf("said %q, want the delay to be over", said)
	}
	w.set("lines", "line", dbx.Params{"paused": true})
	w.pass(2 * flows.Patience)
	w.round()
	if c := w.only(); c.Status != store.StatusWaiting {
		t.Errorf("got %s, want people to have who waits for a paused bot", c.Status)
	}
}
