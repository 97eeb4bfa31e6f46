package desktest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"

	"mostrador/hooks/calls"
	"mostrador/hooks/fetch"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// Outside is another system, on this machine, that a desk may ask.
type Outside struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string // method, path, idempotency key and body
}

// Outside starts one and allows it to the desk.
func (w *World) Outside(h http.HandlerFunc) *Outside {
	o := &Outside{}
	o.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		o.mu.Lock()
		o.asked = append(o.asked, strings.Join([]string{r.Method, r.URL.Path, r.Header.Get("Idempotency-Key"), r.Header.Get("Content-Type"), string(body)}, " "))
		o.mu.Unlock()
		h(rw, r)
	}))
	w.T.Cleanup(o.Close)
	w.Desk.Calls.Outside.Allow = append(w.Desk.Calls.Outside.Allow, fetch.Host(o.URL))
	return o
}

func (o *Outside) Requests() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.asked)
}

// LookUp is a flow that asks another system; node is the rest of its http node.
func LookUp(node string) string {
	return `{"spec":1,"start":"look","nodes":{
		"look":{"type":"http","say":"Un momento…","save":[{"var":"state","path":"state"}],"next":"found","fail":"failed",` + node + `},
		"found":{"type":"menu","say":"Está {{state|perdido}}.","options":[{"id":"more","label":"Otra vez","next":"look"},{"id":"bye","label":"Nada","next":"bye"}]},
		"none":{"type":"message","say":"No existe.","next":"bye"},
		"failed":{"type":"redirect","say":"No puedo consultarlo.","area":"sales"},
		"bye":{"type":"end","say":"Chau."}}}`
}

// Begin publishes a flow with this http node, and Carla writes.
func (w *World) Begin(node string) {
	w.T.Helper()
	w.Area("sales")
	w.Flow(LookUp(node), `[{"on":"message"}]`)
	w.InsertLine()
	w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.Round()
}

func (w *World) InsertLine() {
	w.T.Helper()
	if _, err := w.Desk.Store.App.NonconcurrentDB().Insert("lines", dbx.Params{"id": "line", "name": "Shop"}).Execute(); err != nil {
		w.T.Fatal(err)
	}
}

// Ask lets the loop of calls go round once and waits for its requests.
func (w *World) Ask() {
	w.T.Helper()
	if err := w.Desk.Calls.Loop.Round(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
	w.Desk.Calls.Loop.Running.Wait()
}

// Call is the only one there is.
func (w *World) Call() calls.Call {
	w.T.Helper()
	got := All[calls.Call](w, "SELECT * FROM calls")
	if len(got) != 1 {
		w.T.Fatalf("got %d calls, want 1", len(got))
	}
	return got[0]
}

// Said is everything that customers were told, on one line.
func (w *World) Said() string { w.T.Helper(); return strings.Join(w.SaidToCustomer(), " | ") }

func Answers(status int, body string) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(status); _, _ = io.WriteString(rw, body) }
}

const (
	MenuAfter = "\n1. Otra vez\n2. Nada"
	WaitFirst = "Un momento… | "
	GivenUp   = WaitFirst + "No puedo consultarlo."
)
