package whatsapp

import (
	"context"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"go.mau.fi/whatsmeow"
)

// Server is an emulated WhatsApp server.
type Server struct {
	RootKey [32]byte // the public key that its Noise certificates are rooted in
	// Dial connects to it, whatever host is asked for: web socket, media and the version page are one server.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
}

// emulated is the server in use instead of WhatsApp; nil: the real one.
var emulated atomic.Pointer[Server]

// UseServer sends every line of this process to an emulated server. Call it before the first line starts: the key that
// whatsmeow trusts is a variable of the whole process, so a real line and an emulated one cannot live in one process.
func UseServer(s Server) {
	whatsmeow.WACertPubKey = s.RootKey
	emulated.Store(&s)
}

// UseServerAt is UseServer for a server in another process. baseURL is where its control API answers; GET baseURL/state
// names the root key and the web socket.
func UseServerAt(ctx context.Context, baseURL string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(baseURL, "/")+"/state", nil)
	if err != nil {
		return fmt.Errorf("ask the emulated WhatsApp server: %w", err)
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		return fmt.Errorf("ask the emulated WhatsApp server: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("ask the emulated WhatsApp server: it answered %s", resp.Status)
	}
	var state struct{ RootKey, WebSocket string }
	if err := json.NewDecoder(io.LimitReader(resp.Body, 16<<20)).Decode(&state); err != nil {
		return fmt.Errorf("read the state of the emulated WhatsApp server: %w", err)
	}
	server, err := serverOf(state.RootKey, state.WebSocket)
	if err != nil {
		return fmt.Errorf("read the state of the emulated WhatsApp server: %w", err)
	}
	UseServer(server)
	return nil
}

// serverOf makes a Server of what the control API says: 64 hex digits and a ws:// address.
func serverOf(rootKey, webSocket string) (Server, error) {
	key, err := hex.DecodeString(rootKey)
	if err != nil || len(key) != 32 {
		return Server{}, errors.New("rootKey is not 64 hex digits")
	}
	u, err := url.Parse(webSocket)
	if err != nil || u.Scheme != "ws" || u.Port() == "" {
		return Server{}, fmt.Errorf("webSocket %q is not ws://host:port/…", webSocket)
	}
	var dialer net.Dialer
	return Server{
		RootKey: [32]byte(key),
		Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "tcp", u.Host)
		},
	}, nil
}

// How long the steps of a request to WhatsApp may take. A body has no limit of its own: media may be large.
const (
	dialTimeout   = 20 * time.Second
	headerTimeout = 30 * time.Second
)

// transport makes what carries a line's requests.
func transport() *http.Transport {
	t := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   dialTimeout,
		ResponseHeaderTimeout: headerTimeout,
		IdleConnTimeout:       90 * time.Second,
	}
	if s := emulated.Load(); s != nil {
		// net/http uses a connection of DialTLSContext as it is, so https:// and wss:// need no certificate here.
		t.Proxy, t.DialContext, t.DialTLSContext = nil, s.Dial, s.Dial
		t.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{} // never HTTP/2
		t.DisableKeepAlives = true
	}
	return t
}

// attach points a client's three kinds of request at the server in use. Media bodies are bounded by limitedTransport.
func attach(client *whatsmeow.Client) {
	// For a web socket this is the time to dial; it does not end an open connection.
	socket := &http.Client{Transport: transport(), Timeout: dialTimeout}
	client.SetPreLoginHTTPClient(socket)
	client.SetWebsocketHTTPClient(socket)
	client.SetMediaHTTPClient(&http.Client{Transport: limitedTransport{transport()}})
}

type limitKey struct{}

// withLimit bounds the bytes of every answer to a request made with the context; 0 or less: no bound.
func withLimit(ctx context.Context, max int64) context.Context {
	return context.WithValue(ctx, limitKey{}, max)
}

// limitedTransport refuses longer bodies than withLimit allows: whatsmeow reads a whole file into memory, and only the
// sender says how long it is.
type limitedTransport struct{ next http.RoundTripper }

func (t limitedTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	max, _ := req.Context().Value(limitKey{}).(int64)
	if err != nil || max <= 0 {
		return resp, err
	}
	body := &limitedBody{ReadCloser: resp.Body, left: max}
	if resp.ContentLength > max {
		body.left = -1 // an error of RoundTrip itself would count as one of the network, which whatsmeow tries again
	}
	resp.Body = body
	return resp, nil
}

type limitedBody struct {
	io.ReadCloser
	left int64
}

func (b *limitedBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, ErrTooLarge
	}
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, ErrTooLarge
	}
	return n, err
}
