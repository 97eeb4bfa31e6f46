package hooks

import (
	"slices"
	"strings"
	"testing"
	"time"

	"mostrador/flows"
	"mostrador/hooks/calls"
	"mostrador/hooks/conversation"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

const surveyFlow = `{"spec":1,"lang":"en","start":"rate","nodes":{
	"rate":{"type":"csat","say":"1 to 5?","poll":true,"comment":"Why?","low":{"upTo":2,"next":"sorry"},"retries":0,"else":"back","silence":{"seconds":3600},"next":"thanks"},
	"sorry":{"type":"redirect","say":"Sorry.","area":"care","note":"A bad score."},
	"back":{"type":"end","say":"Back to the team.","then":"people"},
	"thanks":{"type":"end","say":"Thank you."}}}`

// surveyed is a world in which ana of sales has answered Carla, and closed the conversation.
func surveyed(t *testing.T, triggers string) (w *world, ana rights.Viewer, id string) {
	w, _ = newWorldWithFlow(t)
	w.area("care")
	w.flow(surveyFlow, triggers)
	ana = w.user("ana", rights.Operator, w.areaID("sales"))
	w.gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.round()
	w.gets(whatsapp.Message{ID: "B", Text: "1"})
	w.round()
	id = w.only().ID
	w.must(id, func(tx *store.Tx, c *store.Conversation) error { return w.d.Conversations.Say(tx, c, ana.ID, "Done!") })
	if _, err := w.d.Conversations.CloseConversation(t.Context(), ana, id, conversation.Closing{}); err != nil {
		t.Fatal(err)
	}
	return w, ana, id
}

const onEnd = `[{"on":"end"}]`

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
			w, ana, id := surveyed(t, onEnd)
			w.round()
			if said := w.saidToCustomer(); said[len(said)-1] != "Done!" {
				t.Fatalf("got %q at once, want some time in which closing can be undone", said)
			}
			w.pass(conversation.SurveyAfter)
			w.round()
			if said := w.saidToCustomer(); said[len(said)-1] != "1 to 5?" {
				t.Fatalf("got %q, want the survey", said)
			}
			for _, m := range tt.answers {
				if m.Kind == whatsapp.Vote {
					m.Target = all[store.Message](w, "SELECT * FROM messages WHERE kind = 'poll'")[0].WaID
				}
				w.gets(m)
				w.round()
			}
			c := w.only()
			if said := w.saidToCustomer(); said[len(said)-1] != tt.said {
				t.Errorf("said %q, want %q last", said, tt.said)
			}
			if c.ID != id || c.Status != tt.status || c.Area != w.areaID(tt.area) || (c.Assignee == ana.ID) != tt.assignee {
				t.Errorf("got %s in %s with %q, want %s in %s (ana: %t)", c.Status, c.Area, c.Assignee, tt.status, tt.area, tt.assignee)
			}
			if c.InFlow() || c.Flow != "" || (c.Status == store.StatusClosed) != (c.Unread == 0) || (c.Status == store.StatusClosed) != c.WaitingSince.IsZero() {
				t.Errorf("got flow %q, %d unread, waiting since %q: want the survey over, and who waits shown", c.Flow, c.Unread, c.WaitingSince)
			}
			if events := w.events(id); !strings.Contains(events, tt.events) {
				t.Errorf("got events %q, want %q among them", events, tt.events)
			}
		})
	}
}

func TestSurveyThatDoesNotHappen(t *testing.T) {
	tests := map[string]struct {
		triggers string
		prepare  func(w *world, ana rights.Viewer, id string)
	}{
		"nothing is triggered by the end": {`[{"on":"hand"}]`, nil},
		"it is for another area":          {`[{"on":"end","area":"care"}]`, nil},
		"closing was undone": {onEnd, func(w *world, ana rights.Viewer, id string) {
			if _, err := w.d.Conversations.Reopen(w.t.Context(), ana, id); err != nil {
				w.t.Fatal(err)
			}
		}},
		"the customer writes first":   {onEnd, func(w *world, _ rights.Viewer, _ string) { w.gets(whatsapp.Message{ID: "C", Text: "one more thing"}) }},
		"the desk was down for hours": {onEnd, func(w *world, _ rights.Viewer, _ string) { w.pass(2 * time.Hour) }},
		"the flow was archived": {onEnd, func(w *world, _ rights.Viewer, _ string) {
			w.exec("UPDATE flows SET archivedAt = '2026-01-01 00:00:00.000Z', updated = '9'")
		}},
		"the customer was blocked": {onEnd, func(w *world, _ rights.Viewer, id string) { w.block(w.get(id).Contact) }},
		"the bot is paused":        {onEnd, func(w *world, _ rights.Viewer, _ string) { w.set("lines", "line", dbx.Params{"paused": true}) }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w, ana, id := surveyed(t, tt.triggers)
			if tt.prepare != nil {
				tt.prepare(w, ana, id)
			}
			w.pass(conversation.SurveyAfter)
			w.round()
			w.round()
			if said := w.saidToCustomer(); slices.Contains(said, "1 to 5?") {
				t.Errorf("said %q, want no survey", said)
			}
			if c := w.get(id); c.Status == store.StatusClosed && (!c.WakeAt.IsZero() || c.Unread > 0) {
				t.Errorf("wakes at %q with %d unread, want it at rest", c.WakeAt, c.Unread)
			}
		})
	}
}

func TestSurveyIsOverWhen(t *testing.T) {
	tests := map[string]func(w *world, ana rights.Viewer, id string){
		"nobody answers": func(w *world, _ rights.Viewer, _ string) { w.pass(time.Hour); w.round() },
		"the owner writes on the phone": func(w *world, _ rights.Viewer, _ string) {
			w.gets(whatsapp.Message{ID: "C", FromMe: true, Text: "thanks for coming"})
		},
		"the bot is paused": func(w *world, _ rights.Viewer, _ string) {
			w.set("lines", "line", dbx.Params{"paused": true})
			w.pass(time.Hour)
			w.round()
		},
		"its version is gone when its time is up": func(w *world, _ rights.Viewer, _ string) {
			w.exec("DELETE FROM flow_versions")
			w.exec("UPDATE flows SET updated = '9'")
			w.pass(time.Hour)
			w.round()
		},
	}
	for name, end := range tests {
		t.Run(name, func(t *testing.T) {
			w, ana, id := surveyed(t, onEnd)
			w.pass(conversation.SurveyAfter)
			w.round()
			end(w, ana, id)
			if said := w.saidToCustomer(); slices.Contains(said, "Te paso con una persona del equipo.") {
				t.Errorf("said %q, though nobody is called", said)
			}
			if c := w.only(); c.Status != store.StatusClosed || c.InFlow() || !c.WakeAt.IsZero() {
				t.Errorf("got %s, wakes at %q, want closed and at rest", c.Status, c.WakeAt)
			}
			w.gets(whatsapp.Message{ID: "Z", Text: "hello again"})
			w.round()
			if c := w.only(); c.Status != store.StatusOpen || c.Assignee != ana.ID {
				t.Errorf("got %s with %q, want the next message to open it again with ana", c.Status, c.Assignee)
			}
		})
	}
}

// TestSurveyWhoseResultCannotBeTaken must not come back to the inbox for ever: it would hold up everybody.
func TestSurveyWhoseResultCannotBeTaken(t *testing.T) {
	w, _, id := surveyed(t, onEnd)
	o := w.outside(answers(200, `{"state":"ok"}`))
	w.flow(strings.ReplaceAll(lookUp(`"url":"HOST/"`), "HOST", o.URL), onEnd)
	w.exec(`UPDATE flows SET active = FALSE, updated = '8' WHERE id != (SELECT id FROM flows ORDER BY id DESC LIMIT 1)`)
	w.pass(conversation.SurveyAfter)
	w.round()
	w.ask()
	if row := w.call(); !row.Pending {
		t.Fatalf("got %+v, want a result that waits", row)
	}
	w.write(func(tx *store.Tx) error { return w.d.Runner.SetAsideResult(tx, w.call().ID) })
	if c := w.get(id); w.call().Pending || c.InFlow() {
		t.Errorf("got %s, pending %t, want the survey over", c.Status, w.call().Pending)
	}
}

func TestOnlyWhoTalkedToAPersonIsAsked(t *testing.T) {
	w, _ := newWorldWithFlow(t)
	w.flow(surveyFlow, onEnd)
	w.gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.round()
	w.gets(whatsapp.Message{ID: "B", Text: "2"}) // the flow closes by itself
	w.round()
	w.pass(conversation.SurveyAfter)
	w.round()
	if c := w.only(); c.Status != store.StatusClosed || !c.WakeAt.IsZero() {
		t.Errorf("got %s, wakes at %q, want closed without a survey", c.Status, c.WakeAt)
	}
}

func TestWhoIsSilentInAFlowHearsTheGoodbye(t *testing.T) {
	w, _ := newWorldWithFlow(t)
	w.setting("autoCloseMinutes", "5")
	w.setting("autoCloseMessage", `"Bye."`)
	w.gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.round()
	w.pass(4 * time.Minute)
	w.round()
	if c := w.only(); c.Status != store.StatusBot {
		t.Fatalf("got %s after 4 of 5 minutes, want bot", c.Status)
	}
	w.pass(time.Minute)
	w.round()
	if said := w.saidToCustomer(); w.only().Status != store.StatusClosed || said[len(said)-1] != "Bye." {
		t.Errorf("got %s and %q, want closed with the goodbye", w.only().Status, said)
	}
}

// TestSurveyResultThatCannotBeTaken gives the customer to people, as a message would; it must not come again for ever.
func TestSurveyResultThatCannotBeTaken(t *testing.T) {
	w, ana, id := surveyed(t, onEnd)
	now := store.Stamp(w.d.Store.Now())
	session := store.Raw(flows.Session{Wait: flows.WaitResult, Call: "c1", Frames: []flows.Frame{{Ref: flows.Ref{Flow: "f", Version: 1}}}})
	w.set("conversations", id, dbx.Params{"session": string(session), "wakeAt": store.Stamp(w.d.Store.Now().Add(time.Hour))})
	call := w.insert("calls", dbx.Params{"conversation": id, "call": "c1", "kind": calls.CallHTTP, "state": calls.CallDone, "result": "{}", "pending": true,
		"pos": 1, "dueAt": now, "deadline": now})
	w.write(func(tx *store.Tx) error { return w.d.Runner.SetAsideResult(tx, call) })
	if c := w.get(id); c.Status != store.StatusOpen || c.Assignee != ana.ID || w.call().Pending {
		t.Errorf("got %s with %q, pending %t, want it with ana again", c.Status, c.Assignee, w.call().Pending)
	}
}
