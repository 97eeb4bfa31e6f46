package presence_test

import (
	"fmt"
	"testing"
	"time"

	"mostrador/hooks/desktest"
	"mostrador/hooks/presence"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
)

func TestWhoComesSecondSeesWhoIsThere(t *testing.T) {
	s := desktest.NewSite(t)
	sales, help := s.Area("sales"), s.Area("help")
	ana, sup, boss := s.User("ana", rights.Operator, sales), s.User("sup", rights.Supervisor, sales, help), s.User("boss", rights.Admin)
	c := s.Conversation(store.StatusWaiting, sales, "")
	browsers := map[string]*desktest.Browser{"ana": s.SignIn(ana), "sup": s.SignIn(sup), "boss": s.SignIn(boss)}
	say := func(who, what string, on bool) {
		browsers[who].Post("/api/conversations/"+c+"/"+what, map[string]bool{"on": on})
	}
	there := func() string { // as the admin hears it
		var got presence.ViewersAnswer
		browsers["boss"].Post("/api/conversations/"+c+"/view", nil).Want(200).Into(&got)
		text := ""
		for _, one := range got.Viewers {
			text += fmt.Sprintf("%s %v ", one.Name, one.Typing)
		}
		return text
	}
	for _, step := range []struct {
		what string
		do   func()
		want string
	}{
		{"nobody", func() {}, ""},
		{"one looks", func() { say("ana", "view", true) }, "ana false "},
		{"and writes", func() { say("ana", "typing", true) }, "ana true "},
		{"and stops, and is still there", func() { say("ana", "typing", false) }, "ana false "},
		{"another comes", func() { say("sup", "typing", true) }, "ana false sup true "},
		{"whose writing was never ended", func() { s.Pass(13 * time.Second) }, "ana false sup false "},
		{"one leaves", func() { say("sup", "view", false) }, "ana false "},
		{"an end after leaving is nobody", func() { say("sup", "typing", false) }, "ana false "},
		{"one may not see it any more", func() { s.Exec("UPDATE conversations SET area = '" + help + "'") }, ""},
		{"the other may", func() { say("sup", "view", true) }, "sup false "},
		{"and vanishes", func() { s.Pass(presence.ViewingFor) }, ""},
	} {
		step.do()
		if got := there(); got != step.want {
			t.Fatalf("%s: got %q, want %q", step.what, got, step.want)
		}
	}
	browsers["ana"].Post("/api/conversations/"+c+"/view", nil).Want(404)
}

func TestViewersAreBounded(t *testing.T) {
	now := time.Now()
	v := presence.Viewers{Now: func() time.Time { return now }}
	for i := range presence.MaxViews + 10 {
		v.Note(store.EventPresence, fmt.Sprint(i), "ana", true)
	}
	if v.N != presence.MaxViews || len(v.By) != presence.MaxViews {
		t.Fatalf("got %d views in %d conversations, want %d", v.N, len(v.By), presence.MaxViews)
	}
	now = now.Add(presence.ViewingFor)
	v.Note(store.EventPresence, "one more", "ana", true)
	if v.N != 1 || len(v.By) != 1 || len(v.Of("one more")) != 1 {
		t.Errorf("got %d views in %d conversations, want that the old ones made room", v.N, len(v.By))
	}
}
