package wasim

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"time"
)

// entriesPerCall bounds the entries of one answer.
const entriesPerCall = 1000

// wait reads a duration such as "5s" or "250ms", at most maxWait.
func wait(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, badRequest("wait %q: want a duration such as 5s", text)
	}
	return min(d, maxWait), nil
}

func (s *Server) getChat(r *http.Request) (any, error) {
	p, err := s.phoneOf(r)
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	var other *Phone
	if with := q.Get("with"); with != "" {
		if other, err = s.findPhone(plus(with)); err != nil {
			return nil, err
		}
	}
	after := 0
	if n := q.Get("after"); n != "" {
		if after, err = strconv.Atoi(n); err != nil || after < 0 {
			return nil, badRequest("after %q: want the n of the last message seen", n)
		}
	}
	limit, err := wait(q.Get("wait"))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), limit)
	defer cancel()
	entries, typing := p.awaitChat(ctx, other, after)
	entries = entries[:min(len(entries), entriesPerCall)]
	answer := map[string]any{"messages": entries}
	if raw := q.Get("raw"); raw != "" && raw != "0" {
		answer["messages"] = withProto(entries)
	}
	if typing != "" {
		answer["typing"] = typing
	}
	return answer, nil
}

// awaitChat returns the entries with numbers above n as soon as there are any, none when the context ends before.
func (p *Phone) awaitChat(ctx context.Context, with *Phone, n int) ([]Entry, string) {
	for {
		p.srv.mu.Lock()
		entries, bump, typing := p.chat.after(n, with), p.chat.wait(), p.chat.typing[with]
		p.srv.mu.Unlock()
		if len(entries) > 0 || ctx.Err() != nil {
			return entries, typing
		}
		select {
		case <-bump:
		case <-ctx.Done():
		case <-p.srv.done:
			return entries, typing
		}
	}
}

// plus repairs a number whose plus sign was decoded as a space, as in ?with=+549….
func plus(number string) string {
	if number != "" && number[0] == ' ' {
		return "+" + number[1:]
	}
	return number
}

// serveMedia gives the file of entry n as the phone sees it.
func (s *Server) serveMedia(w http.ResponseWriter, r *http.Request) {
	p, err := s.phoneOf(r)
	n, e := strconv.Atoi(r.PathValue("n"))
	if err == nil && e != nil {
		err = badRequest("%q is not the n of a message", r.PathValue("n"))
	}
	var data []byte
	var mime string
	if err == nil {
		data, mime, err = p.Media(n)
	}
	if err != nil {
		respond(w, r, func(*http.Request) (any, error) { return nil, err })
		return
	}
	w.Header().Set("Content-Type", mime)
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(data)
}

// faultJSON is a fault as the control API takes and shows it.
type faultJSON struct {
	ID    string    `json:"id,omitempty"`
	Kind  FaultKind `json:"kind"`
	Line  string    `json:"line,omitempty"`
	Count int       `json:"count,omitempty"` // shown: how many are left; -1: without end
	Code  int       `json:"code,omitempty"`
	For   string    `json:"for,omitempty"`
	Until string    `json:"until,omitempty"`
}

func (s *Server) postFault(r *http.Request) (any, error) {
	var b faultJSON
	if err := readBody(r, maxBody, &b); err != nil {
		return nil, err
	}
	f := Fault{Kind: b.Kind, Count: b.Count, Code: b.Code}
	var err error
	if b.Line != "" {
		if f.Line, err = s.findPhone(b.Line); err != nil {
			return nil, err
		}
	}
	if b.For != "" {
		if f.For, err = time.ParseDuration(b.For); err != nil {
			return nil, badRequest("for %q: want a duration such as 30s", b.For)
		}
	}
	id, err := s.Inject(f)
	if err != nil {
		return nil, badRequest("%v", err)
	}
	return map[string]string{"id": id}, nil
}

func (s *Server) getFaults(*http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []faultJSON{}
	for n := 1; n <= s.faults.seq && len(out) < len(s.faults.rows); n++ {
		f := s.faults.rows[strconv.Itoa(n)]
		if f == nil || s.over(f) {
			continue
		}
		x := faultJSON{ID: f.id, Kind: f.kind, Count: f.left, Code: f.code}
		if f.line != nil {
			x.Line = f.line.Number()
		}
		if !f.until.IsZero() {
			x.Until = f.until.UTC().Format(time.RFC3339)
		}
		out = append(out, x)
	}
	return map[string]any{"faults": out}, nil
}

func (s *Server) deleteFault(r *http.Request) (any, error) {
	if err := s.ClearFault(r.PathValue("id")); err != nil {
		return nil, refusal{http.StatusNotFound, err.Error()}
	}
	return nil, nil
}

func (s *Server) getState(*http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	companions, queues := []CompanionState{}, map[string]int{}
	for _, p := range s.phones {
		for _, d := range p.linked() {
			companions = append(companions, d.stateNow())
			queues[d.JID.String()] = d.queue.len()
		}
	}
	state := map[string]any{
		"rootKey": hex.EncodeToString(s.root[:]), "webSocket": "", "phones": len(s.phones), "companions": companions,
		"queues": queues, "counters": s.counts, "unknown": maps.Clone(s.unknown), "waitingForScan": len(s.refs) / refCount,
	}
	if addr := s.Addr(); addr != "" {
		state["webSocket"] = "ws://" + addr + "/ws/chat"
	}
	return state, nil
}

// serveTranscript writes one stanza a line, and with ?follow=1 the new ones as they come.
func (s *Server) serveTranscript(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	after, _ := strconv.Atoi(q.Get("after")) // 0 when missing or malformed: everything
	follow := q.Get("follow") != "" && q.Get("follow") != "0"
	w.Header().Set("Content-Type", "application/x-ndjson")
	out := json.NewEncoder(w)
	for {
		s.mu.Lock()
		first, rows := s.log.after(max(after, 0), 500)
		if s.log.bump == nil {
			s.log.bump = make(chan struct{})
		}
		bump := s.log.bump
		s.mu.Unlock()
		for i, row := range rows {
			if out.Encode(row.line(first+i+1)) != nil {
				return
			}
		}
		after = first + len(rows)
		if len(rows) > 0 {
			continue
		}
		if !follow {
			return
		}
		_ = http.NewResponseController(w).Flush()
		select {
		case <-bump:
		case <-r.Context().Done():
			return
		case <-s.done:
			return
		}
	}
}
