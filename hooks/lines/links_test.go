package lines_test

import (
	"testing"

	"mostrador/hooks/desktest"
	"mostrador/hooks/lines"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// TestNameOfTheNextLink: what the device is called on the phone may change without a restart of the desk.
func TestNameOfTheNextLink(t *testing.T) {
	s := desktest.NewShop(t)
	name := "Caja 2"
	if _, err := s.Desk.Lines.Update(t.Context(), s.Line, lines.LineChange{DisplayName: &name}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Desk.Lines.Logout(t.Context(), s.Line); err != nil {
		t.Fatal(err)
	}
	s.Link()
	if got := s.Owner.Companions()[0].State().Name; got != name {
		t.Errorf("the phone shows %q, want %q", got, name)
	}
}

// TestLinkIsKeptOnceThereIsRoom: a link that the row does not name costs a new scan at the next start.
func TestLinkIsKeptOnceThereIsRoom(t *testing.T) {
	w := desktest.NewWorld(t)
	run := w.Line(whatsapp.Status{State: whatsapp.Connected})
	if _, err := w.Desk.Store.App.NonconcurrentDB().Insert("lines", dbx.Params{"id": "line", "name": "Shop"}).Execute(); err != nil {
		t.Fatal(err)
	}
	w.Exec("CREATE TRIGGER full BEFORE UPDATE ON lines BEGIN SELECT RAISE(ABORT, 'full'); END")
	run.KeepDevice("first")
	run.KeepDevice("second")
	w.Exec("DROP TRIGGER full")
	w.Until(func() bool { return desktest.All[lines.LineRow](w, "SELECT * FROM lines")[0].Device == "second" })
}
