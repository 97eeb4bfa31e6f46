package wasim

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"
)

// BenchmarkSay measures what one message of a customer costs the server: encryption, queue, log. The desk is away, so that
// the client's own work doesn't count.
func BenchmarkSay(b *testing.B) {
	_, owner, customers := load(b, Options{MaxQueue: 1 << 30})
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if _, err := customers[n%len(customers)].SayText(owner, "hola, quiero saber el horario de atención"); err != nil {
			b.Fatal(err)
		}
		n++
	}
}

// BenchmarkSayByHTTP is the same through the control API, as another process calls it.
func BenchmarkSayByHTTP(b *testing.B) {
	s, owner, customers := load(b, Options{MaxQueue: 1 << 30, Listen: "127.0.0.1:0"})
	body := []byte(`{"to":"` + owner.Number() + `","text":"hola, quiero saber el horario de atención"}`)
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		resp, err := http.Post("http://"+s.Addr()+"/phones/"+customers[n%len(customers)].Number()+"/say", "application/json", bytes.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		n++
	}
}

// load makes 100 customers with open sessions to a desk that is away.
func load(b *testing.B, o Options) (*Server, *Phone, []*Phone) {
	b.Helper()
	s, err := New(o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	owner := s.Phone(ownerNumber)
	d := newDesk(b, s, owner)
	var customers []*Phone
	for i := range 100 {
		c := s.Phone(fmt.Sprintf("+54911%08d", 50_000_000+i))
		customers = append(customers, c)
		id, err := c.SayText(owner, "hola")
		if err != nil {
			b.Fatal(err)
		}
		shown(b, c, d.send(d.message(id).Info.Chat, "hola"))
	}
	d.Disconnect()
	return s, owner, customers
}
