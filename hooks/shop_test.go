package hooks

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mostrador/hooks/fetch"
	"mostrador/hooks/lines"
	"mostrador/hooks/media"
	"mostrador/hooks/store"
	"mostrador/whatsapp"
	"mostrador/whatsapp/wasim"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

const (
	shopNumber  = "+5491100000001"
	carlaNumber = "+5491123456789"
	patience    = 10 * time.Second // for anything that must happen
)

func init() {
	// No test may reach the real server, not even one that forgets to make its own.
	whatsapp.UseServer(whatsapp.Server{Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("this test has no server")
	}})
}

// shop is a desk whose line is linked to an emulated WhatsApp in memory, with all its loops running.
type shop struct {
	*world
	dir    string
	server *wasim.Server
	owner  *wasim.Phone
	line   string
	ahead  atomic.Int64                      // how far the desk's clock runs ahead, in nanoseconds
	quit   func()                            // ends Run and the writer; once
	disk   func(string) (media.Space, error) // of the desk, from the next open on
	allow  fetch.Hosts                       // that the desk's flows may ask, from the next open on
}

// menuFlow greets with a menu of one area.
const menuFlow = `{"spec":1,"start":"menu","nodes":{
	"menu":{"type":"menu","say":"Hola, elige:","options":[{"id":"sales","label":"Ventas","next":"sales"},{"id":"bye","label":"Nada","next":"bye"}]},
	"sales":{"type":"redirect","say":"Te paso con ventas.","area":"sales"},
	"bye":{"type":"end","say":"Chau."}}}`

// newShop opens a desk with the area "sales", the menu flow, and a linked line.
func newShop(t testing.TB) *shop {
	t.Helper()
	server, err := wasim.New(wasim.Options{Seed: 1, Strict: func(what string) { t.Error(what) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	whatsapp.UseServer(whatsapp.Server{RootKey: server.RootKey(), Dial: server.Dial})
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(template)); err != nil {
		t.Fatal(err)
	}
	s := &shop{dir: dir, server: server, owner: server.Phone(shopNumber, wasim.Owner(), wasim.Name("Shop")), disk: roomy}
	s.world = &world{t: t}
	s.open()
	s.area("sales")
	s.flow(menuFlow, `[{"on":"message"}]`)
	s.link()
	return s
}

// reopened opens the folder's databases without a desk.
func (s *shop) reopened() core.App {
	s.t.Helper()
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: s.dir, DBConnect: store.Connect, DataMaxOpenConns: store.MaxConns, DataMaxIdleConns: store.MaxConns})
	if err := app.Bootstrap(); err != nil {
		s.t.Fatal(err)
	}
	return app
}

// closeApp ends an app as serving does: first what it runs by itself, as its log, then its databases.
func closeApp(app core.App) {
	_ = app.OnTerminate().Trigger(&core.TerminateEvent{App: app}, func(*core.TerminateEvent) error { return nil })
	_ = app.ResetBootstrapState()
}

// open starts a desk on the folder, as the program does.
func (s *shop) open() {
	s.t.Helper()
	app := s.reopened()
	s.d = &Desk{Store: store.Store{App: app, Now: func() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }}, Files: media.Files{Disk: s.disk}}
	s.d.Calls.Outside.Allow = s.allow
	s.d.Lines.Options.Limit = whatsapp.Limit{PerSecond: -1, FirstPerMinute: -1}
	if err := s.d.Start(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	desk := s.d
	go func() { ended <- desk.Run(ctx) }()
	s.quit = sync.OnceFunc(func() {
		s.dump()
		cancel()
		if err := <-ended; err != nil {
			s.t.Errorf("Run: %v", err)
		}
		desk.Stop()
		closeApp(app)
	})
	s.t.Cleanup(s.quit)
	s.until("the desk has a line", func() bool { return len(desk.Lines.AllLines()) == 1 })
	s.line = desk.Lines.AllLines()[0].ID
}

// dump shows the database of a test that failed.
func (s *shop) dump() {
	if !s.t.Failed() {
		return
	}
	for _, query := range []string{
		"SELECT direction || ' ' || kind || ' ' || author || ' ' || state || ' ' || reason || ' pending=' || pending || ' outbox=' || outbox || ' due=' || dueAt || ' pos=' || pos || ' ' || substr(text, 1, 60) FROM messages ORDER BY id",
		"SELECT status || ' area=' || area || ' assignee=' || assignee || ' unread=' || unread || ' wake=' || wakeAt FROM conversations ORDER BY id",
		"SELECT kind || ' ' || state || ' ' || reason || ' attempts=' || attempts || ' pending=' || pending FROM calls ORDER BY id",
		"SELECT kind || ' ' || actor || ' ' || COALESCE(data, '') FROM events ORDER BY pos",
	} {
		var rows []string
		if err := s.d.Store.App.ConcurrentDB().NewQuery(query).Column(&rows); err != nil {
			s.t.Log(err)
		}
		for _, row := range rows {
			s.t.Log(row)
		}
	}
}

// link starts the line and scans its code.
func (s *shop) link() {
	s.t.Helper()
	if _, err := s.d.Lines.Start(s.t.Context(), ""); err != nil {
		s.t.Fatal(err)
	}
	var qr lines.QRView
	s.until("the line shows a code", func() bool {
		var err error
		qr, err = s.d.Lines.QR(s.t.Context(), "")
		return err == nil
	})
	if _, err := s.owner.ScanQR(qr.QR); err != nil {
		s.t.Fatal(err)
	}
	s.connected()
}

func (s *shop) connected() {
	s.t.Helper()
	s.until("the line is connected", func() bool {
		v, err := s.d.Lines.Status(s.t.Context(), "")
		return err == nil && v.State == string(whatsapp.Connected)
	})
}

// until waits for something that must become true soon.
func (s *shop) until(what string, ok func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("waited %s in vain until %s", patience, what)
		}
	}
}

// reads waits until a phone shows a text from the shop, and returns it.
func (s *shop) reads(p *wasim.Phone, text string) wasim.Entry {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	e, err := p.WaitFor(ctx, func(e wasim.Entry) bool { return !e.FromMe && e.Text == text })
	if err != nil {
		s.t.Fatalf("the phone never showed %q: %v; it shows %v", text, err, texts(p.Chat(s.owner)))
	}
	return e
}

func texts(entries []wasim.Entry) (texts []string) {
	for _, e := range entries {
		side := "< "
		if e.FromMe {
			side = "> "
		}
		texts = append(texts, side+e.Text)
	}
	return texts
}

// say is a text of a customer to the shop.
func (s *shop) say(p *wasim.Phone, text string) string {
	s.t.Helper()
	id, err := p.SayText(s.owner, text)
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

// row waits until a query gives one row that fits, and returns it.
func row[T any](s *shop, what, query string, params dbx.Params, fits func(T) bool) T {
	s.t.Helper()
	var got T
	s.until(what, func() bool {
		got = *new(T)
		return s.d.Store.App.ConcurrentDB().NewQuery(query).Bind(params).One(&got) == nil && fits(got)
	})
	return got
}

// message waits for the state of the message with a text.
func (s *shop) message(text string, fits func(store.Message) bool) store.Message {
	s.t.Helper()
	return row(s, "the message "+text+" is as it should be", "SELECT * FROM messages WHERE text = {:text}", dbx.Params{"text": text}, fits)
}

// thread waits for the only conversation to be as it should.
func (s *shop) thread(what string, fits func(store.Conversation) bool) store.Conversation {
	s.t.Helper()
	return row(s, what, "SELECT * FROM conversations ORDER BY id DESC LIMIT 1", nil, fits)
}

func (s *shop) count(query string) (n int) {
	s.t.Helper()
	if err := s.d.Store.App.ConcurrentDB().NewQuery(query).Row(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// answers queues what an agent writes.
func (s *shop) answers(chat, user, text string) {
	s.t.Helper()
	s.write(func(t *store.Tx) error {
		c, err := t.Conversation(chat)
		if err != nil {
			return err
		}
		return s.d.Conversations.Say(t, c, user, text)
	})
}
