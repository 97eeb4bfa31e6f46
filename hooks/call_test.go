package hooks

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mostrador/flows"
	"mostrador/hooks/calls"
	"mostrador/hooks/conversation"
	"mostrador/hooks/fetch"
	"mostrador/hooks/runner"
	"mostrador/hooks/secrets"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// outside is another system, on this machine, that a desk may ask.
type outside struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string // method, path, idempotency key and body
}

// outside starts one and allows it to the desk.
func (w *world) outside(h http.HandlerFunc) *outside {
	o := &outside{}
	o.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		o.mu.Lock()
		o.asked = append(o.asked, strings.Join([]string{r.Method, r.URL.Path, r.Header.Get("Idempotency-Key"), r.Header.Get("Content-Type"), string(body)}, " "))
		o.mu.Unlock()
		h(rw, r)
	}))
	w.t.Cleanup(o.Close)
	w.d.Calls.Outside.Allow = append(w.d.Calls.Outside.Allow, fetch.Host(o.URL))
	return o
}

func (o *outside) requests() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.asked)
}

// lookUp is a flow that asks another system; node is the rest of its http node.
func lookUp(node string) string {
	return `{"spec":1,"start":"look","nodes":{
		"look":{"type":"http","say":"Un momento…","save":[{"var":"state","path":"state"}],"next":"found","fail":"failed",` + node + `},
		"found":{"type":"menu","say":"Está {{state|perdido}}.","options":[{"id":"more","label":"Otra vez","next":"look"},{"id":"bye","label":"Nada","next":"bye"}]},
		"none":{"type":"message","say":"No existe.","next":"bye"},
		"failed":{"type":"redirect","say":"No puedo consultarlo.","area":"sales"},
		"bye":{"type":"end","say":"Chau."}}}`
}

// newAsking is a desk whose customer has just made its flow ask.
func newAsking(t *testing.T, h http.HandlerFunc, node string) (*world, *outside) {
	t.Helper()
	w := newWorld(t)
	o := w.outside(h)
	w.begin(strings.ReplaceAll(node, "HOST", o.URL))
	return w, o
}

// begin publishes a flow with this http node, and Carla writes.
func (w *world) begin(node string) {
	w.t.Helper()
	w.area("sales")
	w.flow(lookUp(node), `[{"on":"message"}]`)
	w.insertLine()
	w.gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.round()
}

func (w *world) insertLine() {
	w.t.Helper()
	if _, err := w.d.Store.App.NonconcurrentDB().Insert("lines", dbx.Params{"id": "line", "name": "Shop"}).Execute(); err != nil {
		w.t.Fatal(err)
	}
}

// ask lets the loop of calls go round once and waits for its requests.
func (w *world) ask() {
	w.t.Helper()
	if err := w.d.Calls.Loop.Round(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	w.d.Calls.Loop.Running.Wait()
}

// call is the only one there is.
func (w *world) call() calls.Call {
	w.t.Helper()
	got := all[calls.Call](w, "SELECT * FROM calls")
	if len(got) != 1 {
		w.t.Fatalf("got %d calls, want 1", len(got))
	}
	return got[0]
}

// said is everything that customers were told, on one line.
func (w *world) said() string { w.t.Helper(); return strings.Join(w.saidToCustomer(), " | ") }

func answers(status int, body string) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(status); _, _ = io.WriteString(rw, body) }
}

const (
	menuAfter = "\n1. Otra vez\n2. Nada"
	waitFirst = "Un momento… | "
	givenUp   = waitFirst + "No puedo consultarlo."
)

func TestCallIsARowOfTheStep(t *testing.T) {
	w, o := newAsking(t, answers(200, `{"state":"en camino"}`), `"method":"PUT","url":"HOST/orders/{{message}}","body":"{\"a\":\"{{message}}\"}"`)
	row := w.call()
	if row.State != calls.CallQueued || row.Kind != calls.CallHTTP || row.Conversation != w.only().ID || row.Host != fetch.Host(o.URL) || row.Pending || row.Attempts != 0 ||
		!row.Deadline.Time().Equal(w.d.Store.Now().Add(10*time.Second)) {
		t.Fatalf("got %+v", row)
	}
	if len(o.requests()) > 0 {
		t.Fatal("the step itself asked")
	}
	w.ask()
	if got, want := strings.Join(o.requests(), ";"), "PUT /orders/hola "+row.ID+` application/json {"a":"hola"}`; got != want {
		t.Errorf("asked %s, want %s", got, want)
	}
	if got := w.call(); got.State != calls.CallDone || !got.Pending || got.Pos == 0 || got.Attempts != 1 || w.said() != "Un momento…" {
		t.Errorf("got %+v after %q, want an answer that waits for the inbox", got, w.said())
	}
	w.round()
	w.round()
	if got, want := w.said(), waitFirst+"Está en camino."+menuAfter; got != want {
		t.Errorf("said %q, want %q", got, want)
	}
	if got := w.call(); got.Pending || got.DoneAt.IsZero() {
		t.Errorf("got %+v, want it heard", got)
	}
	w.write(func(tx *store.Tx) error { return w.d.Calls.Finish(tx, &row, calls.Outcome{}) })
	if got := w.call(); got.Pending {
		t.Error("it can end twice")
	}
	w.gets(whatsapp.Message{ID: "B", Text: "1"})
	w.round()
	if got := all[calls.Call](w, "SELECT * FROM calls"); len(got) != 2 || got[0].Call == got[1].Call {
		t.Errorf("got %+v, want a second call", got)
	}
}

func TestStepThatFailsAsksNothing(t *testing.T) {
	w, _ := newAsking(t, answers(200, ""), `"url":"HOST/"`)
	w.exec("DELETE FROM calls")
	c := w.only()
	err := w.d.Store.Write(t.Context(), func(tx *store.Tx) error {
		if err := w.d.Calls.Ask(tx, &c, flows.Call{ID: "1", HTTP: &flows.HTTP{}}); err != nil {
			return err
		}
		return w.d.Calls.Ask(tx, &c, flows.Call{ID: "1", HTTP: &flows.HTTP{}}) // the same call twice
	})
	if err == nil || !strings.Contains(err.Error(), "UNIQUE") {
		t.Errorf("got %v, want a call to be there once", err)
	}
	if got := all[calls.Call](w, "SELECT * FROM calls"); len(got) > 0 {
		t.Errorf("got %d calls, want none", len(got))
	}
}

// TestHowACallEnds has each way in which another system can answer or not.
func TestHowACallEnds(t *testing.T) {
	huge := strings.Repeat("x", fetch.MaxBody+1)
	for name, tt := range map[string]struct {
		h      http.HandlerFunc
		node   string
		reason string
		said   string
	}{
		"found":            {answers(200, `{"state":"ok"}`), `"url":"HOST/"`, "", waitFirst + "Está ok." + menuAfter},
		"not JSON":         {answers(200, `<html>`), `"url":"HOST/"`, "", waitFirst + "Está perdido." + menuAfter},
		"not UTF-8":        {answers(200, "{\"state\":\"a\xffb\"}"), `"url":"HOST/"`, "", waitFirst + "Está a�b." + menuAfter},
		"long":             {answers(200, `{"state":"ok","rest":"`+strings.Repeat("x", 100<<10)+`"}`), `"url":"HOST/"`, "", waitFirst + "Está ok." + menuAfter},
		"a way of its own": {answers(404, `{}`), `"url":"HOST/","on":[{"id":"no","status":"404","next":"none"}]`, "", waitFirst + "No existe. | Chau."},
		"refused":          {answers(401, `{}`), `"url":"HOST/"`, "", givenUp},
		"huge":             {answers(200, huge), `"url":"HOST/"`, "too_large", givenUp},
		"forbidden":        {nil, `"url":"http://localhost:1/"`, "forbidden_address", givenUp},
		"forbidden redirect": {func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "http://10.0.0.1/", http.StatusFound)
		}, `"url":"HOST/"`, "forbidden_address", givenUp},
		"password in the URL": {nil, `"url":"http://a:b@example.com/"`, "user_info", givenUp},
		"a header in two":     {nil, `"url":"HOST/","headers":[{"name":"X\ny","value":"1"}]`, "bad_header", givenUp},
		"no such secret":      {nil, `"url":"HOST/","headers":[{"name":"X","secret":"none"}]`, "secret", givenUp},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := newAsking(t, tt.h, tt.node)
			w.ask()
			w.round()
			row := w.call()
			if row.Reason != tt.reason || (row.State == calls.CallFailed) != (tt.reason != "") || row.Pending || len(row.Result) > 6*calls.KeptBody+200 {
				t.Errorf("got %s %q pending %v with %d bytes, want reason %q", row.State, row.Reason, row.Pending, len(row.Result), tt.reason)
			}
			if got := w.said(); got != tt.said {
				t.Errorf("said %q, want %q", got, tt.said)
			}
			rows := all[store.EventRow](w, "SELECT * FROM events WHERE kind = '"+runner.EventCall+"'")
			if (len(rows) == 1) != (tt.reason != "") {
				t.Fatalf("got %d lines about it", len(rows))
			}
			if tt.reason != "" && !strings.Contains(string(rows[0].Data), fmt.Sprintf(`"reason":"%s","note":"`, tt.reason)) {
				t.Errorf("got %s", rows[0].Data)
			}
		})
	}
}

// TestCustomerWhoWritesMeanwhile: what they wrote is kept and is no answer to what the flow asks afterwards.
func TestCustomerWhoWritesMeanwhile(t *testing.T) {
	for name, handled := range map[string]bool{"handled before the answer": true, "still waiting when the answer comes": false} {
		t.Run(name, func(t *testing.T) {
			w, _ := newAsking(t, answers(200, `{"state":"ok"}`), `"url":"HOST/"`)
			w.gets(whatsapp.Message{ID: "B", Text: "¿hay alguien?"})
			if handled {
				w.round()
			}
			w.ask()
			if !handled { // only the result, as if the batch of messages had been full
				w.write(func(tx *store.Tx) error { return w.d.Runner.Hear(tx, w.call().ID) })
				if row := w.call(); !row.Pending || w.said() != "Un momento…" {
					t.Fatalf("got %+v and %q, want the older message first", row, w.said())
				}
			}
			w.round()
			if got, want := w.said(), waitFirst+"Está ok."+menuAfter; got != want {
				t.Errorf("said %q, want %q", got, want)
			}
			if c := w.only(); c.Status != store.StatusBot || c.Unread != 2 {
				t.Errorf("got %s with %d unread, want bot and 2", c.Status, c.Unread)
			}
		})
	}
}

// TestResultThatNobodyWaitsFor is dropped without a word.
func TestResultThatNobodyWaitsFor(t *testing.T) {
	for name, leave := range map[string]func(*Desk, *store.Tx, *store.Conversation) error{
		"handed over": func(d *Desk, t *store.Tx, c *store.Conversation) error {
			return d.Conversations.Handover(t, c, conversation.Handover{Reason: "x"})
		},
		"closed": func(d *Desk, t *store.Tx, c *store.Conversation) error {
			return d.Conversations.Close(t, c, "ana", "", "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, o := newAsking(t, answers(503, ``), `"url":"HOST/"`)
			w.write(func(tx *store.Tx) error {
				c, err := tx.Conversation(w.only().ID)
				if err != nil {
					return err
				}
				return leave(w.d, tx, c)
			})
			before := w.events(w.only().ID)
			w.ask() // what a flow decided is done; only nobody repeats it
			w.round()
			if row := w.call(); row.Pending || row.State != calls.CallDone || len(o.requests()) != 1 {
				t.Errorf("got %+v after %v, want one request", row, o.requests())
			}
			if got := w.events(w.only().ID); got != before || w.said() != "Un momento…" {
				t.Errorf("got events %q and %q, want nothing new", got, w.said())
			}
		})
	}
	t.Run("the customer began again", func(t *testing.T) {
		w, o := newAsking(t, answers(200, `{"state":"ok"}`), `"url":"HOST/"`)
		w.exec("UPDATE calls SET deadline = '2026-01-01 00:00:00.000Z'") // the first one fails
		w.gets(whatsapp.Message{ID: "B", Text: "menu"})
		w.round()
		w.ask()
		w.round()
		if got, want := w.said(), waitFirst+waitFirst+"Está ok."+menuAfter; got != want || len(o.requests()) != 1 {
			t.Errorf("said %q, want %q", got, want)
		}
		if got := w.events(w.only().ID); strings.Contains(got, runner.EventCall) {
			t.Errorf("got events %q, want no word of the first one", got)
		}
	})
	t.Run("the customer left by a word", func(t *testing.T) {
		w, _ := newAsking(t, answers(200, `{"state":"ok"}`), `"url":"HOST/"`)
		w.gets(whatsapp.Message{ID: "B", Text: "salir"})
		w.round()
		w.ask()
		w.round()
		if got := w.said(); strings.Contains(got, "ok") || w.only().Status != store.StatusClosed {
			t.Errorf("said %q in a conversation that is %s", got, w.only().Status)
		}
	})
}

// TestResultOnAPausedLine: the bot is silent, and the customer was told to wait. A person takes over.
func TestResultOnAPausedLine(t *testing.T) {
	w, _ := newAsking(t, answers(200, `{"state":"ok"}`), `"url":"HOST/"`)
	w.set("lines", "line", dbx.Params{"paused": true})
	w.ask()
	w.round()
	if c := w.only(); c.Status != store.StatusWaiting || w.said() != "Un momento…" {
		t.Errorf("got %s after %q, want it to wait for a person", c.Status, w.said())
	}
	if got := all[store.EventRow](w, "SELECT * FROM events WHERE kind = 'handover'"); len(got) != 1 || !strings.Contains(string(got[0].Data), runner.ReasonPaused) {
		t.Errorf("got %+v, want one handover for %s", got, runner.ReasonPaused)
	}
}

// TestResultThatTheFlowCannotTake gives the customer to people, once.
func TestResultThatTheFlowCannotTake(t *testing.T) {
	w, _ := newAsking(t, answers(200, `{"state":"ok"}`), `"url":"HOST/"`)
	w.ask()
	for range 2 {
		w.write(func(tx *store.Tx) error { return w.d.Runner.SetAsideResult(tx, w.call().ID) })
	}
	w.round()
	if c := w.only(); c.Status != store.StatusWaiting || w.call().Pending || w.said() != "Un momento…" {
		t.Errorf("got %s after %q", c.Status, w.said())
	}
}

func TestEveryReasonHasItsSentence(t *testing.T) {
	codes := []string{string(fetch.BadURL), string(fetch.BadScheme), string(fetch.UserInfo), string(fetch.BadHost), string(fetch.BadMethod), string(fetch.BadHeader),
		string(fetch.Forbidden), string(fetch.Downgrade), string(fetch.TooManyRedirects), string(fetch.UnknownHost), string(fetch.Unreachable), string(fetch.BadTLS),
		calls.CallLate, string(fetch.TooLarge), string(fetch.BadAnswer), calls.CallInterrupted, calls.CallFault, secrets.NoSecret, secrets.OtherHost, secrets.OnlyTLS, calls.CallNoModel, calls.CallModelStatus, calls.CallModelSilent}
	for _, code := range codes {
		texts := calls.CallReasons[code]
		if texts.Es == "" || texts.Pt == "" || texts.En == "" || strings.Count(texts.Es, "{host}") != strings.Count(texts.En, "{host}") ||
			strings.Count(texts.Pt, "{host}") != strings.Count(texts.En, "{host}") {
			t.Errorf("%s: got %+v, want a sentence in three languages with the same places", code, texts)
		}
	}
	if len(calls.CallReasons) != len(codes) {
		t.Errorf("got %d sentences for %d reasons", len(calls.CallReasons), len(codes))
	}
	if got, want := calls.SayReason("en", calls.CallLate, "erp.example"), "erp.example did not answer in time."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestLimitsAgree: what one package promises the other keeps.
func TestLimitsAgree(t *testing.T) {
	if fetch.MaxBody != flows.MaxBody {
		t.Errorf("got %d bytes of an answer, want the %d that a flow takes", fetch.MaxBody, flows.MaxBody)
	}
}
