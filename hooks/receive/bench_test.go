package receive_test

import (
	"fmt"
	"sync"
	"testing"

	"mostrador/hooks/desktest"
	"mostrador/hooks/store"
	"mostrador/whatsapp"
)

// BenchmarkAccept stores what 100 customers write as fast as the line can hand it over, while agents listen.
func BenchmarkAccept(b *testing.B) {
	for _, status := range []string{store.StatusBot, store.StatusOpen} {
		b.Run(status, func(b *testing.B) {
			d := desktest.NewDesk(b)
			chats := make([]whatsapp.Address, 100)
			for i := range chats {
				chats[i] = whatsapp.Address{Phone: fmt.Sprint(5491100000000 + i), LID: fmt.Sprint(1000 + i)}
				if err := d.Receiver.Receive("line", whatsapp.Message{ID: fmt.Sprint("first", i), Chat: chats[i], Kind: whatsapp.Text, Text: "hola", At: d.Store.Now()}); err != nil {
					b.Fatal(err)
				}
			}
			if _, err := d.Store.App.NonconcurrentDB().NewQuery("UPDATE conversations SET status = '" + status + "'").Execute(); err != nil {
				b.Fatal(err)
			}
			var wg sync.WaitGroup
			slots := make(chan struct{}, 256) // as many as a line hands over before it waits
			for i := 0; b.Loop(); i++ {
				wg.Add(1)
				slots <- struct{}{}
				m := whatsapp.Message{ID: fmt.Sprint("m", i), Chat: chats[i%len(chats)], Name: "Carla", Kind: whatsapp.Text, Text: "quiero saber el precio del modelo azul, por favor", At: d.Store.Now()}
				d.Receiver.Accept("line", m, func(err error) {
					if err != nil {
						b.Error(err)
					}
					<-slots
					wg.Done()
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
		})
	}
}
