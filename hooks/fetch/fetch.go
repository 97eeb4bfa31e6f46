// Package fetch makes HTTP requests to addresses that people typed, and lets none of them lead into the company's own
// network. Only public addresses are connected to, whatever a name resolves to and wherever a redirect points; only the
// operator of the program can allow more, by host.
package fetch

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// What one request may take.
const (
	Timeout      = 10 * time.Second // when neither Request nor context says less
	MaxBody      = 256 << 10        // bytes of an answer, after decompression
	MaxRedirects = 3
	maxHeaders   = 64 << 10 // bytes of an answer's header
	userAgent    = "Mostrador"
)

// Client makes requests. The zero Client reaches public addresses only. It keeps nothing between two requests: no
// connection, no cookie, no proxy.
type Client struct {
	Resolver Resolver // nil: the system's
	Allow    Hosts    // reached wherever they are

	dialer func(ctx context.Context, network, address string) (net.Conn, error) // nil: the system's; tests look over its shoulder
	tls    *tls.Config                                                          // nil: the system's roots; tests have their own
}

// Request is what to ask.
type Request struct {
	Method  string // empty: GET
	URL     string
	Headers []Header
	Body    []byte
	Timeout time.Duration // of the whole, redirects included; 0: Timeout
}

// Header is one line of a request. Secret ones, Authorization and Cookie go to the host of the URL and to no other.
type Header struct {
	Name, Value string
	Secret      bool
}

// Answer is what came back, whatever its status.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do makes a request and follows its redirects. The error is always an *Error.
func (c *Client) Do(ctx context.Context, r Request) (*Answer, error) {
	limit := r.Timeout
	if limit <= 0 {
		limit = Timeout
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	method, err := checkMethod(r.Method)
	if err != nil {
		return nil, err
	}
	headers, err := cleanHeaders(r.Headers)
	if err != nil {
		return nil, err
	}
	at, err := parse(r.URL)
	if err != nil {
		return nil, err
	}
	h := hop{client: c, method: method, at: at, headers: headers, body: r.Body}
	for followed := 0; ; followed++ {
		answer, next, err := h.make(ctx)
		if err != nil || next == "" {
			return answer, err
		}
		if followed == MaxRedirects {
			return nil, &Error{Code: TooManyRedirects, Host: h.at.Hostname(), Sent: true}
		}
		if err := h.follow(answer.Status, next); err != nil {
			err.Sent = true
			return nil, err
		}
	}
}

// hop is one request on the way through the redirects.
type hop struct {
	client  *Client
	method  string
	at      *url.URL
	headers []Header
	body    []byte
	sent    bool // an earlier one went out
}

// make asks once. next is where a redirect points; empty: the answer is the last one.
func (h *hop) make(ctx context.Context) (answer *Answer, next string, err error) {
	sent := new(atomic.Bool)
	sent.Store(h.sent)
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { sent.Store(true) }})
	fail := func(err error) (*Answer, string, error) {
		return nil, "", explain(ctx, err, h.at.Hostname(), sent.Load())
	}
	req, err := http.NewRequestWithContext(ctx, h.method, h.at.String(), nil)
	if err != nil {
		return fail(&Error{Code: BadURL})
	}
	if len(h.body) > 0 {
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(h.body)), int64(len(h.body))
	}
	for _, line := range h.headers {
		req.Header.Add(line.Name, line.Value)
	}
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", userAgent)
	}
	resp, err := h.client.transport().RoundTrip(req)
	if err != nil {
		return fail(err)
	}
	defer resp.Body.Close()
	h.sent = true
	if resp.StatusCode == http.StatusSwitchingProtocols { // nobody asked for it, and such a body need never end
		return fail(&Error{Code: BadAnswer})
	}
	if next := resp.Header.Get("Location"); next != "" && redirects(resp.StatusCode) {
		return &Answer{Status: resp.StatusCode}, next, nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxBody+1))
	if err != nil {
		return fail(err)
	}
	if len(body) > MaxBody {
		return fail(&Error{Code: TooLarge})
	}
	return &Answer{Status: resp.StatusCode, Header: resp.Header, Body: body}, "", nil
}

// transport dials every time anew, so that every address is looked at; HTTP/1.1 alone, because HTTP/2 may share
// connections.
func (c *Client) transport() *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{DialContext: c.dial, DisableKeepAlives: true, Protocols: protocols, TLSClientConfig: c.tls.Clone(),
		TLSHandshakeTimeout: Timeout, MaxResponseHeaderBytes: maxHeaders}
}

func redirects(status int) bool {
	return slices.Contains([]int{301, 302, 303, 307, 308}, status)
}

// follow points the hop to where a redirect leads.
func (h *hop) follow(status int, location string) *Error {
	to, err := h.at.Parse(location)
	if err != nil {
		return &Error{Code: BadURL, Host: h.at.Hostname()}
	}
	to, fault := check(to)
	if fault != nil {
		return fault
	}
	if h.at.Scheme == "https" && to.Scheme == "http" {
		return &Error{Code: Downgrade, Host: to.Hostname()}
	}
	if status < 307 && h.method != "GET" && h.method != "HEAD" { // as browsers and net/http do
		h.method, h.body = "GET", nil
		h.headers = slices.DeleteFunc(slices.Clone(h.headers), func(l Header) bool { return strings.EqualFold(l.Name, "Content-Type") })
	}
	if !sameHost(h.at, to) {
		h.headers = slices.DeleteFunc(slices.Clone(h.headers), Header.private)
	}
	h.at = to
	return nil
}

// private reports whether a line is for one host only.
func (l Header) private() bool {
	return l.Secret || slices.ContainsFunc([]string{"Authorization", "Cookie"}, func(name string) bool {
		return strings.EqualFold(l.Name, name)
	})
}

// sameHost reports whether both lead to the same server: the same port of the same host, or from HTTP to its HTTPS.
func sameHost(from, to *url.URL) bool {
	if from.Hostname() != to.Hostname() {
		return false
	}
	a, b := portOf(from), portOf(to)
	return a == b && from.Scheme == to.Scheme || from.Scheme == "http" && a == "80" && to.Scheme == "https" && b == "443"
}

// explain turns whatever went wrong into an *Error.
func explain(ctx context.Context, err error, host string, sent bool) *Error {
	var known *Error
	var timeout net.Error
	var badTLS *tls.RecordHeaderError
	var badCertificate *tls.CertificateVerificationError
	e := &Error{Code: BadAnswer, Host: host, Sent: sent, Err: err}
	switch {
	case errors.As(err, &known):
		e.Code, e.Err = known.Code, known.Err
	case errors.Is(err, context.Canceled) || errors.Is(ctx.Err(), context.Canceled):
		e.Code = Canceled
	case errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil || errors.As(err, &timeout) && timeout.Timeout():
		e.Code = TimedOut
	case errors.As(err, &badCertificate), errors.As(err, &badTLS):
		e.Code = BadTLS
	}
	return e
}
