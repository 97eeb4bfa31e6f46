package hooks_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"mostrador/hooks"
	"mostrador/hooks/api"
	"mostrador/hooks/desktest"
	"mostrador/hooks/media"
	"mostrador/hooks/rights"
	"mostrador/hooks/secrets"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
	"mostrador/whatsapp"
)

func TestOpenToOthers(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "backups"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{"data.db": 0o644, "data.db-wal": 0o600, "whatsapp.db-shm": 0o640, secrets.KeyName: 0o604,
		"backups/a.zip": 0o666, "backups/b.zip": 0o400, "notes.txt": 0o644} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"backups/a.zip", "data.db", secrets.KeyName, "whatsapp.db-shm"}
	if got := hooks.OpenToOthers(dir); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := hooks.OpenToOthers(filepath.Join(dir, "none")); len(got) != 0 {
		t.Errorf("got %v of no folder", got)
	}
}

// TestWarnings: an admin reads in their language what to do, once there is something, and until it is done.
func TestWarnings(t *testing.T) {
	s := desktest.NewSite(t)
	b := s.SignIn(s.User("boss", rights.Admin))
	read := func() []api.Warning {
		var list api.Page[api.Warning]
		b.Get("/api/warnings").Want(200).Into(&list)
		return slices.DeleteFunc(list.Items, func(w api.Warning) bool { return w.Code != hooks.WarnOpenFiles.Code })
	}
	for _, name := range hooks.OpenToOthers(s.Desk.Store.App.DataDir()) { // of the tests' copy
		if err := os.Chmod(filepath.Join(s.Desk.Store.App.DataDir(), name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := read(); len(got) != 0 {
		t.Errorf("got %+v, want nothing", got)
	}
	if err := os.Chmod(filepath.Join(s.Desk.Store.App.DataDir(), "data.db"), 0o644); err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string]string{"es": "Ejecuta chmod 600", "pt-BR": "Execute chmod 600", "en": "Run chmod 600"} {
		b.Headers["Accept-Language"] = lang
		got := read()
		if len(got) != 1 || !strings.Contains(got[0].Message, "data.db") || !strings.Contains(got[0].Message, want) {
			t.Errorf("%s: got %+v, want what to do about data.db", lang, got)
		}
	}
	if err := os.Chmod(filepath.Join(s.Desk.Store.App.DataDir(), "data.db"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := read(); len(got) != 0 {
		t.Errorf("got %+v after it was done, want nothing", got)
	}
}

// TestForeignPageOpensNoStream, nor says what one is to carry.
func TestForeignPageOpensNoStream(t *testing.T) {
	s := desktest.NewSite(t)
	if err := s.Desk.Guard.CrossOrigin.AddTrustedOrigin("https://tools.example"); err != nil {
		t.Fatal(err)
	}
	ana := s.User("ana", rights.Operator)
	for _, c := range []struct {
		name, header, value string
		foreign             bool
	}{
		{"another site", "Sec-Fetch-Site", "cross-site", true},
		{"a neighbour under the same domain", "Sec-Fetch-Site", "same-site", true},
		{"an older browser", "Origin", "https://evil.example", true},
		{"a page without an origin", "Origin", "null", true},
		{"the desk's own page", "Sec-Fetch-Site", "same-origin", false},
		{"an origin of CORS_ORIGIN", "Origin", "https://tools.example", false},
		{"no browser", "X-None", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := s.SignIn(ana)
			own := b.Connect()
			b.Headers[c.header] = c.value
			want := 204
			if c.foreign {
				want = 403
				b.Get("/api/realtime").Want(403)
			} else {
				b.Connect()
			}
			b.Post("/api/realtime", map[string]any{"clientId": own.ID, "subscriptions": []string{store.EventMessageNew}}).Want(want)
		})
	}
}

// TestEchoedSecretIsNotKept: some hosts answer with the headers that they got.
func TestEchoedSecretIsNotKept(t *testing.T) {
	w := desktest.NewWorld(t)
	o := w.Outside(func(answer http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(answer).Encode(map[string]any{"headers": r.Header, "ok": true})
	})
	w.Secret("key", desktest.Hunter)
	w.Begin(`"url":"` + o.URL + `/","headers":[{"name":"Authorization","value":"Bearer ","secret":"key"}]`)
	w.Ask()
	if got := string(w.Call().Result); strings.Contains(got, desktest.Hunter) || !strings.Contains(got, secrets.Masked) {
		t.Errorf("kept %s, want the secret masked", got)
	}
}

// TestFileNamesTurnNothingRound on their way in by an upload, and on their way out to a browser, a page or a phone.
func TestFileNamesTurnNothingRound(t *testing.T) {
	bad := "factura\u202egnp.exe"
	for r := rune(0); r < 0x3000; r++ {
		if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) {
			bad += string(r)
		}
	}
	h := http.Header{}
	media.FileHeaders(h, "application/pdf", bad, false)
	for name, got := range map[string]string{
		"upload": media.FileTitle(bad), "page": (&view.MediaRow{Name: bad}).View().Name,
		"browser": strings.TrimPrefix(h.Get("Content-Disposition"), "attachment; filename*=UTF-8''"), "phone": whatsapp.PlainName(bad),
	} {
		if got != "facturagnp.exe" {
			t.Errorf("%s: got %q, want facturagnp.exe", name, got)
		}
	}
	for name, want := range map[string]string{"informe ñandú 👩‍👧.pdf": "informe ñandú 👩‍👧.pdf", "3/4 pago.pdf": "3/4 pago.pdf", "../../etc/passwd": "../../etc/passwd", `C:\a\b.txt`: `C:\a\b.txt`, "..": "", "../": "", "\u202e": ""} {
		if got := media.FileTitle(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
		saved := http.Header{} // a name is no path where a browser writes it to a disk
		media.FileHeaders(saved, "application/pdf", name, false)
		if kept, err := url.PathUnescape(saved.Get("Content-Disposition")); err != nil || strings.ContainsAny(kept, `/\`) {
			t.Errorf("%q: a browser is told %q (%v)", name, kept, err)
		}
	}
}
