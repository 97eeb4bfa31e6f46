package hooks

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"mostrador/hooks/api"
	"mostrador/hooks/auth"
	"mostrador/hooks/people"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
)

func TestUsersAreManaged(t *testing.T) {
	s := newSite(t)
	boss := s.user("boss", rights.Admin)
	b := s.signIn(boss)
	sales, help := s.area("sales"), s.area("help")

	var made people.NewUser
	b.post("/api/users", map[string]any{"name": "Ana", "username": "Ana", "email": "Ana@Example.com", "role": "OPERATOR", "areas": []string{sales}}).want(201).into(&made)
	if made.Username != "ana" || made.Email != "ana@example.com" || !slices.Equal(made.Areas, []string{sales}) || !made.Active {
		t.Errorf("got %+v, want ana in sales", made)
	}
	token, ok := strings.CutPrefix(made.Setup, people.SetUpPath)
	if !ok {
		t.Fatalf("got no set-up link: %q", made.Setup)
	}
	hers := s.guest()
	hers.post("/api/auth/setup", map[string]string{"token": token, "password": goodPassword}).want(200)
	hers.get("/api/auth/me").want(200)

	var got people.UserView
	b.do("PUT", "/api/users/"+made.ID, map[string]any{"areas": []string{help}, "capacity": 3, "lang": "pt-BR"}).want(200).into(&got)
	if !slices.Equal(got.Areas, []string{help}) || got.Capacity != 3 || got.Name != "Ana" {
		t.Errorf("got %+v, want her in help and the rest as it was", got)
	}
	b.do("PUT", "/api/users/"+made.ID, map[string]any{"password": "another password"}).want(200)
	hers.get("/api/auth/me").want(401)

	var link struct{ Setup string }
	b.post("/api/users/"+made.ID+"/setup", nil).want(201).into(&link)
	s.guest().post("/api/auth/setup", map[string]string{"token": strings.TrimPrefix(link.Setup, people.SetUpPath), "password": goodPassword}).want(200)
	b.do("PUT", "/api/users/"+made.ID, map[string]any{"active": false}).want(200)
	s.guest().post("/api/auth/login", map[string]string{"identity": "ana", "password": goodPassword}).want(401)
}

func TestUsersThatCannotBe(t *testing.T) {
	s := newSite(t)
	boss := s.user("boss", rights.Admin)
	ana := s.user("ana", rights.Operator)
	b := s.signIn(boss)
	good := func(change map[string]any) map[string]any {
		user := map[string]any{"name": "Bea", "username": "bea", "email": "bea@example.com"}
		for k, v := range change {
			user[k] = v
		}
		return user
	}
	for _, c := range []struct {
		name   string
		change map[string]any
		want   int
		code   string
	}{
		{"a user name twice", map[string]any{"username": "ANA"}, 409, api.CodeNameTaken},
		{"an e-mail twice", map[string]any{"email": "ana@example.com"}, 409, api.CodeNameTaken},
		{"no user name", map[string]any{"username": ""}, 400, api.CodeBadValue},
		{"a strange user name", map[string]any{"username": "b a"}, 400, api.CodeBadValue},
		{"no e-mail", map[string]any{"email": "nothing"}, 400, api.CodeBadValue},
		{"a role that is none", map[string]any{"role": "ROOT"}, 400, api.CodeBadValue},
		{"a language that is none", map[string]any{"lang": "xx"}, 400, api.CodeBadValue},
		{"an area that is none", map[string]any{"areas": []string{"nothing"}}, 400, api.CodeUnknownArea},
		{"a short password", map[string]any{"password": "short"}, 400, api.CodeWeakPassword},
		{"a number for a name", map[string]any{"name": 1}, 400, api.CodeBadValue},
	} {
		t.Run(c.name, func(t *testing.T) {
			if e := b.post("/api/users", good(c.change)).want(c.want).refusal(); e.Code != c.code {
				t.Errorf("got %s, want %s", e.Code, c.code)
			}
		})
	}
	for _, change := range []map[string]any{{"active": false}, {"role": "OPERATOR"}} {
		if e := b.do("PUT", "/api/users/"+boss.ID, change).want(409).refusal(); e.Code != api.CodeLastAdmin {
			t.Errorf("%v: got %s, want %s", change, e.Code, api.CodeLastAdmin)
		}
	}
	b.do("PUT", "/api/users/nobody", map[string]any{"name": "x"}).want(404)
	if got := s.count("users"); got != 2 {
		t.Errorf("got %d users, want the 2 that there were (%s)", got, ana.ID)
	}
}

func TestSupervisorsSeeTheirPeople(t *testing.T) {
	s := newSite(t)
	sales, help := s.area("sales"), s.area("help")
	s.user("boss", rights.Admin)
	sup := s.user("sup", rights.Supervisor, sales)
	ana, bea := s.user("ana", rights.Operator, sales, help), s.user("bea", rights.Operator, help)
	b := s.signIn(sup)
	var list api.Page[people.UserView]
	raw := b.get("/api/users").want(200).into(&list)
	var names []string
	for _, u := range list.Items {
		names = append(names, u.Username)
	}
	if !slices.Equal(names, []string{"sup", "ana"}) {
		t.Errorf("got %v, want sup and ana", names)
	}
	for _, secret := range []string{"password", "tokenKey", "setupHash"} {
		if strings.Contains(string(raw.body), secret) {
			t.Errorf("the list tells %s", secret)
		}
	}
	b.get("/api/users/" + ana.ID).want(200)
	b.get("/api/users/" + bea.ID).want(404)

	var all api.Page[people.Colleague]
	s.signIn(bea).get("/api/colleagues").want(200).into(&all)
	if len(all.Items) != 4 || len(all.Items[1].Areas) != 0 || !slices.Equal(all.Items[2].Areas, []string{help}) {
		t.Errorf("got %+v, want all four, with the areas that bea has too", all.Items)
	}
	next := s.signIn(s.user("second", rights.Admin))
	next.get("/api/users?limit=2").want(200).into(&list)
	if len(list.Items) != 2 || list.Next == "" {
		t.Fatalf("got %d users and next %q, want 2 and more", len(list.Items), list.Next)
	}
	next.get("/api/users?before=" + list.Next).want(200).into(&list)
	if len(list.Items) != 3 || list.Next != "" {
		t.Errorf("got %d users and next %q, want the other 3", len(list.Items), list.Next)
	}
}

func TestAvailability(t *testing.T) {
	s := newSite(t)
	b := s.signIn(s.user("ana", rights.Operator))
	b.do("PUT", "/api/users/me/availability", map[string]string{"availability": "away"}).want(200)
	var me auth.MeView
	b.get("/api/auth/me").into(&me)
	if me.Availability != "away" {
		t.Errorf("got %s, want away", me.Availability)
	}
	b.do("PUT", "/api/users/me/availability", map[string]string{"availability": "gone"}).want(400)
}

func TestAreasAreManaged(t *testing.T) {
	s := newSite(t)
	b := s.signIn(s.user("boss", rights.Admin))
	var a people.AreaView
	b.post("/api/areas", map[string]any{"name": "Atención al cliente", "color": 3, "zone": "America/Montevideo"}).want(201).into(&a)
	if a.Key != "atencion-al-cliente" || !a.Active || a.Color != 3 || a.Policy != "least_loaded" {
		t.Errorf("got %+v, want an active area with a key of its name", a)
	}
	b.do("PUT", "/api/areas/"+a.ID, map[string]any{"active": false, "description": "x"}).want(200).into(&a)
	if a.Active || a.Description != "x" || a.Name != "Atención al cliente" {
		t.Errorf("got %+v, want it switched off and the rest as it was", a)
	}
	for field, value := range map[string]any{"color": 11, "zone": "Mars/Olympus", "policy": "dice", "key": "another", "name": "", "targetMinutes": -1} {
		e := b.do("PUT", "/api/areas/"+a.ID, map[string]any{field: value}).want(400).refusal()
		if e.Data.(map[string]any)[field] == nil {
			t.Errorf("%s: got %+v, want the field named", field, e)
		}
	}
	if e := b.post("/api/areas", map[string]any{"name": "Other", "key": "atencion-al-cliente"}).want(409).refusal(); e.Code != api.CodeNameTaken {
		t.Errorf("got %s, want %s", e.Code, api.CodeNameTaken)
	}
	b.post("/api/areas", "{").want(400)
	b.do("PUT", "/api/areas/nothing", map[string]any{}).want(404)

	sales := s.area("sales")
	var list api.Page[people.AreaView]
	s.signIn(s.user("ana", rights.Operator, sales)).get("/api/areas").want(200).into(&list)
	if len(list.Items) != 1 || list.Items[0].ID != sales {
		t.Errorf("an operator got %+v, want only sales", list.Items)
	}
}

// Who may hand a conversation to any area knows what the areas are called, and nothing else about them.
// TestAreasThatCouldHaveOneKey: nobody is told to change a key that they did not give.
func TestAreasThatCouldHaveOneKey(t *testing.T) {
	s := newSite(t)
	b := s.signIn(s.user("boss", rights.Admin))
	var first, second, third people.AreaView
	b.do("POST", "/api/areas", `{"name":"Ventas"}`).want(201).into(&first)
	b.do("PUT", "/api/areas/"+first.ID, `{"active":false}`).want(200)
	b.do("POST", "/api/areas", `{"name":"Ventas"}`).want(201).into(&second)
	b.do("POST", "/api/areas", `{"name":"¡Ventas!"}`).want(201).into(&third)
	if first.Key != "ventas" || second.Key != "ventas-2" || third.Key != "ventas-3" {
		t.Errorf("got keys %q, %q and %q, want ventas with numbers", first.Key, second.Key, third.Key)
	}
	b.do("POST", "/api/areas", `{"name":"Otra","key":"ventas"}`).want(409)
}

func TestEverybodyKnowsTheNamesOfTheAreasInUse(t *testing.T) {
	s := newSite(t)
	boss := s.signIn(s.user("boss", rights.Admin))
	var own, other, off people.AreaView
	boss.post("/api/areas", map[string]any{"name": "Ventas", "order": 2, "color": 7}).want(201).into(&own)
	boss.post("/api/areas", map[string]any{"name": "Envíos", "order": 1, "awayText": "x"}).want(201).into(&other)
	boss.post("/api/areas", map[string]any{"name": "Cobranzas", "active": false}).want(201).into(&off)
	ana := s.user("ana", rights.Operator, own.ID)
	got := string(s.signIn(ana).get("/api/areas/names").want(200).body)
	want := fmt.Sprintf(`{"items":[{"id":"%s","name":"Envíos","color":1},{"id":"%s","name":"Ventas","color":7}],"next":""}`, other.ID, own.ID)
	if strings.TrimSpace(got) != want {
		t.Errorf("an operator got %s, want %s", got, want)
	}
	c := s.conversation(store.StatusOpen, own.ID, ana.ID)
	s.signIn(ana).post("/api/conversations/"+c+"/transfer", map[string]string{"area": other.ID}).want(200)
}

// TestRightsAndPasswordAtOnce: whoever comes back with a new password and another role reads everything anew.
func TestRightsAndPasswordAtOnce(t *testing.T) {
	s := newSite(t)
	sue := s.member("sue", rights.Supervisor)
	since := s.d.Hub.Now()
	role, password := rights.Operator, "another good password"
	if err := s.d.People.UpdateUser(t.Context(), sue.Id, people.Person{Role: &role, Password: &password}); err != nil {
		t.Fatal(err)
	}
	s.until(func() bool {
		_, err := s.d.Views.Changes(t.Context(), rights.Viewer{ID: sue.Id, Role: rights.Operator}, since)
		return codeOf(err) == api.CodeReload
	})
}

// TestWhatIsMadeTwiceIsOne: who did not hear the answer asks again with the same key.
func TestWhatIsMadeTwiceIsOne(t *testing.T) {
	s := newSite(t)
	b := s.signIn(s.user("boss", rights.Admin))
	b.headers["Idempotency-Key"] = "k1"
	var area, areaAgain people.AreaView
	b.post("/api/areas", `{"name":"Ventas"}`).want(201).into(&area)
	b.post("/api/areas", `{"name":"Ventas"}`).want(201).into(&areaAgain)
	if area != areaAgain {
		t.Errorf("got area %+v, then %+v", area, areaAgain)
	}
	var user, userAgain people.NewUser
	b.post("/api/users", `{"username":"ana","email":"ana@example.com"}`).want(201).into(&user)
	b.post("/api/users", `{"username":"ana","email":"ana@example.com"}`).want(201).into(&userAgain)
	if user.ID != userAgain.ID || user.Setup == "" || userAgain.Setup == "" {
		t.Errorf("got user %+v, then %+v, want the same with a link that works", user, userAgain)
	}
	token := strings.TrimPrefix(userAgain.Setup, people.SetUpPath)
	s.guest().post("/api/auth/setup", map[string]any{"token": token, "password": "a-good-one-1"}).want(200)
	var later people.NewUser
	if b.post("/api/users", `{"username":"ana","email":"ana@example.com"}`).want(201).into(&later); later.ID != user.ID || later.Setup != "" {
		t.Errorf("with a password: got %+v, want no other link", later)
	}
	b.headers["Idempotency-Key"] = "k2"
	b.post("/api/areas", `{"name":"Ventas"}`).want(409)
	b.post("/api/users", `{"username":"ana","email":"other@example.com"}`).want(409)
}
