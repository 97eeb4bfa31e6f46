package conversation_test

import (
	"strconv"
	"testing"

	"mostrador/hooks/desktest"
	"mostrador/hooks/store"
)

// BenchmarkAddMessage is what storing one customer's text costs inside a shared commit, with what agents are shown.
func BenchmarkAddMessage(b *testing.B) {
	w := desktest.NewWorld(b)
	ids := make([]string, store.MaxBatch)
	for i := range ids {
		ids[i] = w.Conversation(store.StatusOpen, "", "u")
	}
	b.ReportAllocs()
	b.ResetTimer()
	for n := 0; n < b.N; n += store.MaxBatch {
		w.Write(func(tx *store.Tx) error {
			for i, id := range ids {
				c, err := tx.Conversation(id)
				if err != nil {
					return err
				}
				m := &store.Message{Direction: "in", Kind: "text", Author: store.ByContact, Text: "hola, ¿abren hoy?", WaID: strconv.Itoa(n + i)}
				if err := w.Desk.Conversations.AddMessage(tx, c, m); err != nil {
					return err
				}
			}
			return nil
		})
	}
}
