package outbox_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/conversation"
	"mostrador/hooks/desktest"
	"mostrador/hooks/media"
	"mostrador/hooks/outbox"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

func TestSendQueuesOnce(t *testing.T) {
	w, ana, id, question := desktest.AnaAnswers(t)
	first := w.Send(ana, id, outbox.NewMessage{ClientID: "c1", Text: "sí", Quote: question.ID, SeenCursor: question.Pos})
	if first.State != "queued" || first.Author != ana.ID || first.Direction != "out" || first.Kind != "text" {
		t.Errorf("got %+v", first)
	}
	if first.Quote == nil || first.Quote.ID != question.ID || first.Quote.Text != "¿abren hoy?" || first.Quote.Author != store.ByContact {
		t.Errorf("got quote %+v", first.Quote)
	}
	if row := w.Message(first.ID); row.WaID == "" || !row.Outbox {
		t.Errorf("got id %q outbox %v, want it queued under an id of its own", row.WaID, row.Outbox)
	}
	again := w.Send(ana, id, outbox.NewMessage{ClientID: "c1", Text: "sí"})
	if again.ID != first.ID || w.Outbox() != "text:sí" {
		t.Errorf("the same request again: got %s, outbox %q", again.ID, w.Outbox())
	}
	other := w.Conversation(store.StatusOpen, "", ana.ID)
	if m := w.Send(ana, other, outbox.NewMessage{ClientID: "c1", Text: "sí"}); m.ID == first.ID {
		t.Error("the same client id in another conversation is another message")
	}
}

func TestSendRefusesWhoIsBehind(t *testing.T) {
	w, ana, id, question := desktest.AnaAnswers(t)
	w.Send(ana, id, outbox.NewMessage{Text: "mine"})
	if _, err := w.Desk.Outbox.Send(t.Context(), ana, id, outbox.NewMessage{Text: "again", SeenCursor: question.Pos}); err != nil {
		t.Errorf("only her own message came since: got %v", err)
	}
	newer := w.Says(id, "¿hola?")
	_, err := w.Desk.Outbox.Send(t.Context(), ana, id, outbox.NewMessage{ClientID: "x", Text: "sí", SeenCursor: question.Pos})
	var r *api.Refusal
	if !errors.As(err, &r) || r.Status != 409 || r.Code != outbox.ErrBehind.Code {
		t.Fatalf("got %v, want %s", err, outbox.ErrBehind.Code)
	}
	if list := r.Data.(map[string]any)["messages"].([]view.Message); len(list) != 1 || list[0].ID != newer.ID {
		t.Errorf("got %+v, want the one that came", list)
	}
	if _, err := w.Desk.Outbox.Send(t.Context(), ana, id, outbox.NewMessage{ClientID: "x", Text: "sí", SeenCursor: newer.Pos}); err != nil {
		t.Errorf("having seen it: got %v", err)
	}
}

func TestSendRefusesWhatCannotBeSent(t *testing.T) {
	w, ana, id, question := desktest.AnaAnswers(t)
	card := whatsapp.Card{Name: "Bea", VCard: "BEGIN:VCARD\nEND:VCARD"}
	poll := func(options ...string) *whatsapp.PollQuestion {
		return &whatsapp.PollQuestion{Question: "¿?", Options: options, Max: 1}
	}
	tests := []struct {
		name string
		n    outbox.NewMessage
		want string
	}{
		{"nothing", outbox.NewMessage{}, outbox.ErrNothing.Code},
		{"blanks", outbox.NewMessage{Text: " \n"}, outbox.ErrNothing.Code},
		{"empty note", outbox.NewMessage{Note: true}, outbox.ErrNothing.Code},
		{"a book", outbox.NewMessage{Text: strings.Repeat("x", api.MaxText+1)}, api.ErrTooLong.Code},
		{"as long as can be", outbox.NewMessage{Text: strings.Repeat("ñ", api.MaxText)}, ""},
		{"two things", outbox.NewMessage{Place: &whatsapp.Place{}, Poll: poll("a", "b")}, api.ErrBadValue.Code},
		{"text with a place", outbox.NewMessage{Text: "x", Place: &whatsapp.Place{}}, api.ErrBadValue.Code},
		{"place", outbox.NewMessage{Place: &whatsapp.Place{Lat: -34.6, Lng: -58.4}}, ""},
		{"place off the globe", outbox.NewMessage{Place: &whatsapp.Place{Lat: 91}}, api.ErrBadValue.Code},
		{"contact", outbox.NewMessage{Contact: &card}, ""},
		{"contact without a name", outbox.NewMessage{Contact: &whatsapp.Card{VCard: card.VCard}}, api.ErrBadValue.Code},
		{"contact that is none", outbox.NewMessage{Contact: &whatsapp.Card{Name: "x", VCard: "<html>"}}, api.ErrBadValue.Code},
		{"poll", outbox.NewMessage{Poll: poll("a", "b")}, ""},
		{"poll of one", outbox.NewMessage{Poll: poll("a")}, api.ErrBadValue.Code},
		{"poll of the same", outbox.NewMessage{Poll: poll("a", "a")}, api.ErrBadValue.Code},
		{"unknown upload", outbox.NewMessage{Media: "x"}, media.ErrUnknownMedia.Code},
		{"unknown quote", outbox.NewMessage{Text: "x", Quote: "x"}, outbox.ErrNoTarget.Code},
		{"scheduled", outbox.NewMessage{Text: "x", SendAt: w.Desk.Store.Now().Add(time.Hour)}, ""},
		{"scheduled in the past", outbox.NewMessage{Text: "x", SendAt: w.Desk.Store.Now()}, conversation.ErrPastTime.Code},
		{"reaction to nothing", outbox.NewMessage{Reaction: &outbox.NewReaction{ID: "x", Emoji: "👍"}}, outbox.ErrNoTarget.Code},
		{"edit of the customer's words", outbox.NewMessage{Edit: &outbox.NewEdit{ID: question.ID, Text: "x"}}, outbox.ErrNoTarget.Code},
		{"edit to nothing", outbox.NewMessage{Edit: &outbox.NewEdit{ID: question.ID}}, outbox.ErrNothing.Code},
		{"revoke of the customer's words", outbox.NewMessage{Revoke: &outbox.NewRevoke{ID: question.ID}}, outbox.ErrNoTarget.Code},
		{"long client id", outbox.NewMessage{ClientID: strings.Repeat("x", 65), Text: "x"}, api.ErrBadValue.Code},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.Desk.Outbox.Send(t.Context(), ana, id, tt.n)
			if got := desktest.CodeOf(err); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestSendToNobodysConversationTakesIt(t *testing.T) {
	w := desktest.NewWorld(t)
	sales := w.Area("sales")
	sup := w.User("sup", rights.Supervisor, sales)
	for _, status := range []string{store.StatusBot, store.StatusWaiting} {
		id := w.Conversation(status, sales, "")
		w.Send(sup, id, outbox.NewMessage{Text: "hola"})
		if c := w.Get(id); c.Status != store.StatusOpen || c.Assignee != sup.ID {
			t.Errorf("%s: got %s with %q, want it open with %s", status, c.Status, c.Assignee, sup.ID)
		}
	}
	ana := w.User("ana", rights.Operator, sales)
	id := w.Conversation(store.StatusOpen, sales, ana.ID)
	w.Send(sup, id, outbox.NewMessage{Text: "hola"})
	if c := w.Get(id); c.Assignee != ana.ID {
		t.Error("a supervisor who helps out took the conversation away")
	}
	note := w.Conversation(store.StatusWaiting, sales, "")
	w.Send(sup, note, outbox.NewMessage{Text: "cliente VIP", Note: true})
	if c := w.Get(note); c.Status != store.StatusWaiting || w.Outbox() != "text:hola text:hola text:hola" {
		t.Errorf("a note: got %s, outbox %q; want it to stay here", c.Status, w.Outbox())
	}
}

func TestUploadIsSentOnce(t *testing.T) {
	w, ana, id, _ := desktest.AnaAnswers(t)
	file := w.Insert("media", dbx.Params{"conversation": id, "owner": ana.ID, "state": "ready", "mime": "image/jpeg", "name": "a.jpg", "size": 3})
	shown := w.Send(ana, id, outbox.NewMessage{Text: "mira", Media: file})
	if shown.Kind != "image" || shown.Media == nil || shown.Media.ID != file || shown.Media.URL == "" || shown.Text != "mira" {
		t.Errorf("got %+v", shown)
	}
	if _, err := w.Desk.Outbox.Send(t.Context(), ana, id, outbox.NewMessage{Media: file}); desktest.CodeOf(err) != media.ErrUnknownMedia.Code {
		t.Errorf("a second time: got %v", err)
	}
	theirs := w.Insert("media", dbx.Params{"conversation": id, "owner": "bea", "state": "ready", "mime": "image/jpeg"})
	if _, err := w.Desk.Outbox.Send(t.Context(), ana, id, outbox.NewMessage{Media: theirs}); desktest.CodeOf(err) != media.ErrUnknownMedia.Code {
		t.Errorf("somebody else's: got %v", err)
	}
}

func TestAVoiceNoteThatIsNone(t *testing.T) {
	w, ana, id, _ := desktest.AnaAnswers(t)
	sound := w.Insert("media", dbx.Params{"conversation": id, "owner": ana.ID, "state": "ready", "mime": "audio/wav"})
	if _, err := w.Desk.Outbox.Send(t.Context(), ana, id, outbox.NewMessage{Media: sound, Kind: "voice"}); desktest.CodeOf(err) != outbox.ErrNoVoice.Code {
		t.Errorf("got %v, want it refused", err)
	}
	if sent := w.Send(ana, id, outbox.NewMessage{Media: sound}); sent.Kind != "document" {
		t.Errorf("got %s, want it sent as a file", sent.Kind)
	}
}

func TestMediaKind(t *testing.T) {
	tests := []struct{ wish, mime, want string }{
		{"", "image/jpeg", "image"}, {"", "image/svg+xml", "document"}, {"document", "image/jpeg", "document"},
		{"", "video/mp4", "video"}, {"", "video/x-msvideo", "document"}, {"", "audio/ogg; codecs=opus", "audio"},
		{"voice", "audio/ogg; codecs=opus", "voice"}, {"voice", "image/png", "image"}, {"sticker", "image/webp", "sticker"},
		{"sticker", "image/png", "image"},
		{"", "audio/mpeg", "audio"}, {"", "audio/mp4", "audio"}, {"", "audio/AMR", "audio"}, {"", "audio/aac", "audio"},
		{"", "audio/wav", "document"}, {"", "audio/x-flac", "document"}, {"", "audio/webm;codecs=opus", "document"}, {"", "audio/midi", "document"},
		{"voice", "audio/wav", "document"}, {"voice", "audio/ogg; codecs=vorbis", "audio"}, {"voice", "audio/ogg", "voice"}, {"", "application/pdf", "document"}, {"", "", "document"},
	}
	for _, tt := range tests {
		if got := string(outbox.MediaKind(tt.wish, tt.mime)); got != tt.want {
			t.Errorf("%q as %q: got %s, want %s", tt.mime, tt.wish, got, tt.want)
		}
	}
}

func TestReactionIsTheDesksOnlyOne(t *testing.T) {
	w, ana, id, question := desktest.AnaAnswers(t)
	w.Insert("reactions", dbx.Params{"message": question.ID, "author": store.ByContact, "kind": "reaction", "emoji": "😀"})
	boss := w.User("boss", rights.Admin)
	w.Send(ana, id, outbox.NewMessage{Reaction: &outbox.NewReaction{ID: question.ID, Emoji: "👍"}})
	shown := w.Send(boss, id, outbox.NewMessage{ClientID: "r", Reaction: &outbox.NewReaction{ID: question.ID, Emoji: "❤️"}})
	if len(shown.Reactions) != 2 || shown.ID != question.ID || shown.Reactions[1] != (view.Reaction{Emoji: "❤️", Author: boss.ID}) {
		t.Errorf("got %+v on %s, want the customer's and the last of ours", shown.Reactions, shown.ID)
	}
	if again := w.Send(boss, id, outbox.NewMessage{ClientID: "r", Reaction: &outbox.NewReaction{ID: question.ID, Emoji: "❤️"}}); again.ID != question.ID {
		t.Errorf("the same request again: got %s", again.ID)
	}
	if shown = w.Send(ana, id, outbox.NewMessage{Reaction: &outbox.NewReaction{ID: question.ID, Emoji: ""}}); len(shown.Reactions) != 1 {
		t.Errorf("taken back: got %+v", shown.Reactions)
	}
	if got, want := w.Outbox(), "reaction:👍 reaction:❤️ reaction:"; got != want {
		t.Errorf("got outbox %q, want %q", got, want)
	}
}

func TestEditAndRevoke(t *testing.T) {
	w, ana, id, _ := desktest.AnaAnswers(t)
	sent := w.Sent(ana, id, "hloa")
	shown := w.Send(ana, id, outbox.NewMessage{Edit: &outbox.NewEdit{ID: sent, Text: "hola"}})
	if shown.ID != sent || shown.Text != "hola" || shown.EditedAt == "" || w.Get(id).LastText != "hola" {
		t.Errorf("got %+v, preview %q", shown, w.Get(id).LastText)
	}
	queued := w.Send(ana, id, outbox.NewMessage{Text: "chua"})
	if shown = w.Send(ana, id, outbox.NewMessage{Edit: &outbox.NewEdit{ID: queued.ID, Text: "chau"}}); shown.EditedAt != "" {
		t.Error("what had not left is shown as edited")
	}
	if got, want := w.Outbox(), "edit:hola text:chau"; got != want {
		t.Errorf("got outbox %q, want %q", got, want)
	}
	shown = w.Send(ana, id, outbox.NewMessage{Revoke: &outbox.NewRevoke{ID: queued.ID}})
	if shown.RevokedAt == "" || w.Outbox() != "edit:hola" || w.Get(id).LastText != "" {
		t.Errorf("got %+v, outbox %q, preview %q", shown, w.Outbox(), w.Get(id).LastText)
	}
	w.Pass(outbox.EditFor + time.Second)
	if _, err := w.Desk.Outbox.Send(t.Context(), ana, id, outbox.NewMessage{Edit: &outbox.NewEdit{ID: sent, Text: "x"}}); desktest.CodeOf(err) != outbox.ErrTooLate.Code {
		t.Errorf("a late edit: got %v", err)
	}
	w.Send(ana, id, outbox.NewMessage{Revoke: &outbox.NewRevoke{ID: sent}})
	if _, err := w.Desk.Outbox.Send(t.Context(), ana, id, outbox.NewMessage{Revoke: &outbox.NewRevoke{ID: sent}}); desktest.CodeOf(err) != outbox.ErrNoTarget.Code {
		t.Errorf("taken back twice: got %v", err)
	}
	if got, want := w.Outbox(), "edit:hola revoke:"; got != want {
		t.Errorf("got outbox %q, want %q", got, want)
	}
}

func TestOperatorChangesOnlyTheirOwn(t *testing.T) {
	w, ana, id, _ := desktest.AnaAnswers(t)
	boss := w.User("boss", rights.Admin)
	his, hers := w.Sent(boss, id, "1"), w.Sent(ana, id, "2")
	if _, err := w.Desk.Outbox.Send(t.Context(), ana, id, outbox.NewMessage{Edit: &outbox.NewEdit{ID: his, Text: "x"}}); desktest.CodeOf(err) != api.ErrForbidden.Code {
		t.Errorf("got %v, want %s", err, api.ErrForbidden.Code)
	}
	if _, err := w.Desk.Outbox.Send(t.Context(), boss, id, outbox.NewMessage{Edit: &outbox.NewEdit{ID: hers, Text: "x"}}); err != nil {
		t.Errorf("an admin: got %v", err)
	}
}

func TestRetry(t *testing.T) {
	w, ana, id, _ := desktest.AnaAnswers(t)
	m := w.Send(ana, id, outbox.NewMessage{Text: "hola"})
	if _, err := w.Desk.Outbox.Retry(t.Context(), ana, id, m.ID); desktest.CodeOf(err) != outbox.ErrNotFailed.Code {
		t.Errorf("of what is on its way: got %v", err)
	}
	w.Exec("UPDATE messages SET state = 'failed', reason = 'no_account', outbox = FALSE, attempts = 9 WHERE id = '" + m.ID + "'")
	nudged := make(chan string, 1)
	w.Desk.Store.Queued = func(line string) { nudged <- line }
	shown, err := w.Desk.Outbox.Retry(t.Context(), ana, id, m.ID)
	if err != nil || shown.State != "queued" || shown.Reason != "" || w.Outbox() != "text:hola" {
		t.Errorf("got %+v (%v), outbox %q", shown, err, w.Outbox())
	}
	if row := w.Message(m.ID); row.Attempts > 1 || row.WaID == "" {
		t.Errorf("got %d attempts, id %q", row.Attempts, row.WaID)
	}
	if got := <-nudged; got != "line" {
		t.Errorf("got line %q", got)
	}
	other := w.Conversation(store.StatusOpen, "", ana.ID)
	if _, err := w.Desk.Outbox.Retry(t.Context(), ana, other, m.ID); desktest.CodeOf(err) != api.ErrNotFound.Code {
		t.Errorf("through another conversation: got %v", err)
	}
}
