package secrets_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"mostrador/hooks/api"
	"mostrador/hooks/desktest"
	"mostrador/hooks/fetch"
	"mostrador/hooks/lines"
	"mostrador/hooks/rights"
	"mostrador/hooks/secrets"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

func TestSecretIsNeverShownAgain(t *testing.T) {
	s := desktest.NewSite(t)
	boss := s.User("boss", rights.Admin)
	b := s.SignIn(boss)
	flow := s.Flow(desktest.LookUp(`"url":"https://a.example/","headers":[{"name":"X","secret":"CRM.key-1"}]`), `[]`)
	s.Flow(`{"broken`, `[]`)
	var shown secrets.SecretView
	b.Do("PUT", "/api/secrets/CRM.key-1", map[string]any{"value": " " + desktest.Hunter + "\n", "hosts": []string{"A.example", "b.example:8443"}}).Want(200).Into(&shown)
	if shown.Name != "CRM.key-1" || strings.Join(shown.Hosts, " ") != "a.example b.example:8443" || !shown.Readable || shown.Created == "" {
		t.Errorf("got %+v", shown)
	}
	list := b.Get("/api/secrets").Want(200)
	var all api.Page[secrets.SecretView]
	list.Into(&all)
	if len(all.Items) != 1 || len(all.Items[0].UsedBy) != 1 || all.Items[0].UsedBy[0] != (secrets.FlowName{ID: flow, Name: "Menu"}) {
		t.Errorf("got %s, want one that the flow uses", list.Body)
	}
	for _, table := range []string{"secrets", "events"} {
		var rows []dbx.NullStringMap
		if err := s.Desk.Store.App.DB().NewQuery("SELECT * FROM " + table).All(&rows); err != nil {
			t.Fatal(err)
		}
		if text := fmt.Sprint(rows, string(list.Body)); strings.Contains(text, desktest.Hunter) || strings.Contains(text, "hunter2") {
			t.Errorf("%s: got %s", table, text)
		}
	}
	b.Do("DELETE", "/api/secrets/CRM.key-1", nil).Want(204)
	b.Do("DELETE", "/api/secrets/CRM.key-1", nil).Want(404)
	b.Get("/api/secrets").Want(200).Into(&all)
	var kinds []string
	if err := s.Desk.Store.App.DB().NewQuery("SELECT kind || ' ' || actor || ' ' || data FROM events ORDER BY pos").Column(&kinds); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`secret_saved %[1]s {"hosts":["a.example","b.example:8443"],"name":"CRM.key-1"};secret_deleted %[1]s {"name":"CRM.key-1"}`, boss.ID)
	if got := strings.Join(kinds, ";"); len(all.Items) != 0 || got != want {
		t.Errorf("got %d secrets and the events %s, want none and %s", len(all.Items), got, want)
	}
}

func TestSecretsThatAreRefused(t *testing.T) {
	w := desktest.NewWorld(t)
	boss := rights.Viewer{ID: "boss", Role: rights.Admin}
	for _, tt := range []struct {
		name, value string
		hosts       []string
		field       string
	}{
		{"", "x", nil, "name"}, {"a b", "x", nil, "name"}, {"-a", "x", nil, "name"}, {"ñ", "x", nil, "name"}, {strings.Repeat("a", 61), "x", nil, "name"},
		{"a", "", nil, "value"}, {"a", " \n", nil, "value"}, {"a", "x\r\nHost: b", nil, "value"}, {"a", strings.Repeat("x", secrets.MaxSecret+1), nil, "value"},
		{"a", "x", []string{"https://a.example/"}, "hosts"}, {"a", "x", []string{"*"}, "hosts"}, {"a", "x", make([]string, 0), ""},
	} {
		_, err := w.Desk.Secrets.Save(t.Context(), boss, tt.name, tt.value, tt.hosts)
		want := api.ErrBadValue.Code
		if tt.field == "" {
			want = ""
		}
		if r, _ := err.(*api.Refusal); desktest.CodeOf(err) != want || r != nil && r.Args["field"] != tt.field {
			t.Errorf("%q %.10q %q: got %v, want %s to be refused", tt.name, tt.value, tt.hosts, err, tt.field)
		}
	}
	sup := rights.Viewer{ID: "sup", Role: rights.Supervisor}
	if _, err := w.Desk.Secrets.Save(t.Context(), sup, "a", "x", nil); desktest.CodeOf(err) != api.ErrForbidden.Code {
		t.Errorf("a supervisor saves: got %v", err)
	}
	if _, err := w.Desk.Secrets.List(t.Context(), sup); desktest.CodeOf(err) != api.ErrForbidden.Code {
		t.Errorf("a supervisor looks: got %v", err)
	}
	if err := w.Desk.Secrets.Delete(t.Context(), sup, "a"); desktest.CodeOf(err) != api.ErrForbidden.Code {
		t.Errorf("a supervisor deletes: got %v", err)
	}
	for i := range secrets.MaxSecrets {
		w.Insert("secrets", dbx.Params{"name": fmt.Sprint("n", i), "sealed": "x"})
	}
	if _, err := w.Desk.Secrets.Save(t.Context(), boss, "more", "x", nil); desktest.CodeOf(err) != api.ErrTooMany.Code {
		t.Errorf("one too many: got %v", err)
	}
	if _, err := w.Desk.Secrets.Save(t.Context(), boss, "a", "y", nil); err != nil {
		t.Errorf("another value for one that is there: got %v", err)
	}
}

// TestSecretGoesAlong only where it may.
func TestSecretGoesAlong(t *testing.T) {
	for name, tt := range map[string]struct {
		save   func(w *desktest.World, host string)
		reason string
	}{
		"to any host":        {func(w *desktest.World, _ string) { w.Secret("key", desktest.Hunter) }, ""},
		"to its host":        {func(w *desktest.World, host string) { w.Secret("key", desktest.Hunter, "a.example", host) }, ""},
		"its host, any port": {func(w *desktest.World, host string) { w.Secret("key", desktest.Hunter, strings.Split(host, ":")[0]) }, ""},
		"not to others":      {func(w *desktest.World, _ string) { w.Secret("key", desktest.Hunter, "a.example") }, secrets.OtherHost},
		"hosts stay with a new value": {func(w *desktest.World, _ string) {
			w.Secret("key", "old", "a.example")
			if _, err := w.Desk.Secrets.Save(w.T.Context(), rights.Viewer{ID: "boss", Role: rights.Admin}, "key", desktest.Hunter, nil); err != nil {
				w.T.Fatal(err)
			}
		}, secrets.OtherHost},
		"hosts taken away": {func(w *desktest.World, _ string) {
			w.Secret("key", "old", "a.example")
			if _, err := w.Desk.Secrets.Save(w.T.Context(), rights.Viewer{ID: "boss", Role: rights.Admin}, "key", desktest.Hunter, []string{}); err != nil {
				w.T.Fatal(err)
			}
		}, ""},
		"deleted": {func(w *desktest.World, _ string) {
			w.Secret("key", desktest.Hunter)
			if err := w.Desk.Secrets.Delete(w.T.Context(), rights.Viewer{Role: rights.Admin}, "key"); err != nil {
				w.T.Fatal(err)
			}
		}, secrets.NoSecret},
		"another key": {func(w *desktest.World, _ string) { w.Secret("key", desktest.Hunter); w.LoseKey() }, secrets.NoSecret},
		"another's value": {func(w *desktest.World, _ string) {
			w.Secret("key", "mine")
			w.Secret("other", desktest.Hunter)
			w.Exec("UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE name = 'other') WHERE name = 'key'")
		}, secrets.NoSecret},
	} {
		t.Run(name, func(t *testing.T) {
			var got string
			w := desktest.NewWorld(t)
			o := w.Outside(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get("Authorization") })
			tt.save(w, fetch.Host(o.URL))
			w.Begin(`"url":"` + o.URL + `/","headers":[{"name":"Authorization","value":"Bearer ","secret":"key"}]`)
			w.Ask()
			w.Round()
			want := "Bearer " + desktest.Hunter
			if tt.reason != "" {
				want = ""
			}
			if row := w.Call(); row.Reason != tt.reason || got != want {
				t.Errorf("got reason %q and the header %q, want %q and %q", row.Reason, got, tt.reason, want)
			}
			if row := w.Call(); strings.Contains(string(row.Request)+string(row.Result), "hunter") {
				t.Error("the row has the value")
			}
		})
	}
}

func TestSecretWithoutItsKeyIsPointedOut(t *testing.T) {
	w := desktest.NewWorld(t)
	w.Secret("old", desktest.Hunter)
	w.LoseKey()
	w.Secret("new", desktest.Hunter)
	all, err := w.Desk.Secrets.List(t.Context(), rights.Viewer{Role: rights.Admin})
	if err != nil || len(all) != 2 || !all[0].Readable || all[1].Readable {
		t.Errorf("got %+v (%v), want the old one to be unreadable", all, err)
	}
}

func TestSecretDoesNotGoInTheClear(t *testing.T) {
	w := desktest.NewWorld(t)
	w.Secret("key", desktest.Hunter)
	w.Begin(`"url":"HTTP://a.example/","headers":[{"name":"X","secret":"key"}]`)
	w.Ask()
	if got := w.Call().Reason; got != secrets.OnlyTLS {
		t.Errorf("got %q, want %s", got, secrets.OnlyTLS)
	}
	w.Gets(whatsapp.Message{ID: "B", Text: "gracias"})
	w.Round()
	if got := w.Said(); got != desktest.GivenUp {
		t.Errorf("said %q", got)
	}
}

// TestBackupHasNoKeys: neither that of the secrets nor those of the link to WhatsApp.
func TestBackupHasNoKeys(t *testing.T) {
	s := desktest.NewShop(t)
	e := &core.BackupEvent{App: s.Desk.Store.App}
	if err := s.Desk.Store.App.OnBackupCreate().Trigger(e, func(*core.BackupEvent) error { return nil }); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{secrets.KeyName, lines.StoreName} {
		if !slices.Contains(e.Exclude, name) {
			t.Errorf("left out: got %v, want %s too", e.Exclude, name)
		}
	}
}
