package sample

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mostrador/flows"
	"mostrador/hooks/desktest"
	"mostrador/hooks/editor"
	"mostrador/hooks/rights"
	"mostrador/hooks/settings"
	"mostrador/hooks/store"
)

func TestSeedTwiceIsSeedOnce(t *testing.T) {
	for _, lang := range flows.Languages() {
		t.Run(string(lang), func(t *testing.T) {
			w := desktest.NewWorld(t)
			for i := range 2 {
				if err := Seed(t.Context(), w.Desk, Options{Lang: string(lang)}); err != nil {
					t.Fatal(err)
				}
				var counts []string
				for _, table := range []string{"areas", "hours", "flows", "flow_versions", "flow_tests", "quick_replies", "tags", "settings"} {
					counts = append(counts, fmt.Sprint(table, " ", w.Count(table)))
				}
				got := strings.Join(counts, ", ")
				if want := fmt.Sprintf("areas 3, hours 1, flows %d, flow_versions 1, flow_tests 17, quick_replies 5, tags 4, settings 2", len(flows.ReadyKeys())); got != want {
					t.Errorf("time %d: got %s, want %s", i+1, got, want)
				}
			}
			s := w.Desk.Settings.Get()
			if s.Lang != string(lang) || s.DefaultArea == "" || s.AutoCloseMessage != settings.Goodbyes[string(lang)] {
				t.Errorf("got settings %+v", s)
			}
		})
	}
}

// TestSeededFlowsCanBePublished: their areas are there, and publishing them runs their tests.
func TestSeededFlowsCanBePublished(t *testing.T) {
	w := desktest.NewWorld(t)
	boss := w.User("boss", rights.Admin)
	for range 2 { // a flow that was given another name is not sown again
		if err := Seed(t.Context(), w.Desk, Options{Lang: "pt-BR"}); err != nil {
			t.Fatal(err)
		}
		w.Exec("UPDATE flows SET name = 'Meu ' || kind WHERE name NOT LIKE 'Meu %'")
	}
	list, err := w.Desk.Editor.List(false)
	if err != nil || len(list) != len(flows.ReadyKeys()) {
		t.Fatalf("got %d flows, %v, want the ready-made ones once", len(list), err)
	}
	for _, f := range list {
		if f.Errors > 0 || f.Warnings != map[bool]int{true: 1}[f.Kind == "order"] || len(f.Triggers) != 1 || f.Version != map[bool]int{true: 1}[f.Kind == "reception"] {
			t.Errorf("%s: got %+v, want a trigger and no problems but the secret of the order status", f.Name, f)
		}
		if _, err := w.Desk.Editor.Publish(t.Context(), boss, f.ID, "en", editor.Publication{}); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	id := list[0].ID
	w.Exec("UPDATE flows SET version = 0 WHERE id = '" + id + "'")
	w.Exec("UPDATE flow_tests SET text = text || '< more\n' WHERE flow = '" + id + "'")
	if _, err := w.Desk.Editor.Publish(t.Context(), boss, id, "en", editor.Publication{}); desktest.CodeOf(err) != editor.ErrTestFailed.Code {
		t.Errorf("with broken tests: got %v, want them to block", err)
	}
}

func TestSeedKeepsWhatIsThere(t *testing.T) {
	w := desktest.NewWorld(t)
	sales := w.Area("sales")
	w.Exec("UPDATE areas SET name = 'Nosotros'")
	if err := Seed(t.Context(), w.Desk, Options{}); err != nil {
		t.Fatal(err)
	}
	if n := w.Count("areas WHERE name = 'Nosotros'"); n != 1 || w.Count("areas") != 3 || w.Desk.Settings.Get().DefaultArea != sales {
		t.Errorf("got %d of ours among %d areas, default %q", n, w.Count("areas"), w.Desk.Settings.Get().DefaultArea)
	}
}

func TestSeedRefusesAnUnknownLanguage(t *testing.T) {
	w := desktest.NewWorld(t)
	if err := Seed(t.Context(), w.Desk, Options{Lang: "fr"}); err == nil || w.Count("areas") != 0 {
		t.Errorf("got %v and %d areas, want an error and none", err, w.Count("areas"))
	}
}

// TestSeededDeskAnswers: what was sown can be read by those who use it.
func TestSeededDeskAnswers(t *testing.T) {
	for _, open := range []bool{true, false} {
		w := desktest.NewWorld(t)
		w.Setting("zone", `"UTC"`)
		if err := Seed(t.Context(), w.Desk, Options{Lang: "en", AlwaysOpen: open}); err != nil {
			t.Fatal(err)
		}
		w.Write(func(tx *store.Tx) error {
			f, err := w.Desk.Facts.Of(tx)
			if err != nil {
				return err
			}
			flow, ok := f.Begin(&store.Conversation{}, "hello", tx.Now)
			if !ok || flow.Name == "" {
				t.Error("no flow answers a first message")
			}
			for _, key := range flows.ReadyAreas {
				if f.Areas[f.IDs[key]].Name == "" {
					t.Errorf("no area %s", key)
				}
			}
			sunday := time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)
			if got := f.Calendar("").Open(sunday); got != open {
				t.Errorf("open in the night of a Sunday: got %v, want %v", got, open)
			}
			return nil
		})
	}
}

func TestSamplesSayTheSameEverywhere(t *testing.T) {
	for lang, s := range samples {
		if len(s.areas) != len(flows.ReadyAreas) || len(s.replies) != 5 || len(s.tags) != 4 || s.away == "" {
			t.Errorf("%s: got %d areas, %d replies, %d tags", lang, len(s.areas), len(s.replies), len(s.tags))
		}
		for _, key := range flows.ReadyAreas {
			if s.areas[key].name == "" {
				t.Errorf("%s: area %s has no name", lang, key)
			}
		}
		if settings.Goodbyes[lang] == "" {
			t.Errorf("%s: no goodbye", lang)
		}
	}
}
