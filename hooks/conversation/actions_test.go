package conversation_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/conversation"
	"mostrador/hooks/desktest"
	"mostrador/hooks/outbox"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
)

func TestClaimOfFiftyHasOneWinner(t *testing.T) {
	w := desktest.NewWorld(t)
	sales := w.Area("sales")
	users := make([]rights.Viewer, 50)
	for i := range users {
		users[i] = w.User("user"+string(rune('a'+i%26))+string(rune('a'+i/26)), rights.Operator, sales)
	}
	id := w.Conversation(store.StatusWaiting, sales, "")
	var won atomic.Int32
	var wg sync.WaitGroup
	losses := make([]error, len(users))
	for i, v := range users {
		wg.Go(func() {
			if _, err := w.Desk.Conversations.Claim(t.Context(), v, id); err != nil {
				losses[i] = err
			} else {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Fatalf("got %d winners, want 1", won.Load())
	}
	winner := w.Get(id).Assignee
	for i, err := range losses {
		if users[i].ID == winner {
			continue
		}
		var r *api.Refusal
		if !errors.As(err, &r) || r.Status != 409 || r.Code != conversation.ErrTaken.Code || !strings.HasPrefix(r.Args["name"].(string), "user") {
			t.Errorf("loser %d: got %v, want to be told who was faster", i, err)
		}
	}
	if got := w.Events(id); got != "assigned" {
		t.Errorf("got events %q, want one assignment", got)
	}
}

func TestClaim(t *testing.T) {
	w := desktest.NewWorld(t)
	sales, support := w.Area("sales"), w.Area("support")
	ana, bea := w.User("ana", rights.Operator, sales), w.User("bea", rights.Operator, sales)
	boss := w.User("boss", rights.Admin)
	tests := []struct {
		name                   string
		v                      rights.Viewer
		status, area, assignee string
		want                   string
	}{
		{"waiting", ana, store.StatusWaiting, sales, "", ""},
		{"with the bot", ana, store.StatusBot, sales, "", ""},
		{"mine already", ana, store.StatusOpen, sales, ana.ID, ""},
		{"a colleague has it", bea, store.StatusOpen, sales, ana.ID, conversation.ErrTaken.Code},
		{"admin, a colleague has it", boss, store.StatusOpen, sales, ana.ID, conversation.ErrTaken.Code},
		{"other area", ana, store.StatusWaiting, support, "", api.ErrNotFound.Code},
		{"other area, somebody has it", ana, store.StatusOpen, support, "x", api.ErrNotFound.Code},
		{"no area yet", ana, store.StatusWaiting, "", "", api.ErrNotFound.Code},
		{"admin, no area yet", boss, store.StatusBot, "", "", ""},
		{"closed", ana, store.StatusClosed, sales, "", conversation.ErrClosed.Code},
		{"a colleague gave it to the bot", bea, store.StatusBot, sales, ana.ID, api.ErrNotFound.Code},
		{"a colleague closed it", bea, store.StatusClosed, sales, ana.ID, api.ErrNotFound.Code},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id := w.Conversation(tt.status, tt.area, tt.assignee)
			shown, err := w.Desk.Conversations.Claim(t.Context(), tt.v, id)
			if got := desktest.CodeOf(err); got != tt.want {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
			if tt.want == "" && (shown.Status != store.StatusOpen || shown.Assignee != tt.v.ID || shown.ID != id) {
				t.Errorf("got %+v, want it open with %s", shown, tt.v.ID)
			}
		})
	}
	if _, err := w.Desk.Conversations.Claim(t.Context(), boss, "nothing"); desktest.CodeOf(err) != api.ErrNotFound.Code {
		t.Errorf("no such conversation: got %v", err)
	}
}

// TestWhoMayDoWhat has a row per action and a column per person: the assignee, a colleague of the area, the supervisor,
// an admin, and somebody of another area.
func TestWhoMayDoWhat(t *testing.T) {
	w := desktest.NewWorld(t)
	sales, support := w.Area("sales"), w.Area("support")
	ana := w.User("ana", rights.Operator, sales)
	users := []rights.Viewer{ana, w.User("bea", rights.Operator, sales), w.User("sup", rights.Supervisor, sales), w.User("boss", rights.Admin), w.User("out", rights.Supervisor, support)}
	no, hidden := api.ErrForbidden.Code, api.ErrNotFound.Code
	actions := map[string]struct {
		do               func(v rights.Viewer, id string) error
		unassigned, hers [5]string
	}{
		"return": {func(v rights.Viewer, id string) error {
			_, err := w.Desk.Conversations.Return(t.Context(), v, id)
			return err
		},
			[5]string{no, no, conversation.ErrNotOpen.Code, conversation.ErrNotOpen.Code, hidden}, [5]string{"", hidden, "", "", hidden}},
		"transfer": {func(v rights.Viewer, id string) error {
			_, err := w.Desk.Conversations.Transfer(t.Context(), v, id, conversation.Transfer{Area: support})
			return err
		}, [5]string{no, no, "", "", hidden}, [5]string{"", hidden, "", "", hidden}},
		"close": {func(v rights.Viewer, id string) error {
			_, err := w.Desk.Conversations.CloseConversation(t.Context(), v, id, conversation.Closing{})
			return err
		}, [5]string{no, no, "", "", hidden}, [5]string{"", hidden, "", "", hidden}},
		"snooze": {func(v rights.Viewer, id string) error {
			_, err := w.Desk.Conversations.Snooze(t.Context(), v, id, w.Desk.Store.Now().Add(time.Hour))
			return err
		}, [5]string{no, no, "", "", hidden}, [5]string{"", hidden, "", "", hidden}},
		"send": {func(v rights.Viewer, id string) error {
			_, err := w.Desk.Outbox.Send(t.Context(), v, id, outbox.NewMessage{Text: "hola"})
			return err
		}, [5]string{no, no, "", "", hidden}, [5]string{"", hidden, "", "", hidden}},
		"read": {func(v rights.Viewer, id string) error {
			_, err := w.Desk.Conversations.MarkRead(t.Context(), v, id)
			return err
		},
			[5]string{"", "", "", "", hidden}, [5]string{"", hidden, "", "", hidden}},
		"reopen": {func(v rights.Viewer, id string) error {
			_, err := w.Desk.Conversations.Reopen(t.Context(), v, id)
			return err
		},
			[5]string{conversation.ErrNotClosed.Code, conversation.ErrNotClosed.Code, conversation.ErrNotClosed.Code, conversation.ErrNotClosed.Code, hidden},
			[5]string{conversation.ErrNotClosed.Code, hidden, conversation.ErrNotClosed.Code, conversation.ErrNotClosed.Code, hidden}},
	}
	for name, a := range actions {
		for i, v := range users {
			if got := desktest.CodeOf(a.do(v, w.Conversation(store.StatusWaiting, sales, ""))); got != a.unassigned[i] {
				t.Errorf("%s of a waiting one by person %d: got %q, want %q", name, i, got, a.unassigned[i])
			}
			if got := desktest.CodeOf(a.do(v, w.Conversation(store.StatusOpen, sales, ana.ID))); got != a.hers[i] {
				t.Errorf("%s of the assignee's by person %d: got %q, want %q", name, i, got, a.hers[i])
			}
		}
	}
}

// TestAdminsTransferToEverybody: whoever may know all areas hands over to a person of any.
func TestAdminsTransferToEverybody(t *testing.T) {
	w := desktest.NewWorld(t)
	sales, support := w.Area("sales"), w.Area("support")
	boss, bea := w.User("boss", rights.Admin), w.User("bea", rights.Operator, support)
	for _, to := range []conversation.Transfer{{User: bea.ID}, {User: bea.ID, Area: support}} {
		id := w.Conversation(store.StatusOpen, sales, boss.ID)
		if _, err := w.Desk.Conversations.Transfer(t.Context(), boss, id, to); err != nil {
			t.Fatal(err)
		}
		if c := w.Get(id); c.Area != support || c.Assignee != bea.ID {
			t.Errorf("%+v: got area %q assignee %q", to, c.Area, c.Assignee)
		}
	}
}

func TestTransfer(t *testing.T) {
	w := desktest.NewWorld(t)
	sales, support, off := w.Area("sales"), w.Area("support"), w.Area("off")
	w.Exec("UPDATE areas SET active = FALSE WHERE id = '" + off + "'")
	help := w.Area("help")
	sup := w.User("sup", rights.Supervisor, sales, help)
	ana := w.User("ana", rights.Operator, sales)
	bea := w.User("bea", rights.Operator, support)
	kim := w.User("kim", rights.Operator, support, help)
	w.Exec("UPDATE users SET availability = 'away', defaultArea = '" + support + "' WHERE id = '" + kim.ID + "'")
	gone := w.User("gone", rights.Operator, sales)
	w.Exec("UPDATE users SET active = FALSE WHERE id = '" + gone.ID + "'")
	boss := w.User("boss", rights.Admin)
	tests := []struct {
		name           string
		to             conversation.Transfer
		want           string
		area, assignee string
	}{
		{"to an area", conversation.Transfer{Area: "support"}, "", support, bea.ID},
		{"to a person", conversation.Transfer{User: sup.ID}, "", sales, sup.ID},
		{"to a colleague of another own area, wherever", conversation.Transfer{User: kim.ID}, "", help, kim.ID},
		{"to a person of another area", conversation.Transfer{User: bea.ID}, conversation.ErrUnknownUser.Code, "", ""},
		{"to a person of another area, there", conversation.Transfer{Area: support, User: bea.ID}, conversation.ErrUnknownUser.Code, "", ""},
		{"to a person of the own area, in another", conversation.Transfer{Area: support, User: sup.ID}, conversation.ErrUnknownUser.Code, "", ""},
		{"to a person who is not there, in another", conversation.Transfer{Area: support, User: "x"}, conversation.ErrUnknownUser.Code, "", ""},
		{"to an admin in another area", conversation.Transfer{Area: support, User: boss.ID}, "", support, boss.ID},
		{"to a person in an area", conversation.Transfer{Area: sales, User: sup.ID}, "", sales, sup.ID},
		{"to an admin: stays in its area", conversation.Transfer{User: boss.ID}, "", sales, boss.ID},
		{"to the own area: not back to who had it", conversation.Transfer{Area: sales}, "", sales, ""},
		{"to nobody", conversation.Transfer{}, api.ErrBadValue.Code, "", ""},
		{"to an unknown area", conversation.Transfer{Area: "moon"}, api.ErrUnknownArea.Code, "", ""},
		{"to an area that is off", conversation.Transfer{Area: off}, api.ErrUnknownArea.Code, "", ""},
		{"to an unknown person", conversation.Transfer{User: "x"}, conversation.ErrUnknownUser.Code, "", ""},
		{"to a person who left", conversation.Transfer{User: gone.ID}, conversation.ErrUnknownUser.Code, "", ""},
		{"to a person elsewhere", conversation.Transfer{Area: sales, User: bea.ID}, conversation.ErrUnknownUser.Code, "", ""},
		{"to a colleague of another own area", conversation.Transfer{Area: sales, User: kim.ID}, conversation.ErrNotInArea.Code, "", ""},
		{"with a book", conversation.Transfer{Area: sales, Note: strings.Repeat("x", api.MaxText+1)}, api.ErrTooLong.Code, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id := w.Conversation(store.StatusOpen, sales, ana.ID)
			heard := w.Hear()
			shown, err := w.Desk.Conversations.Transfer(t.Context(), sup, id, tt.to)
			if got := desktest.CodeOf(err); got != tt.want {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
			if tt.want != "" {
				if c := w.Get(id); c.Assignee != ana.ID || len(*heard) != 0 {
					t.Errorf("refused, and yet it changed: %+v", c)
				}
				return
			}
			if c := w.Get(id); c.Area != tt.area || c.Assignee != tt.assignee || shown.Area != tt.area {
				t.Errorf("got area %q assignee %q, want %q and %q", c.Area, c.Assignee, tt.area, tt.assignee)
			}
			for _, e := range *heard {
				if e.Name == store.EventConversation && (!e.Moved || e.FromAssignee != ana.ID || e.FromArea != sales) {
					t.Errorf("got %+v, want to be told that it left %s", e, ana.ID)
				}
			}
		})
	}
}

func TestReopenByHand(t *testing.T) {
	w := desktest.NewWorld(t)
	sales := w.Area("sales")
	ana, sup := w.User("ana", rights.Operator, sales), w.User("sup", rights.Supervisor, sales)
	id := w.Conversation(store.StatusOpen, sales, ana.ID)
	for _, v := range []rights.Viewer{ana, sup} {
		w.Must(id, func(tx *store.Tx, c *store.Conversation) error {
			return w.Desk.Conversations.Close(tx, c, v.ID, "", "")
		})
		shown, err := w.Desk.Conversations.Reopen(t.Context(), v, id)
		if err != nil || shown.Assignee != v.ID || shown.Status != store.StatusOpen {
			t.Errorf("got %+v (%v), want it open with %s", shown, err, v.ID)
		}
	}
	w.Must(id, func(tx *store.Tx, c *store.Conversation) error {
		return w.Desk.Conversations.Close(tx, c, sup.ID, "", "")
	})
	c := w.Get(id)
	w.Insert("conversations", map[string]any{"line": c.Line, "contact": c.Contact, "status": store.StatusBot, "lastAt": c.LastAt, "startedAt": c.LastAt})
	for v, told := range map[*rights.Viewer]bool{&sup: false, {ID: "boss", Role: rights.Admin}: true} {
		var r *api.Refusal
		if _, err := w.Desk.Conversations.Reopen(t.Context(), *v, id); !errors.As(err, &r) || r.Code != conversation.ErrLive.Code || told != (r.Data != nil) {
			t.Errorf("%s, with another one live: got %+v, want %s, and its id for who sees it", v.ID, r, conversation.ErrLive.Code)
		}
	}
}

func TestSnoozeEndsWhenTheCustomerWrites(t *testing.T) {
	w := desktest.NewWorld(t)
	boss := w.User("boss", rights.Admin)
	id := w.Conversation(store.StatusOpen, "", boss.ID)
	for until, want := range map[time.Time]string{w.Desk.Store.Now(): conversation.ErrPastTime.Code, w.Desk.Store.Now().Add(2 * conversation.MaxAhead): conversation.ErrTooFar.Code} {
		if _, err := w.Desk.Conversations.Snooze(t.Context(), boss, id, until); desktest.CodeOf(err) != want {
			t.Errorf("until %v: got %v, want %s", until, err, want)
		}
	}
	shown, err := w.Desk.Conversations.Snooze(t.Context(), boss, id, w.Desk.Store.Now().Add(time.Hour))
	if err != nil || shown.SnoozedUntil == "" {
		t.Fatalf("got %+v, %v", shown, err)
	}
	w.Says(id, "?")
	if c := w.Get(id); !c.SnoozedUntil.IsZero() {
		t.Error("the customer writes and it sleeps on")
	}
}

func TestReadTellsTheLine(t *testing.T) {
	w := desktest.NewWorld(t)
	sales := w.Area("sales")
	ana, bea := w.User("ana", rights.Operator, sales), w.User("bea", rights.Operator, sales)
	id := w.Conversation(store.StatusWaiting, sales, "")
	w.Says(id, "1")
	last := w.Says(id, "2")
	var read []string
	w.Desk.Store.Read = func(line string) { read = append(read, line) }
	if _, err := w.Desk.Conversations.MarkRead(t.Context(), bea, id); err != nil || w.Get(id).Unread != 2 {
		t.Errorf("looking at what nobody has: got unread %d (%v), want 2", w.Get(id).Unread, err)
	}
	if _, err := w.Desk.Conversations.Claim(t.Context(), ana, id); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if shown, err := w.Desk.Conversations.MarkRead(t.Context(), ana, id); err != nil || shown.Unread != 0 {
			t.Errorf("got unread %d (%v), want 0", shown.Unread, err)
		}
	}
	w.Write(func(*store.Tx) error { return nil }) // what runs after a commit has run when the next one is done
	if c := w.Get(id); len(read) != 1 || read[0] != "line" || c.ReadPos != last.Pos {
		t.Errorf("told %v, read up to %d; want one word to the line, %d", read, c.ReadPos, last.Pos)
	}
}

// TestPersonOfNoAreaTakesItWhereItIs: a transfer to somebody who works nowhere in particular does not take the conversation out of
// every area's sight.
func TestPersonOfNoAreaTakesItWhereItIs(t *testing.T) {
	w := desktest.NewWorld(t)
	sales := w.Area("sales")
	boss, nowhere := w.User("boss", rights.Admin), w.User("nina", rights.Operator)
	for _, to := range []rights.Viewer{nowhere, boss} {
		id := w.Conversation("waiting", sales, "")
		if _, err := w.Desk.Conversations.Transfer(t.Context(), boss, id, conversation.Transfer{User: to.ID}); err != nil {
			t.Fatal(err)
		}
		if c := w.Get(id); c.Area != sales || c.Assignee != to.ID {
			t.Errorf("got area %q with %q, want it to stay in sales with %s", c.Area, c.Assignee, to.ID)
		}
	}
}
