package desktest

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mostrador/hooks"
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
	ShopNumber  = "+5491100000001"
	CarlaNumber = "+5491123456789"
	Patience    = 10 * time.Second // for anything that must happen
)

func init() {
	// No test may reach the real server, not even one that forgets to make its own.
	whatsapp.UseServer(whatsapp.Server{Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("this test has no server")
	}})
}

// Shop is a desk whose line is linked to an emulated WhatsApp in memory, with all its loops running.
type Shop struct {
	*World
	dir    string
	Server *wasim.Server
	Owner  *wasim.Phone
	Line   string
	Ahead  atomic.Int64                      // how far the desk's clock runs ahead, in nanoseconds
	Quit   func()                            // ends Run and the writer; once
	disk   func(string) (media.Space, error) // of the desk, from the next open on
	Allow  fetch.Hosts                       // that the desk's flows may ask, from the next open on
}

// MenuFlow greets with a menu of one area.
const MenuFlow = `{"spec":1,"start":"menu","nodes":{
	"menu":{"type":"menu","say":"Hola, elige:","options":[{"id":"sales","label":"Ventas","next":"sales"},{"id":"bye","label":"Nada","next":"bye"}]},
	"sales":{"type":"redirect","say":"Te paso con ventas.","area":"sales"},
	"bye":{"type":"end","say":"Chau."}}}`

// NewShop opens a desk with the area "sales", the menu flow, and a linked line.
func NewShop(t testing.TB) *Shop {
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
	s := &Shop{dir: dir, Server: server, Owner: server.Phone(ShopNumber, wasim.Owner(), wasim.Name("Shop")), disk: roomy}
	s.World = &World{T: t}
	s.Open()
	s.Area("sales")
	s.Flow(MenuFlow, `[{"on":"message"}]`)
	s.Link()
	return s
}

// Reopened opens the folder's databases without a desk.
func (s *Shop) Reopened() core.App {
	s.T.Helper()
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: s.dir, DBConnect: store.Connect, DataMaxOpenConns: store.MaxConns, DataMaxIdleConns: store.MaxConns})
	if err := app.Bootstrap(); err != nil {
		s.T.Fatal(err)
	}
	return app
}

// CloseApp ends an app as serving does: first what it runs by itself, as its log, then its databases.
func CloseApp(app core.App) {
	_ = app.OnTerminate().Trigger(&core.TerminateEvent{App: app}, func(*core.TerminateEvent) error { return nil })
	_ = app.ResetBootstrapState()
}

// Open starts a desk on the folder, as the program does.
func (s *Shop) Open() {
	s.T.Helper()
	app := s.Reopened()
	s.Desk = &hooks.Desk{Store: store.Store{App: app, Now: func() time.Time { return time.Now().Add(time.Duration(s.Ahead.Load())) }}, Files: media.Files{Disk: s.disk}}
	s.Desk.Calls.Outside.Allow = s.Allow
	s.Desk.Lines.Options.Limit = whatsapp.Limit{PerSecond: -1, FirstPerMinute: -1}
	if err := s.Desk.Start(s.T.Context()); err != nil {
		s.T.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	desk := s.Desk
	go func() { ended <- desk.Run(ctx) }()
	s.Quit = sync.OnceFunc(func() {
		s.dump()
		cancel()
		if err := <-ended; err != nil {
			s.T.Errorf("Run: %v", err)
		}
		desk.Stop()
		CloseApp(app)
	})
	s.T.Cleanup(s.Quit)
	s.Until("the desk has a line", func() bool { return len(desk.Lines.AllLines()) == 1 })
	s.Line = desk.Lines.AllLines()[0].ID
}

// dump shows the database of a test that failed.
func (s *Shop) dump() {
	if !s.T.Failed() {
		return
	}
	for _, query := range []string{
		"SELECT direction || ' ' || kind || ' ' || author || ' ' || state || ' ' || reason || ' pending=' || pending || ' outbox=' || outbox || ' due=' || dueAt || ' pos=' || pos || ' ' || substr(text, 1, 60) FROM messages ORDER BY id",
		"SELECT status || ' area=' || area || ' assignee=' || assignee || ' unread=' || unread || ' wake=' || wakeAt FROM conversations ORDER BY id",
		"SELECT kind || ' ' || state || ' ' || reason || ' attempts=' || attempts || ' pending=' || pending FROM calls ORDER BY id",
		"SELECT kind || ' ' || actor || ' ' || COALESCE(data, '') FROM events ORDER BY pos",
	} {
		var rows []string
		if err := s.Desk.Store.App.ConcurrentDB().NewQuery(query).Column(&rows); err != nil {
			s.T.Log(err)
		}
		for _, row := range rows {
			s.T.Log(row)
		}
	}
}

// Link starts the line and scans its code.
func (s *Shop) Link() {
	s.T.Helper()
	if _, err := s.Desk.Lines.Start(s.T.Context(), ""); err != nil {
		s.T.Fatal(err)
	}
	var qr lines.QRView
	s.Until("the line shows a code", func() bool {
		var err error
		qr, err = s.Desk.Lines.QR(s.T.Context(), "")
		return err == nil
	})
	if _, err := s.Owner.ScanQR(qr.QR); err != nil {
		s.T.Fatal(err)
	}
	s.Connected()
}

func (s *Shop) Connected() {
	s.T.Helper()
	s.Until("the line is connected", func() bool {
		v, err := s.Desk.Lines.Status(s.T.Context(), "")
		return err == nil && v.State == string(whatsapp.Connected)
	})
}

// Until waits for something that must become true soon.
func (s *Shop) Until(what string, ok func() bool) {
	s.T.Helper()
	for deadline := time.Now().Add(Patience); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.T.Fatalf("waited %s in vain until %s", Patience, what)
		}
	}
}

// Reads waits until a phone shows a text from the shop, and returns it.
func (s *Shop) Reads(p *wasim.Phone, text string) wasim.Entry {
	s.T.Helper()
	ctx, cancel := context.WithTimeout(s.T.Context(), Patience)
	defer cancel()
	e, err := p.WaitFor(ctx, func(e wasim.Entry) bool { return !e.FromMe && e.Text == text })
	if err != nil {
		s.T.Fatalf("the phone never showed %q: %v; it shows %v", text, err, Texts(p.Chat(s.Owner)))
	}
	return e
}

func Texts(entries []wasim.Entry) (texts []string) {
	for _, e := range entries {
		side := "< "
		if e.FromMe {
			side = "> "
		}
		texts = append(texts, side+e.Text)
	}
	return texts
}

// Say is a text of a customer to the shop.
func (s *Shop) Say(p *wasim.Phone, text string) string {
	s.T.Helper()
	id, err := p.SayText(s.Owner, text)
	if err != nil {
		s.T.Fatal(err)
	}
	return id
}

// Row waits until a query gives one row that fits, and returns it.
func Row[T any](s *Shop, what, query string, params dbx.Params, fits func(T) bool) T {
	s.T.Helper()
	var got T
	s.Until(what, func() bool {
		got = *new(T)
		return s.Desk.Store.App.ConcurrentDB().NewQuery(query).Bind(params).One(&got) == nil && fits(got)
	})
	return got
}

// Message waits for the state of the message with a text.
func (s *Shop) Message(text string, fits func(store.Message) bool) store.Message {
	s.T.Helper()
	return Row(s, "the message "+text+" is as it should be", "SELECT * FROM messages WHERE text = {:text}", dbx.Params{"text": text}, fits)
}

// Thread waits for the only conversation to be as it should.
func (s *Shop) Thread(what string, fits func(store.Conversation) bool) store.Conversation {
	s.T.Helper()
	return Row(s, what, "SELECT * FROM conversations ORDER BY id DESC LIMIT 1", nil, fits)
}

func (s *Shop) Count(query string) (n int) {
	s.T.Helper()
	if err := s.Desk.Store.App.ConcurrentDB().NewQuery(query).Row(&n); err != nil {
		s.T.Fatal(err)
	}
	return n
}

// Answers queues what an agent writes.
func (s *Shop) Answers(chat, user, text string) {
	s.T.Helper()
	s.Write(func(t *store.Tx) error {
		c, err := t.Conversation(chat)
		if err != nil {
			return err
		}
		return s.Desk.Conversations.Say(t, c, user, text)
	})
}
