package commands

import (
	"container/list"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"

	"mostrador/hooks/api"
)

const (
	mostConnections = 4096 // each costs about 20 KB
	mostUnsaid      = 100  // connections of one address on which no request has come yet
	filesInReserve  = 256  // for the databases, media and what flows ask: never given to connections
	turningAway     = 32   // at a time; whoever comes beyond them hears nothing
)

// gate lets connections in as long as there are files for them. When there are none left, or one address has too many on
// which it asks nothing, the one that has waited longest is closed: a browser opens another when it needs it. When all of
// them are at work, whoever comes is answered 503 instead of being left in silence.
type gate struct {
	net.Listener
	most      int
	openSpare func() (io.Closer, error)
	spare     io.Closer // a file to give up when there is none for whoever comes; nil: given up

	mu      sync.Mutex
	all     map[net.Conn]*visit
	waiting list.List // *visit: on which nothing is asked, the oldest first
	unsaid  map[string]int
	away    chan struct{}
}

// visit is one connection.
type visit struct {
	conn    net.Conn
	address string
	place   *list.Element // in waiting; nil: a request is under way
	said    bool          // a request has come
	closed  bool
}

// newGate stands before a listener; files is how many the process may have open, 0: it is not known.
func newGate(ln net.Listener, files int) *gate {
	most := mostConnections
	if files > 0 {
		most = min(most, files-min(filesInReserve, files/2))
	}
	g := &gate{Listener: ln, most: most, all: map[net.Conn]*visit{}, unsaid: map[string]int{}, away: make(chan struct{}, turningAway),
		openSpare: func() (io.Closer, error) { return os.Open(os.DevNull) }}
	g.keepSpare()
	return g
}

// Accept waits for a connection that can be served.
func (g *gate) Accept() (net.Conn, error) {
	for {
		g.keepSpare()
		c, err := g.Listener.Accept()
		short := errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
		if short {
			if g.spare == nil {
				return nil, err // net/http waits a moment and asks again
			}
			_ = g.spare.Close() // it held nothing
			g.spare = nil
			if c, err = g.Listener.Accept(); err == nil {
				g.keepSpare()
				short = g.spare == nil // else there is room again
			}
		}
		if err != nil {
			return nil, err
		}
		if (short || g.full()) && !g.makeRoom() {
			g.turnAway(c, short)
			continue
		}
		return c, nil
	}
}

func (g *gate) keepSpare() {
	if g.spare == nil {
		if f, err := g.openSpare(); err == nil {
			g.spare = f
		}
	}
}

func (g *gate) full() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.all) >= g.most
}

// makeRoom closes the connection on which nothing was asked for longest; false when there is none.
func (g *gate) makeRoom() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.closeOldest("")
}

// closeOldest closes what waits for longest, of one address before its first request or, for none, of all.
func (g *gate) closeOldest(address string) bool {
	for at := g.waiting.Front(); at != nil; at = at.Next() {
		if v := at.Value.(*visit); address == "" || v.address == address && !v.said {
			g.busy(v)
			v.closed = true
			_ = v.conn.Close() // net/http hears of it and says so
			return true
		}
	}
	return false
}

// state is told by net/http what becomes of each connection.
func (g *gate) state(c net.Conn, s http.ConnState) {
	g.mu.Lock()
	defer g.mu.Unlock()
	v := g.all[c]
	switch {
	case s == http.StateNew:
		v = &visit{conn: c, address: networkOf(c.RemoteAddr())}
		g.all[c] = v
		if g.unsaid[v.address] >= mostUnsaid {
			g.closeOldest(v.address)
		}
		g.unsaid[v.address]++
		v.place = g.waiting.PushBack(v)
	case v == nil:
	case s == http.StateActive:
		g.busy(v)
		v.said = true
	case s == http.StateIdle && !v.closed:
		v.place = g.waiting.PushBack(v)
	case s == http.StateClosed || s == http.StateHijacked:
		g.busy(v)
		delete(g.all, c)
	}
}

// busy takes a connection out of those that wait. Under the lock.
func (g *gate) busy(v *visit) {
	if v.place == nil {
		return
	}
	g.waiting.Remove(v.place)
	v.place = nil
	if v.said {
		return
	}
	if g.unsaid[v.address]--; g.unsaid[v.address] <= 0 {
		delete(g.unsaid, v.address)
	}
}

// turnAway answers a connection that cannot be served. Where files are short the next one has to wait for that.
func (g *gate) turnAway(c net.Conn, short bool) {
	if short {
		sayBusy(c, 20*time.Millisecond)
		return
	}
	select {
	case g.away <- struct{}{}:
		go func() {
			sayBusy(c, time.Second)
			<-g.away
		}()
	default:
		_ = c.Close()
	}
}

// sayBusy says so and reads what was asked: a connection that is closed before is reset, and the answer with it.
func sayBusy(c net.Conn, patience time.Duration) {
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	busy := api.Busy()
	body, _ := json.Marshal(map[string]any{"status": busy.Status, "code": busy.Code, "message": busy.Say("en"), "data": struct{}{}}) // strings and numbers
	_, err := fmt.Fprintf(c, "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nConnection: close\r\nRetry-After: 5\r\n"+
		"Content-Length: %d\r\n\r\n%s", len(body), body)
	if half, ok := c.(interface{ CloseWrite() error }); ok && err == nil && half.CloseWrite() == nil {
		_, _ = io.CopyN(io.Discard, c, 64<<10)
	}
}

// networkOf is what one customer of a provider has: an IPv4 address, the first 64 bits of an IPv6 one.
func networkOf(a net.Addr) string {
	at, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return a.String()
	}
	bits := 32
	if at.Addr().Is6() && !at.Addr().Is4In6() {
		bits = 64
	}
	p, err := at.Addr().Unmap().Prefix(bits)
	if err != nil {
		return at.Addr().String()
	}
	return p.String()
}
