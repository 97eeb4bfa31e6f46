// Package realtime: open streams: brings an event to those who may see it, and never waits for a browser.
package realtime

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
)

const (
	pingEvery     = 25 * time.Second // under the idle time-outs of common proxies
	writeDeadline = 5 * time.Second  // a browser that takes longer for one event is cut off
	streamMax     = 12 * time.Hour   // then the browser connects again
	StreamBody    = 64 << 10         // bytes that say what a stream is to carry
)

// Bind puts the desk's own streams under PocketBase's realtime connection. Stock record topics stay for the
// superusers of the dashboard: re-checking rules by SQL for every client inside every save does not scale past a hundred.
func (h *Hub) Bind(app core.App) {
	app.OnRealtimeConnectRequest().BindFunc(h.connectStream)
	app.OnRealtimeSubscribeRequest().BindFunc(h.subscribeStream)
	app.OnRealtimeMessageSend().BindFunc(func(e *core.RealtimeMessageEvent) error {
		// PocketBase lifts the write deadline of a stream: without one a stuck browser keeps its goroutine for ever.
		stream := http.NewResponseController(e.Response)
		_ = stream.SetWriteDeadline(time.Now().Add(writeDeadline)) // recorders in tests have none
		err := e.Next()
		_ = stream.SetWriteDeadline(time.Time{})
		return err
	})
}

func (h *Hub) connectStream(e *core.RealtimeConnectRequestEvent) error {
	if h.Foreign(e.Request) {
		return api.Refused(e.RequestEvent, api.ErrCrossOrigin)
	}
	me := api.SignedIn(e.RequestEvent)
	if me == nil {
		return e.Next() // a superuser; the guard let nobody else in
	}
	l := h.Join(me.Account.Viewer, me.Session)
	if l == nil {
		return api.Refused(e.RequestEvent, ErrManyStreams.With("seconds", 30))
	}
	defer h.Leave(l)
	// What was revoked before it joined did not reach it: look again.
	fresh := h.Check(e.RequestEvent)
	if fresh == nil {
		return api.Refused(e.RequestEvent, api.ErrSignedOut)
	}
	l.viewer.Store(fresh)
	h.Admit(l)
	l.Set(apis.RealtimeClientIPKey, e.RealIP())
	e.Client = l
	e.IdleTimeout, e.MaxTimeout = 2*pingEvery+writeDeadline, streamMax
	ctx, end := context.WithCancel(e.Request.Context())
	defer end()
	go h.beat(ctx, l)
	return e.Next()
}

// beat pings a stream until it ends.
func (h *Hub) beat(ctx context.Context, l *Listener) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			h.Ping(l)
		case <-ctx.Done():
			return
		}
	}
}

// subscribeStream lets the browser that opened a stream say which events it wants on it.
func (h *Hub) subscribeStream(e *core.RealtimeSubscribeRequestEvent) error {
	if h.Foreign(e.Request) {
		return api.Refused(e.RequestEvent, api.ErrCrossOrigin)
	}
	l, own := e.Client.(*Listener)
	me := api.SignedIn(e.RequestEvent)
	if !own && me == nil {
		return e.Next() // a superuser on a stock stream
	}
	if !own || me == nil || l.session != me.Session {
		return api.Refused(e.RequestEvent, api.ErrForbidden)
	}
	for _, name := range e.Subscriptions {
		if !mayListen(me.Viewer, name) {
			return api.Refused(e.RequestEvent, errTopic.With("topic", store.Cut(name, 60)))
		}
	}
	if err := e.Next(); err != nil {
		return err
	}
	l.Listen(e.Subscriptions)
	return nil
}

// mayListen accepts event names, and one's own rooms: the server has put everybody into theirs already.
func mayListen(v rights.Viewer, name string) bool {
	if slices.Contains(Topics, name) {
		return true
	}
	kind, id, _ := strings.Cut(name, ":")
	switch kind {
	case "user":
		return id == v.ID
	case "role":
		return rights.Role(id) == v.Role
	case "area":
		return id != "" && (v.Role == rights.Admin || slices.Contains(v.Areas, id))
	}
	return false
}
