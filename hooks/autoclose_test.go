package hooks

import (
	"slices"
	"testing"
	"time"

	"mostrador/hooks/conversation"
	"mostrador/hooks/outbox"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// tick lets the clock jobs run once.
func (w *world) tick() {
	w.t.Helper()
	if err := w.d.Tick(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// answered is an open conversation of ana's in which she had the last word, and WhatsApp has it.
func (w *world) answered(area string, ana rights.Viewer) string {
	w.t.Helper()
	id := w.conversation(store.StatusOpen, area, ana.ID)
	w.says(id, "¿abren hoy?")
	w.sent(ana, id, "sí")
	return id
}

func TestClosesOnlyWhatTheCustomerLeft(t *testing.T) {
	w := newWorld(t)
	sales := w.area("sales")
	quick := w.area("quick")
	w.exec("UPDATE areas SET autoCloseMinutes = 5 WHERE id = '" + quick + "'")
	ana := w.user("ana", rights.Operator, sales, quick)
	boss := w.user("boss", rights.Admin)
	tests := []struct {
		name  string
		area  string
		after time.Duration
		and   func(id string) // what else happened
		want  string
	}{
		{"quiet for long", sales, 30 * time.Minute, nil, store.StatusClosed},
		{"not yet", sales, 30*time.Minute - time.Second, nil, store.StatusOpen},
		{"the area is quicker", quick, 5 * time.Minute, nil, store.StatusClosed},
		{"the area is quicker, not yet", quick, 4 * time.Minute, nil, store.StatusOpen},
		{"the customer waits", sales, 24 * time.Hour, func(id string) { w.says(id, "¿hola?") }, store.StatusOpen},
		{"the customer waits, the flow spoke last", sales, time.Hour, func(id string) {
			w.says(id, "¿hola?")
			w.add(id, &store.Message{Direction: "out", Kind: "text", Author: store.ByFlow, State: "sent", Text: "Estamos cerrados"})
		}, store.StatusOpen},
		{"our word still waits for the line", sales, time.Hour, func(id string) { w.send(ana, id, outbox.NewMessage{Text: "¿algo más?"}) }, store.StatusOpen},
		{"our word failed", sales, time.Hour, func(id string) {
			w.exec("UPDATE messages SET state = 'failed' WHERE conversation = '" + id + "' AND direction = 'out'")
		}, store.StatusOpen},
		{"snoozed", sales, time.Hour, func(id string) {
			if _, err := w.d.Conversations.Snooze(t.Context(), ana, id, w.d.Store.Now().Add(2*time.Hour)); err != nil {
				t.Fatal(err)
			}
		}, store.StatusOpen},
		{"a note is no word", sales, 30 * time.Minute, func(id string) { w.send(boss, id, outbox.NewMessage{Text: "ojo", Note: true}) }, store.StatusClosed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id := w.answered(tt.area, ana)
			if tt.and != nil {
				tt.and(id)
			}
			w.pass(tt.after)
			w.tick()
			if c := w.get(id); c.Status != tt.want {
				t.Errorf("got %s, want %s", c.Status, tt.want)
			}
			w.exec("UPDATE conversations SET status = 'closed'") // the next one starts afresh
		})
	}
}

// TestNobodyIsSilentWhileTheLineIsDown: what customers write meanwhile waits at WhatsApp.
func TestNobodyIsSilentWhileTheLineIsDown(t *testing.T) {
	w := newWorld(t)
	ana := w.user("ana", rights.Operator)
	id := w.answered("", ana)
	began := w.d.Store.Now()
	for _, s := range []whatsapp.Status{{State: whatsapp.Offline}, {State: whatsapp.Connecting}, {State: whatsapp.Stopped},
		{State: whatsapp.Restricted, Reason: whatsapp.ReasonTempban}} {
		s.Since = began
		w.line(s)
		w.pass(time.Hour)
		w.tick()
		if c := w.get(id); c.Status != store.StatusOpen {
			t.Fatalf("%s: got %s, want open", s.State, c.Status)
		}
	}
	w.line(whatsapp.Status{State: whatsapp.Connected, Since: w.d.Store.Now()})
	w.pass(30*time.Minute - time.Second)
	w.tick()
	if c := w.get(id); c.Status != store.StatusOpen {
		t.Fatalf("got %s just before the customer had the whole time, want open", c.Status)
	}
	w.pass(time.Second)
	w.tick()
	if c := w.get(id); c.Status != store.StatusClosed {
		t.Errorf("got %s, want closed in the end", c.Status)
	}
}

// TestUnreadableIsNotSilence: whoever wrote what cannot be decrypted yet has written.
func TestUnreadableIsNotSilence(t *testing.T) {
	w := newWorld(t)
	id := w.answered("", w.user("ana", rights.Operator))
	w.pass(time.Hour)
	w.exec("UPDATE contacts SET phone = '" + carla.Phone + "'")
	w.gets(whatsapp.Message{ID: "A", Kind: whatsapp.Undecryptable, What: whatsapp.WhatRetry})
	w.tick()
	if c := w.get(id); c.Status != store.StatusOpen {
		t.Fatalf("got %s %q, want open: the customer has just written", c.Status, c.CloseReason)
	}
	w.gets(whatsapp.Message{ID: "A", Text: "¿y mañana?"})
	w.tick()
	if c := w.get(id); c.Status != store.StatusOpen || c.WaitingSince.IsZero() {
		t.Errorf("got %s, waiting since %q, want open and the customer to wait", c.Status, c.WaitingSince)
	}
}

func TestClosedForSilenceSaysSo(t *testing.T) {
	w := newWorld(t)
	sales := w.area("sales")
	ana := w.user("ana", rights.Operator, sales)
	id := w.answered(sales, ana)
	w.setting("autoCloseMessage", `"Adiós"`)
	heard := w.hear()
	w.pass(time.Hour)
	w.tick()
	c := w.get(id)
	if c.ClosedBy != store.BySystem || c.CloseReason != "quiet" || c.LastText != "Adiós" || w.outbox() != "text:Adiós" {
		t.Errorf("got closed by %q for %q, last text %q, outbox %q", c.ClosedBy, c.CloseReason, c.LastText, w.outbox())
	}
	if got := w.events(id); got != "closed" {
		t.Errorf("got events %q, want closed", got)
	}
	if got := names(*heard); !slices.Contains(got, store.EventClosed) {
		t.Errorf("got %v, want %s among them", got, store.EventClosed)
	}
	w.tick()
	if got := w.outbox(); got != "text:Adiós" {
		t.Errorf("closed twice: outbox %q", got)
	}
}

func TestSilenceWithoutWordsOrNever(t *testing.T) {
	w := newWorld(t)
	ana := w.user("ana", rights.Operator)
	silent := w.answered("", ana)
	w.setting("autoCloseMessage", `""`)
	w.pass(time.Hour)
	w.tick()
	if c := w.get(silent); c.Status != store.StatusClosed || w.outbox() != "" {
		t.Errorf("got %s, outbox %q; want it closed without a word", c.Status, w.outbox())
	}
	never := w.answered("", ana)
	w.setting("autoCloseMinutes", "0")
	w.pass(1000 * time.Hour)
	w.tick()
	if c := w.get(never); c.Status != store.StatusOpen {
		t.Errorf("got %s, want it open for ever", c.Status)
	}
}

// TestGoesOnBeforeItCloses: who has just taken, reopened or woken a conversation gets the whole time.
func TestGoesOnBeforeItCloses(t *testing.T) {
	w := newWorld(t)
	sales := w.area("sales")
	ana, bea := w.user("ana", rights.Operator, sales), w.user("bea", rights.Operator, sales)
	starts := map[string]func(id string) error{
		"transferred": func(id string) error {
			_, err := w.d.Conversations.Transfer(t.Context(), ana, id, conversation.Transfer{User: bea.ID})
			return err
		},
		"reopened": func(id string) error {
			if _, err := w.d.Conversations.CloseConversation(t.Context(), ana, id, conversation.Closing{}); err != nil {
				return err
			}
			_, err := w.d.Conversations.Reopen(t.Context(), ana, id)
			return err
		},
		"woken": func(id string) error {
			_, err := w.d.Conversations.Snooze(t.Context(), ana, id, w.d.Store.Now().Add(time.Second))
			w.pass(time.Second)
			return err
		},
	}
	for name, start := range starts {
		t.Run(name, func(t *testing.T) {
			id := w.answered(sales, ana)
			w.pass(29 * time.Minute)
			if err := start(id); err != nil {
				t.Fatal(err)
			}
			w.tick()
			w.pass(29 * time.Minute)
			w.tick()
			if c := w.get(id); c.Status != store.StatusOpen {
				t.Fatalf("got %s after half the time, want open", c.Status)
			}
			w.pass(2 * time.Minute)
			w.tick()
			if c := w.get(id); c.Status != store.StatusClosed {
				t.Errorf("got %s, want closed in the end", c.Status)
			}
		})
	}
}

func TestUnansweredIsEscalatedOnce(t *testing.T) {
	w := newWorld(t)
	sales := w.area("sales")
	ana := w.user("ana", rights.Operator, sales)
	w.available(ana, "away") // or she would be given what waits
	waiting, open := w.conversation(store.StatusWaiting, sales, ""), w.conversation(store.StatusOpen, sales, ana.ID)
	bot := w.conversation(store.StatusBot, "", "")
	for _, id := range []string{waiting, open, bot} {
		w.says(id, "hola")
	}
	w.pass(14 * time.Minute)
	w.tick()
	if c := w.get(waiting); !c.EscalatedAt.IsZero() {
		t.Error("escalated before its time")
	}
	w.pass(time.Minute)
	heard := w.hear()
	for range 3 {
		w.tick()
	}
	for _, id := range []string{waiting, open} {
		if got := w.events(id); got != "escalated" {
			t.Errorf("got events %q, want escalated once", got)
		}
		if c := w.get(id); c.Status == store.StatusClosed {
			t.Error("closed a customer whom nobody answered")
		}
	}
	if w.events(bot) != "" {
		t.Error("who talks to the bot waits for nobody")
	}
	alerts := 0
	for _, name := range names(*heard) {
		if name == store.EventPending {
			alerts++
		}
	}
	if alerts != 2 {
		t.Errorf("got %d alerts, want 2", alerts)
	}
	w.sent(ana, open, "hola")
	w.says(open, "¿y?")
	w.pass(16 * time.Minute)
	w.tick()
	if got := w.events(open); got != "escalated escalated" {
		t.Errorf("left alone a second time: got events %q", got)
	}
}

// TestQuietIsCheckedAgain: the customer writes between the look and the close.
func TestQuietIsCheckedAgain(t *testing.T) {
	w := newWorld(t)
	ana := w.user("ana", rights.Operator)
	id := w.answered("", ana)
	w.pass(time.Hour)
	var closed bool
	w.must(id, func(tx *store.Tx, c *store.Conversation) error {
		if err := w.d.Conversations.AddMessage(tx, c, &store.Message{Direction: "in", Kind: "text", Author: store.ByContact}); err != nil {
			return err
		}
		quiet, err := w.d.Conversations.IsQuiet(tx, c)
		closed = quiet
		return err
	})
	if closed {
		t.Error("it would have been closed on a customer who has just written")
	}
}

func TestNightDoesNotCountAsWaiting(t *testing.T) {
	w := newWorld(t) // a Monday at noon
	w.setting("zone", `"UTC"`)
	sales := w.area("sales")
	w.insert("hours", dbx.Params{"area": "", "week": `{"monday":["09:00-18:00"],"tuesday":["09:00-18:00"],"wednesday":["09:00-18:00"]}`, "days": "{}", "updated": store.Stamp(w.d.Store.Now())})
	w.pass(5*time.Hour + 50*time.Minute) // 17:50
	late := w.conversation(store.StatusWaiting, sales, "")
	w.says(late, "hola")
	for _, step := range []struct {
		after time.Duration
		want  bool
	}{{5*time.Hour + 10*time.Minute, false}, {10 * time.Hour, false}, {4 * time.Minute, false}, {time.Minute, true}} { // 23:00, 09:00, 09:04, 09:05
		w.pass(step.after)
		w.tick()
		if got := !w.get(late).EscalatedAt.IsZero(); got != step.want {
			t.Errorf("just before closing, at %s: got escalated %v, want %v", w.d.Store.Now().Format("15:04"), got, step.want)
		}
	}
	w.pass(13*time.Hour + 55*time.Minute) // 23:00
	id := w.conversation(store.StatusWaiting, sales, "")
	w.says(id, "hola")
	for _, step := range []struct {
		after time.Duration
		want  bool
	}{{time.Hour, false}, {9 * time.Hour, false}, {14 * time.Minute, false}, {time.Minute, true}} {
		w.pass(step.after)
		w.tick()
		if got := !w.get(id).EscalatedAt.IsZero(); got != step.want {
			t.Errorf("at %s: got escalated %v, want %v", w.d.Store.Now().Format("15:04"), got, step.want)
		}
	}
}

// An area in another country keeps the desk's hours by its own clock.
func TestDesksHoursByTheAreasClock(t *testing.T) {
	w := newWorld(t) // a Monday at noon in UTC
	w.setting("zone", `"UTC"`)
	w.insert("hours", dbx.Params{"area": "", "week": `{"monday":["09:00-13:00"]}`, "days": "{}", "updated": store.Stamp(w.d.Store.Now())})
	here, there := w.area("here"), w.area("there")
	w.set("areas", there, dbx.Params{"zone": "America/Argentina/Buenos_Aires", "updated": "2"})
	open := func(area string) (open bool) {
		w.write(func(tx *store.Tx) error {
			f, err := w.d.Facts.Of(tx)
			if err == nil {
				open = f.Calendar(area).Open(tx.Now)
			}
			return err
		})
		return open
	}
	for _, step := range []struct {
		after       time.Duration
		here, there bool
	}{{-time.Hour, true, false}, {time.Hour, true, true}, {2 * time.Hour, false, true}, {2 * time.Hour, false, false}} { // 11:00, 12:00, 14:00, 16:00
		w.pass(step.after)
		if gotHere, gotThere := open(here), open(there); gotHere != step.here || gotThere != step.there {
			t.Errorf("at %s: got open here %t, there %t, want %t and %t", w.d.Store.Now().Format("15:04"), gotHere, gotThere, step.here, step.there)
		}
	}
}
