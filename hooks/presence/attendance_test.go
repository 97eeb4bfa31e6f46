package presence_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mostrador/hooks"
	"mostrador/hooks/auth"
	"mostrador/hooks/conversation"
	"mostrador/hooks/desktest"
	"mostrador/hooks/people"
	"mostrador/hooks/presence"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
)

// presences are the presence events among those that were heard, as JSON.
func presences(events []store.Event) (list []string) {
	for _, e := range events {
		if e.Name == store.EventPresence {
			text, _ := json.Marshal(e.Data)
			list = append(list, string(text))
		}
	}
	return list
}

// TestBeingThereMakesAvailable: + opens a stream of hers, - ends one, . lets the keeper look, a digit lets so many tens of
// seconds pass, d switches her off, x is "offline" by her own word, out is a sign-out.
func TestBeingThereMakesAvailable(t *testing.T) {
	for _, tt := range []struct{ name, from, story, want string }{
		{"comes", "offline", "+ .", "available"},
		{"comes for the first time", "", "+ .", "available"},
		{"comes away", "away", "+ .", "away"},
		{"comes and is gone again before anybody looked", "offline", "+ - .", "offline"},
		{"comes, is gone, comes, before anybody looked", "offline", "+ - + .", "available"},
		{"comes, is gone before anybody looked, and comes again soon", "offline", "+ - . 1 + .", "available"},
		{"reloads the page", "offline", "+ . - 5 . + . 9 .", "available"},
		{"is gone not quite a minute", "offline", "+ . - 5 .", "available"},
		{"is gone a minute", "offline", "+ . - 6 .", "offline"},
		{"is gone a minute since the last stream", "offline", "+ . - 5 + - 5 .", "available"},
		{"closes one of two pages", "offline", "+ + . - 9 .", "available"},
		{"closes two of two pages", "offline", "+ + . - 9 - 6 .", "offline"},
		{"is gone a minute, and comes back", "offline", "+ . - 6 . + .", "available"},
		{"is gone while away", "away", "+ . - 9 .", "away"},
		{"says away while there", "offline", "+ . away - 9 . + .", "away"},
		{"says away before anybody looked", "offline", "+ away .", "away"},
		{"says offline, and reloads", "offline", "+ . x - 1 + .", "offline"},
		{"says offline, and comes back later", "offline", "+ . x - 6 . + .", "available"},
		{"says available without a stream", "offline", "here 5 .", "available"},
		{"says available and never comes", "offline", "here 6 .", "offline"},
		{"says available and comes", "offline", "here + 9 .", "available"},
		{"signs out", "offline", "+ . - out .", "offline"},
		{"signs out of one of two browsers", "offline", "+ + . - out .", "available"},
		{"signs out while away", "away", "+ . - out .", "away"},
		{"signs out, signs in", "offline", "+ . - out . + .", "available"},
		{"comes switched off", "offline", "d + .", "offline"},
		{"is switched off", "available", "d out .", "offline"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := desktest.NewWorld(t)
			ana := w.User("ana", rights.Operator, w.Area("sales"))
			w.Available(ana, tt.from)
			for _, step := range strings.Fields(tt.story) {
				switch step {
				case "+":
					w.Desk.Presence.Attendance.Arrive(ana.ID)
				case "-":
					w.Desk.Presence.Attendance.Leave(ana.ID)
				case ".":
					w.Desk.Presence.Attendance.WriteDown(t.Context())
				case "out":
					w.Desk.Presence.Attendance.SignedOut(ana.ID)
				case "d":
					w.Exec("UPDATE users SET active = FALSE")
				case "x", "away", "here":
					to := map[string]string{"x": "offline", "away": "away", "here": "available"}[step]
					if err := w.Desk.Presence.SetAvailability(t.Context(), ana, to); err != nil {
						t.Fatal(err)
					}
				default:
					w.Pass(time.Duration(step[0]-'0') * 10 * time.Second)
				}
			}
			if got := w.State(ana); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestWhoComesGetsWhatWaits(t *testing.T) {
	w := desktest.NewWorld(t)
	sales := w.Area("sales")
	ana := w.User("ana", rights.Operator, sales)
	w.Available(ana, "offline")
	waits := w.Handover(w.Conversation(store.StatusBot, "", ""), conversation.Handover{Area: "sales"}).ID
	heard := w.Hear()
	w.Desk.Presence.Attendance.Arrive(ana.ID)
	w.Desk.Presence.Attendance.WriteDown(t.Context())
	if c := w.Get(waits); c.Status != store.StatusOpen || c.Assignee != ana.ID {
		t.Errorf("got %s of %q, want it hers", c.Status, c.Assignee)
	}
	if got, want := presences(*heard), []string{`{"user":"` + ana.ID + `","availability":"available"}`}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}

	*heard = nil
	w.Desk.Presence.Attendance.Arrive(ana.ID) // a second page
	w.Desk.Presence.Attendance.WriteDown(t.Context())
	if err := w.Desk.Presence.SetAvailability(t.Context(), ana, "available"); err != nil { // what she is already
		t.Fatal(err)
	}
	if len(*heard) != 0 {
		t.Errorf("got %v, want no event without a change", desktest.Names(*heard))
	}

	w.Desk.Presence.Attendance.Leave(ana.ID)
	w.Desk.Presence.Attendance.Leave(ana.ID)
	w.Pass(presence.GoneAfter)
	w.Desk.Presence.Attendance.WriteDown(t.Context())
	if got, want := presences(*heard), []string{`{"user":"` + ana.ID + `","availability":"offline"}`}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if c := w.Get(waits); c.Assignee != ana.ID || c.Status != store.StatusOpen {
		t.Errorf("got %s of %q, want her to keep what she has", c.Status, c.Assignee)
	}
	if c := w.Handover(w.Conversation(store.StatusBot, "", ""), conversation.Handover{Area: "sales"}); c.Assignee != "" {
		t.Errorf("got a conversation for %q, want nobody to get it", c.Assignee)
	}
}

// TestNobodyIsRoutedToAGhost: the desk stops and starts again, and one of two comes back.
func TestNobodyIsRoutedToAGhost(t *testing.T) {
	w := desktest.NewWorld(t)
	ana, bea, eva := w.User("ana", rights.Operator), w.User("bea", rights.Operator), w.User("eva", rights.Operator)
	w.Available(eva, "away")
	w.Desk.Presence.Attendance.Arrive(ana.ID) // quicker than the loops
	if err := w.Desk.Presence.Attendance.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.Pass(presence.GoneAfter - 1)
	w.Desk.Presence.Attendance.WriteDown(t.Context())
	if got := w.State(bea); got != "available" {
		t.Errorf("within the minute: got %q, want available", got)
	}
	w.Pass(1)
	w.Desk.Presence.Attendance.WriteDown(t.Context())
	if got, want := []string{w.State(ana), w.State(bea), w.State(eva)}, []string{"available", "offline", "away"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestFiveHundredAtNine: many come in one moment. It is one commit and one event, and everybody gets their share.
func TestFiveHundredAtNine(t *testing.T) {
	w := desktest.NewWorld(t)
	var areas []string
	for i := range 20 {
		areas = append(areas, w.Area(fmt.Sprint("area-", i)))
	}
	var all []rights.Viewer
	w.Exec("BEGIN")
	for i := range 500 {
		all = append(all, w.User(fmt.Sprint("u", i), rights.Operator, areas[i%20], areas[(i+7)%20], areas[(i+13)%20]))
	}
	w.Exec("COMMIT")
	w.Exec("UPDATE users SET availability = 'offline', capacity = 2")
	const waiting = conversation.MaxQueue + 40 // in one area: more than one run of its line looks at
	w.Exec("UPDATE areas SET policy = 'manual'")
	for range waiting {
		w.Handover(w.Conversation(store.StatusBot, "", ""), conversation.Handover{Area: "area-3"})
	}
	w.Exec("UPDATE areas SET policy = ''")
	heard := w.Hear()
	for _, v := range all {
		w.Desk.Presence.Attendance.Arrive(v.ID)
	}
	w.Desk.Presence.Attendance.WriteDown(t.Context())
	if got := w.Count("users WHERE availability = 'available'"); got != len(all) {
		t.Errorf("got %d available, want %d", got, len(all))
	}
	var users struct{ People []presence.Availability }
	got := presences(*heard)
	if len(got) != 1 || json.Unmarshal([]byte(got[0]), &users) != nil || len(users.People) != len(all) {
		t.Errorf("got %d events, the first with %d people, want one with %d", len(got), len(users.People), len(all))
	}
	if got := w.Count("conversations WHERE status = 'open'"); got != waiting {
		t.Errorf("got %d given away, want all %d that waited", got, waiting)
	}
}

func TestWhatCouldNotBeWrittenIsTriedAgain(t *testing.T) {
	w := desktest.NewWorld(t)
	comes, goes, returns := w.User("comes", rights.Operator), w.User("goes", rights.Operator), w.User("returns", rights.Operator)
	w.Available(comes, "offline")
	a := w.Desk.Presence.Attendance
	for _, v := range []rights.Viewer{goes, returns} {
		a.Arrive(v.ID)
	}
	a.WriteDown(t.Context())
	for _, v := range []rights.Viewer{goes, returns} {
		a.Leave(v.ID)
	}
	w.Pass(presence.GoneAfter)
	a.Arrive(comes.ID)
	w.Exec("CREATE TRIGGER full BEFORE UPDATE ON users BEGIN SELECT RAISE(ABORT, 'disk full'); END")
	a.WriteDown(t.Context())
	a.Arrive(returns.ID)
	w.Exec("DROP TRIGGER full")
	a.WriteDown(t.Context())
	got := []string{w.State(comes), w.State(goes), w.State(returns)}
	if want := []string{"available", "offline", "available"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestTheWorldMovesOnBeforeTheCommit: what was due when the keeper looked is judged again inside the transaction.
func TestTheWorldMovesOnBeforeTheCommit(t *testing.T) {
	w := desktest.NewWorld(t)
	a := w.Desk.Presence.Attendance
	a.Arrive("comes")
	a.Expect("goes")
	w.Pass(presence.GoneAfter)
	came, gone := a.Due()
	if !slices.Equal(came, []string{"comes"}) || !slices.Equal(gone, []string{"goes"}) {
		t.Fatalf("got %v and %v due", came, gone)
	}
	a.Leave("comes")
	a.Arrive("goes")
	if came, gone := a.Confirm(came, gone); len(came)+len(gone) > 0 {
		t.Errorf("got %v here and %v gone, want neither", came, gone)
	}
}

// TestKeeperLooksByItself runs the loop on a clock of its own.
func TestKeeperLooksByItself(t *testing.T) {
	app := desktest.NewApp(t)
	synctest.Test(t, func(t *testing.T) {
		w := &desktest.World{T: t, Desk: &hooks.Desk{Store: store.Store{App: app}}}
		if err := w.Desk.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer w.Desk.Stop()
		ana := w.User("ana", rights.Operator, w.Area("sales"))
		w.Available(ana, "offline")
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go w.Desk.Presence.Attendance.Run(ctx)
		w.Desk.Presence.Attendance.Arrive(ana.ID)
		time.Sleep(time.Millisecond)
		if got := w.State(ana); got != "available" {
			t.Errorf("a moment after she came: got %q, want available", got)
		}
		w.Desk.Presence.Attendance.Leave(ana.ID)
		time.Sleep(presence.GoneAfter - time.Second)
		if got := w.State(ana); got != "available" {
			t.Errorf("within the minute: got %q, want available", got)
		}
		time.Sleep(time.Second + presence.LookEvery + presence.Breath)
		if got := w.State(ana); got != "offline" {
			t.Errorf("after the minute: got %q, want offline", got)
		}
	})
}

// TestStreamsSayWhoIsThere goes through the API: a page opens, a colleague sees it, the session ends.
func TestStreamsSayWhoIsThere(t *testing.T) {
	s := desktest.NewSite(t)
	sales := s.Area("sales")
	ana, sup := s.User("ana", rights.Operator, sales), s.User("sup", rights.Supervisor, sales)
	s.Exec("UPDATE users SET availability = 'offline'")
	look := func() { s.Desk.Presence.Attendance.WriteDown(t.Context()) }
	boss := s.SignIn(sup)
	colleague := boss.Listen(store.EventPresence)
	look()
	var p presence.Availability
	colleague.Want(store.EventPresence, &p)
	if want := (presence.Availability{User: sup.ID, Availability: "available"}); p != want {
		t.Errorf("got %+v, want %+v", p, want)
	}

	one, two := s.SignIn(ana), s.SignIn(ana)
	one.Connect()
	two.Connect()
	look()
	if colleague.Want(store.EventPresence, &p); p != (presence.Availability{User: ana.ID, Availability: "available"}) {
		t.Errorf("got %+v, want ana available", p)
	}
	var me auth.MeView
	if one.Get("/api/auth/me").Want(200).Into(&me); me.Availability != "available" {
		t.Errorf("me: got %q, want available", me.Availability)
	}
	var u people.UserView
	if boss.Get("/api/users/" + ana.ID).Want(200).Into(&u); u.Availability != "available" {
		t.Errorf("as her supervisor sees her: got %q, want available", u.Availability)
	}

	two.Post("/api/auth/logout", nil).Want(204)
	if got := s.State(ana); got != "available" {
		t.Errorf("signed out of one of two browsers: got %q, want available", got)
	}
	one.Post("/api/auth/logout", nil).Want(204)
	if got := s.State(ana); got != "offline" {
		t.Errorf("signed out: got %q, want offline at once", got)
	}
	if colleague.Want(store.EventPresence, &p); p != (presence.Availability{User: ana.ID, Availability: "offline"}) {
		t.Errorf("got %+v, want ana offline", p)
	}
}

// TestWhoIsSwitchedOffIsNotThere: the streams end with the sessions.
func TestWhoIsSwitchedOffIsNotThere(t *testing.T) {
	s := desktest.NewSite(t)
	boss := s.User("boss", rights.Admin)
	name, email, password := "ana", "ana@example.com", "correct-horse"
	id, _, err := s.Desk.People.CreateUser(t.Context(), people.Person{Username: &name, Email: &email, Password: &password})
	if err != nil {
		t.Fatal(err)
	}
	ana := rights.Viewer{ID: id, Role: rights.Operator}
	s.SignIn(ana).Connect()
	s.Desk.Presence.Attendance.WriteDown(t.Context())
	if got := s.State(ana); got != "available" {
		t.Fatalf("got %q before, want available", got)
	}
	var u people.UserView
	s.SignIn(boss).Do("PUT", "/api/users/"+ana.ID, map[string]bool{"active": false}).Want(200).Into(&u)
	if u.Availability != "offline" || u.Active {
		t.Errorf("got %+v, want her offline and switched off", u)
	}
}

// TestRefusedStreamIsNobody: a stream that the last check refuses does not count.
func TestRefusedStreamIsNobody(t *testing.T) {
	w := desktest.NewWorld(t)
	ana := w.User("ana", rights.Operator)
	w.Available(ana, "offline")
	l := w.Desk.Hub.Join(ana, "s")
	w.Desk.Presence.Attendance.WriteDown(t.Context())
	w.Desk.Hub.Leave(l)
	w.Desk.Hub.Admit(l) // too late
	w.Desk.Presence.Attendance.WriteDown(t.Context())
	if got := w.State(ana); got != "offline" {
		t.Errorf("got %q, want offline", got)
	}
}
