package view_test

import (
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"mostrador/hooks/api"
	"mostrador/hooks/desktest"
	"mostrador/hooks/outbox"
	"mostrador/hooks/realtime"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
	"mostrador/whatsapp"
)

// hugeMessages is one of each kind whose every field is as long as a stranger can make it.
func hugeMessages() []whatsapp.Message {
	list := func(n int) (all []string) {
		for i := range n {
			all = append(all, fmt.Sprint(i, desktest.Huge[:1<<20/n]))
		}
		return all
	}
	var cards []whatsapp.Card
	for _, name := range list(100) {
		cards = append(cards, whatsapp.Card{Name: name, VCard: "BEGIN:VCARD\nFN:" + name + "\nTEL:+5491122223333\nEND:VCARD"})
	}
	quote := &whatsapp.Quote{ID: desktest.Huge, Text: desktest.Huge}
	all := []whatsapp.Message{
		{Kind: whatsapp.Text, Text: desktest.Huge, Quote: quote},
		{Kind: whatsapp.Location, Text: desktest.Huge, Quote: quote, Place: &whatsapp.Place{Lat: 1, Lng: 2, Name: desktest.Huge, Address: desktest.Huge}},
		{Kind: whatsapp.Contact, Quote: quote, Cards: []whatsapp.Card{{Name: desktest.Huge, VCard: "BEGIN:VCARD\nTEL:+5491122223333\nNOTE:" + desktest.Huge + "\nEND:VCARD"}}},
		{Kind: whatsapp.Contact, Cards: cards},
		{Kind: whatsapp.Poll, Text: desktest.Huge, Quote: quote, Poll: &whatsapp.PollQuestion{Question: desktest.Huge, Options: list(100)}},
		{Kind: whatsapp.Unsupported, Text: desktest.Huge, What: desktest.Huge},
		{Kind: whatsapp.Call, What: desktest.Huge},
	}
	for _, kind := range []whatsapp.Kind{whatsapp.Image, whatsapp.Video, whatsapp.Audio, whatsapp.Voice, whatsapp.Document, whatsapp.Sticker} {
		all = append(all, whatsapp.Message{Kind: kind, Text: desktest.Huge, Quote: quote, Media: &whatsapp.Media{MIME: desktest.Huge, Name: desktest.Huge, Size: 1, Wave: []byte(desktest.Huge),
			Thumb: []byte(desktest.Huge), Ref: []byte(`{"path":"` + strings.Repeat("x", 1<<20) + `"}`)}})
	}
	return all
}

// hugeChat is a desk with a chat of 56 messages that are as long as a stranger can make them, and the admin's browser.
func hugeChat(t *testing.T) (*desktest.Site, *desktest.Browser, string) {
	s := desktest.NewSite(t)
	b := s.SignIn(s.User("boss", rights.Admin))
	kinds := hugeMessages()
	var all []whatsapp.Message
	for i := range 56 {
		all = append(all, kinds[i%len(kinds)])
	}
	s.Receives("5491122223333", all...)
	var c string
	if err := s.Desk.Store.App.DB().NewQuery("SELECT id FROM conversations").Row(&c); err != nil {
		t.Fatal(err)
	}
	return s, b, c
}

// TestHugeMessagesAreCut: each kind is shown by its beginning and says so; the whole can be fetched, and says what was too
// much even for that.
func TestHugeMessagesAreCut(t *testing.T) {
	s, b, c := hugeChat(t)
	for _, m := range desktest.All[store.Message](s.World, "SELECT * FROM messages WHERE pos > 0 ORDER BY pos LIMIT 13") {
		if n := len(m.Text) + len(m.Extra) + len(m.Quote); n > 64<<10 || len(m.WaID) > 100 {
			t.Errorf("%s: got a row of %d bytes", m.Kind, n)
		}
		var shown, whole view.Message
		views, err := view.Messages(s.Desk.Store.App.ConcurrentDB(), view.Everyone, []store.Message{m})
		if err != nil {
			t.Fatal(err)
		}
		shown = views[0]
		answer := b.Get("/api/conversations/" + c + "/messages/" + m.ID).Want(200)
		answer.Into(&whole)
		if size := len(answer.Body); size > 2<<20 {
			t.Errorf("%s: got a whole of %d bytes", m.Kind, size)
		}
		if text := string(store.Raw(shown)); len(text) > 160<<10 || len(text) > shown.Bulk() {
			t.Errorf("%s: got %d bytes to show, want what a page has room for and no more than %d", m.Kind, len(text), shown.Bulk())
		}
		if m.Kind == string(whatsapp.Call) {
			continue // WhatsApp's own words, not the customer's
		}
		if !shown.Cut || whole.Cut || !whole.Dropped {
			t.Errorf("%s: got cut %v, then cut %v and dropped %v", m.Kind, shown.Cut, whole.Cut, whole.Dropped)
		}
		if len(store.Raw(whole)) <= len(store.Raw(shown)) || !strings.HasPrefix(whole.Text, shown.Text) || len(shown.Text) > 0 && utf8.RuneCountInString(whole.Text) < whatsapp.MaxText-20 {
			t.Errorf("%s: got a whole of %d characters, its beginning of %d", m.Kind, utf8.RuneCountInString(whole.Text), utf8.RuneCountInString(shown.Text))
		}
	}
}

// TestHugeChatComesInPages: whoever opens it, is told of it, or asks what they missed gets a bounded answer at a time, and
// nothing is left out.
func TestHugeChatComesInPages(t *testing.T) {
	s, b, c := hugeChat(t)
	seen, next := map[string]bool{}, ""
	for {
		var p api.Page[desktest.ThreadLine]
		answer := b.Get("/api/conversations/" + c + "/messages?limit=56&before=" + next).Want(200)
		if answer.Into(&p); len(answer.Body) > 3<<19 || len(p.Items) == 0 {
			t.Fatalf("got a page of %d bytes with %d messages", len(answer.Body), len(p.Items))
		}
		for _, m := range p.Items {
			if seen[m.ID] {
				t.Errorf("%s is on two pages", m.ID)
			}
			seen[m.ID] = true
		}
		if next = p.Next; next == "" {
			break
		}
	}
	missed, since := map[string]bool{}, int64(0)
	for more := true; more; {
		var got desktest.ChangesAnswer
		answer := b.Get(fmt.Sprint("/api/changes?since=", since)).Want(200)
		if answer.Into(&got); len(answer.Body) > 3<<19 || got.Cursor <= since {
			t.Fatalf("got changes of %d bytes up to %d", len(answer.Body), got.Cursor)
		}
		for _, m := range got.Messages {
			missed[m.ID] = true
		}
		since, more = got.Cursor, got.More
	}
	if messages := s.Count("messages"); len(seen) < messages || len(missed) < messages || messages != 56 {
		t.Errorf("got %d in pages and %d in changes of %d messages", len(seen), len(missed), messages)
	}
	if n := len(b.Get("/api/conversations").Want(200).Body); n > 16<<10 {
		t.Errorf("got a list of %d bytes", n)
	}
	heard := s.Hear()
	s.Receives("5491133334444", hugeMessages()...)
	for _, e := range *heard {
		if n := len(realtime.Message(e, e.Data).Data); n > 160<<10 {
			t.Errorf("%s: got an event of %d bytes", e.Name, n)
		}
	}
}

// TestAnswersEndByBytes: what is short in letters can be long as JSON. A page, a list and what somebody missed end where they
// have enough, go on from there, and leave nothing out.
func TestAnswersEndByBytes(t *testing.T) {
	const enough = 1 << 20 // bytes of what an answer lists
	s := desktest.NewSite(t)
	boss := s.User("boss", rights.Admin)
	b := s.SignIn(boss)
	c := s.Conversation(store.StatusOpen, "", boss.ID)
	for range 100 {
		s.Says(c, strings.Repeat("<", store.ShownText))
	}
	tags := string(store.Raw(slices.Repeat([]string{strings.Repeat("<", 60)}, 200)))
	for range 30 {
		s.Exec("UPDATE conversations SET tags = '" + tags + "' WHERE id = '" + s.Conversation(store.StatusOpen, "", boss.ID) + "'")
	}
	for path, want := range map[string]int{"/api/conversations/" + c + "/messages?limit=100&before=": 100, "/api/conversations?limit=100&before=": 31} {
		seen, pages, next := map[string]bool{}, 0, ""
		for ; pages == 0 || next != ""; pages++ {
			var p api.Page[desktest.ThreadLine]
			answer := b.Get(path + next).Want(200)
			if answer.Into(&p); len(answer.Body) > enough+4096 || len(p.Items) == 0 {
				t.Fatalf("%s: got a page of %d bytes with %d items", path, len(answer.Body), len(p.Items))
			}
			for _, one := range p.Items {
				seen[one.ID] = true
			}
			next = p.Next
		}
		if len(seen) != want || pages < 2 {
			t.Errorf("%s: got %d items on %d pages, want %d on some", path, len(seen), pages, want)
		}
	}
	missed, parts, since := map[string]bool{}, 0, int64(0)
	for more := true; more; parts++ {
		var got desktest.ChangesAnswer
		answer := b.Get(fmt.Sprint("/api/changes?since=", since)).Want(200)
		if answer.Into(&got); len(answer.Body) > enough+64<<10 || got.Cursor <= since {
			t.Fatalf("got changes of %d bytes up to %d", len(answer.Body), got.Cursor)
		}
		for _, m := range got.Messages {
			missed[m.ID] = true
		}
		since, more = got.Cursor, got.More
	}
	if len(missed) != 100 || parts < 2 {
		t.Errorf("got %d messages in %d parts, want 100 in some", len(missed), parts)
	}
	if n := view.Fits([]view.Message{{Text: strings.Repeat("x", 2*enough)}, {}}); n != 1 {
		t.Errorf("got %d, want one item whatever its size", n)
	}
}

// TestSixReadersOfAHugeChat opens it six times at once. Before messages were cut that took 8.8 GB.
func TestSixReadersOfAHugeChat(t *testing.T) {
	_, b, c := hugeChat(t)
	var wg sync.WaitGroup
	read := make(chan struct{})
	var peak, before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	times := 3
	if testing.Short() {
		times = 1
	}
	for range 6 {
		wg.Go(func() {
			for range times {
				b.Get("/api/conversations/" + c + "/messages?limit=56")
				read <- struct{}{}
			}
		})
	}
	go func() { wg.Wait(); close(read) }()
	for range read {
		var now runtime.MemStats
		if runtime.ReadMemStats(&now); now.HeapAlloc > peak.HeapAlloc {
			peak = now
		}
	}
	grown := int64(peak.HeapAlloc) - int64(before.HeapAlloc)
	t.Logf("the heap grew by %d MB at most", grown>>20)
	if grown > 400<<20 {
		t.Errorf("the heap grew by %d MB, want less than 400", grown>>20)
	}
}

// TestChangesOfLongMessages: an edit has a whole of its own, a short one needs none, and a vote names what is shown.
func TestChangesOfLongMessages(t *testing.T) {
	s := desktest.NewSite(t)
	b := s.SignIn(s.User("boss", rights.Admin))
	say := func(m whatsapp.Message) { s.T.Helper(); s.Receives("5491122223333", m) }
	say(whatsapp.Message{ID: "A", Kind: whatsapp.Text, Text: strings.Repeat("a", store.ShownText+1)})
	row := desktest.All[store.Message](s.World, "SELECT * FROM messages")[0]
	for _, want := range []string{strings.Repeat("b", store.ShownText+5), "short", strings.Repeat("c", store.ShownText+9), "short again"} {
		s.Pass(time.Second)
		say(whatsapp.Message{ID: store.NewID(s.Desk.Store.Now()), Target: "A", Kind: whatsapp.Edit, Text: want})
		var whole view.Message
		b.Get("/api/conversations/" + row.Conversation + "/messages/" + row.ID).Want(200).Into(&whole)
		now := s.Message(row.ID)
		long := len(want) > store.ShownText
		if whole.Text != want || now.Cut() != long || (s.Count("message_texts") == 1) != long {
			t.Errorf("got %d characters, cut %v, want %d", len(whole.Text), now.Cut(), len(want))
		}
	}
	option := strings.Repeat("o", store.ShownOption+50)
	say(whatsapp.Message{ID: "P", Kind: whatsapp.Poll, Poll: &whatsapp.PollQuestion{Question: "?", Options: []string{option, "b"}}})
	say(whatsapp.Message{ID: "V", Kind: whatsapp.Vote, Target: "P", Votes: append([]string{option}, slices.Repeat([]string{desktest.Huge}, 200)...)})
	poll := desktest.All[store.Message](s.World, "SELECT * FROM messages WHERE waId = 'P'")[0]
	views, err := view.Messages(s.Desk.Store.App.ConcurrentDB(), view.Everyone, []store.Message{poll})
	if err != nil {
		t.Fatal(err)
	}
	if got := views[0]; got.Votes[0].Options[0] != got.Poll.Options[0] || len(store.Raw(got)) > 64<<10 {
		t.Errorf("got a vote for %q of %q", got.Votes[0].Options[0], got.Poll.Options)
	}
	var whole view.Message
	b.Get("/api/conversations/" + poll.Conversation + "/messages/" + poll.ID).Want(200).Into(&whole)
	if whole.Poll.Options[0] != option || whole.Votes[0].Options[0] != option {
		t.Errorf("got a vote for %q of %q in the whole", whole.Votes[0].Options[0], whole.Poll.Options)
	}
}

// TestWhatAgentsWriteLeavesWhole: the customer gets all of it.
func TestWhatAgentsWriteLeavesWhole(t *testing.T) {
	w := desktest.NewWorld(t)
	sales := w.Area("sales")
	ana := w.User("ana", rights.Operator, sales)
	c := w.Conversation(store.StatusOpen, sales, ana.ID)
	text := strings.Repeat("ñ", api.MaxText)
	card := whatsapp.Card{Name: "Ana", VCard: "BEGIN:VCARD\nTEL:1\nPHOTO:" + strings.Repeat("A", 15_000) + "\nEND:VCARD"}
	for _, n := range []outbox.NewMessage{{Text: text}, {Cards: slices.Repeat([]whatsapp.Card{card}, 5)}} {
		m := w.Send(ana, c, n)
		if !m.Cut || len(store.Raw(m)) > 160<<10 {
			t.Errorf("got cut %v of %d bytes", m.Cut, len(store.Raw(m)))
		}
		out, err := w.Desk.Outbox.Outgoing(t.Context(), m.ID)
		if err != nil {
			t.Fatal(err)
		}
		if out.Text != n.Text || !reflect.DeepEqual(out.Cards, n.Cards) {
			t.Errorf("got %d bytes of text and %d contacts to send, want %d and %d", len(out.Text), len(out.Cards), len(n.Text), len(n.Cards))
		}
	}
	sent := desktest.All[store.Message](w, "SELECT * FROM messages WHERE kind = 'text'")[0]
	if _, err := w.Desk.Outbox.Send(t.Context(), ana, c, outbox.NewMessage{Edit: &outbox.NewEdit{ID: sent.ID, Text: text}}); err != nil {
		t.Fatal(err)
	}
	if got := w.Message(sent.ID); !got.EditedAt.IsZero() || !got.Cut() {
		t.Errorf("got %v for the same text again, want nothing changed", got.EditedAt)
	}
}
