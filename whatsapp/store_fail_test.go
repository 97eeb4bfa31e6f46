package whatsapp

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mostrador/whatsapp/wasim"
)

// failing makes storing fail in a way for the first n tries of a text.
func (r *rig) failing(text string, n int, how func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail = func(m Message) error {
		if m.Text != text || n == 0 {
			return nil
		}
		n--
		how()
		return errors.New("the disk is full")
	}
}

// A message that could not be stored is not lost and not overtaken: the line says so, stops taking, and comes back.
func TestStorageFails(t *testing.T) {
	for name, how := range map[string]func(){"error": func() {}, "panic": func() { panic("a mistake") }} {
		t.Run(name, func(t *testing.T) {
			r := newDesk(t)
			carla, dora := r.server.Phone(carlaNumber), r.server.Phone("+5491199999999")
			r.message(r.sayText(carla, "before"))
			r.failing("one", 1, how)
			since := r.mark()
			one, two, three := r.sayText(carla, "one"), r.sayText(carla, "two"), r.sayText(dora, "three")
			r.passed(since, Offline, ReasonStorage)
			r.reaches(Connected)
			for id, from := range map[string]*wasim.Phone{one: carla, two: carla, three: dora} {
				r.message(id)
				r.shows(from, id, inState("delivered"))
			}
			var order []string
			for _, m := range r.messages {
				order = append(order, m.Text)
			}
			if want := []string{"before", "one", "two", "three"}; !slices.Equal(order, want) {
				t.Errorf("stored in the order %q, want %q", order, want)
			}
		})
	}
}

// A message on which the desk's code panics every time is kept without its content in the end: it holds up nobody.
func TestPoisonousMessage(t *testing.T) {
	r := newDesk(t)
	carla := r.server.Phone(carlaNumber)
	r.failing("poison", 100, func() { panic("a mistake") })
	poison, after := r.sayText(carla, "poison"), r.sayText(carla, "after")
	if m := r.message(poison); m.Kind != Unsupported || m.What != "unreadable" || m.Chat != addressOfPhone(carla) {
		t.Errorf("got %+v, want it without its content", m)
	}
	r.message(after)
	r.reaches(Connected)
}

// A message that can never be stored, while others can, does not hold them up; nor is it given up.
func TestMessageThatCannotBeStored(t *testing.T) {
	virtual(t, func(t *testing.T, r *rig, carla *wasim.Phone) {
		r.failing("too much for the desk", 1000, func() {})
		bad, good := r.sayText(carla, "too much for the desk"), r.sayText(carla, "nothing special")
		r.patient(func() { r.message(good) })
		settle()
		if s := r.Status(); s.State != Connected {
			t.Errorf("state %s, want %s", s.State, Connected)
		}
		if e := r.shows(carla, bad); e.State != "sent" {
			t.Errorf("the phone shows the other message as %s, want sent", e.State)
		}
		r.failing("", 0, func() {})
		time.Sleep(failurePause + maxPause)
		r.message(bad)
		r.shows(carla, bad, inState("delivered"))
		if got := r.times(good); got != 1 {
			t.Errorf("the good one was stored %d times, want once", got)
		}
	})
}

// While a message cannot be stored the line comes back more and more rarely, never later than after 30 s.
func TestStoragePausesGrow(t *testing.T) {
	l := New(Config{Store: &Store{}, Handler: Handler{Message: func(Message) error { return errors.New("full") }}})
	k := &link{fates: make(chan any, 1)}
	last := time.Duration(0)
	for i := range 12 {
		if l.deliver(k, Message{ID: fmt.Sprint("A", i)}) {
			t.Fatal("it counts as stored")
		}
		if l.deliver(k, Message{ID: "B"}) || l.unstored == 0 {
			t.Fatal("a later message was taken")
		}
		d := (<-k.fates).(notStored).pause
		if d > maxPause || (d < last && d < maxPause*9/10) {
			t.Errorf("the pause went from %v to %v", last, d)
		}
		last = d
		k.refusing.Store(false)
	}
	if last < maxPause*9/10 {
		t.Errorf("the last pause is %v, want about %v", last, maxPause)
	}
}

// acceptor is a desk that stores later, in batches, on a goroutine of its own.
type acceptor struct {
	mu      sync.Mutex
	waiting []func(error)
	seen    []Message
	bump    chan struct{}
}

func (a *acceptor) accept(m Message, done func(error)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seen, a.waiting = append(a.seen, m), append(a.waiting, done)
	select {
	case a.bump <- struct{}{}:
	default:
	}
}

// wait waits until n messages were handed over.
func (a *acceptor) wait(t *testing.T, n int) {
	t.Helper()
	timeout := time.After(patience)
	for {
		a.mu.Lock()
		have := len(a.seen)
		a.mu.Unlock()
		if have >= n {
			return
		}
		select {
		case <-a.bump:
		case <-timeout:
			t.Fatalf("%d messages were handed over, want %d", have, n)
		}
	}
}

// answer ends all that wait.
func (a *acceptor) answer(err error) {
	a.mu.Lock()
	waiting := a.waiting
	a.waiting = nil
	a.mu.Unlock()
	for _, done := range waiting {
		done(err)
		done(err) // a second word changes nothing
	}
}

func acceptingDesk(t *testing.T) (*rig, *acceptor) {
	a := &acceptor{bump: make(chan struct{}, 1)}
	return newDesk(t, func(c *Config) { c.Handler.Accept = a.accept }), a
}

// With Accept the next messages come while the first is not stored yet, and none is acknowledged before it is.
func TestAcceptOverlaps(t *testing.T) {
	r, a := acceptingDesk(t)
	carla := r.server.Phone(carlaNumber)
	var ids []string
	for i := range 20 {
		ids = append(ids, r.sayText(carla, fmt.Sprint("message ", i)))
	}
	a.wait(t, 20)
	queue := func() int { return r.owner.Companions()[0].State().Queue }
	if got := queue(); got < 20 {
		t.Errorf("%d messages wait at WhatsApp while none is stored, want 20", got)
	}
	a.answer(nil)
	for i, id := range ids {
		r.shows(carla, id, inState("delivered"))
		if got, want := a.seen[i].ID, id; got != want {
			t.Errorf("message %d is %s, want %s", i, got, want)
		}
	}
	if left := kept(t, r.store); left != 0 {
		t.Errorf("the plaintext of %d stored messages is kept", left)
	}
	own, err := r.owner.SayText(carla, "from the phone")
	if err != nil {
		t.Fatal(err)
	}
	a.wait(t, 21)
	a.answer(nil)
	if m := a.seen[20]; m.ID != own || !m.FromMe {
		t.Errorf("got %+v", m)
	}
	eventually(t, "an empty queue", func() bool { return queue() == 0 })
	said := slices.ContainsFunc(r.server.Transcript(), func(l wasim.Line) bool {
		return strings.HasPrefix(l.XML, "<receipt") && strings.Contains(l.XML, own) && strings.Contains(l.XML, `type="sender"`) &&
			strings.Contains(l.XML, `recipient="`+carla.LID().String())
	})
	if !said {
		t.Error("the receipt for a message of the owner does not say whose chat it is in")
	}
}

// A message whose storing fails comes again, with all that were not stored.
func TestAcceptFails(t *testing.T) {
	r, a := acceptingDesk(t)
	carla := r.server.Phone(carlaNumber)
	first, second := r.sayText(carla, "one"), r.sayText(carla, "two")
	a.wait(t, 2)
	since := r.mark()
	a.answer(errors.New("the disk is full"))
	r.passed(since, Offline, ReasonStorage)
	a.wait(t, 4)
	if a.seen[2].ID != first || a.seen[3].ID != second {
		t.Errorf("came again: %s and %s, want %s and %s", a.seen[2].ID, a.seen[3].ID, first, second)
	}
	a.answer(nil)
	r.shows(carla, first, inState("delivered"))
	r.shows(carla, second, inState("delivered"))
}

// A process that ends between taking a message and storing it gets the message again.
func TestAcceptThenRestart(t *testing.T) {
	r, a := acceptingDesk(t)
	carla := r.server.Phone(carlaNumber)
	id := r.sayText(carla, "do not lose me")
	a.wait(t, 1)
	r.mu.Lock()
	device := r.linked[0]
	r.mu.Unlock()
	stopped := make(chan struct{})
	go func() { r.Stop(); close(stopped) }()
	r.passed(0, Connected, "")
	a.answer(errors.New("the desk is stopping"))
	<-stopped

	back := newRig(t, r.server, r.store, func(c *Config) { c.Device = device })
	back.owner = r.owner
	back.start()
	if m := back.message(id); m.Text != "do not lose me" {
		t.Errorf("got %+v", m)
	}
	back.shows(carla, id, inState("delivered"))
}

// kept counts the messages whose plaintext the store holds.
func kept(t *testing.T, s *Store) (n int) {
	t.Helper()
	if err := s.db.QueryRow(`SELECT count(*) FROM whatsmeow_event_buffer WHERE plaintext IS NOT NULL`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// eventually waits for something of which nobody tells.
func eventually(t *testing.T, what string, true func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !true(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited for %s", what)
		}
	}
}
