package hooks

import (
	"fmt"
	"testing"
	"time"

	"mostrador/hooks/presence"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
)

func TestWhoComesSecondSeesWhoIsThere(t *testing.T) {
	s := newSite(t)
	sales, help := s.area("sales"), s.area("help")
	ana, sup, boss := s.user("ana", rights.Operator, sales), s.user("sup", rights.Supervisor, sales, help), s.user("boss", rights.Admin)
	c := s.conversation(store.StatusWaiting, sales, "")
	browsers := map[string]*browser{"ana": s.signIn(ana), "sup": s.signIn(sup), "boss": s.signIn(boss)}
	say := func(who, what string, on bool) {
		browsers[who].post("/api/conversations/"+c+"/"+what, map[string]bool{"on": on})
	}
	there := func() string { // as the admin hears it
		var got presence.ViewersAnswer
		browsers["boss"].post("/api/conversations/"+c+"/view", nil).want(200).into(&got)
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
		{"whose writing was never ended", func() { s.pass(13 * time.Second) }, "ana false sup false "},
		{"one leaves", func() { say("sup", "view", false) }, "ana false "},
		{"an end after leaving is nobody", func() { say("sup", "typing", false) }, "ana false "},
		{"one may not see it any more", func() { s.exec("UPDATE conversations SET area = '" + help + "'") }, ""},
		{"the other may", func() { say("sup", "view", true) }, "sup false "},
		{"and vanishes", func() { s.pass(presence.ViewingFor) }, ""},
	} {
		step.do()
		if got := there(); got != step.want {
			t.Fatalf("%s: got %q, want %q", step.what, got, step.want)
		}
	}
	browsers["ana"].post("/api/conversations/"+c+"/view", nil).want(404)
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
