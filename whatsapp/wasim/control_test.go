package wasim

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/types/events"
)

// api calls the control API as another process would.
type api struct {
	t      *testing.T
	client *http.Client
	base   string
}

func (a api) call(method, path string, body, answer any) int {
	a.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		a.t.Fatal(err)
	}
	if s, ok := body.(string); ok {
		raw = []byte(s)
	}
	r, err := http.NewRequest(method, a.base+path, bytes.NewReader(raw))
	if err != nil {
		a.t.Fatal(err)
	}
	resp, err := a.client.Do(r)
	if err != nil {
		a.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	if answer != nil {
		if err = json.Unmarshal(b, answer); err != nil {
			a.t.Fatalf("%s %s answered %q: %v", method, path, b, err)
		}
	}
	return resp.StatusCode
}

func (a api) ok(method, path string, body, answer any) {
	a.t.Helper()
	var raw json.RawMessage
	if code := a.call(method, path, body, &raw); code != 200 {
		a.t.Fatalf("%s %s answered %d: %s", method, path, code, raw)
	}
	if answer != nil {
		if err := json.Unmarshal(raw, answer); err != nil {
			a.t.Fatal(err)
		}
	}
}

type chatAnswer struct {
	Messages []Entry
	Typing   string
}

func TestControlTellsTheWholeStory(t *testing.T) {
	s := newServer(t, Options{Listen: "127.0.0.1:0"})
	a := api{t, http.DefaultClient, "http://" + s.Addr()}
	var state struct {
		RootKey, WebSocket string
		Companions         []CompanionState
		Unknown            map[string]int
		Counters           Counters
	}
	a.ok("GET", "/state", nil, &state)
	if root := s.RootKey(); state.RootKey != hex.EncodeToString(root[:]) || state.WebSocket != "ws://"+s.Addr()+"/ws/chat" {
		t.Errorf("state says root key %q and socket %q", state.RootKey, state.WebSocket)
	}
	var carla phoneJSON
	a.ok("POST", "/phones", `{"number":"`+carlaNumber+`","name":"Carla","address":"lid","devices":2}`, &carla)
	a.ok("POST", "/phones", `{"number":"`+ownerNumber+`","name":"Desk","owner":true}`, nil)
	if carla.Number != carlaNumber || carla.Devices != 2 || carla.Delivered != "auto" {
		t.Errorf("got phone %+v", carla)
	}

	d := openDesk(t, s, t.TempDir()+"/w.db")
	codes, err := d.GetQRChannel(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err = d.Connect(); err != nil {
		t.Fatal(err)
	}
	a.ok("POST", "/phones/"+ownerNumber+"/scan", map[string]string{"qr": (<-codes).Code}, nil)
	await[*events.Connected](d, nil)

	var said struct{ ID string }
	a.ok("POST", "/phones/"+carlaNumber+"/say", map[string]string{"to": ownerNumber, "text": "hola"}, &said)
	m := d.message(said.ID)
	reply := d.send(m.Info.Chat, "buenas")
	var chat chatAnswer
	a.ok("GET", "/phones/"+carlaNumber+"/chat?with="+ownerNumber+"&after=1&wait=5s", nil, &chat)
	if len(chat.Messages) != 1 || chat.Messages[0].ID != reply || chat.Messages[0].N != 2 || chat.Messages[0].Text != "buenas" || chat.Messages[0].FromMe {
		t.Errorf("Carla's chat shows %+v", chat.Messages)
	}
	var nothing struct{ ID string }
	a.ok("POST", "/phones/"+carlaNumber+"/say", map[string]string{"to": ownerNumber, "text": ""}, &nothing) // who writes nothing writes, too
	d.message(nothing.ID)
	var media struct{ ID string }
	file := []byte("fake jpeg")
	a.ok("POST", "/phones/"+carlaNumber+"/say", map[string]any{"to": ownerNumber, "media": map[string]string{
		"kind": "image", "mime": "image/jpeg", "caption": "la factura", "base64": base64.StdEncoding.EncodeToString(file)}}, &media)
	if data, err := d.file(d.message(media.ID)); err != nil || !bytes.Equal(data, file) {
		t.Errorf("the desk downloaded %q, error %v", data, err)
	}
	var many struct{ IDs []string }
	a.ok("POST", "/say", []map[string]string{{"from": carlaNumber, "to": ownerNumber, "text": "1"}, {"from": carlaNumber, "to": ownerNumber, "text": "2"}}, &many)
	d.message(many.IDs[1])
	a.ok("GET", "/state", nil, &state)
	if len(state.Companions) != 1 || !state.Companions[0].Online || len(state.Unknown) != 0 || state.Counters.MessagesIn != 1 {
		t.Errorf("state %+v", state)
	}
}

func TestControlChangesOfMessages(t *testing.T) {
	s := newServer(t, Options{})
	a := api{t, s.HTTPClient(), "http://wasim"}
	owner, carla := s.Phone(ownerNumber), s.Phone(carlaNumber)
	d := newDesk(t, s, owner)
	say := func(body string) *events.Message {
		t.Helper()
		var said struct{ ID string }
		a.ok("POST", "/phones/"+carlaNumber+"/say", `{"to":"`+ownerNumber+`",`+body+`}`, &said)
		return d.message(said.ID)
	}
	first := say(`"text":"hola"`)
	if m := say(`"reaction":{"id":"` + first.Info.ID + `","emoji":"👍"}`); m.Message.GetReactionMessage().GetText() != "👍" {
		t.Errorf("reaction: %v", m.Message)
	}
	if m := say(`"edit":{"id":"` + first.Info.ID + `","text":"hola!"}`); m.Message.GetProtocolMessage().GetEditedMessage().GetConversation() != "hola!" {
		t.Errorf("edit: %v", m.Message)
	}
	if m := say(`"text":"digo","quote":{"id":"` + first.Info.ID + `"}`); m.Message.GetExtendedTextMessage().GetContextInfo().GetStanzaID() != first.Info.ID {
		t.Errorf("quote: %v", m.Message)
	}
	if m := say(`"location":{"latitude":-34.6,"lng":-58.4,"name":"Obelisco"}`); m.Message.GetLocationMessage().GetName() != "Obelisco" || m.Message.GetLocationMessage().GetDegreesLatitude() != -34.6 || m.Message.GetLocationMessage().GetDegreesLongitude() != -58.4 {
		t.Errorf("location: %v", m.Message)
	}
	if m := say(`"contact":{"name":"Ana","phone":"+5491155555555"}`); !strings.Contains(m.Message.GetContactMessage().GetVcard(), "Ana") {
		t.Errorf("contact: %v", m.Message)
	}
	poll := say(`"poll":{"question":"¿té?","options":["sí","no"],"max":1}`)
	vote := say(`"vote":{"id":"` + poll.Info.ID + `","options":["no"]}`)
	if got, err := d.DecryptPollVote(context.Background(), vote); err != nil || len(got.SelectedOptions) != 1 {
		t.Errorf("vote: %v, error %v", got, err)
	}
	if m := say(`"revoke":{"id":"` + first.Info.ID + `"}`); m.Message.GetProtocolMessage().GetType().String() != "REVOKE" {
		t.Errorf("revoke: %v", m.Message)
	}
	id := first.Info.ID
	for _, e := range carla.Chat(owner) {
		if (e.Kind == "reaction" || e.Kind == "edit" || e.Kind == "revoke") && e.Ref != id {
			t.Errorf("Carla's phone shows %+v, want a reference to %s", e, id)
		}
	}
}

func TestControlRefusesBadInput(t *testing.T) {
	s := newServer(t, Options{})
	a := api{t, s.HTTPClient(), "http://wasim"}
	s.Phone(ownerNumber)
	s.Phone(carlaNumber)
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		says                     string
	}{
		{"no number", "POST", "/phones", `{}`, 400, "phone number"},
		{"letters as number", "POST", "/phones", `{"number":"+54abc"}`, 400, "7 to 15 digits"},
		{"unknown address mode", "POST", "/phones", `{"number":"+5491100000009","address":"x"}`, 400, "lid-hidden"},
		{"too many devices", "POST", "/phones", `{"number":"+5491100000009","devices":9}`, 400, "1 to 5"},
		{"receipts neither on nor off", "POST", "/phones", `{"number":"+5491100000009","read":"maybe"}`, 400, "auto or off"},
		{"not JSON", "POST", "/phones", `{`, 400, "JSON"},
		{"unknown phone", "POST", "/phones/+5490000000000/say", `{}`, 404, "POST /phones"},
		{"unknown receiver", "POST", "/phones/" + carlaNumber + "/say", `{"to":"+5490000000000","text":"x"}`, 404, "no phone"},
		{"nothing to say", "POST", "/phones/" + carlaNumber + "/say", `{"to":"` + ownerNumber + `","txt":"hola"}`, 400, "want one of text"},
		{"two things at once", "POST", "/phones/" + carlaNumber + "/say", `{"to":"` + ownerNumber + `","text":"x","location":{"lat":1,"lng":2}}`, 400, "got 2"},
		{"to itself", "POST", "/phones/" + carlaNumber + "/say", `{"to":"` + carlaNumber + `","text":"x"}`, 400, "itself"},
		{"reaction to nothing", "POST", "/phones/" + carlaNumber + "/say", `{"to":"` + ownerNumber + `","reaction":{"id":"X","emoji":"a"}}`, 400, "no message X"},
		{"media without data", "POST", "/phones/" + carlaNumber + "/say", `{"to":"` + ownerNumber + `","media":{"kind":"image","mime":"image/png"}}`, 400, "empty"},
		{"media of unknown kind", "POST", "/phones/" + carlaNumber + "/say", `{"to":"` + ownerNumber + `","media":{"kind":"fax","mime":"a/b","base64":"eA=="}}`, 400, "fax"},
		{"media that is not base64", "POST", "/phones/" + carlaNumber + "/say", `{"to":"` + ownerNumber + `","media":{"kind":"image","base64":"%"}}`, 400, "base64"},
		{"nothing to scan", "POST", "/phones/" + ownerNumber + "/scan", `{}`, 400, "qr"},
		{"unknown QR", "POST", "/phones/" + ownerNumber + "/scan", `{"qr":"a,b,c,` + strings.Repeat("A", 43) + `="}`, 409, "not known"},
		{"short code", "POST", "/phones/" + ownerNumber + "/scan", `{"code":"ABC"}`, 409, "eight"},
		{"unknown verb", "POST", "/phones/" + ownerNumber + "/dance", `{}`, 404, "nothing at"},
		{"typing in an unknown way", "POST", "/phones/" + carlaNumber + "/typing", `{"to":"` + ownerNumber + `","state":"x"}`, 400, "composing"},
		{"call to nobody", "POST", "/phones/" + carlaNumber + "/call", `{}`, 400, "to"},
		{"chat after nothing", "GET", "/phones/" + carlaNumber + "/chat?after=x", ``, 400, "after"},
		{"chat with bad wait", "GET", "/phones/" + carlaNumber + "/chat?wait=x", ``, 400, "wait"},
		{"unknown fault", "POST", "/faults", `{"kind":"x","line":"` + ownerNumber + `"}`, 400, "unknown fault"},
		{"fault without line", "POST", "/faults", `{"kind":"drop"}`, 400, "line"},
		{"fault with bad time", "POST", "/faults", `{"kind":"down","line":"` + ownerNumber + `","for":"soon"}`, 400, "for"},
		{"fault with negative count", "POST", "/faults", `{"kind":"drop","line":"` + ownerNumber + `","count":-1}`, 400, "negative"},
		{"ending no fault", "DELETE", "/faults/77", ``, 404, "no fault"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := api{t, a.client, a.base}
			var refused struct{ Message string }
			if status := a.call(c.method, c.path, c.body, &refused); status != c.status || !strings.Contains(refused.Message, c.says) {
				t.Errorf("got %d %q, want %d and %q", status, refused.Message, c.status, c.says)
			}
		})
	}
}

// TestControlListsFaultsThatAreNotOver: neither one that happened as often as it was to, nor one whose time is up.
func TestControlListsFaultsThatAreNotOver(t *testing.T) {
	s := newServer(t, Options{})
	a := api{t, s.HTTPClient(), "http://wasim"}
	s.Phone(ownerNumber)
	for _, fault := range []string{`"kind":"drop"`, `"kind":"stream-error"`, `"kind":"ignore-pings","for":"1ns"`, `"kind":"corrupt","count":2`} {
		a.ok("POST", "/faults", `{"line":"`+ownerNumber+`",`+fault+`}`, nil)
	}
	var list struct{ Faults []faultJSON }
	if a.ok("GET", "/faults", nil, &list); len(list.Faults) != 1 || list.Faults[0].Kind != FaultCorrupt || list.Faults[0].Count != 2 {
		t.Errorf("got %+v, want the one that is still to come", list.Faults)
	}
}

func TestControlAnswersThisMachineOnly(t *testing.T) {
	s := newServer(t, Options{Listen: "127.0.0.1:0"})
	for _, c := range []struct {
		name, remote, host, origin string
		want                       int
	}{
		{"own process", "127.0.0.1:5", s.Addr(), "", 200},
		{"another machine", "192.0.2.1:5", s.Addr(), "", 403},
		{"a name that resolves here", "127.0.0.1:5", "evil.example:9099", "", 403},
		{"a page of another site", "127.0.0.1:5", s.Addr(), "https://evil.example", 403},
		{"a page of ours", "127.0.0.1:5", s.Addr(), "http://localhost:8090", 200},
	} {
		r := httptest.NewRequest("GET", "/state", nil)
		r.RemoteAddr, r.Host = c.remote, c.host
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		w := httptest.NewRecorder()
		s.Control().ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s: got %d, want %d", c.name, w.Code, c.want)
		}
	}
	if _, err := New(Options{Listen: "0.0.0.0:0"}); err == nil {
		t.Error("a server listens on all addresses")
	}
}

func TestTranscriptFollows(t *testing.T) {
	s := newServer(t, Options{})
	owner := s.Phone(ownerNumber)
	d := newDesk(t, s, owner)
	resp, err := s.HTTPClient().Get("http://wasim/transcript?follow=1")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := make(chan Line)
	go func() {
		defer close(lines)
		in := bufio.NewScanner(resp.Body)
		in.Buffer(nil, 1<<20)
		for in.Scan() {
			var l Line
			if json.Unmarshal(in.Bytes(), &l) == nil {
				lines <- l
			}
		}
	}()
	d.send(s.Phone(carlaNumber).LID(), "hola")
	limit := time.After(10 * time.Second)
	for last := 0; ; {
		select {
		case l := <-lines:
			if l.N != last+1 {
				t.Fatalf("line %d after %d", l.N, last)
			}
			last = l.N
			if l.Dir == "C->S" && strings.HasPrefix(l.XML, "<message") {
				return
			}
		case <-limit:
			t.Fatal("the transcript does not show the message")
		}
	}
}
