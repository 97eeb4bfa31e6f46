package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Phones is the control API of the emulated WhatsApp server.
type Phones struct {
	URL    string
	Client *http.Client // nil: http.DefaultClient
}

// PhoneOptions says what a phone is like; zero is a customer with one device and automatic receipts.
type PhoneOptions struct {
	Number    string `json:"number"`
	Name      string `json:"name,omitempty"`
	Owner     bool   `json:"owner,omitempty"`
	Address   string `json:"address,omitempty"`
	Delivered string `json:"delivered,omitempty"`
	Read      string `json:"read,omitempty"`
}

// ChatEntry is one message as a phone shows it.
type ChatEntry struct {
	N      int    `json:"n"` // counts up within the chat
	ID     string `json:"id"`
	FromMe bool   `json:"fromMe"`
	Kind   string `json:"kind"`
	Text   string `json:"text"`
	State  string `json:"state"`
}

// Add makes a phone.
func (p Phones) Add(ctx context.Context, o PhoneOptions) error {
	return p.call(ctx, "POST", "/phones", o, nil)
}

// Scan links the desk that shows this QR code to the owner's phone.
func (p Phones) Scan(ctx context.Context, number, qr string) error {
	return p.call(ctx, "POST", phonePath(number, "scan"), map[string]string{"qr": qr}, nil)
}

// Say writes a text on a phone and returns the message's id.
func (p Phones) Say(ctx context.Context, number, to, text string) (string, error) {
	var sent struct{ ID string }
	err := p.call(ctx, "POST", phonePath(number, "say"), map[string]string{"to": to, "text": text}, &sent)
	return sent.ID, err
}

// Chat returns what a phone shows of a chat after entry n, waiting up to wait for something new.
func (p Phones) Chat(ctx context.Context, number, with string, n int, wait time.Duration) ([]ChatEntry, error) {
	query := url.Values{"with": {with}, "after": {fmt.Sprint(n)}}
	if wait > 0 {
		query.Set("wait", wait.String())
	}
	var chat struct{ Messages []ChatEntry }
	err := p.call(ctx, "GET", phonePath(number, "chat")+"?"+query.Encode(), nil, &chat)
	return chat.Messages, err
}

// Fault makes something go wrong for a line and returns the fault's id.
func (p Phones) Fault(ctx context.Context, kind, line string) (string, error) {
	var fault struct{ ID json.RawMessage }
	err := p.call(ctx, "POST", "/faults", map[string]string{"kind": kind, "line": line}, &fault)
	return strings.Trim(string(fault.ID), `"`), err
}

// Mend ends a fault.
func (p Phones) Mend(ctx context.Context, id string) error {
	return p.call(ctx, "DELETE", "/faults/"+url.PathEscape(id), nil, nil)
}

func phonePath(number, verb string) string { return "/phones/" + url.PathEscape(number) + "/" + verb }

func (p Phones) call(ctx context.Context, method, path string, in, out any) error {
	return callJSON(ctx, p.Client, method, p.URL+path, nil, in, out)
}

// callJSON sends and reads JSON. An answer of 400 and up is an error with the sentence that the server gave.
func callJSON(ctx context.Context, client *http.Client, method, address string, header http.Header, in, out any) error {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return err
	}
	for name, values := range header {
		req.Header[name] = values
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if client == nil {
		client = http.DefaultClient
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, 32<<20))
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, req.URL.Path, err)
	}
	if res.StatusCode >= 400 {
		return &StatusError{Code: res.StatusCode, What: method + " " + req.URL.Path, Answer: strings.TrimSpace(string(data))}
	}
	if out == nil || len(data) == 0 {
		return nil
	}
	if err := json.Unmarshal(data, out); err != nil {
		return fmt.Errorf("%s %s: read the answer: %w", method, req.URL.Path, err)
	}
	return nil
}

// StatusError is an answer of 400 and up.
type StatusError struct {
	Code         int
	What, Answer string
}

func (e *StatusError) Error() string { return fmt.Sprintf("%s: %d %s", e.What, e.Code, e.Answer) }
