package outbox_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"mostrador/hooks/desktest"
	"mostrador/hooks/outbox"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
	"mostrador/whatsapp"
)

// twoAgents is a desk in which ana has a conversation, which her supervisor bea may answer as well.
func twoAgents(t *testing.T) (s *desktest.Site, ana, bea rights.Viewer, chat string) {
	s = desktest.NewSite(t)
	sales := s.Area("sales")
	ana, bea = s.User("ana", rights.Operator, sales), s.User("bea", rights.Supervisor, sales)
	chat = s.Conversation(store.StatusOpen, sales, ana.ID)
	return s, ana, bea, chat
}

// held is what a 409 tells of a message that was held back.
type held struct {
	Code string
	Data struct{ Messages, Ours []view.Message }
}

func ids(all []view.Message) (ids []string) {
	for _, m := range all {
		ids = append(ids, m.ID)
	}
	return ids
}

// typist is ana at her page: what she has seen, and when she began to write.
type typist struct {
	*desktest.Site
	me          rights.Viewer
	chat        string
	seen, began int64
	tries       int
}

// after lists what others, but one of them, wrote after a cursor, and tells the place of the last message of all.
func (p *typist) after(cursor int64, but string) (found []string, last int64) {
	for _, m := range p.Messages() {
		last = max(last, m.Pos)
		if cursor > 0 && m.Pos > cursor && m.Author != p.me.ID && m.Author != but {
			found = append(found, m.ID)
		}
	}
	return found, last
}

// sends tries to send, and again after a look at what came; both are as the rule says.
func (p *typist) sends(b *desktest.Browser, story string) {
	p.T.Helper()
	messages, last := p.after(p.seen, "")
	ours, _ := p.after(p.began, store.ByContact)
	p.tries++
	text := map[string]any{"clientId": fmt.Sprint("try", p.tries), "text": "respuesta", "seenCursor": fmt.Sprint(p.seen), "beganCursor": p.began}
	path, before := "/api/conversations/"+p.chat+"/messages", p.Count("messages")
	answer := b.Post(path, text)
	if len(messages)+len(ours) > 0 {
		var got held
		answer.Want(409).Into(&got)
		if got.Code != outbox.ErrBehind.Code || !slices.Equal(ids(got.Data.Messages), messages) || !slices.Equal(ids(got.Data.Ours), ours) || p.Count("messages") != before {
			p.T.Fatalf("%s: got %s with %v and ours %v, want %v and ours %v", story, got.Code, ids(got.Data.Messages), ids(got.Data.Ours), messages, ours)
		}
		text["seenCursor"], text["beganCursor"] = fmt.Sprint(last), fmt.Sprint(last)
		answer = b.Post(path, text)
	}
	if answer.Status != 201 {
		p.T.Fatalf("%s: got %d, want it sent: %s", story, answer.Status, answer.Body)
	}
	var first, again view.Message
	answer.Into(&first)
	text["beganCursor"] = "1" // the same once more is the same, whatever came
	if b.Post(path, text).Want(201).Into(&again); first.ID != again.ID || p.Count("messages") != before+1 {
		p.T.Fatalf("%s: got %s and %s, want one message", story, first.ID, again.ID)
	}
	_, p.seen = p.after(0, "")
	p.began = 0
}

// TestNobodyAnswersTwiceUnwarned plays 150 random stories of ana, her colleague, the flow, the owner's phone and the customer.
func TestNobodyAnswersTwiceUnwarned(t *testing.T) {
	s, ana, bea, chat := twoAgents(t)
	page, hers := s.SignIn(ana), s.SignIn(bea)
	p := &typist{Site: s, me: ana, chat: chat}
	r := rand.New(rand.NewPCG(5, 6))
	writes := func(author string) func() {
		return func() {
			s.Add(chat, &store.Message{Direction: store.Outbound, Kind: string(whatsapp.Text), Author: author, Text: "hola", WaID: whatsapp.NewID(), State: store.StateSent})
		}
	}
	steps := map[string]func(){
		"the customer writes": func() { s.Says(chat, "¿hola?") },
		"bea answers":         func() { hers.Post("/api/conversations/"+chat+"/messages", map[string]any{"text": "soy bea"}).Want(201) },
		"bea leaves a note": func() {
			hers.Post("/api/conversations/"+chat+"/messages", map[string]any{"text": "ojo", "note": true}).Want(201)
		},
		"the flow writes":  writes(store.ByFlow),
		"the desk writes":  writes(store.BySystem),
		"the phone writes": writes(store.ByPhone),
		"ana writes":       writes(ana.ID), // in another tab
		"ana looks":        func() { _, p.seen = p.after(0, "") },
		"ana begins":       func() { p.began = s.Desk.Hub.Now() },
	}
	names := slices.Sorted(maps.Keys(steps))
	for range 150 {
		var story []string
		for range r.IntN(7) {
			name := names[r.IntN(len(names))]
			steps[name]()
			story = append(story, name)
		}
		p.sends(page, strings.Join(story, ", "))
	}
}

// TestOfTwoWhoBeganTogetherOneIsWarned: whoever is second hears of the first, however close they are.
func TestOfTwoWhoBeganTogetherOneIsWarned(t *testing.T) {
	s, ana, bea, chat := twoAgents(t)
	seen := s.Says(chat, "¿abren hoy?").Pos
	both := []*desktest.Browser{s.SignIn(ana), s.SignIn(bea)}
	sent := 0
	for _, a := range s.Rush(func(i int) *desktest.Answer {
		return both[i%2].Post("/api/conversations/"+chat+"/messages", map[string]any{"text": "sí", "seenCursor": seen + 1_000_000, "beganCursor": seen})
	}) {
		if a.Status == 201 {
			sent++
		}
	}
	var authors []string
	for _, m := range s.Messages() {
		authors = append(authors, m.Author)
	}
	if slices.Contains(authors, ana.ID) == slices.Contains(authors, bea.ID) || sent != len(authors)-1 {
		t.Errorf("got %v, want the answers of one of the two", authors)
	}
}

// TestAFormIsHeldAsWell: before its file is kept. What is no number is refused by its name.
func TestAFormIsHeldAsWell(t *testing.T) {
	s, ana, bea, chat := twoAgents(t)
	began := s.Says(chat, "¿tienen foto?").Pos
	answer := s.Send(bea, chat, outbox.NewMessage{Text: "ahora la mando"})
	b, path := s.SignIn(ana), "/api/conversations/"+chat+"/messages"
	fields := map[string]string{"clientId": "1", "seenCursor": fmt.Sprint(answer.Pos), "beganCursor": fmt.Sprint(began)}
	var got held
	b.Form(path, fields, "image/png", "picture").Want(409).Into(&got)
	if !slices.Equal(ids(got.Data.Ours), []string{answer.ID}) || len(got.Data.Messages) != 0 || s.Count("media") != 0 {
		t.Errorf("got %+v and %d files, want bea's answer and none", got, s.Count("media"))
	}
	fields["beganCursor"] = fmt.Sprint(answer.Pos)
	b.Form(path, fields, "image/png", "picture").Want(201)
	for _, field := range []string{"seenCursor", "beganCursor"} {
		for _, e := range []*desktest.Answer{b.Post(path, map[string]any{"text": "x", field: "x"}), b.Form(path, map[string]string{field: "x"}, "image/png", "picture")} {
			if data := e.Want(400).Refusal().Data.(map[string]any); data[field] == nil {
				t.Errorf("got %v, want %s named", data, field)
			}
		}
	}
}
