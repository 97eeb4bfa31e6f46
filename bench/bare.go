package bench

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"sync/atomic"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/store/sqlstore"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"

	"mostrador/whatsapp"
)

// Bare is the baseline: a WhatsApp client that does what every safe client must (a handler that reports success, the
// buffer of decrypted events) and nothing else: no desk, no database but the client's own, opened as the desk opens it.
type Bare struct {
	Server string // the emulated server's control API
	Dir    string // where its file goes
	Echo   string // prefix of the answer to each message; empty: it only counts
}

// BareStatus is what the bare client tells over HTTP.
type BareStatus struct {
	State string    `json:"state"` // waiting_scan, connected, offline
	QR    string    `json:"qr,omitempty"`
	Count int64     `json:"count"` // messages handled
	First time.Time `json:"first"` // when the first of them was handled
	Last  time.Time `json:"last"`
	Wrong int64     `json:"wrong"` // messages that could not be read, or answers that were not taken
}

type bareClient struct {
	*whatsmeow.Client
	echo               string
	qr                 atomic.Value // string
	count, wrong       atomic.Int64
	firstNano, lastOne atomic.Int64
}

// Run serves the bare client's status until ctx ends. It prints "listening on" like every other server here.
func (b Bare) Run(ctx context.Context, out io.Writer) error {
	store, err := whatsapp.OpenStore(ctx, filepath.Join(b.Dir, "bare.db"), nil)
	if err != nil {
		return err
	}
	defer store.Close()
	device, err := sqlstore.NewWithDB(store.DB(), "sqlite3", nil).GetFirstDevice(ctx)
	if err != nil {
		return fmt.Errorf("open the bare client's store: %w", err)
	}
	c := &bareClient{Client: whatsmeow.NewClient(device, nil), echo: b.Echo}
	c.qr.Store("")
	c.EnableDecryptedEventBuffer = true
	if err := c.pointAt(ctx, b.Server); err != nil {
		return err
	}
	c.AddEventHandlerWithSuccessStatus(c.handle)
	codes, err := c.GetQRChannel(ctx)
	if err != nil {
		return fmt.Errorf("ask for QR codes: %w", err)
	}
	if err := c.Connect(); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer c.Disconnect()
	go func() {
		for item := range codes {
			c.qr.Store(item.Code)
		}
		c.qr.Store("")
	}()
	return c.serve(ctx, out)
}

// pointAt makes the client trust and dial the emulated server.
func (c *bareClient) pointAt(ctx context.Context, server string) error {
	var state struct{ RootKey, WebSocket string }
	if err := callJSON(ctx, nil, "GET", server+"/state", nil, nil, &state); err != nil {
		return fmt.Errorf("ask the emulated server: %w", err)
	}
	key, err := hex.DecodeString(state.RootKey)
	socket, urlErr := url.Parse(state.WebSocket)
	if err != nil || urlErr != nil || len(key) != len(whatsmeow.WACertPubKey) {
		return fmt.Errorf("ask the emulated server: its key or address cannot be read")
	}
	copy(whatsmeow.WACertPubKey[:], key)
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", socket.Host)
	}
	client := &http.Client{Transport: &http.Transport{DialContext: dial, DialTLSContext: dial}}
	c.SetPreLoginHTTPClient(client)
	c.SetWebsocketHTTPClient(client)
	c.SetMediaHTTPClient(client)
	return nil
}

func (c *bareClient) handle(event any) bool {
	switch e := event.(type) {
	case *events.Message:
		now := time.Now().UnixNano()
		c.firstNano.CompareAndSwap(0, now)
		c.lastOne.Store(now)
		c.count.Add(1)
		if c.echo != "" && !e.Info.IsFromMe {
			go c.answer(e)
		}
	case *events.UndecryptableMessage:
		c.wrong.Add(1)
	}
	return true
}

func (c *bareClient) answer(e *events.Message) {
	text := c.echo + e.Message.GetConversation()
	if _, err := c.SendMessage(context.Background(), e.Info.Sender.ToNonAD(), &waE2E.Message{Conversation: proto.String(text)}); err != nil {
		c.wrong.Add(1)
	}
}

func (c *bareClient) serve(ctx context.Context, out io.Writer) error {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	status := &http.Server{Handler: http.HandlerFunc(c.serveStatus)}
	defer context.AfterFunc(ctx, func() { _ = status.Close() })()
	fmt.Fprintln(out, "listening on http://"+ln.Addr().String())
	if err := status.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (c *bareClient) serveStatus(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodDelete { // start counting anew
		c.count.Store(0)
		c.firstNano.Store(0)
	}
	s := BareStatus{State: "offline", QR: c.qr.Load().(string), Count: c.count.Load(), Wrong: c.wrong.Load(),
		First: time.Unix(0, c.firstNano.Load()), Last: time.Unix(0, c.lastOne.Load())}
	switch {
	case c.IsLoggedIn():
		s.State = "connected"
	case s.QR != "":
		s.State = "waiting_scan"
	}
	_ = json.NewEncoder(w).Encode(s) // the asker went away: nobody to tell
}
