package runner_test

import (
	"fmt"
	"testing"
	"time"

	"mostrador/flows"
	"mostrador/hooks/desktest"
	"mostrador/hooks/runner"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

func TestNobodyIsSilentInAFlowWhileTheLineIsDown(t *testing.T) {
	w, _ := desktest.NewWorldWithFlow(t)
	w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.Round()
	w.Line(whatsapp.Status{State: whatsapp.Offline})
	w.Pass(2 * flows.Patience)
	for range 2 {
		w.Round()
	}
	if c := w.Only(); c.Status != store.StatusBot || !c.WakeAt.Time().After(w.Desk.Store.Now()) {
		t.Fatalf("got %s, wakes at %s, want it to wait and not to be looked at all the time", c.Status, c.WakeAt)
	}
	w.Line(whatsapp.Status{State: whatsapp.Connected, Since: w.Desk.Store.Now()})
	w.Pass(flows.Patience - time.Minute)
	w.Round()
	if c := w.Only(); c.Status != store.StatusBot {
		t.Fatalf("got %s, want the customer to have the whole time since the line is up", c.Status)
	}
	w.Pass(2 * time.Minute)
	w.Round()
	if c := w.Only(); c.Status != store.StatusClosed || c.CloseReason != string(flows.ReasonSilence) {
		t.Errorf("got %s %q, want closed for silence", c.Status, c.CloseReason)
	}
}

// TestNobodyIsSilentWhoseWordsWait: for the sender's phone to send them again, or behind many others.
func TestNobodyIsSilentWhoseWordsWait(t *testing.T) {
	tests := map[string]func(w *desktest.World){
		"unreadable so far": func(w *desktest.World) {
			w.Gets(whatsapp.Message{ID: "B", Kind: whatsapp.Undecryptable, What: whatsapp.WhatRetry})
		},
		"behind others": func(w *desktest.World) {
			for i := range runner.InboxBatch {
				w.Gets(whatsapp.Message{ID: "X", Text: "hola", Chat: whatsapp.Address{Phone: fmt.Sprint(5491100000000 + i)}})
			}
			w.Gets(whatsapp.Message{ID: "B", Text: "1"})
		},
	}
	for name, write := range tests {
		t.Run(name, func(t *testing.T) {
			w, _ := desktest.NewWorldWithFlow(t)
			w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
			w.Round()
			id := w.Only().ID
			w.Pass(2 * flows.Patience)
			write(w)
			w.Round()
			if c := w.Get(id); c.Status != store.StatusBot {
				t.Fatalf("got %s %q, want the flow to wait for what is here already", c.Status, c.CloseReason)
			}
			w.Gets(whatsapp.Message{ID: "B", Text: "1"})
			w.Round()
			if c := w.Get(id); c.Status != store.StatusWaiting {
				t.Errorf("got %s %q, want it with sales as the customer chose", c.Status, c.CloseReason)
			}
		})
	}
}

func TestSilenceIsSeenAfterTheClockWasTurnedBack(t *testing.T) {
	w, _ := desktest.NewWorldWithFlow(t)
	w.Line(whatsapp.Status{State: whatsapp.Connected, Since: w.Desk.Store.Now().Add(24 * time.Hour)})
	w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.Round()
	w.Pass(2 * flows.Patience)
	w.Round()
	if c := w.Only(); c.Status != store.StatusClosed {
		t.Errorf("got %s, want closed for silence", c.Status)
	}
}

func TestDelaysAndPausesDoNotWaitForTheLine(t *testing.T) {
	w, flow := desktest.NewWorldWithFlow(t)
	w.Set("flows", flow, dbx.Params{"active": false, "updated": "1"})
	w.Flow(`{"spec":1,"start":"d","nodes":{"d":{"type":"delay","seconds":60,"next":"m"},
		"m":{"type":"menu","say":"Now?","options":[{"id":"a","label":"Yes","next":"e"}]},"e":{"type":"end"}}}`, `[{"on":"message"}]`)
	w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.Round()
	w.Line(whatsapp.Status{State: whatsapp.Offline})
	w.Pass(time.Minute)
	w.Round()
	if said := w.SaidToCustomer(); len(said) != 1 {
		t.Fatalf("said %q, want the delay to be over", said)
	}
	w.Set("lines", "line", dbx.Params{"paused": true})
	w.Pass(2 * flows.Patience)
	w.Round()
	if c := w.Only(); c.Status != store.StatusWaiting {
		t.Errorf("got %s, want people to have who waits for a paused bot", c.Status)
	}
}
