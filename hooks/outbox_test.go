package hooks

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mostrador/hooks/media"
	"mostrador/hooks/outbox"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/filesystem"
)

// post is a desk with an outbox whose line is a function. It sends one message after the other, in the order of the rounds.
type post struct {
	*world
	out    *outbox.LineOutbox
	lanes  map[bool]*outbox.Lane
	mu     sync.Mutex
	sent   []whatsapp.Outgoing
	answer func(whatsapp.Outgoing) error // nil: WhatsApp takes everything
	off    atomic.Bool
}

func newPost(t testing.TB) *post {
	p := &post{world: newWorld(t)}
	run := p.line(whatsapp.Status{State: whatsapp.Connected})
	p.out = &run.Out
	*p.out = outbox.LineOutbox{Outbox: &p.d.Outbox, Line: "line", Up: func() bool { return !p.off.Load() }, Wake: make(chan struct{}, 1), FirstWake: make(chan struct{}, 1)}
	run.Out.Send = func(_ context.Context, m whatsapp.Outgoing) (time.Time, error) {
		p.mu.Lock()
		p.sent = append(p.sent, m)
		p.mu.Unlock()
		if p.answer != nil {
			if err := p.answer(m); err != nil {
				return time.Time{}, err
			}
		}
		return p.d.Store.Now(), nil
	}
	p.lanes = map[bool]*outbox.Lane{true: p.out.Lane(true, 1, 1), false: p.out.Lane(false, 1, 1)}
	return p
}

// chat is an open conversation of a customer who has written before.
func (p *post) chat() string {
	id := p.conversation(store.StatusOpen, "", "")
	p.says(id, "hola")
	return id
}

// queue puts texts into the outbox of a conversation.
func (p *post) queue(chat string, texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		p.add(chat, &store.Message{Direction: "out", Kind: "text", Author: store.ByFlow, Text: text, WaID: "wa-" + text, Outbox: true})
	}
}

// rounds runs the outbox until nothing is due.
func (p *post) rounds(first bool) {
	p.t.Helper()
	for range 50 {
		before := len(p.sent)
		if err := p.round(first); err != nil {
			p.t.Fatal(err)
		}
		if len(p.sent) == before && len(p.lanes[first].Wake) == 0 {
			return
		}
		select {
		case <-p.lanes[first].Wake:
		default:
		}
	}
	p.t.Fatal("the outbox never came to rest")
}

// round runs one of the outbox and waits for its sends.
func (p *post) round(first bool) error {
	err := p.lanes[first].Round(p.t.Context())
	p.lanes[first].Sends.Wait()
	return err
}

func (p *post) order() string {
	var texts []string
	for _, m := range p.sent {
		texts = append(texts, m.Text)
	}
	return strings.Join(texts, " ")
}

func (p *post) row(text string) store.Message {
	p.t.Helper()
	return all[store.Message](p.world, "SELECT * FROM messages WHERE text = '"+text+"'")[0]
}

func TestOutboxSendsInOrderPerChat(t *testing.T) {
	p := newPost(t)
	a, b := p.chat(), p.chat()
	p.queue(a, "a1", "a2")
	p.queue(b, "b1")
	p.queue(a, "a3")
	p.rounds(false)
	if got, want := p.order(), "a1 b1 a2 a3"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if m := p.row("a1"); m.State != "sent" || m.Outbox || m.Reason != "" {
		t.Errorf("got %+v, want it sent", m)
	}
	if m := p.sent[0]; m.ID != "wa-a1" || m.To.Phone == "" || m.First {
		t.Errorf("got %+v, want the id that was stored and the customer's number", m)
	}
	p.rounds(false)
	if got := len(p.sent); got != 4 {
		t.Errorf("got %d sends, want 4: what is sent is sent once", got)
	}
}

func TestOutboxChatInTroubleDelaysOnlyItself(t *testing.T) {
	p := newPost(t)
	a, b := p.chat(), p.chat()
	p.queue(a, "a1", "a2")
	p.queue(b, "b1", "b2")
	broken := true
	p.answer = func(m whatsapp.Outgoing) error {
		if broken && m.Text == "a1" {
			return errors.New("server trouble")
		}
		return nil
	}
	p.rounds(false)
	if got, want := p.order(), "a1 b1 b2"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	m := p.row("a1")
	if m.State != "queued" || !m.Outbox || m.Attempts != 1 || !m.DueAt.Time().Equal(p.d.Store.Now().Add(time.Second)) {
		t.Errorf("got %s attempts %d due %s, want it queued again a second later", m.State, m.Attempts, m.DueAt)
	}
	p.pass(time.Second)
	p.rounds(false)
	if m := p.row("a1"); m.Attempts != 2 || !m.DueAt.Time().Equal(p.d.Store.Now().Add(16*time.Second)) {
		t.Errorf("got attempts %d due %s, want 2, 16 s later", m.Attempts, m.DueAt)
	}
	broken = false
	p.pass(16 * time.Second)
	p.rounds(false)
	if got, want := p.order(), "a1 b1 b2 a1 a1 a2"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if ids := []string{p.sent[0].ID, p.sent[3].ID, p.sent[4].ID}; slices.ContainsFunc(ids, func(id string) bool { return id != "wa-a1" }) {
		t.Errorf("got ids %v, want the same each time", ids)
	}
}

// A send that takes its time (a long video, an address that is looked up) is its own chat's wait.
func TestOutboxSlowChatDelaysOnlyItself(t *testing.T) {
	p := newPost(t)
	slow := p.chat()
	p.queue(slow, "slow1", "slow2")
	for i := range 9 {
		p.queue(p.chat(), fmt.Sprint("quick", i))
	}
	through, under, most := make(chan struct{}), atomic.Int32{}, atomic.Int32{}
	p.answer = func(m whatsapp.Outgoing) error {
		if n := under.Add(1); n > most.Load() {
			most.Store(n)
		}
		defer under.Add(-1)
		if m.Text == "slow1" {
			<-through
		}
		return nil
	}
	l := p.out.Lane(false, 3, 1)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); l.Run(ctx) }()
	w := shop{world: p.world} // waits
	w.until("everybody else has theirs", func() bool { return p.count("messages WHERE state = 'sent'") == 9 })
	if got := p.row("slow2"); got.State != "queued" || p.count("messages WHERE outbox") != 2 {
		t.Errorf("the slow chat: got its second message %s, want it behind the first", got.State)
	}
	close(through)
	w.until("the slow chat has its own", func() bool { return p.row("slow2").State == "sent" })
	stop()
	<-ended
	if got := most.Load(); got > 3 {
		t.Errorf("got %d sends at once, want 3 at most", got)
	}
	if i, j := slices.IndexFunc(p.sent, is("slow1")), slices.IndexFunc(p.sent, is("slow2")); i > j || len(p.sent) != 11 {
		t.Errorf("got %q, want each once and the slow chat in its order", p.order())
	}
}

func is(text string) func(whatsapp.Outgoing) bool {
	return func(m whatsapp.Outgoing) bool { return m.Text == text }
}

// A few files are sent at once, each of them in memory; texts do not wait for them.
func TestOutboxFilesHaveTheirOwnPlaces(t *testing.T) {
	p := newPost(t)
	file := p.upload("video/mp4", "film")
	for i := range 3 {
		p.add(p.chat(), &store.Message{Direction: "out", Kind: "video", Author: store.ByFlow, Text: fmt.Sprint("film", i), WaID: fmt.Sprint("F", i), Outbox: true, Media: file})
	}
	p.queue(p.chat(), "text")
	through := make(chan struct{})
	p.answer = func(m whatsapp.Outgoing) error {
		if m.File != nil {
			<-through
		}
		return nil
	}
	l := p.out.Lane(false, 1, 2)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); l.Run(ctx) }()
	w := shop{world: p.world}
	w.until("the text is sent", func() bool { return p.row("text").State == "sent" })
	w.until("two films are on their way", func() bool { return len(l.Files) == 2 })
	close(through)
	w.until("all are sent", func() bool { return p.count("messages WHERE state = 'sent'") == 4 })
	stop()
	<-ended
}

// upload stores a file as a row of media.
func (p *post) upload(mime, data string) string {
	p.t.Helper()
	row := view.MediaRow{ID: store.NewID(p.d.Store.Now()), State: "ready", MIME: mime, Name: "file"}
	file, err := filesystem.NewFileFromBytes([]byte(data), "file")
	if err == nil {
		err = p.d.Files.KeepNew(p.t.Context(), row, file, "c", "", "owner")
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return row.ID
}

// A row that cannot be put together (somebody deleted its contact in the dashboard) is its own chat's trouble.
func TestOutboxBadRowHoldsUpNobody(t *testing.T) {
	p := newPost(t)
	bad, good := p.chat(), p.chat()
	p.queue(bad, "bad")
	p.queue(good, "good1", "good2")
	p.exec("DELETE FROM contacts WHERE id = '" + p.get(bad).Contact + "'")
	p.rounds(false)
	if got, want := p.order(), "good1 good2"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if m := p.row("bad"); m.Attempts != 1 || !m.Outbox || !m.DueAt.Time().Equal(p.d.Store.Now().Add(time.Second)) {
		t.Errorf("got %d attempts, due %s, want it put off as one that failed", m.Attempts, m.DueAt)
	}
}

// What cannot be written down is everybody's trouble: the lane says so, rests and goes on.
func TestOutboxSaysWhatItCannotWriteDown(t *testing.T) {
	p := newPost(t)
	p.queue(p.chat(), "x")
	p.exec("CREATE TRIGGER broken BEFORE UPDATE ON messages BEGIN SELECT RAISE(ABORT, 'broken'); END")
	if err := p.round(false); err != nil {
		t.Fatal(err)
	}
	if err := p.round(false); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("got %v, want what the send before could not write", err)
	}
	p.exec("DROP TRIGGER broken")
	p.rounds(false)
	if m := p.row("x"); m.State != "sent" || len(p.sent) != 1 {
		t.Errorf("got %s after %d sends, want it sent once and written down", m.State, len(p.sent))
	}
}

func TestOutboxAnswers(t *testing.T) {
	until := time.Date(2026, 3, 2, 13, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		err      error
		state    string
		reason   string
		attempts int
		due      time.Time
	}{
		"offline is no attempt":    {whatsapp.ErrOffline, "queued", "", 0, time.Time{}},
		"unconfirmed goes again":   {whatsapp.ErrUnconfirmed, "queued", "", 1, time.Date(2026, 3, 2, 12, 0, 1, 0, time.UTC)},
		"no account":               {whatsapp.ErrNoAccount, "failed", outbox.FailNoAccount, 0, time.Time{}},
		"nothing in it":            {whatsapp.ErrEmpty, "failed", outbox.FailEmpty, 0, time.Time{}},
		"refused for good":         {&whatsapp.RefusedError{Code: 479, Permanent: true}, "failed", "refused_479", 0, time.Time{}},
		"refused for now":          {&whatsapp.RefusedError{Code: 503}, "queued", "", 1, time.Date(2026, 3, 2, 12, 0, 1, 0, time.UTC)},
		"time-lock waits for it":   {&whatsapp.RefusedError{Code: 463, Until: until}, "queued", outbox.WaitTimelock, 0, until},
		"time-lock without an end": {&whatsapp.RefusedError{Code: 463}, "queued", outbox.WaitTimelock, 0, time.Date(2026, 3, 2, 12, 10, 0, 0, time.UTC)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := newPost(t)
			p.queue(p.chat(), "x")
			p.answer = func(whatsapp.Outgoing) error { p.off.Store(true); return tt.err }
			p.rounds(false)
			m := p.row("x")
			if m.State != tt.state || m.Reason != tt.reason || m.Attempts != tt.attempts || !m.DueAt.Time().Equal(tt.due) || m.Outbox != (tt.state == "queued") {
				t.Errorf("got %s %q attempts %d due %s outbox %v, want %s %q %d %s", m.State, m.Reason, m.Attempts, m.DueAt, m.Outbox,
					tt.state, tt.reason, tt.attempts, tt.due)
			}
		})
	}
}

func TestOutboxGivesUpAfterHours(t *testing.T) {
	p := newPost(t)
	p.queue(p.chat(), "x")
	p.answer = func(whatsapp.Outgoing) error { return errors.New("trouble") }
	start := p.d.Store.Now()
	for range outbox.MaxAttempts {
		p.rounds(false)
		if due := p.row("x").DueAt.Time(); due.After(p.d.Store.Now()) {
			p.pass(due.Sub(p.d.Store.Now()))
		}
	}
	if m := p.row("x"); m.State != "failed" || m.Reason != outbox.FailGaveUp || len(p.sent) != outbox.MaxAttempts {
		t.Errorf("got %s %q after %d sends, want it given up after %d", m.State, m.Reason, len(p.sent), outbox.MaxAttempts)
	}
	if took := p.d.Store.Now().Sub(start); took < 10*time.Hour || took > 24*time.Hour {
		t.Errorf("gave up after %s, want some hours", took)
	}
}

func TestOutboxPlannedMessageHoldsUpNobody(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	p.add(c, &store.Message{Direction: "out", Kind: "text", Author: store.ByFlow, Text: "later", WaID: "L", Outbox: true, DueAt: store.Stamp(p.d.Store.Now().Add(time.Hour))})
	p.queue(c, "now")
	p.rounds(false)
	if got, want := p.order(), "now"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p.pass(time.Hour)
	p.rounds(false)
	if got, want := p.order(), "now later"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOutboxFirstContactHasItsOwnLane(t *testing.T) {
	p := newPost(t)
	stranger := p.conversation(store.StatusOpen, "", "")
	p.queue(stranger, "first")
	p.queue(p.chat(), "reply")
	p.rounds(false)
	if got := p.order(); got != "reply" {
		t.Errorf("got %q, want only the reply: the first message has a lane of its own", got)
	}
	p.rounds(true)
	if len(p.sent) != 2 || !p.sent[1].First {
		t.Errorf("got %+v, want the first message marked as such", p.sent)
	}
	p.queue(stranger, "second")
	p.rounds(false)
	if got := p.order(); got != "reply first second" {
		t.Errorf("got %q, want the second message in the ordinary lane", got)
	}
}

// A time-lock forbids the first message to a stranger: the second must not become the first.
func TestTimelockKeepsTheOrderOfItsChat(t *testing.T) {
	locked := func(t *testing.T) (p *post, stranger string) {
		p = newPost(t)
		stranger = p.conversation(store.StatusOpen, "", "")
		p.queue(stranger, "first", "second")
		on := true
		p.answer = func(m whatsapp.Outgoing) error {
			if on && m.First {
				on = false
				return &whatsapp.RefusedError{Code: 463}
			}
			return nil
		}
		p.rounds(true)
		if got := p.order(); got != "first" {
			t.Errorf("got %q, want the second message behind the first", got)
		}
		if v := p.row("first"); view.ShowMessage(&v, view.Parts{}).SendAt != "" || v.Reason != outbox.WaitTimelock {
			t.Errorf("got it planned for %q for %q, want it waiting for the time-lock", view.ShowMessage(&v, view.Parts{}).SendAt, v.Reason)
		}
		return p, stranger
	}
	t.Run("until its end", func(t *testing.T) {
		p, _ := locked(t)
		p.pass(outbox.LockedFor)
		p.rounds(true)
		p.rounds(false)
		if got, want := p.order(), "first first second"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("until it is lifted", func(t *testing.T) {
		p, _ := locked(t)
		p.write(func(tx *store.Tx) error { return p.d.Outbox.EndTimelock(tx, "line", "") })
		p.rounds(true)
		p.rounds(false)
		if got, want := p.order(), "first first second"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("until the stranger writes", func(t *testing.T) {
		p, stranger := locked(t)
		if err := p.d.Receiver.Receive("line", whatsapp.Message{ID: "in", Chat: whatsapp.Address{Phone: p.phone(stranger)}, Kind: whatsapp.Text, Text: "hola", At: p.d.Store.Now()}); err != nil {
			t.Fatal(err)
		}
		p.rounds(false)
		if got, want := p.order(), "first first second"; got != want {
			t.Errorf("got %q, want %q: who has written is no stranger", got, want)
		}
	})
}

// phone is the number of a conversation's customer.
func (p *post) phone(chat string) string {
	p.t.Helper()
	c, err := store.Find[store.ContactRow](p.d.Store.App.DB(), "contacts", p.get(chat).Contact)
	if err != nil {
		p.t.Fatal(err)
	}
	return c.Phone
}

func TestOutboxMissingFileFails(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	p.add(c, &store.Message{Direction: "out", Kind: "image", Author: store.ByFlow, Text: "foto", WaID: "F", Outbox: true, Media: "nothere"})
	p.queue(c, "after")
	p.rounds(false)
	if m := p.row("foto"); m.State != "failed" || m.Reason != outbox.FailFile || p.order() != "after" {
		t.Errorf("got %s %q and sends %q, want it failed and the next one sent", m.State, m.Reason, p.order())
	}
}

func TestOutboxShowsASlowSend(t *testing.T) {
	p := newPost(t)
	p.queue(p.chat(), "slow", "next")
	p.answer = func(m whatsapp.Outgoing) error {
		for deadline := time.Now().Add(patience); m.Text == "slow" && p.row("slow").State != "sending"; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Error("it never showed as sending")
				break
			}
		}
		return nil
	}
	p.rounds(false)
	if got := p.row("slow").State + " " + p.row("next").State; got != "sent sent" {
		t.Errorf("got %q, want both sent", got)
	}
}

func TestRescueSendsAgainUnderTheSameID(t *testing.T) {
	p := newPost(t)
	p.queue(p.chat(), "x")
	p.out.Note(p.row("x").ID)
	if m := p.row("x"); m.State != "sending" {
		t.Fatalf("got %s, want sending", m.State)
	}
	if err := p.d.Outbox.Rescue(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.rounds(false)
	if m := p.row("x"); m.State != "sent" || len(p.sent) != 1 || p.sent[0].ID != "wa-x" {
		t.Errorf("got %s after %d sends, want it sent once more with its id", m.State, len(p.sent))
	}
}

func TestReceiptsOnlyMoveUp(t *testing.T) {
	p := newPost(t)
	c := p.chat()
	p.queue(c, "x", "y")
	receipt := func(state whatsapp.ReceiptState, ids ...string) {
		t.Helper()
		if err := p.d.Outbox.WriteReceipts([]outbox.LineReceipt{{Line: "line", Receipt: whatsapp.Receipt{IDs: ids, State: state}}}); err != nil {
			t.Fatal(err)
		}
	}
	p.answer = func(m whatsapp.Outgoing) error {
		if m.Text == "x" { // the phone is faster than the answer to the send
			receipt(whatsapp.Delivered, m.ID, "unknown")
		}
		return nil
	}
	p.rounds(false)
	if m := p.row("x"); m.State != "delivered" || m.Outbox {
		t.Errorf("got %s outbox %v, want delivered and out of the outbox", m.State, m.Outbox)
	}
	for _, step := range []struct {
		state whatsapp.ReceiptState
		want  string
	}{{whatsapp.Read, "read"}, {whatsapp.Delivered, "read"}, {whatsapp.Played, "played"}, {whatsapp.Read, "played"}} {
		receipt(step.state, "wa-x", "wa-y")
		for _, text := range []string{"x", "y"} {
			if got := p.row(text).State; got != step.want {
				t.Errorf("%s after a %s receipt: got %s, want %s", text, step.state, got, step.want)
			}
		}
	}
}

func TestReceiptProvesThatAnUnconfirmedMessageArrived(t *testing.T) {
	p := newPost(t)
	p.queue(p.chat(), "x")
	p.answer = func(whatsapp.Outgoing) error { return whatsapp.ErrUnconfirmed }
	p.rounds(false)
	if err := p.d.Outbox.WriteReceipts([]outbox.LineReceipt{{Line: "line", Receipt: whatsapp.Receipt{IDs: []string{"wa-x"}, State: whatsapp.Delivered}}}); err != nil {
		t.Fatal(err)
	}
	p.pass(time.Hour)
	p.rounds(false)
	if m := p.row("x"); m.State != "delivered" || len(p.sent) != 1 {
		t.Errorf("got %s after %d sends, want delivered after 1", m.State, len(p.sent))
	}
}

func TestOwnerReadsOnThePhone(t *testing.T) {
	w := newWorld(t)
	for i := range 3 {
		w.gets(whatsapp.Message{ID: fmt.Sprint("m", i), Text: "x"})
	}
	err := w.d.Outbox.WriteReceipts([]outbox.LineReceipt{{Line: "line", Receipt: whatsapp.Receipt{IDs: []string{"m1"}, State: whatsapp.Read, ByOwner: true}}})
	if err != nil {
		t.Fatal(err)
	}
	if c := w.only(); c.Unread != 1 {
		t.Errorf("got %d unread, want 1: the one after what the owner read", c.Unread)
	}
}

func TestReadMarksReachWhatsAppOnce(t *testing.T) {
	w := newWorld(t)
	w.gets(whatsapp.Message{ID: "m1", Text: "x"})
	w.gets(whatsapp.Message{ID: "m2", Text: "y"})
	var told []string
	var failure error
	k := outbox.Marks{Outbox: &w.d.Outbox, Line: "line", Tell: func(_ context.Context, chat whatsapp.Address, ids []string, _ time.Time) error {
		if failure == nil {
			told = append(told, chat.LID+":"+strings.Join(ids, ","))
		}
		return failure
	}}
	c := w.only()
	w.write(func(tx *store.Tx) error {
		now := c
		now.ReadPos, now.Unread = w.messages()[1].Pos, 0
		return tx.Save(&now, c)
	})
	failure = whatsapp.ErrOffline
	if err := k.Round(t.Context()); !errors.Is(err, whatsapp.ErrOffline) {
		t.Errorf("got %v, want the line's error", err)
	}
	failure = nil
	for range 2 {
		if err := k.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := strings.Join(told, " "), "777:m2,m1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A conversation whose mark WhatsApp does not take, or whose contact somebody deleted, is not in the way of the others.
func TestReadMarksPassWhatCannotBeTold(t *testing.T) {
	w := newWorld(t)
	var bad, gone, good string
	for _, id := range []*string{&bad, &gone, &good} {
		*id = w.conversation(store.StatusOpen, "", "")
		w.says(*id, "hola")
		w.must(*id, func(tx *store.Tx, c *store.Conversation) error {
			before := *c
			c.ReadPos = tx.LastSeq()
			return tx.Save(c, before)
		})
	}
	contact := func(id string) string { return w.get(id).Contact }
	w.exec("UPDATE contacts SET lid = id")
	w.exec("DELETE FROM contacts WHERE id = '" + contact(gone) + "'")
	var told []string
	k := outbox.Marks{Outbox: &w.d.Outbox, Line: "line", Tell: func(_ context.Context, chat whatsapp.Address, _ []string, _ time.Time) error {
		told = append(told, chat.LID)
		if chat.LID == contact(bad) {
			return errors.New("not this one")
		}
		return nil
	}}
	for range 2 {
		if err := k.Round(t.Context()); err == nil || !strings.Contains(err.Error(), bad) || strings.Contains(err.Error(), gone) {
			t.Errorf("got %v, want the trouble of the one that may still be told", err)
		}
	}
	if want := []string{contact(bad), contact(good), contact(bad)}; !slices.Equal(told, want) {
		t.Errorf("got told %q, want %q", told, want)
	}
}

// The queries that run all the time must seek, however much there is.
func TestHotQueriesUseTheirIndexes(t *testing.T) {
	w := newWorld(t)
	for index, query := range map[string]string{
		"idx_msg_inbox":      `SELECT id FROM messages WHERE pending = TRUE AND (dueAt = '' OR dueAt <= 'x') ORDER BY pos, id LIMIT 64`,
		"idx_msg_outbox":     `SELECT MIN(id) AS id FROM messages WHERE outbox = TRUE AND line = 'x' AND (dueAt = '' OR dueAt <= 'x' OR attempts > 0 OR reason != '') GROUP BY contact`,
		"idx_msg_wa":         `SELECT * FROM messages WHERE waId = 'x' AND waId != '' AND line = 'x' AND contact = 'x' AND direction = 'in'`,
		"idx_conv_one_live":  `SELECT * FROM conversations WHERE contact = 'x' AND line = 'x' AND status != 'closed'`,
		"idx_conv_wake":      `SELECT id FROM conversations WHERE wakeAt != '' AND wakeAt <= 'x' ORDER BY wakeAt LIMIT 64`,
		"idx_conv_tell":      literal(outbox.UnmarkedQuery),
		"idx_media_due":      literal(media.DueMedia),
		"idx_contacts_phone": `SELECT * FROM contacts WHERE phone = 'x' AND phone != ''`,
		"idx_contacts_lid":   `SELECT * FROM contacts WHERE lid = 'x' AND lid != ''`,
		"idx_flows_updated":  `SELECT COUNT(*) || COALESCE(MAX(updated), '') FROM flows`,
	} {
		var plan []struct {
			Detail string `db:"detail"`
		}
		if err := w.d.Store.App.DB().NewQuery("EXPLAIN QUERY PLAN " + query).Bind(dbx.Params{}).All(&plan); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(plan); !strings.Contains(got, index+" ") && !strings.Contains(got, index+"}") || strings.Contains(got, "TEMP B-TREE") {
			t.Errorf("%s: got plan %s", index, got)
		}
	}
}

// TestOutboxKeepsItsOrderAfterAStart: the clock was turned back while the desk was off.
func TestOutboxKeepsItsOrderAfterAStart(t *testing.T) {
	p := newPost(t)
	chat := p.chat()
	newProcess := func() {
		store.IDs.Mu.Lock()
		defer store.IDs.Mu.Unlock()
		store.IDs.Last, store.IDs.N = 0, 0
	}
	newProcess() // whatever clocks other tests had
	p.queue(chat, "a1", "a2")
	newProcess()
	p.pass(-time.Hour)
	next := &Desk{Store: store.Store{App: p.d.Store.App, Now: p.d.Store.Now}}
	if err := next.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(next.Stop)
	p.queue(chat, "a3")
	p.rounds(false)
	if got := p.order(); got != "a1 a2 a3" {
		t.Errorf("sent %q, want a1 a2 a3", got)
	}
}

// TestOutboxSurvivesAPanic: one message that breaks what sends it must not stop the desk, now and at each start.
func TestOutboxSurvivesAPanic(t *testing.T) {
	p := newPost(t)
	a, b := p.chat(), p.chat()
	p.queue(a, "a1")
	p.queue(b, "b1")
	p.answer = func(m whatsapp.Outgoing) error {
		if m.Text == "a1" {
			panic("broken")
		}
		return nil
	}
	p.rounds(false)
	if m := p.row("a1"); m.State != "queued" || m.Attempts != 1 || m.DueAt.IsZero() {
		t.Errorf("got %s after %d attempts, want it to wait for the next", m.State, m.Attempts)
	}
	if m := p.row("b1"); m.State != "sent" {
		t.Errorf("got %s, want the other chat served", m.State)
	}
}

// TestSentAndNotWrittenDown: while the disk is full WhatsApp does not get the same message again and again, and what it has
// is not taken for a message that never left.
func TestSentAndNotWrittenDown(t *testing.T) {
	p := newPost(t)
	ana := p.user("ana", rights.Operator)
	chat := p.conversation(store.StatusOpen, "", ana.ID)
	p.says(chat, "hola")
	p.queue(chat, "a1")
	p.exec("UPDATE messages SET author = '" + ana.ID + "' WHERE text = 'a1'")
	p.exec("CREATE TRIGGER full BEFORE UPDATE ON messages BEGIN SELECT RAISE(ABORT, 'full'); END")
	for range 3 {
		_ = p.round(false)
	}
	if got := p.order(); got != "a1" {
		t.Fatalf("sent %q, want it once", got)
	}
	p.exec("DROP TRIGGER full")
	if _, err := p.d.Outbox.Send(t.Context(), ana, chat, outbox.NewMessage{Revoke: &outbox.NewRevoke{ID: p.row("a1").ID}}); err != nil {
		t.Fatal(err)
	}
	_ = p.round(false) // says what the last one could not write
	p.rounds(false)
	if n := len(p.sent); n != 2 || p.sent[1].Kind != whatsapp.Revoke {
		t.Errorf("sent %d, want the message and that it was taken back", n)
	}
}

// WhatsApp counts who wrote to a number: on another line of the desk the same customer is a stranger.
func TestFirstMessageIsCountedByLine(t *testing.T) {
	p := newPost(t)
	there := p.conversation(store.StatusClosed, "", "")
	p.says(there, "hola")
	p.exec("UPDATE conversations SET line = 'other'")
	p.exec("UPDATE messages SET line = 'other'")
	now := store.Stamp(p.d.Store.Now())
	here := p.insert("conversations", dbx.Params{"line": "line", "contact": p.get(there).Contact, "status": store.StatusOpen, "lastAt": now, "startedAt": now})
	p.queue(here, "hi")
	p.rounds(false)
	if got := p.order(); got != "" {
		t.Errorf("got %q beside the limit for first messages, want it to wait for its turn", got)
	}
	p.rounds(true)
	if got := p.order(); got != "hi" || !p.sent[0].First {
		t.Errorf("got %q (%+v), want it sent as a first message", got, p.sent)
	}
}
