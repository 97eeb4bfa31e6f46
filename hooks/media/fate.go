package media

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// mediaFate is what becomes of a file that is not here yet.
type mediaFate struct {
	failed string // for good, with this reason
	wait   time.Duration
	counts bool
	reason string // while it waits
	size   int64  // it is larger than the sender said; 0: not known to be
	cost   int64  // bytes that go on the sender's account
}

func judgeDownload(err error, attempt int) mediaFate {
	switch {
	case errors.Is(err, whatsapp.ErrOffline):
		return mediaFate{wait: mediaOffline}
	case errors.Is(err, whatsapp.ErrTooLarge):
		return mediaFate{failed: store.MediaLarge}
	case errors.Is(err, whatsapp.ErrDamaged):
		return mediaFate{failed: store.MediaDamaged}
	case attempt >= mediaAttempts:
		return mediaFate{failed: store.MediaFailed}
	}
	return mediaFate{wait: store.BackOff(attempt, true), counts: true}
}

func (fi *Files) putOff(row Download, f mediaFate) error {
	return fi.Store.Write(context.Background(), func(t *store.Tx) error { return fi.fate(t, row, f) })
}

func (fi *Files) fate(t *store.Tx, row Download, f mediaFate) error {
	change := dbx.Params{"reason": f.reason}
	if f.failed != "" {
		change["state"], change["reason"] = "failed", f.failed
	} else {
		change["dueAt"] = store.Stamp(t.Now.Add(f.wait))
	}
	if f.counts {
		change["attempts"] = row.Attempts + 1
	}
	if f.size > 0 {
		change["size"] = f.size
	}
	if _, err := t.DB().Update("media", change, dbx.HashExp{"id": row.ID, "state": "pending"}).Execute(); err != nil {
		return err
	}
	if f.cost > 0 {
		if err := fi.charge(t, row.ID, 0, f.cost); err != nil {
			return err
		}
	}
	if f.failed == "" {
		return nil
	}
	return showMedia(t, row.Message)
}

// showMedia tells agents that the file of a message is there now, or never will be.
func showMedia(t *store.Tx, message string) error {
	m, err := store.Find[store.Message](t.DB(), "messages", message)
	if store.IsNone(err) { // somebody deleted it in the dashboard
		return nil
	}
	if err != nil {
		return fmt.Errorf("read message %s: %w", message, err)
	}
	return t.UpdateMessage(m)
}
