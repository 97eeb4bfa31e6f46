package receive_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mostrador/hooks/desktest"
	"mostrador/hooks/media"
	"mostrador/hooks/outbox"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
	"mostrador/whatsapp"
	"mostrador/whatsapp/wasim"

	"go.mau.fi/whatsmeow/proto/waCommon"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

const malloryNumber = "+5491166666666"

// siege is a shop with a customer, Carla, and somebody with a WhatsApp program of their own, Mallory. Both were answered.
type siege struct {
	*desktest.Shop
	ana            rights.Viewer
	carla, mallory *wasim.Phone
	hers           string // WhatsApp's id of what Carla wrote
	toHer, toHim   string // and of what Ana wrote to Carla and to Mallory
	chat           string // Mallory's conversation
	herChat        string
	before         []string
}

func newSiege(t *testing.T) *siege {
	s := &siege{Shop: desktest.NewShop(t)}
	s.ana = s.User("ana", rights.Operator, s.AreaID("sales"))
	s.carla = s.Server.Phone(desktest.CarlaNumber, wasim.Name("Carla"), wasim.Receipts(true, false))
	s.mallory = s.Server.Phone(malloryNumber, wasim.Name("Mallory"), wasim.Receipts(true, false), wasim.Hostile(true))
	begin := func(p *wasim.Phone, asks, told string) (chat, question, answer string) {
		s.Say(p, "hola")
		s.Reads(p, desktest.MenuText)
		s.Say(p, "ventas")
		s.Reads(p, "Te paso con ventas.")
		question = s.Say(p, asks)
		c := s.Message(asks, func(m store.Message) bool { return m.Pos > 0 }).Conversation
		s.Answers(c, s.ana.ID, told)
		s.Reads(p, told)
		return c, question, s.Message(told, func(m store.Message) bool { return m.State == "delivered" && !m.Outbox }).WaID
	}
	s.herChat, s.hers, s.toHer = begin(s.carla, "¿cuánto sale?", "A Carla le sale 100.")
	s.chat, _, s.toHim = begin(s.mallory, "¿y a mí?", "A usted le sale 900.")
	s.settled()
	s.before = s.others()
	return s
}

// settled waits until everything that came is answered and everything that left is confirmed.
func (s *siege) settled() {
	s.T.Helper()
	s.Until("all is quiet", func() bool {
		return s.Count(`SELECT COUNT(*) FROM messages WHERE pending OR outbox OR state IN ('queued', 'sending', 'sent') AND direction = 'out'`) == 0
	})
}

// attack lets Mallory write, and then something ordinary, after which all that came before is through.
func (s *siege) attack(what ...wasim.Say) (ids []string) {
	s.T.Helper()
	for _, x := range what {
		id, err := s.mallory.Say(s.Owner, x)
		if err != nil {
			s.T.Fatal(err)
		}
		ids = append(ids, id)
	}
	end := "end " + store.NewID(s.Desk.Store.Now())
	s.Say(s.mallory, end)
	s.Message(end, func(m store.Message) bool { return m.Pos > 0 })
	s.settled()
	return ids
}

// others is everything that Mallory must not change: Carla's chat, what we wrote to anybody, who is who.
func (s *siege) others() []string {
	s.T.Helper()
	var rows []string
	err := s.Desk.Store.App.ConcurrentDB().NewQuery(`SELECT * FROM (
		SELECT 'message ' || m.id || ' ' || m.contact || m.conversation || m.waId || m.kind || m.text || m.state || m.media || m.editedAt || m.revokedAt || COALESCE(m.quote, '')
			AS row FROM messages m JOIN contacts c ON c.id = m.contact WHERE m.pos > 0 AND (m.direction = 'out' OR c.pushName != 'Mallory')
		UNION ALL SELECT 'reaction ' || r.message || r.kind || r.emoji || COALESCE(r.votes, '') FROM reactions r
		UNION ALL SELECT 'contact ' || id || pushName || phone || lid || mergedInto FROM contacts
		UNION ALL SELECT 'conversation ' || v.id || v.contact || v.status || v.area || v.assignee || v.readPos FROM conversations v
		UNION ALL SELECT 'text ' || v.lastText || v.unread FROM conversations v JOIN contacts c ON c.id = v.contact WHERE c.pushName != 'Mallory')
		ORDER BY row`).Column(&rows)
	if err != nil {
		s.T.Fatal(err)
	}
	return rows
}

// untouched fails when something of the others changed since the siege began.
func (s *siege) untouched(attack string) {
	s.T.Helper()
	if got := s.others(); !slices.Equal(got, s.before) {
		for _, row := range got {
			if !slices.Contains(s.before, row) {
				s.T.Errorf("%s: now there is %s", attack, row)
			}
		}
		for _, row := range s.before {
			if !slices.Contains(got, row) {
				s.T.Errorf("%s: gone is %s", attack, row)
			}
		}
		s.before = got
	}
	if c := s.Server.Unknown(); len(c) != 0 {
		s.T.Errorf("%s: the line answered with what WhatsApp does not know: %v", attack, c)
	}
}

// keys names a message in every way in which somebody may claim that it is theirs.
func (s *siege) keys(id string) (keys []*waCommon.MessageKey) {
	for _, fromMe := range []bool{true, false} {
		for _, chat := range []types.JID{s.Owner.LID(), s.Owner.PN(), s.carla.LID(), s.carla.PN(), s.mallory.LID()} {
			for _, by := range []*string{nil, proto.String(s.carla.LID().String()), proto.String(s.Owner.PN().String())} {
				keys = append(keys, &waCommon.MessageKey{ID: &id, FromMe: &fromMe, RemoteJID: proto.String(chat.String()), Participant: by})
			}
		}
	}
	return keys
}

func TestChangesOfWhatIsNotOnesOwn(t *testing.T) {
	s := newSiege(t)
	text := &waE2E.Message{Conversation: proto.String("A usted le sale 1.")}
	for name, change := range map[string]func(*waCommon.MessageKey) *waE2E.Message{
		"edit": func(k *waCommon.MessageKey) *waE2E.Message {
			return &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{Type: waE2E.ProtocolMessage_MESSAGE_EDIT.Enum(), Key: k, EditedMessage: text}}
		},
		"edit in envelopes": func(k *waCommon.MessageKey) *waE2E.Message {
			return &waE2E.Message{EphemeralMessage: &waE2E.FutureProofMessage{Message: &waE2E.Message{EditedMessage: &waE2E.FutureProofMessage{
				Message: &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{Type: waE2E.ProtocolMessage_MESSAGE_EDIT.Enum(), Key: k, EditedMessage: text}}}}}}
		},
		"revoke": func(k *waCommon.MessageKey) *waE2E.Message {
			return &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{Type: waE2E.ProtocolMessage_REVOKE.Enum(), Key: k}}
		},
		"as the owner's other device": func(k *waCommon.MessageKey) *waE2E.Message {
			return &waE2E.Message{DeviceSentMessage: &waE2E.DeviceSentMessage{DestinationJID: proto.String(s.carla.LID().String()), Message: &waE2E.Message{
				ProtocolMessage: &waE2E.ProtocolMessage{Type: waE2E.ProtocolMessage_REVOKE.Enum(), Key: k}}}}
		},
		"pin": func(k *waCommon.MessageKey) *waE2E.Message {
			return &waE2E.Message{PinInChatMessage: &waE2E.PinInChatMessage{Key: k, Type: waE2E.PinInChatMessage_PIN_FOR_ALL.Enum()}}
		},
		"keep": func(k *waCommon.MessageKey) *waE2E.Message {
			return &waE2E.Message{KeepInChatMessage: &waE2E.KeepInChatMessage{Key: k, KeepType: waE2E.KeepType_UNDO_KEEP_FOR_ALL.Enum()}}
		},
		"secret": func(k *waCommon.MessageKey) *waE2E.Message {
			return &waE2E.Message{SecretEncryptedMessage: &waE2E.SecretEncryptedMessage{TargetMessageKey: k, EncIV: make([]byte, 12), EncPayload: make([]byte, 40),
				SecretEncType: waE2E.SecretEncryptedMessage_MESSAGE_EDIT.Enum()}}
		},
	} {
		var says []wasim.Say
		for _, id := range []string{s.hers, s.toHer, s.toHim} {
			for _, key := range s.keys(id) {
				says = append(says, wasim.Say{Proto: change(key)})
			}
		}
		s.attack(says...)
		s.untouched(name)
	}
	s.attack(wasim.Say{Edit: &wasim.SayEdit{ID: s.toHim, Text: "A usted le sale 1."}}, wasim.Say{Revoke: s.toHim}, wasim.Say{Revoke: s.hers})
	s.untouched("as any program would")
}

// A reaction or a vote on a message of another conversation is one on nothing.
func TestReactionsAndVotesOnOtherChats(t *testing.T) {
	s := newSiege(t)
	shown := s.Send(s.ana, s.herChat, outbox.NewMessage{Poll: &whatsapp.PollQuestion{Question: "¿Cuándo?", Options: []string{"hoy", "mañana"}, Max: 1}})
	s.Until("she has the poll", func() bool { return s.Shop.World.Message(shown.ID).State == "delivered" })
	s.before = s.others()
	poll := s.Shop.World.Message(shown.ID).WaID
	var says []wasim.Say
	for _, id := range []string{s.hers, s.toHer, poll} {
		for _, key := range s.keys(id) {
			says = append(says, wasim.Say{Proto: &waE2E.Message{ReactionMessage: &waE2E.ReactionMessage{Key: key, Text: proto.String("💩")}}})
		}
		says = append(says, wasim.Say{Reaction: &wasim.SayReaction{ID: id, Emoji: "💩"}})
	}
	says = append(says, wasim.Say{Vote: &wasim.SayVote{ID: poll, Options: []string{"hoy"}}})
	s.attack(says...)
	s.untouched("reactions and votes")
	if _, err := s.carla.Say(s.Owner, wasim.Say{Vote: &wasim.SayVote{ID: poll, Options: []string{"mañana"}}}); err != nil {
		t.Fatal(err)
	}
	s.Until("her vote counts", func() bool { return s.Count(`SELECT COUNT(*) FROM reactions WHERE votes = '["mañana"]'`) == 1 })
}

// What a quote carries is its author's word. It is shown as that, and tells nothing of messages in other conversations.
func TestQuotesInOthersWords(t *testing.T) {
	s := newSiege(t)
	lie := "Le debemos 100.000."
	says := []wasim.Say{}
	for _, id := range []string{s.hers, s.toHer, s.toHim, "NEVER"} {
		for _, by := range []string{desktest.ShopNumber, desktest.CarlaNumber, s.Owner.LID().String(), s.mallory.LID().String()} {
			says = append(says, wasim.Say{Text: "como dijeron", Quote: id, Lie: &wasim.Lie{QuoteText: &lie, QuoteOf: by}})
		}
	}
	s.attack(says...)
	s.untouched("quotes")
	views, err := view.Messages(s.Desk.Store.App.ConcurrentDB(), view.Everyone, desktest.All[store.Message](s.World, "SELECT * FROM messages WHERE text = 'como dijeron' ORDER BY pos"))
	if err != nil || len(views) != len(says) {
		t.Fatalf("got %d of %d messages: %v", len(views), len(says), err)
	}
	for i, v := range views {
		by := says[i].Lie.QuoteOf
		want := view.Quote{Text: lie, Author: store.ByContact, Claimed: true}
		if says[i].Quote == s.toHim && (by == desktest.ShopNumber || by == s.Owner.LID().String()) {
			want = view.Quote{ID: s.Message("A usted le sale 900.", func(store.Message) bool { return true }).ID, Kind: "text", Text: "A usted le sale 900.", Author: s.ana.ID}
		}
		if *v.Quote != want {
			t.Errorf("%s said to be of %s: got %+v, want %+v", says[i].Quote, by, *v.Quote, want)
		}
	}
}

// A message is its chat, its side and its id. Whoever uses an id again writes another one.
func TestIDsThatOthersUsed(t *testing.T) {
	s := newSiege(t)
	for _, id := range []string{s.hers, s.toHer, s.toHim, strings.Repeat("long", 1000), "\u202e\x00"} {
		text := "soy otro " + store.NewID(s.Desk.Store.Now())
		s.attack(wasim.Say{Text: text, Lie: &wasim.Lie{ID: id}}, wasim.Say{Text: "y otro más", Lie: &wasim.Lie{ID: id}})
		s.untouched("an id again")
		if got := s.Message(text, func(m store.Message) bool { return m.Pos > 0 }); got.Conversation != s.chat || len(got.WaID) > 100 {
			t.Errorf("got it in %s under %.200q, want it in %s", got.Conversation, got.WaID, s.chat)
		}
	}
	if got := s.Count("SELECT COUNT(*) FROM messages WHERE text = 'y otro más'"); got != 0 {
		t.Errorf("got %d messages twice under one id of one sender, want the first of each", got)
	}
	// She edits her own, and ours are still ours to take back.
	if _, err := s.carla.Say(s.Owner, wasim.Say{Edit: &wasim.SayEdit{ID: s.hers, Text: "¿cuánto sale todo?"}}); err != nil {
		t.Fatal(err)
	}
	s.Message("¿cuánto sale todo?", func(m store.Message) bool { return m.Conversation == s.herChat })
	// What the owner reads on the phone is read in the chat where it stands.
	s.Say(s.carla, "¿hola?")
	hers := s.Message("¿hola?", func(m store.Message) bool { return m.Pos > 0 })
	s.attack(wasim.Say{Text: "con su id", Lie: &wasim.Lie{ID: hers.WaID}})
	unread := s.Get(s.chat).Unread
	if err := s.Owner.MarkRead(s.carla, hers.WaID); err != nil {
		t.Fatal(err)
	}
	s.Until("hers is read", func() bool { return s.Get(s.herChat).Unread == 0 })
	if got := s.Get(s.chat).Unread; got != unread {
		t.Errorf("got %d unread messages of Mallory, want %d: nobody read them", got, unread)
	}
}

// Anybody may send a receipt; it counts for messages to them.
func TestReceiptsOfOthers(t *testing.T) {
	s := newSiege(t)
	for _, from := range []types.JID{s.mallory.LID(), s.mallory.PN()} {
		for _, kind := range []string{"read", "played"} {
			s.Owner.Raw(wasim.Node{Tag: "receipt", Attrs: wasim.Attrs{"id": s.toHer, "from": from, "type": kind, "t": s.Desk.Store.Now().Unix()}}, true)
		}
		s.attack()
		s.untouched("a receipt for what is not his")
	}
	if err := s.carla.MarkRead(s.Owner, s.toHer); err != nil {
		t.Fatal(err)
	}
	s.Message("A Carla le sale 100.", func(m store.Message) bool { return m.State == "read" })
}

// What devices of one account tell each other is no customer's to say.
func TestProtocolMessagesOfCustomers(t *testing.T) {
	s := newSiege(t)
	full := func(kind waE2E.ProtocolMessage_Type) *waE2E.ProtocolMessage {
		return &waE2E.ProtocolMessage{
			Type: kind.Enum(), EphemeralExpiration: proto.Uint32(1), EphemeralSettingTimestamp: proto.Int64(1), InvokerJID: proto.String(s.carla.LID().String()),
			HistorySyncNotification: &waE2E.HistorySyncNotification{DirectPath: proto.String("/v/x"), MediaKey: make([]byte, 32), FileLength: proto.Uint64(1 << 60)},
			AppStateSyncKeyShare: &waE2E.AppStateSyncKeyShare{Keys: []*waE2E.AppStateSyncKey{{KeyID: &waE2E.AppStateSyncKeyId{KeyID: []byte("x")},
				KeyData: &waE2E.AppStateSyncKeyData{KeyData: make([]byte, 32)}}}},
			AppStateSyncKeyRequest:                 &waE2E.AppStateSyncKeyRequest{KeyIDs: []*waE2E.AppStateSyncKeyId{{KeyID: []byte("x")}}},
			AppStateFatalExceptionNotification:     &waE2E.AppStateFatalExceptionNotification{CollectionNames: []string{"critical_block"}},
			InitialSecurityNotificationSettingSync: &waE2E.InitialSecurityNotificationSettingSync{SecurityNotificationEnabled: proto.Bool(true)},
			PeerDataOperationRequestMessage: &waE2E.PeerDataOperationRequestMessage{
				PeerDataOperationRequestType: waE2E.PeerDataOperationRequestType_PLACEHOLDER_MESSAGE_RESEND.Enum()},
			PeerDataOperationRequestResponseMessage: &waE2E.PeerDataOperationRequestResponseMessage{StanzaID: &s.hers,
				PeerDataOperationRequestType: waE2E.PeerDataOperationRequestType_PLACEHOLDER_MESSAGE_RESEND.Enum()},
			LidMigrationMappingSyncMessage: &waE2E.LIDMigrationMappingSyncMessage{EncodedMappingPayload: []byte("x")},
		}
	}
	var says []wasim.Say
	for number := range waE2E.ProtocolMessage_Type_name {
		kind := waE2E.ProtocolMessage_Type(number)
		if kind == waE2E.ProtocolMessage_REVOKE || kind == waE2E.ProtocolMessage_MESSAGE_EDIT {
			continue
		}
		m := &waE2E.Message{ProtocolMessage: full(kind)}
		sent := &waE2E.Message{DeviceSentMessage: &waE2E.DeviceSentMessage{DestinationJID: proto.String(s.carla.LID().String()), Message: m}}
		says = append(says, wasim.Say{Proto: m}, wasim.Say{Proto: sent}, wasim.Say{Proto: m, Lie: &wasim.Lie{Attrs: map[string]string{"category": "peer"}}})
	}
	rows := s.Count("SELECT COUNT(*) FROM messages")
	s.attack(says...)
	s.untouched("protocol messages")
	if got := s.Count("SELECT COUNT(*) FROM messages"); got != rows+1 {
		t.Errorf("got %d more messages, want the last one only", got-rows)
	}
	s.Connected()
}

// Two records become one only by WhatsApp's own word, which stands in the stanza and not in a message.
func TestNobodyBecomesSomebodyElse(t *testing.T) {
	s := newSiege(t)
	hers, card := s.carla.LID().String(), "BEGIN:VCARD\nFN:x\nTEL;waid="+s.carla.PN().User+":"+desktest.CarlaNumber+"\nEND:VCARD"
	s.attack(
		wasim.Say{Proto: &waE2E.Message{DeviceSentMessage: &waE2E.DeviceSentMessage{DestinationJID: &hers, Message: &waE2E.Message{Conversation: proto.String("soy ella")}}}},
		wasim.Say{Proto: &waE2E.Message{ExtendedTextMessage: &waE2E.ExtendedTextMessage{Text: proto.String("soy ella"), ContextInfo: &waE2E.ContextInfo{
			StanzaID: &s.hers, Participant: &hers, RemoteJID: &hers, MentionedJID: []string{hers}}}}},
		wasim.Say{Contact: &wasim.SayContact{Name: "Carla", VCard: card}},
		wasim.Say{Proto: &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{Type: waE2E.ProtocolMessage_SHARE_PHONE_NUMBER.Enum(), InvokerJID: &hers}}},
		wasim.Say{Text: "soy ella", Lie: &wasim.Lie{Attrs: map[string]string{"participant": hers, "participant_pn": desktest.CarlaNumber, "recipient": hers, "recipient_pn": desktest.CarlaNumber}}},
		wasim.Say{Text: "soy ella", Lie: &wasim.Lie{Attrs: map[string]string{"sender_lid": hers, "peer_recipient_pn": desktest.CarlaNumber}}},
	)
	s.untouched("as somebody else")
	if got := s.Count("SELECT COUNT(*) FROM messages WHERE text = 'soy ella' AND conversation = '" + s.chat + "'"); got != 4 {
		t.Errorf("got %d of what he wrote in his chat, want 4", got)
	}
	// A number that WhatsApp says is his now is his; what she wrote, and she herself, stay hers.
	s.attack(wasim.Say{Text: "tengo su número", Lie: &wasim.Lie{Attrs: map[string]string{"sender_pn": desktest.CarlaNumber}}})
	s.Say(s.carla, "sigo siendo yo")
	s.Message("sigo siendo yo", func(m store.Message) bool { return m.Conversation == s.herChat })
	s.attack(wasim.Say{Text: "y yo"})
	s.before = slices.DeleteFunc(s.before, func(row string) bool { return strings.HasPrefix(row, "text ") })
	for _, row := range s.before {
		if !slices.Contains(s.others(), row) {
			t.Errorf("after the number came and went there is no more %s", row)
		}
	}
	if got := s.Count("SELECT COUNT(*) FROM contacts WHERE mergedInto != ''"); got != 0 {
		t.Errorf("got %d contacts that became one with another, want 0", got)
	}
}

// Whatever is in a message, it is kept within bounds, shown, and the next one comes.
func TestMessagesOfStrangeShape(t *testing.T) {
	s := newSiege(t)
	deep := &waE2E.Message{Conversation: proto.String("hondo")}
	for i := range 3000 {
		wrap := &waE2E.FutureProofMessage{Message: deep}
		deep = []*waE2E.Message{{EphemeralMessage: wrap}, {ViewOnceMessageV2: wrap}, {EditedMessage: wrap}}[i%3]
	}
	huge := strings.Repeat("ñ", 400<<10)
	cards := &waE2E.ContactsArrayMessage{}
	for range 300 {
		cards.Contacts = append(cards.Contacts, &waE2E.ContactMessage{DisplayName: proto.String(huge[:1000]), Vcard: proto.String(huge[:2000])})
	}
	mentions := []string{}
	for i := range 20_000 {
		mentions = append(mentions, fmt.Sprintf("%d@lid", 1e14+i))
	}
	info := &waE2E.ContextInfo{MentionedJID: mentions, NonJIDMentions: proto.Uint32(1), StanzaID: &huge, QuotedMessage: &waE2E.Message{Conversation: &huge}}
	for name, say := range map[string]wasim.Say{
		"deep":             {Proto: deep},
		"vcards":           {Proto: &waE2E.Message{ContactsArrayMessage: cards}},
		"everybody":        {Proto: &waE2E.Message{ExtendedTextMessage: &waE2E.ExtendedTextMessage{Text: proto.String("@todos"), ContextInfo: info}}},
		"everybody here":   {Text: "@todos @5491123456789", Lie: &wasim.Lie{Mentions: []string{"all"}}},
		"no UTF-8":         {Text: "a\xff\xfe\x00b"},
		"reaction of 1 MB": {Proto: &waE2E.Message{ReactionMessage: &waE2E.ReactionMessage{Key: &waCommon.MessageKey{ID: &huge}, Text: &huge}}},
		"from the future":  {Text: "mañana", At: time.Now().AddDate(50, 0, 0)},
		"from the past":    {Text: "ayer", At: time.Date(1971, 1, 1, 0, 0, 0, 0, time.UTC)},
		"from no time":     {Text: "nunca", At: time.Unix(0, 0)},
		"from before":      {Text: "antes", At: time.Unix(-1<<40, 0)},
		"no name":          {Text: "nadie", Lie: &wasim.Lie{Attrs: map[string]string{"notify": "\u200b\u3164"}}},
		"another type":     {Text: "tipo", Lie: &wasim.Lie{Attrs: map[string]string{"type": "media", "edit": "7"}}},
	} {
		s.attack(say)
		s.untouched(name)
	}
	var large []string
	if err := s.Desk.Store.App.ConcurrentDB().NewQuery(`SELECT kind || ' ' || length(text) || ' ' || length(COALESCE(quote, '')) || ' ' || length(COALESCE(extra, ''))
		FROM messages WHERE length(COALESCE(quote, '')) > 4096 OR length(target) > 100`).Column(&large); err != nil || len(large) != 0 {
		t.Errorf("got messages whose parts are larger than they may be: %v (%v)", large, err)
	}
	for _, text := range []string{"@todos", "mañana", "ayer", "nunca", "antes", "nadie"} {
		m := s.Message(text, func(m store.Message) bool { return m.Conversation == s.chat })
		if at := m.SentAt.Time(); at.After(s.Desk.Store.Now().Add(time.Minute)) || at.Year() < 2009 {
			t.Errorf("%s: is said to be of %s", text, at)
		}
	}
	if got := s.Count(`SELECT COUNT(*) FROM messages WHERE text LIKE '@todos %'`); got != 1 {
		t.Errorf("got %d texts to everybody, want it shown as it is", got)
	}
	if got := s.Count(`SELECT COALESCE(MAX(length(data)), 0) FROM events`); got > 64<<10 {
		t.Errorf("got an event of %d bytes", got)
	}
}

// A file is what it is, whatever its message says, or has failed with its reason.
func TestFilesThatAreNotWhatTheyAreSaidToBe(t *testing.T) {
	s := newSiege(t)
	size := func(n uint64) *wasim.Lie { return &wasim.Lie{Size: &n} }
	sum := make([]byte, 32)
	large := strings.Repeat("x", media.SmallMedia+1000) // of which somebody says that it is small
	cases := map[string]struct {
		data, state, reason string
		lie                 *wasim.Lie
	}{
		"true":         {"1", "ready", "", nil},
		"nothing":      {"2", "ready", "", size(0)},
		"a petabyte":   {"3", "failed", store.MediaLarge, size(1 << 50)},
		"beyond":       {"4", "failed", store.MediaLarge, size(1<<62 + 5)},
		"all there is": {"5", "failed", store.MediaLarge, size(1<<64 - 1)},
		"small":        {large, "ready", "", size(1)},
		"hash":         {"6", "failed", store.MediaDamaged, &wasim.Lie{Plain: sum}},
		"sealed hash":  {"7", "failed", store.MediaDamaged, &wasim.Lie{Sealed: sum}},
		"half a hash":  {"8", "failed", store.MediaDamaged, &wasim.Lie{Sealed: sum[:7]}},
		"a long hash":  {"9", "failed", store.MediaDamaged, &wasim.Lie{Plain: []byte(large)[:1<<20]}},
	}
	var all []wasim.Say
	for name, c := range cases {
		all = append(all, wasim.Say{Media: &wasim.SayMedia{Kind: "document", MIME: "application/pdf", Name: name, Data: []byte(c.data)}, Lie: c.lie})
	}
	for name, ref := range map[string]*waE2E.DocumentMessage{
		"elsewhere": {DirectPath: proto.String("@127.0.0.1/x"), MediaKey: sum, FileEncSHA256: sum, FileSHA256: sum},
		"no key":    {DirectPath: proto.String("/v/x"), FileEncSHA256: sum, FileSHA256: sum},
	} {
		ref.FileName, ref.FileLength = proto.String(name), proto.Uint64(1)
		all = append(all, wasim.Say{Proto: &waE2E.Message{DocumentMessage: ref}})
		cases[name] = struct {
			data, state, reason string
			lie                 *wasim.Lie
		}{state: "failed", reason: store.MediaDamaged}
	}
	s.attack(all...)
	for name, c := range cases {
		type file struct {
			State, Reason string
			Size          int
		}
		got := desktest.Row(s.Shop, name+" is here or has failed", "SELECT state, reason, size FROM media WHERE name = {:name}", map[string]any{"name": name},
			func(f file) bool { return f.State != "pending" })
		if got.State != c.state || got.Reason != c.reason || c.state == "ready" && got.Size != len(c.data) {
			t.Errorf("%s: got %+v, want %s %s of %d bytes", name, got, c.state, c.reason, len(c.data))
		}
	}
}
