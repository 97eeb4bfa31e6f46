package auth

import (
	"net/http"
	"sync"
	"time"

	"mostrador/hooks/api"

	"github.com/pocketbase/pocketbase/core"
)

// What one browser, and one person with all of theirs, may have open at a time. A page asks for a dozen things at most.
const (
	RequestsBySession = 40
	RequestsByPerson  = 80
)

// shares counts what is under way, by whose it is.
type shares struct {
	Mu sync.Mutex
	By map[string]int
}

// enter takes a place under every key, or under none when one of them is full.
func (c *shares) enter(limits map[string]int) bool {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	for key, limit := range limits {
		if c.By[key] >= limit {
			return false
		}
	}
	if c.By == nil {
		c.By = map[string]int{}
	}
	for key := range limits {
		c.By[key]++
	}
	return true
}

func (c *shares) leave(limits map[string]int) {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	for key := range limits {
		if c.By[key]--; c.By[key] <= 0 {
			delete(c.By, key)
		}
	}
}

// letIn gives who is signed in a place among their own requests and the time that they need. leave gives the place back;
// nil where nothing was taken.
func (g *Guard) letIn(e *core.RequestEvent) (leave func(), err error) {
	limits := map[string]int{}
	me := api.SignedIn(e)
	switch {
	case e.HasSuperuserAuth():
		limits["superuser "+e.Auth.Id] = RequestsByPerson
	case me != nil:
		g.Proxied.Note(e.Request, e.RemoteIP())
		limits["session "+me.Session], limits["person "+me.ID] = RequestsBySession, RequestsByPerson
	default:
		return func() {}, nil
	}
	if !api.IsStream(e.Request) || me == nil { // the desk's own streams are counted where they are kept: hub
		if !g.Shares.enter(limits) {
			return nil, ErrCrowded.With("seconds", 1)
		}
		leave = func() { g.Shares.leave(limits) }
	} else {
		leave = func() {}
	}
	_ = http.NewResponseController(e.Response).SetWriteDeadline(time.Now().Add(api.KnownWriteTime)) // recorders in tests have none
	if a := api.ArrivalOf(e.Request); a != nil {
		a.Welcome()
	}
	return leave, nil
}
