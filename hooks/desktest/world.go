package desktest

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"mostrador/hooks"
	"mostrador/hooks/lines"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// The people and conversations of tests, written without the code under test.

func (w *World) Insert(table string, row dbx.Params) string {
	w.T.Helper()
	id := store.NewID(w.Desk.Store.Now())
	row["id"] = id
	if _, err := w.Desk.Store.App.NonconcurrentDB().Insert(table, row).Execute(); err != nil {
		w.T.Fatalf("insert into %s: %v", table, err)
	}
	return id
}

// World is a desk with something in it.
type World struct {
	T    testing.TB
	Desk *hooks.Desk
}

func NewWorld(t testing.TB) *World {
	w := &World{t, NewDesk(t)}
	w.Line(whatsapp.Status{State: whatsapp.Connected})
	return w
}

// Line lets the line "line" say how it is; it sends nothing.
func (w *World) Line(s whatsapp.Status) *lines.LineRun {
	run := &lines.LineRun{ID: "line", Lines: &w.Desk.Lines, Line: new(whatsapp.Line), Status: func() whatsapp.Status { return s }}
	w.Desk.Lines.Set.Mu.Lock()
	defer w.Desk.Lines.Set.Mu.Unlock()
	w.Desk.Lines.Set.ByID = map[string]*lines.LineRun{"line": run}
	return run
}

func (w *World) Area(key string) string {
	return w.Insert("areas", dbx.Params{"key": key, "name": key, "active": true})
}

// User works in the areas, is available and takes any number of conversations.
func (w *World) User(name string, role rights.Role, areas ...string) rights.Viewer {
	w.T.Helper()
	id := w.Insert("users", dbx.Params{"username": name, "name": name, "email": name + "@example.com", "role": string(role),
		"active": true, "availability": "available", "tokenKey": name, "password": "x"})
	for _, a := range areas {
		w.Insert("memberships", dbx.Params{"user": id, "area": a})
	}
	return rights.Viewer{ID: id, Role: role, Areas: areas}
}

func (w *World) Contact(phone string) string {
	return w.Insert("contacts", dbx.Params{"pushName": "Carla", "phone": phone})
}

// Conversation is one of a new contact, on line "line".
func (w *World) Conversation(status, area, assignee string) string {
	w.T.Helper()
	now := store.Stamp(w.Desk.Store.Now())
	phone := "549" + store.NewID(w.Desk.Store.Now())[9:]
	row := dbx.Params{"line": "line", "contact": w.Contact(phone), "status": status, "area": area,
		"assignee": assignee, "lastAt": now, "startedAt": now}
	if status == store.StatusWaiting {
		row["waitingSince"] = now
	}
	return w.Insert("conversations", row)
}

// Write runs a cause that must succeed.
func (w *World) Write(fn func(*store.Tx) error) {
	w.T.Helper()
	if err := w.Desk.Store.Write(context.Background(), fn); err != nil {
		w.T.Fatal(err)
	}
}

func (w *World) Get(id string) store.Conversation {
	w.T.Helper()
	c, err := store.Find[store.Conversation](w.Desk.Store.App.DB(), "conversations", id)
	if err != nil {
		w.T.Fatal(err)
	}
	return *c
}

// Says is a message of the customer.
func (w *World) Says(chat, text string) *store.Message {
	w.T.Helper()
	m := &store.Message{Direction: "in", Kind: "text", Author: store.ByContact, Text: text, WaID: store.NewID(w.Desk.Store.Now())}
	w.Add(chat, m)
	return m
}

func (w *World) Add(chat string, m *store.Message) {
	w.T.Helper()
	w.Write(func(tx *store.Tx) error {
		c, err := tx.Conversation(chat)
		if err != nil {
			return err
		}
		return w.Desk.Conversations.AddMessage(tx, c, m)
	})
}

// Pass moves the clock on.
func (w *World) Pass(by time.Duration) {
	now := w.Desk.Store.Now().Add(by)
	w.Desk.Store.Now = func() time.Time { return now }
}

// Hear collects the events that are published from now on.
func (w *World) Hear() *[]store.Event {
	heard := new([]store.Event)
	w.Desk.Store.PublishTo = func(e store.Event) { *heard = append(*heard, e) }
	return heard
}

func (w *World) Exec(sql string) {
	w.T.Helper()
	if _, err := w.Desk.Store.App.NonconcurrentDB().NewQuery(sql).Execute(); err != nil {
		w.T.Fatalf("%s: %v", sql, err)
	}
}

// Setting sets one, as JSON.
func (w *World) Setting(key, value string) {
	w.T.Helper()
	_, err := w.Desk.Settings.Save(w.T.Context(), rights.Viewer{ID: "boss", Role: rights.Admin}, map[string]json.RawMessage{key: json.RawMessage(value)})
	if err != nil {
		w.T.Fatal(err)
	}
}

func (w *World) Available(v rights.Viewer, state string) {
	w.T.Helper()
	w.Exec("UPDATE users SET availability = '" + state + "' WHERE id = '" + v.ID + "'")
}

// LiveOf is the contact's live conversation on line "line"; the zero one when there is none.
func (w *World) LiveOf(contact string) store.Conversation {
	w.T.Helper()
	var rows []store.Conversation
	err := w.Desk.Store.App.DB().NewQuery("SELECT * FROM conversations WHERE contact = '" + contact + "' AND status != 'closed'").All(&rows)
	if err != nil || len(rows) > 1 {
		w.T.Fatalf("live conversations of one contact: got %d (%v), want one at most", len(rows), err)
	}
	return append(rows, store.Conversation{})[0]
}

// Events lists the kinds of a conversation's events, oldest first.
func (w *World) Events(chat string) string {
	w.T.Helper()
	var kinds []string
	if err := w.Desk.Store.App.DB().Select("kind").From("events").Where(Hash("conversation", chat)).OrderBy("pos").Column(&kinds); err != nil {
		w.T.Fatal(err)
	}
	return strings.Join(kinds, " ")
}

func Hash(column string, value any) dbx.HashExp { return dbx.HashExp{column: value} }

func Names(events []store.Event) (names []string) {
	for _, e := range events {
		names = append(names, e.Name)
	}
	return names
}
