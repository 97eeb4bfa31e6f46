package hooks

import (
	"testing"

	"mostrador/whatsapp"
)

// WhatsApp delivers at least once, also what changes a message that is not here.
func TestUnknownChangeIsKeptOnce(t *testing.T) {
	for _, kind := range []whatsapp.Kind{whatsapp.Reaction, whatsapp.Edit, whatsapp.Revoke, whatsapp.Vote} {
		w := newWorld(t)
		for range 2 {
			w.gets(whatsapp.Message{ID: "A", Kind: kind, Target: "GONE", Text: "x"})
		}
		w.gets(whatsapp.Message{ID: "A", Kind: kind, Target: "GONE", Text: "x", FromMe: true})
		w.gets(whatsapp.Message{ID: "B", Kind: kind, Target: "GONE", Text: "x"})
		if got := w.kept(kind); got != 3 {
			t.Errorf("%s: got %d rows, want one for each that was written: 3", kind, got)
		}
	}
}

func (w *world) kept(kind whatsapp.Kind) (n int) {
	w.t.Helper()
	if err := w.d.Store.App.DB().Select("COUNT(*)").From("events").Where(hash("kind", "unknown_"+string(kind))).Row(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}
