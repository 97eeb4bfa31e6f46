package hooks

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mostrador/hooks/api"
	"mostrador/hooks/presence"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
)

// threadLine is a message or an event as a page reads it.
type threadLine struct {
	ID     string
	Kind   string
	Event  string
	Text   string
	Cursor string
}

func TestThreadHasMessagesAndEventsNewestFirst(t *testing.T) {
	s := newSite(t)
	sales := s.area("sales")
	ana := s.user("ana", rights.Operator, sales)
	c := s.conversation(store.StatusWaiting, sales, "")
	var want []string
	for i := range 7 {
		text := fmt.Sprint("text ", i)
		s.says(c, text)
		want = append(want, text)
		if i%3 == 0 {
			s.write(func(tx *store.Tx) error {
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
	b := s.signIn(ana)
	for _, limit := range []int{1, 3, 4, 100} {
		var got []string
		next := ""
		for {
			var p api.Page[threadLine]
			b.get(fmt.Sprintf("/api/conversations/%s/messages?limit=%d&before=%s", c, limit, next)).want(200).into(&p)
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
	b.get("/api/conversations/" + c + "/messages?before=x").want(400)
}

// TestOthersConversationsDoNotExist asks for everything of a conversation that one may not see.
func TestOthersConversationsDoNotExist(t *testing.T) {
	s := newSite(t)
	sales, help := s.area("sales"), s.area("help")
	ana, bea := s.user("ana", rights.Operator, sales), s.user("bea", rights.Operator, sales)
	sup, other := s.user("sup", rights.Supervisor, sales), s.user("other", rights.Supervisor, help)
	boss := s.user("boss", rights.Admin)
	c := s.conversation(store.StatusOpen, sales, ana.ID)
	for _, one := range []struct {
		who  rights.Viewer
		want int
	}{{ana, 200}, {bea, 404}, {sup, 200}, {other, 404}, {boss, 200}} {
		b := s.signIn(one.who)
		for _, path := range []string{"", "/messages"} {
			if got := b.get("/api/conversations/" + c + path); got.status != one.want {
				t.Errorf("%s%s: got %d, want %d", one.who.Role, path, got.status, one.want)
			}
		}
		for path, want := range map[string]int{"/typing": 204, "/view": 200} {
			if one.want != 200 {
				want = one.want
			}
			if got := b.post("/api/conversations/"+c+path, map[string]bool{"on": true}); got.status != want {
				t.Errorf("%s%s: got %d, want %d", one.who.Role, path, got.status, want)
			}
		}
	}
	s.signIn(boss).get("/api/conversations/nothing").want(404)
	s.guest().get("/api/conversations/" + c).want(401)
}

func TestTypingReachesColleaguesOfTheConversation(t *testing.T) {
	s := newSite(t)
	sales := s.area("sales")
	ana, sup, bea := s.user("ana", rights.Operator, sales), s.user("sup", rights.Supervisor, sales), s.user("bea", rights.Operator)
	c := s.conversation(store.StatusOpen, sales, ana.ID)
	hers, others := s.signIn(sup).listen(store.EventTyping, store.EventPresence), s.signIn(bea).listen(store.EventTyping, store.EventPresence, store.EventPing)
	b := s.signIn(ana)
	b.post("/api/conversations/"+c+"/typing", map[string]bool{"on": true}).want(204)
	b.post("/api/conversations/"+c+"/view", map[string]bool{"on": false}).want(200)
	var got presence.Doing
	hers.want(store.EventTyping, &got)
	if got.Conversation != c || got.User != ana.ID || got.State != "composing" || !got.On {
		t.Errorf("got %+v, want ana composing in %s", got, c)
	}
	hers.want(store.EventPresence, &got)
	if got.On {
		t.Errorf("got %+v, want that ana left", got)
	}
	s.ping()
	if name, _ := others.next(); name != store.EventPing {
		t.Errorf("somebody who does not see the conversation got %s", name)
	}
}

func (b *browser) changes(since int64) changesAnswer {
	b.t.Helper()
	var got changesAnswer
	b.get("/api/changes?since=" + strconv.FormatInt(since, 10)).want(200).into(&got)
	return got
}

type changesAnswer struct {
	Conversations []view.Conversation
	Messages      []threadLine
	Removed       []string
	Cursor        int64 `json:",string"`
	More          bool
}

func TestChangesTellWhatWasMissed(t *testing.T) {
	s := newSite(t)
	sales, help := s.area("sales"), s.area("help")
	ana := s.user("ana", rights.Operator, sales)
	seen, moved, foreign := s.conversation(store.StatusWaiting, sales, ""), s.conversation(store.StatusWaiting, sales, ""), s.conversation(store.StatusWaiting, help, "")
	b := s.signIn(ana)
	start := b.changes(0)
	if len(start.Conversations)+len(start.Messages) != 0 || start.More {
		t.Fatalf("got %+v before anything happened", start)
	}
	s.says(seen, "uno")
	s.says(seen, "dos")
	s.says(foreign, "not hers")
	s.write(func(tx *store.Tx) error {
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
	got := b.changes(start.Cursor)
	if len(got.Conversations) != 1 || got.Conversations[0].ID != seen || got.Conversations[0].Unread != 2 {
		t.Errorf("got conversations %+v, want %s once, with 2 unread", got.Conversations, seen)
	}
	if len(got.Messages) != 2 || got.Messages[0].Text != "uno" || got.Messages[1].Text != "dos" {
		t.Errorf("got messages %+v, want uno and dos", got.Messages)
	}
	if !slices.Equal(got.Removed, []string{moved}) {
		t.Errorf("got removed %v, want %s", got.Removed, moved)
	}
	if again := b.changes(got.Cursor); len(again.Conversations)+len(again.Messages)+len(again.Removed) != 0 || again.Cursor != got.Cursor {
		t.Errorf("got %+v, want nothing new", again)
	}
}

// TestChangesComeInParts reads a long gap part by part and misses nothing.
func TestChangesComeInParts(t *testing.T) {
	s := newSite(t)
	boss := s.user("boss", rights.Admin)
	a, z := s.conversation(store.StatusWaiting, "", ""), s.conversation(store.StatusWaiting, "", "")
	for i := range view.WindowRows + 100 {
		s.says([]string{a, z}[i%2], fmt.Sprint(i))
	}
	b := s.signIn(boss)
	var texts []string
	parts, since := 0, int64(0)
	for more := true; more; parts++ {
		got := b.changes(since)
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
	s := newSite(t)
	u := s.member("ana", rights.Operator)
	b := s.signIn(rights.Viewer{ID: u.Id})
	now := s.d.Hub.Now()
	b.get("/api/changes?since=x").want(400)
	b.get(fmt.Sprint("/api/changes?since=", now+1)).want(http.StatusGone) // a cursor of a database that was there before a restore
	b.changes(now)

	u.Set("role", "SUPERVISOR")
	s.save(u)
	s.until(func() bool { return s.d.Hub.Now() > now }) // it is written down behind the caller's back
	b = s.signIn(rights.Viewer{ID: u.Id})
	if e := b.get(fmt.Sprint("/api/changes?since=", now)).want(http.StatusGone).refusal(); e.Code != api.CodeReload {
		t.Errorf("got %+v, want %s", e, api.CodeReload)
	}
	now = s.d.Hub.Now()
	b.changes(now)

	s.write(func(tx *store.Tx) error {
		tx.Seqs(view.MaxMissed)
		tx.Publish(store.Event{Cursor: tx.Seq()})
		return nil
	})
	b.get(fmt.Sprint("/api/changes?since=", now)).want(http.StatusGone)
}

// TestEveryReadSeeks asks SQLite how it runs each statement of the reading routes: none may read a big table.
func TestEveryReadSeeks(t *testing.T) {
	w := newTown(t, 60)
	c := w.rows[0]
	for i := range 3 {
		w.says(c.ID, fmt.Sprint(i))
	}
	big := []string{"conversations", "messages", "contacts", "events", "media", "reactions", "sessions"}
	for _, v := range w.users {
		b := w.signIn(v)
		b.get("/api/auth/me").want(200)
		queries := w.record()
		for _, path := range []string{"/api/auth/sessions", "/api/conversations", "/api/conversations?view=mine", "/api/conversations?view=waiting", "/api/conversations?q=x&tag=vip",
			"/api/conversations/" + c.ID, "/api/conversations/" + c.ID + "/messages", "/api/changes?since=0"} {
			b.get(path)
		}
		for _, query := range *queries {
			got := plan(t, w.d.Store.App.ConcurrentDB(), query, nil)
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
	s := newSite(t)
	chosen := s.user("ana", rights.Operator)
	if _, err := s.d.Store.App.DB().NewQuery("UPDATE users SET lang = 'pt-BR'").Execute(); err != nil {
		t.Fatal(err)
	}
	b := s.guest()
	for accept, want := range map[string]string{"": "en", "es-AR,es;q=0.9": "es", "pt": "pt-BR", "de-DE, pt-PT;q=0.5": "pt-BR", "fr": "en", "en-GB,es": "en"} {
		b.headers["Accept-Language"] = accept
		e := b.get("/api/auth/me").want(401).refusal()
		if e.Message != api.Sentence(want, api.CodeSignedOut, nil) {
			t.Errorf("%s: got %q, want it in %s", accept, e.Message, want)
		}
	}
	b = s.signIn(chosen)
	b.headers["Accept-Language"] = "es"
	if e := b.get("/api/conversations/x").want(404).refusal(); e.Message != api.Sentences[api.CodeNotFound].Pt {
		t.Errorf("got %q, want it in the language that the user chose", e.Message)
	}
	var shape map[string]json.RawMessage
	b.get("/api/conversations/x").into(&shape)
	for _, field := range []string{"status", "message", "code", "data"} {
		if shape[field] == nil {
			t.Errorf("an error without %s: %v", field, shape)
		}
	}
}
