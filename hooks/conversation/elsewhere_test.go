package conversation_test

import (
	"strings"
	"testing"

	"mostrador/hooks/conversation"
	"mostrador/hooks/desktest"
	"mostrador/hooks/outbox"
	"mostrador/hooks/rights"
	"mostrador/hooks/runner"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// elsewhere is a customer who talked to legal and now talks to sales: what was said there does not exist here.
type elsewhere struct {
	*desktest.World
	ana, lead, boss rights.Viewer // an operator and a supervisor of sales, an admin
	legal, sales    string        // the closed conversation and the one that goes on
	secret          string        // what legal wrote
}

func newElsewhere(t *testing.T) elsewhere {
	w := desktest.NewWorld(t)
	legal, sales := w.Area("legal"), w.Area("sales")
	e := elsewhere{World: w, ana: w.User("ana", rights.Operator, sales), lead: w.User("lead", rights.Supervisor, sales), boss: w.User("boss", rights.Admin)}
	lia := w.User("lia", rights.Operator, legal)
	e.legal = w.Conversation(store.StatusOpen, legal, lia.ID)
	e.secret = w.Sent(lia, e.legal, "the other side offers 40,000")
	if _, err := w.Desk.Conversations.CloseConversation(t.Context(), lia, e.legal, conversation.Closing{}); err != nil {
		t.Fatal(err)
	}
	now := store.Stamp(w.Desk.Store.Now())
	e.sales = w.Insert("conversations", dbx.Params{"line": "line", "contact": w.Get(e.legal).Contact, "status": store.StatusOpen, "area": sales,
		"assignee": e.ana.ID, "lastAt": now, "startedAt": now})
	return e
}

func TestMessageOfAConversationThatOneDoesNotSeeIsNotThere(t *testing.T) {
	e := newElsewhere(t)
	for name, n := range map[string]outbox.NewMessage{
		"reaction": {Reaction: &outbox.NewReaction{ID: e.secret, Emoji: "👍"}}, "quote": {Text: "so?", Quote: e.secret},
		"edit": {Edit: &outbox.NewEdit{ID: e.secret, Text: "x"}}, "revoke": {Revoke: &outbox.NewRevoke{ID: e.secret}},
	} {
		for _, v := range []rights.Viewer{e.ana, e.lead} {
			if shown, err := e.Desk.Outbox.Send(t.Context(), v, e.sales, n); desktest.CodeOf(err) != outbox.ErrNoTarget.Code {
				t.Errorf("%s by %s: got %+v, %v, want %s", name, v.Role, shown, err, outbox.ErrNoTarget.Code)
			}
		}
	}
	if m := e.Message(e.secret); m.Text != "the other side offers 40,000" || !m.RevokedAt.IsZero() || e.Outbox() != "" {
		t.Errorf("got %+v and outbox %q, want it as it was", m, e.Outbox())
	}
	e.Send(e.boss, e.sales, outbox.NewMessage{ClientID: "r", Reaction: &outbox.NewReaction{ID: e.secret, Emoji: "👍"}})
	e.Send(e.boss, e.sales, outbox.NewMessage{Text: "as we wrote", Quote: e.secret})
	if _, err := e.Desk.Outbox.Send(t.Context(), e.ana, e.sales, outbox.NewMessage{ClientID: "r", Reaction: &outbox.NewReaction{ID: e.secret, Emoji: "👍"}}); desktest.CodeOf(err) != outbox.ErrNoTarget.Code {
		t.Errorf("the same request by somebody else: got %v, want %s", err, outbox.ErrNoTarget.Code)
	}
	e.Send(e.boss, e.sales, outbox.NewMessage{Revoke: &outbox.NewRevoke{ID: e.secret}})
}

// An operator sees what nobody has, but answers only what is theirs.
func TestChangeElsewhereNeedsTheRightToAnswerThere(t *testing.T) {
	e := newElsewhere(t)
	e.Exec("UPDATE conversations SET area = '" + e.ana.Areas[0] + "', assignee = '' WHERE id = '" + e.legal + "'")
	e.Exec("UPDATE messages SET author = '" + e.ana.ID + "' WHERE id = '" + e.secret + "'")
	if _, err := e.Desk.Outbox.Send(t.Context(), e.ana, e.sales, outbox.NewMessage{Revoke: &outbox.NewRevoke{ID: e.secret}}); desktest.CodeOf(err) != outbox.ErrNoTarget.Code {
		t.Errorf("revoke: got %v, want %s", err, outbox.ErrNoTarget.Code)
	}
	e.Send(e.ana, e.sales, outbox.NewMessage{Reaction: &outbox.NewReaction{ID: e.secret, Emoji: "👍"}})
}

func TestQuoteOfAnotherConversationShowsOnlyWhatWhatsAppCarries(t *testing.T) {
	e := newElsewhere(t)
	secret := e.Message(e.secret)
	e.Exec("UPDATE messages SET text = 'the other side offers 90,000' WHERE id = '" + e.secret + "'") // edited since
	q := store.Raw(whatsapp.Quote{ID: secret.WaID, FromMe: true, Text: "the other side…"})
	e.Add(e.sales, &store.Message{Direction: "in", Kind: "text", Author: store.ByContact, Text: "and this?", WaID: "Q", Quote: q})
	e.Add(e.legal, &store.Message{Direction: "in", Kind: "text", Author: store.ByContact, Text: "and this?", WaID: "R", Quote: q})
	views, err := view.Messages(e.Desk.Store.App.ConcurrentDB(), view.Everyone, desktest.All[store.Message](e.World, "SELECT * FROM messages WHERE waId = 'Q' OR waId = 'R' ORDER BY waId"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := *views[0].Quote, (view.Quote{Text: "the other side…", Author: store.ByContact, Claimed: true}); got != want {
		t.Errorf("from elsewhere: got %+v, want %+v", got, want)
	}
	if got, want := *views[1].Quote, (view.Quote{ID: e.secret, Text: "the other side offers 90,000", Kind: "text", Author: secret.Author}); got != want {
		t.Errorf("from the same: got %+v, want %+v", got, want)
	}
}

// Who hands a conversation over to people whose conversations they do not see, sees nothing of it any more either.
func TestTransferTellsNothingOfWhatLeftOnesSight(t *testing.T) {
	w := desktest.NewWorld(t)
	sales, support := w.Area("sales"), w.Area("support")
	ana, bea := w.User("ana", rights.Operator, sales), w.User("bea", rights.Operator, support)
	flow := w.Flow(`{"spec":1,"start":"go","nodes":{"go":{"type":"redirect","say":"only for support","area":"support"}}}`, `[{"on":"hand"}]`)
	for name, do := range map[string]func(id string) (view.Conversation, error){
		"transfer": func(id string) (view.Conversation, error) {
			return w.Desk.Conversations.Transfer(t.Context(), ana, id, conversation.Transfer{Area: support})
		},
		"flow": func(id string) (view.Conversation, error) {
			return w.Desk.Runner.StartFlow(t.Context(), ana, id, runner.Starting{Flow: flow})
		},
	} {
		t.Run(name, func(t *testing.T) {
			id := w.Conversation(store.StatusOpen, sales, ana.ID)
			w.Says(id, "hola")
			shown, err := do(id)
			if err != nil {
				t.Fatal(err)
			}
			c := w.Get(id)
			if c.Area != support || c.Assignee != bea.ID {
				t.Fatalf("got %s of %q, want it to be bea's", c.Area, c.Assignee)
			}
			if shown.ID != id || shown.Assignee != "" || shown.LastMessage != nil && strings.Contains(shown.LastMessage.Text, "support") {
				t.Errorf("got %+v (last %+v), want nothing of who has it and what was said", shown, shown.LastMessage)
			}
			if shown.Cursor != c.Seq || shown.Area != support {
				t.Errorf("got cursor %d and area %q, want %d and where it went", shown.Cursor, shown.Area, c.Seq)
			}
		})
	}
}
