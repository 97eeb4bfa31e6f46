package hooks

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mostrador/hooks/conversation"
	"mostrador/hooks/outbox"
	"mostrador/hooks/receive"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

var carla = whatsapp.Address{Phone: "5491123456789", LID: "777"}

// gets is a live message of a customer, stored.
func (w *world) gets(m whatsapp.Message) {
	w.t.Helper()
	if m.Chat == (whatsapp.Address{}) {
		m.Chat = carla
	}
	if m.At.IsZero() {
		m.At = w.d.Store.Now()
	}
	if m.Kind == "" {
		m.Kind = whatsapp.Text
	}
	if err := w.d.Receiver.Receive("line", m); err != nil {
		w.t.Fatalf("store %s %s: %v", m.Kind, m.ID, err)
	}
}

// all reads the rows of a query.
func all[T any](w *world, query string) (rows []T) {
	w.t.Helper()
	if err := w.d.Store.App.DB().NewQuery(query).All(&rows); err != nil {
		w.t.Fatal(err)
	}
	return rows
}

func (w *world) messages() []store.Message {
	w.t.Helper()
	return all[store.Message](w, "SELECT * FROM messages ORDER BY id")
}

func TestReceiveStoresOnce(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		w.gets(whatsapp.Message{ID: "A", Text: "hola", Name: "Carla"})
	}
	w.gets(whatsapp.Message{ID: "A", Text: "something else"})
	got := w.messages()
	if len(got) != 1 || got[0].Text != "hola" || got[0].State != "received" || !got[0].Pending || got[0].Author != store.ByContact {
		t.Errorf("got %+v, want one pending message hola", got)
	}
	c := w.get(got[0].Conversation)
	if c.Status != store.StatusBot || c.Unread != 1 || c.LastText != "hola" {
		t.Errorf("got conversation %s unread %d last %q, want bot, 1, hola", c.Status, c.Unread, c.LastText)
	}
}

func TestReceiveTimes(t *testing.T) {
	w := newWorld(t)
	now := w.d.Store.Now()
	for id, tt := range map[string]struct{ at, want time.Time }{
		"past": {now.Add(-48 * time.Hour), now.Add(-48 * time.Hour)}, "soon": {now.Add(50 * time.Second), now.Add(50 * time.Second)},
		"future": {now.Add(48 * time.Hour), now}, "zero": {time.Unix(0, 0), now},
	} {
		w.gets(whatsapp.Message{ID: id, At: tt.at})
		var got store.Message
		if err := w.d.Store.App.DB().Select().From("messages").Where(dbx.HashExp{"waId": id}).One(&got); err != nil {
			t.Fatal(err)
		}
		if !got.SentAt.Time().Equal(tt.want) {
			t.Errorf("%s: got %s, want %s", id, got.SentAt, tt.want)
		}
	}
}

func TestReceiveKeepsEveryKindWhole(t *testing.T) {
	w := newWorld(t)
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
		w.gets(messages[i])
	}
	rows := w.messages()
	for i := range rows { // a long text lies apart from its row
		if err := store.Unfold(store.Execer(w.d.Store.App.ConcurrentDB()), &rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	views, err := view.Messages(w.d.Store.App.ConcurrentDB(), view.Everyone, rows)
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
	w := newWorld(t)
	w.gets(whatsapp.Message{ID: "A", Text: "mañana"})
	at := w.d.Store.Now()
	w.gets(whatsapp.Message{ID: "r1", Kind: whatsapp.Reaction, Target: "A", Text: "👍", FromMe: true, At: at})
	w.gets(whatsapp.Message{ID: "r2", Kind: whatsapp.Reaction, Target: "A", Text: "❤️", At: at})
	w.gets(whatsapp.Message{ID: "r3", Kind: whatsapp.Reaction, Target: "A", Text: "", At: at.Add(time.Second)})
	w.gets(whatsapp.Message{ID: "e1", Kind: whatsapp.Edit, Target: "A", Text: "pasado", At: at.Add(2 * time.Second)})
	w.gets(whatsapp.Message{ID: "e0", Kind: whatsapp.Edit, Target: "A", Text: "late edit", At: at})
	w.gets(whatsapp.Message{ID: "e2", Kind: whatsapp.Edit, Target: "A", Text: "not mine", FromMe: true, At: at.Add(time.Minute)})
	views, err := view.Messages(w.d.Store.App.ConcurrentDB(), view.Everyone, w.messages())
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
	if c := w.get(v.Conversation); c.LastText != "pasado" {
		t.Errorf("got preview %q, want pasado", c.LastText)
	}
	w.gets(whatsapp.Message{ID: "x", Kind: whatsapp.Revoke, Target: "A", At: at.Add(time.Minute)})
	if got := w.messages()[0]; got.RevokedAt.IsZero() {
		t.Error("got a message that is not taken back, want it taken back")
	}
}

func TestReceiveChangeOfAnUnknownMessageIsKept(t *testing.T) {
	w := newWorld(t)
	w.gets(whatsapp.Message{ID: "e", Kind: whatsapp.Edit, Target: "nobody", Text: "nuevo"})
	events := all[store.EventRow](w, "SELECT * FROM events WHERE kind = 'unknown_edit'")
	if len(events) != 1 || events[0].Pos != 0 || !strings.Contains(string(events[0].Data), "nuevo") {
		t.Errorf("got %+v, want one quiet event with the text", events)
	}
	if got := len(w.messages()); got != 0 {
		t.Errorf("got %d messages, want 0", got)
	}
}

func TestReceiveVote(t *testing.T) {
	w := newWorld(t)
	c := w.conversation(store.StatusBot, "", "")
	row := w.get(c)
	contact, err := store.Find[store.ContactRow](w.d.Store.App.DB(), "contacts", row.Contact)
	if err != nil {
		t.Fatal(err)
	}
	w.add(c, &store.Message{Direction: "out", Kind: "poll", Author: store.ByFlow, WaID: "P", State: "sent"})
	vote := whatsapp.Message{ID: "v1", Kind: whatsapp.Vote, Target: "P", Votes: []string{"hoy"}, Chat: whatsapp.Address{Phone: contact.Phone}}
	w.gets(vote)
	w.gets(vote)
	pending := all[store.Message](w, "SELECT * FROM messages WHERE pending")
	if len(pending) != 1 || pending[0].Pos != 0 || pending[0].Text != "hoy" {
		t.Errorf("got %+v, want one hidden vote that waits for the flow", pending)
	}
	views, err := view.Messages(w.d.Store.App.ConcurrentDB(), view.Everyone, all[store.Message](w, "SELECT * FROM messages WHERE waId = 'P'"))
	if err != nil {
		t.Fatal(err)
	}
	if len(views) != 1 || len(views[0].Votes) != 1 || views[0].Votes[0].Options[0] != "hoy" {
		t.Errorf("got %+v, want the poll with the vote", views)
	}
}

// A vote is an answer like any other: who votes is not silent.
func TestVoteIsACustomersWord(t *testing.T) {
	w := newWorld(t)
	ana := w.user("ana", rights.Operator, w.area("sales"))
	id := w.conversation(store.StatusOpen, ana.Areas[0], ana.ID)
	w.set("contacts", w.get(id).Contact, dbx.Params{"phone": carla.Phone})
	poll := &store.Message{Direction: "out", Kind: "poll", Author: ana.ID, Text: "¿Cuándo?", WaID: "P", State: "sent"}
	w.add(id, poll)
	w.pass(20 * time.Minute)
	vote := whatsapp.Message{ID: "v1", Kind: whatsapp.Vote, Target: "P", Votes: []string{"hoy", "mañana"}}
	for range 2 { // WhatsApp delivers at least once
		w.gets(vote)
	}
	c := w.get(id)
	if c.Unread != 1 || !c.WaitingSince.Time().Equal(w.d.Store.Now()) || c.LastAuthor != store.ByContact || c.LastText != "hoy mañana" || c.LastMessage != poll.ID {
		t.Errorf("got unread %d, waiting since %s, last %q by %s, want one word of the customer", c.Unread, c.WaitingSince, c.LastText, c.LastAuthor)
	}
	w.pass(11 * time.Minute)
	if err := w.d.Conversations.CloseQuiet(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := w.get(id); c.Status != store.StatusOpen {
		t.Errorf("got %s, want it open: the customer has answered", c.Status)
	}
	w.send(ana, id, outbox.NewMessage{Text: "anotado"})
	w.gets(whatsapp.Message{ID: "v2", Kind: whatsapp.Vote, Target: "P"})
	w.gets(vote)
	if c := w.get(id); c.Unread != 0 || !c.WaitingSince.IsZero() {
		t.Errorf("after a vote was taken back: got unread %d, waiting since %s, want neither", c.Unread, c.WaitingSince)
	}
	if _, err := w.d.Conversations.CloseConversation(t.Context(), ana, id, conversation.Closing{}); err != nil {
		t.Fatal(err)
	}
	w.gets(whatsapp.Message{ID: "v3", Kind: whatsapp.Vote, Target: "P", Votes: []string{"hoy"}})
	if c := w.get(id); c.Status != store.StatusClosed || c.LastText != "anotado" {
		t.Errorf("after it was closed: got %s with %q, want it as it was", c.Status, c.LastText)
	}
}

func TestReceiveFromThePhoneSilencesTheBot(t *testing.T) {
	w := newWorld(t)
	w.gets(whatsapp.Message{ID: "A", Text: "hola"})
	w.gets(whatsapp.Message{ID: "B", Text: "yo te atiendo", FromMe: true})
	rows := w.messages()
	if got := rows[len(rows)-1]; got.Author != store.ByPhone || got.Direction != "out" || got.State != "sent" || got.Outbox || got.Pending {
		t.Errorf("got %+v, want the owner's own message", got)
	}
	c := w.get(rows[0].Conversation)
	if c.Status == store.StatusBot || c.Unread != 0 || !c.WaitingSince.IsZero() {
		t.Errorf("got %s unread %d waiting since %s, want it with people and answered", c.Status, c.Unread, c.WaitingSince)
	}
}

// The phone sends a view-once photo to nobody but the customer: the desk gets a message that it cannot read.
func TestUnreadableFromThePhoneSilencesTheBot(t *testing.T) {
	for name, before := range map[string]string{"a new chat": "", "the flow waits for an answer": "hola"} {
		t.Run(name, func(t *testing.T) {
			w, _ := newWorldWithFlow(t)
			w.exec("UPDATE areas SET awayText = 'Cerrado'")
			w.set("areas", w.areaID("sales"), dbx.Params{"updated": "2"})
			w.setting("defaultArea", `"`+w.areaID("sales")+`"`)
			w.insert("hours", dbx.Params{"area": "", "week": `{"monday":[]}`}) // closed
			if before != "" {
				w.gets(whatsapp.Message{ID: "A", Text: before})
				w.round()
			}
			said := len(w.saidToCustomer())
			w.gets(whatsapp.Message{ID: "B", Kind: whatsapp.Undecryptable, FromMe: true})
			w.pass(receive.ReadableAfter)
			w.round()
			c := w.only()
			if got := w.events(c.ID); c.Status != store.StatusWaiting || !strings.HasSuffix(got, "handover") {
				t.Errorf("got %s after %q, want people to have it", c.Status, got)
			}
			rows := w.messages()
			if got := rows[len(rows)-1]; got.Author != store.ByPhone || got.Pos == 0 || got.Pending {
				t.Errorf("got %+v, want the owner's own message shown", got)
			}
			if got := w.saidToCustomer(); len(got) != said+1 { // the owner's
				t.Errorf("got %q, want nothing more by the bot", got)
			}
		})
	}
}

func TestReceiveFromThePhoneStaysWithWhatWasJustClosed(t *testing.T) {
	w := newWorld(t)
	w.gets(whatsapp.Message{ID: "A", Text: "hola"})
	id := w.messages()[0].Conversation
	w.write(func(tx *store.Tx) error {
		c, err := tx.Conversation(id)
		if err != nil {
			return err
		}
		return w.d.Conversations.Close(tx, c, store.BySystem, "", "")
	})
	w.gets(whatsapp.Message{ID: "B", Text: "gracias a ti", FromMe: true})
	if c := w.get(id); c.Status != store.StatusClosed || c.LastText != "gracias a ti" {
		t.Errorf("got %s with %q, want it closed with the last word", c.Status, c.LastText)
	}
	if got := len(all[store.Conversation](w, "SELECT * FROM conversations")); got != 1 {
		t.Errorf("got %d conversations, want 1", got)
	}
}

func TestUndecryptable(t *testing.T) {
	lost := whatsapp.Message{ID: "A", Kind: whatsapp.Undecryptable, What: "no session"}
	t.Run("readable in time: nobody saw anything", func(t *testing.T) {
		w := newWorld(t)
		w.gets(lost)
		w.gets(lost)
		if rows := w.messages(); len(rows) != 1 || rows[0].Pos != 0 || rows[0].Conversation != "" {
			t.Fatalf("got %+v, want one hidden row", rows)
		}
		w.round()
		w.gets(whatsapp.Message{ID: "A", Text: "hola"})
		rows := w.messages()
		if len(rows) != 1 || rows[0].Text != "hola" || rows[0].Pos == 0 || !rows[0].Pending {
			t.Errorf("got %+v, want hola as if nothing had been", rows)
		}
	})
	t.Run("shown after its time, replaced in place", func(t *testing.T) {
		w := newWorld(t)
		w.gets(lost)
		w.pass(receive.ReadableAfter)
		w.round()
		rows := w.messages()
		if len(rows) != 1 || rows[0].Pos == 0 || rows[0].Kind != string(whatsapp.Undecryptable) || rows[0].Conversation == "" {
			t.Fatalf("got %+v, want it shown as unreadable", rows)
		}
		heard := w.hear()
		w.gets(whatsapp.Message{ID: "A", Text: "hola"})
		after := w.messages()
		if len(after) != 1 || after[0].ID != rows[0].ID || after[0].Pos != rows[0].Pos || after[0].Text != "hola" {
			t.Errorf("got %+v, want the same row with the text", after)
		}
		if got := names(*heard); len(got) == 0 || got[0] != store.EventMessage {
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
			w := newWorld(t)
			w.gets(whatsapp.Message{ID: "A", Text: "hola"})
			w.gets(whatsapp.Message{ID: "B", Kind: whatsapp.Undecryptable, What: whatsapp.WhatUnavailable})
			change.ID, change.Target = "B", "A"
			w.gets(change)
			w.pass(receive.ReadableAfter)
			w.round()
			if rows := w.messages(); len(rows) != 1 || rows[0].WaID != "A" {
				t.Errorf("got %+v, want nothing but the message that was changed", rows)
			}
		})
	}
}

// TestUndecryptableWasChanged: what customers did to a message before it could be read holds.
func TestUndecryptableWasChanged(t *testing.T) {
	for _, change := range []whatsapp.Message{{Kind: whatsapp.Edit, Text: "buenas"}, {Kind: whatsapp.Revoke}} {
		t.Run(string(change.Kind), func(t *testing.T) {
			w := newWorld(t)
			w.gets(whatsapp.Message{ID: "A", Kind: whatsapp.Undecryptable, What: whatsapp.WhatRetry})
			w.pass(receive.ReadableAfter)
			w.round()
			change.ID, change.Target = "B", "A"
			w.gets(change)
			w.gets(whatsapp.Message{ID: "A", Text: "hola"})
			m := w.messages()[0]
			if edited := change.Kind == whatsapp.Edit; m.Kind != "text" || edited != (m.Text == "buenas") || edited != m.RevokedAt.IsZero() || edited == m.EditedAt.IsZero() {
				t.Errorf("got %s %q, edited %q, taken back %q", m.Kind, m.Text, m.EditedAt, m.RevokedAt)
			}
		})
	}
}

// TestUndecryptableVote: a vote counts whenever it can be read, and is no message of its own.
func TestUndecryptableVote(t *testing.T) {
	w := newWorld(t)
	w.gets(whatsapp.Message{ID: "P", FromMe: true, Kind: whatsapp.Poll, Poll: &whatsapp.PollQuestion{Question: "¿Cuándo?", Options: []string{"hoy", "mañana"}}})
	w.gets(whatsapp.Message{ID: "V", Kind: whatsapp.Undecryptable, What: whatsapp.WhatRetry})
	w.pass(receive.ReadableAfter)
	w.round()
	for range 2 {
		w.gets(whatsapp.Message{ID: "V", Kind: whatsapp.Vote, Target: "P", Votes: []string{"hoy"}})
	}
	votes, shown := all[view.ReactionRow](w, "SELECT * FROM reactions"), all[store.Message](w, "SELECT * FROM messages WHERE kind = 'vote' AND pos > 0")
	if len(votes) != 1 || string(votes[0].Votes) != `["hoy"]` || len(shown) != 0 {
		t.Errorf("got votes %+v and messages %+v, want one vote and no message of it", votes, shown)
	}
}

// round lets the inbox loop look once.
func (w *world) round() {
	w.t.Helper()
	if _, err := w.d.Runner.InboxRound(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// setPages is how large the database may grow; SQLite takes what it has for the least.
func setPages(w *world, n int) {
	w.t.Helper()
	if _, err := w.d.Store.App.NonconcurrentDB().NewQuery(fmt.Sprintf("PRAGMA max_page_count = %d", n)).Execute(); err != nil {
		w.t.Fatal(err)
	}
}

func TestReceiveFailsWhenTheDiskIsFull(t *testing.T) {
	w := newWorld(t)
	w.gets(whatsapp.Message{ID: "A", Text: "hola"})
	setPages(w, 1)
	err := w.d.Receiver.Receive("line", whatsapp.Message{ID: "B", Chat: carla, Kind: whatsapp.Text, Text: strings.Repeat("x", 1<<20)})
	if err == nil || !store.StorageFault(err) {
		t.Fatalf("got %v, want a storage fault: the message must not be acknowledged", err)
	}
	setPages(w, 1<<30)
	w.gets(whatsapp.Message{ID: "B", Text: "x"})
	if got := len(w.messages()); got != 2 {
		t.Errorf("got %d messages once there is room, want 2", got)
	}
}
