package wasim

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"
)

// world is a server with an owner, a customer and a linked desk, in virtual time: waiting costs nothing.
type world struct {
	*Server
	owner, carla *Phone
	desk         *desk
}

// virtual runs a test in virtual time.
func virtual(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	bubble(t, func(t *testing.T) {
		s := newServer(t, Options{})
		w := &world{Server: s, owner: s.Phone(ownerNumber), carla: s.Phone(carlaNumber)}
		w.desk = openDesk(t, s, filepath.Join(t.TempDir(), "w.db"))
		w.desk.EnableAutoReconnect = false // whatsmeow's own races with what it did before; comeBack takes its place
		w.desk.pair(w.owner)
		time.Sleep(5 * time.Second)
		test(t, w)
		// A frame that arrives while the client hangs up leaves a goroutine of whatsmeow behind, which synctest would report.
		time.Sleep(5 * time.Second)
		w.desk.Disconnect()
		time.Sleep(5 * time.Minute) // its history loop ends by itself
	})
}

// online reports whether the desk is logged in, as the server sees it.
func (w *world) online() bool {
	linked := w.owner.Companions()
	return len(linked) > 0 && linked[0].State().Online
}

// knock tries to log in, once.
func (w *world) knock() {
	time.Sleep(5 * time.Second)
	_ = w.desk.Connect() // the events tell what came of it
}

// comeBack connects the desk again, every two seconds until it is logged in or the time is over.
func (w *world) comeBack(t *testing.T, limit time.Duration) {
	t.Helper()
	for end := time.Now().Add(limit); !w.online(); {
		if time.Now().After(end) {
			t.Fatalf("the desk is not back after %v", limit)
		}
		if !w.desk.IsConnected() {
			_ = w.desk.Connect() // refused while the server is down
		}
		time.Sleep(2 * time.Second)
	}
}

func (w *world) say(t *testing.T, text string) string {
	t.Helper()
	id, err := w.carla.SayText(w.owner, text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestFaultDrop(t *testing.T) {
	virtual(t, func(t *testing.T, w *world) {
		inject(t, w.Server, Fault{Kind: FaultDrop, Line: w.owner, Count: 3})
		for range 3 {
			time.Sleep(10 * time.Second)
			w.comeBack(t, time.Minute)
			time.Sleep(10 * time.Second)
		}
		if got := w.Counters().Logins; got != 4 {
			t.Errorf("%d logins, want 4: at first and after each of three drops", got)
		}
		w.desk.message(w.say(t, "¿sigue ahí?"))
	})
}

func TestFaultDown(t *testing.T) {
	virtual(t, func(t *testing.T, w *world) {
		id := inject(t, w.Server, Fault{Kind: FaultDown, Line: w.owner})
		time.Sleep(10 * time.Second)
		if err := w.desk.Connect(); err == nil {
			t.Error("the desk connected while the server is down")
		}
		said := w.say(t, "hola")
		if err := w.ClearFault(id); err != nil {
			t.Fatal(err)
		}
		w.comeBack(t, time.Minute)
		w.desk.message(said)
	})
}

func TestFaultDownForATime(t *testing.T) {
	virtual(t, func(t *testing.T, w *world) {
		w.Phone("+5491100000002", Owner()) // another line that is not down: the socket opens, the login doesn't
		inject(t, w.Server, Fault{Kind: FaultDown, Line: w.owner, For: 30 * time.Second})
		time.Sleep(10 * time.Second)
		_ = w.desk.Connect()
		await(w.desk, func(e *events.Disconnected) bool { return true })
		if got := w.Counters().Logins; got != 1 {
			t.Errorf("%d logins while the line is down, want only the one before", got)
		}
		time.Sleep(20 * time.Second)
		w.comeBack(t, time.Minute)
	})
}

func TestFaultWithholdAck(t *testing.T) {
	virtual(t, func(t *testing.T, w *world) {
		inject(t, w.Server, Fault{Kind: FaultWithholdAck, Line: w.owner})
		id := w.desk.GenerateMessageID()
		m, extra := &waE2E.Message{Conversation: proto.String("una vez")}, whatsmeow.SendRequestExtra{ID: id, Timeout: 5 * time.Second}
		if _, err := w.desk.SendMessage(context.Background(), w.carla.LID(), m, extra); !errors.Is(err, whatsmeow.ErrMessageTimedOut) {
			t.Errorf("send: %v, want a time-out", err)
		}
		if _, err := w.desk.SendMessage(context.Background(), w.carla.LID(), m, extra); err != nil {
			t.Errorf("second send: %v", err)
		}
		if got := w.carla.Chat(w.owner); len(got) != 1 || got[0].ID != id {
			t.Errorf("Carla's phone shows %+v, want the message once", got)
		}
		if got := w.Counters().DuplicatesSeen; got < 1 {
			t.Errorf("%d duplicates counted, want at least 1", got)
		}
	})
}

func TestFaultAckError(t *testing.T) {
	virtual(t, func(t *testing.T, w *world) {
		inject(t, w.Server, Fault{Kind: FaultAckError, Line: w.owner, Code: 479})
		_, err := w.desk.SendMessage(context.Background(), w.carla.LID(), &waE2E.Message{Conversation: proto.String("x")})
		if !errors.Is(err, whatsmeow.ErrServerReturnedError) || !strings.Contains(err.Error(), "479") {
			t.Errorf("send: %v, want error 479", err)
		}
		if got := w.carla.Chat(nil); len(got) != 0 {
			t.Errorf("a refused message is shown: %+v", got)
		}
		shown(t, w.carla, w.desk.send(w.carla.LID(), "y"))
	})
}

func TestFaultFailLogin(t *testing.T) {
	virtual(t, func(t *testing.T, w *world) {
		inject(t, w.Server, Fault{Kind: FaultFailLogin, Line: w.owner, Count: 2})
		time.Sleep(5 * time.Second)
		before := w.Counters().Dials
		w.comeBack(t, time.Minute)
		if got := w.Counters().Dials - before; got != 3 {
			t.Errorf("the desk was back after %d attempts, want 3", got)
		}
	})
}

func TestFaultStreamError(t *testing.T) {
	virtual(t, func(t *testing.T, w *world) {
		inject(t, w.Server, Fault{Kind: FaultStreamError, Line: w.owner, Code: 500})
		await(w.desk, func(e *events.StreamError) bool { return e.Code == "500" })
	})
}

func TestFaultIgnorePings(t *testing.T) {
	virtual(t, func(t *testing.T, w *world) {
		inject(t, w.Server, Fault{Kind: FaultIgnorePings, Line: w.owner, For: 2 * time.Minute})
		time.Sleep(5 * time.Minute)
		await[*events.KeepAliveTimeout](w.desk, nil)
		await[*events.KeepAliveRestored](w.desk, nil)
		w.desk.message(w.say(t, "hola"))
	})
}

func TestFaultDuplicate(t *testing.T) {
	virtual(t, func(t *testing.T, w *world) {
		inject(t, w.Server, Fault{Kind: FaultDuplicate, Line: w.owner})
		id := w.say(t, "hola")
		w.desk.message(id)
		time.Sleep(10 * time.Second)
		n := 0
		for _, l := range w.Transcript() {
			if l.Dir == "S->C" && strings.HasPrefix(l.XML, "<message") && strings.Contains(l.XML, id) {
				n++
			}
		}
		if n != 2 {
			t.Errorf("the message was sent %d times, want 2", n)
		}
	})
}

func TestFaultReorder(t *testing.T) {
	virtual(t, func(t *testing.T, w *world) {
		w.desk.message(w.say(t, "cero"))
		inject(t, w.Server, Fault{Kind: FaultReorder, Line: w.owner})
		first, second := w.say(t, "uno"), w.say(t, "dos")
		w.desk.message(first)
		var order []string
		w.desk.mu.Lock()
		for _, e := range w.desk.all {
			if m, ok := e.(*events.Message); ok && (m.Info.ID == first || m.Info.ID == second) {
				order = append(order, m.Message.GetConversation())
			}
		}
		w.desk.mu.Unlock()
		if got := strings.Join(order, " "); got != "dos uno" {
			t.Errorf("the desk got %q, want dos uno", got)
		}
		inject(t, w.Server, Fault{Kind: FaultReorder, Line: w.owner})
		w.desk.message(w.say(t, "sola")) // nothing follows: it comes late, but it comes
	})
}

func TestFaultExpireMediaAndUploadAgain(t *testing.T) {
	virtual(t, func(t *testing.T, w *world) {
		inject(t, w.Server, Fault{Kind: FaultExpireMedia, Line: w.owner})
		id, err := w.carla.Say(w.owner, Say{Media: &SayMedia{Kind: "image", MIME: "image/png", Data: []byte("png")}})
		if err != nil {
			t.Fatal(err)
		}
		m := w.desk.message(id)
		image := m.Message.GetImageMessage()
		if _, err = w.desk.Download(context.Background(), image); !errors.Is(err, whatsmeow.ErrMediaDownloadFailedWith410) {
			t.Errorf("download: %v, want 410", err)
		}
		if err = w.desk.SendMediaRetryReceipt(context.Background(), &m.Info, image.GetMediaKey()); err != nil {
			t.Fatal(err)
		}
		again := await(w.desk, func(e *events.MediaRetry) bool { return e.MessageID == id })
		fresh, err := whatsmeow.DecryptMediaRetryNotification(again, image.GetMediaKey())
		if err != nil {
			t.Fatal(err)
		}
		image.DirectPath, image.URL = fresh.DirectPath, nil
		if data, err := w.desk.Download(context.Background(), image); err != nil || string(data) != "png" {
			t.Errorf("downloaded %q, error %v", data, err)
		}
	})
}

func TestFaultSlowMedia(t *testing.T) {
	virtual(t, func(t *testing.T, w *world) {
		inject(t, w.Server, Fault{Kind: FaultSlowMedia, Line: w.owner, Code: 1000})
		id, err := w.carla.Say(w.owner, Say{Media: &SayMedia{Kind: "document", MIME: "text/plain", Name: "a.txt", Data: make([]byte, 10_000)}})
		if err != nil {
			t.Fatal(err)
		}
		m, start := w.desk.message(id), time.Now()
		if _, err := w.desk.file(m); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < 9*time.Second || took > 12*time.Second {
			t.Errorf("10,000 bytes at 1,000 bytes/s took %v", took)
		}
	})
}

func TestFaultTimelock(t *testing.T) {
	virtual(t, func(t *testing.T, w *world) {
		known := w.desk.message(w.say(t, "hola"))
		inject(t, w.Server, Fault{Kind: FaultTimelock, Line: w.owner, For: time.Hour})
		e := await[*events.NotifyAccountReachoutTimelock](w.desk, nil)
		if !e.IsActive || time.Until(e.TimeEnforcementEnds.Time) > time.Hour || time.Until(e.TimeEnforcementEnds.Time) < 58*time.Minute {
			t.Errorf("time-lock %+v, want an hour from now", e)
		}
		shown(t, w.carla, w.desk.send(known.Info.Chat, "a quien escribió sí"))
		stranger := w.Phone("+5491199999999")
		m := &waE2E.Message{Conversation: proto.String("x")}
		if _, err := w.desk.SendMessage(context.Background(), stranger.PN(), m); err == nil || !strings.Contains(err.Error(), "463") {
			t.Errorf("first contact: %v, want 463", err)
		}
		time.Sleep(time.Hour)
		if _, err := w.desk.SendMessage(context.Background(), stranger.PN(), m); err != nil {
			t.Errorf("first contact after the time-lock: %v", err)
		}
	})
}

func TestFaultOutdated(t *testing.T) {
	virtual(t, func(t *testing.T, w *world) {
		inject(t, w.Server, Fault{Kind: FaultOutdated, Line: w.owner})
		w.knock()
		await[*events.ClientOutdated](w.desk, nil)
		if v, err := whatsmeow.GetLatestVersion(context.Background(), w.HTTPClient()); err != nil || v[2] == 0 {
			t.Errorf("latest version %v, error %v", v, err)
		}
	})
}

func TestFaultTempBan(t *testing.T) {
	virtual(t, func(t *testing.T, w *world) {
		inject(t, w.Server, Fault{Kind: FaultTempBan, Line: w.owner, Code: 102, For: time.Hour})
		w.knock()
		e := await[*events.TemporaryBan](w.desk, nil)
		if int(e.Code) != 102 || e.Expire > time.Hour || e.Expire < 59*time.Minute {
			t.Errorf("ban %+v, want code 102 for an hour", e)
		}
		time.Sleep(time.Hour)
		w.comeBack(t, time.Minute)
	})
}

func TestFaultReplaced(t *testing.T) {
	virtual(t, func(t *testing.T, w *world) {
		inject(t, w.Server, Fault{Kind: FaultReplaced, Line: w.owner})
		await[*events.StreamReplaced](w.desk, nil)
	})
}

func TestFaultLogout(t *testing.T) {
	for code, want := range map[int]events.ConnectFailureReason{0: 0, 403: events.ConnectFailureMainDeviceGone, 406: events.ConnectFailureUnknownLogout} {
		virtual(t, func(t *testing.T, w *world) {
			inject(t, w.Server, Fault{Kind: FaultLogout, Line: w.owner, Code: code})
			if code != 0 {
				w.knock()
			}
			e := await[*events.LoggedOut](w.desk, nil)
			if want != 0 && e.Reason != want {
				t.Errorf("code %d: logged out with reason %v, want %v", code, e.Reason, want)
			}
			if got := len(w.owner.Companions()); got != 0 {
				t.Errorf("code %d: %d linked devices left", code, got)
			}
		})
	}
}

func TestFaultOfOneLineSparesTheOther(t *testing.T) {
	s := newServer(t, Options{})
	one, two := s.Phone(ownerNumber), s.Phone("+5491100000002")
	a, b := newDesk(t, s, one), newDesk(t, s, two)
	inject(t, s, Fault{Kind: FaultReplaced, Line: one})
	await[*events.StreamReplaced](a, nil)
	id, err := s.Phone(carlaNumber).SayText(two, "hola")
	if err != nil {
		t.Fatal(err)
	}
	b.message(id)
}
