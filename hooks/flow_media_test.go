package hooks

import (
	"encoding/json"
	"fmt"
	"testing"

	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

func TestFlowSendsAFile(t *testing.T) {
	w := newWorkshop(t)
	flow := w.made(map[string]any{"draft": ending("Prices", "Hi.")})
	var file view.Media
	w.form("/api/flows/"+flow.ID+"/media", nil, "image/png", "\x89PNG prices").want(201).into(&file)
	draft := fmt.Sprintf(`{"spec":1,"name":"Prices","lang":"en","start":"m","nodes":{
		"m":{"type":"message","say":"Our prices","media":{"kind":"image","ref":%q},"next":"e"},"e":{"type":"end","then":"people"}}}`, file.ID)
	w.put("/api/flows/"+flow.ID, map[string]any{"draft": json.RawMessage(draft), "triggers": []any{map[string]any{"on": "message"}}}).want(200)
	w.publish(flow.ID, nil)
	w.exec("INSERT INTO lines (id, name) VALUES ('line', 'Shop')")
	for i := range 2 { // the same file to one customer after the other
		w.gets(whatsapp.Message{ID: fmt.Sprint("A", i), Text: "hola", Chat: whatsapp.Address{Phone: fmt.Sprint("549110000000", i)}})
		w.round()
	}
	sent := all[store.Message](w.world, "SELECT * FROM messages WHERE direction = 'out' AND kind = 'image'")
	if len(sent) != 2 || sent[0].Media != file.ID || sent[1].Text != "Our prices" {
		t.Fatalf("got %+v, want the file with its text twice", sent)
	}
	out, err := w.d.Outbox.Outgoing(t.Context(), sent[1].ID)
	if err != nil || out == nil || out.File == nil || string(out.File.Data) != "\x89PNG prices" {
		t.Errorf("got %+v and %v, want the file on its way", out, err)
	}
	ana := w.signIn(w.user("ana", rights.Operator))
	if got := string(ana.get("/api/files/" + file.ID).want(200).body); got != "\x89PNG prices" {
		t.Errorf("ana gets %q, want what the company sends to everybody", got)
	}
}

func TestFlowMayNotSendACustomersFile(t *testing.T) {
	w := newWorkshop(t)
	flow := w.made(map[string]any{"draft": ending("Prices", "Hi.")})
	theirs := w.insert("media", dbx.Params{"conversation": w.world.conversation(store.StatusOpen, "", ""), "state": "ready", "file": "passport.png"})
	draft := fmt.Sprintf(`{"spec":1,"name":"Prices","lang":"en","start":"m","nodes":{
		"m":{"type":"message","media":{"kind":"image","ref":%q},"next":"e"},"e":{"type":"end"}}}`, theirs)
	w.put("/api/flows/"+flow.ID, map[string]any{"draft": json.RawMessage(draft)}).want(200)
	w.post("/api/flows/"+flow.ID+"/publish", map[string]any{}).want(400)
}
