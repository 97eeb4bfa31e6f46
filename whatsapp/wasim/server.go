package wasim

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"go.mau.fi/whatsmeow/types"
)

// Options says what a Server is like. The zero value is an in-memory server with the real clock.
type Options struct {
	// Seed makes LIDs and message ids of the simulated phones repeat from run to run.
	Seed uint64
	// Clock tells the time of every stanza; nil means time.Now.
	Clock func() time.Time
	// Strict, if set, is told of every stanza that the server doesn't understand. Tests pass t.Error.
	Strict func(string)
	// StateDir keeps the root key, accounts, linked devices, Signal sessions, queues and media across restarts; "" keeps nothing.
	StateDir string
	// Listen is a loopback TCP address such as "127.0.0.1:9099"; "" means no socket at all: only Dial reaches the server.
	Listen string
	// MaxQueue bounds the stanzas waiting for one linked device; 0 means 100,000.
	MaxQueue int
	// MaxEntries bounds what all phones together remember of their chats, oldest forgotten first; 0 means 300,000.
	MaxEntries int
	// MaxMedia bounds the bytes of media kept, oldest forgotten first; 0 means 512 MiB.
	MaxMedia int64
}

// Server is an emulated WhatsApp server with its simulated phones. Make one with New.
type Server struct {
	opts  Options
	certs certificates
	root  [32]byte
	// rootPrivate signs certificates; kept only with a StateDir.
	rootPrivate [32]byte
	folder      *folder
	ln          net.Listener
	dial        func(ctx context.Context, network, addr string) (net.Conn, error)
	http        *http.Server
	done        chan struct{} // closed by Close

	mu       sync.Mutex
	closed   bool
	epoch    uint64 // counts starts with the same StateDir, so that ids never repeat
	seq      uint64 // server-made stanza ids
	users    map[types.JID]*Phone
	phones   []*Phone // in order of creation
	conns    map[*conn]struct{}
	refs     map[string]*registration // QR reference → connection that shows it
	codes    map[string]*codePairing  // number → pairing by phone code that waits for it
	codeBump chan struct{}            // closed when a pairing by code appears
	media    mediaStore
	log      transcript
	faults   faultTable
	entries  entryBudget
	counts   Counters
	unknown  map[string]int
	dirty    bool          // something worth keeping changed since the last save
	saveNow  chan struct{} // wakes the saver
	saved    chan struct{} // closed when the saver ended
}

// Counters are totals since the server started.
type Counters struct {
	MessagesIn      int `json:"messagesIn"`      // messages that clients sent
	Acknowledged    int `json:"acknowledged"`    // stanzas that clients confirmed by receipt or ack
	DuplicatesSeen  int `json:"duplicatesSeen"`  // messages that a phone had already
	MessagesOut     int `json:"messagesOut"`     // messages that phones sent to linked devices, one per device
	RetriesAsked    int `json:"retriesAsked"`    // retry receipts from clients
	RetriesByPhones int `json:"retriesByPhones"` // retry receipts from phones
	Dials           int `json:"dials"`           // connection attempts
	Logins          int `json:"logins"`          // successful logins
	LargestFrame    int `json:"largestFrame"`    // bytes
}

// New starts a server. Close it.
func New(o Options) (*Server, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	o.MaxQueue, o.MaxEntries = defaultInt(o.MaxQueue, 100_000), defaultInt(o.MaxEntries, 300_000)
	if o.MaxMedia == 0 {
		o.MaxMedia = 512 << 20
	}
	s := &Server{
		opts: o, done: make(chan struct{}), users: map[types.JID]*Phone{}, conns: map[*conn]struct{}{},
		refs: map[string]*registration{}, codes: map[string]*codePairing{}, codeBump: make(chan struct{}), unknown: map[string]int{},
		saveNow: make(chan struct{}, 1), saved: make(chan struct{}),
	}
	s.media.blobs = map[string]*blob{}
	root, err := s.open()
	if err != nil {
		return nil, err
	}
	s.root, s.certs = *root.Pub, newCertificates(root)
	if err := s.listen(); err != nil {
		s.releaseState()
		return nil, err
	}
	s.http = &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 30 * time.Second}
	go func() { _ = s.http.Serve(s.ln) }()
	go s.saver()
	return s, nil
}

func defaultInt(v, d int) int {
	if v == 0 {
		return d
	}
	return v
}

func (s *Server) listen() error {
	if s.opts.Listen == "" {
		l := newPipeListener()
		s.ln, s.dial = l, l.dial
		return nil
	}
	host, _, err := net.SplitHostPort(s.opts.Listen)
	if err != nil {
		return fmt.Errorf("listen address %q: %w", s.opts.Listen, err)
	}
	if host != "localhost" && !isLoopback(host) {
		return fmt.Errorf("listen address %q is not a loopback address: the emulated server trusts everyone who reaches it", s.opts.Listen)
	}
	ln, err := net.Listen("tcp", s.opts.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	s.ln = ln
	s.dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", ln.Addr().String())
	}
	return nil
}

// Close ends all connections and saves the state. It is safe to call twice.
func (s *Server) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	close(s.done)
	conns := make([]*conn, 0, len(s.conns))
	for c := range s.conns {
		conns = append(conns, c)
	}
	s.mu.Unlock()
	err := s.http.Close()
	for _, c := range conns {
		c.drop()
	}
	<-s.saved
	if e := s.saveState(true); e != nil {
		err = errors.Join(err, fmt.Errorf("save state: %w", e))
	}
	s.releaseState()
	return err
}

// RootKey is the public half of the Noise root key: what a client must trust instead of WhatsApp's own. All servers of one
// process share it unless they have a StateDir, because whatsmeow pins it in a process-global variable.
func (s *Server) RootKey() [32]byte { return s.root }

// Dial reaches the server whatever the address says. An http.Transport with it as DialContext and DialTLSContext sends
// every request here, without TLS.
func (s *Server) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	return s.dial(ctx, network, addr)
}

// HTTPClient sends every request to the server, whatever its URL says.
func (s *Server) HTTPClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: s.dial, DialTLSContext: s.dial,
		TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{}, // never HTTP/2
	}}
}

// Addr is the address that the server listens on, "" when it is in memory only.
func (s *Server) Addr() string {
	if s.opts.Listen == "" {
		return ""
	}
	return s.ln.Addr().String()
}

func (s *Server) now() time.Time { return s.opts.Clock() }

// unix is the time as stanzas carry it: seconds since 1970.
func (s *Server) unix() int64 { return s.now().Unix() }

// Unknown lists the stanzas that the server didn't understand, with how often each came. Empty means that every stanza
// of every client was understood.
func (s *Server) Unknown() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[string]int, len(s.unknown))
	for k, v := range s.unknown {
		out[k] = v
	}
	return out
}

// notUnderstood records a stanza without an answer of ours. s.mu is held.
func (s *Server) notUnderstood(what string) {
	if len(s.unknown) < 1000 || s.unknown[what] > 0 {
		s.unknown[what]++
	}
	if s.opts.Strict != nil && !s.closed {
		s.opts.Strict("wasim: stanza not understood: " + what)
	}
}

// Counters returns the totals so far.
func (s *Server) Counters() Counters {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts
}
