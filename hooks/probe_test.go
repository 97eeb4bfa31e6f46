package hooks_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"mostrador/hooks"
	"mostrador/hooks/desktest"
	"mostrador/hooks/settings"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

func TestReadyTellsTheLag(t *testing.T) {
	s := desktest.NewSite(t)
	var got hooks.Readiness
	s.Guest().Get("/api/ready").Want(200).Into(&got)
	if !got.Ready || got.Database != "ok" || got.Lag != 0 {
		t.Errorf("got %+v, want ready", got)
	}
	s.Add(s.Conversation(store.StatusBot, "", ""), &store.Message{Direction: "in", Kind: "text", Author: store.ByContact, WaID: "1", Pending: true})
	s.Pass(90 * hooks.ProbeEvery)
	s.Guest().Get("/api/ready").Want(200).Into(&got)
	if got.Lag != (90 * hooks.ProbeEvery).Seconds() {
		t.Errorf("got lag %v s, want %v", got.Lag, (90 * hooks.ProbeEvery).Seconds())
	}
}

// TestReadyTellsTheLagOfTextsBeforeAVote: a vote that has just come, and has no place between the messages, does not hide them.
func TestReadyTellsTheLagOfTextsBeforeAVote(t *testing.T) {
	s := desktest.NewSite(t)
	c := s.Conversation(store.StatusBot, "", "")
	s.Add(c, &store.Message{Direction: "in", Kind: "text", Author: store.ByContact, WaID: "1", Pending: true})
	s.Pass(90 * hooks.ProbeEvery)
	s.Add(c, &store.Message{Direction: "in", Kind: "vote", Author: store.ByContact, WaID: "2", Pending: true})
	s.Exec("UPDATE messages SET pos = 0 WHERE waId = '2'")
	var got hooks.Readiness
	s.Guest().Get("/api/ready").Want(200).Into(&got)
	if got.Lag != (90 * hooks.ProbeEvery).Seconds() {
		t.Errorf("got lag %v s, want that of the text, %v", got.Lag, (90 * hooks.ProbeEvery).Seconds())
	}
}

func TestReadyTellsHowTheLinesAre(t *testing.T) {
	s := desktest.NewSite(t)
	s.Insert("lines", dbx.Params{"name": "Old", "state": "connected"})
	s.Insert("lines", dbx.Params{"name": "Shop", "standard": true})
	var got hooks.Readiness
	s.Guest().Get("/api/ready").Want(200).Into(&got)
	if !got.Ready || !slices.Equal(got.Lines, []string{"stopped", "stopped"}) {
		t.Errorf("got %+v, want it ready with two lines that do not run", got)
	}
}

// Only a row that is written tells a full disk; where nothing was ever set there is none to write over.
func TestReadyWritesOnAnEmptyDesk(t *testing.T) {
	s := desktest.NewSite(t)
	s.Exec("DELETE FROM settings")
	written := func() (updated string) {
		err := s.Desk.Store.App.DB().NewQuery("SELECT COALESCE(MAX(updated), '') FROM settings").Row(&updated)
		if err != nil {
			t.Fatal(err)
		}
		return updated
	}
	for last := written(); !s.T.Failed(); last = written() {
		s.Guest().Get("/api/ready").Want(200)
		if now := written(); now == last {
			t.Errorf("got nothing written after %q", last)
		} else if last != "" {
			break
		}
		s.Pass(hooks.ProbeEvery)
	}
	if err := s.Desk.Settings.Reload(t.Context()); err != nil || s.Desk.Settings.Get().AutoCloseMessage != settings.Goodbyes["es"] {
		t.Errorf("got settings %+v (%v), want the defaults", s.Desk.Settings.Get(), err)
	}
	s.Exec("PRAGMA query_only = ON")
	s.Pass(hooks.ProbeEvery)
	var got hooks.Readiness
	s.Guest().Get("/api/ready").Want(503).Into(&got)
	if got.Ready || got.Database != "failing" {
		t.Errorf("got %+v, want it failing", got)
	}
	s.Exec("PRAGMA query_only = OFF")
}

func TestReadyDoesNotWaitForADiskThatHangs(t *testing.T) {
	w := desktest.NewWorld(t)
	hangs, gate := make(chan struct{}), make(chan struct{})
	w.Desk.Store.Submit(t.Context(), func(*store.Tx) error { close(hangs); <-gate; return nil }, func(error) {})
	<-hangs
	defer close(gate)
	ctx, cancel := context.WithCancel(t.Context())
	answer := make(chan error)
	go func() { answer <- w.Desk.TryWrite(ctx) }()
	w.Until(func() bool { return len(w.Desk.Store.Jobs) == 1 })
	cancel()
	if err := <-answer; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want it to give up", err)
	}
}
