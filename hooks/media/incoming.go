package media

import (
	"encoding/base64"
	"fmt"

	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// StoreMedia writes where the file of a message lies; the media loop fetches it.
func (fi *Files) StoreMedia(t *store.Tx, row *store.Message, c *store.Conversation, m *whatsapp.Media) error {
	if m == nil {
		return nil
	}
	row.ID, row.Media = store.NewID(t.Now), store.NewID(t.Now)
	params := dbx.Params{
		"id": row.Media, "conversation": c.ID, "message": row.ID, "line": c.Line, "state": "pending", "mime": m.MIME, "name": m.Name,
		"size": m.Size, "seconds": m.Seconds, "width": m.Width, "height": m.Height, "wave": base64.StdEncoding.EncodeToString(m.Wave),
		"thumb": base64.StdEncoding.EncodeToString(m.Thumb), "ref": string(m.Ref), "created": store.Stamp(t.Now),
	}
	if len(m.Ref) == 0 {
		params["state"], params["reason"], params["ref"] = "failed", store.MediaGone, "null"
	}
	if _, err := t.DB().Insert("media", params).Execute(); err != nil {
		return fmt.Errorf("add media: %w", err)
	}
	t.After(fi.Wake)
	return nil
}
