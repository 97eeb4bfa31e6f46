package editor_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"mostrador/hooks/desktest"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

func TestFlowSendsAFile(t *testing.T) {
	w := desktest.NewWorkshop(t)
	flow := w.Made(map[string]any{"draft": desktest.Ending("Prices", "Hi.")})
	var file view.Media
	w.Form("/api/flows/"+flow.ID+"/media", nil, "image/png", "\x89PNG prices").Want(201).Into(&file)
	draft := fmt.Sprintf(`{"spec":1,"name":"Prices","lang":"en","start":"m","nodes":{
		"m":{"type":"message","say":"Our prices","media":{"kind":"image","ref":%q},"next":"e"},"e":{"type":"end","then":"people"}}}`, file.ID)
	w.Put("/api/flows/"+flow.ID, map[string]any{"draft": json.RawMessage(draft), "triggers": []any{map[string]any{"on": "message"}}}).Want(200)
	w.Publish(flow.ID, nil)
	w.Exec("INSERT INTO lines (id, name) VALUES ('line', 'Shop')")
	for i := range 2 { // the same file to one customer after the other
		w.Gets(whatsapp.Message{ID: fmt.Sprint("A", i), Text: "hola", Chat: whatsapp.Address{Phone: fmt.Sprint("549110000000", i)}})
		w.Round()
	}
	sent := desktest.All[store.Message](w.World, "SELECT * FROM messages WHERE direction = 'out' AND kind = 'image'")
	if len(sent) != 2 || sent[0].Media != file.ID || sent[1].Text != "Our prices" {
		t.Fatalf("got %+v, want the file with its text twice", sent)
	}
	out, err := w.Desk.Outbox.Outgoing(t.Context(), sent[1].ID)
	if err != nil || out == nil || out.File == nil || string(out.File.Data) != "\x89PNG prices" {
		t.Errorf("got %+v and %v, want the file on its way", out, err)
	}
	ana := w.SignIn(w.User("ana", rights.Operator))
	if got := string(ana.Get("/api/files/" + file.ID).Want(200).Body); got != "\x89PNG prices" {
		t.Errorf("ana gets %q, want what the company sends to everybody", got)
	}
}

func TestFlowMayNotSendACustomersFile(t *testing.T) {
	w := desktest.NewWorkshop(t)
	flow := w.Made(map[string]any{"draft": desktest.Ending("Prices", "Hi.")})
	theirs := w.Insert("media", dbx.Params{"conversation": w.World.Conversation(store.StatusOpen, "", ""), "state": "ready", "file": "passport.png"})
	draft := fmt.Sprintf(`{"spec":1,"name":"Prices","lang":"en","start":"m","nodes":{
		"m":{"type":"message","media":{"kind":"image","ref":%q},"next":"e"},"e":{"type":"end"}}}`, theirs)
	w.Put("/api/flows/"+flow.ID, map[string]any{"draft": json.RawMessage(draft)}).Want(200)
	w.Post("/api/flows/"+flow.ID+"/publish", map[string]any{}).Want(400)
}
