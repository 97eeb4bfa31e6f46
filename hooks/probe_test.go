package hooks

import (
	"context"
	"errors"
	"slices"
	"testing"

	"mostrador/hooks/settings"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

func TestReadyTellsTheLag(t *testing.T) {
	s := newSite(t)
	var got readiness
	s.guest().get("/api/ready").want(200).into(&got)
	if !got.Ready || got.Database != "ok" || got.Lag != 0 {
		t.Errorf("got %+v, want ready", got)
	}
	s.add(s.conversation(store.StatusBot, "", ""), &store.Message{Direction: "in", Kind: "text", Author: store.ByContact, WaID: "1", Pending: true})
	s.pass(90 * probeEvery)
	s.guest().get("/api/ready").want(200).into(&got)
	if got.Lag != (90 * probeEvery).Seconds() {
		t.Errorf("got lag %v s, want %v", got.Lag, (90 * probeEvery).Seconds())
	}
}

// TestReadyTellsTheLagOfTextsBeforeAVote: a vote that has just come, and has no place between the messages, does not hide them.
func TestReadyTellsTheLagOfTextsBeforeAVote(t *testing.T) {
	s := newSite(t)
	c := s.conversation(store.StatusBot, "", "")
	s.add(c, &store.Message{Direction: "in", Kind: "text", Author: store.ByContact, WaID: "1", Pending: true})
	s.pass(90 * probeEvery)
	s.add(c, &store.Message{Direction: "in", Kind: "vote", Author: store.ByContact, WaID: "2", Pending: true})
	s.exec("UPDATE messages SET pos = 0 WHERE waId = '2'")
	var got readiness
	s.guest().get("/api/ready").want(200).into(&got)
	if got.Lag != (90 * probeEvery).Seconds() {
		t.Errorf("got lag %v s, want that of the text, %v", got.Lag, (90 * probeEvery).Seconds())
	}
}

func TestReadyTellsHowTheLinesAre(t *testing.T) {
	s := newSite(t)
	s.insert("lines", dbx.Params{"name": "Old", "state": "connected"})
	s.insert("lines", dbx.Params{"name": "Shop", "standard": true})
	var got readiness
	s.guest().get("/api/ready").want(200).into(&got)
	if !got.Ready || !slices.Equal(got.Lines, []string{"stopped", "stopped"}) {
		t.Errorf("got %+v, want it ready with two lines that do not run", got)
	}
}

// Only a row that is written tells a full disk; where nothing was ever set there is none to write over.
func TestReadyWritesOnAnEmptyDesk(t *testing.T) {
	s := newSite(t)
	s.exec("DELETE FROM settings")
	written := func() (updated string) {
		err := s.d.Store.App.DB().NewQuery("SELECT COALESCE(MAX(updated), '') FROM settings").Row(&updated)
		if err != nil {
			t.Fatal(err)
		}
		return updated
	}
	for last := written(); !s.t.Failed(); last = written() {
		s.guest().get("/api/ready").want(200)
		if now := written(); now == last {
			t.Errorf("got nothing written after %q", last)
		} else if last != "" {
			break
		}
		s.pass(probeEvery)
	}
	if err := s.d.Settings.Reload(t.Context()); err != nil || s.d.Settings.Get().AutoCloseMessage != settings.Goodbyes["es"] {
		t.Errorf("got settings %+v (%v), want the defaults", s.d.Settings.Get(), err)
	}
	s.exec("PRAGMA query_only = ON")
	s.pass(probeEvery)
	var got readiness
	s.guest().get("/api/ready").want(503).into(&got)
	if got.Ready || got.Database != "failing" {
		t.Errorf("got %+v, want it failing", got)
	}
	s.exec("PRAGMA query_only = OFF")
}

func TestReadyDoesNotWaitForADiskThatHangs(t *testing.T) {
	w := newWorld(t)
	hangs, gate := make(chan struct{}), make(chan struct{})
	w.d.Store.Submit(t.Context(), func(*store.Tx) error { close(hangs); <-gate; return nil }, func(error) {})
	<-hangs
	defer close(gate)
	ctx, cancel := context.WithCancel(t.Context())
	answer := make(chan error)
	go func() { answer <- w.d.tryWrite(ctx) }()
	w.until(func() bool { return len(w.d.Store.Jobs) == 1 })
	cancel()
	if err := <-answer; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want it to give up", err)
	}
}
