package calls_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"mostrador/flows"
	"mostrador/hooks/calls"
	"mostrador/hooks/desktest"
	"mostrador/hooks/fetch"
	"mostrador/hooks/rights"
	"mostrador/hooks/runner"
	"mostrador/hooks/store"
	"mostrador/whatsapp/wasim"
)

// asking is a shop whose first messages go to one flow, with another system beside it.
func newAskingShop(t *testing.T, flow string, h http.HandlerFunc) (*desktest.Shop, *desktest.Outside, *wasim.Phone) {
	t.Helper()
	s := desktest.NewShop(t)
	o := s.Outside(h)
	s.Allow = fetch.Hosts{fetch.Host(o.URL)}
	s.Quit()
	s.Open()
	s.Connected()
	s.Exec("UPDATE flows SET active = FALSE, updated = '2'")
	s.Flow(strings.ReplaceAll(flow, "https://api.example.com", o.URL), `[{"on":"message"}]`)
	return s, o, s.Server.Phone(desktest.CarlaNumber, wasim.Name("Carla"))
}

// TestOrderStory plays the ready-made flow with a system that answers as its tests say.
func TestOrderStory(t *testing.T) {
	for lang, want := range map[flows.Lang][]string{
		flows.Spanish:    {"¿Cuál es tu número de pedido?", "Un momento, lo busco…", "Pedido QNT-1234: 🚚.", "Llega el miércoles 5/3."},
		flows.Portuguese: {"Qual é o número do seu pedido?", "Um momento, estou procurando…", "Pedido QNT-1234: 🚚.", "Chega quarta-feira 5/3."},
		flows.English:    {"What is your order number?", "One moment, I am looking it up…", "Order QNT-1234: 🚚.", "It arrives on Wednesday 5 March."},
	} {
		t.Run(string(lang), func(t *testing.T) {
			made, err := flows.Ready("order", lang)
			if err != nil {
				t.Fatal(err)
			}
			s, o, carla := newAskingShop(t, string(made.JSON), func(rw http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") != "Bearer "+desktest.Hunter {
					rw.WriteHeader(401)
				}
				fmt.Fprint(rw, `{"state":"🚚","eta":"2025-03-05"}`)
			})
			s.Secret("orders", desktest.Hunter)
			s.Say(carla, "hola")
			s.Reads(carla, want[0])
			s.Say(carla, "QNT-1234")
			s.Reads(carla, want[3])
			if got := s.Shown(carla); len(got) < 4 || !slices.Equal(got[:4], want) {
				t.Errorf("the phone shows %q, want %q", got, want)
			}
			if got := o.Requests(); len(got) != 1 || !strings.HasPrefix(got[0], "GET /orders/QNT-1234 ") {
				t.Errorf("asked %q", got)
			}
		})
	}
}

// TestStoppedWhileAnotherSystemIsAsked: the customer gets one answer in any case, and a POST is never sent twice.
func TestStoppedWhileAnotherSystemIsAsked(t *testing.T) {
	for method, want := range map[string]string{"GET": "Está ok." + desktest.MenuAfter, "POST": "No puedo consultarlo."} {
		t.Run(method, func(t *testing.T) {
			arrived := make(chan struct{}, 1)
			var came atomic.Int32
			s, o, carla := newAskingShop(t, desktest.LookUp(`"seconds":60,"method":"`+method+`","url":"https://api.example.com/"`), func(rw http.ResponseWriter, r *http.Request) {
				if came.Add(1) == 1 {
					arrived <- struct{}{}
					<-r.Context().Done() // the desk is gone
					return
				}
				fmt.Fprint(rw, `{"state":"ok"}`)
			})
			s.Desk.Calls.Loop.Grace = 0
			s.Say(carla, "hola")
			s.Reads(carla, "Un momento…")
			<-arrived
			s.Quit()
			s.Open()
			s.Connected()
			s.Reads(carla, want)
			s.Say(carla, "gracias") // whatever else was on its way comes before the answer to this
			s.Message("gracias", func(m store.Message) bool { return !m.Pending })
			if got := s.Shown(carla); !slices.Equal(got[:2], []string{"Un momento…", want}) || slices.Contains(got[2:], want) {
				t.Errorf("the phone shows %q, want %q once", got, want)
			}
			if got, times := o.Requests(), map[string]int{"GET": 2, "POST": 1}[method]; len(got) != times || got[0] != got[times-1] {
				t.Errorf("asked %q, want the same %d times", got, times)
			}
		})
	}
}

// TestSlowSystem is given up at the deadline, and its late answer changes nothing.
func TestSlowSystem(t *testing.T) {
	answer := make(chan struct{})
	s, _, carla := newAskingShop(t, desktest.LookUp(`"seconds":1,"url":"https://api.example.com/"`), func(rw http.ResponseWriter, _ *http.Request) {
		<-answer
		fmt.Fprint(rw, `{"state":"ok"}`)
	})
	s.Say(carla, "hola")
	s.Reads(carla, "No puedo consultarlo.")
	close(answer)
	c := s.Thread("people have it", func(c store.Conversation) bool { return c.Status == store.StatusWaiting })
	if got, want := s.Shown(carla), []string{"Un momento…", "No puedo consultarlo."}; !slices.Equal(got, want) {
		t.Errorf("the phone shows %q, want %q", got, want)
	}
	if got := s.Events(c.ID); !strings.Contains(got, runner.EventCall+" handover") {
		t.Errorf("got events %q", got)
	}
}

// TestWhatHappensWhileAnotherSystemIsAsked over the whole way.
func TestWhatHappensWhileAnotherSystemIsAsked(t *testing.T) {
	answer := make(chan struct{})
	begun := func(t *testing.T) (*desktest.Shop, *wasim.Phone) {
		s, _, carla := newAskingShop(t, desktest.LookUp(`"url":"https://api.example.com/"`), func(rw http.ResponseWriter, _ *http.Request) {
			<-answer
			fmt.Fprint(rw, `{"state":"ok"}`)
		})
		s.Say(carla, "hola")
		s.Reads(carla, "Un momento…")
		return s, carla
	}
	t.Run("the customer writes", func(t *testing.T) {
		s, carla := begun(t)
		s.Say(carla, "1")
		s.Message("1", func(m store.Message) bool { return !m.Pending })
		answer <- struct{}{}
		s.Reads(carla, "Está ok."+desktest.MenuAfter)
		s.Say(carla, "2")
		s.Reads(carla, "Chau.")
		if got, want := s.Shown(carla), []string{"Un momento…", "Está ok." + desktest.MenuAfter, "Chau."}; !slices.Equal(got, want) {
			t.Errorf("the phone shows %q, want %q", got, want)
		}
	})
	t.Run("a person takes over", func(t *testing.T) {
		s, carla := begun(t)
		ana := s.User("ana", rights.Admin)
		c := s.Thread("it is with the bot", func(c store.Conversation) bool { return c.Status == store.StatusBot })
		if _, err := s.Desk.Conversations.Claim(t.Context(), ana, c.ID); err != nil {
			t.Fatal(err)
		}
		answer <- struct{}{}
		desktest.Row(s, "the answer is dropped", "SELECT * FROM calls", nil, func(r calls.Call) bool { return r.State == calls.CallDone && !r.Pending })
		s.Answers(c.ID, ana.ID, "Soy Ana.")
		s.Reads(carla, "Soy Ana.")
		if got, want := s.Shown(carla), []string{"Un momento…", "Soy Ana."}; !slices.Equal(got, want) {
			t.Errorf("the phone shows %q, want %q", got, want)
		}
	})
}
