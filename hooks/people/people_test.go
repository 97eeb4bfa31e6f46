package people_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"mostrador/hooks/api"
	"mostrador/hooks/auth"
	"mostrador/hooks/desktest"
	"mostrador/hooks/people"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
)

func TestUsersAreManaged(t *testing.T) {
	s := desktest.NewSite(t)
	boss := s.User("boss", rights.Admin)
	b := s.SignIn(boss)
	sales, help := s.Area("sales"), s.Area("help")

	var made people.NewUser
	b.Post("/api/users", map[string]any{"name": "Ana", "username": "Ana", "email": "Ana@Example.com", "role": "OPERATOR", "areas": []string{sales}}).Want(201).Into(&made)
	if made.Username != "ana" || made.Email != "ana@example.com" || !slices.Equal(made.Areas, []string{sales}) || !made.Active {
		t.Errorf("got %+v, want ana in sales", made)
	}
	token, ok := strings.CutPrefix(made.Setup, people.SetUpPath)
	if !ok {
		t.Fatalf("got no set-up link: %q", made.Setup)
	}
	hers := s.Guest()
	hers.Post("/api/auth/setup", map[string]string{"token": token, "password": desktest.GoodPassword}).Want(200)
	hers.Get("/api/auth/me").Want(200)

	var got people.UserView
	b.Do("PUT", "/api/users/"+made.ID, map[string]any{"areas": []string{help}, "capacity": 3, "lang": "pt-BR"}).Want(200).Into(&got)
	if !slices.Equal(got.Areas, []string{help}) || got.Capacity != 3 || got.Name != "Ana" {
		t.Errorf("got %+v, want her in help and the rest as it was", got)
	}
	b.Do("PUT", "/api/users/"+made.ID, map[string]any{"password": "another password"}).Want(200)
	hers.Get("/api/auth/me").Want(401)

	var link struct{ Setup string }
	b.Post("/api/users/"+made.ID+"/setup", nil).Want(201).Into(&link)
	s.Guest().Post("/api/auth/setup", map[string]string{"token": strings.TrimPrefix(link.Setup, people.SetUpPath), "password": desktest.GoodPassword}).Want(200)
	b.Do("PUT", "/api/users/"+made.ID, map[string]any{"active": false}).Want(200)
	s.Guest().Post("/api/auth/login", map[string]string{"identity": "ana", "password": desktest.GoodPassword}).Want(401)
}

func TestUsersThatCannotBe(t *testing.T) {
	s := desktest.NewSite(t)
	boss := s.User("boss", rights.Admin)
	ana := s.User("ana", rights.Operator)
	b := s.SignIn(boss)
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
		{"a user name twice", map[string]any{"username": "ANA"}, 409, api.ErrNameTaken.Code},
		{"an e-mail twice", map[string]any{"email": "ana@example.com"}, 409, api.ErrNameTaken.Code},
		{"no user name", map[string]any{"username": ""}, 400, api.ErrBadValue.Code},
		{"a strange user name", map[string]any{"username": "b a"}, 400, api.ErrBadValue.Code},
		{"no e-mail", map[string]any{"email": "nothing"}, 400, api.ErrBadValue.Code},
		{"a role that is none", map[string]any{"role": "ROOT"}, 400, api.ErrBadValue.Code},
		{"a language that is none", map[string]any{"lang": "xx"}, 400, api.ErrBadValue.Code},
		{"an area that is none", map[string]any{"areas": []string{"nothing"}}, 400, api.ErrUnknownArea.Code},
		{"a short password", map[string]any{"password": "short"}, 400, auth.ErrWeakPassword.Code},
		{"a number for a name", map[string]any{"name": 1}, 400, api.ErrBadValue.Code},
	} {
		t.Run(c.name, func(t *testing.T) {
			if e := b.Post("/api/users", good(c.change)).Want(c.want).Refusal(); e.Code != c.code {
				t.Errorf("got %s, want %s", e.Code, c.code)
			}
		})
	}
	for _, change := range []map[string]any{{"active": false}, {"role": "OPERATOR"}} {
		if e := b.Do("PUT", "/api/users/"+boss.ID, change).Want(409).Refusal(); e.Code != people.ErrLastAdmin.Code {
			t.Errorf("%v: got %s, want %s", change, e.Code, people.ErrLastAdmin.Code)
		}
	}
	b.Do("PUT", "/api/users/nobody", map[string]any{"name": "x"}).Want(404)
	if got := s.Count("users"); got != 2 {
		t.Errorf("got %d users, want the 2 that there were (%s)", got, ana.ID)
	}
}

func TestSupervisorsSeeTheirPeople(t *testing.T) {
	s := desktest.NewSite(t)
	sales, help := s.Area("sales"), s.Area("help")
	s.User("boss", rights.Admin)
	sup := s.User("sup", rights.Supervisor, sales)
	ana, bea := s.User("ana", rights.Operator, sales, help), s.User("bea", rights.Operator, help)
	b := s.SignIn(sup)
	var list api.Page[people.UserView]
	raw := b.Get("/api/users").Want(200).Into(&list)
	var names []string
	for _, u := range list.Items {
		names = append(names, u.Username)
	}
	if !slices.Equal(names, []string{"sup", "ana"}) {
		t.Errorf("got %v, want sup and ana", names)
	}
	for _, secret := range []string{"password", "tokenKey", "setupHash"} {
		if strings.Contains(string(raw.Body), secret) {
			t.Errorf("the list tells %s", secret)
		}
	}
	b.Get("/api/users/" + ana.ID).Want(200)
	b.Get("/api/users/" + bea.ID).Want(404)

	var all api.Page[people.Colleague]
	s.SignIn(bea).Get("/api/colleagues").Want(200).Into(&all)
	if len(all.Items) != 4 || len(all.Items[1].Areas) != 0 || !slices.Equal(all.Items[2].Areas, []string{help}) {
		t.Errorf("got %+v, want all four, with the areas that bea has too", all.Items)
	}
	next := s.SignIn(s.User("second", rights.Admin))
	next.Get("/api/users?limit=2").Want(200).Into(&list)
	if len(list.Items) != 2 || list.Next == "" {
		t.Fatalf("got %d users and next %q, want 2 and more", len(list.Items), list.Next)
	}
	next.Get("/api/users?before=" + list.Next).Want(200).Into(&list)
	if len(list.Items) != 3 || list.Next != "" {
		t.Errorf("got %d users and next %q, want the other 3", len(list.Items), list.Next)
	}
}

func TestAvailability(t *testing.T) {
	s := desktest.NewSite(t)
	b := s.SignIn(s.User("ana", rights.Operator))
	b.Do("PUT", "/api/users/me/availability", map[string]string{"availability": "away"}).Want(200)
	var me auth.MeView
	b.Get("/api/auth/me").Into(&me)
	if me.Availability != "away" {
		t.Errorf("got %s, want away", me.Availability)
	}
	b.Do("PUT", "/api/users/me/availability", map[string]string{"availability": "gone"}).Want(400)
}

func TestAreasAreManaged(t *testing.T) {
	s := desktest.NewSite(t)
	b := s.SignIn(s.User("boss", rights.Admin))
	var a people.AreaView
	b.Post("/api/areas", map[string]any{"name": "Atención al cliente", "color": 3, "zone": "America/Montevideo"}).Want(201).Into(&a)
	if a.Key != "atencion-al-cliente" || !a.Active || a.Color != 3 || a.Policy != "least_loaded" {
		t.Errorf("got %+v, want an active area with a key of its name", a)
	}
	b.Do("PUT", "/api/areas/"+a.ID, map[string]any{"active": false, "description": "x"}).Want(200).Into(&a)
	if a.Active || a.Description != "x" || a.Name != "Atención al cliente" {
		t.Errorf("got %+v, want it switched off and the rest as it was", a)
	}
	for field, value := range map[string]any{"color": 11, "zone": "Mars/Olympus", "policy": "dice", "key": "another", "name": "", "targetMinutes": -1} {
		e := b.Do("PUT", "/api/areas/"+a.ID, map[string]any{field: value}).Want(400).Refusal()
		if e.Data.(map[string]any)[field] == nil {
			t.Errorf("%s: got %+v, want the field named", field, e)
		}
	}
	if e := b.Post("/api/areas", map[string]any{"name": "Other", "key": "atencion-al-cliente"}).Want(409).Refusal(); e.Code != api.ErrNameTaken.Code {
		t.Errorf("got %s, want %s", e.Code, api.ErrNameTaken.Code)
	}
	b.Post("/api/areas", "{").Want(400)
	b.Do("PUT", "/api/areas/nothing", map[string]any{}).Want(404)

	sales := s.Area("sales")
	var list api.Page[people.AreaView]
	s.SignIn(s.User("ana", rights.Operator, sales)).Get("/api/areas").Want(200).Into(&list)
	if len(list.Items) != 1 || list.Items[0].ID != sales {
		t.Errorf("an operator got %+v, want only sales", list.Items)
	}
}

// Who may hand a conversation to any area knows what the areas are called, and nothing else about them.
// TestAreasThatCouldHaveOneKey: nobody is told to change a key that they did not give.
func TestAreasThatCouldHaveOneKey(t *testing.T) {
	s := desktest.NewSite(t)
	b := s.SignIn(s.User("boss", rights.Admin))
	var first, second, third people.AreaView
	b.Do("POST", "/api/areas", `{"name":"Ventas"}`).Want(201).Into(&first)
	b.Do("PUT", "/api/areas/"+first.ID, `{"active":false}`).Want(200)
	b.Do("POST", "/api/areas", `{"name":"Ventas"}`).Want(201).Into(&second)
	b.Do("POST", "/api/areas", `{"name":"¡Ventas!"}`).Want(201).Into(&third)
	if first.Key != "ventas" || second.Key != "ventas-2" || third.Key != "ventas-3" {
		t.Errorf("got keys %q, %q and %q, want ventas with numbers", first.Key, second.Key, third.Key)
	}
	b.Do("POST", "/api/areas", `{"name":"Otra","key":"ventas"}`).Want(409)
}

func TestEverybodyKnowsTheNamesOfTheAreasInUse(t *testing.T) {
	s := desktest.NewSite(t)
	boss := s.SignIn(s.User("boss", rights.Admin))
	var own, other, off people.AreaView
	boss.Post("/api/areas", map[string]any{"name": "Ventas", "order": 2, "color": 7}).Want(201).Into(&own)
	boss.Post("/api/areas", map[string]any{"name": "Envíos", "order": 1, "awayText": "x"}).Want(201).Into(&other)
	boss.Post("/api/areas", map[string]any{"name": "Cobranzas", "active": false}).Want(201).Into(&off)
	ana := s.User("ana", rights.Operator, own.ID)
	got := string(s.SignIn(ana).Get("/api/areas/names").Want(200).Body)
	want := fmt.Sprintf(`{"items":[{"id":"%s","name":"Envíos","color":1},{"id":"%s","name":"Ventas","color":7}],"next":""}`, other.ID, own.ID)
	if strings.TrimSpace(got) != want {
		t.Errorf("an operator got %s, want %s", got, want)
	}
	c := s.Conversation(store.StatusOpen, own.ID, ana.ID)
	s.SignIn(ana).Post("/api/conversations/"+c+"/transfer", map[string]string{"area": other.ID}).Want(200)
}

// TestRightsAndPasswordAtOnce: whoever comes back with a new password and another role reads everything anew.
func TestRightsAndPasswordAtOnce(t *testing.T) {
	s := desktest.NewSite(t)
	sue := s.Member("sue", rights.Supervisor)
	since := s.Desk.Hub.Now()
	role, password := rights.Operator, "another good password"
	if err := s.Desk.People.UpdateUser(t.Context(), sue.Id, people.Person{Role: &role, Password: &password}); err != nil {
		t.Fatal(err)
	}
	s.Until(func() bool {
		_, err := s.Desk.Views.Changes(t.Context(), rights.Viewer{ID: sue.Id, Role: rights.Operator}, since)
		return desktest.CodeOf(err) == view.ErrReload.Code
	})
}

// TestWhatIsMadeTwiceIsOne: who did not hear the answer asks again with the same key.
func TestWhatIsMadeTwiceIsOne(t *testing.T) {
	s := desktest.NewSite(t)
	b := s.SignIn(s.User("boss", rights.Admin))
	b.Headers["Idempotency-Key"] = "k1"
	var area, areaAgain people.AreaView
	b.Post("/api/areas", `{"name":"Ventas"}`).Want(201).Into(&area)
	b.Post("/api/areas", `{"name":"Ventas"}`).Want(201).Into(&areaAgain)
	if area != areaAgain {
		t.Errorf("got area %+v, then %+v", area, areaAgain)
	}
	var user, userAgain people.NewUser
	b.Post("/api/users", `{"username":"ana","email":"ana@example.com"}`).Want(201).Into(&user)
	b.Post("/api/users", `{"username":"ana","email":"ana@example.com"}`).Want(201).Into(&userAgain)
	if user.ID != userAgain.ID || user.Setup == "" || userAgain.Setup == "" {
		t.Errorf("got user %+v, then %+v, want the same with a link that works", user, userAgain)
	}
	token := strings.TrimPrefix(userAgain.Setup, people.SetUpPath)
	s.Guest().Post("/api/auth/setup", map[string]any{"token": token, "password": "a-good-one-1"}).Want(200)
	var later people.NewUser
	if b.Post("/api/users", `{"username":"ana","email":"ana@example.com"}`).Want(201).Into(&later); later.ID != user.ID || later.Setup != "" {
		t.Errorf("with a password: got %+v, want no other link", later)
	}
	b.Headers["Idempotency-Key"] = "k2"
	b.Post("/api/areas", `{"name":"Ventas"}`).Want(409)
	b.Post("/api/users", `{"username":"ana","email":"other@example.com"}`).Want(409)
}
