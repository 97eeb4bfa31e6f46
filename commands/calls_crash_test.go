package commands

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mostrador/bench"
	"mostrador/flows"
)

// TestKilledWhileAnotherSystemIsAsked kills the desk with SIGKILL between a request of the ready-made flow "order" and
// its answer. After the start that follows the customer gets exactly one answer: to a GET the one that it asks for again;
// a POST is not sent twice, and the flow goes its fail way.
func TestKilledWhileAnotherSystemIsAsked(t *testing.T) {
	for method, want := range map[string]string{"GET": "Pedido A-17: en camino.", "POST": "No puedo consultarlo en este momento. Te paso con una persona."} {
		t.Run(method, func(t *testing.T) {
			orders := newOrders(t)
			chat := orders.killInTheMiddle(t, method)
			if got := slices.DeleteFunc(chat, func(text string) bool { return text != want }); len(got) != 1 {
				t.Errorf("got %d times %q, want it once", len(got), want)
			}
			asked := orders.requests()
			if times := map[string]int{"GET": 2, "POST": 1}[method]; len(asked) != times || asked[0] != asked[times-1] || !strings.HasPrefix(asked[0], method+" /orders/A-17 Bearer k-1 ") {
				t.Errorf("asked %q, want the same %d times", asked, times)
			}
		})
	}
}

// orders is another system whose first answer never comes.
type orders struct {
	*httptest.Server
	arrived chan struct{}

	mu    sync.Mutex
	asked []string
}

func newOrders(t *testing.T) *orders {
	o := &orders{arrived: make(chan struct{})}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		o.asked = append(o.asked, strings.Join([]string{r.Method, r.URL.Path, r.Header.Get("Authorization"), r.Header.Get("Idempotency-Key")}, " "))
		first := len(o.asked) == 1
		o.mu.Unlock()
		if first {
			close(o.arrived)
			<-r.Context().Done() // until the desk is dead
			return
		}
		fmt.Fprint(w, `{"state":"en camino"}`)
	}))
	t.Cleanup(o.Close)
	return o
}

func (o *orders) requests() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.asked)
}

// killInTheMiddle plays the story and returns what the customer's phone shows of the desk in the end.
func (o *orders) killInTheMiddle(t *testing.T, method string) (shown []string) {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	self, err := filepath.Abs(os.Args[0])
	must(err)
	rig, err := bench.NewRig(ctx, bench.Program{Path: self, Env: []string{runAsProgram + "=" + absolute(t, "../pb_public"), "FLOW_ALLOW_HOSTS=" + strings.TrimPrefix(o.URL, "http://")}})
	must(err)
	defer rig.Close()
	made, err := flows.Ready("order", flows.Spanish)
	must(err)
	flow := strings.NewReplacer("https://api.example.com", o.URL, `"type": "http"`, `"type": "http", "seconds": 60, "method": "`+method+`"`).Replace(string(made.JSON))
	desk, err := rig.Desk(ctx, func(dir string) error {
		file := filepath.Join(rig.Dir, "flow.json")
		must(os.WriteFile(file, []byte(flow), 0o600))
		_, err := rig.Program.Do(ctx, rig.Dir, "", "seed", "--dir", dir)
		must(err)
		_, err = rig.Program.Do(ctx, rig.Dir, "", "flow", "import", "--dir", dir, "--publish", "--first", file)
		return err
	})
	must(err)
	must(desk.Admin.Call(ctx, "PUT", "/api/secrets/orders", map[string]any{"value": "k-1"}, nil))

	customers, err := rig.Customers(ctx, 1)
	must(err)
	read := 0
	hears := func(text string) {
		t.Helper()
		for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
			chat, err := rig.Phones.Chat(ctx, customers[0], owner, read, time.Second)
			must(err)
			for _, m := range chat {
				read = m.N
				if !m.FromMe {
					shown = append(shown, m.Text)
				}
			}
			if slices.Contains(shown, text) {
				return
			}
		}
		t.Fatalf("the customer waited %s for %q and got %q", patience, text, shown)
	}
	says := func(text string) {
		t.Helper()
		_, err := rig.Phones.Say(ctx, customers[0], owner, text)
		must(err)
	}
	says("hola")
	hears("¿Cuál es tu número de pedido?")
	says("A-17")
	hears("Un momento, lo busco…")
	<-o.arrived
	desk.Kill()
	_, err = rig.Restart(ctx)
	must(err)
	if method == "POST" {
		hears("No puedo consultarlo en este momento. Te paso con una persona.")
		return shown
	}
	hears("¿Algo más?\n1. Otro pedido\n2. Hablar con una persona\n3. Nada más")
	says("3")
	hears("¡Gracias por escribir!")
	return shown
}
