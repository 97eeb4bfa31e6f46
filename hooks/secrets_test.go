package hooks

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mostrador/hooks/api"
	"mostrador/hooks/fetch"
	"mostrador/hooks/lines"
	"mostrador/hooks/rights"
	"mostrador/hooks/secrets"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

const hunter = "hunter2-äß"

// secret saves one, as an admin.
func (w *world) secret(name, value string, hosts ...string) {
	w.t.Helper()
	if _, err := w.d.Secrets.Save(w.t.Context(), rights.Viewer{ID: "boss", Role: rights.Admin}, name, value, hosts); err != nil {
		w.t.Fatal(err)
	}
}

func TestSecretIsNeverShownAgain(t *testing.T) {
	s := newSite(t)
	boss := s.user("boss", rights.Admin)
	b := s.signIn(boss)
	flow := s.flow(lookUp(`"url":"https://a.example/","headers":[{"name":"X","secret":"CRM.key-1"}]`), `[]`)
	s.flow(`{"broken`, `[]`)
	var shown secrets.SecretView
	b.do("PUT", "/api/secrets/CRM.key-1", map[string]any{"value": " " + hunter + "\n", "hosts": []string{"A.example", "b.example:8443"}}).want(200).into(&shown)
	if shown.Name != "CRM.key-1" || strings.Join(shown.Hosts, " ") != "a.example b.example:8443" || !shown.Readable || shown.Created == "" {
		t.Errorf("got %+v", shown)
	}
	list := b.get("/api/secrets").want(200)
	var all api.Page[secrets.SecretView]
	list.into(&all)
	if len(all.Items) != 1 || len(all.Items[0].UsedBy) != 1 || all.Items[0].UsedBy[0] != (secrets.FlowName{ID: flow, Name: "Menu"}) {
		t.Errorf("got %s, want one that the flow uses", list.body)
	}
	for _, table := range []string{"secrets", "events"} {
		var rows []dbx.NullStringMap
		if err := s.d.Store.App.DB().NewQuery("SELECT * FROM " + table).All(&rows); err != nil {
			t.Fatal(err)
		}
		if text := fmt.Sprint(rows, string(list.body)); strings.Contains(text, hunter) || strings.Contains(text, "hunter2") {
			t.Errorf("%s: got %s", table, text)
		}
	}
	b.do("DELETE", "/api/secrets/CRM.key-1", nil).want(204)
	b.do("DELETE", "/api/secrets/CRM.key-1", nil).want(404)
	b.get("/api/secrets").want(200).into(&all)
	var kinds []string
	if err := s.d.Store.App.DB().NewQuery("SELECT kind || ' ' || actor || ' ' || data FROM events ORDER BY pos").Column(&kinds); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`secret_saved %[1]s {"hosts":["a.example","b.example:8443"],"name":"CRM.key-1"};secret_deleted %[1]s {"name":"CRM.key-1"}`, boss.ID)
	if got := strings.Join(kinds, ";"); len(all.Items) != 0 || got != want {
		t.Errorf("got %d secrets and the events %s, want none and %s", len(all.Items), got, want)
	}
}

// loseKey is a restored database without its key.
func (w *world) loseKey() {
	w.t.Helper()
	if err := os.Remove(filepath.Join(w.d.Store.App.DataDir(), secrets.KeyName)); err != nil {
		w.t.Fatal(err)
	}
}

func TestSecretsThatAreRefused(t *testing.T) {
	w := newWorld(t)
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
		_, err := w.d.Secrets.Save(t.Context(), boss, tt.name, tt.value, tt.hosts)
		want := api.CodeBadValue
		if tt.field == "" {
			want = ""
		}
		if r, _ := err.(*api.Refusal); codeOf(err) != want || r != nil && r.Args["field"] != tt.field {
			t.Errorf("%q %.10q %q: got %v, want %s to be refused", tt.name, tt.value, tt.hosts, err, tt.field)
		}
	}
	sup := rights.Viewer{ID: "sup", Role: rights.Supervisor}
	if _, err := w.d.Secrets.Save(t.Context(), sup, "a", "x", nil); codeOf(err) != api.CodeForbidden {
		t.Errorf("a supervisor saves: got %v", err)
	}
	if _, err := w.d.Secrets.List(t.Context(), sup); codeOf(err) != api.CodeForbidden {
		t.Errorf("a supervisor looks: got %v", err)
	}
	if err := w.d.Secrets.Delete(t.Context(), sup, "a"); codeOf(err) != api.CodeForbidden {
		t.Errorf("a supervisor deletes: got %v", err)
	}
	for i := range secrets.MaxSecrets {
		w.insert("secrets", dbx.Params{"name": fmt.Sprint("n", i), "sealed": "x"})
	}
	if _, err := w.d.Secrets.Save(t.Context(), boss, "more", "x", nil); codeOf(err) != api.CodeTooMany {
		t.Errorf("one too many: got %v", err)
	}
	if _, err := w.d.Secrets.Save(t.Context(), boss, "a", "y", nil); err != nil {
		t.Errorf("another value for one that is there: got %v", err)
	}
}

// TestSecretGoesAlong only where it may.
func TestSecretGoesAlong(t *testing.T) {
	for name, tt := range map[string]struct {
		save   func(w *world, host string)
		reason string
	}{
		"to any host":        {func(w *world, _ string) { w.secret("key", hunter) }, ""},
		"to its host":        {func(w *world, host string) { w.secret("key", hunter, "a.example", host) }, ""},
		"its host, any port": {func(w *world, host string) { w.secret("key", hunter, strings.Split(host, ":")[0]) }, ""},
		"not to others":      {func(w *world, _ string) { w.secret("key", hunter, "a.example") }, secrets.OtherHost},
		"hosts stay with a new value": {func(w *world, _ string) {
			w.secret("key", "old", "a.example")
			if _, err := w.d.Secrets.Save(w.t.Context(), rights.Viewer{ID: "boss", Role: rights.Admin}, "key", hunter, nil); err != nil {
				w.t.Fatal(err)
			}
		}, secrets.OtherHost},
		"hosts taken away": {func(w *world, _ string) {
			w.secret("key", "old", "a.example")
			if _, err := w.d.Secrets.Save(w.t.Context(), rights.Viewer{ID: "boss", Role: rights.Admin}, "key", hunter, []string{}); err != nil {
				w.t.Fatal(err)
			}
		}, ""},
		"deleted": {func(w *world, _ string) {
			w.secret("key", hunter)
			if err := w.d.Secrets.Delete(w.t.Context(), rights.Viewer{Role: rights.Admin}, "key"); err != nil {
				w.t.Fatal(err)
			}
		}, secrets.NoSecret},
		"another key": {func(w *world, _ string) { w.secret("key", hunter); w.loseKey() }, secrets.NoSecret},
		"another's value": {func(w *world, _ string) {
			w.secret("key", "mine")
			w.secret("other", hunter)
			w.exec("UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE name = 'other') WHERE name = 'key'")
		}, secrets.NoSecret},
	} {
		t.Run(name, func(t *testing.T) {
			var got string
			w := newWorld(t)
			o := w.outside(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get("Authorization") })
			tt.save(w, fetch.Host(o.URL))
			w.begin(`"url":"` + o.URL + `/","headers":[{"name":"Authorization","value":"Bearer ","secret":"key"}]`)
			w.ask()
			w.round()
			want := "Bearer " + hunter
			if tt.reason != "" {
				want = ""
			}
			if row := w.call(); row.Reason != tt.reason || got != want {
				t.Errorf("got reason %q and the header %q, want %q and %q", row.Reason, got, tt.reason, want)
			}
			if row := w.call(); strings.Contains(string(row.Request)+string(row.Result), "hunter") {
				t.Error("the row has the value")
			}
		})
	}
}

func TestSecretWithoutItsKeyIsPointedOut(t *testing.T) {
	w := newWorld(t)
	w.secret("old", hunter)
	w.loseKey()
	w.secret("new", hunter)
	all, err := w.d.Secrets.List(t.Context(), rights.Viewer{Role: rights.Admin})
	if err != nil || len(all) != 2 || !all[0].Readable || all[1].Readable {
		t.Errorf("got %+v (%v), want the old one to be unreadable", all, err)
	}
}

func TestSecretDoesNotGoInTheClear(t *testing.T) {
	w := newWorld(t)
	w.secret("key", hunter)
	w.begin(`"url":"HTTP://a.example/","headers":[{"name":"X","secret":"key"}]`)
	w.ask()
	if got := w.call().Reason; got != secrets.OnlyTLS {
		t.Errorf("got %q, want %s", got, secrets.OnlyTLS)
	}
	w.gets(whatsapp.Message{ID: "B", Text: "gracias"})
	w.round()
	if got := w.said(); got != givenUp {
		t.Errorf("said %q", got)
	}
}

// TestBackupHasNoKeys: neither that of the secrets nor those of the link to WhatsApp.
func TestBackupHasNoKeys(t *testing.T) {
	s := newShop(t)
	e := &core.BackupEvent{App: s.d.Store.App}
	if err := s.d.Store.App.OnBackupCreate().Trigger(e, func(*core.BackupEvent) error { return nil }); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{secrets.KeyName, lines.StoreName} {
		if !slices.Contains(e.Exclude, name) {
			t.Errorf("left out: got %v, want %s too", e.Exclude, name)
		}
	}
}
