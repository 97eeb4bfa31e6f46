package hooks

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"mostrador/hooks/lines"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// The people and conversations of tests, written without the code under test.

func (w *world) insert(table string, row dbx.Params) string {
	w.t.Helper()
	id := store.NewID(w.d.Store.Now())
	row["id"] = id
	if _, err := w.d.Store.App.NonconcurrentDB().Insert(table, row).Execute(); err != nil {
		w.t.Fatalf("insert into %s: %v", table, err)
	}
	return id
}

// world is a desk with something in it.
type world struct {
	t testing.TB
	d *Desk
}

func newWorld(t testing.TB) *world {
	w := &world{t, newDesk(t)}
	w.line(whatsapp.Status{State: whatsapp.Connected})
	return w
}

// line lets the line "line" say how it is; it sends nothing.
func (w *world) line(s whatsapp.Status) *lines.LineRun {
	run := &lines.LineRun{ID: "line", Lines: &w.d.Lines, Line: new(whatsapp.Line), Status: func() whatsapp.Status { return s }}
	w.d.Lines.Set.Mu.Lock()
	defer w.d.Lines.Set.Mu.Unlock()
	w.d.Lines.Set.ByID = map[string]*lines.LineRun{"line": run}
	return run
}

func (w *world) area(key string) string {
	return w.insert("areas", dbx.Params{"key": key, "name": key, "active": true})
}

// user works in the areas, is available and takes any number of conversations.
func (w *world) user(name string, role rights.Role, areas ...string) rights.Viewer {
	w.t.Helper()
	id := w.insert("users", dbx.Params{"username": name, "name": name, "email": name + "@example.com", "role": string(role),
		"active": true, "availability": "available", "tokenKey": name, "password": "x"})
	for _, a := range areas {
		w.insert("memberships", dbx.Params{"user": id, "area": a})
	}
	return rights.Viewer{ID: id, Role: role, Areas: areas}
}

func (w *world) contact(phone string) string {
	return w.insert("contacts", dbx.Params{"pushName": "Carla", "phone": phone})
}

// conversation is one of a new contact, on line "line".
func (w *world) conversation(status, area, assignee string) string {
	w.t.Helper()
	now := store.Stamp(w.d.Store.Now())
	phone := "549" + store.NewID(w.d.Store.Now())[9:]
	row := dbx.Params{"line": "line", "contact": w.contact(phone), "status": status, "area": area,
		"assignee": assignee, "lastAt": now, "startedAt": now}
	if status == store.StatusWaiting {
		row["waitingSince"] = now
	}
	return w.insert("conversations", row)
}

// write runs a cause that must succeed.
func (w *world) write(fn func(*store.Tx) error) {
	w.t.Helper()
	if err := w.d.Store.Write(context.Background(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) get(id string) store.Conversation {
	w.t.Helper()
	c, err := store.Find[store.Conversation](w.d.Store.App.DB(), "conversations", id)
	if err != nil {
		w.t.Fatal(err)
	}
	return *c
}

// says is a message of the customer.
func (w *world) says(chat, text string) *store.Message {
	w.t.Helper()
	m := &store.Message{Direction: "in", Kind: "text", Author: store.ByContact, Text: text, WaID: store.NewID(w.d.Store.Now())}
	w.add(chat, m)
	return m
}

func (w *world) add(chat string, m *store.Message) {
	w.t.Helper()
	w.write(func(tx *store.Tx) error {
		c, err := tx.Conversation(chat)
		if err != nil {
			return err
		}
		return w.d.Conversations.AddMessage(tx, c, m)
	})
}

// pass moves the clock on.
func (w *world) pass(by time.Duration) {
	now := w.d.Store.Now().Add(by)
	w.d.Store.Now = func() time.Time { return now }
}

// hear collects the events that are published from now on.
func (w *world) hear() *[]store.Event {
	heard := new([]store.Event)
	w.d.Store.PublishTo = func(e store.Event) { *heard = append(*heard, e) }
	return heard
}

func (w *world) exec(sql string) {
	w.t.Helper()
	if _, err := w.d.Store.App.NonconcurrentDB().NewQuery(sql).Execute(); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
}

// setting sets one, as JSON.
func (w *world) setting(key, value string) {
	w.t.Helper()
	_, err := w.d.Settings.Save(w.t.Context(), rights.Viewer{ID: "boss", Role: rights.Admin}, map[string]json.RawMessage{key: json.RawMessage(value)})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) available(v rights.Viewer, state string) {
	w.t.Helper()
	w.exec("UPDATE users SET availability = '" + state + "' WHERE id = '" + v.ID + "'")
}

// liveOf is the contact's live conversation on line "line"; the zero one when there is none.
func (w *world) liveOf(contact string) store.Conversation {
	w.t.Helper()
	var rows []store.Conversation
	err := w.d.Store.App.DB().NewQuery("SELECT * FROM conversations WHERE contact = '" + contact + "' AND status != 'closed'").All(&rows)
	if err != nil || len(rows) > 1 {
		w.t.Fatalf("live conversations of one contact: got %d (%v), want one at most", len(rows), err)
	}
	return append(rows, store.Conversation{})[0]
}

// events lists the kinds of a conversation's events, oldest first.
func (w *world) events(chat string) string {
	w.t.Helper()
	var kinds []string
	if err := w.d.Store.App.DB().Select("kind").From("events").Where(hash("conversation", chat)).OrderBy("pos").Column(&kinds); err != nil {
		w.t.Fatal(err)
	}
	return strings.Join(kinds, " ")
}

func hash(column string, value any) dbx.HashExp { return dbx.HashExp{column: value} }

func names(events []store.Event) (names []string) {
	for _, e := range events {
		names = append(names, e.Name)
	}
	return names
}
