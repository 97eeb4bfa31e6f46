package hooks

import (
	"strconv"
	"testing"
)

// BenchmarkAddMessage is what storing one customer's text costs inside a shared commit, with what agents are shown.
func BenchmarkAddMessage(b *testing.B) {
	w := newWorld(b)
	ids := make([]string, maxBatch)
	for i := range ids {
		ids[i] = w.conversation(statusOpen, "", "u")
	}
	b.ReportAllocs()
	b.ResetTimer()
	for n := 0; n < b.N; n += maxBatch {
		w.write(func(tx *Tx) error {
			for i, id := range ids {
				c, err := tx.conversation(id)
				if err != nil {
					return err
				}
				m := &Message{Direction: "in", Kind: "text", Author: byContact, Text: "hola, ¿abren hoy?", WaID: strconv.Itoa(n + i)}
				if err := w.d.addMessage(tx, c, m); err != nil {
					return err
				}
			}
			return nil
		})
	}
}
