package api

import (
	"container/list"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"
)

const (
	GuestBody = 8 << 10 // bytes that a guest may send
	GuestTime = 15 * time.Second
	HeaderMax = 32 << 10 // bytes of a request's headers: anybody may send them
	WriteTime = time.Minute
	IdleTime  = 3 * time.Minute // longer than proxies keep a connection for the next request, so that they close it, not we

	ArrivingByAddress = 20
	ArrivingInAll     = 200
	linger            = time.Second // how long the rest of a body that nobody reads may come, so that the answer arrives
)

// Door is what requests come through before anything is done for them. The bodies of guests are counted while they are on
// their way: when an address, or all together, have too many, the oldest is sent away. It is not the newest, because whoever
// means it has sent theirs before the next one comes, and a door that is full of people who stand in it is still open.
type Door struct {
	Mu       sync.Mutex
	Arriving list.List      // *arrival: of guests, the oldest first
	by       map[string]int // how many of them, by address
	All      func() bool    // whether everybody seems to have one address; nil: no
}

// arrival is the body of a request, from the connection. It stands below what PocketBase puts in its place.
type arrival struct {
	io.ReadCloser
	door    *Door
	address string
	conn    *http.ResponseController
	header  http.Header // of the answer

	place *list.Element // under the door's lock: among the guests' bodies; nil: not or not any more
	full  bool          // under the door's lock: sent away for another one

	known bool  // who sends it is signed in
	ended bool  // all of it was read, or no more can be
	since int64 // bytes since its time was last extended
}

type arrivalKey struct{}

func ArrivalOf(r *http.Request) *arrival {
	a, _ := r.Context().Value(arrivalKey{}).(*arrival)
	return a
}

// OpenDoor puts the door before all routes. The handlers get a copy of the request: PocketBase puts another body into it and
// closes that (https://github.com/pocketbase/pocketbase/blob/v0.39.11/tools/router/router.go#L135); net/http would not see
// then that not all of it was read, keep the connection, and take the rest for the next request: one that the sender of the
// body wrote, and whose answer a proxy in front gives to somebody else.
func (ap *API) OpenDoor(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body == nil || r.Body == http.NoBody {
			next.ServeHTTP(w, r)
			return
		}
		a := ap.Door.Arrive(w, r, ap.addressOf(r))
		inside := r.WithContext(context.WithValue(r.Context(), arrivalKey{}, a))
		inside.Body = a
		defer func() {
			r.MultipartForm = inside.MultipartForm // net/http removes its files
			a.Leave()
		}()
		next.ServeHTTP(w, inside)
	})
}

// addressOf is who sends a request, as far as somebody who is not signed in has a name.
func (ap *API) addressOf(r *http.Request) string {
	e := core.RequestEvent{App: ap.Store.App, Event: router.Event{Request: r}}
	return Network(e.RealIP())
}

// Arrive lets a body in, as a guest's until somebody says that its sender is known. Until then the connection ends with the
// answer when it was not read: the rest is not waited for.
func (o *Door) Arrive(w http.ResponseWriter, r *http.Request, address string) *arrival {
	a := &arrival{ReadCloser: r.Body, door: o, address: address, conn: http.NewResponseController(w), header: w.Header()}
	a.header.Set("Connection", "close")
	o.Mu.Lock()
	defer o.Mu.Unlock()
	if o.by == nil {
		o.by = map[string]int{}
	}
	if o.by[address] >= ArrivingByAddress && (o.All == nil || !o.All()) {
		o.push(o.oldest(address))
	} else if o.Arriving.Len() >= ArrivingInAll {
		o.push(o.oldest(""))
	}
	a.place = o.Arriving.PushBack(a)
	o.by[address]++
	return a
}

// oldest finds the body that is on its way for longest, of one address or, for none, of all.
func (o *Door) oldest(address string) *arrival {
	for at := o.Arriving.Front(); at != nil; at = at.Next() {
		if a := at.Value.(*arrival); address == "" || a.address == address {
			return a
		}
	}
	return nil
}

// push sends a body away: whoever waits for it reads an error. Under the lock, which keeps the connection its own meanwhile.
func (o *Door) push(a *arrival) {
	a.full = true
	_ = a.conn.SetReadDeadline(time.Unix(1, 0)) // recorders in tests have none
	o.remove(a)
}

func (o *Door) remove(a *arrival) {
	if a.place == nil {
		return
	}
	o.Arriving.Remove(a.place)
	a.place = nil
	if o.by[a.address]--; o.by[a.address] <= 0 {
		delete(o.by, a.address)
	}
}

// Read gives out what came, and why no more does.
func (a *arrival) Read(p []byte) (int, error) {
	if a.known && !a.ended && a.since >= PaceStep {
		a.extend()
	}
	n, err := a.ReadCloser.Read(p)
	a.since += int64(n)
	switch {
	case errors.Is(err, io.EOF):
		a.end()
	case errors.Is(err, os.ErrDeadlineExceeded):
		a.door.Mu.Lock()
		full := a.full
		a.door.Mu.Unlock()
		if full {
			return n, Busy()
		}
		return n, ErrTooSlow
	}
	return n, err
}

// Close does nothing: net/http closes what it gave, after the answer was written. PocketBase would do it before, and closing
// waits for the rest.
func (a *arrival) Close() error { return nil }

// end is called when all of it is here: the connection may be used again, and the answer has its time from now on.
func (a *arrival) end() {
	if a.ended {
		return
	}
	a.ended = true
	a.header.Del("Connection")
	a.door.Mu.Lock()
	a.door.remove(a)
	a.door.Mu.Unlock()
	if a.known {
		_ = a.conn.SetWriteDeadline(time.Now().Add(KnownWriteTime))
	}
}

// Leave is the end of the request.
func (a *arrival) Leave() {
	a.door.Mu.Lock()
	a.door.remove(a)
	a.door.Mu.Unlock()
	if !a.ended {
		_ = a.conn.SetReadDeadline(time.Now().Add(linger))
	}
}

// TakeBody reads a body as a whole before a route of PocketBase does, which would take 32 MB: no more than limit, and nothing
// is held for its sender meanwhile. The route reads what was kept of it.
func TakeBody(e *core.RequestEvent, limit int64) error {
	if e.Request.ContentLength > limit {
		return ErrTooBig
	}
	n, err := io.Copy(io.Discard, io.LimitReader(e.Request.Body, limit+1))
	if err != nil {
		return Unread(err)
	}
	if n > limit {
		return ErrTooBig
	}
	return nil
}

// IsStream tells the one request that is meant to stay open.
func IsStream(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/api/realtime")
}
