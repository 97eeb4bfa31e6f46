package commands

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mostrador/bench"
)

// stage is the whole product with everybody who plays in a story: an emulated WhatsApp, the desk linked to the owner's
// phone by QR, an admin, and an agent of Sales, which deals conversations out, and of Billing, where one takes them by hand.
// Its clock can be moved.
type stage struct {
	t            *testing.T
	phones       bench.Phones
	url          string
	admin, agent *bench.Desk
	ahead        *atomic.Int64 // how far the desk's clock runs before the real one
}

const (
	owner         = "+5491155550002"
	adminPassword = "correct-horse-7421"
	agentPassword = "battery-staple-3390"
)

// images is where the browser story leaves the README's pictures; empty: nowhere.
var images = flag.String("images", "", "folder for the pictures of the browser story")

// goodbye is in what the desk says when it closes for silence.
const goodbye = "no tuvimos respuesta"

// newStage is the whole stage with the line linked and the agent's page open.
func newStage(t *testing.T) *stage {
	t.Helper()
	s := newBareStage(t)
	s.must(s.admin.Link(t.Context(), s.phones, owner))
	open, closePage := context.WithCancel(context.Background())
	t.Cleanup(closePage)
	_, err := s.agent.Listen(open, []string{"conversation:incoming"}, func(string, []byte) {})
	s.must(err)
	s.eventually("the agent to be available by being there", func() bool {
		var me struct{ Availability string }
		s.call(s.agent, "GET", "/api/auth/me", nil, &me)
		return me.Availability == "available"
	})
	return s
}

// newBareStage has everything but the link.
func newBareStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, ahead: new(atomic.Int64)}
	s.phones = bench.Phones{URL: s.serve(&Main{Page: builtPage}, "wasim", "--listen", "127.0.0.1:0")}
	dir := t.TempDir()
	s.run(adminPassword, "admin", "create", "--dir", dir, "--email", "admin@example.com", "--username", "admin", "--password-stdin")
	s.run("", "seed", "--dir", dir, "--lang", "es", "--always-open") // the story is told at any hour
	s.url = s.serve(&Main{Page: builtPage, Env: map[string]string{"SCHEDULER_INTERVAL_MS": "1000", "AUTO_CLOSE_MINUTES": "30"}},
		"serve", "--dir", dir, "--http", "127.0.0.1:0", "--whatsapp", s.phones.URL)
	s.admin = s.signIn("admin", adminPassword)
	var areas struct {
		Items []struct{ ID, Key string }
	}
	s.call(s.admin, "GET", "/api/areas", nil, &areas)
	id := map[string]string{}
	for _, area := range areas.Items {
		id[area.Key] = area.ID
	}
	s.call(s.admin, "PUT", "/api/areas/"+id["billing"], map[string]string{"policy": "manual"}, nil)
	s.call(s.admin, "POST", "/api/users", map[string]any{"username": "ana", "name": "Ana", "email": "ana@example.com",
		"role": "OPERATOR", "areas": []string{id["sales"], id["billing"]}, "password": agentPassword}, nil)
	s.agent = s.signIn("ana", agentPassword)
	s.must(s.phones.Add(t.Context(), bench.PhoneOptions{Number: owner, Name: "Tienda", Owner: true}))
	return s
}

func (s *stage) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) call(d *bench.Desk, method, path string, in, out any) {
	s.t.Helper()
	s.must(d.Call(s.t.Context(), method, path, in, out))
}

func (s *stage) signIn(identity, password string) *bench.Desk {
	s.t.Helper()
	d, err := bench.SignIn(s.t.Context(), s.url, identity, password)
	s.must(err)
	return d
}

// run carries out a command that ends by itself.
func (s *stage) run(stdin string, args ...string) {
	s.t.Helper()
	var out strings.Builder
	m := &Main{Page: builtPage, Args: args, Dir: s.t.TempDir(), Stdin: strings.NewReader(stdin + "\n"), Stdout: &out, Stderr: &out, Now: time.Now}
	if code := m.Run(s.t.Context()); code != 0 {
		s.t.Fatalf("%v: got exit code %d: %s", args, code, out.String())
	}
}

// serve starts a command that says where it listens, and ends it with the test.
func (s *stage) serve(m *Main, args ...string) string {
	s.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	read, write := io.Pipe()
	m.Args, m.Dir, m.Stdin, m.Stdout, m.Stderr = args, s.t.TempDir(), strings.NewReader(""), write, write
	m.Now = func() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }
	ended := make(chan int, 1)
	go func() { ended <- m.Run(ctx); _ = write.Close() }()
	s.t.Cleanup(func() {
		stop()
		if code := <-ended; code != 0 {
			s.t.Errorf("%v: got exit code %d at the end, want 0", args, code)
		}
	})
	url := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(read); lines.Scan(); {
			if at, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
				url <- strings.TrimSpace(at)
			}
		}
		_, _ = io.Copy(io.Discard, read)
	}()
	select {
	case at := <-url:
		return at
	case code := <-ended:
		ended <- code
		s.t.Fatalf("%v ended with %d before it listened", args, code)
	case <-time.After(patience):
		s.t.Fatalf("%v did not listen within %s", args, patience)
	}
	return ""
}

// patience is how long a story waits for something that should happen at once.
const patience = 30 * time.Second

// eventually waits until something holds.
func (s *stage) eventually(what string, holds func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("waited %s for %s", patience, what)
		}
	}
}

// customer is somebody who writes to the desk.
type customer struct {
	*stage
	number string
	read   int // entries of the chat that were looked at
}

func (c *customer) says(text string) string {
	c.t.Helper()
	id, err := c.phones.Say(c.t.Context(), c.number, owner, text)
	c.must(err)
	return id
}

// hears waits for a message of the desk that contains text and has not been looked at.
func (c *customer) hears(text string) bench.ChatEntry {
	c.t.Helper()
	var chat []bench.ChatEntry
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		var err error
		chat, err = c.phones.Chat(c.t.Context(), c.number, owner, c.read, time.Second)
		c.must(err)
		for _, m := range chat {
			if !m.FromMe && strings.Contains(m.Text, text) {
				c.read = m.N
				return m
			}
		}
	}
	c.t.Fatalf("%s waited %s for %q; new on the phone: %+v", c.number, patience, text, chat)
	return bench.ChatEntry{}
}

// conversations are those of this customer that the admin sees, whatever their status.
func (c *customer) conversations() (out []bench.Conversation) {
	c.t.Helper()
	for _, status := range []string{"", "closed"} {
		list, err := c.admin.Conversations(c.t.Context(), status, 100)
		c.must(err)
		for _, conversation := range list {
			seen := false
			for _, known := range out {
				seen = seen || known.ID == conversation.ID
			}
			if !seen && conversation.Contact.Name == c.name() {
				out = append(out, conversation)
			}
		}
	}
	return out
}

func (c *customer) name() string { return "Cliente " + c.number }

func (c *customer) status() string {
	if all := c.conversations(); len(all) == 1 {
		return all[0].Status
	}
	return ""
}

// TestStory is the product's main path over the real protocol, once for each form in which WhatsApp may name a customer:
// menu, area, agent, blue ticks, closed for silence; one contact and one conversation at the end. Sales deals its
// conversations out to whoever is there; in Billing the agent takes them.
func TestStory(t *testing.T) {
	s := newStage(t)
	for i, tt := range []struct{ name, address, choice, area string }{
		{"lid", "lid", "1", "Ventas"},
		{"pn", "pn", "1", "Ventas"},
		{"lid-hidden", "lid-hidden", "1", "Ventas"},
		{"taken by hand", "lid", "3", "Facturación"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			own := *s
			own.t = t
			own.tell(&customer{stage: &own, number: fmt.Sprintf("+549115557%04d", i)}, tt.address, tt.choice, tt.area)
		})
	}
}

func (s *stage) tell(c *customer, address, choice, area string) {
	s.must(s.phones.Add(s.t.Context(), bench.PhoneOptions{Number: c.number, Name: c.name(), Address: address, Read: "auto"}))

	c.says("hola")
	c.hears(area)
	c.says(choice)
	c.hears("Te paso con " + area)
	id := s.reachesTheAgent(c, area == "Facturación")
	s.must(s.agent.Answer(s.t.Context(), id, "answer-1", "Soy Ana, ¿qué producto buscas?"))
	c.hears("Soy Ana")
	s.eventually("the tick to turn blue", func() bool {
		messages, err := s.agent.Messages(s.t.Context(), id)
		s.must(err)
		for _, m := range messages {
			if strings.HasPrefix(m.Text, "Soy Ana") {
				return m.State == "read"
			}
		}
		return false
	})

	s.ahead.Add(int64(31 * time.Minute))
	defer func() {
		if s.t.Failed() {
			messages, _ := s.admin.Messages(s.t.Context(), id)
			s.t.Logf("conversations: %+v, messages: %+v", c.conversations(), messages)
		}
	}()
	s.eventually("the conversation to be closed for silence", func() bool { return c.status() == "closed" })
	if all := c.conversations(); len(all) != 1 {
		s.t.Errorf("got %d conversations of one customer, want 1: %+v", len(all), all)
	}
}

// reachesTheAgent waits until a conversation is the agent's, who takes it where it is not dealt out.
func (s *stage) reachesTheAgent(c *customer, byHand bool) string {
	var me struct{ ID string }
	s.call(s.agent, "GET", "/api/auth/me", nil, &me)
	find := func(status string) (id string) {
		var list struct{ Items []bench.Conversation }
		s.call(s.agent, "GET", "/api/conversations?view=all", nil, &list)
		for _, conversation := range list.Items {
			if conversation.Contact.Name == c.name() && conversation.Status == status && (status == "waiting" || conversation.Assignee == me.ID) {
				id = conversation.ID
			}
		}
		return id
	}
	if byHand {
		s.eventually("the conversation to wait before the agent's eyes", func() bool { return find("waiting") != "" })
		s.call(s.agent, "POST", "/api/conversations/"+find("waiting")+"/claim", nil, nil)
	}
	s.eventually("the conversation to be the agent's", func() bool { return find("open") != "" })
	return find("open")
}
