package runner_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"mostrador/hooks/desktest"
	"mostrador/hooks/editor"
	"mostrador/hooks/rights"
	"mostrador/hooks/sample"
	"mostrador/hooks/store"
)

// asking is a flow in two questions; its texts begin with a word of its own.
func asking(word string) string {
	return strings.ReplaceAll(`{"spec":1,"name":"Menu","lang":"en","start":"name","nodes":{
		"name":{"type":"ask","say":"WORD: your name?","var":"name","next":"size"},
		"size":{"type":"menu","say":"WORD: which size, {{name}}?","options":[{"id":"s","label":"Small","next":"bye"},{"id":"l","label":"Large","next":"bye"}]},
		"bye":{"type":"end","say":"WORD: done, {{name}}."}}}`, "WORD", word)
}

// TestPublishedWhileTwentyAreInside: they finish on the version in which they began, also when the flow is archived and the
// desk is started again; who comes later meets the new one.
func TestPublishedWhileTwentyAreInside(t *testing.T) {
	s := desktest.NewShop(t)
	boss := s.User("boss", rights.Admin)
	s.Exec("UPDATE flows SET active = FALSE, updated = '2020-01-01'") // the shop's own
	id, err := s.Desk.Editor.Create(t.Context(), boss, editor.NewFlow{Draft: json.RawMessage(asking("old"))})
	if err != nil {
		t.Fatal(err)
	}
	publish := func() {
		t.Helper()
		if _, err := s.Desk.Editor.Publish(t.Context(), boss, id, "en", editor.Publication{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Desk.Editor.Save(t.Context(), boss, id, editor.FlowChange{Triggers: json.RawMessage(`[{"on":"message"}]`)}); err != nil {
		t.Fatal(err)
	}
	publish()
	inside := s.Customers(20, "5550")
	inside.Say("hi")
	inside.Read("old: your name?")

	if err := s.Desk.Editor.Save(t.Context(), boss, id, editor.FlowChange{Draft: json.RawMessage(asking("new"))}); err != nil {
		t.Fatal(err)
	}
	publish()
	inside.Say("Ana")
	inside.Read("old: which size, Ana?\n1. Small\n2. Large")
	later := s.Customers(3, "5560")
	later.Say("hi")
	later.Read("new: your name?")
	if f := s.FlowView(id); fmt.Sprint(f.Inside) != "[{1 20} {2 3}]" {
		t.Errorf("got %v inside, want 20 in version 1 and 3 in version 2", f.Inside)
	}
	s.Tick()
	if v := s.FlowVersions(id); v[1].ArchivedAt != "" || v[1].Conversations != 20 {
		t.Errorf("got %+v, want version 1 in use", v[1])
	}

	if err := s.Desk.Editor.Archive(t.Context(), boss, id); err != nil {
		t.Fatal(err)
	}
	later.Say("Eva")
	later.Read("new: which size, Eva?\n1. Small\n2. Large")
	s.Quit()
	s.Open() // nothing of it is only in memory
	s.Connected()
	inside.Say("2")
	inside.Read("old: done, Ana.")
	later.Say("1")
	later.Read("new: done, Eva.")
	for _, c := range []desktest.Customers{inside, later} {
		for _, p := range c.Phones {
			if got := s.Shown(p); len(got) != 3 {
				t.Errorf("a phone shows %q, want three texts", got)
			}
		}
	}
	s.Until("nobody is inside", func() bool { return len(s.FlowView(id).Inside) == 0 })
	s.Tick()
	if v := s.FlowVersions(id); v[1].ArchivedAt == "" {
		t.Errorf("got %+v, want version 1 archived now that the last one left", v[1])
	}
	newcomer := s.Customers(1, "5570") // it is out: people take over
	newcomer.Say("hi")
	s.Thread("a newcomer is with people", func(c store.Conversation) bool { return c.Status == store.StatusWaiting && c.Flow == "" })
}

// TestReadyMadeFlowsOverTheLine plays a ready-made flow of each kind and language with a customer's phone, published by the
// route that runs its tests.
func TestReadyMadeFlowsOverTheLine(t *testing.T) {
	for key, words := range map[string]map[string][]string{
		"reception": {"es": {"hola", "Ana Paz", "1"}, "pt-BR": {"oi", "Ana Paz", "vendas"}, "en": {"hi", "Ana Paz", "I want to buy a chair"}},
		"callback":  {"es": {"hola", "1", "sí", "1"}, "pt-BR": {"oi", "1", "sim", "1"}, "en": {"hi", "a call back", "yes", "in the morning"}},
		"survey":    {"es": {"hola", "5", "todo bien"}, "pt-BR": {"oi", "5", "tudo bem"}, "en": {"hi", "5", "all fine"}},
	} {
		for lang, says := range words {
			t.Run(key+"/"+lang, func(t *testing.T) {
				s := desktest.NewShop(t)
				boss := s.User("boss", rights.Admin)
				s.Exec("DELETE FROM flows")
				if err := sample.Seed(t.Context(), s.Desk, sample.Options{Lang: lang, AlwaysOpen: key != "callback"}); err != nil {
					t.Fatal(err)
				}
				s.Exec("UPDATE hours SET week = '{\"monday\":[]}', updated = '2030-01-01' WHERE " + map[bool]string{true: "TRUE", false: "FALSE"}[key == "callback"])
				s.Exec("UPDATE areas SET awayText = '', updated = '2030-01-01'")
				list, err := s.Desk.Editor.List(false)
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range list {
					change := editor.FlowChange{Triggers: json.RawMessage("[]")}
					if f.Kind == key {
						change.Triggers = json.RawMessage(`[{"on":"message"}]`)
					}
					if err := s.Desk.Editor.Save(t.Context(), boss, f.ID, change); err != nil {
						t.Fatal(err)
					}
					if _, err := s.Desk.Editor.Publish(t.Context(), boss, f.ID, lang, editor.Publication{}); err != nil {
						t.Fatalf("publish %s: %v", f.Kind, err)
					}
				}
				carla := s.Server.Phone(desktest.CarlaNumber) // without a name: it is asked for
				for i, text := range says {
					s.Say(carla, text)
					s.Until(fmt.Sprintf("something is said to %q", text), func() bool {
						c := s.Shown(carla)
						return len(c) > i && s.Count("SELECT COUNT(*) FROM messages WHERE pending OR outbox") == 0
					})
				}
				s.Until("the flow is through", func() bool {
					return s.Count("SELECT COUNT(*) FROM conversations WHERE status = 'bot'") == 0
				})
				faults := s.Count("SELECT COUNT(*) FROM events WHERE kind = 'handover' AND json_extract(data, '$.reason') != 'flow'")
				if last := s.Shown(carla); faults != 0 || slices.Contains(last, "") {
					t.Errorf("got %d handovers that the flow did not plan, after %q", faults, last)
				}
			})
		}
	}
}

// TestPublishingLooksAgain: a flow that is saved while it is looked at is not published as it was, but looked at again.
func TestPublishingLooksAgain(t *testing.T) {
	w := desktest.NewWorkshop(t)
	f := w.Made(map[string]any{"draft": desktest.Ending("A", "one")})
	looked, err := w.Desk.Editor.Row(f.ID)
	if err != nil {
		t.Fatal(err)
	}
	var test editor.TestView
	w.Post("/api/flows/"+f.ID+"/tests", map[string]any{"name": "x", "text": "-- chat --\n> hi\n< one\n* close\n"}).Want(201).Into(&test)
	if _, err := w.Desk.Editor.PublishAs(t.Context(), looked, editor.VersionRow{Definition: looked.Draft}, nil); !errors.Is(err, editor.ErrMoved) || w.Count("flow_versions") != 0 {
		t.Errorf("a test came in between: got %v and %d versions, want that it moved, and none", err, w.Count("flow_versions"))
	}
	tries := 0
	got, err := w.Desk.Editor.TryPublishing("", func() (editor.Published, error) {
		if tries++; tries < 3 {
			return editor.Published{}, editor.ErrMoved
		}
		return editor.Published{Version: 7}, nil
	})
	if err != nil || got.Version != 7 || tries != 3 {
		t.Errorf("got %+v, %v after %d tries, want the third one's", got, err, tries)
	}
}
