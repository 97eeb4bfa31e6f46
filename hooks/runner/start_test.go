package runner_test

import (
	"errors"
	"testing"

	"mostrador/hooks/api"
	"mostrador/hooks/conversation"
	"mostrador/hooks/desktest"
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
func withAna(t *testing.T) (w *desktest.World, ana rights.Viewer, id string) {
	w, _ = desktest.NewWorldWithFlow(t)
	ana = w.User("ana", rights.Operator, w.AreaID("sales"))
	w.User("bea", rights.Operator, w.AreaID("sales"))
	w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.Round()
	id = w.Only().ID
	w.Set("conversations", id, dbx.Params{"area": w.AreaID("sales")})
	w.Must(id, func(tx *store.Tx, c *store.Conversation) error { return conversation.Claim(tx, c, ana.ID) })
	return w, ana, id
}

func TestStartFlowByHand(t *testing.T) {
	w, ana, id := withAna(t)
	flow := w.Flow(askFlow, `[{"on":"hand"}]`)
	if _, err := w.Desk.Runner.StartFlow(t.Context(), ana, id, runner.Starting{Flow: flow}); err != nil {
		t.Fatal(err)
	}
	c := w.Get(id)
	if said := w.SaidToCustomer(); c.Status != store.StatusBot || c.Flow != flow || said[len(said)-1] != "Your order?" {
		t.Fatalf("got %s in %q and %q, want the flow to ask at once", c.Status, c.Flow, said)
	}
	if !ana.Sees(c.Area, c.Assignee) || !c.WaitingSince.IsZero() {
		t.Errorf("assignee %q, waiting since %q: want it to stay with ana, and nobody to wait", c.Assignee, c.WaitingSince)
	}
	w.Gets(whatsapp.Message{ID: "B", Text: "4711"})
	w.Round()
	if c = w.Get(id); c.Status != store.StatusOpen || c.Assignee != ana.ID || c.WaitingSince.IsZero() {
		t.Errorf("got %s with %q, want it back with ana, waiting for her", c.Status, c.Assignee)
	}
}

func TestBackToTheBot(t *testing.T) {
	w, ana, id := withAna(t)
	if _, err := w.Desk.Runner.StartFlow(t.Context(), ana, id, runner.Starting{}); err != nil {
		t.Fatal(err)
	}
	if said := w.SaidToCustomer(); w.Get(id).Status != store.StatusBot || len(said) != 2 || said[1] != said[0] {
		t.Errorf("got %s and %q, want the greeting again", w.Get(id).Status, said)
	}
	w.Gets(whatsapp.Message{ID: "B", Text: "1"})
	w.Round()
	if c := w.Get(id); c.Status != store.StatusOpen || c.Assignee != ana.ID {
		t.Errorf("got %s with %q, want ana again: she had it and is free", c.Status, c.Assignee)
	}
}

func TestAPersonsWordEndsAFlowStartedByHand(t *testing.T) {
	w, ana, id := withAna(t)
	if _, err := w.Desk.Runner.StartFlow(t.Context(), ana, id, runner.Starting{}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Desk.Outbox.Send(t.Context(), ana, id, outbox.NewMessage{ClientID: "c1", Text: "I am here"}); err != nil {
		t.Fatal(err)
	}
	if c := w.Get(id); c.Status != store.StatusOpen || c.Assignee != ana.ID || c.InFlow() || !c.WakeAt.IsZero() {
		t.Errorf("got %s with %q, want it open with ana and the flow silent", c.Status, c.Assignee)
	}
}

func TestStartFlowIsRefused(t *testing.T) {
	tests := map[string]struct {
		prepare func(w *desktest.World, id string)
		who     rights.Role
		flow    string // hand: by hand, here; care: by hand, elsewhere; menu: not by hand
		code    string
	}{
		"closed":                     {func(w *desktest.World, id string) { w.Exec("UPDATE conversations SET status = 'closed'") }, rights.Operator, "hand", conversation.ErrClosed.Code},
		"the bot is paused":          {func(w *desktest.World, _ string) { w.Set("lines", "line", dbx.Params{"paused": true}) }, rights.Operator, "hand", runner.ErrPaused.Code},
		"no such flow":               {nil, rights.Admin, "none", runner.ErrNoFlow.Code},
		"offered in another area":    {nil, rights.Operator, "care", runner.ErrNoFlow.Code},
		"not offered by hand":        {nil, rights.Operator, "menu", runner.ErrNoFlow.Code},
		"nothing greets":             {func(w *desktest.World, _ string) { w.Exec("UPDATE flows SET active = FALSE, updated = '9'") }, rights.Operator, "", runner.ErrNoFlow.Code},
		"an admin may start any":     {nil, rights.Admin, "menu", ""},
		"offered here":               {nil, rights.Operator, "hand", ""},
		"a colleague's conversation": {func(w *desktest.World, _ string) { w.Exec("UPDATE conversations SET assignee = 'other'") }, rights.Operator, "hand", api.ErrNotFound.Code},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w, ana, id := withAna(t)
			ids := map[string]string{"": "", "none": "nothing00000000", "hand": w.Flow(askFlow, `[{"on":"hand","area":"sales"}]`),
				"care": w.Flow(askFlow, `[{"on":"hand","area":"care"}]`), "menu": w.Flow(desktest.MenuFlow, `[{"on":"word","words":["x"]}]`)}
			if tt.prepare != nil {
				tt.prepare(w, id)
			}
			who := ana
			if tt.who == rights.Admin {
				who = rights.Viewer{ID: "boss", Role: rights.Admin}
			}
			_, err := w.Desk.Runner.StartFlow(t.Context(), who, id, runner.Starting{Flow: ids[tt.flow]})
			var refusal *api.Refusal
			if errors.As(err, &refusal); tt.code == "" && err != nil || tt.code != "" && (refusal == nil || refusal.Code != tt.code) {
				t.Errorf("got %v, want %q", err, tt.code)
			}
		})
	}
}

func TestWhichFlowsAreOffered(t *testing.T) {
	s := desktest.NewSite(t)
	sales := s.Area("sales")
	ana, boss := s.User("ana", rights.Operator, sales), s.User("boss", rights.Admin)
	id := s.Conversation(store.StatusOpen, sales, ana.ID)
	here := s.Flow(askFlow, `[{"on":"hand","area":"sales"}]`)
	s.Flow(askFlow, `[{"on":"hand","area":"care"}]`)
	s.Flow(desktest.MenuFlow, `[{"on":"message"}]`)
	var got api.Page[runner.Startable]
	s.SignIn(ana).Get("/api/conversations/" + id + "/flows").Want(200).Into(&got)
	if len(got.Items) != 1 || got.Items[0].ID != here {
		t.Errorf("got %+v for ana, want only the one offered in her area", got.Items)
	}
	s.SignIn(boss).Get("/api/conversations/" + id + "/flows").Want(200).Into(&got)
	if len(got.Items) != 3 {
		t.Errorf("got %+v for an admin, want all three", got.Items)
	}
}
