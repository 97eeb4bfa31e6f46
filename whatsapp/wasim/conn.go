package wasim

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/coder/websocket"
	waBinary "go.mau.fi/whatsmeow/binary"
)

const (
	// handshakeLimit is how long a client may take to say who it is.
	handshakeLimit = 30 * time.Second
	// closeGrace is how long a client may take to hang up after a final stanza. whatsmeow chooses between its queue of
	// stanzas and the end of the connection at random, so that a server that hangs up at once loses the stanza.
	closeGrace = 2 * time.Second
	// maxOutbox bounds the stanzas that a connected client has not read yet; a client that is further behind is cut off.
	maxOutbox = 250_000
	// maxBatch bounds the bytes that one web-socket message to the client carries.
	maxBatch = 64 << 10
)

// conn is one client's connection.
type conn struct {
	srv    *Server
	ws     *websocket.Conn
	ctx    context.Context
	cancel context.CancelFunc
	frames frameReader
	*secured
	readCounter uint32

	// Guarded by srv.mu.
	dev *Companion    // once logged in
	reg *registration // while it shows QR codes

	outMu sync.Mutex
	out   []Node
	ended bool // a final stanza was queued: nothing follows it
	wake  chan struct{}
}

// serve runs a connection until it ends.
func (s *Server) serve(ws *websocket.Conn) {
	c := &conn{srv: s, ws: ws, wake: make(chan struct{}, 1)}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.frames.read = func() ([]byte, error) {
		typ, b, err := ws.Read(c.ctx)
		if err == nil && typ != websocket.MessageBinary {
			err = errors.New("not a binary message")
		}
		return b, err
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		c.drop()
		return
	}
	s.conns[c] = struct{}{}
	s.mu.Unlock()
	defer s.hungUp(c)
	if err := c.open(); err != nil {
		s.mu.Lock()
		s.log.note(s.now(), "handshake: "+err.Error())
		s.mu.Unlock()
		return
	}
	writer := make(chan struct{})
	go func() { defer close(writer); c.writeLoop() }()
	defer func() { c.drop(); <-writer }()
	s.onHello(c)
	c.readLoop()
}

func (c *conn) open() error {
	limit := time.AfterFunc(handshakeLimit, c.drop)
	defer limit.Stop()
	if err := c.frames.header(); err != nil {
		return err
	}
	var err error
	c.secured, err = handshake(c.srv.certs, c.frames.next, func(b []byte) error {
		return c.ws.Write(c.ctx, websocket.MessageBinary, append(length(len(b)), b...))
	})
	return err
}

// length is the 3 byte prefix of a frame.
func length(n int) []byte { return []byte{byte(n >> 16), byte(n >> 8), byte(n)} }

func (c *conn) readLoop() {
	for {
		n, err := c.readNode()
		if err != nil {
			return
		}
		if err = c.srv.receive(c, n); err != nil {
			return
		}
	}
}

func (c *conn) readNode() (*Node, error) {
	frame, err := c.frames.next()
	if err != nil {
		return nil, err
	}
	size := len(frame)
	plain, err := c.fromClient.Open(frame[:0], nonce(c.readCounter), frame, nil)
	c.readCounter++
	if err != nil {
		return nil, fmt.Errorf("frame %d: %w", c.readCounter, err)
	}
	n, err := decodeNode(plain)
	if err != nil {
		return nil, err
	}
	c.srv.mu.Lock()
	c.srv.counts.LargestFrame = max(c.srv.counts.LargestFrame, size)
	c.srv.mu.Unlock()
	return n, nil
}

// decodeNode reads a stanza from a decrypted frame.
func decodeNode(plain []byte) (n *Node, err error) {
	defer func() { // the decoder of the library indexes into what a stranger sent
		if p := recover(); p != nil {
			n, err = nil, fmt.Errorf("stanza: %v", p)
		}
	}()
	if plain, err = waBinary.Unpack(plain); err != nil {
		return nil, err
	}
	return waBinary.Unmarshal(plain)
}

// receive handles a stanza under the server's lock. A stanza that makes the server panic ends its connection only.
func (s *Server) receive(c *conn, n *Node) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() {
		if p := recover(); p != nil {
			s.log.note(s.now(), fmt.Sprintf("panic: %v\n%s", p, debug.Stack()))
			s.notUnderstood(fmt.Sprintf("panic in <%s>: %v", n.Tag, p))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	s.log.add(s.now(), "C->S", c.name(), n)
	s.onNode(c, n)
	return nil
}

// name says whose connection it is, for the transcript. s.mu is held.
func (c *conn) name() string {
	if c.dev == nil {
		return ""
	}
	return c.dev.JID.String()
}

// send queues a stanza for the client. s.mu is held, which keeps the order of outboxes that of events.
func (c *conn) send(n Node) {
	c.outMu.Lock()
	defer c.outMu.Unlock()
	if c.ended {
		return
	}
	if len(c.out) >= maxOutbox {
		c.cancel()
		return
	}
	c.srv.log.add(c.srv.now(), "S->C", c.name(), &n)
	c.out = append(c.out, n)
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// sendLast queues a final stanza, and hangs up when the client did or when it had time to. s.mu is held.
func (c *conn) sendLast(n Node) {
	c.send(n)
	c.outMu.Lock()
	defer c.outMu.Unlock()
	if c.ended {
		return
	}
	c.ended = true
	go func() {
		grace := time.NewTimer(closeGrace)
		defer grace.Stop()
		select {
		case <-c.ctx.Done():
		case <-grace.C:
		}
		c.drop()
	}()
}

// writeLoop is the only writer of a connection once the handshake is over.
func (c *conn) writeLoop() {
	var counter uint32
	for {
		c.outMu.Lock()
		batch := c.out
		c.out = nil
		c.outMu.Unlock()
		if len(batch) == 0 {
			select {
			case <-c.wake:
				continue
			case <-c.ctx.Done():
				return
			}
		}
		for len(batch) > 0 {
			var msg []byte
			for len(batch) > 0 && len(msg) < maxBatch {
				raw, err := waBinary.Marshal(batch[0])
				batch = batch[1:]
				if err != nil {
					c.drop()
					return
				}
				msg = append(msg, length(len(raw)+16)...)
				msg = c.toClient.Seal(msg, nonce(counter), raw, nil)
				counter++
			}
			if c.ws.Write(c.ctx, websocket.MessageBinary, msg) != nil {
				c.drop()
				return
			}
		}
	}
}

// drop cuts the connection without a goodbye. It is safe to call at any time, more than once.
func (c *conn) drop() {
	c.cancel()
	_ = c.ws.CloseNow()
}
