package lines

import (
	"context"
	"errors"
	"time"

	"mostrador/hooks/media"
	"mostrador/hooks/outbox"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// Hears tells whether customers of a line can be heard now, and since when: who wrote while it was down is not silent.
// Zero: since a time that is still to come, because the clock was turned back; it says nothing then.
func (l *Lines) Hears(line string) (since time.Time, up bool) {
	run := l.LineRun(line)
	if run == nil || !run.up() {
		return time.Time{}, false
	}
	if since = run.Status().Since; since.After(l.Store.Now()) {
		return time.Time{}, true
	}
	return since, true
}

// Source is where files of a line come from; nil when there is no such line.
func (l *Lines) Source(id string) *media.Line {
	run := l.LineRun(id)
	if run == nil {
		return nil
	}
	return &media.Line{ID: run.ID, Up: run.up, Download: run.Download, Again: run.Again}
}

func (l *Lines) Sources() (all []*media.Line) {
	for _, run := range l.AllLines() {
		all = append(all, l.Source(run.ID))
	}
	return all
}

// OutboxOf is what sends for a line; nil when there is no such line.
func (l *Lines) OutboxOf(id string) *outbox.LineOutbox {
	run := l.LineRun(id)
	if run == nil {
		return nil
	}
	return &run.Out
}

// WakeOutbox tells a line that something waits to be sent.
func (l *Lines) WakeOutbox(line string) {
	if r := l.LineRun(line); r != nil {
		store.Poke(r.Out.Wake)
	}
}

// WakeMarks tells a line that customers are to be told what was read; what there is to tell stands in the database.
func (l *Lines) WakeMarks(line string) {
	if r := l.LineRun(line); r != nil {
		store.Poke(r.Marks.Wake)
	}
}

// typingFor is how long the customer's phone is tried to be told that somebody writes; later it is not true any more.
const typingFor = 5 * time.Second

// ShowTyping tells the customer's phone. A line that is not connected tells nobody, and that is all right.
func (l *Lines) ShowTyping(ctx context.Context, c *store.Conversation, on bool) {
	run := l.LineRun(c.Line)
	if run == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, typingFor)
	defer cancel()
	var to struct {
		Phone string `db:"phone"`
		LID   string `db:"lid"`
	}
	err := l.Store.App.ConcurrentDB().Select("phone", "lid").From("contacts").Where(dbx.HashExp{"id": c.Contact}).WithContext(ctx).One(&to)
	if err == nil {
		err = run.Line.Typing(ctx, whatsapp.Address{Phone: to.Phone, LID: to.LID}, false, on)
	}
	if err != nil && !errors.Is(err, whatsapp.ErrOffline) {
		l.Store.App.Logger().Debug("show typing", "conversation", c.ID, "error", err)
	}
}
