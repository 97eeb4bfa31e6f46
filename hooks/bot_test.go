package hooks

import "testing"

// TestNameOfTheNextLink: what the device is called on the phone may change without a restart of the desk.
func TestNameOfTheNextLink(t *testing.T) {
	s := newShop(t)
	name := "Caja 2"
	if _, err := s.d.UpdateLine(t.Context(), s.line, LineChange{DisplayName: &name}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.d.LogoutLine(t.Context(), s.line); err != nil {
		t.Fatal(err)
	}
	s.link()
	if got := s.owner.Companions()[0].State().Name; got != name {
		t.Errorf("the phone shows %q, want %q", got, name)
	}
}
