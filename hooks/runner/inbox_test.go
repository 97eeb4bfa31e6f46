package runner_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"mostrador/flows"
	"mostrador/hooks/conversation"
	"mostrador/hooks/desktest"
	"mostrador/hooks/runner"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

func TestInboxAnswersInOrder(t *testing.T) {
	w, flow := desktest.NewWorldWithFlow(t)
	w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.Gets(whatsapp.Message{ID: "B", Text: "1"})
	w.Round()
	c := w.Only()
	if got := strings.Join(w.SaidToCustomer(), " | "); got != "Hola, elige:\n1. Ventas\n2. Nada | Te paso con ventas." {
		t.Errorf("got %q, want the menu, then the goodbye of the flow", got)
	}
	if c.Status != store.StatusWaiting || c.Area != w.AreaID("sales") || c.Flow != "" || !c.WakeAt.IsZero() {
		t.Errorf("got %s in %q flow %q wake %s, want it waiting in sales, out of the flow", c.Status, c.Area, c.Flow, c.WakeAt)
	}
	for _, m := range w.Messages() {
		if m.Direction == "out" && (!m.Outbox || m.State != "queued" || m.WaID == "" || m.Author != store.ByFlow) {
			t.Errorf("got %+v, want it queued with WhatsApp's id", m)
		}
		if m.Pending {
			t.Errorf("message %s still waits", m.ID)
		}
	}
	visits := desktest.All[store.EventRow](w, "SELECT * FROM events WHERE kind = 'flow'")
	if len(visits) != 2 || !strings.Contains(string(visits[0].Data), flow) {
		t.Errorf("got %d flow events, want 2 that name the flow", len(visits))
	}
}

// A message is answered as it comes, unless one of the same chat, or very many of others, wait for the loop.
func TestAnsweredAtOnceOnlyInTurn(t *testing.T) {
	for name, tt := range map[string]struct {
		waiting int // messages of other chats
		own     bool
		want    bool
	}{"nothing waits": {0, false, true}, "others wait": {runner.MaxBacklog - 1, false, true}, "very many wait": {runner.MaxBacklog, false, false}, "its own chat": {3, true, false}} {
		t.Run(name, func(t *testing.T) {
			w, _ := desktest.NewWorldWithFlow(t)
			for i := range tt.waiting {
				w.Insert("messages", dbx.Params{"conversation": "c" + strconv.Itoa(i), "contact": "x", "line": "line", "direction": "in", "pending": true, "pos": i + 1})
			}
			if tt.own {
				w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
			}
			w.Desk.Receiver.Answering.Store(true)
			w.Gets(whatsapp.Message{ID: "B", Text: "hola"})
			if got := len(w.SaidToCustomer()) == 1; got != tt.want {
				t.Errorf("answered at once: got %t, want %t", got, tt.want)
			}
		})
	}
}

func TestInboxTwiceIsOnce(t *testing.T) {
	w, _ := desktest.NewWorldWithFlow(t)
	w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
	id := w.Messages()[0].ID
	for range 3 {
		w.Write(func(tx *store.Tx) error { return w.Desk.Runner.Answer(tx, id) })
	}
	if got := len(w.SaidToCustomer()); got != 1 {
		t.Errorf("got %d answers, want 1", got)
	}
}

// TestInboxFinishesInAnArchivedFlow: who is inside goes on by the version in which they began, who comes later finds no flow.
func TestInboxFinishesInAnArchivedFlow(t *testing.T) {
	w, flow := desktest.NewWorldWithFlow(t)
	w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.Round()
	w.Set("flows", flow, dbx.Params{"archivedAt": store.Stamp(w.Desk.Store.Now()), "updated": "3"})
	w.Gets(whatsapp.Message{ID: "B", Text: "2"})
	w.Gets(whatsapp.Message{ID: "C", Text: "hola", Chat: whatsapp.Address{Phone: "5491100000099"}})
	w.Round()
	if got := w.SaidToCustomer(); len(got) != 2 || got[1] != "Chau." {
		t.Errorf("got %q, want the flow's goodbye", got)
	}
	if n := w.Count("conversations WHERE status = 'waiting'"); n != 1 {
		t.Errorf("got %d conversations with people, want that of who came later", n)
	}
}

func TestInboxHandsOverWithTheReason(t *testing.T) {
	tests := map[string]struct {
		prepare func(w *desktest.World, flow string)
		reason  string
	}{
		"no flow begins": {func(w *desktest.World, flow string) {
			w.Set("flows", flow, dbx.Params{"active": false, "updated": "2"})
		}, runner.ReasonNoFlow},
		"the bot is paused": {func(w *desktest.World, _ string) { w.Set("lines", "line", dbx.Params{"paused": true}) }, runner.ReasonPaused},
		"the version was lost meanwhile": {func(w *desktest.World, flow string) {
			w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
			w.Round()
			w.Exec("DELETE FROM flow_versions")
			w.Set("flows", flow, dbx.Params{"updated": "3"})
		}, string(flows.ReasonNoFlow)},
		"it leads to an archived flow": {func(w *desktest.World, flow string) {
			w.Set("flows", flow, dbx.Params{"archivedAt": store.Stamp(w.Desk.Store.Now()), "updated": "3"})
			w.Flow(`{"spec":1,"start":"j","nodes":{"j":{"type":"jump","flow":"`+flow+`"}}}`, `[{"on":"message"}]`)
		}, string(flows.ReasonNoFlow)},
		"the published flow cannot be read": {func(w *desktest.World, flow string) {
			if _, err := w.Desk.Store.App.NonconcurrentDB().Update("flow_versions", dbx.Params{"definition": "{"}, dbx.HashExp{"flow": flow}).Execute(); err != nil {
				w.T.Fatal(err)
			}
		}, runner.ReasonNoFlow},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w, flow := desktest.NewWorldWithFlow(t)
			tt.prepare(w, flow)
			w.Gets(whatsapp.Message{ID: "B", Text: "algo"})
			w.Round()
			if c := w.Only(); c.Status != store.StatusWaiting {
				t.Errorf("got %s, want waiting", c.Status)
			}
			events := desktest.All[store.EventRow](w, "SELECT * FROM events WHERE kind = 'handover'")
			if len(events) != 1 || !strings.Contains(string(events[0].Data), `"`+tt.reason+`"`) {
				t.Errorf("got %+v, want one handover for %s", events, tt.reason)
			}
		})
	}
}

// Who is in the middle of a flow when the bot is paused must not wait for what will never speak again.
func TestPauseLeavesNobodyInAFlow(t *testing.T) {
	w, _ := desktest.NewWorldWithFlow(t)
	w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.Round()
	wakes := w.Only().WakeAt.Time()
	w.Set("lines", "line", dbx.Params{"paused": true})
	w.Pass(wakes.Sub(w.Desk.Store.Now()))
	w.Round()
	if c := w.Only(); c.Status != store.StatusWaiting || c.WaitingSince.IsZero() || !c.WakeAt.IsZero() {
		t.Errorf("got %s, waiting since %s, want it with people", c.Status, c.WaitingSince)
	}
	if got := w.SaidToCustomer(); len(got) != 1 {
		t.Errorf("said %q, want nothing after the menu", got)
	}
}

func TestInboxFaultGivesTheCustomerToPeople(t *testing.T) {
	w, _ := desktest.NewWorldWithFlow(t)
	w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
	id := w.Messages()[0].ID
	// A session that the flow engine cannot have written: reading it is the desk's own fault, not the flow's.
	boom := errors.New("boom")
	err := w.Desk.Store.Write(context.Background(), func(tx *store.Tx) error {
		if err := w.Desk.Runner.Answer(tx, id); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatalf("got %v, want boom", err)
	}
	if m := w.Messages(); len(m) != 1 || !m[0].Pending {
		t.Fatalf("got %+v, want the rolled-back step to leave the message waiting", m)
	}
	w.Write(func(tx *store.Tx) error { return w.Desk.Runner.SetAside(tx, id) })
	if c := w.Only(); c.Status != store.StatusWaiting {
		t.Errorf("got %s, want waiting", c.Status)
	}
	if m := w.Messages(); len(m) != 1 || m[0].Pending {
		t.Errorf("got %+v, want it handled and nothing said", m)
	}
}

func TestFlowHearsOfSilence(t *testing.T) {
	w, _ := desktest.NewWorldWithFlow(t)
	w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.Round()
	w.Round()
	if c := w.Only(); c.Status != store.StatusBot || c.WakeAt.IsZero() {
		t.Fatalf("got %s wake %s, want it to wait for an answer", c.Status, c.WakeAt)
	}
	w.Pass(flows.Patience)
	w.Round()
	if c := w.Only(); c.Status != store.StatusClosed || c.CloseReason != string(flows.ReasonSilence) || c.ClosedBy != store.ByFlow {
		t.Errorf("got %s %q by %s, want closed by the flow for silence", c.Status, c.CloseReason, c.ClosedBy)
	}
}

func TestAwayTextOncePerClosedPeriod(t *testing.T) {
	w, flow := desktest.NewWorldWithFlow(t)
	w.Set("flows", flow, dbx.Params{"active": false, "updated": "2"})
	sales := w.AreaID("sales")
	w.Set("areas", sales, dbx.Params{"awayText": "Estamos cerrados.", "zone": "UTC", "updated": "2"})
	w.Insert("hours", dbx.Params{"area": sales, "week": `{"monday":["14:00-18:00"],"tuesday":["14:00-18:00"]}`, "days": `{"2026-03-04":[]}`, "updated": "2"})
	w.Gets(whatsapp.Message{ID: "A", Text: "hola"}) // Monday 12:00, closed
	w.Write(func(tx *store.Tx) error {
		c, err := tx.Live(w.Contacts()[0].ID, "line")
		if err != nil {
			return err
		}
		return w.Desk.Runner.GiveToPeople(tx, c, conversation.Handover{Area: sales})
	})
	steps := []struct {
		after time.Duration
		want  int // away texts in all
	}{{time.Minute, 1}, {time.Hour, 1}, {2 * time.Hour, 1}, {8 * time.Hour, 2}, {time.Minute, 2}}
	for i, step := range steps {
		w.Pass(step.after)
		w.Gets(whatsapp.Message{ID: string(rune('B' + i)), Text: "¿hay alguien?"})
		w.Round()
		if got := len(w.SaidToCustomer()); got != step.want {
			t.Errorf("step %d at %s: got %d away texts, want %d", i, w.Desk.Store.Now().Format("15:04"), got, step.want)
		}
	}
}

func TestSetContactAndTags(t *testing.T) {
	w := desktest.NewWorld(t)
	w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.Write(func(tx *store.Tx) error {
		c, err := tx.Live(w.Contacts()[0].ID, "line")
		if err != nil {
			return err
		}
		for _, a := range []flows.Action{
			flows.SetContact{Field: "name", Value: "Carla Díaz"}, flows.SetContact{Field: "plan", Value: "gold"},
			flows.SetContact{Field: "old", Value: "x"}, flows.SetContact{Field: "old", Value: ""},
			flows.Tag{Add: []string{"vip", "new"}}, flows.Tag{Add: []string{"vip"}, Remove: []string{"new"}},
			flows.Note{Text: "nota"}, flows.Rate{Score: 5, Of: 5}, flows.Send{Poll: &flows.Poll{Question: "¿?", Options: []string{"a", "b"}}},
		} {
			if err := w.Desk.Runner.CarryOutOne(tx, c, a); err != nil {
				return err
			}
		}
		return nil
	})
	got := w.Contacts()[0]
	if got.Name != "Carla Díaz" || string(got.Fields) != `{"plan":"gold"}` || got.Phone != desktest.Carla.Phone {
		t.Errorf("got name %q fields %s phone %q", got.Name, got.Fields, got.Phone)
	}
	if c := w.Only(); string(c.Tags) != `["vip"]` {
		t.Errorf("got tags %s, want vip", c.Tags)
	}
	if got := desktest.All[store.Message](w, "SELECT * FROM messages WHERE kind = 'poll'"); len(got) != 1 || !strings.Contains(string(got[0].Extra), `"a"`) {
		t.Errorf("got %+v, want a poll with its options", got)
	}
}

func TestCardPhone(t *testing.T) {
	for card, want := range map[string]string{
		"BEGIN:VCARD\nFN:Ana\nTEL;type=CELL;waid=5491122:+54 9 11 22\nEND:VCARD": "+5491122",
		"BEGIN:VCARD\nitem1.TEL:+54 11 33\nEND:VCARD":                            "+54 11 33",
		"BEGIN:VCARD\nFN:TEL\nEND:VCARD":                                         "",
	} {
		if got := runner.CardPhone(card); got != want {
			t.Errorf("cardPhone(%q): got %q, want %q", card, got, want)
		}
	}
}

// TestInboxPassesWhatWasDeleted: somebody deleted a conversation in the dashboard while a message of it waited.
func TestInboxPassesWhatWasDeleted(t *testing.T) {
	w := desktest.NewWorld(t)
	w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.Exec("DELETE FROM conversations")
	w.Round()
	if m := w.Messages(); len(m) != 1 || m[0].Pending {
		t.Errorf("got %+v, want it not to wait any more", m)
	}
}

// TestWhoWroteIsNotSilent: a timer that is due waits for what its customer wrote, however many others wait before it.
func TestWhoWroteIsNotSilent(t *testing.T) {
	w, _ := desktest.NewWorldWithFlow(t)
	w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.Round()
	id := w.Only().ID
	w.Pass(w.Desk.Runner.Patience() - time.Second)
	for i := range runner.InboxBatch {
		w.Gets(whatsapp.Message{ID: "other" + strconv.Itoa(i), Text: "hola", Chat: whatsapp.Address{Phone: strconv.Itoa(5491155560000 + i)}})
	}
	w.Gets(whatsapp.Message{ID: "B", Text: "1"})
	w.Pass(time.Minute)
	w.Round()
	if c := w.Get(id); c.Status != store.StatusBot {
		t.Fatalf("got %s (%s) before the answer was looked at, want bot", c.Status, c.CloseReason)
	}
	w.Round()
	if c := w.Get(id); c.Status == store.StatusBot || c.Status == store.StatusClosed {
		t.Errorf("got %s, want the answer taken: people", c.Status)
	}
}

// TestVotesKeepTheirOrder: a vote has no place between the messages, and is heard after what was written before it.
func TestVotesKeepTheirOrder(t *testing.T) {
	w, _, _ := desktest.Surveyed(t, desktest.OnEnd)
	w.Pass(conversation.SurveyAfter)
	w.Round()
	poll := desktest.All[store.Message](w, "SELECT * FROM messages WHERE kind = 'poll'")[0]
	w.Gets(whatsapp.Message{ID: "C", Text: "5"})
	w.Gets(whatsapp.Message{ID: "D", Kind: whatsapp.Vote, Target: poll.WaID, Votes: []string{"4"}})
	w.Round()
	var scores []string
	for _, e := range desktest.All[store.EventRow](w, "SELECT * FROM events WHERE kind = 'rated' ORDER BY pos") {
		scores = append(scores, string(e.Data))
	}
	if got, want := strings.Join(scores, " "), `{"score":5,"of":5} {"score":4,"of":5}`; got != want {
		t.Errorf("rated %s, want %s", got, want)
	}
}

// TestVotesKeepTheirOrderInALongLine: a vote does not overtake a text that is not in this round because many others wait.
func TestVotesKeepTheirOrderInALongLine(t *testing.T) {
	w, _, _ := desktest.Surveyed(t, desktest.OnEnd)
	w.Pass(conversation.SurveyAfter)
	w.Round()
	poll := desktest.All[store.Message](w, "SELECT * FROM messages WHERE kind = 'poll'")[0]
	for i := range runner.InboxBatch + 6 {
		w.Gets(whatsapp.Message{ID: "o" + strconv.Itoa(i), Chat: whatsapp.Address{Phone: "59899" + strconv.Itoa(100000+i)}, Text: "hola"})
	}
	w.Gets(whatsapp.Message{ID: "C", Text: "5"})
	for i := range runner.InboxBatch + 6 { // more than a batch of votes does not stop the line, either
		w.Gets(whatsapp.Message{ID: "D" + strconv.Itoa(i), Kind: whatsapp.Vote, Target: poll.WaID, Votes: []string{"4"}})
	}
	for more := true; more; {
		var err error
		if more, err = w.Desk.Runner.InboxRound(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var scores []string
	for _, e := range desktest.All[store.EventRow](w, "SELECT * FROM events WHERE kind = 'rated' ORDER BY pos") {
		scores = append(scores, string(e.Data))
	}
	if len(scores) < 2 || scores[0] != `{"score":5,"of":5}` || scores[1] != `{"score":4,"of":5}` {
		t.Errorf("rated %s, want 5 by text before 4 by tap", scores)
	}
	if left := desktest.All[store.Message](w, "SELECT * FROM messages WHERE pending = TRUE"); len(left) > 0 {
		t.Errorf("%d messages still wait", len(left))
	}
}
