package realtime_test

import (
	"encoding/json"
	"testing"

	"mostrador/hooks/desktest"
	"mostrador/hooks/realtime"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
)

func TestStreamCarriesWhatHappens(t *testing.T) {
	s := desktest.NewSite(t)
	sales := s.Area("sales")
	ana, bea := s.User("ana", rights.Operator, sales), s.User("bea", rights.Operator)
	c := s.Conversation(store.StatusWaiting, sales, "")
	hers, other := s.SignIn(ana).Listen(store.EventMessageNew, store.EventConversation), s.SignIn(bea).Listen(store.EventMessageNew, store.EventConversation)

	s.Says(c, "hola")
	var m view.Message
	hers.Want(store.EventMessageNew, &m)
	if m.Text != "hola" || m.Conversation != c {
		t.Errorf("got %+v, want hola in %s", m, c)
	}
	var v view.Conversation
	hers.Want(store.EventConversation, &v)
	if v.Unread != 1 || v.LastMessage.Text != "hola" {
		t.Errorf("got %+v, want one unread with its preview", v)
	}
	s.Desk.Hub.Publish(store.Event{Name: store.EventMessageNew, All: true, Data: map[string]string{"text": "for all"}})
	other.Want(store.EventMessageNew, &m)
	if m.Text != "for all" {
		t.Errorf("somebody without the area got %+v", m)
	}
}

func TestSubscriptions(t *testing.T) {
	s := desktest.NewSite(t)
	sales, help := s.Area("sales"), s.Area("help")
	ana, boss := s.User("ana", rights.Operator, sales), s.User("boss", rights.Admin)
	b := s.SignIn(ana)
	stream := b.Connect()
	for _, c := range []struct {
		name string
		who  *desktest.Browser
		want int
	}{
		{store.EventMessageNew, b, 204},
		{"user:" + ana.ID, b, 204},
		{"role:OPERATOR", b, 204},
		{"area:" + sales, b, 204},
		{"area:" + help, b, 403},
		{"area:", b, 403},
		{"user:" + boss.ID, b, 403},
		{"role:ADMIN", b, 403},
		{"messages/*", b, 403},
		{"conversations/*", b, 403},
		{"users/" + ana.ID, b, 403},
		{`message:new?options={"query":{}}`, b, 403},
		{store.EventMessageNew, s.SignIn(ana), 403},  // another session of the same person
		{store.EventMessageNew, s.SignIn(boss), 403}, // somebody else
		{store.EventMessageNew, s.Guest(), 401},
	} {
		got := c.who.Post("/api/realtime", map[string]any{"clientId": stream.ID, "subscriptions": []string{store.EventTyping, c.name}})
		if got.Status != c.want {
			t.Errorf("subscribe to %s: got %d, want %d: %s", c.name, got.Status, c.want, got.Body)
		}
	}
	s.Guest().Get("/api/realtime").Want(401)
}

func TestPingCarriesTheCursorToResumeFrom(t *testing.T) {
	s := desktest.NewSite(t)
	b := s.SignIn(s.User("ana", rights.Operator))
	stream := b.Listen(store.EventPing)
	s.Says(s.Conversation(store.StatusWaiting, s.Area("sales"), ""), "not hers to see")
	s.Ping()
	name, data := stream.Next()
	var p realtime.Payload
	if err := json.Unmarshal([]byte(data), &p); err != nil || name != store.EventPing {
		t.Fatalf("got %s %s, want a ping", name, data)
	}
	if p.Cursor == 0 || p.Cursor != s.Desk.Hub.Now() {
		t.Errorf("got cursor %d, want %d", p.Cursor, s.Desk.Hub.Now())
	}
}
