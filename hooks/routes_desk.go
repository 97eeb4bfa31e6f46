package hooks

import (
	"encoding/json"

	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

func (d *Desk) deskRoutes() []route {
	return []route{
		{method: "PUT", path: "/api/settings", who: admins, run: d.saveSettings},
		{method: "GET", path: "/api/quick-replies", who: everybody, run: quickReplies},
		{method: "GET", path: "/api/tags", who: everybody, run: tags},
	}
}

// readSettings shows all of them. PocketBase's own settings have the same path and are the superusers'.
func (d *Desk) readSettings(r *request) error { return r.ok(d.Settings()) }

// saveSettings changes the given ones.
func (d *Desk) saveSettings(r *request) error {
	var values map[string]json.RawMessage
	if err := r.read(&values); err != nil {
		return err
	}
	all, err := d.SaveSettings(r.Request.Context(), r.me.Viewer, values)
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
func quickReplies(r *request) error {
	answer := page[quickReply]{Items: []quickReply{}}
	areas := append(store.Anys(r.me.Areas), "")
	q := r.App.ConcurrentDB().Select("id", "shortcut", "text", "area", "(owner != '') AS own").From("quick_replies").
		Where(dbx.In("owner", "", r.me.ID))
	if r.me.Role != rights.Admin {
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

func tags(r *request) error {
	answer := page[tagView]{Items: []tagView{}}
	err := r.App.ConcurrentDB().Select("id", "name", "color").From("tags").Where(dbx.NewExp("archivedAt = ''")).
		OrderBy("name").Limit(maxReplies).WithContext(r.Request.Context()).All(&answer.Items)
	if err != nil {
		return err
	}
	return r.ok(answer)
}
