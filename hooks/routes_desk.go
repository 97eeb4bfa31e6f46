package hooks

import (
	"encoding/json"

	"github.com/pocketbase/pocketbase/tools/types"
)

// settings shows every setting by its key; PocketBase's own settings have the same path and are the superusers'.
func (r *request) settings() error {
	var rows []struct {
		Key   string        `db:"key"`
		Value types.JSONRaw `db:"value"`
	}
	err := r.App.ConcurrentDB().Select("key", "value").From("settings").OrderBy("key").Limit(1000).WithContext(r.Request.Context()).All(&rows)
	if err != nil {
		return err
	}
	all := make(map[string]json.RawMessage, len(rows))
	for _, row := range rows {
		all[row.Key] = json.RawMessage(row.Value)
	}
	return r.ok(all)
}
