package whatsapp

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"mostrador/whatsapp/wasim"
)

const (
	deskNumber  = "+5491100000001"
	carlaNumber = "+5491123456789"
)

func TestMain(m *testing.M) {
	// No test may reach the real server, not even one that forgets to make its own.
	UseServer(Server{Dial: noServer})
	os.Exit(m.Run())
}

func noServer(context.Context, string, string) (net.Conn, error) {
	return nil, errors.New("this test has no server")
}

// rig is a line with the emulated server that it talks to and everything that its handler was told.
type rig struct {
	*Line
	t      testing.TB
	server *wasim.Server
	owner  *wasim.Phone
	store  *Store
	log    *logBook

	mu       sync.Mutex
	bump     chan struct{} // closed at the next call
	messages []Message
	receipts []Receipt
	statuses []Status
	codes    []QR
	linked   []string
	acts     []Activity
	people   []Address
	names    []string
	again    []MediaRequest
	fail     func(Message) error // what storing a message answers; nil: no error
}

// newServer makes an emulated server in memory that fails the test on any stanza it does not understand.
func newServer(t testing.TB) *wasim.Server {
	t.Helper()
	s, err := wasim.New(wasim.Options{Seed: 1, Strict: func(what string) { t.Error(what) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	UseServer(Server{RootKey: s.RootKey(), Dial: s.Dial})
	return s
}

func newStore(t testing.TB) *Store {
	t.Helper()
	s, err := OpenStore(context.Background(), filepath.Join(t.TempDir(), "whatsapp.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// newRig makes a line that is switched off. change, if given, may alter its configuration.
func newRig(t testing.TB, s *wasim.Server, store *Store, change ...func(*Config)) *rig {
	t.Helper()
	r := &rig{t: t, server: s, store: store, bump: make(chan struct{}), log: &logBook{}}
	cfg := Config{
		Store: store, DeviceName: "Mostrador", Limit: Limit{PerSecond: -1, FirstPerMinute: -1}, Handler: r.handler(),
		Log: slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, c := range change {
		c(&cfg)
	}
	r.Line = New(cfg)
	t.Cleanup(func() {
		r.Stop()
		if t.Failed() {
			t.Logf("log of the line:\n%s", r.log)
		}
	})
	return r
}

// logBook keeps what the line logs. whatsmeow's goroutines write to it even after the line has stopped.
type logBook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// newDesk makes a server and a line that is linked to the owner's phone and connected.
func newDesk(t testing.TB, change ...func(*Config)) *rig {
	t.Helper()
	s := newServer(t)
	r := newRig(t, s, newStore(t), change...)
	r.link(s.Phone(deskNumber, wasim.Owner(), wasim.Name("Desk GmbH")))
	return r
}

// link starts the line and scans its QR code with the owner's phone.
func (r *rig) link(owner *wasim.Phone) {
	r.t.Helper()
	r.owner = owner
	r.start()
	if _, err := owner.ScanQR(r.code().Text); err != nil {
		r.t.Fatal(err)
	}
	r.reaches(Connected)
}

func (r *rig) start() {
	r.t.Helper()
	if err := r.Start(context.Background()); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) handler() Handler {
	return Handler{
		Message: func(m Message) error {
			r.mu.Lock()
			fail := r.fail
			r.mu.Unlock()
			if fail != nil {
				if err := fail(m); err != nil {
					return err
				}
			}
			r.told(func() { r.messages = append(r.messages, m) })
			return nil
		},
		Receipt:  func(x Receipt) { r.told(func() { r.receipts = append(r.receipts, x) }) },
		Status:   func(x Status) { r.told(func() { r.statuses = append(r.statuses, x) }) },
		QR:       func(x QR) { r.told(func() { r.codes = append(r.codes, x) }) },
		Linked:   func(x string) { r.told(func() { r.linked = append(r.linked, x) }) },
		Activity: func(x Activity) { r.told(func() { r.acts = append(r.acts, x) }) },
		Identity: func(x Address) { r.told(func() { r.people = append(r.people, x) }) },
		Name:     func(_ Address, x string) { r.told(func() { r.names = append(r.names, x) }) },
		Again: func(x MediaRequest, err error) {
			if err != nil {
				x.Ref = nil
			}
			r.told(func() { r.again = append(r.again, x) })
		},
	}
}

func (r *rig) told(keep func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	keep()
	close(r.bump)
	r.bump = make(chan struct{})
}
