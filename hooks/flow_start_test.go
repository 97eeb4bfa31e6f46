package hooks

import (
	"errors"
	"testing"

	"mostrador/hooks/api"
	"mostrador/hooks/conversation"
	"mostrador/hooks/outbox"
	"mostrador/hooks/rights"
	"mostrador/hooks/runner"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

const askFlow = `{"spec":1,"lang":"en","start":"ask","nodes":{
	"ask":{"type":"ask","say":"Your order?","var":"order","next":"back"},
	"back":{"type":"end","say":"Thanks.","then":"people"}}}`

// withAna is a world with a conversation that ana of sales has.
func withAna(t *testing.T) (w *world, ana rights.Viewer, id string) {
	w, _ = newWorldWithFlow(t)
	ana = w.user("ana", rights.Operator, w.areaID("sales"))
	w.user("bea", rights.Operator, w.areaID("sales"))
	w.gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.round()
	id = w.only().ID
	w.set("conversations", id, dbx.Params{"area": w.areaID("sales")})
	w.must(id, func(tx *store.Tx, c *store.Conversation) error { return conversation.Claim(tx, c, ana.ID) })
	return w, ana, id
}

func TestStartFlowByHand(t *testing.T) {
	w, ana, id := withAna(t)
	flow := w.flow(askFlow, `[{"on":"hand"}]`)
	if _, err := w.d.Runner.StartFlow(t.Context(), ana, id, runner.Starting{Flow: flow}); err != nil {
		t.Fatal(err)
	}
	c := w.get(id)
	if said := w.saidToCustomer(); c.Status != store.StatusBot || c.Flow != flow || said[len(said)-1] != "Your order?" {
		t.Fatalf("got %s in %q and %q, want the flow to ask at once", c.Status, c.Flow, said)
	}
	if !ana.Sees(c.Area, c.Assignee) || !c.WaitingSince.IsZero() {
		t.Errorf("assignee %q, waiting since %q: want it to stay with ana, and nobody to wait", c.Assignee, c.WaitingSince)
	}
	w.gets(whatsapp.Message{ID: "B", Text: "4711"})
	w.round()
	if c = w.get(id); c.Status != store.StatusOpen || c.Assignee != ana.ID || c.WaitingSince.IsZero() {
		t.Errorf("got %s with %q, want it back with ana, waiting for her", c.Status, c.Assignee)
	}
}

func TestBackToTheBot(t *testing.T) {
	w, ana, id := withAna(t)
	if _, err := w.d.Runner.StartFlow(t.Context(), ana, id, runner.Starting{}); err != nil {
		t.Fatal(err)
	}
	if said := w.saidToCustomer(); w.get(id).Status != store.StatusBot || len(said) != 2 || said[1] != said[0] {
		t.Errorf("got %s and %q, want the greeting again", w.get(id).Status, said)
	}
	w.gets(whatsapp.Message{ID: "B", Text: "1"})
	w.round()
	if c := w.get(id); c.Status != store.StatusOpen || c.Assignee != ana.ID {
		t.Errorf("got %s with %q, want ana again: she had it and is free", c.Status, c.Assignee)
	}
}

func TestAPersonsWordEndsAFlowStartedByHand(t *testing.T) {
	w, ana, id := withAna(t)
	if _, err := w.d.Runner.StartFlow(t.Context(), ana, id, runner.Starting{}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.d.Outbox.Send(t.Context(), ana, id, outbox.NewMessage{ClientID: "c1", Text: "I am here"}); err != nil {
		t.Fatal(err)
	}
	if c := w.get(id); c.Status != store.StatusOpen || c.Assignee != ana.ID || c.InFlow() || !c.WakeAt.IsZero() {
		t.Errorf("got %s with %q, want it open with ana and the flow silent", c.Status, c.Assignee)
	}
}

func TestStartFlowIsRefused(t *testing.T) {
	tests := map[string]struct {
		prepare func(w *world, id string)
		who     rights.Role
		flow    string // hand: by hand, here; care: by hand, elsewhere; menu: not by hand
		code    string
	}{
		"closed":                     {func(w *world, id string) { w.exec("UPDATE conversations SET status = 'closed'") }, rights.Operator, "hand", api.CodeClosed},
		"the bot is paused":          {func(w *world, _ string) { w.set("lines", "line", dbx.Params{"paused": true}) }, rights.Operator, "hand", api.CodePaused},
		"no such flow":               {nil, rights.Admin, "none", api.CodeNoFlow},
		"offered in another area":    {nil, rights.Operator, "care", api.CodeNoFlow},
		"not offered by hand":        {nil, rights.Operator, "menu", api.CodeNoFlow},
		"nothing greets":             {func(w *world, _ string) { w.exec("UPDATE flows SET active = FALSE, updated = '9'") }, rights.Operator, "", api.CodeNoFlow},
		"an admin may start any":     {nil, rights.Admin, "menu", ""},
		"offered here":               {nil, rights.Operator, "hand", ""},
		"a colleague's conversation": {func(w *world, _ string) { w.exec("UPDATE conversations SET assignee = 'other'") }, rights.Operator, "hand", api.CodeNotFound},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w, ana, id := withAna(t)
			ids := map[string]string{"": "", "none": "nothing00000000", "hand": w.flow(askFlow, `[{"on":"hand","area":"sales"}]`),
				"care": w.flow(askFlow, `[{"on":"hand","area":"care"}]`), "menu": w.flow(menuFlow, `[{"on":"word","words":["x"]}]`)}
			if tt.prepare != nil {
				tt.prepare(w, id)
			}
			who := ana
			if tt.who == rights.Admin {
				who = rights.Viewer{ID: "boss", Role: rights.Admin}
			}
			_, err := w.d.Runner.StartFlow(t.Context(), who, id, runner.Starting{Flow: ids[tt.flow]})
			var refusal *api.Refusal
			if errors.As(err, &refusal); tt.code == "" && err != nil || tt.code != "" && (refusal == nil || refusal.Code != tt.code) {
				t.Errorf("got %v, want %q", err, tt.code)
			}
		})
	}
}

func TestWhichFlowsAreOffered(t *testing.T) {
	s := newSite(t)
	sales := s.area("sales")
	ana, boss := s.user("ana", rights.Operator, sales), s.user("boss", rights.Admin)
	id := s.conversation(store.StatusOpen, sales, ana.ID)
	here := s.flow(askFlow, `[{"on":"hand","area":"sales"}]`)
	s.flow(askFlow, `[{"on":"hand","area":"care"}]`)
	s.flow(menuFlow, `[{"on":"message"}]`)
	var got api.Page[runner.Startable]
	s.signIn(ana).get("/api/conversations/" + id + "/flows").want(200).into(&got)
	if len(got.Items) != 1 || got.Items[0].ID != here {
		t.Errorf("got %+v for ana, want only the one offered in her area", got.Items)
	}
	s.signIn(boss).get("/api/conversations/" + id + "/flows").want(200).into(&got)
	if len(got.Items) != 3 {
		t.Errorf("got %+v for an admin, want all three", got.Items)
	}
}
