package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// CrashOptions says how hard the desk is tried.
type CrashOptions struct {
	Kills    int
	Seed     uint64        // of the moments; the same seed gives the same waits
	Longest  time.Duration // the longest life between a start and its kill
	Messages int           // that each customer writes; a new customer follows
}

// CrashReport is what was found when everything had come to rest.
type CrashReport struct {
	Kills, Customers int
	In, Out          int // messages in the database, from customers and to them
	Taken            int // conversations that the agent took by hand; the others were dealt out
	Resent           int // answers that the agent had to ask for again because the desk died
}

// restLimit is how long the desk may take after the last start until nothing is under way any more.
const restLimit = 3 * time.Minute

// Crash kills the desk with SIGKILL at random moments while customers write, the flow answers and an agent answers. At
// the end every chat must read the same on the customer's phone and in the database, in both directions: nothing lost,
// nothing twice, in order.
func Crash(ctx context.Context, p Program, o CrashOptions, out io.Writer) (CrashReport, error) {
	rig, err := NewRig(ctx, p)
	if err != nil {
		return CrashReport{}, err
	}
	defer rig.Close()
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"code":"42"}`) }))
	defer other.Close()
	asked := other.Listener.Addr().String()
	desk, err := rig.Desk(ctx, rig.withFlow(ctx, asked))
	if err != nil {
		return CrashReport{}, err
	}
	agent, err := desk.operator(ctx)
	if err != nil {
		return CrashReport{}, fmt.Errorf("make the agent: %w", err)
	}
	address, err := freeAddress()
	if err != nil {
		return CrashReport{}, err
	}
	if err := desk.Stop(); err != nil {
		return CrashReport{}, fmt.Errorf("the first stop: %w", err)
	}
	desk.Admin.URL, agent.URL = "http://"+address, "http://"+address
	c := &crash{rig: rig, admin: desk.Admin, agent: agent, o: o, rnd: rand.New(rand.NewPCG(o.Seed, 1)), address: address, asked: asked}
	working, stop := context.WithCancel(ctx)
	defer stop()
	writers := make(chan error, 2)
	answering := make(chan error, 1)
	go c.keepsThePageOpen(working)
	for _, s := range []script{quick, patient} {
		go func() { writers <- c.customersWrite(working, s) }()
	}
	go func() { answering <- c.agentAnswers(working) }()
	if err := c.kills(ctx, out); err != nil {
		return CrashReport{}, err
	}
	c.enough.Store(true)
	if err := errors.Join(<-writers, <-writers); err != nil {
		return CrashReport{}, fmt.Errorf("customers: %w", err)
	}
	if err := c.rest(ctx); err != nil {
		return CrashReport{}, err
	}
	stop()
	if err := <-answering; err != nil && !errors.Is(err, context.Canceled) {
		return CrashReport{}, fmt.Errorf("agent: %w", err)
	}
	return c.compare(ctx)
}

type crash struct {
	rig     *Rig
	admin   *Desk // sees everything
	agent   *Desk // works where the flow hands over
	o       CrashOptions
	rnd     *rand.Rand
	address string
	asked   string // the other system's address

	mu        sync.Mutex
	customers []script // what each wrote; the number follows from the place

	enough atomic.Bool // no new customers
	taken  atomic.Int64
	resent atomic.Int64
}

// kills starts the desk again and again and kills each; the last one stays.
func (c *crash) kills(ctx context.Context, out io.Writer) error {
	for n := 1; n <= c.o.Kills; n++ {
		cmd := c.rig.Program.command(ctx, c.rig.Dir, c.args())
		if err := cmd.Start(); err != nil {
			return fmt.Errorf("start %d: %w", n, err)
		}
		pause(ctx, time.Duration(c.rnd.Int64N(int64(c.o.Longest)))) // the moment is the point, not a wait for something
		_ = cmd.Process.Kill()                                      // it may have ended by itself: found by the start that follows
		_ = cmd.Wait()
		if cmd.ProcessState.Exited() {
			return fmt.Errorf("start %d ended by itself with %s", n, cmd.ProcessState)
		}
		if n%100 == 0 || n == c.o.Kills {
			say(out, "%d kills, %d customers, %d answers asked for again", n, len(c.wrote()), c.resent.Load())
		}
	}
	last, err := c.rig.Program.Serve(ctx, c.rig.Dir, c.args()...)
	if err != nil {
		return fmt.Errorf("the start after the last kill: %w", err)
	}
	c.rig.stop = append(c.rig.stop, last.Kill)
	return c.agent.WaitForLine(ctx, "connected")
}

func (c *crash) args() []string {
	return []string{"serve", "--http", c.address, "--dir", filepath.Join(c.rig.Dir, "pb_data"), "--whatsapp", c.rig.server.URL, "--no-limit", "--allow-host", c.asked}
}

func crashCustomer(i int) string { return fmt.Sprintf("+54911570%05d", i) }

// customersWrite lets one customer after the other write, each several messages, until it is enough.
func (c *crash) customersWrite(ctx context.Context, s script) error {
	for !c.enough.Load() {
		i := c.customer(s)
		number := crashCustomer(i)
		if err := c.rig.Phones.Add(ctx, PhoneOptions{Number: number, Name: fmt.Sprintf("Customer %d", i), Read: "off"}); err != nil {
			return err
		}
		for k := range c.o.Messages {
			text := fmt.Sprintf("pregunta %d de %d", k, i)
			if k < len(s.questions) {
				text = s.questions[k]
			}
			if _, err := c.rig.Phones.Say(ctx, number, deskOwner, text); err != nil {
				return err
			}
			pause(ctx, 150*time.Millisecond)
			if s.patient && k < len(s.answers) {
				if err := c.awaitAnswers(ctx, number, len(slices.Concat(s.answers[:k+1]...))); err != nil {
					return fmt.Errorf("customer %d after %q: %w", i, text, err)
				}
			}
		}
	}
	return nil
}

// keepsThePageOpen makes the agent available by being there, as often as the desk comes back: the first conversations are
// dealt out to them, and those beyond their capacity they take by hand.
func (c *crash) keepsThePageOpen(ctx context.Context) {
	for ctx.Err() == nil {
		ended, err := c.agent.Listen(ctx, []string{"conversation:incoming"}, func(string, []byte) {})
		if err == nil {
			<-ended
		}
		pause(ctx, 50*time.Millisecond)
	}
}

// customer takes the next place.
func (c *crash) customer(s script) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.customers = append(c.customers, s)
	return len(c.customers) - 1
}

// wrote are the customers so far.
func (c *crash) wrote() []script {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.customers)
}

// awaitAnswers waits until a phone shows that many messages of the desk.
func (c *crash) awaitAnswers(ctx context.Context, number string, want int) error {
	got := 0
	for deadline := time.Now().Add(restLimit); time.Now().Before(deadline) && ctx.Err() == nil; {
		entries, err := c.rig.Phones.Chat(ctx, number, deskOwner, 0, 0)
		if err != nil {
			return err
		}
		entries = slices.DeleteFunc(entries, func(e ChatEntry) bool { return e.FromMe })
		if got = len(entries); got >= want {
			return nil
		}
		pause(ctx, 50*time.Millisecond)
	}
	return fmt.Errorf("%d of %d answers within %s", got, want, restLimit)
}

// agentAnswers claims what waits and answers each message of an open conversation once, with a client id made of the
// message's own, and asks again when the desk died meanwhile.
func (c *crash) agentAnswers(ctx context.Context) error {
	answered := map[string]bool{}
	for ctx.Err() == nil {
		for _, status := range []string{"waiting", "open"} {
			list, err := c.agent.Conversations(ctx, status, 20)
			if err != nil {
				continue // the desk is dead just now
			}
			for _, conversation := range list {
				c.serve(ctx, conversation, answered)
			}
		}
		pause(ctx, 50*time.Millisecond)
	}
	return nil
}

func (c *crash) serve(ctx context.Context, conversation Conversation, answered map[string]bool) {
	if conversation.Status == "waiting" {
		if c.agent.Call(ctx, "POST", "/api/conversations/"+conversation.ID+"/claim", nil, nil) != nil {
			return
		}
		c.taken.Add(1)
	}
	messages, err := c.agent.Messages(ctx, conversation.ID)
	if err != nil {
		return
	}
	for _, m := range messages {
		if m.Direction != "in" || answered[m.ID] || !strings.HasPrefix(m.Text, "pregunta") { // the others are the flow's
			continue
		}
		if err := c.agent.Answer(ctx, conversation.ID, "answer-"+m.ID, "respuesta a "+m.Text); err != nil {
			var status *StatusError
			if errors.As(err, &status) && status.Code != http.StatusServiceUnavailable {
				answered[m.ID] = true // refused for good: the chat was closed or taken away
			}
			c.resent.Add(1)
			return // in order: the next one only after this one
		}
		answered[m.ID] = true
	}
}

func freeAddress() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}

// pause is a person's pace.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
