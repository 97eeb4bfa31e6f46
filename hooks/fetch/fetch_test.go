package fetch

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// internet is a world of names and servers: what a name resolves to, time after time, and which local server stands
// behind a public address.
type internet struct {
	t       testing.TB
	mu      sync.Mutex
	names   map[string][]string // answers of the resolver, each a list with spaces; the last one stays
	servers map[string]string   // local address of a server by the address that it has in this world
	dialed  []string
}

func newInternet(t testing.TB) *internet {
	return &internet{t: t, names: map[string][]string{}, servers: map[string]string{}}
}

func (w *internet) LookupNetIP(_ context.Context, _, host string) (found []netip.Addr, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	answers := w.names[host]
	if len(answers) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	if len(answers) > 1 {
		w.names[host] = answers[1:]
	}
	for _, text := range strings.Fields(answers[0]) {
		found = append(found, netip.MustParseAddr(text))
	}
	return found, nil
}

func (w *internet) dial(ctx context.Context, network, address string) (net.Conn, error) {
	w.mu.Lock()
	w.dialed = append(w.dialed, address)
	to, ok := w.servers[address]
	w.mu.Unlock()
	if !ok {
		return nil, errors.New("connection refused")
	}
	return new(net.Dialer).DialContext(ctx, network, to)
}

// server stands behind a name, at a public address of its own.
func (w *internet) server(name, address string, h http.HandlerFunc) *httptest.Server {
	s := httptest.NewServer(h)
	w.t.Cleanup(s.Close)
	w.names[name] = []string{address}
	w.servers[net.JoinHostPort(address, "80")] = s.Listener.Addr().String()
	return s
}

func (w *internet) client(allow ...string) *Client {
	return &Client{Resolver: w, Allow: allow, dialer: w.dial}
}

// code is the error's; empty: there was an answer.
func code(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func TestAnswerComesThrough(t *testing.T) {
	w := newInternet(t)
	w.server("api.example", "93.184.1.1", func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		rw.Header().Set("X-Seen", r.Header.Get("User-Agent"))
		rw.WriteHeader(404)
		fmt.Fprintf(rw, "%s %s %s %q %q", r.Method, r.URL, r.Host, r.Header["X-Key"], body)
	})
	got, err := w.client().Do(t.Context(), Request{Method: "put", URL: "HTTP://Api.Example./a%20b?c=d#e", Body: []byte("hola"),
		Headers: []Header{{Name: "X-Key", Value: "1"}, {Name: "x-key", Value: "2"}, {Name: "host", Value: "b.example"}, {Name: "Content-Length", Value: "1"},
			{Name: "transfer-encoding", Value: "chunked"}, {Name: "Connection", Value: "upgrade"}, {Name: "accept-encoding", Value: "br"}}})
	if err != nil {
		t.Fatal(err)
	}
	if want := `PUT /a%20b?c=d api.example ["1" "2"] "hola"`; got.Status != 404 || string(got.Body) != want || got.Header.Get("X-Seen") != userAgent {
		t.Errorf("got %d %s %s, want 404 %s", got.Status, got.Header, got.Body, want)
	}
}

// TestForbiddenPlaces has every way to write or hide an address of the inner network that we know of.
func TestForbiddenPlaces(t *testing.T) {
	w := newInternet(t)
	for i, inner := range []string{"127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200", "0.0.0.0",
		"0.1.2.3", "192.0.0.192", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.1.1.1", "240.0.0.1",
		"255.255.255.255", "168.63.129.16", "::", "::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
		"64:ff9b:1::1", "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:10::1", "2001:db8::1", "2002:7f00:1::1",
		"2002:a00:1::", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "4000::1"} {
		name := fmt.Sprintf("n%d.example", i)
		w.names[name] = []string{inner}
		literal := inner
		if strings.Contains(inner, ":") {
			literal = "[" + inner + "]"
		}
		want := Forbidden
		if strings.HasPrefix(inner, "::ffff:") {
			want = BadHost // nobody writes that, and a resolver's is looked through
		}
		_, err := w.client().Do(t.Context(), Request{URL: "http://" + literal + "/"})
		if got := code(err); got != want {
			t.Errorf("%s: got %q, want %s", literal, got, want)
		}
		_, err = w.client().Do(t.Context(), Request{URL: "http://" + name + ":8080/"})
		if got := code(err); got != Forbidden {
			t.Errorf("a name for %s: got %q, want %s", inner, got, Forbidden)
		}
		if public(netip.MustParseAddr(inner)) {
			t.Errorf("%s: counts as public", inner)
		}
		if err := refuse("tcp", netip.AddrPortFrom(netip.MustParseAddr(inner), 80).String(), nil); code(err) != Forbidden {
			t.Errorf("%s: the last check before connecting says %v", inner, err)
		}
	}
	for _, open := range []string{"8.8.8.8", "1.1.1.1", "93.184.215.14", "172.32.0.1", "100.128.0.1", "198.20.0.1", "2606:4700::1111", "2a00:1450::1", "2001:4860:4860::8888"} {
		if a := netip.MustParseAddr(open); !public(a) {
			t.Errorf("%s: does not count as public", open)
		}
	}
	if len(w.dialed) > 0 {
		t.Errorf("dialed %v", w.dialed)
	}
}

func TestAddressesThatAreRefused(t *testing.T) {
	w := newInternet(t)
	for raw, want := range map[string]Code{
		"": BadScheme, "api.example": BadScheme, "//api.example/": BadScheme, "ftp://api.example/": BadScheme, "file:///etc/passwd": BadScheme,
		"gopher://api.example/": BadScheme, "javascript:alert(1)": BadScheme, "http:api.example": BadURL, "http://": BadHost, "http:///x": BadHost,
		"http://user@api.example/": UserInfo, "http://a:b@api.example/": UserInfo, "http://api.example@10.0.0.1/": UserInfo,
		"http://2130706433/": BadHost, "http://0x7f000001/": BadHost, "http://0x7f.1/": BadHost, "http://0177.0.0.1/": BadHost, "http://127.1/": BadHost,
		"http://127.0.0.01/": BadHost, "http://1/": BadHost, "http://127.0.0.1./": BadHost, "http://0x/": BadHost, "http://017700000001/": BadHost,
		"http://a.0x7f/": BadHost, "http://256.1.1.1/": BadHost, "http://１２７.0.0.1/": BadHost, "http://ⓛocalhost/": BadHost,
		"http://españa.example/": BadHost, "http://a..b/": BadHost, "http://.a/": BadHost, "http://a b/": BadURL, "http://a%2eb/": BadURL,
		"http://%31%32%37.0.0.1/": BadURL, "http://[::1%25lo]/": BadHost, "http://[fe80::1%25eth0]/": BadHost, "http://[127.0.0.1]/": BadURL,
		"http://[::ffff:8.8.8.8]/": BadHost, "http://[v1.a]/": BadURL, "http://[::1/": BadURL, "http://a:b:c/": BadURL,
		"http://api.example:/": BadURL, "http://api.example:0/": BadURL, "http://api.example:65536/": BadURL, "http://api.example:-1/": BadURL,
		"http://[::1]:/": BadURL, "http://api.example:+80/": BadURL, "http://api.example\r\nX: y/": BadURL, "http://api.example\\@10.0.0.1/": BadURL,
		"http://" + strings.Repeat("a", 64) + "/": BadHost, "http://" + strings.Repeat("a.", 127) + "a/": BadHost, "http://a/" + strings.Repeat("a", maxURL): BadURL,
		"http://nowhere.example/": UnknownHost,
	} {
		if _, err := w.client().Do(t.Context(), Request{URL: raw}); code(err) != want {
			t.Errorf("%.60q: got %q (%v), want %s", raw, code(err), err, want)
		}
	}
	if len(w.dialed) > 0 {
		t.Errorf("dialed %v", w.dialed)
	}
}

func TestNameThatChangesBetweenCheckAndDial(t *testing.T) {
	w := newInternet(t)
	w.server("api.example", "93.184.1.1", func(rw http.ResponseWriter, _ *http.Request) { fmt.Fprint(rw, "hola") })
	w.names["api.example"] = []string{"93.184.1.1", "127.0.0.1"}
	if got, err := w.client().Do(t.Context(), Request{URL: "http://api.example/"}); err != nil || string(got.Body) != "hola" {
		t.Errorf("got %v (%v), want the server that was looked at", got, err)
	}
	if _, err := w.client().Do(t.Context(), Request{URL: "http://api.example/"}); code(err) != Forbidden {
		t.Errorf("got %v after the name changed, want %s", err, Forbidden)
	}
	if got := strings.Join(w.dialed, " "); got != "93.184.1.1:80" {
		t.Errorf("dialed %s", got)
	}
}

func TestNameOfManyAddresses(t *testing.T) {
	w := newInternet(t)
	w.server("api.example", "93.184.1.1", func(rw http.ResponseWriter, _ *http.Request) {})
	w.names["api.example"] = []string{"fd00::1 2606:4700::1 10.0.0.1 93.184.1.2 ::ffff:93.184.1.1"}
	if _, err := w.client().Do(t.Context(), Request{URL: "http://api.example/"}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(w.dialed, " "); got != "93.184.1.2:80 93.184.1.1:80" {
		t.Errorf("dialed %s, want the public ones in turn", got)
	}
	w.names["api.example"] = []string{"93.184.2.1 93.184.2.2 93.184.2.3 93.184.2.4 93.184.2.5"}
	w.dialed = nil
	_, err := w.client().Do(t.Context(), Request{URL: "http://api.example/"})
	var e *Error
	if code(err) != Unreachable || len(w.dialed) != maxAddresses || !errors.As(err, &e) || e.Sent {
		t.Errorf("got %+v after dialing %v, want %s after %d, nothing sent", e, w.dialed, Unreachable, maxAddresses)
	}
}

func TestAllowedHosts(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if to := r.URL.Query().Get("to"); to != "" {
			http.Redirect(rw, r, to, http.StatusFound)
		}
	}))
	defer s.Close()
	port := s.URL[strings.LastIndex(s.URL, ":")+1:]
	w := newInternet(t)
	w.names["erp.example"] = []string{"127.0.0.1"}
	for _, tt := range []struct {
		allow, url string
		want       Code
	}{
		{"", s.URL, Forbidden},
		{"127.0.0.1:" + port, s.URL, ""},
		{"127.0.0.1", s.URL, ""},
		{"127.0.0.1:1", s.URL, Forbidden},
		{"erp.example", "http://ERP.example:" + port + "/", ""},
		{"erp.example", s.URL, Forbidden},                                // its address is not its name
		{"127.0.0.1", "http://erp.example:" + port + "/", Forbidden},     // nor the other way round
		{"127.0.0.1", "http://127.0.0.1.:" + port + "/", BadHost},        //
		{"erp.example", "http://x.erp.example:" + port, UnknownHost},     // nor what lies below
		{"127.0.0.1", s.URL + "/?to=http://10.0.0.1/", Forbidden},        // a redirect out of it
		{"127.0.0.1", s.URL + "/?to=http://[::1]:" + port, Forbidden},    //
		{"127.0.0.1", s.URL + "/?to=http://127.0.0.1:" + port + "/", ""}, // and within
	} {
		allow, err := ParseHosts([]string{tt.allow})
		if err != nil {
			t.Fatal(err)
		}
		c := &Client{Resolver: w, Allow: allow} // the real dialer, with its last check
		if _, err := c.Do(t.Context(), Request{URL: tt.url}); code(err) != tt.want {
			t.Errorf("allowed %q, asked %s: got %v, want %q", tt.allow, tt.url, err, tt.want)
		}
	}
}

func TestAnswerOfAnySize(t *testing.T) {
	w := newInternet(t)
	packed := func(n int) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(make([]byte, n))
		_ = z.Close()
		return b.Bytes()
	}
	w.server("api.example", "93.184.1.1", func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/fits":
			_, _ = rw.Write(make([]byte, MaxBody))
		case "/large":
			_, _ = rw.Write(make([]byte, MaxBody+1))
		case "/endless":
			for r.Context().Err() == nil {
				if _, err := rw.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		case "/packed":
			rw.Header().Set("Content-Encoding", "gzip")
			_, _ = rw.Write(packed(MaxBody))
		case "/bomb":
			rw.Header().Set("Content-Encoding", "gzip")
			_, _ = rw.Write(packed(16 << 20))
		case "/head":
			rw.Header().Set("X", strings.Repeat("x", 2*maxHeaders))
		case "/torn":
			rw.Header().Set("Content-Length", "100")
			_, _ = rw.Write([]byte("half"))
		}
	})
	for path, want := range map[string]Code{"/fits": "", "/large": TooLarge, "/endless": TooLarge, "/packed": "", "/bomb": TooLarge, "/head": BadAnswer, "/torn": BadAnswer} {
		got, err := w.client().Do(t.Context(), Request{URL: "http://api.example" + path})
		if code(err) != want {
			t.Errorf("%s: got %v, want %q", path, err, want)
		}
		if err == nil && len(got.Body) != MaxBody {
			t.Errorf("%s: got %d bytes, want %d", path, len(got.Body), MaxBody)
		}
	}
}

// TestAnswerThatDoesNotCome waits in virtual time; the servers are pipes.
func TestAnswerThatDoesNotCome(t *testing.T) {
	for name, tt := range map[string]struct {
		says    string
		request Request
		after   time.Duration
		want    Code
	}{
		"silent":            {"", Request{}, Timeout, TimedOut},
		"silent, one limit": {"", Request{Timeout: 3 * time.Second}, 3 * time.Second, TimedOut},
		"body that stalls":  {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal", Request{}, Timeout, TimedOut},
		"half a header":     {"HTTP/1.1 200 OK\r\nX: ", Request{}, Timeout, TimedOut},
		"other protocol":    {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", Request{}, 0, BadAnswer},
		"not HTTP":          {"220 mail.example ESMTP\r\n", Request{}, 0, BadAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newInternet(t)
				w.names["api.example"] = []string{"93.184.1.1"}
				c := w.client()
				c.dialer = func(context.Context, string, string) (net.Conn, error) {
					here, there := net.Pipe()
					go func() {
						defer there.Close()
						_, _ = there.Read(make([]byte, 4096))
						_, _ = io.WriteString(there, tt.says)
						_, _ = io.Copy(io.Discard, there)
					}()
					return here, nil
				}
				began := time.Now()
				tt.request.URL = "http://api.example/"
				_, err := c.Do(t.Context(), tt.request)
				if got := time.Since(began); code(err) != tt.want || got != tt.after {
					t.Errorf("got %v after %s, want %s after %s", err, got, tt.want, tt.after)
				}
				var e *Error
				if errors.As(err, &e) && !e.Sent {
					t.Error("counts as not sent")
				}
			})
		})
	}
}

func TestHostThatDoesNotAnswerAtAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newInternet(t)
		w.names["api.example"] = []string{"93.184.1.1 93.184.1.2"}
		c := w.client()
		c.dialer = func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }
		began := time.Now()
		_, err := c.Do(t.Context(), Request{URL: "http://api.example/"})
		if got := time.Since(began); code(err) != Unreachable || got != 2*dialFor {
			t.Errorf("got %v after %s, want %s after %s", err, got, Unreachable, 2*dialFor)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if _, err := c.Do(ctx, Request{URL: "http://api.example/"}); code(err) != Canceled {
			t.Errorf("got %v, want %s", err, Canceled)
		}
		time.Sleep(2 * dialFor) // net/http lets a dial end by itself
	})
}

func TestCertificateIsChecked(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer s.Close()
	w := newInternet(t)
	w.names["example.com"] = []string{"93.184.1.1"}
	w.servers["93.184.1.1:443"] = s.Listener.Addr().String()
	_, err := w.client().Do(t.Context(), Request{URL: "https://example.com/"})
	var e *Error
	if code(err) != BadTLS || !errors.As(err, &e) || e.Sent {
		t.Errorf("got %+v, want %s and nothing sent", e, BadTLS)
	}
	c := w.client()
	c.tls = trust(s)
	if _, err := c.Do(t.Context(), Request{URL: "https://example.com/"}); err != nil {
		t.Errorf("trusted: %v", err)
	}
}

// trust is a configuration that believes a test server.
func trust(s *httptest.Server) *tls.Config {
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return &tls.Config{RootCAs: roots}
}

// TestNothingIsSharedBetweenRequests holds what net/http would do by itself: a proxy from the environment (which it reads
// only once in a process), connections that stay, HTTP/2.
func TestNothingIsSharedBetweenRequests(t *testing.T) {
	tr := new(Client).transport()
	if tr.Proxy != nil || !tr.DisableKeepAlives || tr.Protocols.HTTP2() || tr.Protocols.UnencryptedHTTP2() {
		t.Errorf("got %+v", tr)
	}
	w := newInternet(t)
	w.server("api.example", "93.184.1.1", func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Set-Cookie", "a=b")
		fmt.Fprint(rw, r.Header.Get("Cookie"))
	})
	for range 2 {
		if got, err := w.client().Do(t.Context(), Request{URL: "http://api.example/"}); err != nil || len(got.Body) > 0 {
			t.Errorf("got %+v (%v), want no cookie", got, err)
		}
	}
	if len(w.dialed) != 2 {
		t.Errorf("dialed %v, want each time anew", w.dialed)
	}
}

func TestMethodsAndHeadersThatAreRefused(t *testing.T) {
	w := newInternet(t)
	for _, tt := range []struct {
		r    Request
		want Code
	}{
		{Request{Method: "CONNECT"}, BadMethod}, {Request{Method: "TRACE"}, BadMethod}, {Request{Method: "GET / HTTP/1.1\r\nX:"}, BadMethod},
		{Request{Headers: []Header{{Name: "", Value: "x"}}}, BadHeader},
		{Request{Headers: []Header{{Name: "X Y", Value: "x"}}}, BadHeader}, {Request{Headers: []Header{{Name: "X", Value: "a\r\nHost: b"}}}, BadHeader},
		{Request{Headers: []Header{{Name: "X", Value: "\x00"}}}, BadHeader}, {Request{Headers: []Header{{Name: "X", Value: "ñandú\t1"}}}, UnknownHost},
	} {
		tt.r.URL = "http://api.example/"
		if _, err := w.client().Do(t.Context(), tt.r); code(err) != tt.want {
			t.Errorf("%+v: got %v, want %s", tt.r, err, tt.want)
		}
	}
}

func TestRepeatable(t *testing.T) {
	for method, want := range map[string]bool{"": true, "get": true, "HEAD": true, "PUT": true, "DELETE": true, "OPTIONS": true, "POST": false, "patch": false, "X": false} {
		if got := Repeatable(method); got != want {
			t.Errorf("%q: got %v, want %v", method, got, want)
		}
	}
}

func TestEveryCodeHasItsWords(t *testing.T) {
	for _, c := range []Code{BadURL, BadScheme, UserInfo, BadHost, BadMethod, BadHeader, Forbidden, Downgrade, TooManyRedirects, UnknownHost, Unreachable,
		BadTLS, TimedOut, TooLarge, BadAnswer, Canceled} {
		if words[c] == "" {
			t.Errorf("%s: no words", c)
		}
	}
	e := &Error{Code: Forbidden, Host: "erp.example", Err: errors.New("why")}
	if got := e.Error(); got != "erp.example: "+words[Forbidden]+" (why)" {
		t.Errorf("got %q", got)
	}
}
