// Package secrets: values that requests carry and nobody is shown again.
package secrets

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"mostrador/flows"
	"mostrador/hooks/api"
	"mostrador/hooks/fetch"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Secrets keeps sealed values for the requests of flows.
type Secrets struct {
	Store *store.Store

	Word  string                // what secrets are sealed with, besides the key file; empty: the file alone
	Clear func(url string) bool // whether a secret may go there without TLS
}

// secretRow is a row of secrets: a value that requests of flows carry and nobody is ever shown again.
type secretRow struct {
	ID      string         `db:"id"`
	Name    string         `db:"name"`
	Sealed  string         `db:"sealed"`
	Hosts   types.JSONRaw  `db:"hosts"` // fetch.Hosts
	Created types.DateTime `db:"created"`
	Updated types.DateTime `db:"updated"`
}

// TableName tells dbx where a row lives.
func (secretRow) TableName() string { return "secrets" }

// SecretView is what is shown of a secret: everything but the value.
type SecretView struct {
	Name     string     `json:"name"`
	Hosts    []string   `json:"hosts"`    // that it may be sent to; empty: any public one
	Readable bool       `json:"readable"` // false: the key is another one now; save it again
	UsedBy   []FlowName `json:"usedBy"`   // published flows
	Created  string     `json:"created"`
	Updated  string     `json:"updated"`
}

// FlowName is the part of a flow that others carry.
type FlowName struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

const (
	SecretQuery = `SELECT * FROM secrets WHERE name = ?`
	AllSecrets  = `SELECT * FROM secrets WHERE name > '' ORDER BY name LIMIT ?`
	secretUses  = `SELECT DISTINCT f.id, f.name, j.value AS secret FROM flows f JOIN flow_versions v ON v.flow = f.id AND v.number = f.version,
		json_tree(CASE WHEN json_valid(v.definition) THEN v.definition ELSE '{}' END, '$.nodes') j
		WHERE f.archivedAt = '' AND j.key = 'secret' AND j.type = 'text' ORDER BY f.name, f.id LIMIT ?`

	MaxSecrets   = 200
	MaxSecret    = 4 << 10 // bytes
	maxHosts     = 50      // of one secret
	maxUses      = 2000
	SecretOfAI   = "ai" // the name of the key for a language model
	eventSecret  = "secret_saved"
	eventNoMore  = "secret_deleted"
	secretSample = `^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$`
)

var secretName = regexp.MustCompile(secretSample)

// List lists them by name.
func (s *Secrets) List(ctx context.Context, v rights.Viewer) ([]SecretView, error) {
	if v.Role != rights.Admin {
		return nil, api.ErrForbidden
	}
	db := store.Execer(s.Store.App.ConcurrentDB())
	rows, err := store.Many[secretRow](db, AllSecrets, MaxSecrets)
	if err != nil {
		return nil, fmt.Errorf("read the secrets: %w", err)
	}
	uses, err := store.Many[struct {
		ID     string `db:"id"`
		Name   string `db:"name"`
		Secret string `db:"secret"`
	}](db, secretUses, maxUses)
	if err != nil {
		return nil, fmt.Errorf("look who uses the secrets: %w", err)
	}
	users := map[string][]FlowName{}
	for _, u := range uses {
		users[u.Secret] = append(users[u.Secret], FlowName{u.ID, u.Name})
	}
	views := make([]SecretView, len(rows))
	for i := range rows {
		views[i] = s.viewSecret(&rows[i])
		views[i].UsedBy = append(views[i].UsedBy, users[rows[i].Name]...)
	}
	return views, nil
}

func (s *Secrets) viewSecret(row *secretRow) SecretView {
	_, err := s.vault().Open(row.Name, row.Sealed)
	v := SecretView{Name: row.Name, Hosts: []string{}, Readable: err == nil, UsedBy: []FlowName{}, Created: store.ISO(row.Created), Updated: store.ISO(row.Updated)}
	store.Decode(row.Hosts, &v.Hosts)
	return v
}

// vault is where the desk's secrets are sealed.
func (s *Secrets) vault() *Vault { return &Vault{Dir: s.Store.App.DataDir(), Word: s.Word} }

// Save makes a secret, or gives it another value. hosts are those that it may be sent to: none for any public one,
// nil to leave them as they are. They change together with the value only, so that who does not know it cannot have it
// sent elsewhere.
func (s *Secrets) Save(ctx context.Context, v rights.Viewer, name, value string, hosts []string) (*SecretView, error) {
	value = strings.TrimSpace(value)
	switch {
	case v.Role != rights.Admin:
		return nil, api.ErrForbidden
	case !secretName.MatchString(name):
		return nil, api.BadValue("name")
	case value == "" || len(value) > MaxSecret || strings.ContainsFunc(value, func(c rune) bool { return c < ' ' || c == 0x7f }):
		return nil, api.BadValue("value")
	}
	to, err := fetch.ParseHosts(hosts)
	if err != nil || len(to) > maxHosts {
		return nil, api.BadValue("hosts")
	}
	sealed, err := s.vault().Seal(name, value)
	if err != nil {
		return nil, err
	}
	var row *secretRow
	err = s.Store.Write(ctx, func(t *store.Tx) (err error) {
		row, err = keepSecret(t, name, sealed)
		if err != nil {
			return err
		}
		if hosts != nil {
			row.Hosts = store.Raw(to)
		}
		if err := t.Update(row, "Sealed", "Hosts", "Updated"); err != nil {
			return fmt.Errorf("write secret %s: %w", name, err)
		}
		return t.Event(nil, eventSecret, v.ID, map[string]any{"name": name, "hosts": row.Hosts})
	})
	if err != nil {
		return nil, err
	}
	shown := s.viewSecret(row)
	return &shown, nil
}

// keepSecret finds the row of a name, or makes it.
func keepSecret(t *store.Tx, name, sealed string) (*secretRow, error) {
	row, err := store.One[secretRow](t.SQL(), SecretQuery, name)
	switch {
	case err == nil:
		row.Sealed, row.Updated = sealed, store.Stamp(t.Now)
		return row, nil
	case !store.IsNone(err):
		return nil, fmt.Errorf("read secret %s: %w", name, err)
	}
	var n int
	if err := t.First(&n, "SELECT COUNT(*) FROM secrets"); err != nil {
		return nil, fmt.Errorf("count the secrets: %w", err)
	}
	if n >= MaxSecrets {
		return nil, api.ErrTooMany.With("max", MaxSecrets)
	}
	row = &secretRow{ID: store.NewID(t.Now), Name: name, Sealed: sealed, Hosts: store.Raw(fetch.Hosts{}), Created: store.Stamp(t.Now), Updated: store.Stamp(t.Now)}
	if err := t.Insert(row); err != nil {
		return nil, fmt.Errorf("write secret %s: %w", name, err)
	}
	return row, nil
}

// Delete forgets one. Requests that need it fail from now on.
func (s *Secrets) Delete(ctx context.Context, v rights.Viewer, name string) error {
	if v.Role != rights.Admin {
		return api.ErrForbidden
	}
	return s.Store.Write(ctx, func(t *store.Tx) error {
		r, err := t.DB().Delete("secrets", dbx.HashExp{"name": name}).Execute()
		if err != nil {
			return fmt.Errorf("delete secret %s: %w", name, err)
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			return api.ErrNotFound
		}
		return t.Event(nil, eventNoMore, v.ID, map[string]string{"name": name})
	})
}

// Value is the value of one for a request to a URL. It goes to the hosts that it is bound to, and in the clear only to
// those that the operator allows; the error is a denied then, or when it cannot be read. sql.ErrNoRows: there is none.
func (s *Secrets) Value(name, url string) (string, error) {
	row, err := store.One[secretRow](store.Execer(s.Store.App.ConcurrentDB()), SecretQuery, name)
	if err != nil {
		return "", fmt.Errorf("read secret %s: %w", name, err)
	}
	var hosts fetch.Hosts
	store.Decode(row.Hosts, &hosts)
	switch {
	case len(hosts) > 0 && !hosts.HasURL(url):
		return "", Denied(OtherHost)
	case strings.HasPrefix(strings.ToLower(url), "http:") && !s.Clear(url):
		return "", Denied(OnlyTLS)
	}
	value, err := s.vault().Open(name, row.Sealed)
	if err != nil {
		s.Store.App.Logger().Error("a secret cannot be read; save it again", "name", name, "error", err)
		return "", Denied(NoSecret)
	}
	return value, nil
}

// Header is one line of a request, with its secret behind the value.
func (s *Secrets) Header(h *flows.HTTP, l flows.Header) (fetch.Header, error) {
	line := fetch.Header{Name: l.Name, Value: l.Value, Secret: l.Secret != ""}
	if !line.Secret {
		return line, nil
	}
	value, err := s.Value(l.Secret, h.URL)
	if store.IsNone(err) {
		err = Denied(NoSecret)
	}
	line.Value += value
	return line, err
}

// Denied is why a secret does not go along; its text is the code.
type Denied string

func (d Denied) Error() string { return "the secret does not go along: " + string(d) }

const (
	NoSecret  = "secret"       // the secret is not there, or cannot be read with this key
	OtherHost = "secret_host"  // the secret is bound to other hosts
	OnlyTLS   = "secret_clear" // a secret goes over https only
)
