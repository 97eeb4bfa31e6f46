package hooks

import (
	"context"
	"errors"
	"time"

	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// typingFor is how long the customer's phone is tried to be told that somebody writes; later it is not true any more.
const typingFor = 5 * time.Second

// showTyping tells the customer's phone. A line that is not connected tells nobody, and that is all right.
func (d *Desk) showTyping(ctx context.Context, c *store.Conversation, on bool) {
	run := d.lineRun(c.Line)
	if run == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, typingFor)
	defer cancel()
	var to struct {
		Phone string `db:"phone"`
		LID   string `db:"lid"`
	}
	err := d.Store.App.ConcurrentDB().Select("phone", "lid").From("contacts").Where(dbx.HashExp{"id": c.Contact}).WithContext(ctx).One(&to)
	if err == nil {
		err = run.line.Typing(ctx, whatsapp.Address{Phone: to.Phone, LID: to.LID}, false, on)
	}
	if err != nil && !errors.Is(err, whatsapp.ErrOffline) {
		d.Store.App.Logger().Debug("show typing", "conversation", c.ID, "error", err)
	}
}
