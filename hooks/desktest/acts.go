package desktest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/conversation"
	"mostrador/hooks/outbox"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// CodeOf tells the code of a refusal; "" when there was none.
func CodeOf(err error) string {
	var r *api.Refusal
	if errors.As(err, &r) {
		return r.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// Tick lets the clock jobs run once.
func (w *World) Tick() {
	w.T.Helper()
	if err := w.Desk.Tick(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
}

// Answered is an open conversation of ana's in which she had the last word, and WhatsApp has it.
func (w *World) Answered(area string, ana rights.Viewer) string {
	w.T.Helper()
	id := w.Conversation(store.StatusOpen, area, ana.ID)
	w.Says(id, "¿abren hoy?")
	w.Sent(ana, id, "sí")
	return id
}

// NewWorldWithFlow is a desk with the area "sales", the menu flow and the line "line".
func NewWorldWithFlow(t testing.TB) (w *World, flow string) {
	w = NewWorld(t)
	w.Area("sales")
	flow = w.Flow(MenuFlow, `[{"on":"message"}]`)
	if _, err := w.Desk.Store.App.NonconcurrentDB().Insert("lines", dbx.Params{"id": "line", "name": "Shop"}).Execute(); err != nil {
		t.Fatal(err)
	}
	return w, flow
}

func (w *World) AreaID(key string) (id string) {
	w.T.Helper()
	if err := w.Desk.Store.App.DB().Select("id").From("areas").Where(dbx.HashExp{"key": key}).Row(&id); err != nil {
		w.T.Fatal(err)
	}
	return id
}

// Flow publishes a flow.
func (w *World) Flow(definition, triggers string) string {
	w.T.Helper()
	now := store.Stamp(w.Desk.Store.Now())
	id := w.Insert("flows", dbx.Params{"name": "Menu", "draft": definition, "version": 1, "active": true, "triggers": triggers, "updated": now})
	w.Insert("flow_versions", dbx.Params{"flow": id, "number": 1, "definition": definition})
	return id
}

// SaidToCustomer lists what was said to customers, in order.
func (w *World) SaidToCustomer() (texts []string) {
	w.T.Helper()
	for _, m := range All[store.Message](w, "SELECT * FROM messages WHERE direction = 'out' AND kind != 'note' ORDER BY pos") {
		texts = append(texts, m.Text)
	}
	return texts
}

// Only is the one conversation there is.
func (w *World) Only() store.Conversation {
	w.T.Helper()
	got := All[store.Conversation](w, "SELECT * FROM conversations")
	if len(got) != 1 {
		w.T.Fatalf("got %d conversations, want 1", len(got))
	}
	return got[0]
}

// Set changes a row behind the desk's back.
func (w *World) Set(table, id string, change dbx.Params) {
	w.T.Helper()
	if _, err := w.Desk.Store.App.NonconcurrentDB().Update(table, change, dbx.HashExp{"id": id}).Execute(); err != nil {
		w.T.Fatal(err)
	}
}

var Carla = whatsapp.Address{Phone: "5491123456789", LID: "777"}

// Gets is a live message of a customer, stored.
func (w *World) Gets(m whatsapp.Message) {
	w.T.Helper()
	if m.Chat == (whatsapp.Address{}) {
		m.Chat = Carla
	}
	if m.At.IsZero() {
		m.At = w.Desk.Store.Now()
	}
	if m.Kind == "" {
		m.Kind = whatsapp.Text
	}
	if err := w.Desk.Receiver.Receive("line", m); err != nil {
		w.T.Fatalf("store %s %s: %v", m.Kind, m.ID, err)
	}
}

// All reads the rows of a query.
func All[T any](w *World, query string) (rows []T) {
	w.T.Helper()
	if err := w.Desk.Store.App.DB().NewQuery(query).All(&rows); err != nil {
		w.T.Fatal(err)
	}
	return rows
}

func (w *World) Messages() []store.Message {
	w.T.Helper()
	return All[store.Message](w, "SELECT * FROM messages ORDER BY id")
}

// Round lets the inbox loop look once.
func (w *World) Round() {
	w.T.Helper()
	if _, err := w.Desk.Runner.InboxRound(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
}

// SetPages is how large the database may grow; SQLite takes what it has for the least.
func SetPages(w *World, n int) {
	w.T.Helper()
	if _, err := w.Desk.Store.App.NonconcurrentDB().NewQuery(fmt.Sprintf("PRAGMA max_page_count = %d", n)).Execute(); err != nil {
		w.T.Fatal(err)
	}
}

// Deal hands n conversations over to an area and tells who got them, by name.
func (w *World) Deal(area string, n int, users ...rights.Viewer) string {
	w.T.Helper()
	var got []string
	for range n {
		c := w.Handover(w.Conversation(store.StatusBot, "", ""), conversation.Handover{Area: area})
		name := "-"
		if i := slices.IndexFunc(users, func(v rights.Viewer) bool { return v.ID == c.Assignee }); i >= 0 {
			name = string(rune('a' + i))
		}
		got = append(got, name)
	}
	return strings.Join(got, "")
}

// desk with ana, who has an open conversation with a question of the customer in it.
func AnaAnswers(t *testing.T) (w *World, ana rights.Viewer, id string, question *store.Message) {
	w = NewWorld(t)
	sales := w.Area("sales")
	ana = w.User("ana", rights.Operator, sales)
	id = w.Conversation(store.StatusOpen, sales, ana.ID)
	return w, ana, id, w.Says(id, "¿abren hoy?")
}

func (w *World) Send(v rights.Viewer, id string, n outbox.NewMessage) view.Message {
	w.T.Helper()
	shown, err := w.Desk.Outbox.Send(w.T.Context(), v, id, n)
	if err != nil {
		w.T.Fatal(err)
	}
	return shown
}

func (w *World) Message(id string) store.Message {
	w.T.Helper()
	m, err := store.Find[store.Message](w.Desk.Store.App.DB(), "messages", id)
	if err != nil {
		w.T.Fatal(err)
	}
	return *m
}

// Outbox lists what waits to be sent, as kind:text, oldest first.
func (w *World) Outbox() string {
	w.T.Helper()
	var rows []store.Message
	if err := w.Desk.Store.App.DB().NewQuery("SELECT * FROM messages WHERE outbox = TRUE ORDER BY id").All(&rows); err != nil {
		w.T.Fatal(err)
	}
	var s []string
	for _, m := range rows {
		s = append(s, m.Kind+":"+m.Text)
	}
	return strings.Join(s, " ")
}

// Sent makes a message of ana's that WhatsApp has.
func (w *World) Sent(v rights.Viewer, id, text string) string {
	w.T.Helper()
	m := w.Send(v, id, outbox.NewMessage{Text: text})
	w.Outcome(m.ID, outbox.Result{Sent: true})
	return m.ID
}

// Outcome is what WhatsApp answers to a message of the outbox.
func (w *World) Outcome(id string, r outbox.Result) {
	w.T.Helper()
	if err := (&outbox.LineOutbox{Outbox: &w.Desk.Outbox}).Finish(id, r); err != nil {
		w.T.Fatal(err)
	}
}

// Huge is what one field of a hostile message holds.
var Huge = strings.Repeat("ñandú 👩‍👩‍👧‍👦 <b>&amp;\n", 1<<20/45)

// Receives lets a customer write messages.
func (w *World) Receives(phone string, all ...whatsapp.Message) {
	w.T.Helper()
	for i, m := range all {
		m.Chat, m.At, m.Name = whatsapp.Address{Phone: phone}, w.Desk.Store.Now().Add(time.Duration(i)*time.Millisecond), Huge
		if m.ID == "" {
			m.ID = fmt.Sprint("huge", i)
		}
		if err := w.Desk.Receiver.Receive("line", m); err != nil {
			w.T.Fatalf("%s: %v", m.Kind, err)
		}
	}
}

// On carries something out on a conversation, and answers its error.
func (w *World) On(id string, fn func(*store.Tx, *store.Conversation) error) error {
	return w.Desk.Store.Write(w.T.Context(), func(tx *store.Tx) error {
		c, err := tx.Conversation(id)
		if err != nil {
			return err
		}
		return fn(tx, c)
	})
}

func (w *World) Must(id string, fn func(*store.Tx, *store.Conversation) error) {
	w.T.Helper()
	if err := w.On(id, fn); err != nil {
		w.T.Fatal(err)
	}
}

func (w *World) Handover(id string, h conversation.Handover) store.Conversation {
	w.T.Helper()
	w.Must(id, func(tx *store.Tx, c *store.Conversation) error { return w.Desk.Conversations.Handover(tx, c, h) })
	return w.Get(id)
}

func (w *World) Close(id, by string) {
	w.T.Helper()
	w.Must(id, func(tx *store.Tx, c *store.Conversation) error { return w.Desk.Conversations.Close(tx, c, by, "", "") })
}

const SurveyFlow = `{"spec":1,"lang":"en","start":"rate","nodes":{
	"rate":{"type":"csat","say":"1 to 5?","poll":true,"comment":"Why?","low":{"upTo":2,"next":"sorry"},"retries":0,"else":"back","silence":{"seconds":3600},"next":"thanks"},
	"sorry":{"type":"redirect","say":"Sorry.","area":"care","note":"A bad score."},
	"back":{"type":"end","say":"Back to the team.","then":"people"},
	"thanks":{"type":"end","say":"Thank you."}}}`

// Surveyed is a world in which ana of sales has answered Carla, and closed the conversation.
func Surveyed(t *testing.T, triggers string) (w *World, ana rights.Viewer, id string) {
	w, _ = NewWorldWithFlow(t)
	w.Area("care")
	w.Flow(SurveyFlow, triggers)
	ana = w.User("ana", rights.Operator, w.AreaID("sales"))
	w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.Round()
	w.Gets(whatsapp.Message{ID: "B", Text: "1"})
	w.Round()
	id = w.Only().ID
	w.Must(id, func(tx *store.Tx, c *store.Conversation) error {
		return w.Desk.Conversations.Say(tx, c, ana.ID, "Done!")
	})
	if _, err := w.Desk.Conversations.CloseConversation(t.Context(), ana, id, conversation.Closing{}); err != nil {
		t.Fatal(err)
	}
	return w, ana, id
}

const OnEnd = `[{"on":"end"}]`
