package hooks

import (
	"net/http"
	"sync"
	"time"

	"mostrador/hooks/api"

	"github.com/pocketbase/pocketbase/core"
)

// What one browser, and one person with all of theirs, may have open at a time. A page asks for a dozen things at most.
const (
	requestsBySession = 40
	requestsByPerson  = 80
)

// shares counts what is under way, by whose it is.
type shares struct {
	mu sync.Mutex
	by map[string]int
}

// enter takes a place under every key, or under none when one of them is full.
func (c *shares) enter(limits map[string]int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, limit := range limits {
		if c.by[key] >= limit {
			return false
		}
	}
	if c.by == nil {
		c.by = map[string]int{}
	}
	for key := range limits {
		c.by[key]++
	}
	return true
}

func (c *shares) leave(limits map[string]int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key := range limits {
		if c.by[key]--; c.by[key] <= 0 {
			delete(c.by, key)
		}
	}
}

// letIn gives who is signed in a place among their own requests and the time that they need. leave gives the place back;
// nil where nothing was taken.
func (d *Desk) letIn(e *core.RequestEvent) (leave func(), err error) {
	limits := map[string]int{}
	me := api.SignedIn(e)
	switch {
	case e.HasSuperuserAuth():
		limits["superuser "+e.Auth.Id] = requestsByPerson
	case me != nil:
		d.proxied.note(e.Request, e.RemoteIP())
		limits["session "+me.Session], limits["person "+me.ID] = requestsBySession, requestsByPerson
	default:
		return func() {}, nil
	}
	if !api.IsStream(e.Request) || me == nil { // the desk's own streams are counted where they are kept: hub
		if !d.shares.enter(limits) {
			return nil, &api.Refusal{Status: http.StatusTooManyRequests, Code: api.CodeCrowded, Args: map[string]any{"seconds": 1}}
		}
		leave = func() { d.shares.leave(limits) }
	} else {
		leave = func() {}
	}
	_ = http.NewResponseController(e.Response).SetWriteDeadline(time.Now().Add(api.KnownWriteTime)) // recorders in tests have none
	if a := api.ArrivalOf(e.Request); a != nil {
		a.Welcome()
	}
	return leave, nil
}
