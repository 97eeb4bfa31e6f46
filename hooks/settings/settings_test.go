package settings_test

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"

	"mostrador/hooks/api"
	"mostrador/hooks/desktest"
	"mostrador/hooks/rights"
	"mostrador/hooks/settings"

	"github.com/pocketbase/dbx"
)

func TestSettingsRefuseWhatMakesNoSense(t *testing.T) {
	w := desktest.NewWorld(t)
	area := w.Area("sales")
	boss := w.User("boss", rights.Admin)
	tests := []struct{ name, key, value, want string }{
		{"minutes", "autoCloseMinutes", "45", ""},
		{"never", "autoCloseMinutes", "0", ""},
		{"negative", "autoCloseMinutes", "-1", api.ErrBadValue.Code},
		{"a word for a number", "autoCloseMinutes", `"ten"`, api.ErrBadValue.Code},
		{"half a minute", "reopenMinutes", "0.5", api.ErrBadValue.Code},
		{"two years", "targetMinutes", "1051200", api.ErrBadValue.Code},
		{"zone", "zone", `"America/Argentina/Buenos_Aires"`, ""},
		{"no such zone", "zone", `"Mars/Olympus"`, api.ErrBadValue.Code},
		{"language", "lang", `"pt-BR"`, ""},
		{"no such language", "lang", `"fr"`, api.ErrBadValue.Code},
		{"area", "defaultArea", `"` + area + `"`, ""},
		{"area by key", "defaultArea", `"sales"`, api.ErrUnknownArea.Code},
		{"no such area", "defaultArea", `"x"`, api.ErrUnknownArea.Code},
		{"a book", "autoCloseMessage", `"` + strings.Repeat("x", api.MaxText+1) + `"`, api.ErrBadValue.Code},
		{"model", "aiURL", `"https://api.example.com/v1"`, ""},
		{"model on this machine", "aiURL", `"http://127.0.0.1:11434/v1"`, ""},
		{"no model", "aiURL", `""`, ""},
		{"model without a scheme", "aiURL", `"api.example.com/v1"`, api.ErrBadValue.Code},
		{"model with a password", "aiURL", `"https://a:b@api.example.com/v1"`, api.ErrBadValue.Code},
		{"model with a question", "aiURL", `"https://api.example.com/v1?x=1"`, api.ErrBadValue.Code},
		{"name of a model", "aiModel", `"small-1"`, ""},
		{"a book for a name", "aiModel", `"` + strings.Repeat("x", 201) + `"`, api.ErrBadValue.Code},
		{"tokens", "aiMaxTokens", "500", ""},
		{"too many tokens", "aiMaxTokens", "1000001", api.ErrBadValue.Code},
		{"files of a day", "fileQuotaFiles", "0", ""},
		{"less than no files", "fileQuotaFiles", "-1", api.ErrBadValue.Code},
		{"megabytes of a day", "fileQuotaMB", "100", ""},
		{"more than any disk", "fileQuotaMB", "1073741825", api.ErrBadValue.Code},
		{"reserve", "diskReserveMB", "2000", ""},
		{"negative reserve", "diskReserveMB", "-5", api.ErrBadValue.Code},
		{"no such setting", "color", `"red"`, api.ErrBadValue.Code},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := w.Desk.Settings.Get()
			_, err := w.Desk.Settings.Save(t.Context(), boss, map[string]json.RawMessage{tt.key: json.RawMessage(tt.value)})
			if got := desktest.CodeOf(err); got != tt.want {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
			var r *api.Refusal
			if errors.As(err, &r) && r.Code == api.ErrBadValue.Code && r.Args["field"] != tt.key {
				t.Errorf("got field %v, want %s", r.Args["field"], tt.key)
			}
			if err != nil && w.Desk.Settings.Get() != before {
				t.Error("refused, and yet it holds")
			}
		})
	}
	if _, err := w.Desk.Settings.Save(t.Context(), rights.Viewer{ID: "sup", Role: rights.Supervisor}, nil); desktest.CodeOf(err) != api.ErrForbidden.Code {
		t.Errorf("a supervisor: got %v", err)
	}
}

func TestSettingsOutliveTheProcess(t *testing.T) {
	w := desktest.NewWorld(t)
	if err := w.Desk.Settings.Preset(t.Context(), map[string]any{"autoCloseMinutes": 7, "autoCloseMessage": ""}); err != nil {
		t.Fatal(err)
	}
	if s := w.Desk.Settings.Get(); s.AutoCloseMinutes != 7 || s.AutoCloseMessage != "" {
		t.Errorf("from the environment: got %+v", s)
	}
	w.Setting("autoCloseMinutes", "9")
	if err := w.Desk.Settings.Preset(t.Context(), map[string]any{"autoCloseMinutes": 7}); err != nil {
		t.Fatal(err)
	}
	if err := w.Desk.Settings.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.Desk.Settings.Get().AutoCloseMinutes; got != 9 {
		t.Errorf("got %d, want what the admin set", got)
	}
	if err := w.Desk.Settings.Preset(t.Context(), map[string]any{"autoCloseMinuts": 7}); err == nil {
		t.Error("a setting that does not exist was preset")
	}
}

func TestNullBringsTheDefaultBack(t *testing.T) {
	w := desktest.NewWorld(t)
	before := w.Desk.Settings.Get()
	w.Setting("autoCloseMessage", `"Adiós"`)
	w.Setting("autoCloseMinutes", "9")
	w.Setting("autoCloseMessage", "null")
	w.Setting("autoCloseMinutes", "null")
	if got := w.Desk.Settings.Get(); got != before {
		t.Errorf("got %+v, want %+v", got, before)
	}
}

func TestBrokenSettingIsIgnored(t *testing.T) {
	w := desktest.NewWorld(t)
	for key, value := range map[string]string{"autoCloseMinutes": `"x"`, "zone": `"Mars"`, "gone": "1", "lang": "{"} {
		w.Insert("settings", map[string]any{"key": key, "value": value})
	}
	w.Insert("settings", map[string]any{"key": "targetMinutes", "value": "3"})
	if err := w.Desk.Settings.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := settings.Defaults()
	want.TargetMinutes, want.AutoCloseMessage = 3, settings.Goodbyes["es"]
	if got := w.Desk.Settings.Get(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// The default area was switched off: everything else can be set all the same.
func TestSettingsDoNotHangOnTheDefaultArea(t *testing.T) {
	w := desktest.NewWorld(t)
	sales := w.Area("sales")
	w.Setting("defaultArea", `"`+sales+`"`)
	w.Exec("UPDATE areas SET active = FALSE")
	w.Setting("capacity", "3")
	if got := w.Desk.Settings.Get(); got.Capacity != 3 || got.DefaultArea != sales {
		t.Errorf("got capacity %d and default area %q, want 3 and %q", got.Capacity, got.DefaultArea, sales)
	}
	_, err := w.Desk.Settings.Save(t.Context(), rights.Viewer{Role: rights.Admin}, map[string]json.RawMessage{"defaultArea": json.RawMessage(`"` + sales + `"`)})
	if desktest.CodeOf(err) != api.ErrUnknownArea.Code {
		t.Errorf("the same area again: got %v, want %s", err, api.ErrUnknownArea.Code)
	}
}

// TestSettingsByTheirNameOnly: encoding/json takes "Lang" for lang, and the row of such a name would win for ever.
func TestSettingsByTheirNameOnly(t *testing.T) {
	w := desktest.NewWorld(t)
	w.Setting("lang", `"en"`)
	_, err := w.Desk.Settings.Save(t.Context(), rights.Viewer{ID: "boss", Role: rights.Admin}, map[string]json.RawMessage{"Lang": json.RawMessage(`"es"`)})
	if desktest.CodeOf(err) != api.ErrBadValue.Code {
		t.Errorf("got %v, want %s", err, api.ErrBadValue.Code)
	}
	w.Insert("settings", dbx.Params{"key": "Lang", "value": `"es"`})
	w.Setting("lang", `"pt-BR"`)
	if got := w.Desk.Settings.Get().Lang; got != "pt-BR" {
		t.Errorf("got %s, want what was set last", got)
	}
}

// TestSettingsSavedAtOnce: of several admins who save in one moment the last one counts, in memory as on disk. Red about once in
// five runs without the lock: the moment is short.
func TestSettingsSavedAtOnce(t *testing.T) {
	w := desktest.NewWorld(t)
	boss := rights.Viewer{ID: "boss", Role: rights.Admin}
	rounds := 1000
	if testing.Short() {
		rounds = 200
	}
	for i := range rounds {
		var both sync.WaitGroup
		for j := range 6 {
			both.Go(func() {
				_, err := w.Desk.Settings.Save(t.Context(), boss, map[string]json.RawMessage{"autoCloseMinutes": json.RawMessage(strconv.Itoa(i*6 + j))})
				if err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		got := w.Desk.Settings.Get().AutoCloseMinutes
		if err := w.Desk.Settings.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		if want := w.Desk.Settings.Get().AutoCloseMinutes; got != want {
			t.Fatalf("round %d: got %d, want %d, which is what is written down", i, got, want)
		}
	}
}
