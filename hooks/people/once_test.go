package people_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/auth"
	"mostrador/hooks/desktest"
	"mostrador/hooks/editor"
	"mostrador/hooks/people"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

// statuses counts the answers by status, and for refusals by code.
func statuses(answers []*desktest.Answer) map[string]int {
	counts := map[string]int{}
	for _, a := range answers {
		name := fmt.Sprint(a.Status)
		if a.Status >= 400 {
			name += " " + a.Refusal().Code
		}
		counts[name]++
	}
	return counts
}

// TestOnceMeansOnce: of a crowd that does at the same moment what can be done once, one does it, the others hear why not, and
// nothing of theirs is left.
func TestOnceMeansOnce(t *testing.T) {
	for _, c := range []struct {
		name string
		run  func(s *desktest.Site, boss *desktest.Browser) []*desktest.Answer
		want map[string]int
		left func(s *desktest.Site) (got, want int) // rows
	}{
		{"a set-up link", func(s *desktest.Site, boss *desktest.Browser) []*desktest.Answer {
			var made people.NewUser
			boss.Post("/api/users", `{"username":"ana","email":"ana@example.com"}`).Want(201).Into(&made)
			token := strings.TrimPrefix(made.Setup, people.SetUpPath)
			return s.Rush(func(i int) *desktest.Answer {
				return s.Guest().Post("/api/auth/setup", map[string]string{"token": token, "password": fmt.Sprint("a good password ", i)})
			})
		}, map[string]int{"200": 1, "400 bad_link": desktest.Crowd - 1}, func(s *desktest.Site) (int, int) {
			return s.Rows("sessions", "user = (SELECT id FROM users WHERE username = 'ana')"), 1
		}},
		{"a user name", func(s *desktest.Site, boss *desktest.Browser) []*desktest.Answer {
			area := s.Area("sales")
			return s.Rush(func(i int) *desktest.Answer {
				return boss.Copy().Post("/api/users", map[string]any{"username": "ana", "email": fmt.Sprintf("ana%d@example.com", i), "areas": []string{area}})
			})
		}, map[string]int{"201": 1, "409 name_taken": desktest.Crowd - 1}, func(s *desktest.Site) (int, int) { return s.Rows("memberships", "1"), 1 }},
		{"an e-mail", func(s *desktest.Site, boss *desktest.Browser) []*desktest.Answer {
			return s.Rush(func(i int) *desktest.Answer {
				return boss.Copy().Post("/api/users", map[string]any{"username": fmt.Sprint("ana", i), "email": "ana@example.com"})
			})
		}, map[string]int{"201": 1, "409 name_taken": desktest.Crowd - 1}, func(s *desktest.Site) (int, int) { return s.Rows("users", "email = 'ana@example.com'"), 1 }},
		{"a user with an Idempotency-Key", func(s *desktest.Site, boss *desktest.Browser) []*desktest.Answer {
			return s.Rush(func(i int) *desktest.Answer {
				return boss.Keyed("k").Post("/api/users", `{"username":"ana","email":"ana@example.com"}`)
			})
		}, map[string]int{"201": desktest.Crowd}, func(s *desktest.Site) (int, int) { return s.Rows("users", "username = 'ana'"), 1 }},
		{"the name of an area", func(s *desktest.Site, boss *desktest.Browser) []*desktest.Answer {
			return s.Rush(func(i int) *desktest.Answer { return boss.Copy().Post("/api/areas", `{"name":"Ventas"}`) })
		}, map[string]int{"201": 1, "409 area_taken": desktest.Crowd - 1}, func(s *desktest.Site) (int, int) { return s.Count("areas"), 1 }},
		{"the key of an area", func(s *desktest.Site, boss *desktest.Browser) []*desktest.Answer {
			return s.Rush(func(i int) *desktest.Answer {
				return boss.Copy().Post("/api/areas", map[string]string{"name": fmt.Sprint("Ventas ", i), "key": "ventas"})
			})
		}, map[string]int{"201": 1, "409 name_taken": desktest.Crowd - 1}, func(s *desktest.Site) (int, int) { return s.Count("areas"), 1 }},
		{"an area with an Idempotency-Key", func(s *desktest.Site, boss *desktest.Browser) []*desktest.Answer {
			return s.Rush(func(i int) *desktest.Answer { return boss.Keyed("k").Post("/api/areas", `{"name":"Ventas"}`) })
		}, map[string]int{"201": desktest.Crowd}, func(s *desktest.Site) (int, int) { return s.Count("areas"), 1 }},
		{"a new secret", func(s *desktest.Site, boss *desktest.Browser) []*desktest.Answer {
			return s.Rush(func(i int) *desktest.Answer {
				return boss.Copy().Do("PUT", "/api/secrets/erp", map[string]any{"value": fmt.Sprint("value ", i), "hosts": []string{"erp.example"}})
			})
		}, map[string]int{"200": desktest.Crowd}, func(s *desktest.Site) (int, int) { return s.Count("secrets"), 1 }},
		{"the first secret of all", func(s *desktest.Site, boss *desktest.Browser) []*desktest.Answer {
			return s.Rush(func(i int) *desktest.Answer {
				return boss.Copy().Do("PUT", fmt.Sprint("/api/secrets/s", i), map[string]any{"value": fmt.Sprint("value ", i)})
			})
		}, map[string]int{"200": desktest.Crowd}, func(s *desktest.Site) (readable, want int) {
			all, err := s.Desk.Secrets.List(s.T.Context(), rights.Viewer{Role: rights.Admin})
			if err != nil {
				s.T.Fatal(err)
			}
			for _, one := range all {
				if one.Readable {
					readable++
				}
			}
			return readable, desktest.Crowd
		}},
		{"the end of a secret", func(s *desktest.Site, boss *desktest.Browser) []*desktest.Answer {
			boss.Do("PUT", "/api/secrets/erp", `{"value":"v"}`).Want(200)
			return s.Rush(func(i int) *desktest.Answer { return boss.Copy().Do("DELETE", "/api/secrets/erp", nil) })
		}, map[string]int{"204": 1, "404 not_found": desktest.Crowd - 1}, func(s *desktest.Site) (int, int) { return s.Rows("events", "kind = 'secret_deleted'"), 1 }},
		{"a flow with an Idempotency-Key", func(s *desktest.Site, boss *desktest.Browser) []*desktest.Answer {
			return s.Rush(func(i int) *desktest.Answer { return boss.Keyed("k").Post("/api/flows", `{"name":"Hola"}`) })
		}, map[string]int{"201": desktest.Crowd}, func(s *desktest.Site) (int, int) { return s.Count("flows"), 1 }},
		{"a publication", func(s *desktest.Site, boss *desktest.Browser) []*desktest.Answer {
			var f editor.FlowView
			boss.Post("/api/flows", `{"name":"Hola"}`).Want(201).Into(&f)
			return s.Rush(func(i int) *desktest.Answer { return boss.Copy().Post("/api/flows/"+f.ID+"/publish", `{}`) })
		}, map[string]int{"200": desktest.Crowd}, func(s *desktest.Site) (int, int) { return s.Count("flow_versions"), 1 }},
		{"the save of a revision", func(s *desktest.Site, boss *desktest.Browser) []*desktest.Answer {
			var f editor.FlowView
			boss.Post("/api/flows", `{"name":"Hola"}`).Want(201).Into(&f)
			return s.Rush(func(i int) *desktest.Answer {
				return boss.Copy().Do("PUT", "/api/flows/"+f.ID, map[string]any{"revision": f.Revision, "name": fmt.Sprint("Hola ", i)})
			})
		}, map[string]int{"200": 1, "409 flow_changed": desktest.Crowd - 1}, func(s *desktest.Site) (int, int) { return s.Rows("events", "kind = 'flow_saved'"), 1 }},
		{"the end of a session", func(s *desktest.Site, boss *desktest.Browser) []*desktest.Answer {
			other := s.SignIn(rights.Viewer{ID: s.UserID("boss")})
			var mine api.Page[auth.SessionView]
			other.Get("/api/auth/sessions").Want(200).Into(&mine)
			i := slices.IndexFunc(mine.Items, func(v auth.SessionView) bool { return v.Current })
			return s.Rush(func(int) *desktest.Answer {
				return boss.Copy().Do("DELETE", "/api/auth/sessions/"+mine.Items[i].ID, nil)
			})
		}, map[string]int{"204": 1, "404 not_found": desktest.Crowd - 1}, func(s *desktest.Site) (int, int) { return s.Count("sessions"), 1 }},
		{"a claim", func(s *desktest.Site, boss *desktest.Browser) []*desktest.Answer {
			area := s.Area("sales")
			c := s.Conversation(store.StatusWaiting, area, "")
			who := make([]*desktest.Browser, desktest.Crowd)
			for i := range who {
				who[i] = s.SignIn(s.User(fmt.Sprint("op", i), rights.Operator, area))
			}
			return s.Rush(func(i int) *desktest.Answer { return who[i].Post("/api/conversations/"+c+"/claim", nil) })
		}, map[string]int{"200": 1, "409 taken": desktest.Crowd - 1}, func(s *desktest.Site) (int, int) { return s.Rows("events", "kind = 'assigned'"), 1 }},
		{"a message with an Idempotency-Key", func(s *desktest.Site, boss *desktest.Browser) []*desktest.Answer {
			c := s.Conversation(store.StatusOpen, s.Area("sales"), s.UserID("boss"))
			return s.Rush(func(i int) *desktest.Answer {
				return boss.Keyed("k").Post("/api/conversations/"+c+"/messages", `{"text":"hola"}`)
			})
		}, map[string]int{"201": desktest.Crowd}, func(s *desktest.Site) (int, int) { return s.Count("messages"), 1 }},
		{"an upload", func(s *desktest.Site, boss *desktest.Browser) []*desktest.Answer {
			c := s.Conversation(store.StatusOpen, s.Area("sales"), s.UserID("boss"))
			file := s.Insert("media", dbx.Params{"conversation": c, "owner": s.UserID("boss"), "state": "ready", "mime": "image/png", "file": "a.png"})
			return s.Rush(func(i int) *desktest.Answer {
				return boss.Copy().Post("/api/conversations/"+c+"/messages", `{"media":"`+file+`"}`)
			})
		}, map[string]int{"201": 1, "400 unknown_media": desktest.Crowd - 1}, func(s *desktest.Site) (int, int) { return s.Count("messages"), 1 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := desktest.NewSite(t)
			answers := c.run(s, s.SignIn(s.User("boss", rights.Admin)))
			if got := statuses(answers); fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
			if got, want := c.left(s); got != want {
				t.Errorf("got %d rows left, want %d", got, want)
			}
		})
	}
}

// TestOneOfTheLinkIsIn: the one who used the link is signed in with their password, and nobody else is, whoever was before.
func TestOneOfTheLinkIsIn(t *testing.T) {
	s := desktest.NewSite(t)
	boss := s.SignIn(s.User("boss", rights.Admin))
	ana := s.Member("ana", rights.Operator)
	before := s.SignIn(rights.Viewer{ID: ana.Id})
	before.Get("/api/auth/me").Want(200)
	var link struct{ Setup string }
	boss.Post("/api/users/"+ana.Id+"/setup", nil).Want(201).Into(&link)
	before.Get("/api/auth/me").Want(200) // a link alone changes nothing
	guests := make([]*desktest.Browser, desktest.Crowd)
	answers := s.Rush(func(i int) *desktest.Answer {
		guests[i] = s.Guest()
		return guests[i].Post("/api/auth/setup", map[string]string{"token": strings.TrimPrefix(link.Setup, people.SetUpPath), "password": fmt.Sprint("a good password ", i)})
	})
	before.Get("/api/auth/me").Want(401)
	for i, a := range answers {
		want := 401
		if a.Status == 200 {
			want = 200
		}
		guests[i].Get("/api/auth/me").Want(want)
		ana, err := s.Desk.Guard.WhoIs(t.Context(), "ana")
		if err != nil {
			t.Fatal(err)
		}
		id, _, err := s.Desk.Guard.CheckPassword(t.Context(), ana, fmt.Sprint("a good password ", i))
		if err != nil || (id != "") != (want == 200) {
			t.Errorf("got %q, %v for the password of one who heard %d", id, err, a.Status)
		}
	}
}

// TestOneAdminIsLeft: admins who all take the right from another at the same moment leave one.
func TestOneAdminIsLeft(t *testing.T) {
	s := desktest.NewSite(t)
	admins := []string{s.Member("ana", rights.Admin).Id, s.Member("bea", rights.Admin).Id, s.Member("cleo", rights.Admin).Id}
	gone := make(chan error, desktest.Crowd)
	s.Rush(func(i int) *desktest.Answer { // not as requests: who is no admin any more may not ask
		role := rights.Operator
		gone <- s.Desk.People.UpdateUser(t.Context(), admins[i%len(admins)], people.Person{Role: &role})
		return nil
	})
	refused := 0
	for range desktest.Crowd {
		if err := <-gone; desktest.CodeOf(err) == people.ErrLastAdmin.Code {
			refused++
		} else if err != nil {
			t.Error(err)
		}
	}
	if got := s.Rows("users", "active AND role = 'ADMIN'"); got != 1 || refused == 0 {
		t.Errorf("got %d admins and %d refusals, want one who may manage the desk", got, refused)
	}
}

// TestNobodyUndoesWhatAnotherSaves: who changes one field does not bring back what another had before somebody else's change.
func TestNobodyUndoesWhatAnotherSaves(t *testing.T) {
	for _, c := range []struct {
		name, table string
		fields      []string
		path        func(s *desktest.Site, boss *desktest.Browser) string
	}{
		{"an area", "areas", []string{"order", "autoCloseMinutes", "targetMinutes"}, func(s *desktest.Site, boss *desktest.Browser) string {
			var a people.AreaView
			boss.Post("/api/areas", `{"name":"Ventas"}`).Want(201).Into(&a)
			return "/api/areas/" + a.ID
		}},
		{"a person", "users", []string{"capacity", "name", "lang"}, func(s *desktest.Site, boss *desktest.Browser) string {
			return "/api/users/" + s.Member("ana", rights.Operator).Id
		}},
		{"the settings", "", []string{"reopenMinutes", "targetMinutes", "capacity", "autoCloseMinutes"}, func(*desktest.Site, *desktest.Browser) string { return "/api/settings" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := desktest.NewSite(t)
			boss := s.SignIn(s.User("boss", rights.Admin))
			path := c.path(s, boss)
			values := map[string]any{"order": 7, "autoCloseMinutes": 8, "targetMinutes": 9, "capacity": 5, "name": "Ana", "lang": "en", "reopenMinutes": 6}
			for _, a := range s.Rush(func(i int) *desktest.Answer {
				field := c.fields[i%len(c.fields)]
				return boss.Copy().Do("PUT", path, map[string]any{field: values[field]})
			}) {
				a.Want(200)
			}
			var now map[string]any
			boss.Get(path).Want(200).Into(&now)
			for _, field := range c.fields {
				if got, want := jsonOf(now[field]), jsonOf(values[field]); got != want {
					t.Errorf("%s: got %s, want %s", field, got, want)
				}
			}
		})
	}
}

func jsonOf(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// TestLinksDie: a link is of the person as they were when it was given.
func TestLinksDie(t *testing.T) {
	for _, c := range []struct {
		name   string
		change map[string]any
		dies   bool
	}{
		{"switched off and on again", map[string]any{"active": false}, true},
		{"another e-mail", map[string]any{"email": "other@example.com"}, true},
		{"another user name", map[string]any{"username": "other"}, true},
		{"another role", map[string]any{"role": "SUPERVISOR"}, true},
		{"a password", map[string]any{"password": "another password"}, true},
		{"another name", map[string]any{"name": "Ana María", "capacity": 3, "lang": "en"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := desktest.NewSite(t)
			boss := s.SignIn(s.User("boss", rights.Admin))
			var made people.NewUser
			boss.Post("/api/users", `{"username":"ana","email":"ana@example.com"}`).Want(201).Into(&made)
			boss.Do("PUT", "/api/users/"+made.ID, c.change).Want(200)
			if c.change["active"] != nil {
				if code := boss.Post("/api/users/"+made.ID+"/setup", nil).Want(409).Refusal().Code; code != auth.ErrSwitchedOff.Code {
					t.Errorf("a link for who is switched off: got %s, want %s", code, auth.ErrSwitchedOff.Code)
				}
				boss.Do("PUT", "/api/users/"+made.ID, `{"active":true}`).Want(200)
			}
			want := 200
			if c.dies {
				want = 400
			}
			use := map[string]string{"token": strings.TrimPrefix(made.Setup, people.SetUpPath), "password": "a good password"}
			s.Guest().Post("/api/auth/setup", use).Want(want)
		})
	}
}

// TestNewPasswordSignsOutByName: also when nobody watches the table of users.
func TestNewPasswordSignsOutByName(t *testing.T) {
	s := desktest.NewSite(t)
	boss := s.SignIn(s.User("boss", rights.Admin))
	ana := s.Member("ana", rights.Operator)
	hers := s.SignIn(rights.Viewer{ID: ana.Id})
	s.Desk.Store.App.OnRecordAfterUpdateSuccess("users").UnbindAll()
	boss.Do("PUT", "/api/users/"+ana.Id, `{"password":"another password"}`).Want(200)
	hers.Get("/api/auth/me").Want(401)
	if got := s.Rows("sessions", "user = '"+ana.Id+"'"); got != 0 {
		t.Errorf("got %d sessions, want none", got)
	}
}

// TestWhoIsThereIsNotSwept: a session that was used since its row was written is not swept with those that ran out.
func TestWhoIsThereIsNotSwept(t *testing.T) {
	s := desktest.NewSite(t)
	b := s.SignIn(s.User("ana", rights.Operator))
	s.Pass(auth.DefaultMaxAge - time.Second)
	b.Get("/api/auth/me").Want(200)
	s.Pass(2 * time.Second)
	if err := s.Desk.Guard.Sessions.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.Get("/api/auth/me").Want(200)
}
