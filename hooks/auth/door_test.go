package auth_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/auth"
	"mostrador/hooks/desktest"
	"mostrador/hooks/realtime"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
)

// dialPost opens a connection and sends the head of a POST whose body has so many bytes, and the beginning of the body.
func dialPost(t testing.TB, server *httptest.Server, path, headers, begin string, length int) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second)) // a desk that does not answer
	_, err = fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s", path, headers, length, begin)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// hear reads an answer; status 0: the connection ended without one.
func hear(t testing.TB, c net.Conn) (status int, body string, closing bool) {
	t.Helper()
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0, err.Error(), true
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(text), res.Close
}

// guestDoors are all routes that read what a guest sends.
var guestDoors = []struct{ path, key string }{
	{"/api/auth/login", "loginAddress 127.0.0.1"},
	{"/api/auth/setup", "setupAddress 127.0.0.1"},
	{"/api/collections/_superusers/auth-with-password", "superuserAddress 127.0.0.1"},
	{"/api/collections/_superusers/request-password-reset", "superuserAddress 127.0.0.1"},
}

// TestWhoHasToWaitIsNotReadFrom: the answer comes although the body never does.
func TestWhoHasToWaitIsNotReadFrom(t *testing.T) {
	s := desktest.NewSite(t)
	for _, door := range guestDoors[:3] {
		for s.Desk.Guard.Logins.Take(map[string]int{door.key: auth.TriesByIP}) == 0 {
		}
	}
	for _, door := range guestDoors {
		for _, headers := range []string{"", "Expect: 100-continue\r\n"} {
			status, body, closing := hear(t, dialPost(t, s.Server, door.path, headers, "", 4000))
			if status != 429 || !closing {
				t.Errorf("%s: got %d (connection closed: %v), want 429 before the body, and the end: %s", door.path, status, closing, body)
			}
		}
	}
}

// TestGuestsSendLittle: a length that is too long is refused before, one that is not told when it is reached.
func TestGuestsSendLittle(t *testing.T) {
	s := desktest.NewSite(t)
	for _, door := range guestDoors {
		status, body, closing := hear(t, dialPost(t, s.Server, door.path, "", "", api.GuestBody+1))
		if status != 413 || !closing {
			t.Errorf("%s: got %d (connection closed: %v), want 413 by the length alone: %s", door.path, status, closing, body)
		}
		long := io.MultiReader(strings.NewReader(strings.Repeat(" ", 1<<20))) // tells no length
		if e := s.Guest().Post(door.path, long).Want(413).Refusal(); e.Code != api.ErrTooBig.Code {
			t.Errorf("%s: got %+v", door.path, e)
		}
	}
}

// TestGuestsWhoStandInTheDoorMakeRoom: the oldest unfinished request of an address goes, then the oldest of all.
func TestGuestsWhoStandInTheDoorMakeRoom(t *testing.T) {
	s := desktest.NewSite(t)
	s.BehindProxy()
	patient := httptest.NewServer(s.Server.Config.Handler) // nobody's time ends here
	t.Cleanup(patient.Close)                               // after the connections, which it waits for
	from := func(n int) string { return fmt.Sprintf("X-Real-Ip: 203.0.113.%d\r\n", n) }
	text := `{"identity":"nobody","password":"wrong"}`
	begin := func(n int) net.Conn {
		s.Desk.API.Door.Mu.Lock()
		before := s.Desk.API.Door.Arriving.Back()
		s.Desk.API.Door.Mu.Unlock()
		c := dialPost(t, patient, "/api/auth/login", from(n), text[:5], len(text))
		s.Until(func() bool {
			s.Desk.API.Door.Mu.Lock()
			defer s.Desk.API.Door.Mu.Unlock()
			return s.Desk.API.Door.Arriving.Back() != before
		})
		return c
	}
	first := begin(1)
	for range api.ArrivingByAddress {
		begin(1)
	}
	if status, body, closing := hear(t, first); status != 503 || !closing || !strings.Contains(body, api.ErrBusy.Code) {
		t.Errorf("the oldest of an address: got %d (connection closed: %v), want 503 and the end: %s", status, closing, body)
	}
	next := begin(2)
	if _, err := io.WriteString(next, text[5:]); err != nil {
		t.Fatal(err)
	}
	if status, body, closing := hear(t, next); status != 401 || closing {
		t.Errorf("who finishes: got %d (connection closed: %v), want 401 and the connection kept: %s", status, closing, body)
	}
	oldest := begin(3)
	for i := range api.ArrivingInAll - api.ArrivingByAddress { // the first ones that go are those of address 1
		begin(4 + i/api.ArrivingByAddress)
	}
	for range api.ArrivingByAddress {
		begin(3 + api.ArrivingInAll/api.ArrivingByAddress)
	}
	if status, body, _ := hear(t, oldest); status != 503 {
		t.Errorf("the oldest of all: got %d, want 503: %s", status, body)
	}
	s.Desk.API.Door.Mu.Lock()
	if got := s.Desk.API.Door.Arriving.Len(); got > api.ArrivingInAll {
		t.Errorf("%d bodies are on their way, want %d at most", got, api.ArrivingInAll)
	}
	s.Desk.API.Door.Mu.Unlock()
	last := begin(200)
	_, _ = io.WriteString(last, text[5:])
	if status, body, _ := hear(t, last); status != 401 {
		t.Errorf("somebody at a full door: got %d, want 401: %s", status, body)
	}
}

// TestTimeIsShortForGuestsOnly: one who sends a byte now and then is ended, and somebody who is signed in is not, who began
// before them.
func TestTimeIsShortForGuestsOnly(t *testing.T) {
	s := desktest.NewSite(t)
	v := s.User("boss", rights.Admin)
	boss, chat := s.SignIn(v), s.Conversation(store.StatusOpen, s.Area("sales"), v.ID)
	hasty := httptest.NewUnstartedServer(s.Server.Config.Handler)
	hasty.Config.ReadTimeout = 50 * time.Millisecond
	hasty.Start()
	defer hasty.Close()
	text := `{"text":"hola"}`
	known := dialPost(t, hasty, "/api/conversations/"+chat+"/messages", "Cookie: "+auth.DefaultCookie+"="+boss.Cookies[auth.DefaultCookie]+"\r\n", text[:5], len(text))
	s.Until(func() bool {
		s.Desk.Guard.Shares.Mu.Lock()
		defer s.Desk.Guard.Shares.Mu.Unlock()
		return len(s.Desk.Guard.Shares.By) > 0
	})
	guest := dialPost(t, hasty, "/api/auth/login", "", "{", api.GuestBody)
	go func() {
		for range time.Tick(5 * time.Millisecond) {
			if _, err := io.WriteString(guest, " "); err != nil {
				return
			}
		}
	}()
	if status, body, closing := hear(t, guest); status != 408 || !closing {
		t.Errorf("a guest: got %d (connection closed: %v), want the end of their time: %s", status, closing, body)
	}
	quiet := dialPost(t, hasty, "/api/auth/login", "", "{", 100)
	if status, body, _ := hear(t, quiet); status != 408 || !strings.Contains(body, api.ErrTooSlow.Code) {
		t.Errorf("a guest who says nothing more: got %d, want 408: %s", status, body)
	}
	_, _ = io.WriteString(known, text[5:])
	if status, body, _ := hear(t, known); status != 201 {
		t.Errorf("somebody who is signed in: got %d, want 201: %s", status, body)
	}
}

// clockedWriter keeps the deadlines that are set.
type clockedWriter struct {
	http.ResponseWriter
	reads, writes []time.Time
}

func (w *clockedWriter) SetReadDeadline(t time.Time) error { w.reads = append(w.reads, t); return nil }

func (w *clockedWriter) SetWriteDeadline(t time.Time) error {
	w.writes = append(w.writes, t)
	return nil
}

// TestUploadsGoByProgress: each piece that comes brings time for the next, a few bytes bring none, and nothing is set after
// the end.
func TestUploadsGoByProgress(t *testing.T) {
	for _, c := range []struct{ bytes, piece, want int }{
		{10 * api.PaceStep, api.PaceStep, 10}, // the last one to find the end
		{10 * api.PaceStep, 1024, 10},
		{api.PaceStep - 1, 1, 1},
		{100, 100, 1},
	} {
		w := &clockedWriter{ResponseWriter: httptest.NewRecorder()}
		r := httptest.NewRequest("POST", "/", io.MultiReader(bytes.NewReader(make([]byte, c.bytes))))
		var o api.Door
		a := o.Arrive(w, r, "x")
		a.Welcome()
		piece := make([]byte, c.piece)
		for {
			if _, err := a.Read(piece); err != nil {
				break
			}
		}
		if got := len(w.reads); got != c.want && got != c.want+1 {
			t.Errorf("%d bytes in pieces of %d: got %d deadlines, want %d", c.bytes, c.piece, got, c.want)
		}
		if w.Header().Get("Connection") != "" || len(w.writes) != 1 {
			t.Errorf("got header %v and %d deadlines for the answer, want the connection kept and one", w.Header(), len(w.writes))
		}
		before := len(w.reads)
		a.Leave()
		if len(w.reads) != before {
			t.Error("a deadline was set after the end of the body")
		}
	}
}

// TestDownloadsGoByProgress: every piece that is taken brings time for the next.
func TestDownloadsGoByProgress(t *testing.T) {
	w := &clockedWriter{ResponseWriter: httptest.NewRecorder()}
	if _, err := io.Copy(api.Paced(w), io.LimitReader(zeros{}, 320<<10)); err != nil {
		t.Fatal(err)
	}
	if len(w.writes) != 10 {
		t.Errorf("got %d deadlines, want one for each of 10 pieces", len(w.writes))
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// TestUploadsAskForTheRightFirst: who may not answer hears so although the file never comes.
func TestUploadsAskForTheRightFirst(t *testing.T) {
	s := desktest.NewSite(t)
	sales, help := s.Area("sales"), s.Area("help")
	op := s.SignIn(s.User("op", rights.Operator, sales))
	seen, hidden := s.Conversation(store.StatusWaiting, sales, ""), s.Conversation(store.StatusWaiting, help, "")
	cookie := "Cookie: " + auth.DefaultCookie + "=" + op.Cookies[auth.DefaultCookie] + "\r\n"
	for id, want := range map[string]int{seen: 403, hidden: 404} {
		for _, path := range []string{"/media", "/messages"} {
			head := cookie + "Content-Type: multipart/form-data; boundary=x\r\n"
			status, body, _ := hear(t, dialPost(t, s.Server, "/api/conversations/"+id+path, head, "", 100<<20))
			if status != want {
				t.Errorf("%s: got %d, want %d before the file: %s", path, status, want, body)
			}
		}
	}
}

// TestUploadsLeaveNoFilesBehind: net/http removes what a form was kept in, although PocketBase and the door have their own
// copies of the request.
func TestUploadsLeaveNoFilesBehind(t *testing.T) {
	s := desktest.NewSite(t)
	t.Setenv("TMPDIR", t.TempDir())
	v := s.User("boss", rights.Admin)
	b := s.SignIn(v)
	c := s.Conversation(store.StatusOpen, s.Area("sales"), v.ID)
	b.Form("/api/conversations/"+c+"/media", map[string]string{}, "x.bin", strings.Repeat("x", 3<<20)).Want(201)
	s.Until(func() bool {
		left, err := os.ReadDir(os.TempDir())
		return err == nil && len(left) == 0
	})
}

// TestCrowds: one browser does not take all; what ends makes room.
func TestCrowds(t *testing.T) {
	s := desktest.NewSite(t)
	ana, bea := s.User("ana", rights.Admin), s.User("bea", rights.Admin)
	one, two, three, other := s.SignIn(ana), s.SignIn(ana), s.SignIn(ana), s.SignIn(bea)
	var conns []net.Conn
	chat := s.Conversation(store.StatusOpen, s.Area("sales"), "")
	open := func(b *desktest.Browser) net.Conn {
		return dialPost(t, s.Server, "/api/conversations/"+chat+"/messages", "Cookie: "+auth.DefaultCookie+"="+b.Cookies[auth.DefaultCookie]+"\r\n", "{", 2)
	}
	count := func() int {
		s.Desk.Guard.Shares.Mu.Lock()
		defer s.Desk.Guard.Shares.Mu.Unlock()
		return s.Desk.Guard.Shares.By["person "+ana.ID]
	}
	for i := range auth.RequestsBySession { // one after the other: until it is known whose they are, they stand at the door as guests
		conns = append(conns, open(one))
		s.Until(func() bool { return count() == i+1 })
	}
	if e := one.Get("/api/tags").Want(429).Refusal(); e.Code != auth.ErrCrowded.Code {
		t.Errorf("got %+v", e)
	}
	two.Get("/api/tags").Want(200)
	for i := range auth.RequestsBySession {
		open(two)
		s.Until(func() bool { return count() == auth.RequestsBySession+i+1 })
	}
	three.Get("/api/tags").Want(429)
	other.Get("/api/tags").Want(200)
	if _, err := io.WriteString(conns[0], "}"); err != nil {
		t.Fatal(err)
	}
	hear(t, conns[0])
	s.Until(func() bool { return count() == auth.RequestsByPerson-1 })
	three.Get("/api/tags").Want(200)
}

// TestStreamsHaveALimit by browser and by person; one that is closed makes room.
func TestStreamsHaveALimit(t *testing.T) {
	s := desktest.NewSite(t)
	ana := s.User("ana", rights.Operator)
	var open []*desktest.Stream
	for range realtime.StreamsByPerson / realtime.StreamsBySession {
		b := s.SignIn(ana)
		for range realtime.StreamsBySession {
			open = append(open, b.Connect())
		}
		if e := b.Get("/api/realtime").Want(429).Refusal(); e.Code != realtime.ErrManyStreams.Code {
			t.Errorf("got %+v", e)
		}
	}
	last := s.SignIn(ana)
	last.Get("/api/realtime").Want(429)
	s.SignIn(s.User("bea", rights.Operator)).Connect()
	open[0].Cancel()
	s.Until(func() bool {
		s.Desk.Hub.Mu.Lock()
		defer s.Desk.Hub.Mu.Unlock()
		return len(s.Desk.Hub.Listeners) == realtime.StreamsByPerson
	})
	last.Connect()
}

// TestHashingHasTurns: when all are taken a sign-in is told so, is not counted as a try, and others are answered.
func TestHashingHasTurns(t *testing.T) {
	s := desktest.NewSite(t)
	ana := s.Member("ana", rights.Operator)
	link, err := s.Desk.Guard.SetUpLink(t.Context(), ana.Id)
	if err != nil {
		t.Fatal(err)
	}
	setUp := map[string]string{"token": link, "password": "another password"}
	b := s.SignIn(s.User("bea", rights.Operator))
	s.Desk.Guard.Hashing.Wait = 0
	var done []func()
	for range cap(s.Desk.Guard.Hashing.Slots) {
		one, err := s.Desk.Guard.Hashing.Take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		done = append(done, one)
	}
	login := map[string]string{"identity": "ana", "password": desktest.GoodPassword}
	for range auth.TriesByPair + 1 {
		got := s.Guest().Post("/api/auth/login", login).Want(503)
		if e := got.Refusal(); e.Code != api.ErrBusy.Code || got.Header.Get("Retry-After") == "" {
			t.Fatalf("got %+v", e)
		}
	}
	s.Guest().Post("/api/collections/_superusers/auth-with-password", login).Want(503)
	s.Guest().Post("/api/auth/setup", setUp).Want(503)
	b.Get("/api/auth/me").Want(200)
	for _, one := range done {
		one()
	}
	s.Desk.Guard.Hashing.Wait = auth.TurnWait
	s.Guest().Post("/api/auth/login", login).Want(200)
	s.Guest().Post("/api/auth/setup", setUp).Want(200) // the link was not used up
	if len(s.Desk.Guard.Hashing.Line) != 0 {
		t.Errorf("%d stand in line for ever", len(s.Desk.Guard.Hashing.Line))
	}
	for len(s.Desk.Guard.Hashing.Line) < cap(s.Desk.Guard.Hashing.Line) {
		s.Desk.Guard.Hashing.Line <- struct{}{}
	}
	var full *api.Refusal
	if _, err := s.Desk.Guard.Hashing.Take(t.Context()); !errors.As(err, &full) || full.Code != api.ErrBusy.Code {
		t.Errorf("a full line: got %v", err)
	}
}

// TestFloodsOfGuestsFillNoMemory: 300 unfinished sign-ins of 1 MB, and 200 from an address that has to wait. It was 700 MB.
func TestFloodsOfGuestsFillNoMemory(t *testing.T) {
	s := desktest.NewSite(t)
	b := s.SignIn(s.User("boss", rights.Admin))
	megabyte := bytes.Repeat([]byte(" "), 1<<20-1)
	flood := func(n int, head string, begin []byte) {
		memory := func() int64 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			return int64(m.HeapInuse + m.StackInuse)
		}
		runtime.GC()
		before, most := memory(), int64(0)
		var all sync.WaitGroup
		for range n {
			c := dialPost(t, s.Server, "/api/auth/login", head, "", 1<<20)
			all.Go(func() {
				_, _ = c.Write(begin) // until the desk hangs up
				hear(t, c)
			})
		}
		b.Get("/api/auth/me").Want(200) // others are answered meanwhile
		ended := make(chan struct{})
		go func() { all.Wait(); close(ended) }()
		for look := time.Tick(5 * time.Millisecond); ; <-look {
			most = max(most, memory())
			select {
			case <-ended:
			default:
				continue
			}
			break
		}
		if grown := (most - before) >> 20; grown > 100 {
			t.Errorf("%d unfinished requests (%q) fill %d MB", n, head, grown)
		}
	}
	flood(300, "", megabyte)
	flood(300, "Transfer-Encoding: chunked\r\n", append([]byte("100000\r\n"), megabyte...))
	for s.Desk.Guard.Logins.Take(map[string]int{"loginAddress 127.0.0.1": auth.TriesByIP}) == 0 {
	}
	flood(200, "", megabyte)
}
