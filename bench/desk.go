package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"time"
)

// Desk is one signed-in person's view of the desk's API.
type Desk struct {
	URL    string
	client *http.Client
}

// Conversation is what the desk says of a conversation, as far as measuring needs it.
type Conversation struct {
	ID       string `json:"id"`
	Status   string `json:"status"`
	Assignee string `json:"assignee"`
	Contact  struct {
		Name  string `json:"name"`
		Phone string `json:"phone"`
	} `json:"contact"`
}

// Message is what the desk says of a message, as far as measuring needs it.
type Message struct {
	ID           string `json:"id"`
	Conversation string `json:"conversation"`
	Direction    string `json:"direction"`
	Text         string `json:"text"`
	State        string `json:"state"`
	Kind         string `json:"kind"`
}

// SignIn signs a person in and keeps the session cookie.
func SignIn(ctx context.Context, address, identity, password string) (*Desk, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	d := &Desk{URL: address, client: &http.Client{Jar: jar, Transport: &http.Transport{MaxIdleConnsPerHost: 8}}}
	err = d.Call(ctx, "POST", "/api/auth/login", map[string]string{"identity": identity, "password": password}, nil)
	if err != nil {
		return nil, fmt.Errorf("sign in: %w", err)
	}
	return d, nil
}

// Call asks the API; in and out are JSON, either may be nil.
func (d *Desk) Call(ctx context.Context, method, path string, in, out any) error {
	// What a browser on the desk's own page says: cookie requests without it are refused.
	header := http.Header{"Sec-Fetch-Site": {"same-origin"}}
	return callJSON(ctx, d.client, method, d.URL+path, header, in, out)
}

// Link shows the line's QR code to the owner's phone and waits until the line is connected.
func (d *Desk) Link(ctx context.Context, phones Phones, owner string) error {
	if err := d.Call(ctx, "POST", "/api/bot/start", nil, nil); err != nil {
		return fmt.Errorf("start the line: %w", err)
	}
	var qr struct{ QR string }
	err := until(ctx, "a QR code", func() bool { return d.Call(ctx, "GET", "/api/bot/qr", nil, &qr) == nil && qr.QR != "" })
	if err != nil {
		return err
	}
	if err := phones.Scan(ctx, owner, qr.QR); err != nil {
		return fmt.Errorf("scan: %w", err)
	}
	return d.WaitForLine(ctx, "connected")
}

// WaitForLine waits until the line is in a state.
func (d *Desk) WaitForLine(ctx context.Context, state string) error {
	var status struct{ State string }
	err := until(ctx, "the line to be "+state, func() bool {
		return d.Call(ctx, "GET", "/api/bot/status", nil, &status) == nil && status.State == state
	})
	if err != nil {
		return fmt.Errorf("%w (it is %q)", err, status.State)
	}
	return nil
}

// Conversations returns the newest conversations in a status, at most limit (100).
func (d *Desk) Conversations(ctx context.Context, status string, limit int) ([]Conversation, error) {
	var list struct{ Items []Conversation }
	query := url.Values{"limit": {fmt.Sprint(limit)}, "view": {"all"}}
	if status != "" {
		query.Set("status", status)
	}
	err := d.Call(ctx, "GET", "/api/conversations?"+query.Encode(), nil, &list)
	return list.Items, err
}

// Answer writes to a customer. The same clientID again is the same message.
func (d *Desk) Answer(ctx context.Context, conversation, clientID, text string) error {
	return d.Call(ctx, "POST", "/api/conversations/"+conversation+"/messages", map[string]string{"clientId": clientID, "text": text}, nil)
}

// Listen subscribes to events and calls hear for each with its name and data, from one goroutine, until ctx ends or the
// connection does. It returns once the desk has confirmed the subscription; the channel is closed at the end.
func (d *Desk) Listen(ctx context.Context, events []string, hear func(name string, data []byte)) (<-chan struct{}, error) {
	req, err := http.NewRequestWithContext(ctx, "GET", d.URL+"/api/realtime", nil)
	if err != nil {
		return nil, err
	}
	res, err := d.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	stream := bufio.NewReaderSize(res.Body, 32<<10)
	var hello struct{ ClientID string }
	name, data, err := readEvent(stream)
	if err == nil && name == "PB_CONNECT" {
		err = json.Unmarshal(data, &hello)
	}
	if err == nil && hello.ClientID == "" {
		err = fmt.Errorf("the first event was %q: %s", name, data)
	}
	if err == nil {
		err = d.Call(ctx, "POST", "/api/realtime", map[string]any{"clientId": hello.ClientID, "subscriptions": events}, nil)
	}
	if err != nil {
		_ = res.Body.Close()
		return nil, fmt.Errorf("subscribe: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer res.Body.Close()
		for {
			name, data, err := readEvent(stream)
			if err != nil {
				return
			}
			hear(name, data)
		}
	}()
	return ended, nil
}

// readEvent reads one server-sent event (HTML standard, 9.2.6): its fields until an empty line.
func readEvent(stream *bufio.Reader) (name string, data []byte, err error) {
	for {
		line, err := stream.ReadBytes('\n')
		if err != nil {
			return "", nil, err
		}
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case len(line) == 0:
			if name != "" || data != nil {
				return name, data, nil
			}
		case bytes.HasPrefix(line, []byte("event:")):
			name = string(bytes.TrimSpace(line[len("event:"):]))
		case bytes.HasPrefix(line, []byte("data:")):
			if data != nil {
				data = append(data, '\n')
			}
			data = append(data, bytes.TrimPrefix(line[len("data:"):], []byte(" "))...)
		}
	}
}

// until asks again every 20 ms until something holds, for half a minute at most.
func until(ctx context.Context, what string, holds func() bool) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(startLimit)
	for !holds() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-limit:
			return fmt.Errorf("waited %s for %s", startLimit, what)
		case <-tick.C:
		}
	}
	return nil
}
