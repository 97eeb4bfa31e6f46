package api

import (
	"net/http"
	"time"
)

const (
	PaceStep       = 16 << 10 // bytes
	paceTime       = 30 * time.Second
	KnownWriteTime = 5 * time.Minute
)

// Welcome gives the body of who is signed in the time that it takes: it has none in all, but the next piece has to come
// within paceTime. So 100 MB arrive over a slow line too, and one that stands still ends.
func (a *arrival) Welcome() {
	a.door.Mu.Lock()
	defer a.door.Mu.Unlock()
	if a.full || a.known {
		return
	}
	a.door.remove(a)
	a.known = true
	a.header.Del("Connection")
	a.extend()
}

// extend is only called before a read, never after the last one: net/http watches the connection from then on, and a
// deadline would look to it as if the browser went away.
func (a *arrival) extend() {
	a.since = 0
	_ = a.conn.SetReadDeadline(time.Now().Add(paceTime))
}

// pacedWriter gives an answer the time that it takes, as long as its reader takes some of it now and then. It has no
// ReadFrom on purpose: what is copied at once has one deadline for all of it.
type pacedWriter struct {
	http.ResponseWriter
	conn *http.ResponseController
}

func Paced(w http.ResponseWriter) *pacedWriter {
	return &pacedWriter{w, http.NewResponseController(w)}
}

// Write is called with 32 KB at a time.
func (w *pacedWriter) Write(p []byte) (int, error) {
	_ = w.conn.SetWriteDeadline(time.Now().Add(paceTime))
	return w.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (w *pacedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
