package conversation

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

// shortest is the smallest limit that any area or the setting has, in minutes; 0: nobody has one.
func (s *Conversations) shortest(ctx context.Context, column string, setting int) (time.Duration, error) {
	var least int
	err := s.Store.App.ConcurrentDB().Select("COALESCE(MIN(" + column + "), 0)").From("areas").Where(dbx.NewExp(column + " > 0")).
		WithContext(ctx).Row(&least)
	if err != nil {
		return 0, fmt.Errorf("read the areas' %s: %w", column, err)
	}
	if least == 0 || setting > 0 && setting < least {
		least = setting
	}
	return time.Duration(least) * time.Minute, nil
}

// CloseQuiet closes what the customer has left alone: open conversations in which a person had answered everything, ours
// was the last word, it reached WhatsApp, and nothing was said for longer than the area, else the setting, allows, while the
// line could hear it.
func (s *Conversations) CloseQuiet(ctx context.Context) error {
	limit, err := s.shortest(ctx, "autoCloseMinutes", s.Settings.Get().AutoCloseMinutes)
	if err != nil || limit == 0 {
		return err
	}
	until := store.Stamp(s.Store.Now().Add(-limit))
	return s.sweep(ctx, "close quiet", QuietDue, dbx.Params{"until": until}, func(t *store.Tx, c *store.Conversation) error {
		if quiet, err := s.IsQuiet(t, c); err != nil || !quiet {
			return err
		}
		goodbye := s.Settings.Get().AutoCloseMessage
		if heard, err := heard(t, c); err != nil {
			return err
		} else if !heard {
			goodbye = "" // to somebody who never wrote there is nothing to end
		}
		return s.shut(t, c, CauseQuiet, store.BySystem, "quiet", goodbye)
	})
}

// IsQuiet judges one conversation inside the transaction that closes it.
func (s *Conversations) IsQuiet(t *store.Tx, c *store.Conversation) (bool, error) {
	if c.Status != store.StatusOpen || c.LastAuthor == store.ByContact || !c.WaitingSince.IsZero() || !c.SnoozedUntil.IsZero() {
		return false, nil
	}
	a, err := activeArea(t, c.Area)
	if err != nil {
		return false, err
	}
	minutes := s.Settings.Get().AutoCloseMinutes
	if a != nil {
		minutes = cmp.Or(a.AutoCloseMinutes, minutes)
	}
	heard, up := s.Hears(c.Line)
	if minutes == 0 || !up {
		return false, nil
	}
	for _, since := range []time.Time{c.LastAt.Time(), c.QuietFrom.Time(), heard} {
		if t.Now.Sub(since) < time.Duration(minutes)*time.Minute {
			return false, nil
		}
	}
	if unheard, err := Unheard(t, c); err != nil || unheard {
		return false, err
	}
	return reached(t, c)
}

const UnheardQuery = `SELECT EXISTS (SELECT 1 FROM messages INDEXED BY idx_msg_inbox WHERE pending = TRUE AND pos >= 0 AND direction = 'in'
	AND (conversation = ? OR conversation = '' AND line = ? AND contact = ?))`

// Unheard tells whether the customer wrote something that is here and has not come into the conversation or its flow: it
// cannot be decrypted so far, or waits behind others.
func Unheard(t *store.Tx, c *store.Conversation) (unheard bool, err error) {
	if err := t.First(&unheard, UnheardQuery, c.ID, c.Line, c.Contact); err != nil {
		return false, fmt.Errorf("look for words that wait: %w", err)
	}
	return unheard, nil
}

const StuckQuery = `SELECT (SELECT COUNT(*) FROM messages WHERE outbox = TRUE AND line = {:line} AND contact = {:contact}) +
	(SELECT COUNT(*) FROM messages WHERE id = {:last} AND state = 'failed')`

// reached tells whether our last word left: while it waits for the line, or failed, the customer has nothing to answer.
func reached(t *store.Tx, c *store.Conversation) (bool, error) {
	var stuck int
	err := t.DB().NewQuery(StuckQuery).Bind(dbx.Params{"line": c.Line, "contact": c.Contact, "last": c.LastMessage}).Row(&stuck)
	if err != nil {
		return false, fmt.Errorf("see whether our last word left: %w", err)
	}
	return stuck == 0, nil
}

// EscalateUnanswered tells supervisors of customers who have waited for a person for longer than the area, else the
// setting, allows, within opening hours. They are never closed.
func (s *Conversations) EscalateUnanswered(ctx context.Context) error {
	limit, err := s.shortest(ctx, "targetMinutes", s.Settings.Get().TargetMinutes)
	if err != nil || limit == 0 {
		return err
	}
	until := store.Stamp(s.Store.Now().Add(-limit))
	return s.sweep(ctx, "escalate", UnansweredDue, dbx.Params{"until": until}, func(t *store.Tx, c *store.Conversation) error {
		if late, err := s.isLate(t, c); err != nil || !late {
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
func (s *Conversations) isLate(t *store.Tx, c *store.Conversation) (bool, error) {
	users := c.Status == store.StatusOpen || c.Status == store.StatusWaiting
	if !users || c.WaitingSince.IsZero() || !c.EscalatedAt.IsZero() || !c.SnoozedUntil.IsZero() {
		return false, nil
	}
	a, err := activeArea(t, c.Area)
	if err != nil {
		return false, err
	}
	minutes := s.Settings.Get().TargetMinutes
	if a != nil {
		minutes = cmp.Or(a.TargetMinutes, minutes)
	}
	if minutes == 0 {
		return false, nil
	}
	f, err := s.Facts.Of(t)
	if err != nil {
		return false, err
	}
	calendar := f.Calendar(c.Area)
	limit := time.Duration(minutes) * time.Minute
	return calendar.Open(t.Now) && calendar.OpenFor(c.WaitingSince.Time(), t.Now) >= limit, nil // nobody waits at night
}
