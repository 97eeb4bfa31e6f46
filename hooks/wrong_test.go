package hooks

import (
	"slices"
	"strings"
	"testing"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/conversation"
	"mostrador/hooks/outbox"
	"mostrador/hooks/people"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
)

// TestWrongBodiesNameTheirField has a request for each way to be wrong: what is answered speaks of what was sent.
func TestWrongBodiesNameTheirField(t *testing.T) {
	s := newSite(t)
	sales := s.area("sales")
	boss := s.user("boss", rights.Admin, sales)
	c := "/api/conversations/" + s.conversation(store.StatusOpen, sales, boss.ID)
	s.insertLine()
	s.exec("UPDATE lines SET standard = TRUE")
	b := s.signIn(boss)
	tooLate := s.d.Store.Now().Add(conversation.MaxAhead + time.Hour).UTC().Format(time.RFC3339)
	for _, row := range []struct {
		request, body, field, code string
	}{
		{"POST " + c + "/messages", `{"text":5}`, "text", api.CodeBadValue},
		{"POST " + c + "/messages", `{"reaction":{"emoji":5}}`, "reaction.emoji", api.CodeBadValue},
		{"POST " + c + "/messages", `{"cards":[{"name":5}]}`, "cards.name", api.CodeBadValue},
		{"POST " + c + "/messages", `{"text":"x","sendAt":5}`, "sendAt", api.CodeBadValue},
		{"POST " + c + "/messages", `{"text":"x","sendAt":"soon"}`, "sendAt", api.CodeBadValue},
		{"POST " + c + "/messages", `{"text":"x","sendAt":"9999-12-31T00:00:00Z"}`, "sendAt", api.CodeTooFar},
		{"POST " + c + "/messages", `{"text":"x","sendAt":"` + tooLate + `"}`, "sendAt", api.CodeTooFar},
		{"POST " + c + "/messages", `{"text":"x","sendAt":"1999-12-31T00:00:00Z"}`, "sendAt", api.CodePastTime},
		{"POST " + c + "/snooze", `{"until":true}`, "until", api.CodeBadValue},
		{"POST " + c + "/snooze", `{"until":"soon"}`, "until", api.CodeBadValue},
		{"POST " + c + "/snooze", `{"until":"9999-12-31T00:00:00Z"}`, "until", api.CodeTooFar},
		{"POST " + c + "/snooze", `{"until":"1999-12-31T00:00:00Z"}`, "until", api.CodePastTime},
		{"POST " + c + "/messages", `{"reaction":{"id":"x","emoji":"hola"}}`, "reaction", api.CodeBadValue},
		{"POST /api/areas", `{"name":""}`, "name", api.CodeBadValue},
		{"POST /api/areas", `{}`, "name", api.CodeBadValue},
		{"POST /api/areas", `{"name":" "}`, "name", api.CodeBadValue},
		{"PATCH /api/bot/metadata", `{"phone":"zzz"}`, "phone", api.CodeBadValue},
		{"GET /api/users?before=zzz", "", "before", api.CodeBadValue},
		{"GET /api/users?before=../../../../../", "", "before", api.CodeBadValue},
	} {
		method, path, _ := strings.Cut(row.request, " ")
		var body any
		if row.body != "" {
			body = row.body
		}
		e := b.do(method, path, body).want(400).refusal()
		if data, _ := e.Data.(map[string]any); e.Code != row.code || len(data) != 1 || data[row.field] == nil {
			t.Errorf("%s %s: got %s about %v, want %s about %s", row.request, row.body, e.Code, e.Data, row.code, row.field)
		}
	}
	b.post(c+"/snooze", `{"until":null}`).want(200)
	b.post(c+"/messages", `{"text":"x","sendAt":null}`).want(201)
}

// A line that is linked has WhatsApp's number: another is not taken, and nonsense is refused all the same.
func TestNonsenseIsNoNumberOfALinkedLine(t *testing.T) {
	s := newSite(t)
	s.insertLine()
	s.exec("UPDATE lines SET standard = TRUE, device = '5491155550100:1@s.whatsapp.net'")
	b := s.signIn(s.user("boss", rights.Admin))
	b.do("PATCH", "/api/bot/metadata", `{"phone":"zzz"}`).want(400)
	b.do("PATCH", "/api/bot/metadata", `{"phone":"+54 9 11 5555-0100"}`).want(200)
}

func TestTwoAreasInUseHaveTwoNames(t *testing.T) {
	s := newSite(t)
	b := s.signIn(s.user("boss", rights.Admin))
	var first, second, third people.AreaView
	b.post("/api/areas", map[string]any{"name": "Atención"}).want(201).into(&first)
	taken := func(a *answer) {
		t.Helper()
		e := a.want(409).refusal()
		if data, _ := e.Data.(map[string]any); e.Code != api.CodeAreaTaken || data["name"] == nil {
			t.Errorf("got %s about %v, want %s about name", e.Code, e.Data, api.CodeAreaTaken)
		}
	}
	taken(b.post("/api/areas", map[string]any{"name": " ATENCION ", "key": "another"}))
	b.post("/api/areas", map[string]any{"name": "atencion", "key": "off", "active": false}).want(201).into(&second)
	taken(b.do("PUT", "/api/areas/"+second.ID, map[string]any{"active": true}))
	b.do("PUT", "/api/areas/"+second.ID, map[string]any{"active": true, "name": "Ventas"}).want(200)
	taken(b.do("PUT", "/api/areas/"+second.ID, map[string]any{"name": "Atencion"}))
	b.do("PUT", "/api/areas/"+first.ID, map[string]any{"name": "ATENCIÓN", "color": 2}).want(200) // its own
	s.exec("UPDATE areas SET name = 'Atención'")                                                  // of a time before this rule
	b.do("PUT", "/api/areas/"+first.ID, map[string]any{"name": "Atención", "color": 3}).want(200)
	b.post("/api/areas", map[string]any{"name": "销售"}).want(201).into(&third) // no letters for a key
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
