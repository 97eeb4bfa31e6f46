package conversation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"mostrador/flows"
	"mostrador/hooks/calls"
	"mostrador/hooks/conversation"
	"mostrador/hooks/desktest"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

func TestSurveyAfterClosing(t *testing.T) {
	tests := map[string]struct {
		answers  []whatsapp.Message
		said     string // last
		status   string
		area     string
		assignee bool // ana
		events   string
	}{
		"a good score": {[]whatsapp.Message{{ID: "C", Text: "5"}, {ID: "D", Text: "quick"}}, "Thank you.", store.StatusClosed, "sales", true, "rated"},
		"a tap on the poll": {[]whatsapp.Message{{ID: "C", Kind: whatsapp.Vote, Votes: []string{"4"}}, {ID: "D", Text: "nice"}}, "Thank you.",
			store.StatusClosed, "sales", true, "rated"},
		"a bad score goes to the area that the flow names": {[]whatsapp.Message{{ID: "C", Text: "1"}, {ID: "D", Text: "slow"}}, "Sorry.",
			store.StatusWaiting, "care", false, "reopened"},
		"something else comes back to whoever had it": {[]whatsapp.Message{{ID: "C", Text: "it broke again"}}, "Back to the team.",
			store.StatusOpen, "sales", true, "reopened"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w, ana, id := desktest.Surveyed(t, desktest.OnEnd)
			w.Round()
			if said := w.SaidToCustomer(); said[len(said)-1] != "Done!" {
				t.Fatalf("got %q at once, want some time in which closing can be undone", said)
			}
			w.Pass(conversation.SurveyAfter)
			w.Round()
			if said := w.SaidToCustomer(); said[len(said)-1] != "1 to 5?" {
				t.Fatalf("got %q, want the survey", said)
			}
			for _, m := range tt.answers {
				if m.Kind == whatsapp.Vote {
					m.Target = desktest.All[store.Message](w, "SELECT * FROM messages WHERE kind = 'poll'")[0].WaID
				}
				w.Gets(m)
				w.Round()
			}
			c := w.Only()
			if said := w.SaidToCustomer(); said[len(said)-1] != tt.said {
				t.Errorf("said %q, want %q last", said, tt.said)
			}
			if c.ID != id || c.Status != tt.status || c.Area != w.AreaID(tt.area) || (c.Assignee == ana.ID) != tt.assignee {
				t.Errorf("got %s in %s with %q, want %s in %s (ana: %t)", c.Status, c.Area, c.Assignee, tt.status, tt.area, tt.assignee)
			}
			if c.InFlow() || c.Flow != "" || (c.Status == store.StatusClosed) != (c.Unread == 0) || (c.Status == store.StatusClosed) != c.WaitingSince.IsZero() {
				t.Errorf("got flow %q, %d unread, waiting since %q: want the survey over, and who waits shown", c.Flow, c.Unread, c.WaitingSince)
			}
			if events := w.Events(id); !strings.Contains(events, tt.events) {
				t.Errorf("got events %q, want %q among them", events, tt.events)
			}
		})
	}
}

func TestSurveyThatDoesNotHappen(t *testing.T) {
	tests := map[string]struct {
		triggers string
		prepare  func(w *desktest.World, ana rights.Viewer, id string)
	}{
		"nothing is triggered by the end": {`[{"on":"hand"}]`, nil},
		"it is for another area":          {`[{"on":"end","area":"care"}]`, nil},
		"closing was undone": {desktest.OnEnd, func(w *desktest.World, ana rights.Viewer, id string) {
			if _, err := w.Desk.Conversations.Reopen(w.T.Context(), ana, id); err != nil {
				w.T.Fatal(err)
			}
		}},
		"the customer writes first": {desktest.OnEnd, func(w *desktest.World, _ rights.Viewer, _ string) {
			w.Gets(whatsapp.Message{ID: "C", Text: "one more thing"})
		}},
		"the desk was down for hours": {desktest.OnEnd, func(w *desktest.World, _ rights.Viewer, _ string) { w.Pass(2 * time.Hour) }},
		"the flow was archived": {desktest.OnEnd, func(w *desktest.World, _ rights.Viewer, _ string) {
			w.Exec("UPDATE flows SET archivedAt = '2026-01-01 00:00:00.000Z', updated = '9'")
		}},
		"the customer was blocked": {desktest.OnEnd, func(w *desktest.World, _ rights.Viewer, id string) { w.Block(w.Get(id).Contact) }},
		"the bot is paused":        {desktest.OnEnd, func(w *desktest.World, _ rights.Viewer, _ string) { w.Set("lines", "line", dbx.Params{"paused": true}) }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w, ana, id := desktest.Surveyed(t, tt.triggers)
			if tt.prepare != nil {
				tt.prepare(w, ana, id)
			}
			w.Pass(conversation.SurveyAfter)
			w.Round()
			w.Round()
			if said := w.SaidToCustomer(); slices.Contains(said, "1 to 5?") {
				t.Errorf("said %q, want no survey", said)
			}
			if c := w.Get(id); c.Status == store.StatusClosed && (!c.WakeAt.IsZero() || c.Unread > 0) {
				t.Errorf("wakes at %q with %d unread, want it at rest", c.WakeAt, c.Unread)
			}
		})
	}
}

func TestSurveyIsOverWhen(t *testing.T) {
	tests := map[string]func(w *desktest.World, ana rights.Viewer, id string){
		"nobody answers": func(w *desktest.World, _ rights.Viewer, _ string) { w.Pass(time.Hour); w.Round() },
		"the owner writes on the phone": func(w *desktest.World, _ rights.Viewer, _ string) {
			w.Gets(whatsapp.Message{ID: "C", FromMe: true, Text: "thanks for coming"})
		},
		"the bot is paused": func(w *desktest.World, _ rights.Viewer, _ string) {
			w.Set("lines", "line", dbx.Params{"paused": true})
			w.Pass(time.Hour)
			w.Round()
		},
		"its version is gone when its time is up": func(w *desktest.World, _ rights.Viewer, _ string) {
			w.Exec("DELETE FROM flow_versions")
			w.Exec("UPDATE flows SET updated = '9'")
			w.Pass(time.Hour)
			w.Round()
		},
	}
	for name, end := range tests {
		t.Run(name, func(t *testing.T) {
			w, ana, id := desktest.Surveyed(t, desktest.OnEnd)
			w.Pass(conversation.SurveyAfter)
			w.Round()
			end(w, ana, id)
			if said := w.SaidToCustomer(); slices.Contains(said, "Te paso con una persona del equipo.") {
				t.Errorf("said %q, though nobody is called", said)
			}
			if c := w.Only(); c.Status != store.StatusClosed || c.InFlow() || !c.WakeAt.IsZero() {
				t.Errorf("got %s, wakes at %q, want closed and at rest", c.Status, c.WakeAt)
			}
			w.Gets(whatsapp.Message{ID: "Z", Text: "hello again"})
			w.Round()
			if c := w.Only(); c.Status != store.StatusOpen || c.Assignee != ana.ID {
				t.Errorf("got %s with %q, want the next message to open it again with ana", c.Status, c.Assignee)
			}
		})
	}
}

// TestSurveyWhoseResultCannotBeTaken must not come back to the inbox for ever: it would hold up everybody.
func TestSurveyWhoseResultCannotBeTaken(t *testing.T) {
	w, _, id := desktest.Surveyed(t, desktest.OnEnd)
	o := w.Outside(desktest.Answers(200, `{"state":"ok"}`))
	w.Flow(strings.ReplaceAll(desktest.LookUp(`"url":"HOST/"`), "HOST", o.URL), desktest.OnEnd)
	w.Exec(`UPDATE flows SET active = FALSE, updated = '8' WHERE id != (SELECT id FROM flows ORDER BY id DESC LIMIT 1)`)
	w.Pass(conversation.SurveyAfter)
	w.Round()
	w.Ask()
	if row := w.Call(); !row.Pending {
		t.Fatalf("got %+v, want a result that waits", row)
	}
	w.Write(func(tx *store.Tx) error { return w.Desk.Runner.SetAsideResult(tx, w.Call().ID) })
	if c := w.Get(id); w.Call().Pending || c.InFlow() {
		t.Errorf("got %s, pending %t, want the survey over", c.Status, w.Call().Pending)
	}
}

func TestOnlyWhoTalkedToAPersonIsAsked(t *testing.T) {
	w, _ := desktest.NewWorldWithFlow(t)
	w.Flow(desktest.SurveyFlow, desktest.OnEnd)
	w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.Round()
	w.Gets(whatsapp.Message{ID: "B", Text: "2"}) // the flow closes by itself
	w.Round()
	w.Pass(conversation.SurveyAfter)
	w.Round()
	if c := w.Only(); c.Status != store.StatusClosed || !c.WakeAt.IsZero() {
		t.Errorf("got %s, wakes at %q, want closed without a survey", c.Status, c.WakeAt)
	}
}

func TestWhoIsSilentInAFlowHearsTheGoodbye(t *testing.T) {
	w, _ := desktest.NewWorldWithFlow(t)
	w.Setting("autoCloseMinutes", "5")
	w.Setting("autoCloseMessage", `"Bye."`)
	w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.Round()
	w.Pass(4 * time.Minute)
	w.Round()
	if c := w.Only(); c.Status != store.StatusBot {
		t.Fatalf("got %s after 4 of 5 minutes, want bot", c.Status)
	}
	w.Pass(time.Minute)
	w.Round()
	if said := w.SaidToCustomer(); w.Only().Status != store.StatusClosed || said[len(said)-1] != "Bye." {
		t.Errorf("got %s and %q, want closed with the goodbye", w.Only().Status, said)
	}
}

// TestSurveyResultThatCannotBeTaken gives the customer to people, as a message would; it must not come again for ever.
func TestSurveyResultThatCannotBeTaken(t *testing.T) {
	w, ana, id := desktest.Surveyed(t, desktest.OnEnd)
	now := store.Stamp(w.Desk.Store.Now())
	session := store.Raw(flows.Session{Wait: flows.WaitResult, Call: "c1", Frames: []flows.Frame{{Ref: flows.Ref{Flow: "f", Version: 1}}}})
	w.Set("conversations", id, dbx.Params{"session": string(session), "wakeAt": store.Stamp(w.Desk.Store.Now().Add(time.Hour))})
	call := w.Insert("calls", dbx.Params{"conversation": id, "call": "c1", "kind": calls.CallHTTP, "state": calls.CallDone, "result": "{}", "pending": true,
		"pos": 1, "dueAt": now, "deadline": now})
	w.Write(func(tx *store.Tx) error { return w.Desk.Runner.SetAsideResult(tx, call) })
	if c := w.Get(id); c.Status != store.StatusOpen || c.Assignee != ana.ID || w.Call().Pending {
		t.Errorf("got %s with %q, pending %t, want it with ana again", c.Status, c.Assignee, w.Call().Pending)
	}
}
