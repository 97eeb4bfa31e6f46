package conversation_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"mostrador/hooks/conversation"
	"mostrador/hooks/desktest"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
)

func TestRoutingPolicies(t *testing.T) {
	tests := []struct {
		name, policy string
		set          string // SQL before the deal; {a} {b} {c} are the operators
		want         string // who gets the next six
	}{
		{"least loaded is the default", "", "", "abcabc"},
		{"least loaded after a head start", conversation.PolicyLeast, "UPDATE conversations SET assignee = '{a}', status = 'open'", "bcbcab"},
		{"tie goes to who has not got one for longest", conversation.PolicyLeast, "UPDATE users SET lastAssignedAt = '2026-01-01 00:00:00.000Z' WHERE id = '{a}'", "bcabca"},
		{"round robin does not count", conversation.PolicyRound, "UPDATE conversations SET assignee = '{a}', status = 'open'", "abcabc"},
		{"manual leaves it waiting", conversation.PolicyManual, "", "------"},
		{"away gets nothing", conversation.PolicyLeast, "UPDATE users SET availability = 'away' WHERE id = '{b}'", "acacac"},
		{"switched off gets nothing", conversation.PolicyLeast, "UPDATE users SET active = FALSE WHERE id = '{a}'", "bcbcbc"},
		{"full gets nothing", conversation.PolicyLeast, "UPDATE users SET capacity = 1", "abc---"},
		{"full in round robin", conversation.PolicyRound, "UPDATE users SET capacity = 1 WHERE id != '{b}'", "abcbbb"},
		{"nobody", conversation.PolicyLeast, "UPDATE users SET availability = ''", "------"},
		{"supervisors are not dealt to", conversation.PolicyLeast, "UPDATE users SET role = 'SUPERVISOR' WHERE id != '{b}'", "bbbbbb"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := desktest.NewWorld(t)
			area := w.Area("sales")
			w.Exec("UPDATE areas SET policy = '" + tt.policy + "'")
			w.User("elsewhere", rights.Operator, w.Area("other"))
			users := []rights.Viewer{w.User("a", rights.Operator, area), w.User("b", rights.Operator, area), w.User("c", rights.Operator, area)}
			for range 2 {
				w.Conversation(store.StatusClosed, area, "")
			}
			if tt.set != "" {
				w.Exec(strings.NewReplacer("{a}", users[0].ID, "{b}", users[1].ID, "{c}", users[2].ID).Replace(tt.set))
			}
			if got := w.Deal("sales", len(tt.want), users...); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestManyAtOnceAreSpreadEvenly hands over in one commit, within one millisecond.
func TestManyAtOnceAreSpreadEvenly(t *testing.T) {
	for _, policy := range []string{conversation.PolicyLeast, conversation.PolicyRound} {
		t.Run(policy, func(t *testing.T) {
			w := desktest.NewWorld(t)
			area := w.Area("sales")
			w.Exec("UPDATE areas SET policy = '" + policy + "'")
			users := []rights.Viewer{w.User("a", rights.Operator, area), w.User("b", rights.Operator, area), w.User("c", rights.Operator, area)}
			var ids []string
			for range 30 {
				ids = append(ids, w.Conversation(store.StatusBot, "", ""))
			}
			w.Write(func(tx *store.Tx) error {
				for _, id := range ids {
					c, err := tx.Conversation(id)
					if err != nil {
						return err
					}
					if err := w.Desk.Conversations.Handover(tx, c, conversation.Handover{Area: "sales"}); err != nil {
						return err
					}
				}
				return nil
			})
			count := map[string]int{}
			for _, id := range ids {
				count[w.Get(id).Assignee]++
			}
			for _, p := range users {
				if count[p.ID] != 10 {
					t.Errorf("got %v, want 10 each", count)
				}
			}
		})
	}
}

func TestWaitingLineMovesWhenSomebodyIsFreed(t *testing.T) {
	w := desktest.NewWorld(t)
	sales, support := w.Area("sales"), w.Area("support")
	ana := w.User("ana", rights.Operator, sales, support)
	w.Exec("UPDATE users SET capacity = 1, availability = 'offline'")
	var ids []string
	for i, priority := range []int{0, 0, 5} {
		w.Pass(1e9)
		id := w.Conversation(store.StatusBot, "", "")
		w.Handover(id, conversation.Handover{Area: []string{"sales", "support", "sales"}[i], Priority: priority})
		ids = append(ids, id)
	}
	has := func() string {
		var s []string
		for i, id := range ids {
			if c := w.Get(id); c.Assignee == ana.ID && c.Status == store.StatusOpen {
				s = append(s, fmt.Sprint(i))
			}
		}
		return strings.Join(s, "")
	}
	steps := []struct {
		name string
		do   func() error
		want string
	}{
		{"away", func() error { return w.Desk.Presence.SetAvailability(t.Context(), ana, "away") }, ""},
		{"online: the urgent one first", func() error { return w.Desk.Presence.SetAvailability(t.Context(), ana, "available") }, "2"},
		{"closes one: who waits longest", func() error {
			_, err := w.Desk.Conversations.CloseConversation(t.Context(), ana, ids[2], conversation.Closing{})
			return err
		}, "0"},
		{"closes another: the other area", func() error {
			_, err := w.Desk.Conversations.CloseConversation(t.Context(), ana, ids[0], conversation.Closing{})
			return err
		}, "1"},
		{"gives it back: it does not come back at once", func() error {
			_, err := w.Desk.Conversations.Return(t.Context(), ana, ids[1])
			return err
		}, ""},
	}
	for _, s := range steps {
		if err := s.do(); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		if got := has(); got != s.want {
			t.Errorf("%s: she has %q, want %q", s.name, got, s.want)
		}
	}
}

func TestSnoozedDoesNotMoveInTheLine(t *testing.T) {
	w := desktest.NewWorld(t)
	sales := w.Area("sales")
	boss := w.User("boss", rights.Admin)
	id := w.Conversation(store.StatusWaiting, sales, "")
	if _, err := w.Desk.Conversations.Snooze(t.Context(), boss, id, w.Desk.Store.Now().Add(1e9)); err != nil {
		t.Fatal(err)
	}
	w.User("ana", rights.Operator, sales)
	w.Write(func(tx *store.Tx) error { return conversation.RunQueue(tx, sales, "") })
	if c := w.Get(id); c.Status != store.StatusWaiting {
		t.Errorf("got %s, want it to sleep", c.Status)
	}
}

// TestChatsNeverRace: many conversations arrive at once and nobody gets more than they can take.
func TestChatsNeverRace(t *testing.T) {
	w := desktest.NewWorld(t)
	sales := w.Area("sales")
	for _, name := range []string{"ana", "bea", "carl"} {
		w.User(name, rights.Operator, sales)
	}
	w.Exec("UPDATE users SET capacity = 5")
	var wg sync.WaitGroup
	for range 40 {
		id := w.Conversation(store.StatusBot, "", "")
		wg.Go(func() {
			if err := w.On(id, func(tx *store.Tx, c *store.Conversation) error {
				return w.Desk.Conversations.Handover(tx, c, conversation.Handover{Area: "sales"})
			}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var loads []int
	err := w.Desk.Store.App.DB().NewQuery("SELECT COUNT(*) FROM conversations WHERE status = 'open' GROUP BY assignee").Column(&loads)
	if err != nil || !slices.Equal(loads, []int{5, 5, 5}) || w.Count("conversations WHERE status = 'waiting'") != 25 {
		t.Errorf("got loads %v (%v), %d waiting; want 5 each and 25", loads, err, w.Count("conversations WHERE status = 'waiting'"))
	}
}

// TestWhoLeavesLeavesNobodyAlone: a user who is switched off has open conversations.
func TestWhoLeavesLeavesNobodyAlone(t *testing.T) {
	w := desktest.NewWorld(t)
	sales := w.Area("sales")
	ana, bea := w.User("ana", rights.Operator, sales), w.User("bea", rights.Operator, sales)
	w.Exec("UPDATE users SET capacity = 2 WHERE id = '" + bea.ID + "'")
	closed := w.Conversation(store.StatusClosed, sales, ana.ID)
	for range store.ClockBatch + 3 {
		w.Conversation(store.StatusOpen, sales, ana.ID)
	}
	if err := w.Desk.Conversations.Freed(t.Context(), ana.ID); err != nil || w.Count("conversations WHERE assignee = '"+ana.ID+"'") != store.ClockBatch+4 {
		t.Fatalf("she is still here: got %v", err)
	}
	w.Exec("UPDATE users SET active = FALSE WHERE id = '" + ana.ID + "'")
	if err := w.Desk.Conversations.Freed(t.Context(), ana.ID); err != nil {
		t.Fatal(err)
	}
	if got, want := w.Count("conversations WHERE assignee = '"+bea.ID+"' AND status = 'open'"), 2; got != want {
		t.Errorf("the colleague got %d, want %d", got, want)
	}
	if got, want := w.Count("conversations WHERE assignee = '' AND status = 'waiting'"), store.ClockBatch+1; got != want {
		t.Errorf("%d wait, want %d", got, want)
	}
	if c := w.Get(closed); c.Assignee != ana.ID {
		t.Error("what she closed is no longer hers")
	}
}
