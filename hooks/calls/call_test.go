package calls_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"mostrador/flows"
	"mostrador/hooks"
	"mostrador/hooks/api"
	"mostrador/hooks/calls"
	"mostrador/hooks/conversation"
	"mostrador/hooks/desktest"
	"mostrador/hooks/fetch"
	"mostrador/hooks/runner"
	"mostrador/hooks/secrets"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// newAsking is a desk whose customer has just made its flow ask.
func newAsking(t *testing.T, h http.HandlerFunc, node string) (*desktest.World, *desktest.Outside) {
	t.Helper()
	w := desktest.NewWorld(t)
	o := w.Outside(h)
	w.Begin(strings.ReplaceAll(node, "HOST", o.URL))
	return w, o
}

func TestCallIsARowOfTheStep(t *testing.T) {
	w, o := newAsking(t, desktest.Answers(200, `{"state":"en camino"}`), `"method":"PUT","url":"HOST/orders/{{message}}","body":"{\"a\":\"{{message}}\"}"`)
	row := w.Call()
	if row.State != calls.CallQueued || row.Kind != calls.CallHTTP || row.Conversation != w.Only().ID || row.Host != fetch.Host(o.URL) || row.Pending || row.Attempts != 0 ||
		!row.Deadline.Time().Equal(w.Desk.Store.Now().Add(10*time.Second)) {
		t.Fatalf("got %+v", row)
	}
	if len(o.Requests()) > 0 {
		t.Fatal("the step itself asked")
	}
	w.Ask()
	if got, want := strings.Join(o.Requests(), ";"), "PUT /orders/hola "+row.ID+` application/json {"a":"hola"}`; got != want {
		t.Errorf("asked %s, want %s", got, want)
	}
	if got := w.Call(); got.State != calls.CallDone || !got.Pending || got.Pos == 0 || got.Attempts != 1 || w.Said() != "Un momento…" {
		t.Errorf("got %+v after %q, want an answer that waits for the inbox", got, w.Said())
	}
	w.Round()
	w.Round()
	if got, want := w.Said(), desktest.WaitFirst+"Está en camino."+desktest.MenuAfter; got != want {
		t.Errorf("said %q, want %q", got, want)
	}
	if got := w.Call(); got.Pending || got.DoneAt.IsZero() {
		t.Errorf("got %+v, want it heard", got)
	}
	w.Write(func(tx *store.Tx) error { return w.Desk.Calls.Finish(tx, &row, calls.Outcome{}) })
	if got := w.Call(); got.Pending {
		t.Error("it can end twice")
	}
	w.Gets(whatsapp.Message{ID: "B", Text: "1"})
	w.Round()
	if got := desktest.All[calls.Call](w, "SELECT * FROM calls"); len(got) != 2 || got[0].Call == got[1].Call {
		t.Errorf("got %+v, want a second call", got)
	}
}

func TestStepThatFailsAsksNothing(t *testing.T) {
	w, _ := newAsking(t, desktest.Answers(200, ""), `"url":"HOST/"`)
	w.Exec("DELETE FROM calls")
	c := w.Only()
	err := w.Desk.Store.Write(t.Context(), func(tx *store.Tx) error {
		if err := w.Desk.Calls.Ask(tx, &c, flows.Call{ID: "1", HTTP: &flows.HTTP{}}); err != nil {
			return err
		}
		return w.Desk.Calls.Ask(tx, &c, flows.Call{ID: "1", HTTP: &flows.HTTP{}}) // the same call twice
	})
	if err == nil || !strings.Contains(err.Error(), "UNIQUE") {
		t.Errorf("got %v, want a call to be there once", err)
	}
	if got := desktest.All[calls.Call](w, "SELECT * FROM calls"); len(got) > 0 {
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
		"found":            {desktest.Answers(200, `{"state":"ok"}`), `"url":"HOST/"`, "", desktest.WaitFirst + "Está ok." + desktest.MenuAfter},
		"not JSON":         {desktest.Answers(200, `<html>`), `"url":"HOST/"`, "", desktest.WaitFirst + "Está perdido." + desktest.MenuAfter},
		"not UTF-8":        {desktest.Answers(200, "{\"state\":\"a\xffb\"}"), `"url":"HOST/"`, "", desktest.WaitFirst + "Está a�b." + desktest.MenuAfter},
		"long":             {desktest.Answers(200, `{"state":"ok","rest":"`+strings.Repeat("x", 100<<10)+`"}`), `"url":"HOST/"`, "", desktest.WaitFirst + "Está ok." + desktest.MenuAfter},
		"a way of its own": {desktest.Answers(404, `{}`), `"url":"HOST/","on":[{"id":"no","status":"404","next":"none"}]`, "", desktest.WaitFirst + "No existe. | Chau."},
		"refused":          {desktest.Answers(401, `{}`), `"url":"HOST/"`, "", desktest.GivenUp},
		"huge":             {desktest.Answers(200, huge), `"url":"HOST/"`, "too_large", desktest.GivenUp},
		"forbidden":        {nil, `"url":"http://localhost:1/"`, "forbidden_address", desktest.GivenUp},
		"forbidden redirect": {func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "http://10.0.0.1/", http.StatusFound)
		}, `"url":"HOST/"`, "forbidden_address", desktest.GivenUp},
		"password in the URL": {nil, `"url":"http://a:b@example.com/"`, "user_info", desktest.GivenUp},
		"a header in two":     {nil, `"url":"HOST/","headers":[{"name":"X\ny","value":"1"}]`, "bad_header", desktest.GivenUp},
		"no such secret":      {nil, `"url":"HOST/","headers":[{"name":"X","secret":"none"}]`, "secret", desktest.GivenUp},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := newAsking(t, tt.h, tt.node)
			w.Ask()
			w.Round()
			row := w.Call()
			if row.Reason != tt.reason || (row.State == calls.CallFailed) != (tt.reason != "") || row.Pending || len(row.Result) > 6*calls.KeptBody+200 {
				t.Errorf("got %s %q pending %v with %d bytes, want reason %q", row.State, row.Reason, row.Pending, len(row.Result), tt.reason)
			}
			if got := w.Said(); got != tt.said {
				t.Errorf("said %q, want %q", got, tt.said)
			}
			rows := desktest.All[store.EventRow](w, "SELECT * FROM events WHERE kind = '"+runner.EventCall+"'")
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
			w, _ := newAsking(t, desktest.Answers(200, `{"state":"ok"}`), `"url":"HOST/"`)
			w.Gets(whatsapp.Message{ID: "B", Text: "¿hay alguien?"})
			if handled {
				w.Round()
			}
			w.Ask()
			if !handled { // only the result, as if the batch of messages had been full
				w.Write(func(tx *store.Tx) error { return w.Desk.Runner.Hear(tx, w.Call().ID) })
				if row := w.Call(); !row.Pending || w.Said() != "Un momento…" {
					t.Fatalf("got %+v and %q, want the older message first", row, w.Said())
				}
			}
			w.Round()
			if got, want := w.Said(), desktest.WaitFirst+"Está ok."+desktest.MenuAfter; got != want {
				t.Errorf("said %q, want %q", got, want)
			}
			if c := w.Only(); c.Status != store.StatusBot || c.Unread != 2 {
				t.Errorf("got %s with %d unread, want bot and 2", c.Status, c.Unread)
			}
		})
	}
}

// TestResultThatNobodyWaitsFor is dropped without a word.
func TestResultThatNobodyWaitsFor(t *testing.T) {
	for name, leave := range map[string]func(*hooks.Desk, *store.Tx, *store.Conversation) error{
		"handed over": func(d *hooks.Desk, t *store.Tx, c *store.Conversation) error {
			return d.Conversations.Handover(t, c, conversation.Handover{Reason: "x"})
		},
		"closed": func(d *hooks.Desk, t *store.Tx, c *store.Conversation) error {
			return d.Conversations.Close(t, c, "ana", "", "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, o := newAsking(t, desktest.Answers(503, ``), `"url":"HOST/"`)
			w.Write(func(tx *store.Tx) error {
				c, err := tx.Conversation(w.Only().ID)
				if err != nil {
					return err
				}
				return leave(w.Desk, tx, c)
			})
			before := w.Events(w.Only().ID)
			w.Ask() // what a flow decided is done; only nobody repeats it
			w.Round()
			if row := w.Call(); row.Pending || row.State != calls.CallDone || len(o.Requests()) != 1 {
				t.Errorf("got %+v after %v, want one request", row, o.Requests())
			}
			if got := w.Events(w.Only().ID); got != before || w.Said() != "Un momento…" {
				t.Errorf("got events %q and %q, want nothing new", got, w.Said())
			}
		})
	}
	t.Run("the customer began again", func(t *testing.T) {
		w, o := newAsking(t, desktest.Answers(200, `{"state":"ok"}`), `"url":"HOST/"`)
		w.Exec("UPDATE calls SET deadline = '2026-01-01 00:00:00.000Z'") // the first one fails
		w.Gets(whatsapp.Message{ID: "B", Text: "menu"})
		w.Round()
		w.Ask()
		w.Round()
		if got, want := w.Said(), desktest.WaitFirst+desktest.WaitFirst+"Está ok."+desktest.MenuAfter; got != want || len(o.Requests()) != 1 {
			t.Errorf("said %q, want %q", got, want)
		}
		if got := w.Events(w.Only().ID); strings.Contains(got, runner.EventCall) {
			t.Errorf("got events %q, want no word of the first one", got)
		}
	})
	t.Run("the customer left by a word", func(t *testing.T) {
		w, _ := newAsking(t, desktest.Answers(200, `{"state":"ok"}`), `"url":"HOST/"`)
		w.Gets(whatsapp.Message{ID: "B", Text: "salir"})
		w.Round()
		w.Ask()
		w.Round()
		if got := w.Said(); strings.Contains(got, "ok") || w.Only().Status != store.StatusClosed {
			t.Errorf("said %q in a conversation that is %s", got, w.Only().Status)
		}
	})
}

// TestResultOnAPausedLine: the bot is silent, and the customer was told to wait. A person takes over.
func TestResultOnAPausedLine(t *testing.T) {
	w, _ := newAsking(t, desktest.Answers(200, `{"state":"ok"}`), `"url":"HOST/"`)
	w.Set("lines", "line", dbx.Params{"paused": true})
	w.Ask()
	w.Round()
	if c := w.Only(); c.Status != store.StatusWaiting || w.Said() != "Un momento…" {
		t.Errorf("got %s after %q, want it to wait for a person", c.Status, w.Said())
	}
	if got := desktest.All[store.EventRow](w, "SELECT * FROM events WHERE kind = 'handover'"); len(got) != 1 || !strings.Contains(string(got[0].Data), runner.ReasonPaused) {
		t.Errorf("got %+v, want one handover for %s", got, runner.ReasonPaused)
	}
}

// TestResultThatTheFlowCannotTake gives the customer to people, once.
func TestResultThatTheFlowCannotTake(t *testing.T) {
	w, _ := newAsking(t, desktest.Answers(200, `{"state":"ok"}`), `"url":"HOST/"`)
	w.Ask()
	for range 2 {
		w.Write(func(tx *store.Tx) error { return w.Desk.Runner.SetAsideResult(tx, w.Call().ID) })
	}
	w.Round()
	if c := w.Only(); c.Status != store.StatusWaiting || w.Call().Pending || w.Said() != "Un momento…" {
		t.Errorf("got %s after %q", c.Status, w.Said())
	}
}

func TestEveryReasonHasItsSentence(t *testing.T) {
	codes := []string{string(fetch.BadURL), string(fetch.BadScheme), string(fetch.UserInfo), string(fetch.BadHost), string(fetch.BadMethod), string(fetch.BadHeader),
		string(fetch.Forbidden), string(fetch.Downgrade), string(fetch.TooManyRedirects), string(fetch.UnknownHost), string(fetch.Unreachable), string(fetch.BadTLS),
		calls.CallLate, string(fetch.TooLarge), string(fetch.BadAnswer), calls.CallInterrupted, calls.CallFault, secrets.NoSecret, secrets.OtherHost, secrets.OnlyTLS, calls.CallNoModel, calls.CallModelStatus, calls.CallModelSilent}
	for _, code := range codes {
		said := calls.CallReasons[code]
		want := strings.Count(said.In("en", nil), "{host}")
		for _, lang := range api.Languages {
			if text := said.In(lang, nil); text == "" || strings.Count(text, "{host}") != want {
				t.Errorf("%s: got %q in %s, want a sentence with the same places", code, text, lang)
			}
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
