package hooks

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/pocketbase/dbx"
)

var deskRoutes = []route{
	{method: "PUT", path: "/api/settings", who: admins, run: (*request).saveSettings},
	{method: "GET", path: "/api/quick-replies", who: everybody, run: (*request).quickReplies},
	{method: "GET", path: "/api/tags", who: everybody, run: (*request).tags},
	{method: "GET", path: "/api/ready", who: guests, run: (*request).ready},
}

// settings shows all of them. PocketBase's own settings have the same path and are the superusers'.
func (r *request) settings() error { return r.ok(r.desk.Settings()) }

// saveSettings changes the given ones.
func (r *request) saveSettings() error {
	var values map[string]json.RawMessage
	if err := r.read(&values); err != nil {
		return err
	}
	all, err := r.desk.SaveSettings(r.Request.Context(), r.me.Viewer, values)
	if err != nil {
		return err
	}
	return r.ok(all)
}

// quickReply is a text that is ready to send.
type quickReply struct {
	ID       string `json:"id" db:"id"`
	Shortcut string `json:"shortcut" db:"shortcut"` // typed after a slash
	Text     string `json:"text" db:"text"`
	Area     string `json:"area" db:"area"` // empty: all areas
	Own      bool   `json:"own" db:"own"`   // nobody else has it
}

// maxReplies is how many one person is shown.
const maxReplies = 1000

// quickReplies lists what I may use: everybody's, my areas' and my own.
func (r *request) quickReplies() error {
	answer := page[quickReply]{Items: []quickReply{}}
	areas := append(anys(r.me.Areas), "")
	q := r.App.ConcurrentDB().Select("id", "shortcut", "text", "area", "(owner != '') AS own").From("quick_replies").
		Where(dbx.In("owner", "", r.me.ID))
	if r.me.Role != Admin {
		q = q.AndWhere(dbx.In("area", areas...))
	}
	if err := q.OrderBy("shortcut", "id").Limit(maxReplies).WithContext(r.Request.Context()).All(&answer.Items); err != nil {
		return err
	}
	return r.ok(answer)
}

type tagView struct {
	ID    string `json:"id" db:"id"`
	Name  string `json:"name" db:"name"`
	Color int    `json:"color" db:"color"`
}

func (r *request) tags() error {
	answer := page[tagView]{Items: []tagView{}}
	err := r.App.ConcurrentDB().Select("id", "name", "color").From("tags").Where(dbx.NewExp("archivedAt = ''")).
		OrderBy("name").Limit(maxReplies).WithContext(r.Request.Context()).All(&answer.Items)
	if err != nil {
		return err
	}
	return r.ok(answer)
}

// readiness is whether the desk can do its work.
type readiness struct {
	Ready    bool    `json:"ready"`
	Database string  `json:"database"` // ok, or failing: nothing is stored, and WhatsApp keeps what comes in
	Lag      float64 `json:"lag"`      // seconds that the oldest customer message has waited for its flow
}

// probe remembers the last look, so that a public address cannot be used to keep the disk busy.
type probe struct {
	mu   sync.Mutex
	at   time.Time
	last readiness
}

const (
	probeEvery = 2 * time.Second
	probeFor   = 5 * time.Second
)

// ready answers 200 when messages are stored and handled, else 503.
func (r *request) ready() error {
	now := r.desk.look(r.Request.Context())
	status := http.StatusOK
	if !now.Ready {
		status = http.StatusServiceUnavailable
	}
	return r.JSON(status, now)
}

func (d *Desk) look(ctx context.Context) readiness {
	d.probe.mu.Lock()
	defer d.probe.mu.Unlock()
	if d.Now().Sub(d.probe.at) < probeEvery {
		return d.probe.last
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), probeFor)
	defer cancel()
	now := readiness{Database: "ok", Ready: true}
	// A real write of one page: only that tells a full disk.
	err := d.Write(ctx, func(t *Tx) error {
		_, err := t.DB().NewQuery("UPDATE settings SET updated = {:now} WHERE `key` = 'lang'").Bind(dbx.Params{"now": stamp(t.Now)}).Execute()
		return err
	})
	var oldest string
	if err == nil {
		err = d.App.ConcurrentDB().NewQuery("SELECT COALESCE((SELECT sentAt FROM messages INDEXED BY idx_msg_inbox WHERE pending = TRUE ORDER BY pos LIMIT 1), '')").
			WithContext(ctx).Row(&oldest)
	}
	if err != nil {
		d.App.Logger().Error("the database does not take writes", "error", err)
		now = readiness{Database: "failing"}
	} else if at, err := time.Parse("2006-01-02 15:04:05.000Z", oldest); err == nil {
		now.Lag = max(0, d.Now().Sub(at).Seconds())
	}
	d.probe.at, d.probe.last = d.Now(), now
	return now
}
