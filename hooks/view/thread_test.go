package view_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"mostrador/hooks/api"
	"mostrador/hooks/desktest"
	"mostrador/hooks/presence"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
)

func TestThreadHasMessagesAndEventsNewestFirst(t *testing.T) {
	s := desktest.NewSite(t)
	sales := s.Area("sales")
	ana := s.User("ana", rights.Operator, sales)
	c := s.Conversation(store.StatusWaiting, sales, "")
	var want []string
	for i := range 7 {
		text := fmt.Sprint("text ", i)
		s.Says(c, text)
		want = append(want, text)
		if i%3 == 0 {
			s.Write(func(tx *store.Tx) error {
				row, err := tx.Conversation(c)
				if err != nil {
					return err
				}
				return tx.Event(row, fmt.Sprint("event ", i), store.BySystem, map[string]int{"i": i})
			})
			want = append(want, fmt.Sprint("event ", i))
		}
	}
	slices.Reverse(want)
	b := s.SignIn(ana)
	for _, limit := range []int{1, 3, 4, 100} {
		var got []string
		next := ""
		for {
			var p api.Page[desktest.ThreadLine]
			b.Get(fmt.Sprintf("/api/conversations/%s/messages?limit=%d&before=%s", c, limit, next)).Want(200).Into(&p)
			for _, one := range p.Items {
				got = append(got, one.Text+one.Event)
			}
			if next = p.Next; next == "" {
				break
			}
			if len(p.Items) != limit {
				t.Errorf("got a page of %d with a next one, want %d", len(p.Items), limit)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("limit %d: got %v, want %v", limit, got, want)
		}
	}
	b.Get("/api/conversations/" + c + "/messages?before=x").Want(400)
}

// TestOthersConversationsDoNotExist asks for everything of a conversation that one may not see.
func TestOthersConversationsDoNotExist(t *testing.T) {
	s := desktest.NewSite(t)
	sales, help := s.Area("sales"), s.Area("help")
	ana, bea := s.User("ana", rights.Operator, sales), s.User("bea", rights.Operator, sales)
	sup, other := s.User("sup", rights.Supervisor, sales), s.User("other", rights.Supervisor, help)
	boss := s.User("boss", rights.Admin)
	c := s.Conversation(store.StatusOpen, sales, ana.ID)
	for _, one := range []struct {
		who  rights.Viewer
		want int
	}{{ana, 200}, {bea, 404}, {sup, 200}, {other, 404}, {boss, 200}} {
		b := s.SignIn(one.who)
		for _, path := range []string{"", "/messages"} {
			if got := b.Get("/api/conversations/" + c + path); got.Status != one.want {
				t.Errorf("%s%s: got %d, want %d", one.who.Role, path, got.Status, one.want)
			}
		}
		for path, want := range map[string]int{"/typing": 204, "/view": 200} {
			if one.want != 200 {
				want = one.want
			}
			if got := b.Post("/api/conversations/"+c+path, map[string]bool{"on": true}); got.Status != want {
				t.Errorf("%s%s: got %d, want %d", one.who.Role, path, got.Status, want)
			}
		}
	}
	s.SignIn(boss).Get("/api/conversations/nothing").Want(404)
	s.Guest().Get("/api/conversations/" + c).Want(401)
}

func TestTypingReachesColleaguesOfTheConversation(t *testing.T) {
	s := desktest.NewSite(t)
	sales := s.Area("sales")
	ana, sup, bea := s.User("ana", rights.Operator, sales), s.User("sup", rights.Supervisor, sales), s.User("bea", rights.Operator)
	c := s.Conversation(store.StatusOpen, sales, ana.ID)
	hers, others := s.SignIn(sup).Listen(store.EventTyping, store.EventPresence), s.SignIn(bea).Listen(store.EventTyping, store.EventPresence, store.EventPing)
	b := s.SignIn(ana)
	b.Post("/api/conversations/"+c+"/typing", map[string]bool{"on": true}).Want(204)
	b.Post("/api/conversations/"+c+"/view", map[string]bool{"on": false}).Want(200)
	var got presence.Doing
	hers.Want(store.EventTyping, &got)
	if got.Conversation != c || got.User != ana.ID || got.State != "composing" || !got.On {
		t.Errorf("got %+v, want ana composing in %s", got, c)
	}
	hers.Want(store.EventPresence, &got)
	if got.On {
		t.Errorf("got %+v, want that ana left", got)
	}
	s.Ping()
	if name, _ := others.Next(); name != store.EventPing {
		t.Errorf("somebody who does not see the conversation got %s", name)
	}
}

func TestChangesTellWhatWasMissed(t *testing.T) {
	s := desktest.NewSite(t)
	sales, help := s.Area("sales"), s.Area("help")
	ana := s.User("ana", rights.Operator, sales)
	seen, moved, foreign := s.Conversation(store.StatusWaiting, sales, ""), s.Conversation(store.StatusWaiting, sales, ""), s.Conversation(store.StatusWaiting, help, "")
	b := s.SignIn(ana)
	start := b.Changes(0)
	if len(start.Conversations)+len(start.Messages) != 0 || start.More {
		t.Fatalf("got %+v before anything happened", start)
	}
	s.Says(seen, "uno")
	s.Says(seen, "dos")
	s.Says(foreign, "not hers")
	s.Write(func(tx *store.Tx) error {
		c, err := tx.Conversation(moved)
		if err != nil {
			return err
		}
		before := *c
		c.Area = help
		if err := tx.Save(c, before); err != nil {
			return err
		}
		return tx.Event(c, "transferred", store.BySystem, nil)
	})
	got := b.Changes(start.Cursor)
	if len(got.Conversations) != 1 || got.Conversations[0].ID != seen || got.Conversations[0].Unread != 2 {
		t.Errorf("got conversations %+v, want %s once, with 2 unread", got.Conversations, seen)
	}
	if len(got.Messages) != 2 || got.Messages[0].Text != "uno" || got.Messages[1].Text != "dos" {
		t.Errorf("got messages %+v, want uno and dos", got.Messages)
	}
	if !slices.Equal(got.Removed, []string{moved}) {
		t.Errorf("got removed %v, want %s", got.Removed, moved)
	}
	if again := b.Changes(got.Cursor); len(again.Conversations)+len(again.Messages)+len(again.Removed) != 0 || again.Cursor != got.Cursor {
		t.Errorf("got %+v, want nothing new", again)
	}
}

// TestChangesComeInParts reads a long gap part by part and misses nothing.
func TestChangesComeInParts(t *testing.T) {
	s := desktest.NewSite(t)
	boss := s.User("boss", rights.Admin)
	a, z := s.Conversation(store.StatusWaiting, "", ""), s.Conversation(store.StatusWaiting, "", "")
	for i := range view.WindowRows + 100 {
		s.Says([]string{a, z}[i%2], fmt.Sprint(i))
	}
	b := s.SignIn(boss)
	var texts []string
	parts, since := 0, int64(0)
	for more := true; more; parts++ {
		got := b.Changes(since)
		for _, m := range got.Messages {
			texts = append(texts, m.Text)
		}
		if got.Cursor <= since {
			t.Fatalf("the cursor stays at %d", since)
		}
		since, more = got.Cursor, got.More
	}
	if len(texts) != view.WindowRows+100 || parts != 2 {
		t.Fatalf("got %d messages in %d parts, want %d in 2", len(texts), parts, view.WindowRows+100)
	}
	for i, text := range texts {
		if text != fmt.Sprint(i) {
			t.Fatalf("message %d: got %s", i, text)
		}
	}
}

func TestChangesSayReload(t *testing.T) {
	s := desktest.NewSite(t)
	u := s.Member("ana", rights.Operator)
	b := s.SignIn(rights.Viewer{ID: u.Id})
	now := s.Desk.Hub.Now()
	b.Get("/api/changes?since=x").Want(400)
	b.Get(fmt.Sprint("/api/changes?since=", now+1)).Want(http.StatusGone) // a cursor of a database that was there before a restore
	b.Changes(now)

	u.Set("role", "SUPERVISOR")
	s.Save(u)
	s.Until(func() bool { return s.Desk.Hub.Now() > now }) // it is written down behind the caller's back
	b = s.SignIn(rights.Viewer{ID: u.Id})
	if e := b.Get(fmt.Sprint("/api/changes?since=", now)).Want(http.StatusGone).Refusal(); e.Code != view.ErrReload.Code {
		t.Errorf("got %+v, want %s", e, view.ErrReload.Code)
	}
	now = s.Desk.Hub.Now()
	b.Changes(now)

	s.Write(func(tx *store.Tx) error {
		tx.Seqs(view.MaxMissed)
		tx.Publish(store.Event{Cursor: tx.Seq()})
		return nil
	})
	b.Get(fmt.Sprint("/api/changes?since=", now)).Want(http.StatusGone)
}

// TestEveryReadSeeks asks SQLite how it runs each statement of the reading routes: none may read a big table.
func TestEveryReadSeeks(t *testing.T) {
	w := newTown(t, 60)
	c := w.rows[0]
	for i := range 3 {
		w.Says(c.ID, fmt.Sprint(i))
	}
	big := []string{"conversations", "messages", "contacts", "events", "media", "reactions", "sessions"}
	for _, v := range w.users {
		b := w.SignIn(v)
		b.Get("/api/auth/me").Want(200)
		queries := w.Record()
		for _, path := range []string{"/api/auth/sessions", "/api/conversations", "/api/conversations?view=mine", "/api/conversations?view=waiting", "/api/conversations?q=x&tag=vip",
			"/api/conversations/" + c.ID, "/api/conversations/" + c.ID + "/messages", "/api/changes?since=0"} {
			b.Get(path)
		}
		for _, query := range *queries {
			got := plan(t, w.Desk.Store.App.ConcurrentDB(), query, nil)
			for _, table := range big {
				for _, step := range strings.Split(got, "\n") {
					// An admin's list reads the newest of all by an index, up to its limit.
					if strings.HasPrefix(step, "SCAN "+table) && !strings.Contains(step, "idx_conv_last") {
						t.Errorf("%s: %s\n%s", v.Role, step, query)
					}
				}
			}
		}
		if len(*queries) == 0 {
			t.Error("no query was seen")
		}
	}
}

func TestErrorsSpeakTheUsersLanguage(t *testing.T) {
	s := desktest.NewSite(t)
	chosen := s.User("ana", rights.Operator)
	if _, err := s.Desk.Store.App.DB().NewQuery("UPDATE users SET lang = 'pt-BR'").Execute(); err != nil {
		t.Fatal(err)
	}
	b := s.Guest()
	for accept, want := range map[string]string{"": "en", "es-AR,es;q=0.9": "es", "pt": "pt-BR", "de-DE, pt-PT;q=0.5": "pt-BR", "fr": "en", "en-GB,es": "en"} {
		b.Headers["Accept-Language"] = accept
		e := b.Get("/api/auth/me").Want(401).Refusal()
		if e.Message != api.ErrSignedOut.Say(want) {
			t.Errorf("%s: got %q, want it in %s", accept, e.Message, want)
		}
	}
	b = s.SignIn(chosen)
	b.Headers["Accept-Language"] = "es"
	if e := b.Get("/api/conversations/x").Want(404).Refusal(); e.Message != api.ErrNotFound.Say("pt-BR") {
		t.Errorf("got %q, want it in the language that the user chose", e.Message)
	}
	var shape map[string]json.RawMessage
	b.Get("/api/conversations/x").Into(&shape)
	for _, field := range []string{"status", "message", "code", "data"} {
		if shape[field] == nil {
			t.Errorf("an error without %s: %v", field, shape)
		}
	}
}
