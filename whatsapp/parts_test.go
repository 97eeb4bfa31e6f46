package whatsapp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	waBinary "go.mau.fi/whatsmeow/binary"
	wastore "go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"

	"mostrador/whatsapp/wasim"
)

func TestLimit(t *testing.T) {
	bubble(t, func(t *testing.T) {
		l := newLimiter(Limit{})
		began := time.Now()
		at := func(first bool) time.Duration {
			if err := l.wait(context.Background(), first); err != nil {
				t.Fatal(err)
			}
			return time.Since(began)
		}
		for i, want := range []time.Duration{0, 0, 0, 0, 0, time.Second, 2 * time.Second} {
			if got := at(false); got != want {
				t.Errorf("message %d left at %v, want %v", i, got, want)
			}
		}
		if got := at(true); got != 3*time.Second {
			t.Errorf("the first new chat was begun at %v, want 3s", got)
		}
		if got := at(true); got != 32*time.Second {
			t.Errorf("the second new chat was begun at %v, want 32s: half a minute after the first had its turn", got)
		}
		time.Sleep(time.Hour)
		began = time.Now()
		for range 5 {
			at(false)
		}
		if got := at(false); got != time.Second {
			t.Errorf("after a quiet hour the sixth left at %v, want 1s", got)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		if err := l.wait(ctx, true); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the context's error", err)
		}
	})
}

func TestNoLimit(t *testing.T) {
	l := newLimiter(Limit{PerSecond: -1, FirstPerMinute: -1})
	began := time.Now()
	for range 1000 {
		if err := l.wait(context.Background(), true); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %v", took)
	}
}

// Logs name no people and no texts, whatever whatsmeow puts into its lines.
func TestLogWithoutPeople(t *testing.T) {
	var out bytes.Buffer
	q := quietLog{slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	jid := types.NewJID("5491123456789", types.DefaultUserServer)
	q.Warnf("Failed to handle %s from %s: %v", "3EB0AABB", jid, errors.New("no session for 100000000015838_1:0 or 5491123456789.0:11@s.whatsapp.net"))
	q.Errorf("Unknown %s / %s", &waBinary.Node{Tag: "message", Attrs: waBinary.Attrs{"notify": "Carla"}, Content: "secret"}, &jid)
	q.Infof("%s", "call +5491123456789")
	q.Debugf("%s", "secret")
	q.Warnf(notHandled, "3EB0AABB")
	got := out.String()
	for _, bad := range []string{"549112", "100000000015838", "Carla", "secret", "Handler for"} {
		if strings.Contains(got, bad) {
			t.Errorf("the log names %q:\n%s", bad, got)
		}
	}
	for _, good := range []string{"3EB0AABB", "no session for", "message"} {
		if !strings.Contains(got, good) {
			t.Errorf("the log lacks %q:\n%s", good, got)
		}
	}
	if n := len(anonymous(strings.Repeat("x", 1<<20))); n > maxLogLine+10 {
		t.Errorf("a line of %d bytes", n)
	}
}

func TestErrorsWithoutPeople(t *testing.T) {
	cause := fmt.Errorf("no LID found for 5491123456789@s.whatsapp.net: %w", io.EOF)
	if err := withoutNumbers(cause); strings.Contains(err.Error(), "549") || !errors.Is(err, io.EOF) {
		t.Errorf("got %v", err)
	}
}

// A whole run of the line leaves nobody's number, name or words in the log.
func TestLogOfARun(t *testing.T) {
	r := newDesk(t)
	carla := r.server.Phone(carlaNumber, wasim.Name("Carla"))
	r.message(r.sayText(carla, "a private matter"))
	r.inject(wasim.Fault{Kind: wasim.FaultCorrupt})
	r.message(r.sayText(carla, "a private matter"), Text)
	r.shows(carla, r.sendText(carla, "a private answer"))
	r.inject(wasim.Fault{Kind: wasim.FaultDrop})
	r.message(r.sayText(carla, "a private matter"))
	r.Stop()
	for _, bad := range []string{carla.PN().User, carla.LID().User, r.owner.PN().User, "Carla", "private"} {
		if strings.Contains(r.log.String(), bad) {
			t.Errorf("the log names %q", bad)
		}
	}
}

// A body is cut off where its limit is, whether its length was told beforehand or not.
func TestLimitedBodies(t *testing.T) {
	for _, told := range []bool{true, false} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if told {
				w.Header().Set("Content-Length", "1000")
			}
			_, _ = w.Write(make([]byte, 500))
			w.(http.Flusher).Flush()
			_, _ = w.Write(make([]byte, 500))
		}))
		client := &http.Client{Transport: limitedTransport{http.DefaultTransport}}
		for limit, want := range map[int64]error{1000: nil, 0: nil, 999: ErrTooLarge, 100: ErrTooLarge} {
			req, _ := http.NewRequestWithContext(withLimit(context.Background(), limit), http.MethodGet, server.URL, nil)
			var got []byte
			resp, err := client.Do(req)
			if err == nil {
				got, err = io.ReadAll(resp.Body)
				_ = resp.Body.Close()
			}
			if !errors.Is(err, want) || (want == nil && len(got) != 1000) {
				t.Errorf("limit %d, length told %v: got %d bytes, %v; want %v", limit, told, len(got), err, want)
			}
		}
		server.Close()
	}
}

func TestServerAt(t *testing.T) {
	before := emulated.Load()
	defer emulated.Store(before)
	answer := fmt.Sprintf(`{"rootKey":"%s","webSocket":"ws://127.0.0.1:9099/ws/chat","companions":[]}`, strings.Repeat("ab", 32))
	status := http.StatusOK
	control := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	defer control.Close()
	if err := UseServerAt(context.Background(), control.URL+"/"); err != nil {
		t.Fatal(err)
	}
	if got := emulated.Load().RootKey[0]; got != 0xab {
		t.Errorf("root key begins with %x, want ab", got)
	}
	for _, bad := range []string{`{}`, `nonsense`, strings.Replace(answer, "ab", "zz", 1), strings.Replace(answer, "ws://", "wss://", 1), strings.Replace(answer, ":9099", "", 1)} {
		if answer = bad; UseServerAt(context.Background(), control.URL) == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
	status = http.StatusForbidden
	if err := UseServerAt(context.Background(), control.URL); err == nil || !strings.Contains(err.Error(), "403") {
		t.Errorf("got %v, want its answer 403", err)
	}
	control.Close()
	if err := UseServerAt(context.Background(), control.URL); err == nil {
		t.Error("a server that is not there was accepted")
	}
}

// The line claims the version that WhatsApp's page names, if it is newer than the one built in.
func TestVersion(t *testing.T) {
	newServer(t)
	var v clientVersion
	log := slog.New(slog.DiscardHandler)
	now := time.Now()
	if got := v.current(); got != wastore.GetWAVersion() {
		t.Errorf("before: %v, want the one built in", got)
	}
	v.refresh(context.Background(), now, false, log)
	page := v.current()
	if !wastore.GetWAVersion().LessThan(page) {
		t.Errorf("the page names %v, not newer than %v", page, wastore.GetWAVersion())
	}
	v.known = wastore.WAVersionContainer{}
	v.refresh(context.Background(), now.Add(time.Hour), false, log)
	if got := v.current(); got == page {
		t.Error("it asked again after an hour")
	}
	v.refresh(context.Background(), now.Add(versionFresh+time.Hour), false, log)
	if got := v.current(); got != page {
		t.Errorf("after %v: %v, want %v", versionFresh, got, page)
	}
	UseServer(Server{Dial: noServer})
	v.refresh(context.Background(), now, true, log)
	if got := v.current(); got != page {
		t.Errorf("after a failure: %v, want %v", got, page)
	}
}

func TestClaimsOfADevice(t *testing.T) {
	s := newStore(t)
	device, err := s.device(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	p := payload(device, "My desk", wastore.WAVersionContainer{2, 3000, 42})
	if got := p.GetUserAgent().GetAppVersion().GetTertiary(); got != 42 {
		t.Errorf("version %d, want 42", got)
	}
	if !bytes.Contains(p.GetDevicePairingData().GetDeviceProps(), []byte("My desk")) {
		t.Error("the name is missing")
	}
	if wastore.DeviceProps.GetOs() == "My desk" || wastore.GetWAVersion()[2] == 42 {
		t.Error("a variable of the whole process was changed")
	}
}

// The same over TCP, found by the control API: how `--whatsapp URL` reaches a server in another process.
func TestLinkOverTCP(t *testing.T) {
	before := emulated.Load()
	defer emulated.Store(before)
	s, err := wasim.New(wasim.Options{Seed: 1, Listen: "127.0.0.1:0", Strict: func(what string) { t.Error(what) }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := UseServerAt(context.Background(), "http://"+s.Addr()); err != nil {
		t.Fatal(err)
	}
	if got := emulated.Load().RootKey; got != s.RootKey() {
		t.Errorf("root key %x, want %x", got, s.RootKey())
	}
	r := newRig(t, s, newStore(t))
	r.link(s.Phone(deskNumber, wasim.Owner()))
	carla := s.Phone(carlaNumber)
	m := r.message(r.say(carla, wasim.Say{Media: &wasim.SayMedia{Kind: "image", MIME: "image/png", Data: []byte("picture")}}))
	if data, err := r.Download(context.Background(), m.Media.Ref, 0); err != nil || string(data) != "picture" {
		t.Errorf("got %q, %v", data, err)
	}
	r.shows(carla, r.sendText(carla, "hola"))
	r.Stop()
}
