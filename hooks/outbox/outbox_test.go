package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mostrador/hooks"
	"mostrador/hooks/desktest"
	"mostrador/hooks/media"
	"mostrador/hooks/outbox"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

func TestOutboxSendsInOrderPerChat(t *testing.T) {
	p := desktest.NewPost(t)
	a, b := p.Chat(), p.Chat()
	p.Queue(a, "a1", "a2")
	p.Queue(b, "b1")
	p.Queue(a, "a3")
	p.Rounds(false)
	if got, want := p.Order(), "a1 b1 a2 a3"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if m := p.Row("a1"); m.State != "sent" || m.Outbox || m.Reason != "" {
		t.Errorf("got %+v, want it sent", m)
	}
	if m := p.Sent[0]; m.ID != "wa-a1" || m.To.Phone == "" || m.First {
		t.Errorf("got %+v, want the id that was stored and the customer's number", m)
	}
	p.Rounds(false)
	if got := len(p.Sent); got != 4 {
		t.Errorf("got %d sends, want 4: what is sent is sent once", got)
	}
}

func TestOutboxChatInTroubleDelaysOnlyItself(t *testing.T) {
	p := desktest.NewPost(t)
	a, b := p.Chat(), p.Chat()
	p.Queue(a, "a1", "a2")
	p.Queue(b, "b1", "b2")
	broken := true
	p.Answer = func(m whatsapp.Outgoing) error {
		if broken && m.Text == "a1" {
			return errors.New("server trouble")
		}
		return nil
	}
	p.Rounds(false)
	if got, want := p.Order(), "a1 b1 b2"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	m := p.Row("a1")
	if m.State != "queued" || !m.Outbox || m.Attempts != 1 || !m.DueAt.Time().Equal(p.Desk.Store.Now().Add(time.Second)) {
		t.Errorf("got %s attempts %d due %s, want it queued again a second later", m.State, m.Attempts, m.DueAt)
	}
	p.Pass(time.Second)
	p.Rounds(false)
	if m := p.Row("a1"); m.Attempts != 2 || !m.DueAt.Time().Equal(p.Desk.Store.Now().Add(16*time.Second)) {
		t.Errorf("got attempts %d due %s, want 2, 16 s later", m.Attempts, m.DueAt)
	}
	broken = false
	p.Pass(16 * time.Second)
	p.Rounds(false)
	if got, want := p.Order(), "a1 b1 b2 a1 a1 a2"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if ids := []string{p.Sent[0].ID, p.Sent[3].ID, p.Sent[4].ID}; slices.ContainsFunc(ids, func(id string) bool { return id != "wa-a1" }) {
		t.Errorf("got ids %v, want the same each time", ids)
	}
}

// A send that takes its time (a long video, an address that is looked up) is its own chat's wait.
func TestOutboxSlowChatDelaysOnlyItself(t *testing.T) {
	p := desktest.NewPost(t)
	slow := p.Chat()
	p.Queue(slow, "slow1", "slow2")
	for i := range 9 {
		p.Queue(p.Chat(), fmt.Sprint("quick", i))
	}
	through, under, most := make(chan struct{}), atomic.Int32{}, atomic.Int32{}
	p.Answer = func(m whatsapp.Outgoing) error {
		if n := under.Add(1); n > most.Load() {
			most.Store(n)
		}
		defer under.Add(-1)
		if m.Text == "slow1" {
			<-through
		}
		return nil
	}
	l := p.Out.Lane(false, 3, 1)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); l.Run(ctx) }()
	w := desktest.Shop{World: p.World} // waits
	w.Until("everybody else has theirs", func() bool { return p.Count("messages WHERE state = 'sent'") == 9 })
	if got := p.Row("slow2"); got.State != "queued" || p.Count("messages WHERE outbox") != 2 {
		t.Errorf("the slow chat: got its second message %s, want it behind the first", got.State)
	}
	close(through)
	w.Until("the slow chat has its own", func() bool { return p.Row("slow2").State == "sent" })
	stop()
	<-ended
	if got := most.Load(); got > 3 {
		t.Errorf("got %d sends at once, want 3 at most", got)
	}
	if i, j := slices.IndexFunc(p.Sent, is("slow1")), slices.IndexFunc(p.Sent, is("slow2")); i > j || len(p.Sent) != 11 {
		t.Errorf("got %q, want each once and the slow chat in its order", p.Order())
	}
}

func is(text string) func(whatsapp.Outgoing) bool {
	return func(m whatsapp.Outgoing) bool { return m.Text == text }
}

// A few files are sent at once, each of them in memory; texts do not wait for them.
func TestOutboxFilesHaveTheirOwnPlaces(t *testing.T) {
	p := desktest.NewPost(t)
	file := p.Upload("video/mp4", "film")
	for i := range 3 {
		p.Add(p.Chat(), &store.Message{Direction: "out", Kind: "video", Author: store.ByFlow, Text: fmt.Sprint("film", i), WaID: fmt.Sprint("F", i), Outbox: true, Media: file})
	}
	p.Queue(p.Chat(), "text")
	through := make(chan struct{})
	p.Answer = func(m whatsapp.Outgoing) error {
		if m.File != nil {
			<-through
		}
		return nil
	}
	l := p.Out.Lane(false, 1, 2)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); l.Run(ctx) }()
	w := desktest.Shop{World: p.World}
	w.Until("the text is sent", func() bool { return p.Row("text").State == "sent" })
	w.Until("two films are on their way", func() bool { return len(l.Files) == 2 })
	close(through)
	w.Until("all are sent", func() bool { return p.Count("messages WHERE state = 'sent'") == 4 })
	stop()
	<-ended
}

// A row that cannot be put together (somebody deleted its contact in the dashboard) is its own chat's trouble.
func TestOutboxBadRowHoldsUpNobody(t *testing.T) {
	p := desktest.NewPost(t)
	bad, good := p.Chat(), p.Chat()
	p.Queue(bad, "bad")
	p.Queue(good, "good1", "good2")
	p.Exec("DELETE FROM contacts WHERE id = '" + p.Get(bad).Contact + "'")
	p.Rounds(false)
	if got, want := p.Order(), "good1 good2"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if m := p.Row("bad"); m.Attempts != 1 || !m.Outbox || !m.DueAt.Time().Equal(p.Desk.Store.Now().Add(time.Second)) {
		t.Errorf("got %d attempts, due %s, want it put off as one that failed", m.Attempts, m.DueAt)
	}
}

// What cannot be written down is everybody's trouble: the lane says so, rests and goes on.
func TestOutboxSaysWhatItCannotWriteDown(t *testing.T) {
	p := desktest.NewPost(t)
	p.Queue(p.Chat(), "x")
	p.Exec("CREATE TRIGGER broken BEFORE UPDATE ON messages BEGIN SELECT RAISE(ABORT, 'broken'); END")
	if err := p.Round(false); err != nil {
		t.Fatal(err)
	}
	if err := p.Round(false); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("got %v, want what the send before could not write", err)
	}
	p.Exec("DROP TRIGGER broken")
	p.Rounds(false)
	if m := p.Row("x"); m.State != "sent" || len(p.Sent) != 1 {
		t.Errorf("got %s after %d sends, want it sent once and written down", m.State, len(p.Sent))
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
			p := desktest.NewPost(t)
			p.Queue(p.Chat(), "x")
			p.Answer = func(whatsapp.Outgoing) error { p.Off.Store(true); return tt.err }
			p.Rounds(false)
			m := p.Row("x")
			if m.State != tt.state || m.Reason != tt.reason || m.Attempts != tt.attempts || !m.DueAt.Time().Equal(tt.due) || m.Outbox != (tt.state == "queued") {
				t.Errorf("got %s %q attempts %d due %s outbox %v, want %s %q %d %s", m.State, m.Reason, m.Attempts, m.DueAt, m.Outbox,
					tt.state, tt.reason, tt.attempts, tt.due)
			}
		})
	}
}

func TestOutboxGivesUpAfterHours(t *testing.T) {
	p := desktest.NewPost(t)
	p.Queue(p.Chat(), "x")
	p.Answer = func(whatsapp.Outgoing) error { return errors.New("trouble") }
	start := p.Desk.Store.Now()
	for range outbox.MaxAttempts {
		p.Rounds(false)
		if due := p.Row("x").DueAt.Time(); due.After(p.Desk.Store.Now()) {
			p.Pass(due.Sub(p.Desk.Store.Now()))
		}
	}
	if m := p.Row("x"); m.State != "failed" || m.Reason != outbox.FailGaveUp || len(p.Sent) != outbox.MaxAttempts {
		t.Errorf("got %s %q after %d sends, want it given up after %d", m.State, m.Reason, len(p.Sent), outbox.MaxAttempts)
	}
	if took := p.Desk.Store.Now().Sub(start); took < 10*time.Hour || took > 24*time.Hour {
		t.Errorf("gave up after %s, want some hours", took)
	}
}

func TestOutboxPlannedMessageHoldsUpNobody(t *testing.T) {
	p := desktest.NewPost(t)
	c := p.Chat()
	p.Add(c, &store.Message{Direction: "out", Kind: "text", Author: store.ByFlow, Text: "later", WaID: "L", Outbox: true, DueAt: store.Stamp(p.Desk.Store.Now().Add(time.Hour))})
	p.Queue(c, "now")
	p.Rounds(false)
	if got, want := p.Order(), "now"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p.Pass(time.Hour)
	p.Rounds(false)
	if got, want := p.Order(), "now later"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOutboxFirstContactHasItsOwnLane(t *testing.T) {
	p := desktest.NewPost(t)
	stranger := p.Conversation(store.StatusOpen, "", "")
	p.Queue(stranger, "first")
	p.Queue(p.Chat(), "reply")
	p.Rounds(false)
	if got := p.Order(); got != "reply" {
		t.Errorf("got %q, want only the reply: the first message has a lane of its own", got)
	}
	p.Rounds(true)
	if len(p.Sent) != 2 || !p.Sent[1].First {
		t.Errorf("got %+v, want the first message marked as such", p.Sent)
	}
	p.Queue(stranger, "second")
	p.Rounds(false)
	if got := p.Order(); got != "reply first second" {
		t.Errorf("got %q, want the second message in the ordinary lane", got)
	}
}

// A time-lock forbids the first message to a stranger: the second must not become the first.
func TestTimelockKeepsTheOrderOfItsChat(t *testing.T) {
	locked := func(t *testing.T) (p *desktest.Post, stranger string) {
		p = desktest.NewPost(t)
		stranger = p.Conversation(store.StatusOpen, "", "")
		p.Queue(stranger, "first", "second")
		on := true
		p.Answer = func(m whatsapp.Outgoing) error {
			if on && m.First {
				on = false
				return &whatsapp.RefusedError{Code: 463}
			}
			return nil
		}
		p.Rounds(true)
		if got := p.Order(); got != "first" {
			t.Errorf("got %q, want the second message behind the first", got)
		}
		if v := p.Row("first"); view.ShowMessage(&v, view.Parts{}).SendAt != "" || v.Reason != outbox.WaitTimelock {
			t.Errorf("got it planned for %q for %q, want it waiting for the time-lock", view.ShowMessage(&v, view.Parts{}).SendAt, v.Reason)
		}
		return p, stranger
	}
	t.Run("until its end", func(t *testing.T) {
		p, _ := locked(t)
		p.Pass(outbox.LockedFor)
		p.Rounds(true)
		p.Rounds(false)
		if got, want := p.Order(), "first first second"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("until it is lifted", func(t *testing.T) {
		p, _ := locked(t)
		p.Write(func(tx *store.Tx) error { return p.Desk.Outbox.EndTimelock(tx, "line", "") })
		p.Rounds(true)
		p.Rounds(false)
		if got, want := p.Order(), "first first second"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("until the stranger writes", func(t *testing.T) {
		p, stranger := locked(t)
		if err := p.Desk.Receiver.Receive("line", whatsapp.Message{ID: "in", Chat: whatsapp.Address{Phone: p.Phone(stranger)}, Kind: whatsapp.Text, Text: "hola", At: p.Desk.Store.Now()}); err != nil {
			t.Fatal(err)
		}
		p.Rounds(false)
		if got, want := p.Order(), "first first second"; got != want {
			t.Errorf("got %q, want %q: who has written is no stranger", got, want)
		}
	})
}

func TestOutboxMissingFileFails(t *testing.T) {
	p := desktest.NewPost(t)
	c := p.Chat()
	p.Add(c, &store.Message{Direction: "out", Kind: "image", Author: store.ByFlow, Text: "foto", WaID: "F", Outbox: true, Media: "nothere"})
	p.Queue(c, "after")
	p.Rounds(false)
	if m := p.Row("foto"); m.State != "failed" || m.Reason != outbox.FailFile || p.Order() != "after" {
		t.Errorf("got %s %q and sends %q, want it failed and the next one sent", m.State, m.Reason, p.Order())
	}
}

func TestOutboxShowsASlowSend(t *testing.T) {
	p := desktest.NewPost(t)
	p.Queue(p.Chat(), "slow", "next")
	p.Answer = func(m whatsapp.Outgoing) error {
		for deadline := time.Now().Add(desktest.Patience); m.Text == "slow" && p.Row("slow").State != "sending"; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Error("it never showed as sending")
				break
			}
		}
		return nil
	}
	p.Rounds(false)
	if got := p.Row("slow").State + " " + p.Row("next").State; got != "sent sent" {
		t.Errorf("got %q, want both sent", got)
	}
}

func TestRescueSendsAgainUnderTheSameID(t *testing.T) {
	p := desktest.NewPost(t)
	p.Queue(p.Chat(), "x")
	p.Out.Note(p.Row("x").ID)
	if m := p.Row("x"); m.State != "sending" {
		t.Fatalf("got %s, want sending", m.State)
	}
	if err := p.Desk.Outbox.Rescue(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.Rounds(false)
	if m := p.Row("x"); m.State != "sent" || len(p.Sent) != 1 || p.Sent[0].ID != "wa-x" {
		t.Errorf("got %s after %d sends, want it sent once more with its id", m.State, len(p.Sent))
	}
}

func TestReceiptsOnlyMoveUp(t *testing.T) {
	p := desktest.NewPost(t)
	c := p.Chat()
	p.Queue(c, "x", "y")
	receipt := func(state whatsapp.ReceiptState, ids ...string) {
		t.Helper()
		if err := p.Desk.Outbox.WriteReceipts([]outbox.LineReceipt{{Line: "line", Receipt: whatsapp.Receipt{IDs: ids, State: state}}}); err != nil {
			t.Fatal(err)
		}
	}
	p.Answer = func(m whatsapp.Outgoing) error {
		if m.Text == "x" { // the phone is faster than the answer to the send
			receipt(whatsapp.Delivered, m.ID, "unknown")
		}
		return nil
	}
	p.Rounds(false)
	if m := p.Row("x"); m.State != "delivered" || m.Outbox {
		t.Errorf("got %s outbox %v, want delivered and out of the outbox", m.State, m.Outbox)
	}
	for _, step := range []struct {
		state whatsapp.ReceiptState
		want  string
	}{{whatsapp.Read, "read"}, {whatsapp.Delivered, "read"}, {whatsapp.Played, "played"}, {whatsapp.Read, "played"}} {
		receipt(step.state, "wa-x", "wa-y")
		for _, text := range []string{"x", "y"} {
			if got := p.Row(text).State; got != step.want {
				t.Errorf("%s after a %s receipt: got %s, want %s", text, step.state, got, step.want)
			}
		}
	}
}

func TestReceiptProvesThatAnUnconfirmedMessageArrived(t *testing.T) {
	p := desktest.NewPost(t)
	p.Queue(p.Chat(), "x")
	p.Answer = func(whatsapp.Outgoing) error { return whatsapp.ErrUnconfirmed }
	p.Rounds(false)
	if err := p.Desk.Outbox.WriteReceipts([]outbox.LineReceipt{{Line: "line", Receipt: whatsapp.Receipt{IDs: []string{"wa-x"}, State: whatsapp.Delivered}}}); err != nil {
		t.Fatal(err)
	}
	p.Pass(time.Hour)
	p.Rounds(false)
	if m := p.Row("x"); m.State != "delivered" || len(p.Sent) != 1 {
		t.Errorf("got %s after %d sends, want delivered after 1", m.State, len(p.Sent))
	}
}

func TestOwnerReadsOnThePhone(t *testing.T) {
	w := desktest.NewWorld(t)
	for i := range 3 {
		w.Gets(whatsapp.Message{ID: fmt.Sprint("m", i), Text: "x"})
	}
	err := w.Desk.Outbox.WriteReceipts([]outbox.LineReceipt{{Line: "line", Receipt: whatsapp.Receipt{IDs: []string{"m1"}, State: whatsapp.Read, ByOwner: true}}})
	if err != nil {
		t.Fatal(err)
	}
	if c := w.Only(); c.Unread != 1 {
		t.Errorf("got %d unread, want 1: the one after what the owner read", c.Unread)
	}
}

func TestReadMarksReachWhatsAppOnce(t *testing.T) {
	w := desktest.NewWorld(t)
	w.Gets(whatsapp.Message{ID: "m1", Text: "x"})
	w.Gets(whatsapp.Message{ID: "m2", Text: "y"})
	var told []string
	var failure error
	k := outbox.Marks{Outbox: &w.Desk.Outbox, Line: "line", Tell: func(_ context.Context, chat whatsapp.Address, ids []string, _ time.Time) error {
		if failure == nil {
			told = append(told, chat.LID+":"+strings.Join(ids, ","))
		}
		return failure
	}}
	c := w.Only()
	w.Write(func(tx *store.Tx) error {
		now := c
		now.ReadPos, now.Unread = w.Messages()[1].Pos, 0
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
	w := desktest.NewWorld(t)
	var bad, gone, good string
	for _, id := range []*string{&bad, &gone, &good} {
		*id = w.Conversation(store.StatusOpen, "", "")
		w.Says(*id, "hola")
		w.Must(*id, func(tx *store.Tx, c *store.Conversation) error {
			before := *c
			c.ReadPos = tx.LastSeq()
			return tx.Save(c, before)
		})
	}
	contact := func(id string) string { return w.Get(id).Contact }
	w.Exec("UPDATE contacts SET lid = id")
	w.Exec("DELETE FROM contacts WHERE id = '" + contact(gone) + "'")
	var told []string
	k := outbox.Marks{Outbox: &w.Desk.Outbox, Line: "line", Tell: func(_ context.Context, chat whatsapp.Address, _ []string, _ time.Time) error {
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
	w := desktest.NewWorld(t)
	for index, query := range map[string]string{
		"idx_msg_inbox":      `SELECT id FROM messages WHERE pending = TRUE AND (dueAt = '' OR dueAt <= 'x') ORDER BY pos, id LIMIT 64`,
		"idx_msg_outbox":     `SELECT MIN(id) AS id FROM messages WHERE outbox = TRUE AND line = 'x' AND (dueAt = '' OR dueAt <= 'x' OR attempts > 0 OR reason != '') GROUP BY contact`,
		"idx_msg_wa":         `SELECT * FROM messages WHERE waId = 'x' AND waId != '' AND line = 'x' AND contact = 'x' AND direction = 'in'`,
		"idx_conv_one_live":  `SELECT * FROM conversations WHERE contact = 'x' AND line = 'x' AND status != 'closed'`,
		"idx_conv_wake":      `SELECT id FROM conversations WHERE wakeAt != '' AND wakeAt <= 'x' ORDER BY wakeAt LIMIT 64`,
		"idx_conv_tell":      desktest.Literal(outbox.UnmarkedQuery),
		"idx_media_due":      desktest.Literal(media.DueMedia),
		"idx_contacts_phone": `SELECT * FROM contacts WHERE phone = 'x' AND phone != ''`,
		"idx_contacts_lid":   `SELECT * FROM contacts WHERE lid = 'x' AND lid != ''`,
		"idx_flows_updated":  `SELECT COUNT(*) || COALESCE(MAX(updated), '') FROM flows`,
	} {
		var plan []struct {
			Detail string `db:"detail"`
		}
		if err := w.Desk.Store.App.DB().NewQuery("EXPLAIN QUERY PLAN " + query).Bind(dbx.Params{}).All(&plan); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(plan); !strings.Contains(got, index+" ") && !strings.Contains(got, index+"}") || strings.Contains(got, "TEMP B-TREE") {
			t.Errorf("%s: got plan %s", index, got)
		}
	}
}

// TestOutboxKeepsItsOrderAfterAStart: the clock was turned back while the desk was off.
func TestOutboxKeepsItsOrderAfterAStart(t *testing.T) {
	p := desktest.NewPost(t)
	chat := p.Chat()
	newProcess := func() {
		store.IDs.Mu.Lock()
		defer store.IDs.Mu.Unlock()
		store.IDs.Last, store.IDs.N = 0, 0
	}
	newProcess() // whatever clocks other tests had
	p.Queue(chat, "a1", "a2")
	newProcess()
	p.Pass(-time.Hour)
	next := &hooks.Desk{Store: store.Store{App: p.Desk.Store.App, Now: p.Desk.Store.Now}}
	if err := next.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(next.Stop)
	p.Queue(chat, "a3")
	p.Rounds(false)
	if got := p.Order(); got != "a1 a2 a3" {
		t.Errorf("sent %q, want a1 a2 a3", got)
	}
}

// TestOutboxSurvivesAPanic: one message that breaks what sends it must not stop the desk, now and at each start.
func TestOutboxSurvivesAPanic(t *testing.T) {
	p := desktest.NewPost(t)
	a, b := p.Chat(), p.Chat()
	p.Queue(a, "a1")
	p.Queue(b, "b1")
	p.Answer = func(m whatsapp.Outgoing) error {
		if m.Text == "a1" {
			panic("broken")
		}
		return nil
	}
	p.Rounds(false)
	if m := p.Row("a1"); m.State != "queued" || m.Attempts != 1 || m.DueAt.IsZero() {
		t.Errorf("got %s after %d attempts, want it to wait for the next", m.State, m.Attempts)
	}
	if m := p.Row("b1"); m.State != "sent" {
		t.Errorf("got %s, want the other chat served", m.State)
	}
}

// TestSentAndNotWrittenDown: while the disk is full WhatsApp does not get the same message again and again, and what it has
// is not taken for a message that never left.
func TestSentAndNotWrittenDown(t *testing.T) {
	p := desktest.NewPost(t)
	ana := p.User("ana", rights.Operator)
	chat := p.Conversation(store.StatusOpen, "", ana.ID)
	p.Says(chat, "hola")
	p.Queue(chat, "a1")
	p.Exec("UPDATE messages SET author = '" + ana.ID + "' WHERE text = 'a1'")
	p.Exec("CREATE TRIGGER full BEFORE UPDATE ON messages BEGIN SELECT RAISE(ABORT, 'full'); END")
	for range 3 {
		_ = p.Round(false)
	}
	if got := p.Order(); got != "a1" {
		t.Fatalf("sent %q, want it once", got)
	}
	p.Exec("DROP TRIGGER full")
	if _, err := p.Desk.Outbox.Send(t.Context(), ana, chat, outbox.NewMessage{Revoke: &outbox.NewRevoke{ID: p.Row("a1").ID}}); err != nil {
		t.Fatal(err)
	}
	_ = p.Round(false) // says what the last one could not write
	p.Rounds(false)
	if n := len(p.Sent); n != 2 || p.Sent[1].Kind != whatsapp.Revoke {
		t.Errorf("sent %d, want the message and that it was taken back", n)
	}
}

// WhatsApp counts who wrote to a number: on another line of the desk the same customer is a stranger.
func TestFirstMessageIsCountedByLine(t *testing.T) {
	p := desktest.NewPost(t)
	there := p.Conversation(store.StatusClosed, "", "")
	p.Says(there, "hola")
	p.Exec("UPDATE conversations SET line = 'other'")
	p.Exec("UPDATE messages SET line = 'other'")
	now := store.Stamp(p.Desk.Store.Now())
	here := p.Insert("conversations", dbx.Params{"line": "line", "contact": p.Get(there).Contact, "status": store.StatusOpen, "lastAt": now, "startedAt": now})
	p.Queue(here, "hi")
	p.Rounds(false)
	if got := p.Order(); got != "" {
		t.Errorf("got %q beside the limit for first messages, want it to wait for its turn", got)
	}
	p.Rounds(true)
	if got := p.Order(); got != "hi" || !p.Sent[0].First {
		t.Errorf("got %q (%+v), want it sent as a first message", got, p.Sent)
	}
}
