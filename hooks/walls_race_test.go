package hooks_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mostrador/hooks/desktest"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

// TestWhatMovesWhileItIsReadStaysInside moves a conversation to another area, where something is said, between any two queries
// of a request: nobody of the old area reads what was said in the new one.
func TestWhatMovesWhileItIsReadStaysInside(t *testing.T) {
	s := desktest.NewSite(t)
	sales, help := s.Area("sales"), s.Area("help")
	sup, op := s.User("sup", rights.Supervisor, sales), s.User("op", rights.Operator, sales)
	c := s.Conversation(store.StatusWaiting, sales, "")
	m := s.Says(c, "ours")
	before := s.Get(c)
	var at int64 // the query after which it moves; 0: not
	s.Desk.Store.App.ConcurrentDB().(*dbx.DB).QueryLogFunc = func(context.Context, time.Duration, string, *sql.Rows, error) {
		if atomic.AddInt64(&at, -1) == 0 {
			s.Exec(fmt.Sprintf("UPDATE conversations SET area = '%s', lastText = 'secret', seq = seq + 100 WHERE id = '%s'", help, c))
			s.Exec(fmt.Sprintf("UPDATE messages SET text = 'secret', seq = seq + 100 WHERE conversation = '%s'", c))
			s.Exec(fmt.Sprintf(`INSERT INTO events (id, conversation, kind, actor, data, at, pos) VALUES ('%s', '%s', 'claimed', 'x', '"secret"', '2026-01-01', 1)`, store.NewID(s.Desk.Store.Now()), c))
			s.Exec(fmt.Sprintf(`INSERT INTO reactions (id, message, author, kind, emoji) VALUES ('%s', '%s', 'x', 'reaction', 'secret')`, store.NewID(s.Desk.Store.Now()), m.ID))
		}
	}
	for _, v := range []rights.Viewer{sup, op} {
		b := s.SignIn(v)
		for _, path := range []string{"/api/conversations", "/api/conversations?q=r", "/api/conversations?order=wait", "/api/conversations?assignee=none&status=waiting,closed",
			"/api/conversations/" + c, "/api/conversations/" + c + "/messages", "/api/changes?since=0", "/api/contacts/" + s.Get(c).Contact} {
			b.Get(path) // what is remembered between requests is
			moved := 0
			for after := int64(1); ; after++ {
				s.Exec("DELETE FROM events")
				s.Exec("DELETE FROM reactions")
				s.Exec(fmt.Sprintf("UPDATE conversations SET area = '%s', lastText = 'ours', seq = %d WHERE id = '%s'", sales, before.Seq, c))
				s.Exec(fmt.Sprintf("UPDATE messages SET text = 'ours', seq = %d", m.Seq))
				atomic.StoreInt64(&at, after)
				got := b.Get(path)
				if strings.Contains(string(got.Body), "secret") {
					t.Errorf("%s as %s, moved after query %d: got what was said in another area: %s", path, v.Role, after, got.Body)
				}
				if atomic.SwapInt64(&at, 0) > 0 { // it has fewer queries, and nothing moved
					if !strings.Contains(string(got.Body), "ours") {
						t.Errorf("%s as %s: got %s, want what is theirs", path, v.Role, got.Body)
					}
					break
				}
				moved++
			}
			if moved == 0 {
				t.Errorf("%s as %s: it was not moved while this was read", path, v.Role)
			}
		}
	}
}
