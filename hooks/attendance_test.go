package hooks

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mostrador/hooks/auth"
	"mostrador/hooks/conversation"
	"mostrador/hooks/people"
	"mostrador/hooks/presence"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
)

// state is what the database says of a person.
func (w *world) state(v rights.Viewer) string {
	w.t.Helper()
	var state string
	if err := w.d.Store.App.ConcurrentDB().NewQuery("SELECT availability FROM users WHERE id = '" + v.ID + "'").Row(&state); err != nil {
		w.t.Fatal(err)
	}
	return state
}

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
			w := newWorld(t)
			ana := w.user("ana", rights.Operator, w.area("sales"))
			w.available(ana, tt.from)
			for _, step := range strings.Fields(tt.story) {
				switch step {
				case "+":
					w.d.Presence.Attendance.Arrive(ana.ID)
				case "-":
					w.d.Presence.Attendance.Leave(ana.ID)
				case ".":
					w.d.Presence.Attendance.WriteDown(t.Context())
				case "out":
					w.d.Presence.Attendance.SignedOut(ana.ID)
				case "d":
					w.exec("UPDATE users SET active = FALSE")
				case "x", "away", "here":
					to := map[string]string{"x": "offline", "away": "away", "here": "available"}[step]
					if err := w.d.Presence.SetAvailability(t.Context(), ana, to); err != nil {
						t.Fatal(err)
					}
				default:
					w.pass(time.Duration(step[0]-'0') * 10 * time.Second)
				}
			}
			if got := w.state(ana); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestWhoComesGetsWhatWaits(t *testing.T) {
	w := newWorld(t)
	sales := w.area("sales")
	ana := w.user("ana", rights.Operator, sales)
	w.available(ana, "offline")
	waits := w.handover(w.conversation(store.StatusBot, "", ""), conversation.Handover{Area: "sales"}).ID
	heard := w.hear()
	w.d.Presence.Attendance.Arrive(ana.ID)
	w.d.Presence.Attendance.WriteDown(t.Context())
	if c := w.get(waits); c.Status != store.StatusOpen || c.Assignee != ana.ID {
		t.Errorf("got %s of %q, want it hers", c.Status, c.Assignee)
	}
	if got, want := presences(*heard), []string{`{"user":"` + ana.ID + `","availability":"available"}`}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}

	*heard = nil
	w.d.Presence.Attendance.Arrive(ana.ID) // a second page
	w.d.Presence.Attendance.WriteDown(t.Context())
	if err := w.d.Presence.SetAvailability(t.Context(), ana, "available"); err != nil { // what she is already
		t.Fatal(err)
	}
	if len(*heard) != 0 {
		t.Errorf("got %v, want no event without a change", names(*heard))
	}

	w.d.Presence.Attendance.Leave(ana.ID)
	w.d.Presence.Attendance.Leave(ana.ID)
	w.pass(presence.GoneAfter)
	w.d.Presence.Attendance.WriteDown(t.Context())
	if got, want := presences(*heard), []string{`{"user":"` + ana.ID + `","availability":"offline"}`}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if c := w.get(waits); c.Assignee != ana.ID || c.Status != store.StatusOpen {
		t.Errorf("got %s of %q, want her to keep what she has", c.Status, c.Assignee)
	}
	if c := w.handover(w.conversation(store.StatusBot, "", ""), conversation.Handover{Area: "sales"}); c.Assignee != "" {
		t.Errorf("got a conversation for %q, want nobody to get it", c.Assignee)
	}
}

// TestNobodyIsRoutedToAGhost: the desk stops and starts again, and one of two comes back.
func TestNobodyIsRoutedToAGhost(t *testing.T) {
	w := newWorld(t)
	ana, bea, eva := w.user("ana", rights.Operator), w.user("bea", rights.Operator), w.user("eva", rights.Operator)
	w.available(eva, "away")
	w.d.Presence.Attendance.Arrive(ana.ID) // quicker than the loops
	if err := w.d.Presence.Attendance.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.pass(presence.GoneAfter - 1)
	w.d.Presence.Attendance.WriteDown(t.Context())
	if got := w.state(bea); got != "available" {
		t.Errorf("within the minute: got %q, want available", got)
	}
	w.pass(1)
	w.d.Presence.Attendance.WriteDown(t.Context())
	if got, want := []string{w.state(ana), w.state(bea), w.state(eva)}, []string{"available", "offline", "away"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestFiveHundredAtNine: many come in one moment. It is one commit and one event, and everybody gets their share.
func TestFiveHundredAtNine(t *testing.T) {
	w := newWorld(t)
	var areas []string
	for i := range 20 {
		areas = append(areas, w.area(fmt.Sprint("area-", i)))
	}
	var all []rights.Viewer
	w.exec("BEGIN")
	for i := range 500 {
		all = append(all, w.user(fmt.Sprint("u", i), rights.Operator, areas[i%20], areas[(i+7)%20], areas[(i+13)%20]))
	}
	w.exec("COMMIT")
	w.exec("UPDATE users SET availability = 'offline', capacity = 2")
	const waiting = conversation.MaxQueue + 40 // in one area: more than one run of its line looks at
	w.exec("UPDATE areas SET policy = 'manual'")
	for range waiting {
		w.handover(w.conversation(store.StatusBot, "", ""), conversation.Handover{Area: "area-3"})
	}
	w.exec("UPDATE areas SET policy = ''")
	heard := w.hear()
	for _, v := range all {
		w.d.Presence.Attendance.Arrive(v.ID)
	}
	w.d.Presence.Attendance.WriteDown(t.Context())
	if got := w.count("users WHERE availability = 'available'"); got != len(all) {
		t.Errorf("got %d available, want %d", got, len(all))
	}
	var users struct{ People []presence.Availability }
	got := presences(*heard)
	if len(got) != 1 || json.Unmarshal([]byte(got[0]), &users) != nil || len(users.People) != len(all) {
		t.Errorf("got %d events, the first with %d people, want one with %d", len(got), len(users.People), len(all))
	}
	if got := w.count("conversations WHERE status = 'open'"); got != waiting {
		t.Errorf("got %d given away, want all %d that waited", got, waiting)
	}
}

func TestWhatCouldNotBeWrittenIsTriedAgain(t *testing.T) {
	w := newWorld(t)
	comes, goes, returns := w.user("comes", rights.Operator), w.user("goes", rights.Operator), w.user("returns", rights.Operator)
	w.available(comes, "offline")
	a := w.d.Presence.Attendance
	for _, v := range []rights.Viewer{goes, returns} {
		a.Arrive(v.ID)
	}
	a.WriteDown(t.Context())
	for _, v := range []rights.Viewer{goes, returns} {
		a.Leave(v.ID)
	}
	w.pass(presence.GoneAfter)
	a.Arrive(comes.ID)
	w.exec("CREATE TRIGGER full BEFORE UPDATE ON users BEGIN SELECT RAISE(ABORT, 'disk full'); END")
	a.WriteDown(t.Context())
	a.Arrive(returns.ID)
	w.exec("DROP TRIGGER full")
	a.WriteDown(t.Context())
	got := []string{w.state(comes), w.state(goes), w.state(returns)}
	if want := []string{"available", "offline", "available"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestTheWorldMovesOnBeforeTheCommit: what was due when the keeper looked is judged again inside the transaction.
func TestTheWorldMovesOnBeforeTheCommit(t *testing.T) {
	w := newWorld(t)
	a := w.d.Presence.Attendance
	a.Arrive("comes")
	a.Expect("goes")
	w.pass(presence.GoneAfter)
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
	app := newApp(t)
	synctest.Test(t, func(t *testing.T) {
		w := &world{t, &Desk{Store: store.Store{App: app}}}
		if err := w.d.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer w.d.Stop()
		ana := w.user("ana", rights.Operator, w.area("sales"))
		w.available(ana, "offline")
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go w.d.Presence.Attendance.Run(ctx)
		w.d.Presence.Attendance.Arrive(ana.ID)
		time.Sleep(time.Millisecond)
		if got := w.state(ana); got != "available" {
			t.Errorf("a moment after she came: got %q, want available", got)
		}
		w.d.Presence.Attendance.Leave(ana.ID)
		time.Sleep(presence.GoneAfter - time.Second)
		if got := w.state(ana); got != "available" {
			t.Errorf("within the minute: got %q, want available", got)
		}
		time.Sleep(time.Second + presence.LookEvery + presence.Breath)
		if got := w.state(ana); got != "offline" {
			t.Errorf("after the minute: got %q, want offline", got)
		}
	})
}

// TestStreamsSayWhoIsThere goes through the API: a page opens, a colleague sees it, the session ends.
func TestStreamsSayWhoIsThere(t *testing.T) {
	s := newSite(t)
	sales := s.area("sales")
	ana, sup := s.user("ana", rights.Operator, sales), s.user("sup", rights.Supervisor, sales)
	s.exec("UPDATE users SET availability = 'offline'")
	look := func() { s.d.Presence.Attendance.WriteDown(t.Context()) }
	boss := s.signIn(sup)
	colleague := boss.listen(store.EventPresence)
	look()
	var p presence.Availability
	colleague.want(store.EventPresence, &p)
	if want := (presence.Availability{User: sup.ID, Availability: "available"}); p != want {
		t.Errorf("got %+v, want %+v", p, want)
	}

	one, two := s.signIn(ana), s.signIn(ana)
	one.connect()
	two.connect()
	look()
	if colleague.want(store.EventPresence, &p); p != (presence.Availability{User: ana.ID, Availability: "available"}) {
		t.Errorf("got %+v, want ana available", p)
	}
	var me auth.MeView
	if one.get("/api/auth/me").want(200).into(&me); me.Availability != "available" {
		t.Errorf("me: got %q, want available", me.Availability)
	}
	var u people.UserView
	if boss.get("/api/users/" + ana.ID).want(200).into(&u); u.Availability != "available" {
		t.Errorf("as her supervisor sees her: got %q, want available", u.Availability)
	}

	two.post("/api/auth/logout", nil).want(204)
	if got := s.state(ana); got != "available" {
		t.Errorf("signed out of one of two browsers: got %q, want available", got)
	}
	one.post("/api/auth/logout", nil).want(204)
	if got := s.state(ana); got != "offline" {
		t.Errorf("signed out: got %q, want offline at once", got)
	}
	if colleague.want(store.EventPresence, &p); p != (presence.Availability{User: ana.ID, Availability: "offline"}) {
		t.Errorf("got %+v, want ana offline", p)
	}
}

// TestWhoIsSwitchedOffIsNotThere: the streams end with the sessions.
func TestWhoIsSwitchedOffIsNotThere(t *testing.T) {
	s := newSite(t)
	boss := s.user("boss", rights.Admin)
	name, email, password := "ana", "ana@example.com", "correct-horse"
	id, _, err := s.d.People.CreateUser(t.Context(), people.Person{Username: &name, Email: &email, Password: &password})
	if err != nil {
		t.Fatal(err)
	}
	ana := rights.Viewer{ID: id, Role: rights.Operator}
	s.signIn(ana).connect()
	s.d.Presence.Attendance.WriteDown(t.Context())
	if got := s.state(ana); got != "available" {
		t.Fatalf("got %q before, want available", got)
	}
	var u people.UserView
	s.signIn(boss).do("PUT", "/api/users/"+ana.ID, map[string]bool{"active": false}).want(200).into(&u)
	if u.Availability != "offline" || u.Active {
		t.Errorf("got %+v, want her offline and switched off", u)
	}
}

// TestRefusedStreamIsNobody: a stream that the last check refuses does not count.
func TestRefusedStreamIsNobody(t *testing.T) {
	w := newWorld(t)
	ana := w.user("ana", rights.Operator)
	w.available(ana, "offline")
	l := w.d.Hub.Join(ana, "s")
	w.d.Presence.Attendance.WriteDown(t.Context())
	w.d.Hub.Leave(l)
	w.d.Hub.Admit(l) // too late
	w.d.Presence.Attendance.WriteDown(t.Context())
	if got := w.state(ana); got != "offline" {
		t.Errorf("got %q, want offline", got)
	}
}
