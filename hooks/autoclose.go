package hooks

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

// shortest is the smallest limit that any area or the setting has, in minutes; 0: nobody has one.
func (d *Desk) shortest(ctx context.Context, column string, setting int) (time.Duration, error) {
	var least int
	err := d.Store.App.ConcurrentDB().Select("COALESCE(MIN(" + column + "), 0)").From("areas").Where(dbx.NewExp(column + " > 0")).
		WithContext(ctx).Row(&least)
	if err != nil {
		return 0, fmt.Errorf("read the areas' %s: %w", column, err)
	}
	if least == 0 || setting > 0 && setting < least {
		least = setting
	}
	return time.Duration(least) * time.Minute, nil
}

// closeQuiet closes what the customer has left alone: open conversations in which a person had answered everything, ours
// was the last word, it reached WhatsApp, and nothing was said for longer than the area, else the setting, allows, while the
// line could hear it.
func (d *Desk) closeQuiet(ctx context.Context) error {
	limit, err := d.shortest(ctx, "autoCloseMinutes", d.Settings.Get().AutoCloseMinutes)
	if err != nil || limit == 0 {
		return err
	}
	until := store.Stamp(d.Store.Now().Add(-limit))
	return d.sweep(ctx, "close quiet", quietDue, dbx.Params{"until": until}, func(t *store.Tx, c *store.Conversation) error {
		if quiet, err := d.isQuiet(t, c); err != nil || !quiet {
			return err
		}
		goodbye := d.Settings.Get().AutoCloseMessage
		if heard, err := heard(t, c); err != nil {
			return err
		} else if !heard {
			goodbye = "" // to somebody who never wrote there is nothing to end
		}
		return d.shut(t, c, causeQuiet, store.BySystem, "quiet", goodbye)
	})
}

// isQuiet judges one conversation inside the transaction that closes it.
func (d *Desk) isQuiet(t *store.Tx, c *store.Conversation) (bool, error) {
	if c.Status != store.StatusOpen || c.LastAuthor == store.ByContact || !c.WaitingSince.IsZero() || !c.SnoozedUntil.IsZero() {
		return false, nil
	}
	a, err := activeArea(t, c.Area)
	if err != nil {
		return false, err
	}
	minutes := d.Settings.Get().AutoCloseMinutes
	if a != nil {
		minutes = cmp.Or(a.AutoCloseMinutes, minutes)
	}
	heard, up := d.hearsLine(c.Line)
	if minutes == 0 || !up {
		return false, nil
	}
	for _, since := range []time.Time{c.LastAt.Time(), c.QuietFrom.Time(), heard} {
		if t.Now.Sub(since) < time.Duration(minutes)*time.Minute {
			return false, nil
		}
	}
	if unheard, err := unheard(t, c); err != nil || unheard {
		return false, err
	}
	return reached(t, c)
}

const unheardQuery = `SELECT EXISTS (SELECT 1 FROM messages INDEXED BY idx_msg_inbox WHERE pending = TRUE AND pos >= 0 AND direction = 'in'
	AND (conversation = ? OR conversation = '' AND line = ? AND contact = ?))`

// unheard tells whether the customer wrote something that is here and has not come into the conversation or its flow: it
// cannot be decrypted so far, or waits behind others.
func unheard(t *store.Tx, c *store.Conversation) (unheard bool, err error) {
	if err := t.First(&unheard, unheardQuery, c.ID, c.Line, c.Contact); err != nil {
		return false, fmt.Errorf("look for words that wait: %w", err)
	}
	return unheard, nil
}

const stuckQuery = `SELECT (SELECT COUNT(*) FROM messages WHERE outbox = TRUE AND line = {:line} AND contact = {:contact}) +
	(SELECT COUNT(*) FROM messages WHERE id = {:last} AND state = 'failed')`

// reached tells whether our last word left: while it waits for the line, or failed, the customer has nothing to answer.
func reached(t *store.Tx, c *store.Conversation) (bool, error) {
	var stuck int
	err := t.DB().NewQuery(stuckQuery).Bind(dbx.Params{"line": c.Line, "contact": c.Contact, "last": c.LastMessage}).Row(&stuck)
	if err != nil {
		return false, fmt.Errorf("see whether our last word left: %w", err)
	}
	return stuck == 0, nil
}

// escalateUnanswered tells supervisors of customers who have waited for a person for longer than the area, else the
// setting, allows, within opening hours. They are never closed.
func (d *Desk) escalateUnanswered(ctx context.Context) error {
	limit, err := d.shortest(ctx, "targetMinutes", d.Settings.Get().TargetMinutes)
	if err != nil || limit == 0 {
		return err
	}
	until := store.Stamp(d.Store.Now().Add(-limit))
	return d.sweep(ctx, "escalate", unansweredDue, dbx.Params{"until": until}, func(t *store.Tx, c *store.Conversation) error {
		if late, err := d.isLate(t, c); err != nil || !late {
			return err
		}
		before := *c
		c.EscalatedAt = store.Stamp(t.Now)
		if err := t.Save(c, before); err != nil {
			return err
		}
		return t.Event(c, "escalated", store.BySystem, map[string]string{"since": store.ISO(c.WaitingSince)})
	})
}

// isLate judges one conversation inside the transaction that escalates it.
func (d *Desk) isLate(t *store.Tx, c *store.Conversation) (bool, error) {
	users := c.Status == store.StatusOpen || c.Status == store.StatusWaiting
	if !users || c.WaitingSince.IsZero() || !c.EscalatedAt.IsZero() || !c.SnoozedUntil.IsZero() {
		return false, nil
	}
	a, err := activeArea(t, c.Area)
	if err != nil {
		return false, err
	}
	minutes := d.Settings.Get().TargetMinutes
	if a != nil {
		minutes = cmp.Or(a.TargetMinutes, minutes)
	}
	if minutes == 0 {
		return false, nil
	}
	f, err := d.Facts.Of(t)
	if err != nil {
		return false, err
	}
	calendar := f.Calendar(c.Area)
	limit := time.Duration(minutes) * time.Minute
	return calendar.Open(t.Now) && calendar.OpenFor(c.WaitingSince.Time(), t.Now) >= limit, nil // nobody waits at night
}
