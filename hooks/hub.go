package hooks

import (
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"mostrador/hooks/api"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/subscriptions"
)

// topics are all the names that somebody may subscribe to.
var topics = []string{store.EventStatus, store.EventQR, store.EventConversation, store.EventIncoming, store.EventClosed, store.EventPending, store.EventMessageNew,
	store.EventMessage, store.EventPresence, store.EventTyping, store.EventPing}

// listenerBuffer is how many events wait for a slow browser before it is cut off; it comes back and catches up.
const listenerBuffer = 256

// listener is one open stream. Unlike PocketBase's own client it never blocks the sender and keeps the order.
type listener struct {
	*subscriptions.DefaultClient
	events  chan subscriptions.Message
	viewer  atomic.Pointer[rights.Viewer]
	session string        // id
	wants   atomic.Uint32 // bit i: topics[i]
	gone    bool          // under the hub's lock: events is closed
	counted bool          // under the hub's lock: its person is there
	hub     *hub
}

// Channel is what PocketBase's stream handler reads; closed when the stream has to end.
func (l *listener) Channel() chan subscriptions.Message { return l.events }

// Send queues one event. PocketBase calls it for its own topics, to which nobody can subscribe here.
func (l *listener) Send(m subscriptions.Message) {
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	l.send(m)
}

func (l *listener) send(m subscriptions.Message) {
	if l.gone {
		return
	}
	select {
	case l.events <- m:
	default: // too slow: it may come back and ask what it missed
		l.hub.drop(l)
	}
}

// Discard ends the stream.
func (l *listener) Discard() {
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	l.hub.drop(l)
}

// IsDiscarded tells whether the stream has ended.
func (l *listener) IsDiscarded() bool {
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	return l.gone
}

// listen keeps what the browser wants to hear.
func (l *listener) listen(names []string) {
	var wants uint32
	for i, topic := range topics {
		if slices.Contains(names, topic) {
			wants |= 1 << i
		}
	}
	l.wants.Store(wants)
}

// hub brings events to the streams of those who may see them.
type hub struct {
	mu        sync.Mutex
	check     func(*core.RequestEvent) *rights.Viewer // who sends a request, looked up anew; nil: nobody any more
	foreign   func(*http.Request) bool                // whether another site's page sends a request
	arrived   func(user string)                       // of every stream that was admitted
	left      func(user string)
	listeners map[*listener]struct{}
	cursor    int64 // the highest that was published: whoever got everything so far may resume from here
}

// begin starts from the last number that was given.
func (h *hub) begin(cursor int64) { h.listeners, h.cursor = map[*listener]struct{}{}, cursor }

// join opens a stream for a signed-in browser; nil when it, or its person, has enough of them.
func (h *hub) join(who rights.Viewer, session string) *listener {
	l := &listener{DefaultClient: subscriptions.NewDefaultClient(), events: make(chan subscriptions.Message, listenerBuffer), session: session, hub: h}
	l.viewer.Store(&who)
	h.mu.Lock()
	defer h.mu.Unlock()
	browser, person := 0, 0
	for other := range h.listeners {
		if other.session == session {
			browser++
		}
		if other.viewer.Load().ID == who.ID {
			person++
		}
	}
	if browser >= streamsBySession || person >= streamsByPerson {
		return nil
	}
	h.listeners[l] = struct{}{}
	return l
}

// admit counts a stream that passed every check: whose it is, is there.
func (h *hub) admit(l *listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !l.gone {
		l.counted = true
		h.arrived(l.viewer.Load().ID)
	}
}

// drop ends a stream. Under the lock.
func (h *hub) drop(l *listener) {
	if l.gone {
		return
	}
	l.gone = true
	close(l.events)
	delete(h.listeners, l)
	if l.counted {
		h.left(l.viewer.Load().ID)
	}
}

// leave is drop for a stream whose browser went away.
func (h *hub) leave(l *listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drop(l)
}

// dropSessions ends the streams of sessions that were revoked.
func (h *hub) dropSessions(gone map[string]bool) {
	h.revoke(func(l *listener) bool { return gone[l.session] })
}

// dropUser ends the streams of a user whose rights changed; their browsers come back with the new ones.
func (h *hub) dropUser(id string) {
	h.revoke(func(l *listener) bool { return l.viewer.Load().ID == id })
}

// revoke ends streams at once: what waits for them is not delivered any more.
func (h *hub) revoke(fits func(*listener) bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for l := range h.listeners {
		if fits(l) {
			l.empty()
			h.drop(l)
		}
	}
}

// empty throws away what waits for a browser.
func (l *listener) empty() {
	for {
		select {
		case _, open := <-l.events:
			if !open {
				return
			}
		default:
			return
		}
	}
}

// refresh gives a user's streams their new rights; who is nil when they have none any more.
func (h *hub) refresh(id string, who *api.Account) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for l := range h.listeners {
		if l.viewer.Load().ID != id {
			continue
		}
		l.empty() // seen with the rights of before; the browser is about to read everything anew
		if who == nil {
			h.drop(l)
			continue
		}
		l.viewer.Store(&who.Viewer)
	}
}

// payload is what a stream carries: the same JSON as the REST resource, and the cursor to resume from.
type payload struct {
	Cursor int64 `json:"cursor,string"`
	Data   any   `json:"data"`
}

// removed is what somebody hears of a conversation that left their sight.
type removed struct {
	ID      string `json:"id"`
	Removed bool   `json:"removed"`
}

// publish brings one event to everybody who listens to it and may see it, in the order of its calls. It never waits for
// a browser.
func (h *hub) publish(e store.Event) {
	topic := slices.Index(topics, e.Name)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.cursor = max(h.cursor, e.Cursor)
	if topic < 0 {
		return
	}
	if e.Cursor == 0 { // typing, a line's state: nothing to resume, so what came before them stands
		e.Cursor = h.cursor
	}
	var shown, gone subscriptions.Message // made for the first who gets them
	for l := range h.listeners {
		if l.wants.Load()&(1<<topic) == 0 {
			continue
		}
		switch reaches(&e, *l.viewer.Load()) {
		case sees:
			if shown.Data == nil {
				shown = message(e, e.Data)
			}
			l.send(shown)
		case lost:
			if gone.Data == nil {
				gone = message(e, removed{e.ID, true})
			}
			l.send(gone)
		}
	}
}

func message(e store.Event, data any) subscriptions.Message {
	text, _ := json.Marshal(payload{e.Cursor, data}) // views are plain data
	return subscriptions.Message{Name: e.Name, Data: text}
}

type reach int

const (
	nothing reach = iota
	sees
	lost // saw the conversation before, and does not any more
)

// reaches tells what a viewer hears of an event.
func reaches(e *store.Event, v rights.Viewer) reach {
	heard := e.All
	if e.Conversation {
		heard = v.Sees(e.Area, e.Assignee)
		if !heard && e.Moved && v.Sees(e.FromArea, e.FromAssignee) {
			return lost
		}
	}
	if heard || e.User != "" && e.User == v.ID || e.Role != "" && e.Role == v.Role {
		return sees
	}
	return nothing
}

// now is the cursor that a browser which has everything may resume from.
func (h *hub) now() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.cursor
}

// ping keeps one stream alive through proxies, and moves its cursor on.
func (h *hub) ping(l *listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if l.wants.Load()&(1<<slices.Index(topics, store.EventPing)) != 0 {
		l.send(message(store.Event{Name: store.EventPing, Cursor: h.cursor}, struct{}{}))
	}
}
