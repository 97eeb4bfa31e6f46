package hooks

import (
	"testing"

	"mostrador/hooks/lines"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// TestNameOfTheNextLink: what the device is called on the phone may change without a restart of the desk.
func TestNameOfTheNextLink(t *testing.T) {
	s := newShop(t)
	name := "Caja 2"
	if _, err := s.d.Lines.Update(t.Context(), s.line, lines.LineChange{DisplayName: &name}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.d.Lines.Logout(t.Context(), s.line); err != nil {
		t.Fatal(err)
	}
	s.link()
	if got := s.owner.Companions()[0].State().Name; got != name {
		t.Errorf("the phone shows %q, want %q", got, name)
	}
}

// TestLinkIsKeptOnceThereIsRoom: a link that the row does not name costs a new scan at the next start.
func TestLinkIsKeptOnceThereIsRoom(t *testing.T) {
	w := newWorld(t)
	run := w.line(whatsapp.Status{State: whatsapp.Connected})
	if _, err := w.d.Store.App.NonconcurrentDB().Insert("lines", dbx.Params{"id": "line", "name": "Shop"}).Execute(); err != nil {
		t.Fatal(err)
	}
	w.exec("CREATE TRIGGER full BEFORE UPDATE ON lines BEGIN SELECT RAISE(ABORT, 'full'); END")
	run.KeepDevice("first")
	run.KeepDevice("second")
	w.exec("DROP TRIGGER full")
	w.until(func() bool { return all[lines.LineRow](w, "SELECT * FROM lines")[0].Device == "second" })
}
