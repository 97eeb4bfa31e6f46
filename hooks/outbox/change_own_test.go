package outbox_test

import (
	"errors"
	"testing"

	"mostrador/hooks/desktest"
	"mostrador/hooks/outbox"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
	"mostrador/whatsapp"
)

// unsent is a post with ana, who has a chat and an answer in it that waits to be sent.
func unsent(t *testing.T) (p *desktest.Post, ana rights.Viewer, chat string, m view.Message) {
	p = desktest.NewPost(t)
	ana = p.User("ana", rights.Operator)
	chat = p.Conversation(store.StatusOpen, "", ana.ID)
	p.Says(chat, "¿abren hoy?")
	return p, ana, chat, p.Send(ana, chat, outbox.NewMessage{Text: "no"})
}

// onItsWay lists how a message of ours can be where nobody knows whether the phone has it; during is called at that moment.
var onItsWay = map[string]func(p *desktest.Post, during func()){
	"while it is sent": func(p *desktest.Post, during func()) {
		p.Answer = func(m whatsapp.Outgoing) error {
			if m.Text == "no" {
				during()
			}
			return nil
		}
		p.Rounds(false)
	},
	"after a time-out": func(p *desktest.Post, during func()) {
		p.Answer = func(m whatsapp.Outgoing) error {
			if m.Text == "no" {
				return whatsapp.ErrUnconfirmed
			}
			return nil
		}
		p.Rounds(false)
		during()
		p.Answer = nil
	},
	"after a crash": func(p *desktest.Post, during func()) {
		p.Answer = func(whatsapp.Outgoing) error {
			p.Answer = nil
			p.Exec("CREATE TRIGGER crash BEFORE UPDATE ON messages BEGIN SELECT RAISE(ABORT, 'the process is gone'); END")
			return nil
		}
		_ = p.Round(false)
		_ = p.Round(false)
		p.Exec("DROP TRIGGER crash")
		if err := p.Desk.Outbox.Rescue(p.T.Context()); err != nil {
			p.T.Fatal(err)
		}
		during()
	},
}

func TestTakenBackOnItsWay(t *testing.T) {
	for name, on := range onItsWay {
		t.Run(name, func(t *testing.T) {
			p, ana, chat, m := unsent(t)
			revoke := outbox.NewMessage{ClientID: "r", Revoke: &outbox.NewRevoke{ID: m.ID}}
			on(p, func() {
				if v := p.Send(ana, chat, revoke); v.ID != m.ID || v.RevokedAt == "" {
					t.Errorf("got %+v, want it taken back", v)
				}
				if v := p.Send(ana, chat, revoke); v.ID != m.ID {
					t.Errorf("the same request again: got %+v", v)
				}
			})
			sent := len(p.Sent)
			p.Rounds(false)
			p.Pass(outbox.LockedFor)
			p.Rounds(false)
			if got := p.Sent[len(p.Sent)-1]; got.Kind != whatsapp.Revoke || got.Target != p.Message(m.ID).WaID || len(p.Sent) > sent+1 {
				t.Errorf("got %q, want the message taken back on the phone and not sent again", p.Order())
			}
			if got := p.Outbox(); got != "" {
				t.Errorf("got outbox %q, want nothing left", got)
			}
			if row := p.Message(m.ID); name == "while it is sent" && row.State != "sent" {
				t.Errorf("got %s, want to know that it had left", row.State)
			}
		})
	}
}

func TestEditedOnItsWay(t *testing.T) {
	for name, on := range onItsWay {
		t.Run(name, func(t *testing.T) {
			p, ana, chat, m := unsent(t)
			on(p, func() {
				if v := p.Send(ana, chat, outbox.NewMessage{Edit: &outbox.NewEdit{ID: m.ID, Text: "sí"}}); v.Text != "sí" || v.EditedAt == "" {
					t.Errorf("got %+v, want it edited", v)
				}
			})
			p.Rounds(false)
			p.Pass(outbox.LockedFor)
			p.Rounds(false)
			if got := p.Sent[len(p.Sent)-1]; got.Kind != whatsapp.Edit || got.Text != "sí" || got.Target != p.Message(m.ID).WaID {
				t.Errorf("got %q, want the phone to hear of the edit", p.Order())
			}
			for _, out := range p.Sent[:len(p.Sent)-1] {
				if out.ID != p.Message(m.ID).WaID {
					t.Errorf("got %+v, want nothing but the message before its edit", out)
				}
			}
		})
	}
}

func TestTakenBackBeforeItLeft(t *testing.T) {
	p, ana, chat, m := unsent(t)
	p.Answer = func(whatsapp.Outgoing) error { p.Off.Store(true); return whatsapp.ErrOffline }
	p.Rounds(false) // nothing left
	later := p.Send(ana, chat, outbox.NewMessage{Text: "mañana", SendAt: p.Desk.Store.Now().Add(outbox.LockedFor)})
	for _, id := range []string{m.ID, later.ID} {
		edit, revoke := outbox.NewMessage{ClientID: "e" + id, Edit: &outbox.NewEdit{ID: id, Text: "x"}}, outbox.NewMessage{ClientID: "r" + id, Revoke: &outbox.NewRevoke{ID: id}}
		p.Send(ana, chat, edit)
		if v := p.Send(ana, chat, outbox.NewMessage{Edit: &outbox.NewEdit{ID: id, Text: "y"}}); v.Text != "y" || v.EditedAt != "" {
			t.Errorf("got %+v, want the new text and no word of an edit", v)
		}
		if v := p.Send(ana, chat, edit); v.Text != "y" {
			t.Errorf("the first edit again: got %q, want what came after it", v.Text)
		}
		p.Send(ana, chat, revoke)
		if v := p.Send(ana, chat, revoke); v.ID != id || v.State != "failed" || v.Reason != outbox.FailCancelled {
			t.Errorf("the same request again: got %+v", v)
		}
	}
	if got := p.Outbox(); got != "" {
		t.Errorf("got outbox %q, want nothing to send", got)
	}
}

// After a crash every message counts as tried that may have been: not what was planned, nor that of a line that was off.
func TestRescueCountsWhatMayHaveLeft(t *testing.T) {
	for state, want := range map[string]int{"connected": 1, "restricted": 1, "offline": 1, "connecting": 1, "stopped": 0, "logged_out": 0} {
		p, ana, chat, m := unsent(t)
		p.Exec("INSERT INTO lines (id, name, state) VALUES ('line', 'WhatsApp', '" + state + "')")
		later := p.Send(ana, chat, outbox.NewMessage{Text: "mañana", SendAt: p.Desk.Store.Now().Add(outbox.LockedFor)})
		for range 2 {
			if err := p.Desk.Outbox.Rescue(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if got := p.Message(m.ID).Attempts; got != want || p.Message(later.ID).Attempts != 0 {
			t.Errorf("%s: got %d attempts and %d of what was planned, want %d and 0", state, got, p.Message(later.ID).Attempts, want)
		}
	}
}

// A decision about a message and the beginning of its send exclude each other.
func TestNothingLeavesWhileItIsDecidedUpon(t *testing.T) {
	p, _, chat, m := unsent(t)
	failed := errors.New("the decision did not come about")
	for _, outcome := range []error{nil, failed} {
		err := p.On(chat, func(tx *store.Tx, _ *store.Conversation) error {
			row, err := tx.Message(m.ID)
			if err != nil {
				return err
			}
			if !p.Desk.Outbox.NeverLeft(tx, row) {
				t.Error("it counts as gone before anybody sent it")
			}
			if _, ok := p.Out.Take(outbox.Head{ID: m.ID, Contact: row.Contact}); ok {
				t.Error("it may leave while it is decided upon")
			}
			return outcome
		})
		if !errors.Is(err, outcome) {
			t.Fatal(err)
		}
	}
	p.Until(func() bool { // it is let go right after the transaction, not in it
		release, ok := p.Out.Hold(m.ID)
		if ok {
			release()
		}
		return ok
	})
	p.Rounds(false)
	if got := p.Order(); got != "no" {
		t.Errorf("got %q, want it sent after all", got)
	}
}

func TestRetriedMessageMayHaveLeft(t *testing.T) {
	p, ana, chat, m := unsent(t)
	p.Exec("UPDATE messages SET state = 'failed', reason = 'gave_up', outbox = FALSE, attempts = 12 WHERE id = '" + m.ID + "'")
	if _, err := p.Desk.Outbox.Retry(t.Context(), ana, chat, m.ID); err != nil {
		t.Fatal(err)
	}
	p.Send(ana, chat, outbox.NewMessage{Revoke: &outbox.NewRevoke{ID: m.ID}})
	if got := p.Outbox(); got != "revoke:" {
		t.Errorf("got outbox %q, want it taken back on the phone as well", got)
	}
}
