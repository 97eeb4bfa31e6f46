package realtime

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

// Topics are all the names that somebody may subscribe to.
var Topics = []string{store.EventStatus, store.EventQR, store.EventConversation, store.EventIncoming, store.EventClosed, store.EventPending, store.EventMessageNew,
	store.EventMessage, store.EventPresence, store.EventTyping, store.EventPing}

// ListenerBuffer is how many events wait for a slow browser before it is cut off; it comes back and catches up.
const ListenerBuffer = 256

// Listener is one open stream. Unlike PocketBase's own client it never blocks the sender and keeps the order.
type Listener struct {
	*subscriptions.DefaultClient
	Events  chan subscriptions.Message
	viewer  atomic.Pointer[rights.Viewer]
	session string        // id
	wants   atomic.Uint32 // bit i: topics[i]
	gone    bool          // under the hub's lock: events is closed
	counted bool          // under the hub's lock: its person is there
	hub     *Hub
}

// Channel is what PocketBase's stream handler reads; closed when the stream has to end.
func (l *Listener) Channel() chan subscriptions.Message { return l.Events }

// Send queues one event. PocketBase calls it for its own topics, to which nobody can subscribe here.
func (l *Listener) Send(m subscriptions.Message) {
	l.hub.Mu.Lock()
	defer l.hub.Mu.Unlock()
	l.send(m)
}

func (l *Listener) send(m subscriptions.Message) {
	if l.gone {
		return
	}
	select {
	case l.Events <- m:
	default: // too slow: it may come back and ask what it missed
		l.hub.drop(l)
	}
}

// Discard ends the stream.
func (l *Listener) Discard() {
	l.hub.Mu.Lock()
	defer l.hub.Mu.Unlock()
	l.hub.drop(l)
}

// IsDiscarded tells whether the stream has ended.
func (l *Listener) IsDiscarded() bool {
	l.hub.Mu.Lock()
	defer l.hub.Mu.Unlock()
	return l.gone
}

// Listen keeps what the browser wants to hear.
func (l *Listener) Listen(names []string) {
	var wants uint32
	for i, topic := range Topics {
		if slices.Contains(names, topic) {
			wants |= 1 << i
		}
	}
	l.wants.Store(wants)
}

// Hub brings events to the streams of those who may see them.
type Hub struct {
	Mu        sync.Mutex
	Check     func(*core.RequestEvent) *rights.Viewer // who sends a request, looked up anew; nil: nobody any more
	Foreign   func(*http.Request) bool                // whether another site's page sends a request
	Arrived   func(user string)                       // of every stream that was admitted
	Left      func(user string)
	Listeners map[*Listener]struct{}
	Cursor    int64 // the highest that was published: whoever got everything so far may resume from here
}

// Begin starts from the last number that was given.
func (h *Hub) Begin(cursor int64) { h.Listeners, h.Cursor = map[*Listener]struct{}{}, cursor }

// Join opens a stream for a signed-in browser; nil when it, or its person, has enough of them.
func (h *Hub) Join(who rights.Viewer, session string) *Listener {
	l := &Listener{DefaultClient: subscriptions.NewDefaultClient(), Events: make(chan subscriptions.Message, ListenerBuffer), session: session, hub: h}
	l.viewer.Store(&who)
	h.Mu.Lock()
	defer h.Mu.Unlock()
	browser, person := 0, 0
	for other := range h.Listeners {
		if other.session == session {
			browser++
		}
		if other.viewer.Load().ID == who.ID {
			person++
		}
	}
	if browser >= StreamsBySession || person >= StreamsByPerson {
		return nil
	}
	h.Listeners[l] = struct{}{}
	return l
}

// Admit counts a stream that passed every check: whose it is, is there.
func (h *Hub) Admit(l *Listener) {
	h.Mu.Lock()
	defer h.Mu.Unlock()
	if !l.gone {
		l.counted = true
		h.Arrived(l.viewer.Load().ID)
	}
}

// drop ends a stream. Under the lock.
func (h *Hub) drop(l *Listener) {
	if l.gone {
		return
	}
	l.gone = true
	close(l.Events)
	delete(h.Listeners, l)
	if l.counted {
		h.Left(l.viewer.Load().ID)
	}
}

// Leave is drop for a stream whose browser went away.
func (h *Hub) Leave(l *Listener) {
	h.Mu.Lock()
	defer h.Mu.Unlock()
	h.drop(l)
}

// DropSessions ends the streams of sessions that were revoked.
func (h *Hub) DropSessions(gone map[string]bool) {
	h.revoke(func(l *Listener) bool { return gone[l.session] })
}

// DropUser ends the streams of a user whose rights changed; their browsers come back with the new ones.
func (h *Hub) DropUser(id string) {
	h.revoke(func(l *Listener) bool { return l.viewer.Load().ID == id })
}

// revoke ends streams at once: what waits for them is not delivered any more.
func (h *Hub) revoke(fits func(*Listener) bool) {
	h.Mu.Lock()
	defer h.Mu.Unlock()
	for l := range h.Listeners {
		if fits(l) {
			l.empty()
			h.drop(l)
		}
	}
}

// empty throws away what waits for a browser.
func (l *Listener) empty() {
	for {
		select {
		case _, open := <-l.Events:
			if !open {
				return
			}
		default:
			return
		}
	}
}

// Refresh gives a user's streams their new rights; who is nil when they have none any more.
func (h *Hub) Refresh(id string, who *api.Account) {
	h.Mu.Lock()
	defer h.Mu.Unlock()
	for l := range h.Listeners {
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

// Payload is what a stream carries: the same JSON as the REST resource, and the cursor to resume from.
type Payload struct {
	Cursor int64 `json:"cursor,string"`
	Data   any   `json:"data"`
}

// removed is what somebody hears of a conversation that left their sight.
type removed struct {
	ID      string `json:"id"`
	Removed bool   `json:"removed"`
}

// Publish brings one event to everybody who listens to it and may see it, in the order of its calls. It never waits for
// a browser.
func (h *Hub) Publish(e store.Event) {
	topic := slices.Index(Topics, e.Name)
	h.Mu.Lock()
	defer h.Mu.Unlock()
	h.Cursor = max(h.Cursor, e.Cursor)
	if topic < 0 {
		return
	}
	if e.Cursor == 0 { // typing, a line's state: nothing to resume, so what came before them stands
		e.Cursor = h.Cursor
	}
	var shown, gone subscriptions.Message // made for the first who gets them
	for l := range h.Listeners {
		if l.wants.Load()&(1<<topic) == 0 {
			continue
		}
		switch Reaches(&e, *l.viewer.Load()) {
		case Sees:
			if shown.Data == nil {
				shown = Message(e, e.Data)
			}
			l.send(shown)
		case lost:
			if gone.Data == nil {
				gone = Message(e, removed{e.ID, true})
			}
			l.send(gone)
		}
	}
}

func Message(e store.Event, data any) subscriptions.Message {
	text, _ := json.Marshal(Payload{e.Cursor, data}) // views are plain data
	return subscriptions.Message{Name: e.Name, Data: text}
}

type reach int

const (
	nothing reach = iota
	Sees
	lost // saw the conversation before, and does not any more
)

// Reaches tells what a viewer hears of an event.
func Reaches(e *store.Event, v rights.Viewer) reach {
	heard := e.All
	if e.Conversation {
		heard = v.Sees(e.Area, e.Assignee)
		if !heard && e.Moved && v.Sees(e.FromArea, e.FromAssignee) {
			return lost
		}
	}
	if heard || e.User != "" && e.User == v.ID || e.Role != "" && e.Role == v.Role {
		return Sees
	}
	return nothing
}

// Now is the cursor that a browser which has everything may resume from.
func (h *Hub) Now() int64 {
	h.Mu.Lock()
	defer h.Mu.Unlock()
	return h.Cursor
}

// Ping keeps one stream alive through proxies, and moves its cursor on.
func (h *Hub) Ping(l *Listener) {
	h.Mu.Lock()
	defer h.Mu.Unlock()
	if l.wants.Load()&(1<<slices.Index(Topics, store.EventPing)) != 0 {
		l.send(Message(store.Event{Name: store.EventPing, Cursor: h.Cursor}, struct{}{}))
	}
}

const (
	StreamsBySession = 10 // tabs
	StreamsByPerson  = 40
)
