package hooks

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/auth"
	"mostrador/hooks/editor"
	"mostrador/hooks/people"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

// crowd is how many try the same thing at the same moment.
const crowd = 12

// rush lets a crowd do something at once, and answers what each heard.
func (s *site) rush(do func(i int) *answer) []*answer {
	s.t.Helper()
	s.d.Guard.Hashing.Wait = time.Minute // this is not about how long a password takes
	answers := make([]*answer, crowd)
	var gate, done sync.WaitGroup
	gate.Add(1)
	for i := range answers {
		done.Go(func() {
			gate.Wait()
			answers[i] = do(i)
		})
	}
	gate.Done()
	done.Wait()
	return answers
}

// statuses counts the answers by status, and for refusals by code.
func statuses(answers []*answer) map[string]int {
	counts := map[string]int{}
	for _, a := range answers {
		name := fmt.Sprint(a.status)
		if a.status >= 400 {
			name += " " + a.refusal().Code
		}
		counts[name]++
	}
	return counts
}

// rows counts rows of a table.
func (s *site) rows(table, where string) (n int) {
	s.t.Helper()
	if err := s.d.Store.App.DB().NewQuery("SELECT COUNT(*) FROM " + table + " WHERE " + where).Row(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// TestOnceMeansOnce: of a crowd that does at the same moment what can be done once, one does it, the others hear why not, and
// nothing of theirs is left.
func TestOnceMeansOnce(t *testing.T) {
	for _, c := range []struct {
		name string
		run  func(s *site, boss *browser) []*answer
		want map[string]int
		left func(s *site) (got, want int) // rows
	}{
		{"a set-up link", func(s *site, boss *browser) []*answer {
			var made people.NewUser
			boss.post("/api/users", `{"username":"ana","email":"ana@example.com"}`).want(201).into(&made)
			token := strings.TrimPrefix(made.Setup, people.SetUpPath)
			return s.rush(func(i int) *answer {
				return s.guest().post("/api/auth/setup", map[string]string{"token": token, "password": fmt.Sprint("a good password ", i)})
			})
		}, map[string]int{"200": 1, "400 bad_link": crowd - 1}, func(s *site) (int, int) {
			return s.rows("sessions", "user = (SELECT id FROM users WHERE username = 'ana')"), 1
		}},
		{"a user name", func(s *site, boss *browser) []*answer {
			area := s.area("sales")
			return s.rush(func(i int) *answer {
				return boss.copy().post("/api/users", map[string]any{"username": "ana", "email": fmt.Sprintf("ana%d@example.com", i), "areas": []string{area}})
			})
		}, map[string]int{"201": 1, "409 name_taken": crowd - 1}, func(s *site) (int, int) { return s.rows("memberships", "1"), 1 }},
		{"an e-mail", func(s *site, boss *browser) []*answer {
			return s.rush(func(i int) *answer {
				return boss.copy().post("/api/users", map[string]any{"username": fmt.Sprint("ana", i), "email": "ana@example.com"})
			})
		}, map[string]int{"201": 1, "409 name_taken": crowd - 1}, func(s *site) (int, int) { return s.rows("users", "email = 'ana@example.com'"), 1 }},
		{"a user with an Idempotency-Key", func(s *site, boss *browser) []*answer {
			return s.rush(func(i int) *answer {
				return boss.keyed("k").post("/api/users", `{"username":"ana","email":"ana@example.com"}`)
			})
		}, map[string]int{"201": crowd}, func(s *site) (int, int) { return s.rows("users", "username = 'ana'"), 1 }},
		{"the name of an area", func(s *site, boss *browser) []*answer {
			return s.rush(func(i int) *answer { return boss.copy().post("/api/areas", `{"name":"Ventas"}`) })
		}, map[string]int{"201": 1, "409 area_taken": crowd - 1}, func(s *site) (int, int) { return s.count("areas"), 1 }},
		{"the key of an area", func(s *site, boss *browser) []*answer {
			return s.rush(func(i int) *answer {
				return boss.copy().post("/api/areas", map[string]string{"name": fmt.Sprint("Ventas ", i), "key": "ventas"})
			})
		}, map[string]int{"201": 1, "409 name_taken": crowd - 1}, func(s *site) (int, int) { return s.count("areas"), 1 }},
		{"an area with an Idempotency-Key", func(s *site, boss *browser) []*answer {
			return s.rush(func(i int) *answer { return boss.keyed("k").post("/api/areas", `{"name":"Ventas"}`) })
		}, map[string]int{"201": crowd}, func(s *site) (int, int) { return s.count("areas"), 1 }},
		{"a new secret", func(s *site, boss *browser) []*answer {
			return s.rush(func(i int) *answer {
				return boss.copy().do("PUT", "/api/secrets/erp", map[string]any{"value": fmt.Sprint("value ", i), "hosts": []string{"erp.example"}})
			})
		}, map[string]int{"200": crowd}, func(s *site) (int, int) { return s.count("secrets"), 1 }},
		{"the first secret of all", func(s *site, boss *browser) []*answer {
			return s.rush(func(i int) *answer {
				return boss.copy().do("PUT", fmt.Sprint("/api/secrets/s", i), map[string]any{"value": fmt.Sprint("value ", i)})
			})
		}, map[string]int{"200": crowd}, func(s *site) (readable, want int) {
			all, err := s.d.Secrets.List(s.t.Context(), rights.Viewer{Role: rights.Admin})
			if err != nil {
				s.t.Fatal(err)
			}
			for _, one := range all {
				if one.Readable {
					readable++
				}
			}
			return readable, crowd
		}},
		{"the end of a secret", func(s *site, boss *browser) []*answer {
			boss.do("PUT", "/api/secrets/erp", `{"value":"v"}`).want(200)
			return s.rush(func(i int) *answer { return boss.copy().do("DELETE", "/api/secrets/erp", nil) })
		}, map[string]int{"204": 1, "404 not_found": crowd - 1}, func(s *site) (int, int) { return s.rows("events", "kind = 'secret_deleted'"), 1 }},
		{"a flow with an Idempotency-Key", func(s *site, boss *browser) []*answer {
			return s.rush(func(i int) *answer { return boss.keyed("k").post("/api/flows", `{"name":"Hola"}`) })
		}, map[string]int{"201": crowd}, func(s *site) (int, int) { return s.count("flows"), 1 }},
		{"a publication", func(s *site, boss *browser) []*answer {
			var f editor.FlowView
			boss.post("/api/flows", `{"name":"Hola"}`).want(201).into(&f)
			return s.rush(func(i int) *answer { return boss.copy().post("/api/flows/"+f.ID+"/publish", `{}`) })
		}, map[string]int{"200": crowd}, func(s *site) (int, int) { return s.count("flow_versions"), 1 }},
		{"the save of a revision", func(s *site, boss *browser) []*answer {
			var f editor.FlowView
			boss.post("/api/flows", `{"name":"Hola"}`).want(201).into(&f)
			return s.rush(func(i int) *answer {
				return boss.copy().do("PUT", "/api/flows/"+f.ID, map[string]any{"revision": f.Revision, "name": fmt.Sprint("Hola ", i)})
			})
		}, map[string]int{"200": 1, "409 flow_changed": crowd - 1}, func(s *site) (int, int) { return s.rows("events", "kind = 'flow_saved'"), 1 }},
		{"the end of a session", func(s *site, boss *browser) []*answer {
			other := s.signIn(rights.Viewer{ID: s.userID("boss")})
			var mine api.Page[auth.SessionView]
			other.get("/api/auth/sessions").want(200).into(&mine)
			i := slices.IndexFunc(mine.Items, func(v auth.SessionView) bool { return v.Current })
			return s.rush(func(int) *answer { return boss.copy().do("DELETE", "/api/auth/sessions/"+mine.Items[i].ID, nil) })
		}, map[string]int{"204": 1, "404 not_found": crowd - 1}, func(s *site) (int, int) { return s.count("sessions"), 1 }},
		{"a claim", func(s *site, boss *browser) []*answer {
			area := s.area("sales")
			c := s.conversation(store.StatusWaiting, area, "")
			who := make([]*browser, crowd)
			for i := range who {
				who[i] = s.signIn(s.user(fmt.Sprint("op", i), rights.Operator, area))
			}
			return s.rush(func(i int) *answer { return who[i].post("/api/conversations/"+c+"/claim", nil) })
		}, map[string]int{"200": 1, "409 taken": crowd - 1}, func(s *site) (int, int) { return s.rows("events", "kind = 'assigned'"), 1 }},
		{"a message with an Idempotency-Key", func(s *site, boss *browser) []*answer {
			c := s.conversation(store.StatusOpen, s.area("sales"), s.userID("boss"))
			return s.rush(func(i int) *answer {
				return boss.keyed("k").post("/api/conversations/"+c+"/messages", `{"text":"hola"}`)
			})
		}, map[string]int{"201": crowd}, func(s *site) (int, int) { return s.count("messages"), 1 }},
		{"an upload", func(s *site, boss *browser) []*answer {
			c := s.conversation(store.StatusOpen, s.area("sales"), s.userID("boss"))
			file := s.insert("media", dbx.Params{"conversation": c, "owner": s.userID("boss"), "state": "ready", "mime": "image/png", "file": "a.png"})
			return s.rush(func(i int) *answer {
				return boss.copy().post("/api/conversations/"+c+"/messages", `{"media":"`+file+`"}`)
			})
		}, map[string]int{"201": 1, "400 unknown_media": crowd - 1}, func(s *site) (int, int) { return s.count("messages"), 1 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t)
			answers := c.run(s, s.signIn(s.user("boss", rights.Admin)))
			if got := statuses(answers); fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
			if got, want := c.left(s); got != want {
				t.Errorf("got %d rows left, want %d", got, want)
			}
		})
	}
}

// copy is the same browser for another goroutine.
func (b *browser) copy() *browser {
	c := &browser{t: b.t, url: b.url, cookies: map[string]string{}, headers: map[string]string{}}
	for k, v := range b.cookies {
		c.cookies[k] = v
	}
	for k, v := range b.headers {
		c.headers[k] = v
	}
	return c
}

func (b *browser) keyed(key string) *browser {
	c := b.copy()
	c.headers[api.IdempotencyKey] = key
	return c
}

func (s *site) userID(name string) (id string) {
	s.t.Helper()
	if err := s.d.Store.App.DB().Select("id").From("users").Where(dbx.HashExp{"username": name}).Row(&id); err != nil {
		s.t.Fatal(err)
	}
	return id
}

// TestOneOfTheLinkIsIn: the one who used the link is signed in with their password, and nobody else is, whoever was before.
func TestOneOfTheLinkIsIn(t *testing.T) {
	s := newSite(t)
	boss := s.signIn(s.user("boss", rights.Admin))
	ana := s.member("ana", rights.Operator)
	before := s.signIn(rights.Viewer{ID: ana.Id})
	before.get("/api/auth/me").want(200)
	var link struct{ Setup string }
	boss.post("/api/users/"+ana.Id+"/setup", nil).want(201).into(&link)
	before.get("/api/auth/me").want(200) // a link alone changes nothing
	guests := make([]*browser, crowd)
	answers := s.rush(func(i int) *answer {
		guests[i] = s.guest()
		return guests[i].post("/api/auth/setup", map[string]string{"token": strings.TrimPrefix(link.Setup, people.SetUpPath), "password": fmt.Sprint("a good password ", i)})
	})
	before.get("/api/auth/me").want(401)
	for i, a := range answers {
		want := 401
		if a.status == 200 {
			want = 200
		}
		guests[i].get("/api/auth/me").want(want)
		ana, err := s.d.Guard.WhoIs(t.Context(), "ana")
		if err != nil {
			t.Fatal(err)
		}
		id, _, err := s.d.Guard.CheckPassword(t.Context(), ana, fmt.Sprint("a good password ", i))
		if err != nil || (id != "") != (want == 200) {
			t.Errorf("got %q, %v for the password of one who heard %d", id, err, a.status)
		}
	}
}

// TestOneAdminIsLeft: admins who all take the right from another at the same moment leave one.
func TestOneAdminIsLeft(t *testing.T) {
	s := newSite(t)
	admins := []string{s.member("ana", rights.Admin).Id, s.member("bea", rights.Admin).Id, s.member("cleo", rights.Admin).Id}
	gone := make(chan error, crowd)
	s.rush(func(i int) *answer { // not as requests: who is no admin any more may not ask
		role := rights.Operator
		gone <- s.d.People.UpdateUser(t.Context(), admins[i%len(admins)], people.Person{Role: &role})
		return nil
	})
	refused := 0
	for range crowd {
		if err := <-gone; codeOf(err) == api.CodeLastAdmin {
			refused++
		} else if err != nil {
			t.Error(err)
		}
	}
	if got := s.rows("users", "active AND role = 'ADMIN'"); got != 1 || refused == 0 {
		t.Errorf("got %d admins and %d refusals, want one who may manage the desk", got, refused)
	}
}

// TestNobodyUndoesWhatAnotherSaves: who changes one field does not bring back what another had before somebody else's change.
func TestNobodyUndoesWhatAnotherSaves(t *testing.T) {
	for _, c := range []struct {
		name, table string
		fields      []string
		path        func(s *site, boss *browser) string
	}{
		{"an area", "areas", []string{"order", "autoCloseMinutes", "targetMinutes"}, func(s *site, boss *browser) string {
			var a people.AreaView
			boss.post("/api/areas", `{"name":"Ventas"}`).want(201).into(&a)
			return "/api/areas/" + a.ID
		}},
		{"a person", "users", []string{"capacity", "name", "lang"}, func(s *site, boss *browser) string { return "/api/users/" + s.member("ana", rights.Operator).Id }},
		{"the settings", "", []string{"reopenMinutes", "targetMinutes", "capacity", "autoCloseMinutes"}, func(*site, *browser) string { return "/api/settings" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t)
			boss := s.signIn(s.user("boss", rights.Admin))
			path := c.path(s, boss)
			values := map[string]any{"order": 7, "autoCloseMinutes": 8, "targetMinutes": 9, "capacity": 5, "name": "Ana", "lang": "en", "reopenMinutes": 6}
			for _, a := range s.rush(func(i int) *answer {
				field := c.fields[i%len(c.fields)]
				return boss.copy().do("PUT", path, map[string]any{field: values[field]})
			}) {
				a.want(200)
			}
			var now map[string]any
			boss.get(path).want(200).into(&now)
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
			s := newSite(t)
			boss := s.signIn(s.user("boss", rights.Admin))
			var made people.NewUser
			boss.post("/api/users", `{"username":"ana","email":"ana@example.com"}`).want(201).into(&made)
			boss.do("PUT", "/api/users/"+made.ID, c.change).want(200)
			if c.change["active"] != nil {
				if code := boss.post("/api/users/"+made.ID+"/setup", nil).want(409).refusal().Code; code != api.CodeSwitchedOff {
					t.Errorf("a link for who is switched off: got %s, want %s", code, api.CodeSwitchedOff)
				}
				boss.do("PUT", "/api/users/"+made.ID, `{"active":true}`).want(200)
			}
			want := 200
			if c.dies {
				want = 400
			}
			use := map[string]string{"token": strings.TrimPrefix(made.Setup, people.SetUpPath), "password": "a good password"}
			s.guest().post("/api/auth/setup", use).want(want)
		})
	}
}

// TestNewPasswordSignsOutByName: also when nobody watches the table of users.
func TestNewPasswordSignsOutByName(t *testing.T) {
	s := newSite(t)
	boss := s.signIn(s.user("boss", rights.Admin))
	ana := s.member("ana", rights.Operator)
	hers := s.signIn(rights.Viewer{ID: ana.Id})
	s.d.Store.App.OnRecordAfterUpdateSuccess("users").UnbindAll()
	boss.do("PUT", "/api/users/"+ana.Id, `{"password":"another password"}`).want(200)
	hers.get("/api/auth/me").want(401)
	if got := s.rows("sessions", "user = '"+ana.Id+"'"); got != 0 {
		t.Errorf("got %d sessions, want none", got)
	}
}

// TestWhoIsThereIsNotSwept: a session that was used since its row was written is not swept with those that ran out.
func TestWhoIsThereIsNotSwept(t *testing.T) {
	s := newSite(t)
	b := s.signIn(s.user("ana", rights.Operator))
	s.pass(auth.DefaultMaxAge - time.Second)
	b.get("/api/auth/me").want(200)
	s.pass(2 * time.Second)
	if err := s.d.Guard.Sessions.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.get("/api/auth/me").want(200)
}
