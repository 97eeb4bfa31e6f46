package sample

import (
	"slices"
	"strings"
	"testing"
	"time"

	"mostrador/flows"
	"mostrador/hooks"
	"mostrador/hooks/desktest"
	"mostrador/hooks/lines"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/whatsapp"
)

// staffed is an app with the samples and the people of a demo, and no desk running on it.
func staffed(t *testing.T, lang string) *desktest.World {
	t.Helper()
	w := &desktest.World{T: t, Desk: &hooks.Desk{Store: store.Store{App: desktest.NewApp(t)}}}
	if err := w.Desk.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := Seed(t.Context(), w.Desk, Options{Lang: lang, AlwaysOpen: true}); err != nil {
		t.Fatal(err)
	}
	area := func(key string) string {
		id, err := w.Desk.Editor.AreaKeyed(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	w.User("carmen", rights.Operator, area("sales"))
	w.User("diego", rights.Operator, area("support"), area("billing"))
	w.Exec("UPDATE users SET availability = 'offline'")
	w.Desk.Stop()
	return w
}

// TestThePastIsWhatPeopleWouldHaveLeft: an empty desk gets a history in every language.
func TestThePastIsWhatPeopleWouldHaveLeft(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	for _, lang := range flows.Languages() {
		t.Run(string(lang), func(t *testing.T) {
			w := staffed(t, string(lang))
			messages, err := Past{App: w.Desk.Store.App, Now: now, Lang: string(lang)}.Play(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(messages) != 60 || !slices.IsSortedFunc(messages, func(a, b PastMessage) int { return a.At.Compare(b.At) }) {
				t.Errorf("got %d messages, want 60 in the order of their time", len(messages))
			}
			names := []string{}
			for _, m := range messages {
				if !slices.Contains(names, m.Name) {
					names = append(names, m.Name)
				}
				if m.ID == "" || m.Text == "" || m.State == "queued" || m.State == "received" || m.At.After(now) || len(m.Phone) < 12 {
					t.Errorf("got %+v, want it on the phone", m)
				}
			}
			want := []string{": closed sales carmen 0 by hand 1", ": closed support diego 0 quiet 0", ": closed billing diego 0 by hand 0",
				": open support diego 0 - 0", ": open sales carmen 1 - 1", ": waiting billing nobody 3 - 0"}
			for i, who := range []int{0, 1, 2, 3, 0, 4} {
				want[i] = names[who] + want[i]
			}
			if got := w.Story(); !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			for query, want := range map[string]int{
				"messages WHERE pending OR outbox OR state IN ('queued', 'sending', 'failed')": 0,
				"messages WHERE kind = 'note'":                               5, // two of people, one with a transfer, what two said to the flow
				"contacts":                                                   5,
				"users WHERE availability != 'offline'":                      0,
				"conversations WHERE escalatedAt != ''":                      0,
				"conversations WHERE status = 'bot' OR wakeAt != ''":         0,
				"conversations WHERE toldPos < readPos":                      0,
				"conversations WHERE lastAt < startedAt":                     0,
				"messages m WHERE sentAt > '2026-03-04 12:00:00.000Z'":       0,
				"messages m, messages n WHERE m.pos < n.pos AND m.id > n.id": 0,
			} {
				if got := w.Count(query); got != want {
					t.Errorf("%s: got %d, want %d", query, got, want)
				}
			}
		})
	}
}

// TestADeskGoesOnWithItsPast: nothing happens to it by itself, who comes gets what waits, and who writes again is known.
func TestADeskGoesOnWithItsPast(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	w := staffed(t, "es")
	past := Past{App: w.Desk.Store.App, Now: now, Lang: "es"}
	if _, err := past.Play(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.Desk = &hooks.Desk{Store: store.Store{App: w.Desk.Store.App, Now: func() time.Time { return now }}}
	if err := w.Desk.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer w.Desk.Stop()
	w.Desk.Receiver.Answering.Store(true)
	before, seq := w.Story(), w.Desk.Store.LastSeq()
	w.Tick()
	if more, err := w.Desk.Runner.InboxRound(t.Context()); more || err != nil {
		t.Fatalf("got more to answer: %v, %v", more, err)
	}
	if got := w.Story(); !slices.Equal(got, before) || w.Desk.Store.LastSeq() != seq {
		t.Errorf("got\n%s\nwant it as it was", strings.Join(got, "\n"))
	}
	if again, err := past.Play(t.Context()); len(again) != 0 || err != nil || !slices.Equal(w.Story(), before) {
		t.Errorf("a second time: got %d messages, %v, want nothing", len(again), err)
	}

	diego, err := w.Desk.Guard.UserNamed(t.Context(), "diego")
	if err != nil {
		t.Fatal(err)
	}
	w.Desk.Presence.Attendance.Arrive(diego)
	w.Desk.Presence.Attendance.WriteDown(t.Context())
	line := desktest.All[lines.LineRow](w, "SELECT * FROM lines")[0].ID
	err = w.Desk.Receiver.Receive(line, whatsapp.Message{ID: "late", Chat: whatsapp.Address{Phone: "5491155550114"}, Name: "Rafael Ortega", Kind: whatsapp.Text, Text: "Hola", At: now})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := w.Story()[3:], []string{"Rafael Ortega: open support diego 1 - 0", before[4], "Paula Medina: open billing diego 3 - 0"}; !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := w.Count("messages WHERE outbox"); got != 0 {
		t.Errorf("got %d answers of the flow, want none", got)
	}
}

// TestALinkedDeskHasAPastOfItsOwn: nothing is made up where a phone is linked.
func TestALinkedDeskHasAPastOfItsOwn(t *testing.T) {
	w := staffed(t, "es")
	w.Exec("INSERT INTO lines (id, name, device) VALUES ('line', 'WhatsApp', '1:1@s.whatsapp.net')")
	messages, err := Past{App: w.Desk.Store.App, Now: time.Now(), Lang: "es"}.Play(t.Context())
	if len(messages) != 0 || err != nil || w.Count("conversations") != 0 {
		t.Errorf("got %d messages, %v, %d conversations, want nothing", len(messages), err, w.Count("conversations"))
	}
}

func TestAScriptThatCannotBeRead(t *testing.T) {
	if _, err := (Past{Lang: "fr"}).script(); err == nil || !strings.Contains(err.Error(), "fr") {
		t.Errorf("got %v, want the language refused", err)
	}
	for _, line := range []string{"== Lucía, 3h", "== Lucía +549115555, soon", "... a while", "carmen waves"} {
		if _, err := new(beat).read(line, time.Now()); err == nil {
			t.Errorf("%q: got no error", line)
		}
	}
}
