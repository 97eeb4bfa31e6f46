package media

import (
	"fmt"

	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

// UploadOf tells the type of a file that the viewer uploaded for this conversation and has not sent yet.
func UploadOf(t *store.Tx, c *store.Conversation, v rights.Viewer, id string) (mime string, err error) {
	if id == "" {
		return "", nil
	}
	err = t.DB().Select("mime").From("media").
		Where(dbx.HashExp{"id": id, "conversation": c.ID, "owner": v.ID, "message": "", "state": "ready"}).Row(&mime)
	if store.IsNone(err) {
		return "", ErrUnknownMedia
	}
	return mime, err
}

// Attach ties the upload to its message, so that it cannot be sent twice.
func Attach(t *store.Tx, m *store.Message) error {
	if m.Media == "" {
		return nil
	}
	_, err := t.DB().Update("media", dbx.Params{"message": m.ID, "line": m.Line}, dbx.HashExp{"id": m.Media}).Execute()
	if err != nil {
		return fmt.Errorf("attach upload: %w", err)
	}
	return nil
}
