package receive_test

import (
	"strings"
	"testing"
	"time"

	"mostrador/hooks/conversation"
	"mostrador/hooks/desktest"
	"mostrador/hooks/outbox"
	"mostrador/hooks/receive"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

func TestReceiveStoresOnce(t *testing.T) {
	w := desktest.NewWorld(t)
	for range 3 {
		w.Gets(whatsapp.Message{ID: "A", Text: "hola", Name: "Carla"})
	}
	w.Gets(whatsapp.Message{ID: "A", Text: "something else"})
	got := w.Messages()
	if len(got) != 1 || got[0].Text != "hola" || got[0].State != "received" || !got[0].Pending || got[0].Author != store.ByContact {
		t.Errorf("got %+v, want one pending message hola", got)
	}
	c := w.Get(got[0].Conversation)
	if c.Status != store.StatusBot || c.Unread != 1 || c.LastText != "hola" {
		t.Errorf("got conversation %s unread %d last %q, want bot, 1, hola", c.Status, c.Unread, c.LastText)
	}
}

func TestReceiveTimes(t *testing.T) {
	w := desktest.NewWorld(t)
	now := w.Desk.Store.Now()
	for id, tt := range map[string]struct{ at, want time.Time }{
		"past": {now.Add(-48 * time.Hour), now.Add(-48 * time.Hour)}, "soon": {now.Add(50 * time.Second), now.Add(50 * time.Second)},
		"future": {now.Add(48 * time.Hour), now}, "zero": {time.Unix(0, 0), now},
	} {
		w.Gets(whatsapp.Message{ID: id, At: tt.at})
		var got store.Message
		if err := w.Desk.Store.App.DB().Select().From("messages").Where(dbx.HashExp{"waId": id}).One(&got); err != nil {
			t.Fatal(err)
		}
		if !got.SentAt.Time().Equal(tt.want) {
			t.Errorf("%s: got %s, want %s", id, got.SentAt, tt.want)
		}
	}
}

func TestReceiveKeepsEveryKindWhole(t *testing.T) {
	w := desktest.NewWorld(t)
	long := strings.Repeat("ñandú ", 70<<10/7)
	messages := []whatsapp.Message{
		{Text: long},
		{Text: ""},
		{Kind: whatsapp.Location, Place: &whatsapp.Place{Lat: -34.6, Lng: -58.4, Name: "Obelisco"}},
		{Kind: whatsapp.Contact, Cards: []whatsapp.Card{{Name: "Ana", VCard: "BEGIN:VCARD\nTEL:1\nEND:VCARD"}}},
		{Kind: whatsapp.Poll, Text: "¿Cuándo?", Poll: &whatsapp.PollQuestion{Question: "¿Cuándo?", Options: []string{"hoy", "mañana"}}},
		{Kind: whatsapp.Unsupported, What: "groupInviteMessage"},
		{Kind: whatsapp.Call, What: "video"},
		{Text: "sí", Quote: &whatsapp.Quote{ID: "m0", Text: "¿vienes?"}},
		{Kind: whatsapp.Voice, Media: &whatsapp.Media{MIME: "audio/ogg", Seconds: 3, Wave: []byte{1, 2}, Ref: []byte(`{"path":"x"}`)}},
	}
	for i := range messages {
		messages[i].ID = string(rune('a' + i))
		w.Gets(messages[i])
	}
	rows := w.Messages()
	for i := range rows { // a long text lies apart from its row
		if err := store.Unfold(store.Execer(w.Desk.Store.App.ConcurrentDB()), &rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	views, err := view.Messages(w.Desk.Store.App.ConcurrentDB(), view.Everyone, rows)
	if err != nil {
		t.Fatal(err)
	}
	if len(views) != len(messages) {
		t.Fatalf("got %d messages, want %d", len(views), len(messages))
	}
	if views[0].Text != long || views[1].Kind != "text" || views[1].Text != "" {
		t.Errorf("got texts of %d and %d bytes, want %d and 0", len(views[0].Text), len(views[1].Text), len(long))
	}
	if views[2].Place == nil || views[2].Place.Name != "Obelisco" || len(views[3].Cards) != 1 || views[4].Poll == nil {
		t.Errorf("got %+v, %+v and %+v, want place, card and poll", views[2].Place, views[3].Cards, views[4].Poll)
	}
	if views[5].What != "groupInviteMessage" || views[6].What != "video" || views[7].Quote == nil || views[7].Quote.Text != "¿vienes?" {
		t.Errorf("got %q, %q and %+v", views[5].What, views[6].What, views[7].Quote)
	}
	if m := views[8].Media; m == nil || m.State != "pending" || m.Seconds != 3 || m.Wave != "AQI=" {
		t.Errorf("got media %+v, want pending, 3 s, a wave", m)
	}
}

func TestReceiveChanges(t *testing.T) {
	w := desktest.NewWorld(t)
	w.Gets(whatsapp.Message{ID: "A", Text: "mañana"})
	at := w.Desk.Store.Now()
	w.Gets(whatsapp.Message{ID: "r1", Kind: whatsapp.Reaction, Target: "A", Text: "👍", FromMe: true, At: at})
	w.Gets(whatsapp.Message{ID: "r2", Kind: whatsapp.Reaction, Target: "A", Text: "❤️", At: at})
	w.Gets(whatsapp.Message{ID: "r3", Kind: whatsapp.Reaction, Target: "A", Text: "", At: at.Add(time.Second)})
	w.Gets(whatsapp.Message{ID: "e1", Kind: whatsapp.Edit, Target: "A", Text: "pasado", At: at.Add(2 * time.Second)})
	w.Gets(whatsapp.Message{ID: "e0", Kind: whatsapp.Edit, Target: "A", Text: "late edit", At: at})
	w.Gets(whatsapp.Message{ID: "e2", Kind: whatsapp.Edit, Target: "A", Text: "not mine", FromMe: true, At: at.Add(time.Minute)})
	views, err := view.Messages(w.Desk.Store.App.ConcurrentDB(), view.Everyone, w.Messages())
	if err != nil {
		t.Fatal(err)
	}
	if len(views) != 1 {
		t.Fatalf("got %d messages, want 1: a change is no message", len(views))
	}
	v := views[0]
	if v.Text != "pasado" || v.EditedAt == "" || len(v.Reactions) != 1 || v.Reactions[0] != (view.Reaction{Emoji: "👍", Author: store.ByPhone}) {
		t.Errorf("got %q edited %q reactions %v, want pasado with the owner's thumb", v.Text, v.EditedAt, v.Reactions)
	}
	if c := w.Get(v.Conversation); c.LastText != "pasado" {
		t.Errorf("got preview %q, want pasado", c.LastText)
	}
	w.Gets(whatsapp.Message{ID: "x", Kind: whatsapp.Revoke, Target: "A", At: at.Add(time.Minute)})
	if got := w.Messages()[0]; got.RevokedAt.IsZero() {
		t.Error("got a message that is not taken back, want it taken back")
	}
}

func TestReceiveChangeOfAnUnknownMessageIsKept(t *testing.T) {
	w := desktest.NewWorld(t)
	w.Gets(whatsapp.Message{ID: "e", Kind: whatsapp.Edit, Target: "nobody", Text: "nuevo"})
	events := desktest.All[store.EventRow](w, "SELECT * FROM events WHERE kind = 'unknown_edit'")
	if len(events) != 1 || events[0].Pos != 0 || !strings.Contains(string(events[0].Data), "nuevo") {
		t.Errorf("got %+v, want one quiet event with the text", events)
	}
	if got := len(w.Messages()); got != 0 {
		t.Errorf("got %d messages, want 0", got)
	}
}

func TestReceiveVote(t *testing.T) {
	w := desktest.NewWorld(t)
	c := w.Conversation(store.StatusBot, "", "")
	row := w.Get(c)
	contact, err := store.Find[store.ContactRow](w.Desk.Store.App.DB(), "contacts", row.Contact)
	if err != nil {
		t.Fatal(err)
	}
	w.Add(c, &store.Message{Direction: "out", Kind: "poll", Author: store.ByFlow, WaID: "P", State: "sent"})
	vote := whatsapp.Message{ID: "v1", Kind: whatsapp.Vote, Target: "P", Votes: []string{"hoy"}, Chat: whatsapp.Address{Phone: contact.Phone}}
	w.Gets(vote)
	w.Gets(vote)
	pending := desktest.All[store.Message](w, "SELECT * FROM messages WHERE pending")
	if len(pending) != 1 || pending[0].Pos != 0 || pending[0].Text != "hoy" {
		t.Errorf("got %+v, want one hidden vote that waits for the flow", pending)
	}
	views, err := view.Messages(w.Desk.Store.App.ConcurrentDB(), view.Everyone, desktest.All[store.Message](w, "SELECT * FROM messages WHERE waId = 'P'"))
	if err != nil {
		t.Fatal(err)
	}
	if len(views) != 1 || len(views[0].Votes) != 1 || views[0].Votes[0].Options[0] != "hoy" {
		t.Errorf("got %+v, want the poll with the vote", views)
	}
}

// A vote is an answer like any other: who votes is not silent.
func TestVoteIsACustomersWord(t *testing.T) {
	w := desktest.NewWorld(t)
	ana := w.User("ana", rights.Operator, w.Area("sales"))
	id := w.Conversation(store.StatusOpen, ana.Areas[0], ana.ID)
	w.Set("contacts", w.Get(id).Contact, dbx.Params{"phone": desktest.Carla.Phone})
	poll := &store.Message{Direction: "out", Kind: "poll", Author: ana.ID, Text: "¿Cuándo?", WaID: "P", State: "sent"}
	w.Add(id, poll)
	w.Pass(20 * time.Minute)
	vote := whatsapp.Message{ID: "v1", Kind: whatsapp.Vote, Target: "P", Votes: []string{"hoy", "mañana"}}
	for range 2 { // WhatsApp delivers at least once
		w.Gets(vote)
	}
	c := w.Get(id)
	if c.Unread != 1 || !c.WaitingSince.Time().Equal(w.Desk.Store.Now()) || c.LastAuthor != store.ByContact || c.LastText != "hoy mañana" || c.LastMessage != poll.ID {
		t.Errorf("got unread %d, waiting since %s, last %q by %s, want one word of the customer", c.Unread, c.WaitingSince, c.LastText, c.LastAuthor)
	}
	w.Pass(11 * time.Minute)
	if err := w.Desk.Conversations.CloseQuiet(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := w.Get(id); c.Status != store.StatusOpen {
		t.Errorf("got %s, want it open: the customer has answered", c.Status)
	}
	w.Send(ana, id, outbox.NewMessage{Text: "anotado"})
	w.Gets(whatsapp.Message{ID: "v2", Kind: whatsapp.Vote, Target: "P"})
	w.Gets(vote)
	if c := w.Get(id); c.Unread != 0 || !c.WaitingSince.IsZero() {
		t.Errorf("after a vote was taken back: got unread %d, waiting since %s, want neither", c.Unread, c.WaitingSince)
	}
	if _, err := w.Desk.Conversations.CloseConversation(t.Context(), ana, id, conversation.Closing{}); err != nil {
		t.Fatal(err)
	}
	w.Gets(whatsapp.Message{ID: "v3", Kind: whatsapp.Vote, Target: "P", Votes: []string{"hoy"}})
	if c := w.Get(id); c.Status != store.StatusClosed || c.LastText != "anotado" {
		t.Errorf("after it was closed: got %s with %q, want it as it was", c.Status, c.LastText)
	}
}

func TestReceiveFromThePhoneSilencesTheBot(t *testing.T) {
	w := desktest.NewWorld(t)
	w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.Gets(whatsapp.Message{ID: "B", Text: "yo te atiendo", FromMe: true})
	rows := w.Messages()
	if got := rows[len(rows)-1]; got.Author != store.ByPhone || got.Direction != "out" || got.State != "sent" || got.Outbox || got.Pending {
		t.Errorf("got %+v, want the owner's own message", got)
	}
	c := w.Get(rows[0].Conversation)
	if c.Status == store.StatusBot || c.Unread != 0 || !c.WaitingSince.IsZero() {
		t.Errorf("got %s unread %d waiting since %s, want it with people and answered", c.Status, c.Unread, c.WaitingSince)
	}
}

// The phone sends a view-once photo to nobody but the customer: the desk gets a message that it cannot read.
func TestUnreadableFromThePhoneSilencesTheBot(t *testing.T) {
	for name, before := range map[string]string{"a new chat": "", "the flow waits for an answer": "hola"} {
		t.Run(name, func(t *testing.T) {
			w, _ := desktest.NewWorldWithFlow(t)
			w.Exec("UPDATE areas SET awayText = 'Cerrado'")
			w.Set("areas", w.AreaID("sales"), dbx.Params{"updated": "2"})
			w.Setting("defaultArea", `"`+w.AreaID("sales")+`"`)
			w.Insert("hours", dbx.Params{"area": "", "week": `{"monday":[]}`}) // closed
			if before != "" {
				w.Gets(whatsapp.Message{ID: "A", Text: before})
				w.Round()
			}
			said := len(w.SaidToCustomer())
			w.Gets(whatsapp.Message{ID: "B", Kind: whatsapp.Undecryptable, FromMe: true})
			w.Pass(receive.ReadableAfter)
			w.Round()
			c := w.Only()
			if got := w.Events(c.ID); c.Status != store.StatusWaiting || !strings.HasSuffix(got, "handover") {
				t.Errorf("got %s after %q, want people to have it", c.Status, got)
			}
			rows := w.Messages()
			if got := rows[len(rows)-1]; got.Author != store.ByPhone || got.Pos == 0 || got.Pending {
				t.Errorf("got %+v, want the owner's own message shown", got)
			}
			if got := w.SaidToCustomer(); len(got) != said+1 { // the owner's
				t.Errorf("got %q, want nothing more by the bot", got)
			}
		})
	}
}

func TestReceiveFromThePhoneStaysWithWhatWasJustClosed(t *testing.T) {
	w := desktest.NewWorld(t)
	w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
	id := w.Messages()[0].Conversation
	w.Write(func(tx *store.Tx) error {
		c, err := tx.Conversation(id)
		if err != nil {
			return err
		}
		return w.Desk.Conversations.Close(tx, c, store.BySystem, "", "")
	})
	w.Gets(whatsapp.Message{ID: "B", Text: "gracias a ti", FromMe: true})
	if c := w.Get(id); c.Status != store.StatusClosed || c.LastText != "gracias a ti" {
		t.Errorf("got %s with %q, want it closed with the last word", c.Status, c.LastText)
	}
	if got := len(desktest.All[store.Conversation](w, "SELECT * FROM conversations")); got != 1 {
		t.Errorf("got %d conversations, want 1", got)
	}
}

func TestUndecryptable(t *testing.T) {
	lost := whatsapp.Message{ID: "A", Kind: whatsapp.Undecryptable, What: "no session"}
	t.Run("readable in time: nobody saw anything", func(t *testing.T) {
		w := desktest.NewWorld(t)
		w.Gets(lost)
		w.Gets(lost)
		if rows := w.Messages(); len(rows) != 1 || rows[0].Pos != 0 || rows[0].Conversation != "" {
			t.Fatalf("got %+v, want one hidden row", rows)
		}
		w.Round()
		w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
		rows := w.Messages()
		if len(rows) != 1 || rows[0].Text != "hola" || rows[0].Pos == 0 || !rows[0].Pending {
			t.Errorf("got %+v, want hola as if nothing had been", rows)
		}
	})
	t.Run("shown after its time, replaced in place", func(t *testing.T) {
		w := desktest.NewWorld(t)
		w.Gets(lost)
		w.Pass(receive.ReadableAfter)
		w.Round()
		rows := w.Messages()
		if len(rows) != 1 || rows[0].Pos == 0 || rows[0].Kind != string(whatsapp.Undecryptable) || rows[0].Conversation == "" {
			t.Fatalf("got %+v, want it shown as unreadable", rows)
		}
		heard := w.Hear()
		w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
		after := w.Messages()
		if len(after) != 1 || after[0].ID != rows[0].ID || after[0].Pos != rows[0].Pos || after[0].Text != "hola" {
			t.Errorf("got %+v, want the same row with the text", after)
		}
		if got := desktest.Names(*heard); len(got) == 0 || got[0] != store.EventMessage {
			t.Errorf("got events %v, want %s first", got, store.EventMessage)
		}
	})
}

// TestUndecryptableChange: what could not be read may turn out to change another message. Nothing is left of it then.
func TestUndecryptableChange(t *testing.T) {
	for _, change := range []whatsapp.Message{
		{Kind: whatsapp.Reaction, Text: "👍"}, {Kind: whatsapp.Edit, Text: "buenas"}, {Kind: whatsapp.Revoke},
	} {
		t.Run(string(change.Kind), func(t *testing.T) {
			w := desktest.NewWorld(t)
			w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
			w.Gets(whatsapp.Message{ID: "B", Kind: whatsapp.Undecryptable, What: whatsapp.WhatUnavailable})
			change.ID, change.Target = "B", "A"
			w.Gets(change)
			w.Pass(receive.ReadableAfter)
			w.Round()
			if rows := w.Messages(); len(rows) != 1 || rows[0].WaID != "A" {
				t.Errorf("got %+v, want nothing but the message that was changed", rows)
			}
		})
	}
}

// TestUndecryptableWasChanged: what customers did to a message before it could be read holds.
func TestUndecryptableWasChanged(t *testing.T) {
	for _, change := range []whatsapp.Message{{Kind: whatsapp.Edit, Text: "buenas"}, {Kind: whatsapp.Revoke}} {
		t.Run(string(change.Kind), func(t *testing.T) {
			w := desktest.NewWorld(t)
			w.Gets(whatsapp.Message{ID: "A", Kind: whatsapp.Undecryptable, What: whatsapp.WhatRetry})
			w.Pass(receive.ReadableAfter)
			w.Round()
			change.ID, change.Target = "B", "A"
			w.Gets(change)
			w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
			m := w.Messages()[0]
			if edited := change.Kind == whatsapp.Edit; m.Kind != "text" || edited != (m.Text == "buenas") || edited != m.RevokedAt.IsZero() || edited == m.EditedAt.IsZero() {
				t.Errorf("got %s %q, edited %q, taken back %q", m.Kind, m.Text, m.EditedAt, m.RevokedAt)
			}
		})
	}
}

// TestUndecryptableVote: a vote counts whenever it can be read, and is no message of its own.
func TestUndecryptableVote(t *testing.T) {
	w := desktest.NewWorld(t)
	w.Gets(whatsapp.Message{ID: "P", FromMe: true, Kind: whatsapp.Poll, Poll: &whatsapp.PollQuestion{Question: "¿Cuándo?", Options: []string{"hoy", "mañana"}}})
	w.Gets(whatsapp.Message{ID: "V", Kind: whatsapp.Undecryptable, What: whatsapp.WhatRetry})
	w.Pass(receive.ReadableAfter)
	w.Round()
	for range 2 {
		w.Gets(whatsapp.Message{ID: "V", Kind: whatsapp.Vote, Target: "P", Votes: []string{"hoy"}})
	}
	votes, shown := desktest.All[view.ReactionRow](w, "SELECT * FROM reactions"), desktest.All[store.Message](w, "SELECT * FROM messages WHERE kind = 'vote' AND pos > 0")
	if len(votes) != 1 || string(votes[0].Votes) != `["hoy"]` || len(shown) != 0 {
		t.Errorf("got votes %+v and messages %+v, want one vote and no message of it", votes, shown)
	}
}

func TestReceiveFailsWhenTheDiskIsFull(t *testing.T) {
	w := desktest.NewWorld(t)
	w.Gets(whatsapp.Message{ID: "A", Text: "hola"})
	desktest.SetPages(w, 1)
	err := w.Desk.Receiver.Receive("line", whatsapp.Message{ID: "B", Chat: desktest.Carla, Kind: whatsapp.Text, Text: strings.Repeat("x", 1<<20)})
	if err == nil || !store.StorageFault(err) {
		t.Fatalf("got %v, want a storage fault: the message must not be acknowledged", err)
	}
	desktest.SetPages(w, 1<<30)
	w.Gets(whatsapp.Message{ID: "B", Text: "x"})
	if got := len(w.Messages()); got != 2 {
		t.Errorf("got %d messages once there is room, want 2", got)
	}
}
