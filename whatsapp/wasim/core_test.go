package wasim

import (
	"context"
	"path/filepath"
	"testing"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

func TestPairReceiveSend(t *testing.T) {
	s := newServer(t, Options{Seed: 1})
	owner, carla := s.Phone(ownerNumber, Name("Desk GmbH")), s.Phone(carlaNumber, Name("Carla"))
	d := newDesk(t, s, owner)

	id, err := carla.SayText(owner, "hola")
	if err != nil {
		t.Fatal(err)
	}
	m := d.message(id)
	if got := m.Message.GetConversation(); got != "hola" {
		t.Errorf("the desk got %q, want hola", got)
	}
	if m.Info.Sender != carla.LID() || m.Info.SenderAlt != carla.PN() || m.Info.PushName != "Carla" {
		t.Errorf("got sender %v, alternative %v, name %q; want %v, %v, Carla", m.Info.Sender, m.Info.SenderAlt, m.Info.PushName, carla.LID(), carla.PN())
	}
	shown(t, carla, id, inState("delivered"))

	reply := d.send(m.Info.Chat, "¿en qué puedo ayudar?")
	if e := shown(t, carla, reply); e.Text != "¿en qué puedo ayudar?" || e.Kind != "text" || e.FromMe {
		t.Errorf("Carla's phone shows %+v", e)
	}
	if e := shown(t, owner, reply); !e.FromMe || e.With != carlaNumber {
		t.Errorf("the owner's phone shows %+v", e)
	}
	await(d, func(r *events.Receipt) bool { return r.Type == types.ReceiptTypeRead && r.MessageIDs[0] == reply })
	if err := d.MarkRead(context.Background(), []string{id}, m.Info.Timestamp, m.Info.Chat, m.Info.Sender); err != nil {
		t.Fatal(err)
	}
	shown(t, carla, id, inState("read"))
}

func TestGreetingAfterFirstLogin(t *testing.T) {
	s := newServer(t, Options{})
	owner := s.Phone(ownerNumber, Name("Desk GmbH"))
	d := openDesk(t, s, filepath.Join(t.TempDir(), "w.db"))
	d.ManualHistorySyncDownload = false
	d.pair(owner)
	await(d, func(e *events.AppStateSyncComplete) bool { return e.Name == "critical_block" })
	if d.Store.PushName != "Desk GmbH" {
		t.Errorf("own push name %q, want Desk GmbH", d.Store.PushName)
	}
	await(d, func(e *events.HistorySync) bool { return e.Data.GetSyncType().String() == "RECENT" })
	if err := d.SendPresence(context.Background(), types.PresenceAvailable); err != nil {
		t.Error(err)
	}
}

func TestPairByPhoneCode(t *testing.T) {
	s := newServer(t, Options{})
	owner := s.Phone(ownerNumber)
	d := openDesk(t, s, t.TempDir()+"/whatsapp.db")
	codes, err := d.GetQRChannel(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Connect(); err != nil {
		t.Fatal(err)
	}
	<-codes
	if _, err = d.PairPhone(context.Background(), owner.Number(), true, whatsmeow.PairClientChrome, "Chrome (Linux)"); err != nil {
		t.Fatal(err)
	}
	if _, err := owner.EnterCode("AAAA-AAAA"); err == nil {
		t.Error("a wrong code linked the client")
	}
	code, err := d.PairPhone(context.Background(), owner.Number(), true, whatsmeow.PairClientChrome, "Chrome (Linux)")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := owner.EnterCode(code); err != nil {
		t.Fatal(err)
	}
	await[*events.Connected](d, nil)
	id, _ := s.Phone(carlaNumber).SayText(owner, "hola")
	d.message(id)
}

func TestAddressForms(t *testing.T) {
	for _, mode := range []AddressMode{LID, PN, LIDHidden, PNWithLID} {
		t.Run(string(mode), func(t *testing.T) {
			s := newServer(t, Options{})
			owner, c := s.Phone(ownerNumber), s.Phone(carlaNumber, Address(mode))
			d := newDesk(t, s, owner)
			id, err := c.SayText(owner, "hola")
			if err != nil {
				t.Fatal(err)
			}
			m := d.message(id)
			want := map[AddressMode][2]types.JID{LID: {c.LID(), c.PN()}, PN: {c.PN(), {}}, LIDHidden: {c.LID(), {}}, PNWithLID: {c.PN(), c.LID()}}[mode]
			if m.Info.Sender != want[0] || m.Info.SenderAlt != want[1] {
				t.Errorf("got sender %v and alternative %v, want %v and %v", m.Info.Sender, m.Info.SenderAlt, want[0], want[1])
			}
			shown(t, c, d.send(m.Info.Chat, "respuesta"))
			id, err = c.SayText(owner, "gracias")
			if err != nil {
				t.Fatal(err)
			}
			d.message(id) // a number that turns out to have a LID costs one retry
		})
	}
}

func TestOfflineQueue(t *testing.T) {
	s := newServer(t, Options{})
	owner, carla := s.Phone(ownerNumber), s.Phone(carlaNumber)
	d := newDesk(t, s, owner)
	d.Disconnect()
	var ids []string
	for range 20 {
		id, err := carla.SayText(owner, "¿hay alguien?")
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if err := d.Connect(); err != nil {
		t.Fatal(err)
	}
	await(d, func(e *events.OfflineSyncCompleted) bool { return e.Count >= 20 })
	for _, id := range ids {
		d.message(id)
	}
	var got []string
	d.mu.Lock()
	for _, e := range d.all {
		if m, ok := e.(*events.Message); ok && m.Info.Category != "peer" {
			got = append(got, m.Info.ID)
		}
	}
	d.mu.Unlock()
	for i := range ids {
		if got[i] != ids[i] {
			t.Fatalf("message %d is %s, want %s", i, got[i], ids[i])
		}
	}
	for _, id := range ids {
		shown(t, carla, id, inState("delivered"))
	}
}

func TestRetryBothWays(t *testing.T) {
	s := newServer(t, Options{})
	owner, carla := s.Phone(ownerNumber), s.Phone(carlaNumber)
	d := newDesk(t, s, owner)
	inject(t, s, Fault{Kind: FaultCorrupt, Line: owner})
	id, err := carla.SayText(owner, "no se entiende")
	if err != nil {
		t.Fatal(err)
	}
	await(d, func(u *events.UndecryptableMessage) bool { return u.Info.ID == id })
	if m := d.message(id); m.RetryCount != 1 {
		t.Errorf("retry count %d, want 1", m.RetryCount)
	}
	inject(t, s, Fault{Kind: FaultRetry, Line: owner})
	reply := d.send(carla.LID(), "otra vez")
	shown(t, carla, reply, inState("read"))
	if got := s.Counters().RetriesByPhones; got != 1 {
		t.Errorf("phones asked again %d times, want 1", got)
	}
	shown(t, carla, d.send(carla.LID(), "y sigue"))
}

func inject(t testing.TB, s *Server, f Fault) string {
	t.Helper()
	id, err := s.Inject(f)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestMediaBothWays(t *testing.T) {
	s := newServer(t, Options{})
	owner, carla := s.Phone(ownerNumber), s.Phone(carlaNumber)
	d := newDesk(t, s, owner)
	for _, kind := range []string{"image", "video", "audio", "voice", "document", "sticker"} {
		id, err := carla.Say(owner, Say{Media: &SayMedia{Kind: kind, MIME: "application/x-test", Name: "a.bin", Data: []byte("plain " + kind)}})
		if err != nil {
			t.Fatal(err)
		}
		m := d.message(id)
		data, err := d.file(m)
		if err != nil || string(data) != "plain "+kind {
			t.Errorf("%s: downloaded %q, error %v", kind, data, err)
		}
	}
}

func TestPasskeyIsDemanded(t *testing.T) {
	s := newServer(t, Options{})
	owner := s.Phone(ownerNumber)
	inject(t, s, Fault{Kind: FaultPasskey, Line: owner})
	d := openDesk(t, s, filepath.Join(t.TempDir(), "w.db"))
	codes, err := d.GetQRChannel(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err = d.Connect(); err != nil {
		t.Fatal(err)
	}
	if _, err = owner.ScanQR((<-codes).Code); err == nil {
		t.Error("the client was linked without a passkey")
	}
	if e := await[*events.PairPasskeyRequest](d, nil); len(e.PublicKey.Challenge) != 32 {
		t.Errorf("the client was asked with %+v, want a challenge of 32 bytes", e.PublicKey)
	}
}
