package receive_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"

	"mostrador/hooks/desktest"
	"mostrador/hooks/store"
	"mostrador/whatsapp"
)

// flood is how much is written in these tests: a few seconds' worth.
func flood() (texts, strangers int) {
	if testing.Short() {
		return 400, 100
	}
	return 3000, 600
}

// maxFlood is how many bytes the heap may grow by while a flood passes, generously.
const maxFlood = 256 << 20

// heap is what is in use, once the dead are buried.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// meanwhile lets Carla and Ana talk until done is closed, at least three times, and fails when a word of theirs gets lost.
func (s *siege) meanwhile(done <-chan struct{}) {
	s.T.Helper()
	for n := 0; ; n++ {
		asks, told := fmt.Sprint("pregunta ", n), fmt.Sprint("respuesta ", n)
		s.Say(s.carla, asks)
		s.Message(asks, func(m store.Message) bool { return m.Conversation == s.herChat })
		s.Answers(s.herChat, s.ana.ID, told)
		s.Reads(s.carla, told)
		select {
		case <-done:
			if n >= 3 {
				return
			}
		default:
		}
	}
}

// One customer who writes as fast as a machine can: nothing is lost or doubled, and others are served.
func TestFloodOfOneCustomer(t *testing.T) {
	s := newSiege(t)
	texts, _ := flood()
	before, done := heap(), make(chan struct{})
	go func() {
		defer close(done)
		for i := range texts {
			if _, err := s.mallory.SayText(s.Owner, fmt.Sprint("flood ", i)); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	s.meanwhile(done)
	s.Until("all of it is stored", func() bool { return s.Count("SELECT COUNT(*) FROM messages WHERE text LIKE 'flood %'") == texts })
	if got := s.Count("SELECT COUNT(DISTINCT text) FROM messages WHERE text LIKE 'flood %'"); got != texts {
		t.Errorf("got %d different texts, want each of %d once", got, texts)
	}
	if grown := heap() - before; grown > maxFlood {
		t.Errorf("the heap grew by %d MB", grown>>20)
	}
}

// Many who never wrote before, all at once.
func TestFloodOfStrangers(t *testing.T) {
	s := newSiege(t)
	_, n := flood()
	before, done := heap(), make(chan struct{})
	phones := s.Customers(n, "7777").Phones
	var writing sync.WaitGroup
	for half := range 2 {
		writing.Go(func() {
			for _, p := range phones[half*n/2 : (half+1)*n/2] {
				if _, err := p.SayText(s.Owner, "hola, quiero saber el precio"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	go func() { writing.Wait(); close(done) }()
	s.meanwhile(done)
	for _, p := range phones {
		s.Reads(p, desktest.MenuText)
	}
	if got := s.Count("SELECT COUNT(DISTINCT contact) FROM messages WHERE text LIKE 'hola, quiero%'"); got != n {
		t.Errorf("got messages of %d strangers, want %d", got, n)
	}
	for _, p := range phones {
		if got := s.Shown(p); len(got) != 1 {
			t.Errorf("%s got %q, want the menu once", p.Number(), got)
		}
	}
	if grown := heap() - before; grown > maxFlood {
		t.Errorf("the heap grew by %d MB", grown>>20)
	}
}

// Ten thousand strangers whom the flow answers hold up no agent, though a line lets one message a second go.
func TestPeopleGoBeforeTheFlow(t *testing.T) {
	p := desktest.NewPost(t)
	for i := range 5 {
		p.Queue(p.Chat(), fmt.Sprint("flow", i))
	}
	waits, late := p.Chat(), p.Chat()
	p.Queue(waits, "menu") // and a person after it, in the same chat
	p.Add(waits, &store.Message{Direction: "out", Kind: "text", Author: "ana", Text: "ana", WaID: "wa-ana", Outbox: true})
	p.Lanes[false].RoundFor = -1
	p.Answer = func(m whatsapp.Outgoing) error {
		if m.Text == "flow1" {
			p.Add(late, &store.Message{Direction: "out", Kind: "text", Author: "bea", Text: "bea", WaID: "wa-bea", Outbox: true})
		}
		return nil
	}
	p.Rounds(false)
	if got, want := p.Order(), "menu ana flow0 flow1 bea flow2 flow3 flow4"; got != want {
		t.Errorf("sent %q, want %q", got, want)
	}
}
