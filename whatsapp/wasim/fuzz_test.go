package wasim

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http/httptest"
	"sync"
	"testing"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waCompanionReg"
	"go.mau.fi/whatsmeow/proto/waWa6"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/util/keys"
)

// reader hands out pieces of a stream, then its end.
func reader(parts []string) func() ([]byte, error) {
	return func() ([]byte, error) {
		if len(parts) == 0 {
			return nil, io.EOF
		}
		p := parts[0]
		parts = parts[1:]
		return []byte(p), nil
	}
}

// FuzzFrames feeds the first bytes of a connection, cut in two anywhere.
func FuzzFrames(f *testing.F) {
	f.Add([]byte("WA\x06\x03\x00\x00\x02ab"), 5)
	f.Add([]byte("ED\x00\x01\x00\x00\x01xWA\x06\x03\xff\xff\xff"), 3)
	certs := newCertificates(sharedRoot())
	f.Fuzz(func(t *testing.T, stream []byte, cut int) {
		cut = min(max(cut, 0), len(stream))
		r := frameReader{read: reader([]string{string(stream[:cut]), string(stream[cut:])})}
		if r.header() != nil {
			return
		}
		if _, err := handshake(certs, r.next, func([]byte) error { return nil }); err == nil {
			t.Error("random bytes made a handshake")
		}
	})
}

// offline is a server with one linked device that is connected to nothing.
var offline = sync.OnceValue(func() *conn {
	s, err := New(Options{MaxQueue: 1000, MaxEntries: 1000})
	if err != nil {
		panic(err)
	}
	owner := s.Phone(ownerNumber)
	s.Phone(carlaNumber)
	identity := keys.NewKeyPair()
	signed := identity.CreateSignedPreKey(1)
	d := &Companion{phone: owner, JID: owner.pn, LID: owner.lid, identity: *identity.Pub, props: &waCompanionReg.DeviceProps{},
		signed: publicKey{ID: 1, Pub: *signed.Pub, Sig: signed.Signature[:]}}
	d.JID.Device, d.LID.Device = 11, 11
	owner.companions[11] = d
	return &conn{srv: s, dev: d, secured: &secured{payload: &waWa6.ClientPayload{}}, wake: make(chan struct{}, 1), cancel: func() {}}
})

// FuzzStanza feeds a stanza in binary form, as a logged-in and as an unknown client sends it.
func FuzzStanza(f *testing.F) {
	owner, carla := types.NewJID("5491100000001", types.DefaultUserServer), types.NewJID("5491123456789", types.DefaultUserServer)
	enc := Node{Tag: "enc", Attrs: Attrs{"type": "pkmsg", "v": "2"}, Content: []byte{0x33, 8, 1, 0x12, 0}}
	for _, n := range []Node{
		{Tag: "message", Attrs: Attrs{"to": carla, "id": "1"}, Content: []Node{{Tag: "participants", Content: []Node{{Tag: "to", Attrs: Attrs{"jid": carla}, Content: []Node{enc}}}}}},
		{Tag: "message", Attrs: Attrs{"to": owner, "id": "1", "category": "peer"}, Content: []Node{enc}},
		{Tag: "receipt", Attrs: Attrs{"to": carla, "id": "1", "type": "retry"}, Content: []Node{{Tag: "retry", Attrs: Attrs{"count": "1"}}}},
		{Tag: "receipt", Attrs: Attrs{"to": owner, "id": "1", "type": "server-error"}, Content: []Node{{Tag: "rmr", Attrs: Attrs{"jid": carla}}}},
		{Tag: "iq", Attrs: Attrs{"xmlns": "usync", "type": "get", "id": "1"}, Content: []Node{{Tag: "usync", Content: []Node{{Tag: "list", Content: []Node{{Tag: "user"}}}}}}},
		{Tag: "iq", Attrs: Attrs{"xmlns": "encrypt", "type": "get", "id": "1"}, Content: []Node{{Tag: "key", Content: []Node{{Tag: "user", Attrs: Attrs{"jid": carla}}}}}},
		{Tag: "iq", Attrs: Attrs{"xmlns": "md", "type": "set", "id": "1"}, Content: []Node{{Tag: "link_code_companion_reg", Attrs: Attrs{"stage": "companion_finish"}}}},
		{Tag: "iq", Attrs: Attrs{"xmlns": "w:sync:app:state", "type": "set", "id": "1"}, Content: []Node{{Tag: "sync", Content: []Node{{Tag: "collection", Attrs: Attrs{"name": "x", "version": "-1"}}}}}},
		{Tag: "presence", Attrs: Attrs{"type": "subscribe", "to": carla}},
		{Tag: "chatstate", Attrs: Attrs{"to": carla}, Content: []Node{{Tag: "composing"}}},
	} {
		raw, err := waBinary.Marshal(n)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		n, err := decodeNode(raw)
		if err != nil {
			return
		}
		logged := offline()
		s := logged.srv
		stranger := &conn{srv: s, secured: logged.secured, wake: make(chan struct{}, 1), cancel: func() {}}
		for _, c := range []*conn{logged, stranger} {
			s.mu.Lock()
			s.users[logged.dev.phone.pn].companions[11] = logged.dev // it may just have logged itself out
			s.mu.Unlock()
			if err := s.receive(c, n); err != nil {
				t.Fatalf("%s: %v", n, err)
			}
			for i := range c.out { // what is answered must be possible to send
				if _, err := waBinary.Marshal(c.out[i]); err != nil {
					t.Fatalf("answer to %s: %v", n, err)
				}
			}
			c.out = nil
		}
	})
}

// FuzzControl feeds the body of a control call.
func FuzzControl(f *testing.F) {
	for path, body := range map[int]string{0: `{"number":"+5491100000009","devices":2,"address":"pn"}`, 1: `{"to":"+5491100000001","text":"x"}`,
		2: `{"to":"+5491100000001","poll":{"question":"?","options":["a","b"]}}`, 3: `{"kind":"reorder","line":"+5491100000001","for":"1s"}`,
		4: `[{"from":"+5491123456789","to":"+5491100000001","text":"x"}]`, 5: `{"qr":"2@a,b,c,d"}`, 6: `{"to":"+5491100000001","state":"recording"}`} {
		f.Add(path, []byte(body))
	}
	paths := []string{"/phones", "/phones/+5491123456789/say", "/phones/+5491123456789/say", "/faults", "/say", "/phones/+5491100000001/scan",
		"/phones/+5491123456789/typing", "/phones/+5491123456789/block", "/phones/+5491123456789/read", "/phones/+5491123456789/call"}
	f.Fuzz(func(t *testing.T, path int, body []byte) {
		r := httptest.NewRequest("POST", paths[((path%len(paths))+len(paths))%len(paths)], bytes.NewReader(body))
		r.RemoteAddr = "127.0.0.1:1"
		gone, cancel := context.WithCancel(r.Context()) // nobody waits for a client that shows a code
		cancel()
		r = r.WithContext(gone)
		w := httptest.NewRecorder()
		offline().srv.Control().ServeHTTP(w, r)
		var answer map[string]any
		if w.Code >= 500 || w.Code != 204 && json.Unmarshal(w.Body.Bytes(), &answer) != nil {
			t.Errorf("%s with %q answered %d %q", r.URL.Path, body, w.Code, w.Body)
		}
	})
}
