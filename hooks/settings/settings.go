// Package settings: what an admin sets: settings, quick replies, tags.
package settings

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/fetch"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

// Keeper keeps the settings in memory, as the database has them.
type Keeper struct {
	Store *store.Store

	current atomic.Pointer[Settings]
	reload  sync.Mutex                                                  // of the settings: what was read first is stored first
	Saved   func(t *store.Tx, changed map[string]json.RawMessage) error // settings that were saved, in the same cause
}

const (
	ProbeKey = "probe" // of the row among the settings that is written to see whether it can be
)

// Sow inserts a row unless one stands in its way.
func Sow(t *store.Tx, table string, row dbx.Params) error {
	row["id"] = store.NewID(t.Now)
	columns, values := "", ""
	for name := range row {
		columns += ", `" + name + "`"
		values += ", {:" + name + "}"
	}
	_, err := t.DB().NewQuery("INSERT OR IGNORE INTO " + table + " (" + columns[2:] + ") VALUES (" + values[2:] + ")").Bind(row).Execute()
	if err != nil {
		return fmt.Errorf("%s: %w", table, err)
	}
	return nil
}

// Settings are what an admin may change while the desk runs. Each is a row of its own, by its JSON name; one without a
// row has its default.
type Settings struct {
	Lang             string `json:"lang"`             // what the desk speaks where nothing else says: es, pt-BR, en
	Zone             string `json:"zone"`             // IANA time zone of areas without one; empty: the machine's
	DefaultArea      string `json:"defaultArea"`      // id of the area for who belongs nowhere; empty: they wait for an admin
	AutoCloseMinutes int    `json:"autoCloseMinutes"` // silence of the customer after our last word; 0: never close
	AutoCloseMessage string `json:"autoCloseMessage"` // said when closing for silence; empty: nothing is said
	ReopenMinutes    int    `json:"reopenMinutes"`    // who writes again so soon after closing goes on where it ended; 0: always a new conversation
	TargetMinutes    int    `json:"targetMinutes"`    // a person's answer is due after so long, then supervisors hear of it; 0: no limit
	Capacity         int    `json:"capacity"`         // open conversations at a time that new users start with; 0: no limit
	FileQuotaMB      int    `json:"fileQuotaMB"`      // files of one customer that are fetched by themselves in a day (MiB); 0: no limit
	FileQuotaFiles   int    `json:"fileQuotaFiles"`   // and how many; 0: no limit
	DiskReserveMB    int    `json:"diskReserveMB"`    // of free disk that no file takes (MiB); 0: none
	AIURL            string `json:"aiURL"`            // of an endpoint for language models, up to where /chat/completions follows; empty: ai nodes fail
	AIModel          string `json:"aiModel"`          // what the endpoint calls the model
	AIMaxTokens      int    `json:"aiMaxTokens"`      // of an answer, also where a node allows more; 0: the node's word, else the endpoint's default
}

// Defaults hold until somebody changes them. The times of closing are the predecessor's.
func Defaults() Settings {
	return Settings{Lang: "es", AutoCloseMinutes: 30, ReopenMinutes: 24 * 60, TargetMinutes: 15, Capacity: 10,
		FileQuotaMB: 500, FileQuotaFiles: 300, DiskReserveMB: 1000}
}

// Goodbyes are said on closing for silence until somebody writes another text, or none.
var Goodbyes = map[string]string{
	"es":    "Cerramos esta conversación porque no tuvimos respuesta. Si necesitas algo más, escríbenos de nuevo.",
	"pt-BR": "Encerramos esta conversa porque não tivemos resposta. Se precisar de algo mais, escreva de novo.",
	"en":    "We closed this conversation because we did not hear from you. If you need anything else, write to us again.",
}

const (
	maxMinutes = 365 * 24 * 60
	maxTokens  = 1_000_000
	maxMB      = 1 << 30 // a petabyte, in MiB
	maxFiles   = 1_000_000
)

// check names the first field with a value that cannot be meant; empty: all good.
func (s Settings) check() string {
	_, zone := time.LoadLocation(s.Zone)
	switch {
	case s.Lang != "es" && s.Lang != "pt-BR" && s.Lang != "en":
		return "lang"
	case zone != nil:
		return "zone"
	case s.AutoCloseMinutes < 0 || s.AutoCloseMinutes > maxMinutes:
		return "autoCloseMinutes"
	case len([]rune(s.AutoCloseMessage)) > api.MaxText:
		return "autoCloseMessage"
	case s.ReopenMinutes < 0 || s.ReopenMinutes > maxMinutes:
		return "reopenMinutes"
	case s.TargetMinutes < 0 || s.TargetMinutes > maxMinutes:
		return "targetMinutes"
	case s.Capacity < 0:
		return "capacity"
	case s.FileQuotaMB < 0 || s.FileQuotaMB > maxMB:
		return "fileQuotaMB"
	case s.FileQuotaFiles < 0 || s.FileQuotaFiles > maxFiles:
		return "fileQuotaFiles"
	case s.DiskReserveMB < 0 || s.DiskReserveMB > maxMB:
		return "diskReserveMB"
	case s.AIURL != "" && (fetch.Host(s.AIURL) == "" || strings.ContainsAny(s.AIURL, "?#")):
		return "aiURL"
	case len(s.AIModel) > 200:
		return "aiModel"
	case s.AIMaxTokens < 0 || s.AIMaxTokens > maxTokens:
		return "aiMaxTokens"
	}
	return ""
}

// Location is the zone of areas that have none.
func (s Settings) Location() *time.Location {
	if s.Zone == "" {
		return time.Local
	}
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		return time.Local
	}
	return zone
}

// Get are the ones that hold now.
func (k *Keeper) Get() Settings { return *k.current.Load() }

// Reload reads them again; for whoever writes the rows by another way than SaveSettings.
func (k *Keeper) Reload(ctx context.Context) error {
	k.reload.Lock()
	defer k.reload.Unlock()
	var rows []struct {
		Key   string `db:"key"`
		Value string `db:"value"`
	}
	if err := k.Store.App.DB().NewQuery("SELECT `key`, value FROM settings WHERE `key` != {:probe}").
		Bind(dbx.Params{"probe": ProbeKey}).WithContext(ctx).All(&rows); err != nil {
		return fmt.Errorf("read the settings: %w", err)
	}
	s := Defaults()
	said := false
	for _, row := range rows {
		said = said || row.Key == "autoCloseMessage" && row.Value != "null"
		next := s
		if err := next.apply(map[string]json.RawMessage{row.Key: json.RawMessage(row.Value)}); err != nil || next.check() != "" {
			k.Store.App.Logger().Warn("setting ignored", "key", row.Key, "error", err)
			continue
		}
		s = next
	}
	if !said {
		s.AutoCloseMessage = Goodbyes[s.Lang]
	}
	k.current.Store(&s)
	return nil
}

// apply writes the given fields, by exactly their JSON names.
func (s *Settings) apply(values map[string]json.RawMessage) error {
	for key := range values {
		if !settingKeys[key] {
			return fmt.Errorf("there is no setting %q", key)
		}
	}
	b, err := json.Marshal(values)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, s)
}

// Save changes the given ones and answers all of them; null brings a default back. A value that makes no sense is a Refusal that names it.
func (k *Keeper) Save(ctx context.Context, v rights.Viewer, values map[string]json.RawMessage) (Settings, error) {
	if v.Role != rights.Admin {
		return Settings{}, api.ErrForbidden
	}
	err := k.Store.Write(ctx, func(t *store.Tx) error {
		after := k.Get()
		if err := after.apply(values); err != nil {
			return api.BadValue(guilty(values))
		}
		if field := after.check(); field != "" {
			return api.BadValue(field)
		}
		if _, given := values["defaultArea"]; given { // one that is not in use any more does not stop the others
			if inUse, err := areaInUse(t, after.DefaultArea); err != nil {
				return err
			} else if !inUse {
				return api.ErrUnknownArea
			}
		}
		for key, value := range values {
			if err := Keep(t, key, value); err != nil {
				return err
			}
		}
		if err := k.Saved(t, values); err != nil {
			return err
		}
		return t.Event(nil, "settings_changed", v.ID, values)
	})
	if err != nil {
		return Settings{}, err
	}
	err = k.Reload(ctx)
	return k.Get(), err
}

// guilty is the first value that does not fit its field.
func guilty(values map[string]json.RawMessage) string {
	for key, value := range values {
		s := Defaults()
		if s.apply(map[string]json.RawMessage{key: value}) != nil {
			return key
		}
	}
	return ""
}

// Preset gives settings their first value, by their JSON names: what an admin has set since stays. The environment is
// carried in this way.
func (k *Keeper) Preset(ctx context.Context, values map[string]any) error {
	err := k.Store.Write(ctx, func(t *store.Tx) error {
		for key, value := range values {
			if !settingKeys[key] {
				return fmt.Errorf("there is no setting %q", key)
			}
			if err := Preset(t, key, value); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return k.Reload(ctx)
}

// Preset writes a setting that has no row yet.
func Preset(t *store.Tx, key string, value any) error {
	return Sow(t, "settings", dbx.Params{"key": key, "value": store.Raw(value), "updated": store.Stamp(t.Now)})
}

// Keep writes one row.
func Keep(t *store.Tx, key string, value json.RawMessage) error {
	_, err := t.DB().NewQuery("INSERT INTO settings (id, `key`, value, updated) VALUES ({:id}, {:key}, {:value}, {:now}) " +
		"ON CONFLICT (`key`) DO UPDATE SET value = excluded.value, updated = excluded.updated").
		Bind(dbx.Params{"id": store.NewID(t.Now), "key": key, "value": string(value), "now": store.Stamp(t.Now)}).Execute()
	if err != nil {
		return fmt.Errorf("keep setting %s: %w", key, err)
	}
	return nil
}

var settingKeys = func() map[string]bool {
	keys := map[string]bool{}
	for f := range reflect.TypeFor[Settings]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		keys[name] = true
	}
	return keys
}()

const areaInUseQuery = `SELECT EXISTS (SELECT 1 FROM areas WHERE id = ? AND active)`

// areaInUse tells whether an area is there and active; none is fine, too.
func areaInUse(t *store.Tx, id string) (inUse bool, err error) {
	if id == "" {
		return true, nil
	}
	if err := t.First(&inUse, areaInUseQuery, id); err != nil {
		return false, fmt.Errorf("look for the area: %w", err)
	}
	return inUse, nil
}
