package conversation_test

import (
	"slices"
	"testing"
	"time"

	"mostrador/hooks/conversation"
	"mostrador/hooks/desktest"
	"mostrador/hooks/outbox"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

func TestClosesOnlyWhatTheCustomerLeft(t *testing.T) {
	w := desktest.NewWorld(t)
	sales := w.Area("sales")
	quick := w.Area("quick")
	w.Exec("UPDATE areas SET autoCloseMinutes = 5 WHERE id = '" + quick + "'")
	ana := w.User("ana", rights.Operator, sales, quick)
	boss := w.User("boss", rights.Admin)
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
		{"the customer waits", sales, 24 * time.Hour, func(id string) { w.Says(id, "¿hola?") }, store.StatusOpen},
		{"the customer waits, the flow spoke last", sales, time.Hour, func(id string) {
			w.Says(id, "¿hola?")
			w.Add(id, &store.Message{Direction: "out", Kind: "text", Author: store.ByFlow, State: "sent", Text: "Estamos cerrados"})
		}, store.StatusOpen},
		{"our word still waits for the line", sales, time.Hour, func(id string) { w.Send(ana, id, outbox.NewMessage{Text: "¿algo más?"}) }, store.StatusOpen},
		{"our word failed", sales, time.Hour, func(id string) {
			w.Exec("UPDATE messages SET state = 'failed' WHERE conversation = '" + id + "' AND direction = 'out'")
		}, store.StatusOpen},
		{"snoozed", sales, time.Hour, func(id string) {
			if _, err := w.Desk.Conversations.Snooze(t.Context(), ana, id, w.Desk.Store.Now().Add(2*time.Hour)); err != nil {
				t.Fatal(err)
			}
		}, store.StatusOpen},
		{"a note is no word", sales, 30 * time.Minute, func(id string) { w.Send(boss, id, outbox.NewMessage{Text: "ojo", Note: true}) }, store.StatusClosed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id := w.Answered(tt.area, ana)
			if tt.and != nil {
				tt.and(id)
			}
			w.Pass(tt.after)
			w.Tick()
			if c := w.Get(id); c.Status != tt.want {
				t.Errorf("got %s, want %s", c.Status, tt.want)
			}
			w.Exec("UPDATE conversations SET status = 'closed'") // the next one starts afresh
		})
	}
}

// TestNobodyIsSilentWhileTheLineIsDown: what customers write meanwhile waits at WhatsApp.
func TestNobodyIsSilentWhileTheLineIsDown(t *testing.T) {
	w := desktest.NewWorld(t)
	ana := w.User("ana", rights.Operator)
	id := w.Answered("", ana)
	began := w.Desk.Store.Now()
	for _, s := range []whatsapp.Status{{State: whatsapp.Offline}, {State: whatsapp.Connecting}, {State: whatsapp.Stopped},
		{State: whatsapp.Restricted, Reason: whatsapp.ReasonTempban}} {
		s.Since = began
		w.Line(s)
		w.Pass(time.Hour)
		w.Tick()
		if c := w.Get(id); c.Status != store.StatusOpen {
			t.Fatalf("%s: got %s, want open", s.State, c.Status)
		}
	}
	w.Line(whatsapp.Status{State: whatsapp.Connected, Since: w.Desk.Store.Now()})
	w.Pass(30*time.Minute - time.Second)
	w.Tick()
	if c := w.Get(id); c.Status != store.StatusOpen {
		t.Fatalf("got %s just before the customer had the whole time, want open", c.Status)
	}
	w.Pass(time.Second)
	w.Tick()
	if c := w.Get(id); c.Status != store.StatusClosed {
		t.Errorf("got %s, want closed in the end", c.Status)
	}
}

// TestUnreadableIsNotSilence: whoever wrote what cannot be decrypted yet has written.
func TestUnreadableIsNotSilence(t *testing.T) {
	w := desktest.NewWorld(t)
	id := w.Answered("", w.User("ana", rights.Operator))
	w.Pass(time.Hour)
	w.Exec("UPDATE contacts SET phone = '" + desktest.Carla.Phone + "'")
	w.Gets(whatsapp.Message{ID: "A", Kind: whatsapp.Undecryptable, What: whatsapp.WhatRetry})
	w.Tick()
	if c := w.Get(id); c.Status != store.StatusOpen {
		t.Fatalf("got %s %q, want open: the customer has just written", c.Status, c.CloseReason)
	}
	w.Gets(whatsapp.Message{ID: "A", Text: "¿y mañana?"})
	w.Tick()
	if c := w.Get(id); c.Status != store.StatusOpen || c.WaitingSince.IsZero() {
		t.Errorf("got %s, waiting since %q, want open and the customer to wait", c.Status, c.WaitingSince)
	}
}

func TestClosedForSilenceSaysSo(t *testing.T) {
	w := desktest.NewWorld(t)
	sales := w.Area("sales")
	ana := w.User("ana", rights.Operator, sales)
	id := w.Answered(sales, ana)
	w.Setting("autoCloseMessage", `"Adiós"`)
	heard := w.Hear()
	w.Pass(time.Hour)
	w.Tick()
	c := w.Get(id)
	if c.ClosedBy != store.BySystem || c.CloseReason != "quiet" || c.LastText != "Adiós" || w.Outbox() != "text:Adiós" {
		t.Errorf("got closed by %q for %q, last text %q, outbox %q", c.ClosedBy, c.CloseReason, c.LastText, w.Outbox())
	}
	if got := w.Events(id); got != "closed" {
		t.Errorf("got events %q, want closed", got)
	}
	if got := desktest.Names(*heard); !slices.Contains(got, store.EventClosed) {
		t.Errorf("got %v, want %s among them", got, store.EventClosed)
	}
	w.Tick()
	if got := w.Outbox(); got != "text:Adiós" {
		t.Errorf("closed twice: outbox %q", got)
	}
}

func TestSilenceWithoutWordsOrNever(t *testing.T) {
	w := desktest.NewWorld(t)
	ana := w.User("ana", rights.Operator)
	silent := w.Answered("", ana)
	w.Setting("autoCloseMessage", `""`)
	w.Pass(time.Hour)
	w.Tick()
	if c := w.Get(silent); c.Status != store.StatusClosed || w.Outbox() != "" {
		t.Errorf("got %s, outbox %q; want it closed without a word", c.Status, w.Outbox())
	}
	never := w.Answered("", ana)
	w.Setting("autoCloseMinutes", "0")
	w.Pass(1000 * time.Hour)
	w.Tick()
	if c := w.Get(never); c.Status != store.StatusOpen {
		t.Errorf("got %s, want it open for ever", c.Status)
	}
}

// TestGoesOnBeforeItCloses: who has just taken, reopened or woken a conversation gets the whole time.
func TestGoesOnBeforeItCloses(t *testing.T) {
	w := desktest.NewWorld(t)
	sales := w.Area("sales")
	ana, bea := w.User("ana", rights.Operator, sales), w.User("bea", rights.Operator, sales)
	starts := map[string]func(id string) error{
		"transferred": func(id string) error {
			_, err := w.Desk.Conversations.Transfer(t.Context(), ana, id, conversation.Transfer{User: bea.ID})
			return err
		},
		"reopened": func(id string) error {
			if _, err := w.Desk.Conversations.CloseConversation(t.Context(), ana, id, conversation.Closing{}); err != nil {
				return err
			}
			_, err := w.Desk.Conversations.Reopen(t.Context(), ana, id)
			return err
		},
		"woken": func(id string) error {
			_, err := w.Desk.Conversations.Snooze(t.Context(), ana, id, w.Desk.Store.Now().Add(time.Second))
			w.Pass(time.Second)
			return err
		},
	}
	for name, start := range starts {
		t.Run(name, func(t *testing.T) {
			id := w.Answered(sales, ana)
			w.Pass(29 * time.Minute)
			if err := start(id); err != nil {
				t.Fatal(err)
			}
			w.Tick()
			w.Pass(29 * time.Minute)
			w.Tick()
			if c := w.Get(id); c.Status != store.StatusOpen {
				t.Fatalf("got %s after half the time, want open", c.Status)
			}
			w.Pass(2 * time.Minute)
			w.Tick()
			if c := w.Get(id); c.Status != store.StatusClosed {
				t.Errorf("got %s, want closed in the end", c.Status)
			}
		})
	}
}

func TestUnansweredIsEscalatedOnce(t *testing.T) {
	w := desktest.NewWorld(t)
	sales := w.Area("sales")
	ana := w.User("ana", rights.Operator, sales)
	w.Available(ana, "away") // or she would be given what waits
	waiting, open := w.Conversation(store.StatusWaiting, sales, ""), w.Conversation(store.StatusOpen, sales, ana.ID)
	bot := w.Conversation(store.StatusBot, "", "")
	for _, id := range []string{waiting, open, bot} {
		w.Says(id, "hola")
	}
	w.Pass(14 * time.Minute)
	w.Tick()
	if c := w.Get(waiting); !c.EscalatedAt.IsZero() {
		t.Error("escalated before its time")
	}
	w.Pass(time.Minute)
	heard := w.Hear()
	for range 3 {
		w.Tick()
	}
	for _, id := range []string{waiting, open} {
		if got := w.Events(id); got != "escalated" {
			t.Errorf("got events %q, want escalated once", got)
		}
		if c := w.Get(id); c.Status == store.StatusClosed {
			t.Error("closed a customer whom nobody answered")
		}
	}
	if w.Events(bot) != "" {
		t.Error("who talks to the bot waits for nobody")
	}
	alerts := 0
	for _, name := range desktest.Names(*heard) {
		if name == store.EventPending {
			alerts++
		}
	}
	if alerts != 2 {
		t.Errorf("got %d alerts, want 2", alerts)
	}
	w.Sent(ana, open, "hola")
	w.Says(open, "¿y?")
	w.Pass(16 * time.Minute)
	w.Tick()
	if got := w.Events(open); got != "escalated escalated" {
		t.Errorf("left alone a second time: got events %q", got)
	}
}

// TestQuietIsCheckedAgain: the customer writes between the look and the close.
func TestQuietIsCheckedAgain(t *testing.T) {
	w := desktest.NewWorld(t)
	ana := w.User("ana", rights.Operator)
	id := w.Answered("", ana)
	w.Pass(time.Hour)
	var closed bool
	w.Must(id, func(tx *store.Tx, c *store.Conversation) error {
		if err := w.Desk.Conversations.AddMessage(tx, c, &store.Message{Direction: "in", Kind: "text", Author: store.ByContact}); err != nil {
			return err
		}
		quiet, err := w.Desk.Conversations.IsQuiet(tx, c)
		closed = quiet
		return err
	})
	if closed {
		t.Error("it would have been closed on a customer who has just written")
	}
}

func TestNightDoesNotCountAsWaiting(t *testing.T) {
	w := desktest.NewWorld(t) // a Monday at noon
	w.Setting("zone", `"UTC"`)
	sales := w.Area("sales")
	w.Insert("hours", dbx.Params{"area": "", "week": `{"monday":["09:00-18:00"],"tuesday":["09:00-18:00"],"wednesday":["09:00-18:00"]}`, "days": "{}", "updated": store.Stamp(w.Desk.Store.Now())})
	w.Pass(5*time.Hour + 50*time.Minute) // 17:50
	late := w.Conversation(store.StatusWaiting, sales, "")
	w.Says(late, "hola")
	for _, step := range []struct {
		after time.Duration
		want  bool
	}{{5*time.Hour + 10*time.Minute, false}, {10 * time.Hour, false}, {4 * time.Minute, false}, {time.Minute, true}} { // 23:00, 09:00, 09:04, 09:05
		w.Pass(step.after)
		w.Tick()
		if got := !w.Get(late).EscalatedAt.IsZero(); got != step.want {
			t.Errorf("just before closing, at %s: got escalated %v, want %v", w.Desk.Store.Now().Format("15:04"), got, step.want)
		}
	}
	w.Pass(13*time.Hour + 55*time.Minute) // 23:00
	id := w.Conversation(store.StatusWaiting, sales, "")
	w.Says(id, "hola")
	for _, step := range []struct {
		after time.Duration
		want  bool
	}{{time.Hour, false}, {9 * time.Hour, false}, {14 * time.Minute, false}, {time.Minute, true}} {
		w.Pass(step.after)
		w.Tick()
		if got := !w.Get(id).EscalatedAt.IsZero(); got != step.want {
			t.Errorf("at %s: got escalated %v, want %v", w.Desk.Store.Now().Format("15:04"), got, step.want)
		}
	}
}

// An area in another country keeps the desk's hours by its own clock.
func TestDesksHoursByTheAreasClock(t *testing.T) {
	w := desktest.NewWorld(t) // a Monday at noon in UTC
	w.Setting("zone", `"UTC"`)
	w.Insert("hours", dbx.Params{"area": "", "week": `{"monday":["09:00-13:00"]}`, "days": "{}", "updated": store.Stamp(w.Desk.Store.Now())})
	here, there := w.Area("here"), w.Area("there")
	w.Set("areas", there, dbx.Params{"zone": "America/Argentina/Buenos_Aires", "updated": "2"})
	open := func(area string) (open bool) {
		w.Write(func(tx *store.Tx) error {
			f, err := w.Desk.Facts.Of(tx)
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
		w.Pass(step.after)
		if gotHere, gotThere := open(here), open(there); gotHere != step.here || gotThere != step.there {
			t.Errorf("at %s: got open here %t, there %t, want %t and %t", w.Desk.Store.Now().Format("15:04"), gotHere, gotThere, step.here, step.there)
		}
	}
}
