package receive_test

import (
	"testing"

	"mostrador/hooks/desktest"
	"mostrador/whatsapp"
)

// WhatsApp delivers at least once, also what changes a message that is not here.
func TestUnknownChangeIsKeptOnce(t *testing.T) {
	for _, kind := range []whatsapp.Kind{whatsapp.Reaction, whatsapp.Edit, whatsapp.Revoke, whatsapp.Vote} {
		w := desktest.NewWorld(t)
		for range 2 {
			w.Gets(whatsapp.Message{ID: "A", Kind: kind, Target: "GONE", Text: "x"})
		}
		w.Gets(whatsapp.Message{ID: "A", Kind: kind, Target: "GONE", Text: "x", FromMe: true})
		w.Gets(whatsapp.Message{ID: "B", Kind: kind, Target: "GONE", Text: "x"})
		if got := w.Kept(kind); got != 3 {
			t.Errorf("%s: got %d rows, want one for each that was written: 3", kind, got)
		}
	}
}
