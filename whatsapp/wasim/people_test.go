package wasim

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"
)

func say(t *testing.T, p, to *Phone, what Say) string {
	t.Helper()
	id, err := p.Say(to, what)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestGroupsStatusAndNewslettersArrive(t *testing.T) {
	s := newServer(t, Options{})
	owner, carla := s.Phone(ownerNumber), s.Phone(carlaNumber)
	d := newDesk(t, s, owner)
	for _, where := range []string{"120363000000000001@g.us", "status@broadcast", "120363000000000002@newsletter"} {
		for _, text := range []string{"uno", "dos"} {
			id := say(t, carla, owner, Say{Text: text, In: where})
			m := await(d, func(m *events.Message) bool { return m.Info.ID == id && m.Message.GetConversation() == text })
			if m.Info.Chat.String() != where {
				t.Errorf("what was said in %s is in chat %v", where, m.Info.Chat)
			}
		}
	}
	if got := carla.Chat(owner); len(got) != 0 {
		t.Errorf("what was said in groups shows in the chat: %+v", got)
	}
	if _, err := carla.Say(owner, Say{Text: "x", In: "somewhere"}); err == nil {
		t.Error("a message in no group was sent")
	}
}

func TestCustomerWithSeveralDevices(t *testing.T) {
	s := newServer(t, Options{})
	owner, carla := s.Phone(ownerNumber), s.Phone(carlaNumber, Devices(3))
	d := newDesk(t, s, owner)
	m := d.message(say(t, carla, owner, Say{Text: "hola"}))
	reply := d.send(m.Info.Chat, "a los tres")
	shown(t, carla, reply)
	for _, n := range []uint16{0, 1, 2} {
		want := carla.LID()
		want.Device = n
		await(d, func(r *events.Receipt) bool {
			return r.MessageIDs[0] == reply && r.Type == types.ReceiptTypeDelivered && r.Sender == want
		})
	}
	if err := carla.SetDevices(4); err != nil {
		t.Fatal(err)
	}
	shown(t, carla, d.send(m.Info.Chat, "a los cuatro"))
	if err := carla.SetDevices(1); err != nil {
		t.Fatal(err)
	}
	shown(t, carla, d.send(m.Info.Chat, "a uno"))
	if got := len(carla.Chat(owner)); got != 4 {
		t.Errorf("Carla's phone shows %d messages, want 4", got)
	}
}

func TestReinstallChangesIdentity(t *testing.T) {
	s := newServer(t, Options{})
	owner, carla := s.Phone(ownerNumber), s.Phone(carlaNumber)
	d := newDesk(t, s, owner)
	m := d.message(say(t, carla, owner, Say{Text: "hola"}))
	shown(t, carla, d.send(m.Info.Chat, "hola"))
	if err := carla.Reinstall(); err != nil {
		t.Fatal(err)
	}
	await(d, func(e *events.IdentityChange) bool { return e.JID.ToNonAD() == carla.LID() })
	d.message(say(t, carla, owner, Say{Text: "teléfono nuevo"}))
	shown(t, carla, d.send(m.Info.Chat, "hola otra vez"))
	if err := owner.Reinstall(); err == nil {
		t.Error("an owner with linked devices reinstalled")
	}
}

func TestSeveralCompanionsSeeEachOther(t *testing.T) {
	s := newServer(t, Options{})
	owner, carla := s.Phone(ownerNumber), s.Phone(carlaNumber)
	a := newDesk(t, s, owner)
	b := newDesk(t, s, owner)
	id := say(t, carla, owner, Say{Text: "hola"})
	chat := a.message(id).Info.Chat
	b.message(id)
	sent := a.send(chat, "responde a")
	if m := b.message(sent); !m.Info.IsFromMe || m.Message.GetConversation() != "responde a" || m.Info.Chat != carla.LID() {
		t.Errorf("the other device saw %+v", m.Info)
	}
	shown(t, carla, sent)
	fromPhone := say(t, owner, carla, Say{Text: "desde el teléfono"})
	for _, d := range []*desk{a, b} {
		if m := d.message(fromPhone); !m.Info.IsFromMe || m.Info.Chat != carla.LID() || m.Info.RecipientAlt != carla.PN() {
			t.Errorf("a linked device saw the owner's message as %+v", m.Info)
		}
	}
	shown(t, carla, fromPhone)
}

func TestRemovingOneDeviceSparesTheOther(t *testing.T) {
	s := newServer(t, Options{})
	owner, carla := s.Phone(ownerNumber), s.Phone(carlaNumber)
	a, b := newDesk(t, s, owner), newDesk(t, s, owner)
	b.Disconnect() // a client that is told races with itself inside whatsmeow; the faults have a test of what it is told
	waitUntil(t, "b is gone", func() bool { return !owner.Companions()[1].State().Online })
	owner.RemoveDevice(owner.Companions()[1])
	chat := a.message(say(t, carla, owner, Say{Text: "hola"})).Info.Chat
	shown(t, carla, a.send(chat, "sigo aquí"))
	if got := len(owner.Companions()); got != 1 {
		t.Errorf("%d linked devices, want 1", got)
	}
}

func TestTwoDesksWriteToEachOther(t *testing.T) {
	s := newServer(t, Options{})
	one, two := s.Phone(ownerNumber), s.Phone("+5491100000002")
	a, b := newDesk(t, s, one), newDesk(t, s, two)
	for i := range 3 {
		id := a.send(two.PN(), "hola")
		m := b.message(id)
		await(a, func(r *events.Receipt) bool { return r.MessageIDs[0] == id })
		back := b.send(m.Info.Chat, "hola")
		if got := a.message(back).Info.Sender.ToNonAD(); got != two.LID() && got != two.PN() {
			t.Errorf("round %d: sender %v", i, got)
		}
	}
}

func TestPresenceTypingCallsAndPictures(t *testing.T) {
	s := newServer(t, Options{})
	owner, carla := s.Phone(ownerNumber, Name("Desk")), s.Phone(carlaNumber, Picture([]byte("jpeg")))
	d := newDesk(t, s, owner)
	await(d, func(e *events.AppStateSyncComplete) bool { return e.Name == appstate.WAPatchCriticalBlock })
	m := d.message(say(t, carla, owner, Say{Text: "hola"}))
	ctx := context.Background()
	if err := d.SendPresence(ctx, types.PresenceAvailable); err != nil {
		t.Fatal(err)
	}
	if err := d.SubscribePresence(ctx, m.Info.Chat); err != nil {
		t.Fatal(err)
	}
	if err := carla.Typing(owner, "recording"); err != nil {
		t.Fatal(err)
	}
	await(d, func(e *events.ChatPresence) bool {
		return e.State == types.ChatPresenceComposing && e.Media == types.ChatPresenceMediaAudio
	})
	if err := carla.Typing(owner, "paused"); err != nil {
		t.Fatal(err)
	}
	await(d, func(e *events.ChatPresence) bool { return e.State == types.ChatPresencePaused })
	carla.Online(true)
	await(d, func(e *events.Presence) bool { return !e.Unavailable && e.From == carla.LID() })
	carla.Online(false)
	await(d, func(e *events.Presence) bool { return e.Unavailable && !e.LastSeen.IsZero() })
	call := carla.Call(owner)
	await(d, func(e *events.CallOffer) bool { return e.CallID == call })
	await(d, func(e *events.CallTerminate) bool { return e.CallID == call })

	info, err := d.GetProfilePictureInfo(ctx, carla.LID(), nil)
	if err != nil || info == nil || info.URL == "" {
		t.Fatalf("picture %+v, error %v", info, err)
	}
	if resp, err := s.HTTPClient().Get(info.URL); err != nil || resp.StatusCode != 200 {
		t.Errorf("picture: %v, error %v", resp, err)
	}
	if _, err = d.GetProfilePictureInfo(ctx, s.Phone("+5491199999999").LID(), nil); err == nil {
		t.Error("a phone without picture has one")
	}
	carla.SetPicture([]byte("newer"))
	await(d, func(e *events.Picture) bool { return e.JID == carla.LID() && e.PictureID != info.ID })
	if err := d.SendChatPresence(ctx, m.Info.Chat, types.ChatPresenceComposing, types.ChatPresenceMediaText); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, "Carla sees typing", func() bool { return carla.TypingShown(owner) == "composing" })
	d.send(m.Info.Chat, "listo")
	if got := carla.TypingShown(owner); got != "" {
		t.Errorf("after the message the phone still shows %q", got)
	}
}

// waitUntil waits for something that sends no event.
func waitUntil(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("not within 10 s: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestPollsAndVotes(t *testing.T) {
	for _, mode := range []AddressMode{LID, PN} {
		s := newServer(t, Options{})
		owner, carla := s.Phone(ownerNumber), s.Phone(carlaNumber, Address(mode))
		d := newDesk(t, s, owner)
		chat := d.message(say(t, carla, owner, Say{Text: "hola"})).Info.Chat
		ctx := context.Background()
		sent, err := d.SendMessage(ctx, chat, d.BuildPollCreation("¿cómo estuvo?", []string{"bien", "mal"}, 1))
		if err != nil {
			t.Fatal(err)
		}
		if e := shown(t, carla, sent.ID); e.Kind != "poll" || !slices.Equal(e.Options, []string{"bien", "mal"}) {
			t.Errorf("%s: Carla's phone shows %+v", mode, e)
		}
		vote := d.message(say(t, carla, owner, Say{Vote: &SayVote{ID: sent.ID, Options: []string{"mal"}}}))
		got, err := d.DecryptPollVote(ctx, vote)
		if err != nil || len(got.SelectedOptions) != 1 || string(got.SelectedOptions[0]) != string(whatsmeow.HashPollOptions([]string{"mal"})[0]) {
			t.Errorf("%s: vote %v, error %v", mode, got, err)
		}
		if _, err := carla.Say(owner, Say{Vote: &SayVote{ID: sent.ID, Options: []string{"regular"}}}); err == nil {
			t.Errorf("%s: a vote for no option was sent", mode)
		}
		asked := d.message(say(t, carla, owner, Say{Poll: &SayPoll{Question: "¿té?", Options: []string{"sí", "no"}}}))
		m, err := d.BuildPollVote(ctx, &asked.Info, []string{"sí"})
		if err != nil {
			t.Fatal(err)
		}
		cast, err := d.SendMessage(ctx, chat, m)
		if err != nil {
			t.Fatal(err)
		}
		if e := shown(t, carla, cast.ID); e.Kind != "vote" || !slices.Equal(e.Options, []string{"sí"}) || e.Ref != asked.Info.ID {
			t.Errorf("%s: Carla's phone shows the vote as %+v", mode, e)
		}
	}
}

func TestBlocking(t *testing.T) {
	s := newServer(t, Options{})
	owner, carla := s.Phone(ownerNumber), s.Phone(carlaNumber)
	d := newDesk(t, s, owner)
	chat := d.message(say(t, carla, owner, Say{Text: "hola"})).Info.Chat
	carla.Block(owner, false)
	id := d.send(chat, "no llega")
	for _, e := range carla.Chat(owner) {
		if e.ID == id {
			t.Error("a blocked line's message is shown")
		}
	}
	carla.Block(owner, true)
	shown(t, carla, d.send(chat, "llega"))

	ctx := context.Background()
	list, err := d.UpdateBlocklist(ctx, carla.LID(), events.BlocklistChangeActionBlock)
	if err != nil || !slices.Contains(list.JIDs, carla.LID()) {
		t.Errorf("block list %+v, error %v", list, err)
	}
	lost := say(t, carla, owner, Say{Text: "bloqueada"})
	if list, err = d.GetBlocklist(ctx); err != nil || len(list.JIDs) != 1 {
		t.Errorf("block list %+v, error %v", list, err)
	}
	if _, err = d.UpdateBlocklist(ctx, carla.LID(), events.BlocklistChangeActionUnblock); err != nil {
		t.Error(err)
	}
	d.message(say(t, carla, owner, Say{Text: "ya no"}))
	if n := count(d, func(m *events.Message) bool { return m.Info.ID == lost }); n != 0 {
		t.Error("a blocked customer's message arrived")
	}
}

func TestViewOnceIsOnlyMentioned(t *testing.T) {
	s := newServer(t, Options{})
	owner, carla := s.Phone(ownerNumber), s.Phone(carlaNumber)
	d := newDesk(t, s, owner)
	id := say(t, carla, owner, Say{ViewOnce: true, Media: &SayMedia{Kind: "image", MIME: "image/png", Data: []byte("png")}})
	e := await(d, func(u *events.UndecryptableMessage) bool { return u.Info.ID == id })
	if !e.IsUnavailable || e.UnavailableType != events.UnavailableTypeViewOnce {
		t.Errorf("got %+v, want an unavailable view-once message", e)
	}
	if got := shown(t, owner, id); got.Kind != "image" {
		t.Errorf("the owner's phone shows %+v, want the image", got)
	}
}

func TestPlaceholderResend(t *testing.T) {
	s := newServer(t, Options{})
	owner, carla := s.Phone(ownerNumber), s.Phone(carlaNumber)
	d := newDesk(t, s, owner)
	m := d.message(say(t, carla, owner, Say{Text: "hola"}))
	request := d.BuildUnavailableMessageRequest(m.Info.Chat, m.Info.Sender, m.Info.ID)
	if _, err := d.SendMessage(context.Background(), d.Store.ID.ToNonAD(), request, whatsmeow.SendRequestExtra{Peer: true}); err != nil {
		t.Fatal(err)
	}
	again := await(d, func(e *events.Message) bool { return e.Info.ID == m.Info.ID && e.UnavailableRequestID != "" })
	if again.Message.GetConversation() != "hola" {
		t.Errorf("the phone gave %v", again.Message)
	}
}

func TestAppStateGoesBothWays(t *testing.T) {
	s := newServer(t, Options{})
	owner, carla := s.Phone(ownerNumber, Name("Desk")), s.Phone(carlaNumber)
	a := newDesk(t, s, owner)
	synced := func(e *events.AppStateSyncComplete) bool { return e.Name == appstate.WAPatchRegularHigh }
	await(a, synced)
	b := newDesk(t, s, owner)
	await(b, synced)
	chat := a.message(say(t, carla, owner, Say{Text: "hola"})).Info.Chat
	mute := func(d *desk, on bool) {
		t.Helper()
		if err := d.SendAppState(context.Background(), appstate.BuildMute(chat, on, time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	muted := func(want bool) func(*events.Mute) bool {
		return func(e *events.Mute) bool { return e.JID == chat && e.Action.GetMuted() == want }
	}
	mute(a, true) // the first version of a collection raises no events at the others
	waitUntil(t, "b fetches the change", func() bool { return count(b, synced) > 1 })
	mute(b, false)
	await(a, muted(false))
	mute(a, true)
	await(b, muted(true))
}

func TestHistoryComesWithTheLink(t *testing.T) {
	s := newServer(t, Options{})
	owner, carla := s.Phone(ownerNumber), s.Phone(carlaNumber, Name("Carla"))
	say(t, carla, owner, Say{Text: "antes del escritorio"})
	say(t, owner, carla, Say{Text: "respuesta"})
	d := openDesk(t, s, t.TempDir()+"/w.db")
	d.ManualHistorySyncDownload = false
	d.pair(owner)
	h := await(d, func(e *events.HistorySync) bool { return len(e.Data.GetConversations()) > 0 })
	c := h.Data.GetConversations()[0]
	if len(c.GetMessages()) != 2 || c.GetMessages()[1].GetMessage().GetMessage().GetConversation() != "antes del escritorio" {
		t.Errorf("history %v, want two messages, newest first", c)
	}
	names := await(d, func(e *events.HistorySync) bool { return len(e.Data.GetPushnames()) > 0 })
	if got := names.Data.GetPushnames()[0].GetPushname(); got != "Carla" {
		t.Errorf("push name %q, want Carla", got)
	}
}

// A client may answer a retry receipt by a whole second message with the same id; another may repeat the same bytes after a
// lost connection. The phone shows each id once.
func TestPhoneShowsAnIDOnce(t *testing.T) {
	s := newServer(t, Options{})
	owner, carla := s.Phone(ownerNumber), s.Phone(carlaNumber)
	d := newDesk(t, s, owner)
	m := &waE2E.Message{Conversation: proto.String("una vez")}
	extra := whatsmeow.SendRequestExtra{ID: d.GenerateMessageID()}
	for range 3 {
		if _, err := d.SendMessage(context.Background(), carla.LID(), m, extra); err != nil {
			t.Fatal(err)
		}
	}
	inject(t, s, Fault{Kind: FaultRetry, Line: owner})
	again := whatsmeow.SendRequestExtra{ID: d.GenerateMessageID()}
	for range 2 {
		if _, err := d.SendMessage(context.Background(), carla.LID(), m, again); err != nil {
			t.Fatal(err)
		}
	}
	shown(t, carla, again.ID)
	last := d.send(carla.LID(), "fin")
	for _, p := range []*Phone{carla, owner} {
		shown(t, p, last)
	}
	for _, p := range []*Phone{carla, owner} {
		if got := len(p.Chat(nil)); got != 3 {
			t.Errorf("%s shows %d messages, want 3: %+v", p.Number(), got, p.Chat(nil))
		}
	}
	if got := s.Counters().DuplicatesSeen; got < 4 {
		t.Errorf("%d duplicates counted, want at least 4", got)
	}
}

func TestSeedFixesLIDsAndIDs(t *testing.T) {
	run := func(seed uint64) string {
		s := newServer(t, Options{Seed: seed})
		if seed == 2 {
			s.Phone("+5491100000055") // what exists besides makes no difference
		}
		owner, carla := s.Phone(ownerNumber), s.Phone(carlaNumber)
		return strings.Join([]string{owner.LID().User, carla.LID().User, say(t, carla, owner, Say{Text: "1"}), say(t, carla, owner, Say{Text: "2"})}, " ")
	}
	if a, b := run(2), run(2); a != b {
		t.Errorf("the same seed gave %q and %q", a, b)
	}
	if a, b := run(2), run(3); a == b {
		t.Errorf("two seeds gave the same %q", a)
	}
}

// TestPhonesRememberWhatWasBefore: both show it, and a device that is linked later gets it as history.
func TestPhonesRememberWhatWasBefore(t *testing.T) {
	s := newServer(t, Options{})
	owner, carla := s.Phone(ownerNumber), s.Phone(carlaNumber, Address(PN))
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	past := []Entry{
		{ID: "3A01", FromMe: true, Kind: "text", Text: "hola", State: "read", At: at},
		{ID: "3EB02", Kind: "text", Text: "buenas", State: "delivered", At: at.Add(time.Minute)},
	}
	for range 2 { // the second time changes nothing
		carla.Remember(owner, past...)
	}
	for _, tt := range []struct {
		phone, with *Phone
		mine        bool
	}{{carla, owner, true}, {owner, carla, false}} {
		var want []Entry
		for i, e := range past {
			e.N, e.With, e.FromMe = i+1, tt.with.Number(), e.FromMe == tt.mine
			want = append(want, e)
		}
		if got := tt.phone.Chat(tt.with); !slices.EqualFunc(got, want, func(a, b Entry) bool {
			return a.N == b.N && a.ID == b.ID && a.With == b.With && a.FromMe == b.FromMe && a.Text == b.Text && a.State == b.State && a.At.Equal(b.At)
		}) {
			t.Errorf("%s shows\n%+v\nwant\n%+v", tt.phone.Number(), got, want)
		}
	}
	d := openDesk(t, s, filepath.Join(t.TempDir(), "w.db"))
	d.ManualHistorySyncDownload = false
	d.pair(owner)
	h := await(d, func(h *events.HistorySync) bool { return len(h.Data.GetConversations()) > 0 })
	if got := h.Data.GetConversations()[0].GetMessages(); len(got) != 2 || got[1].GetMessage().GetKey().GetID() != "3A01" || got[0].GetMessage().GetMessage().GetConversation() != "buenas" {
		t.Errorf("got %v, want both messages, the newest first", got)
	}
}
