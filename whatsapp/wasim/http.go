package wasim

import (
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/coder/websocket"
)

// Handler serves WhatsApp's side (web socket, media, version page) and, to callers from this machine, the control API.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/ws/chat", s.serveSocket)
	mux.HandleFunc("/mms/", s.serveUpload)
	mux.HandleFunc("/v/", s.serveDownload)
	mux.HandleFunc("/pp/", s.serveDownload)
	control := s.Control()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			control.ServeHTTP(w, r)
			return
		}
		// The page that clients read the protocol version from (whatsmeow.GetLatestVersion).
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, `<!doctype html><title>wasim</title><script>{"client_revision":1099999999,"x":1}</script>`)
	})
	return mux
}

func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.counts.Dials++
	down := s.closed || s.allDown()
	s.mu.Unlock()
	if down {
		http.Error(w, "the emulated server is down", http.StatusServiceUnavailable)
		return
	}
	// whatsmeow dials the real URL, so that Host equals Origin; a client with a configurable URL sends Host 127.0.0.1:port.
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{OriginPatterns: []string{"web.whatsapp.com"}})
	if err != nil {
		return
	}
	ws.SetReadLimit(maxMessage)
	s.serve(ws)
}

// isLoopback reports whether host is an IP address of this machine's loopback network.
func isLoopback(host string) bool {
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}
