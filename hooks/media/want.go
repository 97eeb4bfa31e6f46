package media

import (
	"context"

	"mostrador/hooks/api"
	"mostrador/hooks/conversation"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"

	"github.com/pocketbase/dbx"
)

// wantFile is POST …/messages/{message}/fetch: whoever sees a message may have its file fetched that waits.
func (fi *Files) wantFile(r *api.Request) error {
	shown, err := fi.WantFile(r.Request.Context(), r.Me.Viewer, r.ID(), r.Request.PathValue("message"))
	return api.Okay(r, shown, err)
}

// WantFile has a file fetched that is not fetched by itself, and tries one again that could not be fetched. Asked for
// again it changes nothing.
func (fi *Files) WantFile(ctx context.Context, v rights.Viewer, id, message string) (view.Message, error) {
	room := fi.diskRoom()
	return fi.Views.Do(ctx, v, func(t *store.Tx) (*store.Message, error) {
		c, err := conversation.Seen(t, v, id)
		if err != nil {
			return nil, err
		}
		m, err := store.Find[store.Message](t.DB(), "messages", message)
		if store.IsNone(err) || err == nil && (m.Conversation != c.ID || m.Media == "" || !m.RevokedAt.IsZero()) {
			return nil, api.ErrNotFound
		}
		if err != nil {
			return nil, err
		}
		row, err := store.Find[wantedFile](t.DB(), "media", m.Media)
		if store.IsNone(err) {
			return nil, api.ErrNotFound
		}
		if err != nil {
			return nil, err
		}
		if refusal := row.lost(); refusal != nil {
			return nil, refusal
		}
		if !row.stands() {
			return m, nil
		}
		if room <= 0 || row.Size > room {
			return nil, ErrDiskFull
		}
		return m, fi.want(t, m, row.ID)
	})
}

// wantedFile is what is known of a file that somebody wants.
type wantedFile struct {
	ID     string `db:"id"`
	State  string `db:"state"`
	Reason string `db:"reason"`
	Size   int64  `db:"size"`
	Ref    string `db:"ref"`
}

// stands tells a file that waits, or was given up and may be tried again, from one that is here or on its way.
func (f *wantedFile) stands() bool {
	return f.State == "failed" || f.State == "pending" && store.IsWaiting(f.Reason)
}

// lost says why a file can never be had; nil: it can.
func (f *wantedFile) lost() error {
	if f.State != "failed" {
		return nil
	}
	switch f.Reason {
	case store.MediaLarge:
		return ErrFileLarge
	case store.MediaDamaged:
		return ErrFileDamaged
	case store.MediaGone, store.MediaFailed:
		if f.Ref != "" && f.Ref != "null" {
			return nil
		}
	}
	return ErrFileGone
}

// want puts a file before everything that limits what is fetched by itself.
func (fi *Files) want(t *store.Tx, m *store.Message, file string) error {
	_, err := t.DB().Update("media", dbx.Params{"state": "pending", "reason": "", "dueAt": "", "attempts": 0, "wanted": true},
		dbx.HashExp{"id": file}).Execute()
	if err != nil {
		return err
	}
	t.After(fi.Wake)
	return t.UpdateMessage(m)
}
