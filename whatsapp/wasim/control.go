package wasim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

const (
	// maxBody bounds the JSON of a control call in bytes, maxSayBody the one that may carry a file.
	maxBody, maxSayBody = 1 << 20, 160 << 20
	// maxWait bounds how long a call for news may hang.
	maxWait = 60 * time.Second
)

// refusal is an answer other than success: a status and a sentence that says what to do.
type refusal struct {
	status int
	why    string
}

func (r refusal) Error() string { return r.why }

func badRequest(format string, args ...any) error {
	return refusal{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// controlFunc answers a control call with something to encode as JSON; nil means 204.
type controlFunc func(r *http.Request) (any, error)

// Control serves the control API, which plays the phones and provokes faults. It answers callers from this machine only.
// docs/wasim.md describes it.
func (s *Server) Control() http.Handler {
	mux := http.NewServeMux()
	for pattern, f := range map[string]controlFunc{
		"POST /phones":               s.postPhone,
		"GET /phones":                s.getPhones,
		"GET /phones/{number}":       s.getPhone,
		"POST /phones/{number}/scan": s.postScan,
		"POST /phones/{number}/say":  s.postSay,
		"POST /say":                  s.postSayMany,
		"GET /phones/{number}/chat":  s.getChat,
		"POST /faults":               s.postFault,
		"GET /faults":                s.getFaults,
		"DELETE /faults/{id}":        s.deleteFault,
		"GET /state":                 s.getState,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { respond(w, r, f) })
	}
	for verb, f := range map[string]func(*Phone, *http.Request) error{
		"typing": s.playTyping, "online": s.playOnline, "offline": s.playOffline, "call": s.playCall,
		"reinstall": s.playReinstall, "block": s.playBlock, "read": s.playRead, "logout": s.playLogout,
	} {
		mux.HandleFunc("POST /phones/{number}/"+verb, func(w http.ResponseWriter, r *http.Request) {
			respond(w, r, func(r *http.Request) (any, error) {
				p, err := s.phoneOf(r)
				if err == nil {
					err = f(p, r)
				}
				return map[string]bool{"ok": true}, err
			})
		})
	}
	mux.HandleFunc("GET /phones/{number}/media/{n}", s.serveMedia)
	mux.HandleFunc("GET /transcript", s.serveTranscript)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		respond(w, r, func(*http.Request) (any, error) {
			return nil, refusal{http.StatusNotFound, "there is nothing at " + r.Method + " " + r.URL.Path + ": see docs/wasim.md"}
		})
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.allowed(r); err != nil {
			respond(w, r, func(*http.Request) (any, error) { return nil, err })
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// allowed refuses callers from other machines, and web pages that reach this one through a browser.
func (s *Server) allowed(r *http.Request) error {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || !isLoopback(host) {
		return refusal{http.StatusForbidden, "the control API answers callers from this machine only"}
	}
	if s.opts.Listen != "" && !localName(r.Host) {
		return refusal{http.StatusForbidden, "call the control API by a loopback address, not as " + r.Host}
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		if u, err := url.Parse(origin); err != nil || !localName(u.Host) {
			return refusal{http.StatusForbidden, "the control API does not answer pages of other sites"}
		}
	}
	return nil
}

// localName reports whether host, with or without port, names this machine.
func localName(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return host == "localhost" || isLoopback(host)
}

func respond(w http.ResponseWriter, r *http.Request, f controlFunc) {
	answer, err := f(r)
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		status := http.StatusBadRequest
		var refused refusal
		if errors.As(err, &refused) {
			status = refused.status
		}
		w.WriteHeader(status)
		answer = map[string]any{"status": status, "message": err.Error()}
	} else if answer == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	_ = json.NewEncoder(w).Encode(answer) // the caller hung up
}

// readBody decodes the JSON body of a call. An empty body is an empty object.
func readBody(r *http.Request, limit int64, into any) error {
	b, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err != nil {
		return badRequest("the body could not be read: %v", err)
	}
	if int64(len(b)) > limit {
		return refusal{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body has more than %d bytes", limit)}
	}
	if len(b) == 0 {
		return nil
	}
	if err = json.Unmarshal(b, into); err != nil {
		return badRequest("the body is not the JSON that is wanted here: %v", err)
	}
	return nil
}

// findPhone returns the phone with a number; there must be one.
func (s *Server) findPhone(number string) (*Phone, error) {
	digits, err := Number(number)
	if err != nil {
		return nil, badRequest("%v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.byNumber(digits); p != nil {
		return p, nil
	}
	return nil, refusal{http.StatusNotFound, "there is no phone +" + digits + ": make it with POST /phones"}
}

func (s *Server) phoneOf(r *http.Request) (*Phone, error) { return s.findPhone(r.PathValue("number")) }
