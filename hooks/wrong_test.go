package hooks_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/conversation"
	"mostrador/hooks/desktest"
	"mostrador/hooks/outbox"
	"mostrador/hooks/people"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
)

// TestWrongBodiesNameTheirField has a request for each way to be wrong: what is answered speaks of what was sent.
func TestWrongBodiesNameTheirField(t *testing.T) {
	s := desktest.NewSite(t)
	sales := s.Area("sales")
	boss := s.User("boss", rights.Admin, sales)
	c := "/api/conversations/" + s.Conversation(store.StatusOpen, sales, boss.ID)
	s.InsertLine()
	s.Exec("UPDATE lines SET standard = TRUE")
	b := s.SignIn(boss)
	tooLate := s.Desk.Store.Now().Add(conversation.MaxAhead + time.Hour).UTC().Format(time.RFC3339)
	for _, row := range []struct {
		request, body, field, code string
	}{
		{"POST " + c + "/messages", `{"text":5}`, "text", api.ErrBadValue.Code},
		{"POST " + c + "/messages", `{"reaction":{"emoji":5}}`, "reaction.emoji", api.ErrBadValue.Code},
		{"POST " + c + "/messages", `{"cards":[{"name":5}]}`, "cards.name", api.ErrBadValue.Code},
		{"POST " + c + "/messages", `{"text":"x","sendAt":5}`, "sendAt", api.ErrBadValue.Code},
		{"POST " + c + "/messages", `{"text":"x","sendAt":"soon"}`, "sendAt", api.ErrBadValue.Code},
		{"POST " + c + "/messages", `{"text":"x","sendAt":"9999-12-31T00:00:00Z"}`, "sendAt", conversation.ErrTooFar.Code},
		{"POST " + c + "/messages", `{"text":"x","sendAt":"` + tooLate + `"}`, "sendAt", conversation.ErrTooFar.Code},
		{"POST " + c + "/messages", `{"text":"x","sendAt":"1999-12-31T00:00:00Z"}`, "sendAt", conversation.ErrPastTime.Code},
		{"POST " + c + "/snooze", `{"until":true}`, "until", api.ErrBadValue.Code},
		{"POST " + c + "/snooze", `{"until":"soon"}`, "until", api.ErrBadValue.Code},
		{"POST " + c + "/snooze", `{"until":"9999-12-31T00:00:00Z"}`, "until", conversation.ErrTooFar.Code},
		{"POST " + c + "/snooze", `{"until":"1999-12-31T00:00:00Z"}`, "until", conversation.ErrPastTime.Code},
		{"POST " + c + "/messages", `{"reaction":{"id":"x","emoji":"hola"}}`, "reaction", api.ErrBadValue.Code},
		{"POST /api/areas", `{"name":""}`, "name", api.ErrBadValue.Code},
		{"POST /api/areas", `{}`, "name", api.ErrBadValue.Code},
		{"POST /api/areas", `{"name":" "}`, "name", api.ErrBadValue.Code},
		{"PATCH /api/bot/metadata", `{"phone":"zzz"}`, "phone", api.ErrBadValue.Code},
		{"GET /api/users?before=zzz", "", "before", api.ErrBadValue.Code},
		{"GET /api/users?before=../../../../../", "", "before", api.ErrBadValue.Code},
	} {
		method, path, _ := strings.Cut(row.request, " ")
		var body any
		if row.body != "" {
			body = row.body
		}
		e := b.Do(method, path, body).Want(400).Refusal()
		if data, _ := e.Data.(map[string]any); e.Code != row.code || len(data) != 1 || data[row.field] == nil {
			t.Errorf("%s %s: got %s about %v, want %s about %s", row.request, row.body, e.Code, e.Data, row.code, row.field)
		}
	}
	b.Post(c+"/snooze", `{"until":null}`).Want(200)
	b.Post(c+"/messages", `{"text":"x","sendAt":null}`).Want(201)
}

// A line that is linked has WhatsApp's number: another is not taken, and nonsense is refused all the same.
func TestNonsenseIsNoNumberOfALinkedLine(t *testing.T) {
	s := desktest.NewSite(t)
	s.InsertLine()
	s.Exec("UPDATE lines SET standard = TRUE, device = '5491155550100:1@s.whatsapp.net'")
	b := s.SignIn(s.User("boss", rights.Admin))
	b.Do("PATCH", "/api/bot/metadata", `{"phone":"zzz"}`).Want(400)
	b.Do("PATCH", "/api/bot/metadata", `{"phone":"+54 9 11 5555-0100"}`).Want(200)
}

func TestTwoAreasInUseHaveTwoNames(t *testing.T) {
	s := desktest.NewSite(t)
	b := s.SignIn(s.User("boss", rights.Admin))
	var first, second, third people.AreaView
	b.Post("/api/areas", map[string]any{"name": "Atención"}).Want(201).Into(&first)
	taken := func(a *desktest.Answer) {
		t.Helper()
		e := a.Want(409).Refusal()
		if data, _ := e.Data.(map[string]any); e.Code != people.ErrAreaTaken.Code || data["name"] == nil {
			t.Errorf("got %s about %v, want %s about name", e.Code, e.Data, people.ErrAreaTaken.Code)
		}
	}
	taken(b.Post("/api/areas", map[string]any{"name": " ATENCION ", "key": "another"}))
	b.Post("/api/areas", map[string]any{"name": "atencion", "key": "off", "active": false}).Want(201).Into(&second)
	taken(b.Do("PUT", "/api/areas/"+second.ID, map[string]any{"active": true}))
	b.Do("PUT", "/api/areas/"+second.ID, map[string]any{"active": true, "name": "Ventas"}).Want(200)
	taken(b.Do("PUT", "/api/areas/"+second.ID, map[string]any{"name": "Atencion"}))
	b.Do("PUT", "/api/areas/"+first.ID, map[string]any{"name": "ATENCIÓN", "color": 2}).Want(200) // its own
	s.Exec("UPDATE areas SET name = 'Atención'")                                                  // of a time before this rule
	b.Do("PUT", "/api/areas/"+first.ID, map[string]any{"name": "Atención", "color": 3}).Want(200)
	b.Post("/api/areas", map[string]any{"name": "销售"}).Want(201).Into(&third) // no letters for a key
	if third.Key == "" || third.Name != "销售" {
		t.Errorf("got %+v, want a key that is made up", third)
	}
}

func TestReactionsAreEmoji(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, "👍": true, "👍🏽": true, "❤️": true, "❤": true, "😂": true, "🫡": true, "☺️": true, "✌🏻": true, "‼️": true, "ℹ️": true, "↔️": true, "©️": true,
		"🕵🏻‍♂️": true, "🏳️‍🌈": true, "👩🏻‍❤️‍💋‍👨🏼": true, "🇦🇷": true, "🏴󠁧󠁢󠁥󠁮󠁧󠁿": true, "1️⃣": true, "#⃣": true, "🫩": true, "㊗️": true, "⭐": true,
		"a": false, "hola": false, "5": false, " ": false, "👍 ": false, "👍👍": false, "👍a": false, "🇦": false, "🇦🇷🇧🇷": false, "\u200d": false, "👍\u200d": false,
		"\ufe0f": false, "!": false, "^": false, "°": false, "∑": false, "ñ": false, "<b>": false, "1": false, "\xff": false, "11️⃣": false,
		strings.Repeat("👍\u200d", 9) + "👍": false, "👍🏽🏽": false, "①": false, "\n👍": false, "👍\n": false,
	} {
		if got := outbox.IsReaction(text); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

func TestJSONPathsNameNoGo(t *testing.T) {
	type inner struct {
		List []struct {
			At time.Time `json:"at"`
		} `json:"list"`
	}
	type outer struct {
		*inner
		More map[string]inner `json:"more"`
	}
	got := []string{}
	for _, path := range []string{"inner.list.at", "more.list.at", "more.inner", "else.inner"} {
		got = append(got, api.JSONPath(new(outer), path))
	}
	if want := []string{"list.at", "more.list.at", "more.inner", "else.inner"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
