package hooks

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"mostrador/hooks/realtime"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
)

func TestStreamCarriesWhatHappens(t *testing.T) {
	s := newSite(t)
	sales := s.area("sales")
	ana, bea := s.user("ana", rights.Operator, sales), s.user("bea", rights.Operator)
	c := s.conversation(store.StatusWaiting, sales, "")
	hers, other := s.signIn(ana).listen(store.EventMessageNew, store.EventConversation), s.signIn(bea).listen(store.EventMessageNew, store.EventConversation)

	s.says(c, "hola")
	var m view.Message
	hers.want(store.EventMessageNew, &m)
	if m.Text != "hola" || m.Conversation != c {
		t.Errorf("got %+v, want hola in %s", m, c)
	}
	var v view.Conversation
	hers.want(store.EventConversation, &v)
	if v.Unread != 1 || v.LastMessage.Text != "hola" {
		t.Errorf("got %+v, want one unread with its preview", v)
	}
	s.d.Hub.Publish(store.Event{Name: store.EventMessageNew, All: true, Data: map[string]string{"text": "for all"}})
	other.want(store.EventMessageNew, &m)
	if m.Text != "for all" {
		t.Errorf("somebody without the area got %+v", m)
	}
}

func TestSubscriptions(t *testing.T) {
	s := newSite(t)
	sales, help := s.area("sales"), s.area("help")
	ana, boss := s.user("ana", rights.Operator, sales), s.user("boss", rights.Admin)
	b := s.signIn(ana)
	stream := b.connect()
	for _, c := range []struct {
		name string
		who  *browser
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
		{store.EventMessageNew, s.signIn(ana), 403},  // another session of the same person
		{store.EventMessageNew, s.signIn(boss), 403}, // somebody else
		{store.EventMessageNew, s.guest(), 401},
	} {
		got := c.who.post("/api/realtime", map[string]any{"clientId": stream.id, "subscriptions": []string{store.EventTyping, c.name}})
		if got.status != c.want {
			t.Errorf("subscribe to %s: got %d, want %d: %s", c.name, got.status, c.want, got.body)
		}
	}
	s.guest().get("/api/realtime").want(401)
}

// ping sends the heartbeat to every stream now.
func (s *site) ping() {
	s.d.Hub.Mu.Lock()
	all := slices.Collect(maps.Keys(s.d.Hub.Listeners))
	s.d.Hub.Mu.Unlock()
	for _, l := range all {
		s.d.Hub.Ping(l)
	}
}

func TestPingCarriesTheCursorToResumeFrom(t *testing.T) {
	s := newSite(t)
	b := s.signIn(s.user("ana", rights.Operator))
	stream := b.listen(store.EventPing)
	s.says(s.conversation(store.StatusWaiting, s.area("sales"), ""), "not hers to see")
	s.ping()
	name, data := stream.next()
	var p realtime.Payload
	if err := json.Unmarshal([]byte(data), &p); err != nil || name != store.EventPing {
		t.Fatalf("got %s %s, want a ping", name, data)
	}
	if p.Cursor == 0 || p.Cursor != s.d.Hub.Now() {
		t.Errorf("got cursor %d, want %d", p.Cursor, s.d.Hub.Now())
	}
}
