package conversation_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/conversation"
	"mostrador/hooks/desktest"
	"mostrador/hooks/outbox"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

// TestStatusTable is the table of the design, cell by cell. "" cannot happen.
func TestStatusTable(t *testing.T) {
	causes := []conversation.Cause{conversation.CauseHandover, conversation.CauseClaim, conversation.CauseTransfer, conversation.CauseReturn, conversation.CauseClose, conversation.CauseQuiet, conversation.CauseCustomer, conversation.CauseAssign, conversation.CauseReopen, conversation.CauseFlow}
	tests := map[string][]string{
		store.StatusBot:     {"waiting", "open", "waiting", "", "closed", "bot", "bot", "", "", "bot"},
		store.StatusWaiting: {"", "open", "waiting", "", "closed", "waiting", "waiting", "open", "", "bot"},
		store.StatusOpen:    {"", "", "waiting", "waiting", "closed", "closed", "open", "", "", "bot"},
		store.StatusClosed:  {"", "", "", "", "", "", "", "", "waiting", ""},
	}
	for from, wants := range tests {
		for i, want := range wants {
			t.Run(from+" "+string(causes[i]), func(t *testing.T) {
				c := store.Conversation{Status: from}
				err := conversation.Move(&c, causes[i])
				if want == "" {
					want = from
					if err == nil {
						t.Error("it happened, want a refusal")
					}
				} else if err != nil {
					t.Errorf("refused: %v", err)
				}
				if c.Status != want {
					t.Errorf("got %s, want %s", c.Status, want)
				}
			})
		}
	}
}

func TestHandoverFindsSomebody(t *testing.T) {
	w := desktest.NewWorld(t)
	sales, support, closed := w.Area("sales"), w.Area("support"), w.Area("closed")
	w.Exec("UPDATE areas SET active = FALSE WHERE id = '" + closed + "'")
	ana := w.User("ana", rights.Operator, sales)
	away := w.User("away", rights.Operator, support)
	w.Exec("UPDATE users SET availability = 'away' WHERE id = '" + away.ID + "'")
	w.Setting("defaultArea", `"`+support+`"`)
	tests := []struct {
		name                   string
		h                      conversation.Handover
		area, assignee, status string
	}{
		{"area by key", conversation.Handover{Area: "sales"}, sales, ana.ID, store.StatusOpen},
		{"area by id", conversation.Handover{Area: sales}, sales, ana.ID, store.StatusOpen},
		{"nobody available", conversation.Handover{Area: "support"}, support, "", store.StatusWaiting},
		{"no area named", conversation.Handover{}, support, "", store.StatusWaiting},
		{"unknown area", conversation.Handover{Area: "nowhere"}, support, "", store.StatusWaiting},
		{"inactive area", conversation.Handover{Area: "closed"}, support, "", store.StatusWaiting},
		{"a person", conversation.Handover{User: ana.ID}, sales, ana.ID, store.StatusOpen},
		{"a person who is away", conversation.Handover{User: away.ID}, support, "", store.StatusWaiting},
		{"a person who is away, other area", conversation.Handover{User: away.ID, Area: "sales"}, sales, ana.ID, store.StatusOpen},
		{"an unknown person", conversation.Handover{User: "nobody"}, support, "", store.StatusWaiting},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id := w.Conversation(store.StatusBot, "", "")
			w.Says(id, "hola")
			c := w.Handover(id, tt.h)
			if c.Area != tt.area || c.Assignee != tt.assignee || c.Status != tt.status {
				t.Errorf("got %s in %q with %q, want %s in %q with %q", c.Status, c.Area, c.Assignee, tt.status, tt.area, tt.assignee)
			}
			if c.WaitingSince.IsZero() {
				t.Error("nobody notes that the customer waits")
			}
		})
	}
	t.Run("no area anywhere", func(t *testing.T) {
		w.Setting("defaultArea", `""`)
		c := w.Handover(w.Conversation(store.StatusBot, "", ""), conversation.Handover{Area: "nowhere"})
		if c.Status != store.StatusWaiting || c.Area != "" {
			t.Errorf("got %s in %q, want it to wait for the admins", c.Status, c.Area)
		}
	})
	t.Run("the contact's area before the desk's", func(t *testing.T) {
		w.Setting("defaultArea", `"`+support+`"`)
		id := w.Conversation(store.StatusBot, "", "")
		w.Exec("UPDATE contacts SET preferredArea = '" + sales + "' WHERE id = '" + w.Get(id).Contact + "'")
		if c := w.Handover(id, conversation.Handover{}); c.Area != sales {
			t.Errorf("got area %q, want %q", c.Area, sales)
		}
	})
}

func TestHandoverKeepsTheNoteForPeople(t *testing.T) {
	w := desktest.NewWorld(t)
	w.Area("sales")
	id := w.Conversation(store.StatusBot, "", "")
	w.Exec("UPDATE conversations SET flow = 'f', version = 3, session = '{}', wakeAt = '2026-03-03 00:00:00.000Z'")
	c := w.Handover(id, conversation.Handover{Area: "sales", Note: "quiere una factura", Reason: "asked", Priority: 2})
	if c.Flow != "" || c.Version != 0 || len(c.Session) != 0 || !c.WakeAt.IsZero() || c.Priority != 2 {
		t.Errorf("got flow %q version %d session %s wake %v priority %d, want it out of the flow", c.Flow, c.Version, c.Session, c.WakeAt, c.Priority)
	}
	var m store.Message
	if err := w.Desk.Store.App.DB().Select().From("messages").One(&m); err != nil {
		t.Fatal(err)
	}
	if m.Kind != store.KindNote || m.Text != "quiere una factura" || m.Author != store.ByFlow || m.Outbox {
		t.Errorf("got %s %q by %s (outbox %v), want a note of the flow that is not sent", m.Kind, m.Text, m.Author, m.Outbox)
	}
	if got, want := w.Events(id), "handover"; got != want {
		t.Errorf("got events %q, want %q", got, want)
	}
	if err := w.On(id, func(tx *store.Tx, c *store.Conversation) error {
		return w.Desk.Conversations.Handover(tx, c, conversation.Handover{})
	}); err == nil {
		t.Error("a conversation that people have was handed over again")
	}
}

func TestCustomerWritesAgain(t *testing.T) {
	w := desktest.NewWorld(t)
	sales := w.Area("sales")
	ana := w.User("ana", rights.Operator, sales)
	tests := []struct {
		name     string
		assignee string
		by       string
		after    time.Duration
		away     bool
		want     string // status, "new" for a new conversation
	}{
		{"at once", ana.ID, ana.ID, time.Minute, false, store.StatusOpen},
		{"closed for silence", ana.ID, store.BySystem, time.Hour, false, store.StatusOpen},
		{"agent gone", ana.ID, ana.ID, time.Minute, true, store.StatusWaiting},
		{"last moment", ana.ID, ana.ID, 24*time.Hour - time.Second, false, store.StatusOpen},
		{"too late", ana.ID, ana.ID, 24 * time.Hour, false, "new"},
		{"closed by the flow", ana.ID, store.ByFlow, time.Minute, false, "new"},
		{"no person ever had it", "", store.BySystem, time.Minute, false, "new"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w.Available(ana, "available")
			id := w.Conversation(store.StatusOpen, sales, tt.assignee)
			w.Must(id, func(tx *store.Tx, c *store.Conversation) error {
				return w.Desk.Conversations.Close(tx, c, tt.by, "", "")
			})
			if tt.away {
				w.Available(ana, "away")
			}
			w.Pass(tt.after)
			var got *store.Conversation
			w.Write(func(tx *store.Tx) (err error) {
				old := w.Get(id)
				got, _, err = w.Desk.Conversations.ForCustomer(tx, old.Contact, old.Line)
				return err
			})
			if tt.want == "new" {
				if got.ID == id || got.Status != store.StatusBot {
					t.Errorf("got %s (same: %v), want a new one with the bot", got.Status, got.ID == id)
				}
				return
			}
			if got.ID != id || got.Status != tt.want || !got.ClosedAt.IsZero() {
				t.Errorf("got %s (same: %v, closed %v), want the same one %s", got.Status, got.ID == id, got.ClosedAt, tt.want)
			}
		})
	}
}

// An older conversation that was opened again by hand is the one that the customer comes back to, not the one that began last.
func TestCustomerComesBackToWhatWasClosedLast(t *testing.T) {
	w := desktest.NewWorld(t)
	ana := w.User("ana", rights.Operator, w.Area("sales"))
	old := w.Conversation(store.StatusOpen, ana.Areas[0], ana.ID)
	w.Close(old, ana.ID)
	w.Pass(48 * time.Hour)
	now := store.Stamp(w.Desk.Store.Now())
	younger := w.Insert("conversations", dbx.Params{"line": "line", "contact": w.Get(old).Contact, "status": store.StatusOpen, "area": ana.Areas[0],
		"assignee": ana.ID, "lastAt": now, "startedAt": now})
	w.Close(younger, ana.ID)
	w.Pass(48 * time.Hour)
	if _, err := w.Desk.Conversations.Reopen(t.Context(), ana, old); err != nil {
		t.Fatal(err)
	}
	w.Close(old, ana.ID)
	w.Pass(5 * time.Minute)
	w.Write(func(tx *store.Tx) error {
		got, _, err := w.Desk.Conversations.ForCustomer(tx, w.Get(old).Contact, "line")
		if err == nil && got.ID != old {
			t.Errorf("got another conversation (the younger: %t), want the one that was closed 5 minutes ago", got.ID == younger)
		}
		return err
	})
}

// Who was answered by a person goes on with people, also when nobody has the conversation any more.
func TestAnsweredAndReturnedIsNotForTheBot(t *testing.T) {
	w := desktest.NewWorld(t)
	ana := w.User("ana", rights.Operator, w.Area("sales"))
	lead := w.User("lead", rights.Supervisor, ana.Areas[0])
	id := w.Conversation(store.StatusOpen, ana.Areas[0], ana.ID)
	w.Send(ana, id, outbox.NewMessage{Text: "hola"})
	w.Available(ana, "away")
	if _, err := w.Desk.Conversations.Return(t.Context(), ana, id); err != nil {
		t.Fatal(err)
	}
	w.Close(id, lead.ID)
	w.Write(func(tx *store.Tx) error {
		got, _, err := w.Desk.Conversations.ForCustomer(tx, w.Get(id).Contact, "line")
		if err == nil && (got.ID != id || got.Status != store.StatusWaiting) {
			t.Errorf("got %s (same: %t), want the same one in the line", got.Status, got.ID == id)
		}
		return err
	})
}

func TestCloseSaysGoodbyeInTheSameCommit(t *testing.T) {
	w := desktest.NewWorld(t)
	id := w.Conversation(store.StatusOpen, "", "u")
	w.Says(id, "gracias")
	w.Must(id, func(tx *store.Tx, c *store.Conversation) error {
		return w.Desk.Conversations.Close(tx, c, "u", "solved", "¡Hasta pronto!")
	})
	c := w.Get(id)
	if c.Status != store.StatusClosed || c.ClosedBy != "u" || c.CloseReason != "solved" || c.Unread != 0 || c.LastText != "¡Hasta pronto!" {
		t.Errorf("got %+v", c)
	}
	var m store.Message
	if err := w.Desk.Store.App.DB().Select().From("messages").Where(desktest.Hash("direction", "out")).One(&m); err != nil {
		t.Fatal(err)
	}
	if !m.Outbox || m.State != "queued" || m.WaID == "" {
		t.Errorf("got outbox %v, state %s, id %q; want it queued with its id", m.Outbox, m.State, m.WaID)
	}
}

// TestAnyHistoryKeepsTheTable plays random causes and holds what must always be true.
func TestAnyHistoryKeepsTheTable(t *testing.T) {
	w := desktest.NewWorld(t)
	areas := []string{w.Area("a"), w.Area("b")}
	users := []rights.Viewer{w.User("ana", rights.Operator, areas[0]), w.User("bea", rights.Operator, areas...), w.User("carl", rights.Operator, areas[1])}
	id := w.Conversation(store.StatusBot, "", "")
	first := w.Get(id)
	r := rand.New(rand.NewPCG(1, 2))
	steps := map[string]func(*store.Tx, *store.Conversation) error{
		"handover": func(tx *store.Tx, c *store.Conversation) error {
			return w.Desk.Conversations.Handover(tx, c, conversation.Handover{Area: areas[r.IntN(2)]})
		},
		"transfer": func(tx *store.Tx, c *store.Conversation) error {
			return w.Desk.Conversations.TransferIn(tx, c, areas[r.IntN(2)], "", "", users[0].ID)
		},
		"give": func(tx *store.Tx, c *store.Conversation) error {
			return w.Desk.Conversations.TransferIn(tx, c, areas[1], users[2].ID, "", users[0].ID)
		},
		"return": func(tx *store.Tx, c *store.Conversation) error {
			return w.Desk.Conversations.GiveBack(tx, c, users[0].ID)
		},
		"close": func(tx *store.Tx, c *store.Conversation) error {
			return w.Desk.Conversations.Close(tx, c, users[0].ID, "", "")
		},
		"reopen": func(tx *store.Tx, c *store.Conversation) error {
			return w.Desk.Conversations.ReopenIn(tx, c, users[r.IntN(3)].ID)
		},
		"customer": func(tx *store.Tx, _ *store.Conversation) error {
			c, _, err := w.Desk.Conversations.ForCustomer(tx, first.Contact, first.Line)
			if err != nil {
				return err
			}
			return w.Desk.Conversations.AddMessage(tx, c, &store.Message{Direction: "in", Kind: "text", Author: store.ByContact})
		},
		"online": func(tx *store.Tx, c *store.Conversation) error {
			state := []string{"available", "away"}[r.IntN(2)]
			u := users[r.IntN(3)]
			if _, err := tx.DB().NewQuery("UPDATE users SET availability = '" + state + "' WHERE id = '" + u.ID + "'").Execute(); err != nil {
				return err
			}
			return conversation.Freed(tx, u.ID, "")
		},
	}
	var kinds []string
	for k := range steps {
		kinds = append(kinds, k)
	}
	var refused *api.Refusal
	many := 2000
	if testing.Short() {
		many = 500
	}
	for i := range many {
		w.Pass(time.Duration(r.IntN(120)) * time.Minute)
		kind := kinds[r.IntN(len(kinds))]
		live := w.LiveOf(first.Contact)
		if live.ID == "" {
			live = w.Get(id)
		}
		id = live.ID
		if err := w.On(id, steps[kind]); err != nil && !errors.As(err, &refused) {
			t.Fatalf("step %d, %s on %s: %v", i, kind, live.Status, err)
		}
		if c := w.Get(id); wrong(c) != "" {
			t.Fatalf("step %d, %s on %s led to %s: %s", i, kind, live.Status, c.Status, wrong(c))
		}
	}
}

// wrong names what may never be.
func wrong(c store.Conversation) string {
	switch {
	case c.Status == store.StatusOpen && c.Assignee == "":
		return "open and nobody has it"
	case (c.Status == store.StatusWaiting || c.Status == store.StatusBot) && c.Assignee != "":
		return "somebody has it and it waits"
	case c.Status == store.StatusClosed && c.ClosedAt.IsZero(), c.Status != store.StatusClosed && !c.ClosedAt.IsZero():
		return fmt.Sprintf("closed at %v", c.ClosedAt)
	case c.Status != store.StatusBot && (c.Flow != "" || !c.WakeAt.IsZero()):
		return "a flow still runs"
	case c.Status == store.StatusClosed && !c.WaitingSince.IsZero():
		return "closed and the customer waits"
	}
	return ""
}
