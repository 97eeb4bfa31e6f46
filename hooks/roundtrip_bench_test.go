package hooks_test

import (
	"context"
	"testing"

	"mostrador/hooks/desktest"
	"mostrador/hooks/store"
	"mostrador/whatsapp/wasim"

	"github.com/pocketbase/dbx"
)

// BenchmarkRoundTrip is the time from a customer's message to the menu on the customer's phone, one question after the
// other, with the emulated server in the same process.
func BenchmarkRoundTrip(b *testing.B) {
	s := desktest.NewShop(b)
	s.Set("flows", desktest.All[struct {
		ID string `db:"id"`
	}](s.World, "SELECT id FROM flows")[0].ID, dbx.Params{"active": false, "updated": "1"})
	s.Flow(`{"spec":1,"start":"menu","nodes":{"menu":{"type":"menu","say":"Elige:","options":[{"id":"again","label":"Otra vez","next":"menu"}]}}}`,
		`[{"on":"message"}]`)
	carla := s.Server.Phone(desktest.CarlaNumber, wasim.Name("Carla"))
	last := 0
	ask := func() {
		s.Say(carla, "1")
		ctx, cancel := context.WithTimeout(b.Context(), desktest.Patience)
		defer cancel()
		e, err := carla.WaitFor(ctx, func(e wasim.Entry) bool { return e.N > last && !e.FromMe && e.Kind == "text" })
		if err != nil {
			b.Fatal(err)
		}
		last = e.N
	}
	ask() // makes the keys of the chat
	for name, together := range map[string]bool{"stored and answered in one commit": true, "in two": false} {
		b.Run(name, func(b *testing.B) {
			s.Desk.Receiver.Answering.Store(together)
			// A flow takes 500 inputs; then people take over.
			s.Write(func(t *store.Tx) error { _, err := t.SQL().Exec("UPDATE conversations SET session = NULL"); return err })
			for b.Loop() {
				ask()
			}
		})
	}
}
