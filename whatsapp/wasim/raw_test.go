package wasim

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/socket"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

// dialRaw opens the web socket as a client with a configurable address does: another Host, WhatsApp's Origin.
func dialRaw(s *Server) (*websocket.Conn, *http.Response, error) {
	return websocket.Dial(context.Background(), "ws://127.0.0.1:9099/ws/chat", &websocket.DialOptions{
		HTTPClient: s.HTTPClient(), HTTPHeader: http.Header{"Origin": {"https://web.whatsapp.com"}}})
}

// ask sends an IQ that whatsmeow itself never sends, and returns the answer.
func (d *desk) ask(t *testing.T, kind, namespace string, part Node) *Node {
	t.Helper()
	answer, err := d.inside().SendIQ(context.Background(), whatsmeow.DangerousInfoQuery{
		Namespace: namespace, Type: whatsmeow.DangerousInfoQueryType(kind), To: types.ServerJID, Content: []Node{part}, Timeout: 5 * time.Second})
	if err != nil {
		t.Fatalf("%s/%s/%s: %v", namespace, kind, part.Tag, err)
	}
	return answer
}

// What other clients ask for, and whatsmeow doesn't.
func TestQuestionsOfOtherClients(t *testing.T) {
	s := newServer(t, Options{})
	owner, carla := s.Phone(ownerNumber), s.Phone(carlaNumber)
	d := newDesk(t, s, owner)
	d.ask(t, "get", "w:p", Node{Tag: "ping"})
	if digest := child(d.ask(t, "get", "encrypt", Node{Tag: "digest"}), "digest"); len(content(child(digest, "hash"))) != 20 ||
		len(child(digest, "list").GetChildren()) != owner.Companions()[0].State().PreKeys {
		t.Errorf("digest %v", digest)
	}
	props := child(d.ask(t, "get", "abt", Node{Tag: "props", Attrs: Attrs{"protocol": "1"}}), "props")
	if attr(props, "hash") == "" || len(props.GetChildren()) == 0 {
		t.Errorf("props %v", props)
	}
	lock := child(d.ask(t, "get", "w:mex", Node{Tag: "query", Attrs: Attrs{"query_id": queryTimelock}, Content: []byte(`{"variables":{}}`)}), "result")
	if !strings.Contains(string(content(lock)), `"is_active":false`) {
		t.Errorf("time-lock %s", content(lock))
	}
	d.ask(t, "set", "urn:xmpp:whatsapp:dirty", Node{Tag: "clean", Attrs: Attrs{"type": "groups"}})
	usync := func(to types.JID) *Node {
		answer := d.ask(t, "get", "usync", Node{Tag: "usync", Attrs: Attrs{"sid": "1", "mode": "query", "context": "message"}, Content: []Node{
			{Tag: "query", Content: []Node{{Tag: "devices", Attrs: Attrs{"version": "2"}}, {Tag: "lid"}, {Tag: "disappearing_mode"}}},
			{Tag: "list", Content: []Node{{Tag: "user", Attrs: Attrs{"jid": to}}}}}})
		return &child(child(answer, "usync"), "list").GetChildren()[0]
	}
	if u := usync(carla.PN()); jid(child(u, "lid"), "val") != carla.LID() || child(u, "disappearing_mode").Tag == "" {
		t.Errorf("usync by number: %v", u)
	}
	if u := usync(carla.LID()); child(u, "lid").Tag != "" { // a client would warn of an invalid mapping
		t.Errorf("usync by LID: %v", u)
	}
}

func TestRotatedPreKeyIsUsed(t *testing.T) {
	s := newServer(t, Options{})
	owner := s.Phone(ownerNumber)
	d := newDesk(t, s, owner)
	fresh := d.Store.IdentityKey.CreateSignedPreKey(99)
	d.ask(t, "set", "encrypt", Node{Tag: "rotate", Content: []Node{keyNode("skey", publicKey{ID: 99, Pub: *fresh.Pub, Sig: fresh.Signature[:]})}})
	s.mu.Lock()
	defer s.mu.Unlock()
	if got := owner.linked()[0].signed; got.ID != 99 || got.Pub != *fresh.Pub {
		t.Errorf("the server holds signed prekey %d, want 99", got.ID)
	}
}

func TestUnknownStanzasAreRecordedAndAnswered(t *testing.T) {
	var heard []string
	s := newServer(t, Options{Strict: func(what string) { heard = append(heard, what) }})
	d := newDesk(t, s, s.Phone(ownerNumber))
	_, err := d.inside().SendIQ(context.Background(), whatsmeow.DangerousInfoQuery{
		Namespace: "w:unheard", Type: "get", To: types.ServerJID, Content: []Node{{Tag: "of"}}, Timeout: 5 * time.Second})
	if err == nil || !strings.Contains(err.Error(), "501") {
		t.Errorf("an unknown question was answered with %v, want 501", err)
	}
	if err := d.inside().SendNode(context.Background(), Node{Tag: "dance"}); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, "both are recorded", func() bool { return len(s.Unknown()) == 2 })
	if s.Unknown()["iq w:unheard/get/of"] != 1 || s.Unknown()["<dance>"] != 1 {
		t.Errorf("unknown stanzas %v", s.Unknown())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(heard) != 2 {
		t.Errorf("the test heard of %v", heard)
	}
}

func TestMixedAddressesAreRefused(t *testing.T) {
	s := newServer(t, Options{})
	owner, carla := s.Phone(ownerNumber), s.Phone(carlaNumber)
	d := newDesk(t, s, owner)
	enc := []Node{{Tag: "enc", Attrs: Attrs{"type": "msg", "v": "2"}, Content: []byte("x")}}
	data, err := d.inside().SendNodeAndGetData(context.Background(), Node{Tag: "message", Attrs: Attrs{"to": carla.LID(), "id": "MIXED", "type": "text"},
		Content: []Node{{Tag: "participants", Content: []Node{{Tag: "to", Attrs: Attrs{"jid": carla.LID()}, Content: enc}, {Tag: "to", Attrs: Attrs{"jid": owner.PN()}, Content: enc}}}}})
	if err != nil || len(data) == 0 {
		t.Fatal(err)
	}
	waitUntil(t, "the refusal", func() bool {
		for _, l := range s.Transcript() {
			if l.Dir == "S->C" && strings.Contains(l.XML, "MIXED") {
				return strings.Contains(l.XML, `error="400"`)
			}
		}
		return false
	})
	if got := carla.Chat(nil); len(got) != 0 {
		t.Errorf("a refused message is shown: %+v", got)
	}
}

// Some clients name themselves before they are logged in, and without a type after.
func TestPresenceWithoutType(t *testing.T) {
	s := newServer(t, Options{})
	d := openDesk(t, s, t.TempDir()+"/w.db")
	qr, err := d.GetQRChannel(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err = d.Connect(); err != nil {
		t.Fatal(err)
	}
	code := <-qr
	for _, n := range []Node{{Tag: "presence", Attrs: Attrs{"name": "x"}}, {Tag: "presence"}} {
		if err = d.inside().SendNode(context.Background(), n); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Phone(ownerNumber).ScanQR(code.Code); err != nil {
		t.Fatal(err)
	}
	await[*events.Connected](d, nil)
}

func TestEdgeRoutingBytesAreSkipped(t *testing.T) {
	header := string(socket.WAConnHeader)
	for name, parts := range map[string][]string{
		"header alone":           {header + "\x00\x00\x02ab"},
		"routing in one piece":   {"ED\x00\x01\x00\x00\x03xyz" + header + "\x00\x00\x02ab"},
		"routing in many pieces": strings.Split("ED\x00\x01\x00\x00\x03xyz"+header+"\x00\x00\x02ab", ""),
	} {
		f := frameReader{read: reader(parts)}
		if err := f.header(); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if frame, err := f.next(); err != nil || string(frame) != "ab" {
			t.Errorf("%s: frame %q, error %v", name, frame, err)
		}
	}
	f := frameReader{read: reader([]string{"GET / HTTP/1.1"})}
	if err := f.header(); err == nil {
		t.Error("HTTP was taken for WhatsApp's header")
	}
}
