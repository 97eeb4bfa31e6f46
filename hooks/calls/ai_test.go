package calls_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"mostrador/hooks/calls"
	"mostrador/hooks/desktest"
	"mostrador/hooks/secrets"
	"mostrador/hooks/store"
	"mostrador/whatsapp"
)

// modelFlow lets a model answer; node is the rest of its ai node.
func modelFlow(node string) string {
	return `{"spec":1,"start":"ai","nodes":{
		"ai":{"type":"ai","system":"Sé breve.","next":"bye","unsure":"unsure","fail":"failed"` + node + `},
		"bye":{"type":"end","say":"Chau."},
		"unsure":{"type":"redirect","say":"No estoy seguro.","area":"sales"},
		"failed":{"type":"redirect","say":"No puedo.","area":"sales"}}}`
}

// model is a desk with an endpoint for a language model, whose customer has asked it something.
func newModel(t *testing.T, h http.HandlerFunc, node string, prepare ...func(*desktest.World)) (*desktest.World, *desktest.Outside) {
	t.Helper()
	w := desktest.NewWorld(t)
	o := w.Outside(h)
	w.Setting("aiURL", `"`+o.URL+`/v1/"`)
	w.Setting("aiModel", `"small-1"`)
	w.Area("sales")
	w.Flow(modelFlow(node), `[{"on":"message"}]`)
	w.InsertLine()
	for _, fn := range prepare {
		fn(w)
	}
	w.Gets(whatsapp.Message{ID: "A", Text: "¿a qué hora abren?"})
	w.Round()
	return w, o
}

// chat is an answer of an endpoint; rest is what follows the message.
func chat(text, rest string) http.HandlerFunc {
	said, _ := json.Marshal(text)
	return desktest.Answers(200, `{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":`+string(said)+`}`+rest+`}],"usage":{}}`)
}

func TestModelIsAsked(t *testing.T) {
	var key string
	w, o := newModel(t, func(rw http.ResponseWriter, r *http.Request) {
		key = r.Header.Get("Authorization")
		chat("De 9 a 18.", "")(rw, r)
	}, `,"prompt":"Contesta en español.","maxTokens":300`, func(w *desktest.World) { w.Secret("ai", desktest.Hunter); w.Setting("aiMaxTokens", "200") })
	row := w.Call()
	w.Ask()
	w.Round()
	want := "POST /v1/chat/completions " + row.ID + ` application/json {"model":"small-1","messages":[{"role":"system","content":"SYSTEM"},` +
		`{"role":"user","content":"¿a qué hora abren?\n\nContesta en español."}],"max_tokens":200}`
	got := strings.Join(o.Requests(), ";")
	var body calls.ChatRequest
	if err := json.Unmarshal([]byte(got[strings.Index(got, "{"):]), &body); err != nil {
		t.Fatal(err)
	}
	system := body.Messages[0].Content
	if quoted, _ := json.Marshal(system); got != strings.Replace(want, `"SYSTEM"`, string(quoted), 1) || !strings.HasPrefix(system, "Sé breve.") || !strings.Contains(system, "[[person]]") {
		t.Errorf("asked %s, want %s", got, want)
	}
	if key != "Bearer "+desktest.Hunter {
		t.Errorf("got the key %q", key)
	}
	if got := w.Said(); got != "De 9 a 18. | Chau." {
		t.Errorf("said %q", got)
	}
	if row := w.Call(); row.Kind != calls.CallAI || row.Host == "" || row.State != calls.CallDone {
		t.Errorf("got %+v", row)
	}
}

func TestHowAModelAnswers(t *testing.T) {
	const fine, unsure, failed = "De 9 a 18. | Chau.", "No estoy seguro.", "No puedo."
	sure := func(logs ...string) string { return `,"logprobs":{"content":[` + strings.Join(logs, ",") + `]}` }
	for name, tt := range map[string]struct {
		h      http.HandlerFunc
		node   string
		said   string
		reason string
	}{
		"plain":             {chat(" De 9 a 18.\n", ""), "", fine, ""},
		"thinking aloud":    {chat("<think>Hm.</think>\n\nDe 9 a 18.", ""), "", fine, ""},
		"thinking for ever": {chat("<think>Hm", ""), "", failed, calls.CallModelSilent},
		"a person should":   {chat("[[person]]", ""), "", unsure, ""},
		"sure":              {chat("De 9 a 18.", sure(`{"logprob":-0.1}`, `{"logprob":-0.2}`)), `,"confidence":0.8`, fine, ""},
		"not sure":          {chat("De 9 a 18.", sure(`{"logprob":-0.1}`, `{"logprob":-0.5}`)), `,"confidence":0.8`, unsure, ""},
		"does not say":      {chat("De 9 a 18.", `,"logprobs":null`), `,"confidence":0.8`, fine, ""},
		"says nothing":      {chat("", ""), "", failed, calls.CallModelSilent},
		"no choice":         {desktest.Answers(200, `{"choices":[]}`), "", failed, "bad_answer"},
		"not JSON":          {desktest.Answers(200, `<html>`), "", failed, "bad_answer"},
		"no key":            {desktest.Answers(401, `{"error":{}}`), "", failed, calls.CallModelStatus},
		"huge":              {chat(strings.Repeat("x", 300<<10), ""), "", failed, "too_large"},
		"created": {func(rw http.ResponseWriter, r *http.Request) {
			rw.WriteHeader(201)
			_, _ = io.WriteString(rw, `{"choices":[{"message":{"content":"De 9 a 18."}}]}`)
		}, "", fine, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w, o := newModel(t, tt.h, tt.node)
			w.Ask()
			w.Round()
			if got := w.Said(); got != tt.said || w.Call().Reason != tt.reason {
				t.Errorf("said %q, reason %q, want %q and %q", got, w.Call().Reason, tt.said, tt.reason)
			}
			if got := o.Requests()[0]; strings.Contains(got, `"logprobs":true`) != strings.Contains(tt.node, "confidence") || strings.Contains(got, "max_tokens") {
				t.Errorf("asked %s", got)
			}
		})
	}
}

func TestModelThatCannotBeAsked(t *testing.T) {
	for name, tt := range map[string]struct {
		prepare func(*desktest.World)
		reason  string
	}{
		"off":            {func(w *desktest.World) { w.Setting("aiURL", `""`) }, calls.CallNoModel},
		"not allowed":    {func(w *desktest.World) { w.Desk.Calls.Outside.Allow = nil }, "forbidden_address"},
		"key is lost":    {func(w *desktest.World) { w.Secret("ai", "x"); w.LoseKey() }, secrets.NoSecret},
		"key for others": {func(w *desktest.World) { w.Secret("ai", "x", "api.example.com") }, secrets.OtherHost},
	} {
		t.Run(name, func(t *testing.T) {
			w, o := newModel(t, chat("De 9 a 18.", ""), "", tt.prepare)
			w.Ask()
			w.Round()
			if got := w.Call(); got.Reason != tt.reason || w.Said() != "No puedo." || len(o.Requests()) > 0 {
				t.Errorf("got %q, said %q, asked %v; want %s", got.Reason, w.Said(), o.Requests(), tt.reason)
			}
		})
	}
}

func TestModelIsAskedAgain(t *testing.T) {
	w, _ := newModel(t, desktest.Answers(503, ""), "")
	w.Ask()
	if row := w.Call(); row.State != calls.CallQueued {
		t.Errorf("got %s, want it queued again", row.State)
	}
	w.Exec("UPDATE calls SET state = 'running'")
	if err := w.Desk.Calls.Rescue(t.Context()); err != nil {
		t.Fatal(err)
	}
	if row := w.Call(); row.State != calls.CallQueued {
		t.Errorf("got %s after a crash, want it queued again", row.State)
	}
}

// TestWhatAModelHears of a conversation.
func TestWhatAModelHears(t *testing.T) {
	heard := func(o *desktest.Outside) (turns []string) {
		text := o.Requests()[len(o.Requests())-1]
		var body calls.ChatRequest
		if err := json.Unmarshal([]byte(text[strings.Index(text, "{"):]), &body); err != nil {
			t.Fatal(err)
		}
		for _, m := range body.Messages[1:] { // without the instructions
			turns = append(turns, m.Role+": "+m.Content)
		}
		return turns
	}
	ask := func(w *desktest.World) {
		w.Exec("UPDATE calls SET state = 'queued', dueAt = '2026-01-01 00:00:00.000Z', pending = FALSE")
		w.Ask()
	}
	w, o := newModel(t, chat("De 9 a 18.", ""), `,"messages":6`)
	c := w.Only().ID
	for _, m := range []store.Message{
		{Direction: "out", Kind: "text", Author: store.ByFlow, Text: "Hola."}, {Direction: "out", Kind: "text", Author: "ana", Text: "Soy Ana."},
		{Direction: "out", Kind: store.KindNote, Author: "ana", Text: "una nota"}, {Direction: "in", Kind: "image", Author: store.ByContact, Text: "mira"},
		{Direction: "in", Kind: "sticker", Author: store.ByContact}, {Direction: "out", Kind: "reaction", Author: "ana", Text: "👍"},
		{Direction: "in", Kind: "text", Author: store.ByContact, Text: "borrado", RevokedAt: store.Stamp(w.Desk.Store.Now())}, {Direction: "in", Kind: "vote", Author: store.ByContact, Text: "Ventas"},
	} {
		w.Add(c, &m)
	}
	ask(w)
	if got, want := strings.Join(heard(o), " | "), "user: ¿a qué hora abren? | assistant: Hola.\n\nSoy Ana. | user: mira\n\nVentas"; got != want {
		t.Errorf("heard %q, want %q", got, want)
	}
	for i := range 6 {
		w.Says(c, fmt.Sprint(i))
	}
	ask(w)
	if got, want := strings.Join(heard(o), " | "), "user: 0\n\n1\n\n2\n\n3\n\n4\n\n5"; got != want {
		t.Errorf("heard %q, want %q", got, want)
	}
	for range 5 {
		w.Says(c, strings.Repeat("ñ", calls.MaxTurn))
	}
	ask(w)
	if got := strings.Join(heard(o), ""); len(got) < 5*calls.MaxTurn || len(got) > 5*calls.MaxTurn+100 {
		t.Errorf("heard %d bytes, want %d and a bit", len(got), 5*calls.MaxTurn)
	}
	w.Exec(`UPDATE calls SET request = '{"system":"x","messages":50}'`)
	for range 9 {
		w.Says(c, strings.Repeat("y", calls.MaxTurn))
	}
	ask(w)
	if got := strings.Join(heard(o), ""); len(got) < calls.MaxTurns || len(got) > calls.MaxTurns+100 {
		t.Errorf("heard %d bytes, want %d and a bit", len(got), calls.MaxTurns)
	}
	w.Exec(`UPDATE calls SET request = '{"system":"x","messages":0,"prompt":"¿Y?"}'`)
	ask(w)
	if got, want := strings.Join(heard(o), " | "), "user: ¿Y?"; got != want {
		t.Errorf("heard %q, want %q", got, want)
	}
}

// TestModelHearsVotes: they have no place between the messages, and count all the same.
func TestModelHearsVotes(t *testing.T) {
	w, o := newModel(t, chat("De 9 a 18.", ""), `,"messages":3,"turns":1`)
	c := w.Only().ID
	w.Add(c, &store.Message{Direction: "out", Kind: "poll", Author: store.ByFlow, Text: "¿Qué área?", WaID: "P", State: "sent"})
	w.Gets(whatsapp.Message{ID: "V1", Kind: whatsapp.Vote, Target: "P", Votes: []string{"Soporte"}})
	w.Gets(whatsapp.Message{ID: "V2", Kind: whatsapp.Vote, Target: "P", Votes: []string{"Ventas"}})
	w.Says(c, "gracias")
	w.Ask()
	asked := o.Requests()
	if want := `{"role":"user","content":"Soporte\n\nVentas\n\ngracias"}`; !strings.Contains(asked[len(asked)-1], want) {
		t.Errorf("asked %s, want %s in it", asked[len(asked)-1], want)
	}
}

func TestTokens(t *testing.T) {
	for _, tt := range []struct{ node, setting, want int }{{0, 0, 0}, {300, 0, 300}, {0, 200, 200}, {300, 200, 200}, {100, 200, 100}} {
		if got := calls.Tokens(tt.node, tt.setting); got != tt.want {
			t.Errorf("node %d, setting %d: got %d, want %d", tt.node, tt.setting, got, tt.want)
		}
	}
}

// FuzzModelAnswer reads whatever an endpoint sends.
func FuzzModelAnswer(f *testing.F) {
	f.Add([]byte(`{"choices":[{"message":{"content":"<think>a</think>b"},"logprobs":{"content":[{"logprob":-1e308}]}}]}`))
	f.Add([]byte(`{"choices":[{"logprobs":{"content":[{"logprob":1e308},{"logprob":1e308}]}}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var said calls.ChatAnswer
		if json.Unmarshal(body, &said) != nil || len(said.Choices) == 0 {
			return
		}
		calls.Spoken(said.Choices[0].Message.Content)
		if sure := said.Choices[0].Logprobs.Confidence(); sure != nil && !(*sure >= 0 && *sure <= 1) {
			t.Errorf("got %v, want 0 to 1", *sure)
		}
	})
}
