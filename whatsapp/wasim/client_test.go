package wasim

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"
	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/store/sqlstore"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	waLog "go.mau.fi/whatsmeow/util/log"
	"google.golang.org/protobuf/proto"
)

const (
	ownerNumber = "+5491100000001"
	carlaNumber = "+5491123456789"
)

func TestMain(m *testing.M) {
	whatsmeow.WACertPubKey = *sharedRoot().Pub // process-global: every server of these tests shares the key
	Silence()
	os.Exit(m.Run())
}

// newServer makes a server in memory that fails the test on any stanza it doesn't understand.
func newServer(t *testing.T, o Options) *Server {
	t.Helper()
	if o.Strict == nil {
		o.Strict = func(what string) { t.Error(what) }
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// desk is the real whatsmeow client on a database of its own.
type desk struct {
	*whatsmeow.Client
	t     testing.TB
	store *sqlstore.Container
	mu    sync.Mutex
	all   []any
	bump  chan struct{}
}

// openDesk opens the client of a database file, linked or not.
func openDesk(t testing.TB, s *Server, path string) *desk {
	t.Helper()
	dsn := "file:" + path + "?_foreign_keys=on&_journal_mode=WAL&_synchronous=NORMAL&_busy_timeout=20000&_txlock=immediate&_stmt_cache_size=64"
	db, err := sqlstore.New(context.Background(), "sqlite3", dsn, nil)
	if err != nil {
		t.Fatal(err)
	}
	device, err := db.GetFirstDevice(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, store: db, bump: make(chan struct{})}
	var log waLog.Logger = waLog.Noop
	if level := os.Getenv("WASIM_TEST_LOG"); level != "" {
		log = waLog.Stdout("client", level, false)
	}
	d.Client = whatsmeow.NewClient(device, log)
	d.SetWebsocketHTTPClient(s.HTTPClient())
	d.SetPreLoginHTTPClient(s.HTTPClient())
	d.SetMediaHTTPClient(s.HTTPClient())
	d.SetForceActiveDeliveryReceipts(true)
	d.ManualHistorySyncDownload = true // whatsmeow's own history loop races with a log-out
	d.AddEventHandler(d.handle)
	t.Cleanup(func() { d.Disconnect(); _ = db.Close() })
	return d
}

// newDesk returns a client that is linked to the owner's phone and logged in.
func newDesk(t testing.TB, s *Server, owner *Phone) *desk {
	t.Helper()
	d := openDesk(t, s, filepath.Join(t.TempDir(), "whatsapp.db"))
	d.pair(owner)
	return d
}

func (d *desk) pair(owner *Phone) {
	d.t.Helper()
	codes, err := d.GetQRChannel(context.Background())
	if err != nil {
		d.t.Fatal(err)
	}
	if err = d.Connect(); err != nil {
		d.t.Fatal(err)
	}
	if _, err = owner.ScanQR((<-codes).Code); err != nil {
		d.t.Fatal(err)
	}
	for range codes {
	}
	await[*events.Connected](d, nil)
	// Until the app state is fetched whatsmeow touches what a log-out takes away.
	for _, name := range appstate.AllPatchNames {
		await(d, func(e *events.AppStateSyncComplete) bool { return e.Name == name })
	}
}

func (d *desk) handle(e any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = append(d.all, e)
	close(d.bump)
	d.bump = make(chan struct{})
}

// await returns the first event of a type that matches, seen or still to come.
func await[T any](d *desk, match func(T) bool) T {
	d.t.Helper()
	e, err := awaitErr(d, 10*time.Second, match)
	if err != nil {
		d.t.Fatal(err)
	}
	return e
}

func awaitErr[T any](d *desk, limit time.Duration, match func(T) bool) (T, error) {
	timeout := time.NewTimer(limit)
	defer timeout.Stop()
	var zero T
	for {
		d.mu.Lock()
		all, bump := d.all, d.bump
		d.mu.Unlock()
		for _, e := range all {
			if v, ok := e.(T); ok && (match == nil || match(v)) {
				return v, nil
			}
		}
		select {
		case <-bump:
		case <-timeout.C:
			return zero, fmt.Errorf("no %T within %v; events: %s", zero, limit, kinds(all))
		}
	}
}

func kinds(all []any) (out string) {
	for _, e := range all {
		out += fmt.Sprintf("%T ", e)
	}
	return out
}

// count tells how many events of a type matched so far.
func count[T any](d *desk, match func(T) bool) (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range d.all {
		if v, ok := e.(T); ok && match(v) {
			n++
		}
	}
	return n
}

// message waits for the message with this id.
func (d *desk) message(id string) *events.Message {
	d.t.Helper()
	return await(d, func(m *events.Message) bool { return m.Info.ID == id })
}

func (d *desk) send(to types.JID, text string) string {
	d.t.Helper()
	r, err := d.SendMessage(context.Background(), to, &waE2E.Message{Conversation: proto.String(text)})
	if err != nil {
		d.t.Fatalf("send: %v", err)
	}
	return r.ID
}

// file downloads and decrypts what a message carries.
func (d *desk) file(m *events.Message) ([]byte, error) {
	x := unwrap(m.Message)
	for _, file := range []interface {
		whatsmeow.DownloadableMessage
		GetMimetype() string
	}{x.GetImageMessage(), x.GetVideoMessage(), x.GetAudioMessage(), x.GetDocumentMessage(), x.GetStickerMessage()} {
		if file.GetMimetype() != "" {
			return d.Download(context.Background(), file)
		}
	}
	return nil, errors.New("the message has no file")
}

// inside lets a test send what whatsmeow itself never sends.
func (d *desk) inside() *whatsmeow.DangerousInternalClient {
	//lint:ignore SA1019 that is the point of these tests
	return d.DangerousInternals()
}

// shown waits until a phone shows an entry with this id.
func shown(t testing.TB, p *Phone, id string, more ...func(Entry) bool) Entry {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	e, err := p.WaitFor(ctx, func(e Entry) bool {
		ok := e.ID == id
		for _, m := range more {
			ok = ok && m(e)
		}
		return ok
	})
	if err != nil {
		t.Fatalf("phone %s does not show %s as wanted: %v; it shows %+v", p.Number(), id, err, p.Chat(nil))
	}
	return e
}

func inState(state string) func(Entry) bool { return func(e Entry) bool { return e.State == state } }
