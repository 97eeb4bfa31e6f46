package hooks

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"mostrador/hooks/editor"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/whatsapp/wasim"
)

// asking is a flow in two questions; its texts begin with a word of its own.
func asking(word string) string {
	return strings.ReplaceAll(`{"spec":1,"name":"Menu","lang":"en","start":"name","nodes":{
		"name":{"type":"ask","say":"WORD: your name?","var":"name","next":"size"},
		"size":{"type":"menu","say":"WORD: which size, {{name}}?","options":[{"id":"s","label":"Small","next":"bye"},{"id":"l","label":"Large","next":"bye"}]},
		"bye":{"type":"end","say":"WORD: done, {{name}}."}}}`, "WORD", word)
}

// customers are simulated phones that write to a shop.
type customers struct {
	*shop
	phones []*wasim.Phone
}

func (s *shop) customers(n int, from string) customers {
	c := customers{shop: s}
	for i := range n {
		c.phones = append(c.phones, s.server.Phone(fmt.Sprintf("+54911%s%04d", from, i), wasim.Name(fmt.Sprint("Customer ", i))))
	}
	return c
}

// each does something with every customer at the same time.
func (c customers) each(do func(p *wasim.Phone)) {
	var wg sync.WaitGroup
	for _, p := range c.phones {
		wg.Go(func() { do(p) })
	}
	wg.Wait()
}

func (c customers) say(text string) {
	c.each(func(p *wasim.Phone) { c.shop.say(p, text) })
}

func (c customers) read(text string) {
	c.t.Helper()
	for _, p := range c.phones {
		c.reads(p, text)
	}
}

// TestPublishedWhileTwentyAreInside: they finish on the version in which they began, also when the flow is archived and the
// desk is started again; who comes later meets the new one.
func TestPublishedWhileTwentyAreInside(t *testing.T) {
	s := newShop(t)
	boss := s.user("boss", rights.Admin)
	s.exec("UPDATE flows SET active = FALSE, updated = '2020-01-01'") // the shop's own
	id, err := s.d.Editor.Create(t.Context(), boss, editor.NewFlow{Draft: json.RawMessage(asking("old"))})
	if err != nil {
		t.Fatal(err)
	}
	publish := func() {
		t.Helper()
		if _, err := s.d.Editor.Publish(t.Context(), boss, id, "en", editor.Publication{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.d.Editor.Save(t.Context(), boss, id, editor.FlowChange{Triggers: json.RawMessage(`[{"on":"message"}]`)}); err != nil {
		t.Fatal(err)
	}
	publish()
	inside := s.customers(20, "5550")
	inside.say("hi")
	inside.read("old: your name?")

	if err := s.d.Editor.Save(t.Context(), boss, id, editor.FlowChange{Draft: json.RawMessage(asking("new"))}); err != nil {
		t.Fatal(err)
	}
	publish()
	inside.say("Ana")
	inside.read("old: which size, Ana?\n1. Small\n2. Large")
	later := s.customers(3, "5560")
	later.say("hi")
	later.read("new: your name?")
	if f := s.flowView(id); fmt.Sprint(f.Inside) != "[{1 20} {2 3}]" {
		t.Errorf("got %v inside, want 20 in version 1 and 3 in version 2", f.Inside)
	}
	s.tick()
	if v := s.flowVersions(id); v[1].ArchivedAt != "" || v[1].Conversations != 20 {
		t.Errorf("got %+v, want version 1 in use", v[1])
	}

	if err := s.d.Editor.Archive(t.Context(), boss, id); err != nil {
		t.Fatal(err)
	}
	later.say("Eva")
	later.read("new: which size, Eva?\n1. Small\n2. Large")
	s.quit()
	s.open() // nothing of it is only in memory
	s.connected()
	inside.say("2")
	inside.read("old: done, Ana.")
	later.say("1")
	later.read("new: done, Eva.")
	for _, c := range []customers{inside, later} {
		for _, p := range c.phones {
			if got := s.shown(p); len(got) != 3 {
				t.Errorf("a phone shows %q, want three texts", got)
			}
		}
	}
	s.until("nobody is inside", func() bool { return len(s.flowView(id).Inside) == 0 })
	s.tick()
	if v := s.flowVersions(id); v[1].ArchivedAt == "" {
		t.Errorf("got %+v, want version 1 archived now that the last one left", v[1])
	}
	newcomer := s.customers(1, "5570") // it is out: people take over
	newcomer.say("hi")
	s.thread("a newcomer is with people", func(c store.Conversation) bool { return c.Status == store.StatusWaiting && c.Flow == "" })
}

func (s *shop) tick() {
	s.t.Helper()
	if err := s.d.Tick(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) flowView(id string) editor.FlowView {
	s.t.Helper()
	f, err := s.d.Editor.Flow(id, "en")
	if err != nil {
		s.t.Fatal(err)
	}
	return f.FlowView
}

func (s *shop) flowVersions(id string) []editor.VersionView {
	s.t.Helper()
	list, err := s.d.Editor.Versions(id, 0, 10)
	if err != nil {
		s.t.Fatal(err)
	}
	return list
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
				s := newShop(t)
				boss := s.user("boss", rights.Admin)
				s.exec("DELETE FROM flows")
				if err := s.d.Seed(t.Context(), Sample{Lang: lang, AlwaysOpen: key != "callback"}); err != nil {
					t.Fatal(err)
				}
				s.exec("UPDATE hours SET week = '{\"monday\":[]}', updated = '2030-01-01' WHERE " + map[bool]string{true: "TRUE", false: "FALSE"}[key == "callback"])
				s.exec("UPDATE areas SET awayText = '', updated = '2030-01-01'")
				list, err := s.d.Editor.List(false)
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range list {
					change := editor.FlowChange{Triggers: json.RawMessage("[]")}
					if f.Kind == key {
						change.Triggers = json.RawMessage(`[{"on":"message"}]`)
					}
					if err := s.d.Editor.Save(t.Context(), boss, f.ID, change); err != nil {
						t.Fatal(err)
					}
					if _, err := s.d.Editor.Publish(t.Context(), boss, f.ID, lang, editor.Publication{}); err != nil {
						t.Fatalf("publish %s: %v", f.Kind, err)
					}
				}
				carla := s.server.Phone(carlaNumber) // without a name: it is asked for
				for i, text := range says {
					s.say(carla, text)
					s.until(fmt.Sprintf("something is said to %q", text), func() bool {
						c := s.shown(carla)
						return len(c) > i && s.count("SELECT COUNT(*) FROM messages WHERE pending OR outbox") == 0
					})
				}
				s.until("the flow is through", func() bool {
					return s.count("SELECT COUNT(*) FROM conversations WHERE status = 'bot'") == 0
				})
				faults := s.count("SELECT COUNT(*) FROM events WHERE kind = 'handover' AND json_extract(data, '$.reason') != 'flow'")
				if last := s.shown(carla); faults != 0 || slices.Contains(last, "") {
					t.Errorf("got %d handovers that the flow did not plan, after %q", faults, last)
				}
			})
		}
	}
}

// TestPublishingLooksAgain: a flow that is saved while it is looked at is not published as it was, but looked at again.
func TestPublishingLooksAgain(t *testing.T) {
	w := newWorkshop(t)
	f := w.made(map[string]any{"draft": ending("A", "one")})
	looked, err := w.d.Editor.Row(f.ID)
	if err != nil {
		t.Fatal(err)
	}
	var test editor.TestView
	w.post("/api/flows/"+f.ID+"/tests", map[string]any{"name": "x", "text": "-- chat --\n> hi\n< one\n* close\n"}).want(201).into(&test)
	if _, err := w.d.Editor.PublishAs(t.Context(), looked, editor.VersionRow{Definition: looked.Draft}, nil); !errors.Is(err, editor.ErrMoved) || w.count("flow_versions") != 0 {
		t.Errorf("a test came in between: got %v and %d versions, want that it moved, and none", err, w.count("flow_versions"))
	}
	tries := 0
	got, err := w.d.Editor.TryPublishing("", func() (editor.Published, error) {
		if tries++; tries < 3 {
			return editor.Published{}, editor.ErrMoved
		}
		return editor.Published{Version: 7}, nil
	})
	if err != nil || got.Version != 7 || tries != 3 {
		t.Errorf("got %+v, %v after %d tries, want the third one's", got, err, tries)
	}
}
