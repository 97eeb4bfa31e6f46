package settings

import (
	"encoding/json"

	"mostrador/hooks/api"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

func (k *Keeper) Routes() []api.Route {
	return []api.Route{
		{Method: "PUT", Path: "/api/settings", Who: api.Admins, Run: k.saveSettings},
		{Method: "GET", Path: "/api/quick-replies", Who: api.Everybody, Run: quickReplies},
		{Method: "GET", Path: "/api/tags", Who: api.Everybody, Run: tags},
	}
}

// Show shows all of them. PocketBase's own settings have the same path and are the superusers'.
func (k *Keeper) Show(r *api.Request) error { return r.OK(k.Get()) }

// saveSettings changes the given ones.
func (k *Keeper) saveSettings(r *api.Request) error {
	var values map[string]json.RawMessage
	if err := r.Read(&values); err != nil {
		return err
	}
	all, err := k.Save(r.Request.Context(), r.Me.Viewer, values)
	return api.Okay(r, all, err)
}

// QuickReply is a text that is ready to send.
type QuickReply struct {
	ID       string `json:"id" db:"id"`
	Shortcut string `json:"shortcut" db:"shortcut"` // typed after a slash
	Text     string `json:"text" db:"text"`
	Area     string `json:"area" db:"area"` // empty: all areas
	Own      bool   `json:"own" db:"own"`   // nobody else has it
}

// maxReplies is how many one person is shown.
const maxReplies = 1000

// quickReplies lists what I may use: everybody's, my areas' and my own.
func quickReplies(r *api.Request) error {
	answer := api.Page[QuickReply]{Items: []QuickReply{}}
	areas := append(store.Anys(r.Me.Areas), "")
	q := r.App.ConcurrentDB().Select("id", "shortcut", "text", "area", "(owner != '') AS own").From("quick_replies").
		Where(dbx.In("owner", "", r.Me.ID))
	if r.Me.Role != rights.Admin {
		q = q.AndWhere(dbx.In("area", areas...))
	}
	if err := q.OrderBy("shortcut", "id").Limit(maxReplies).WithContext(r.Request.Context()).All(&answer.Items); err != nil {
		return err
	}
	return r.OK(answer)
}

type TagView struct {
	ID    string `json:"id" db:"id"`
	Name  string `json:"name" db:"name"`
	Color int    `json:"color" db:"color"`
}

func tags(r *api.Request) error {
	answer := api.Page[TagView]{Items: []TagView{}}
	err := r.App.ConcurrentDB().Select("id", "name", "color").From("tags").Where(dbx.NewExp("archivedAt = ''")).
		OrderBy("name").Limit(maxReplies).WithContext(r.Request.Context()).All(&answer.Items)
	if err != nil {
		return err
	}
	return r.OK(answer)
}
