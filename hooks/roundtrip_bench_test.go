package hooks

import (
	"context"
	"testing"

	"mostrador/whatsapp/wasim"

	"github.com/pocketbase/dbx"
)

// BenchmarkRoundTrip is the time from a customer's message to the menu on the customer's phone, one question after the
// other, with the emulated server in the same process.
func BenchmarkRoundTrip(b *testing.B) {
	s := newShop(b)
	s.set("flows", all[struct {
		ID string `db:"id"`
	}](s.world, "SELECT id FROM flows")[0].ID, dbx.Params{"active": false, "updated": "1"})
	s.flow(`{"spec":1,"start":"menu","nodes":{"menu":{"type":"menu","say":"Elige:","options":[{"id":"again","label":"Otra vez","next":"menu"}]}}}`,
		`[{"on":"message"}]`)
	carla := s.server.Phone(carlaNumber, wasim.Name("Carla"))
	ask := func(n int) {
		s.say(carla, "1")
		ctx, cancel := context.WithTimeout(b.Context(), patience)
		defer cancel()
		seen := 0
		if _, err := carla.WaitFor(ctx, func(e wasim.Entry) bool {
			if !e.FromMe && e.Kind == "text" {
				seen++
			}
			return seen == n
		}); err != nil {
			b.Fatalf("answer %d: %v", n, err)
		}
	}
	ask(1) // makes the keys of the chat
	n := 1
	for b.Loop() {
		n++
		ask(n)
		if n%400 == 0 { // a flow takes 500 inputs; then people take over
			b.StopTimer()
			s.write(func(t *Tx) error { _, err := t.DB().NewQuery("UPDATE conversations SET session = NULL").Execute(); return err })
			b.StartTimer()
		}
	}
}
