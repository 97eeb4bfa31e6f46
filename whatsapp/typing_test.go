package whatsapp

import (
	"context"
	"testing"
	"time"

	"mostrador/whatsapp/wasim"
)

// Phones show typing only of who is online, and an owner's phone does not ring while the desk is: so it is online exactly while
// somebody writes.
func TestOnlineOnlyWhileSomebodyWrites(t *testing.T) {
	virtual(t, func(t *testing.T, r *rig, carla *wasim.Phone) {
		dora := r.server.Phone("+5491199999999")
		types := func(to *wasim.Phone, on bool) {
			t.Helper()
			if err := r.Typing(context.Background(), addressOfPhone(to), false, on); err != nil {
				t.Fatal(err)
			}
		}
		is := func(what string, online bool, shown string) {
			t.Helper()
			time.Sleep(time.Second)
			if got := r.owner.Companions()[0].State().Presence == "available"; got != online {
				t.Errorf("%s: online %v, want %v", what, got, online)
			}
			if got := carla.TypingShown(r.owner); got != shown {
				t.Errorf("%s: Carla sees %q, want %q", what, got, shown)
			}
		}
		is("before", false, "")
		types(carla, true)
		is("somebody writes", true, "composing")
		types(dora, true)
		types(carla, false)
		is("only to Dora", true, "")
		id := r.sayText(carla, "hola")
		r.shows(carla, id, inState("delivered"))
		types(dora, false)
		is("nobody writes", false, "")
		id = r.sayText(carla, "hola?")
		r.shows(carla, id, inState("delivered"))

		types(carla, true)
		time.Sleep(typingLasts - 2*time.Second)
		is("a browser that vanished", true, "composing")
		time.Sleep(2 * time.Second)
		is("and is forgotten", false, "composing") // phones let go by themselves

		types(carla, true)
		r.inject(wasim.Fault{Kind: wasim.FaultDrop})
		settle()
		r.reaches(Connected)
		is("connected again meanwhile", true, "composing")
		time.Sleep(typingLasts)
		is("and over", false, "composing")
	})
}
