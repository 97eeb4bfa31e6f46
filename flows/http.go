package flows

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// What a request may take.
const (
	httpSeconds    = 10 // when the node says nothing
	maxHTTPSeconds = 60
	// MaxRequest is how long an address or a body may be once the variables are written in, in bytes. A longer one is a
	// failure.
	MaxRequest = 1 << 20
	// MaxBody is how long an answer may be, in bytes. A longer one is a failure.
	MaxBody = 256 << 10
)

// request asks another system and keeps parts of its answer.
type request struct {
	head
	Say     template  `json:"say,omitzero"` // before the request: "One moment…"
	Method  string    `json:"method,omitempty"`
	URL     template  `json:"url,omitzero"` // variables are escaped, and may not stand in the host
	Headers []line    `json:"headers,omitempty"`
	Body    template  `json:"body,omitzero"` // variables are escaped when it is JSON or, by its Content-Type, a form
	Seconds int       `json:"seconds,omitempty"`
	Save    []pick    `json:"save,omitempty"`
	On      []onState `json:"on,omitempty"`
	Next    string    `json:"next,omitempty"` // any other status of 200 to 299
	Fail    string    `json:"fail,omitempty"` // any other answer, or none; empty: a person
}

// line is a header. The caller puts the secret of that name behind the value.
type line struct {
	Name   string   `json:"name"`
	Value  template `json:"value,omitzero"`
	Secret string   `json:"secret,omitempty"`
}

// pick keeps a part of a JSON answer in a variable. What is not there empties the variable.
type pick struct {
	Var  string `json:"var"`
	Path string `json:"path,omitempty"` // such as items[0].state; empty: the whole answer as text
}

// onState is a way of its own for a status.
type onState struct {
	ID     string `json:"id"`     // the port
	Status string `json:"status"` // "404", or "4xx"
	Next   string `json:"next,omitempty"`
}

func (n *request) enter(r *run) move {
	if !n.fixedHost() {
		return r.fault(ReasonHTTP)
	}
	r.send(Send{Text: r.text(n.Say)})
	h := &HTTP{Method: n.method(), URL: r.fillURL(n.URL), Body: r.fillBody(n.Body)}
	for _, l := range n.Headers {
		h.Headers = append(h.Headers, Header{Name: l.Name, Value: oneLine(r.machine(l.Value)), Secret: l.Secret})
		if strings.EqualFold(l.Name, "Content-Type") && strings.HasPrefix(strings.ToLower(l.Value.raw), "application/x-www-form-urlencoded") {
			h.Body = r.fillForm(n.Body)
		}
	}
	if len(h.URL) > MaxRequest || len(h.Body) > MaxRequest {
		return n.result(r, Result{Err: "too_large"})
	}
	s := n.Seconds
	if s <= 0 {
		s = httpSeconds
	}
	return r.waitResult(Call{HTTP: h}, time.Duration(min(s, maxHTTPSeconds))*time.Second)
}

func (n *request) method() string {
	if n.Method == "" {
		return "GET"
	}
	return strings.ToUpper(n.Method)
}

func (n *request) result(r *run, res Result) move {
	if len(res.Body) > MaxBody {
		res = Result{Err: "too_large"}
	}
	if res.Err == "" {
		var doc any
		d := json.NewDecoder(strings.NewReader(res.Body))
		d.UseNumber()
		if d.Decode(&doc) != nil {
			doc = nil
		}
		for _, p := range n.Save {
			if !r.set(p.Var, p.from(doc, res.Body)) {
				return r.fault(ReasonVars)
			}
		}
		for _, on := range n.On {
			if fits(res.Status, on.Status) {
				return r.follow(on.ID, on.Next)
			}
		}
		if res.Status >= 200 && res.Status <= 299 {
			return r.follow("next", n.Next)
		}
	}
	if n.Fail != "" {
		return r.follow("fail", n.Fail)
	}
	if res.Err == errDeadline {
		return r.fault(ReasonDeadline)
	}
	return r.fault(ReasonHTTP)
}

func (n *request) ways() []way {
	all := []way{{port: "next", to: n.Next, field: "next", waits: true}}
	for _, on := range n.On {
		all = append(all, way{port: on.ID, to: on.Next, field: "on." + on.ID + ".next", waits: true})
	}
	return append(all, way{port: "fail", to: n.Fail, field: "fail", optional: true, waits: true})
}

// fixedHost reports whether scheme and host are written out, so that no customer's answer can choose where we call.
func (n *request) fixedHost() bool {
	if len(n.URL.parts) == 0 || n.URL.parts[0].name != "" {
		return false
	}
	plain := n.URL.parts[0].plain
	u, err := url.Parse(plain)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return false
	}
	_, after, _ := strings.Cut(plain, "://")
	return n.URL.fixed() || strings.ContainsAny(after, "/?#")
}

// takenHost reports whether a host that is written out is one that requests are made to: no name or password before it,
// which every export of the flow would carry, only ASCII, and a port that there is.
func (n *request) takenHost() bool {
	u, err := url.Parse(n.URL.parts[0].plain)
	if err != nil || u.User != nil || u.Hostname() == "" {
		return false
	}
	if _, err := strconv.ParseUint(u.Port(), 10, 16); u.Port() != "" && err != nil {
		return false
	}
	return !strings.ContainsFunc(u.Hostname(), func(r rune) bool { return r >= utf8.RuneSelf })
}

// fits compares a status with "404" or "4xx".
func fits(status int, want string) bool {
	if status < 100 || status > 999 || len(want) != 3 {
		return false
	}
	digits := [3]byte{byte('0' + status/100), byte('0' + status/10%10), byte('0' + status%10)}
	for i := range 3 {
		if want[i] != digits[i] && want[i] != 'x' {
			return false
		}
	}
	return true
}

func (n *request) uses() uses {
	u := uses{texts: []usedText{said("say", n.Say), written("url", n.URL), written("body", n.Body)}}
	for i, l := range n.Headers {
		u.texts = append(u.texts, written(fmt.Sprintf("headers.%d.value", i), l.Value))
	}
	for _, p := range n.Save {
		u.writes = append(u.writes, p.Var)
	}
	return u
}

func (n *request) check(c *checker) {
	if !n.fixedHost() || !n.takenHost() {
		c.fail(badURL, "url", n.URL.raw)
	}
	if !slices.Contains([]string{"GET", "POST", "PUT", "PATCH", "DELETE"}, n.method()) {
		c.fail(unknownKind, "method", n.Method)
	}
	for i, l := range n.Headers {
		c.header(fmt.Sprintf("headers.%d", i), l)
	}
	for i, p := range n.Save {
		c.variable(fmt.Sprintf("save.%d.var", i), p.Var)
	}
	var ids []string
	for _, on := range n.On {
		ids = append(ids, on.ID)
		if len(on.Status) != 3 || on.Status[0] < '1' || on.Status[0] > '5' || strings.Trim(on.Status[1:], "0123456789x") != "" {
			c.fail(unknownKind, "on."+on.ID+".status", on.Status)
		}
	}
	c.ids("on", ids)
	c.many("headers", len(n.Headers))
	c.many("save", len(n.Save))
	if n.Seconds < 0 || n.Seconds > maxHTTPSeconds {
		c.fail(outOfRange, "seconds", fmt.Sprintf("1–%d", maxHTTPSeconds))
	}
}
