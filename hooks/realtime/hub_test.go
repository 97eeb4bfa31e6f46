package realtime_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"mostrador/hooks"
	"mostrador/hooks/api"
	"mostrador/hooks/desktest"
	"mostrador/hooks/realtime"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
	"mostrador/whatsapp"
)

// listenAs subscribes a viewer to everything, without a browser.
func listenAs(h *realtime.Hub, v rights.Viewer) *realtime.Listener {
	l := h.Join(v, "session "+v.ID)
	l.Listen(realtime.Topics)
	return l
}

// drain reads what waits for a listener.
func drain(l *realtime.Listener) (got []string) {
	for {
		select {
		case m, ok := <-l.Events:
			if !ok {
				return append(got, "end")
			}
			got = append(got, string(m.Data))
		default:
			return got
		}
	}
}

func TestEventsReachOnlyWhoSeesThem(t *testing.T) {
	boss := rights.Viewer{ID: "boss", Role: rights.Admin}
	sup := rights.Viewer{ID: "sup", Role: rights.Supervisor, Areas: []string{"sales"}}
	ana := rights.Viewer{ID: "ana", Role: rights.Operator, Areas: []string{"sales"}}
	bea := rights.Viewer{ID: "bea", Role: rights.Operator, Areas: []string{"sales"}}
	eva := rights.Viewer{ID: "eva", Role: rights.Operator}
	const shown, gone, no = "shown", "removed", ""
	for _, c := range []struct {
		name  string
		event store.Event
		want  map[string]string
	}{
		{"waiting in an area", store.Event{Conversation: true, Area: "sales"}, map[string]string{"boss": shown, "sup": shown, "ana": shown, "bea": shown, "eva": no}},
		{"somebody's", store.Event{Conversation: true, Area: "sales", Assignee: "ana"}, map[string]string{"boss": shown, "sup": shown, "ana": shown, "bea": no, "eva": no}},
		{"in no area", store.Event{Conversation: true}, map[string]string{"boss": shown, "sup": no, "ana": no, "bea": no, "eva": no}},
		{"claimed by ana", store.Event{Conversation: true, Area: "sales", Assignee: "ana", Moved: true, FromArea: "sales", ID: "c1"},
			map[string]string{"boss": shown, "sup": shown, "ana": shown, "bea": gone, "eva": no}},
		{"moved to another area", store.Event{Conversation: true, Area: "help", Moved: true, FromArea: "sales", FromAssignee: "ana", ID: "c1"},
			map[string]string{"boss": shown, "sup": gone, "ana": gone, "bea": no, "eva": no}},
		{"to one user", store.Event{User: "eva"}, map[string]string{"boss": no, "sup": no, "ana": no, "bea": no, "eva": shown}},
		{"to a role", store.Event{Role: rights.Admin}, map[string]string{"boss": shown, "sup": no, "ana": no, "bea": no, "eva": no}},
		{"to all", store.Event{All: true}, map[string]string{"boss": shown, "sup": shown, "ana": shown, "bea": shown, "eva": shown}},
		{"to nobody", store.Event{}, map[string]string{"boss": no, "sup": no, "ana": no, "bea": no, "eva": no}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := &realtime.Hub{Listeners: map[*realtime.Listener]struct{}{}}
			all := map[string]*realtime.Listener{}
			for _, v := range []rights.Viewer{boss, sup, ana, bea, eva} {
				all[v.ID] = listenAs(h, v)
			}
			c.event.Name, c.event.Cursor, c.event.Data = store.EventConversation, 7, map[string]string{"id": "c1", "secret": "x"}
			h.Publish(c.event)
			for id, l := range all {
				want := map[string]string{shown: `{"cursor":"7","data":{"id":"c1","secret":"x"}}`, gone: `{"cursor":"7","data":{"id":"c1","removed":true}}`, no: ""}[c.want[id]]
				if got := strings.Join(drain(l), " "); got != want {
					t.Errorf("%s: got %s, want %s", id, got, want)
				}
			}
		})
	}
}

func TestOnlyWantedEventsArrive(t *testing.T) {
	h := &realtime.Hub{Listeners: map[*realtime.Listener]struct{}{}}
	l := h.Join(rights.Viewer{ID: "boss", Role: rights.Admin}, "s")
	l.Listen([]string{store.EventMessageNew, store.EventTyping})
	for _, name := range append([]string{"no such event"}, realtime.Topics...) {
		h.Publish(store.Event{Name: name, All: true})
	}
	if got := len(drain(l)); got != 2 {
		t.Errorf("got %d events, want 2", got)
	}
}

func TestSlowBrowserIsCutOffAndOthersAreNot(t *testing.T) {
	h := &realtime.Hub{Listeners: map[*realtime.Listener]struct{}{}}
	slow, quick := listenAs(h, rights.Viewer{ID: "slow", Role: rights.Admin}), listenAs(h, rights.Viewer{ID: "quick", Role: rights.Admin})
	var got []string
	for i := range realtime.ListenerBuffer + 10 {
		h.Publish(store.Event{Name: store.EventMessageNew, Cursor: int64(i + 1), All: true, Data: i})
		got = append(got, drain(quick)...)
	}
	if !slow.IsDiscarded() {
		t.Error("the slow browser is still connected")
	}
	if rest := drain(slow); len(rest) != realtime.ListenerBuffer+1 || rest[realtime.ListenerBuffer] != "end" {
		t.Errorf("the slow browser got %d events, want its %d and the end", len(rest)-1, realtime.ListenerBuffer)
	}
	for i, text := range got {
		var p realtime.Payload
		if err := json.Unmarshal([]byte(text), &p); err != nil || p.Cursor != int64(i+1) {
			t.Fatalf("event %d: got cursor %d (%v), want %d", i, p.Cursor, err, i+1)
		}
	}
	if len(got) != realtime.ListenerBuffer+10 || quick.IsDiscarded() {
		t.Errorf("the quick browser got %d events, want %d", len(got), realtime.ListenerBuffer+10)
	}
}

func TestDropping(t *testing.T) {
	h := &realtime.Hub{Listeners: map[*realtime.Listener]struct{}{}}
	a, b, c := listenAs(h, rights.Viewer{ID: "ana"}), listenAs(h, rights.Viewer{ID: "bea"}), listenAs(h, rights.Viewer{ID: "eva"})
	h.DropSessions(map[string]bool{"session ana": true})
	h.DropUser("bea")
	a.Discard() // PocketBase does this when the stream's handler returns
	h.Leave(b)
	if !a.IsDiscarded() || !b.IsDiscarded() || c.IsDiscarded() {
		t.Errorf("got ended %v %v %v, want the first two", a.IsDiscarded(), b.IsDiscarded(), c.IsDiscarded())
	}
	if got := len(h.Listeners); got != 1 {
		t.Errorf("got %d listeners, want 1", got)
	}
}

func TestRefreshChangesWhatAStreamSees(t *testing.T) {
	h := &realtime.Hub{Listeners: map[*realtime.Listener]struct{}{}}
	l := listenAs(h, rights.Viewer{ID: "ana", Role: rights.Operator, Areas: []string{"sales"}})
	h.Refresh("ana", &api.Account{Viewer: rights.Viewer{ID: "ana", Role: rights.Operator, Areas: []string{"help"}}})
	h.Publish(store.Event{Name: store.EventMessageNew, Conversation: true, Area: "sales"})
	h.Publish(store.Event{Name: store.EventMessageNew, Cursor: 3, Conversation: true, Area: "help", Data: 1})
	h.Publish(store.Event{Name: store.EventTyping, All: true, Data: 2})
	if got := fmt.Sprint(drain(l)); got != `[{"cursor":"3","data":1} {"cursor":"3","data":2}]` {
		t.Errorf("got %s, want the event of the new area only, and typing", got)
	}
	h.Publish(store.Event{Name: store.EventMessageNew, Conversation: true, Area: "help", Data: "not delivered any more"})
	h.Refresh("ana", nil)
	if got := drain(l); !slices.Equal(got, []string{"end"}) {
		t.Errorf("a user without rights got %v, want the end of the stream", got)
	}
}

// BenchmarkFanOut is one event to 500 agents of whom one in six may see it (20 areas, three each).
func BenchmarkFanOut(b *testing.B) {
	for _, n := range []int{10, 100, 500} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			h := &realtime.Hub{Listeners: map[*realtime.Listener]struct{}{}}
			all := make([]*realtime.Listener, n)
			for i := range all {
				areas := []string{fmt.Sprint(i % 20), fmt.Sprint((i + 7) % 20), fmt.Sprint((i + 13) % 20)}
				all[i] = listenAs(h, rights.Viewer{ID: fmt.Sprint("u", i), Role: rights.Operator, Areas: areas})
			}
			data := view.Message{ID: "m", Conversation: "c", Direction: "in", Kind: "text", Text: strings.Repeat("hola ", 20)}
			b.ReportAllocs()
			for i := range b.N {
				h.Publish(store.Event{Name: store.EventMessageNew, Cursor: int64(i), Conversation: true, Area: fmt.Sprint(i % 20), Data: data})
				if i%100 == 99 {
					b.StopTimer()
					for _, l := range all {
						drain(l)
					}
					b.StartTimer()
				}
			}
		})
	}
}

func TestCursorsAreSafeToResumeFrom(t *testing.T) {
	for _, c := range []struct{ have, want []int64 }{
		{nil, nil},
		{[]int64{5}, []int64{5}},
		{[]int64{5, 6}, []int64{5, 6}},
		{[]int64{6, 5}, []int64{4, 6}}, // got the first only: the second must still come
		{[]int64{6, 9, 8, 8}, []int64{7, 7, 7, 9}},
		{[]int64{0, 0}, []int64{0, 0}}, // typing: nothing to resume
	} {
		var events []store.Event
		for _, cursor := range c.have {
			events = append(events, store.Event{Cursor: cursor})
		}
		store.Resumable(events)
		var got []int64
		for _, e := range events {
			got = append(got, e.Cursor)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%v: got %v, want %v", c.have, got, c.want)
		}
	}
}

// What a browser holds to resume from must be a number that is not given out again after a restart, or it misses that row.
func TestCursorsAreNotGivenOutTwice(t *testing.T) {
	for name, cause := range map[string]func(w *desktest.World){
		"somebody's rights changed": func(w *desktest.World) {
			ana := w.User("ana", rights.Operator)
			w.Desk.Guard.RightsChanged(ana.ID)
			w.Until(func() bool { return w.Count("events") == 1 })
		},
		"contacts were merged": func(w *desktest.World) {
			w.Gets(whatsapp.Message{ID: "A", Text: "uno", Chat: whatsapp.Address{Phone: desktest.Carla.Phone}})
			w.Gets(whatsapp.Message{ID: "A", Text: "uno", Chat: whatsapp.Address{LID: desktest.Carla.LID}}) // stays behind
			w.Gets(whatsapp.Message{ID: "A", Text: "uno"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := desktest.NewWorld(t)
			cause(w)
			w.Write(func(*store.Tx) error { return nil }) // what came before is published
			again := &hooks.Desk{Store: store.Store{App: w.Desk.Store.App, Now: w.Desk.Store.Now}}
			if err := again.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			defer again.Stop()
			if held := w.Desk.Hub.Now(); again.Store.Seq < held {
				t.Errorf("a browser may hold %d, and the desk goes on after %d", held, again.Store.Seq)
			}
		})
	}
}
