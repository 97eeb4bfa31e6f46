package conversation

import (
	"context"
	"time"

	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

// MaxAhead is how far ahead a conversation may be snoozed and a message be scheduled.
const MaxAhead = 366 * 24 * time.Hour

// Snooze puts a conversation aside until a time, or until the customer writes. The zero time takes it back.
func (s *Conversations) Snooze(ctx context.Context, v rights.Viewer, id string, until time.Time) (view.Conversation, error) {
	return s.Act(ctx, v, func(t *store.Tx) (*store.Conversation, error) {
		c, err := Mine(t, v, id)
		if err != nil {
			return nil, err
		}
		if c.Status != store.StatusOpen && c.Status != store.StatusWaiting {
			return nil, refuseMove(c, "snooze")
		}
		if until.IsZero() {
			return c, s.unsnooze(t, c, v.ID)
		}
		before := *c
		c.SnoozedUntil = store.Stamp(until)
		if err := Ahead("until", t.Now, until); err != nil {
			return nil, err
		}
		if err := t.Save(c, before); err != nil {
			return nil, err
		}
		return c, t.Event(c, "snoozed", v.ID, map[string]string{"until": store.ISOTime(until)})
	})
}

// Ahead refuses a time that has passed or is too far away.
func Ahead(field string, now, at time.Time) error {
	switch {
	case !at.After(now):
		return ErrPastTime.With("field", field)
	case at.Sub(now) > MaxAhead:
		return ErrTooFar.With("field", field)
	}
	return nil
}

// unsnooze brings a conversation back: when its time has come, or somebody cannot wait for it.
func (s *Conversations) unsnooze(t *store.Tx, c *store.Conversation, actor string) error {
	if c.SnoozedUntil.IsZero() {
		return nil
	}
	before := *c
	c.SnoozedUntil, c.QuietFrom = types.DateTime{}, store.Stamp(t.Now)
	if err := t.Save(c, before); err != nil {
		return err
	}
	if err := t.Event(c, "woke", actor, nil); err != nil {
		return err
	}
	return s.woken(t, c, before)
}

// woken gives a conversation its place in the line that is not snoozed any more, or whose customer begins to wait.
func (s *Conversations) woken(t *store.Tx, c *store.Conversation, before store.Conversation) error {
	awake := !before.SnoozedUntil.IsZero() && c.SnoozedUntil.IsZero()
	asks := before.WaitingSince.IsZero() && !c.WaitingSince.IsZero()
	if c.Status != store.StatusWaiting || !awake && !asks {
		return nil
	}
	return s.route(t, c, "")
}

// WakeSnoozed ends the snoozes whose time has come.
func (s *Conversations) WakeSnoozed(ctx context.Context) error {
	return s.sweep(ctx, "wake", SnoozedDue, dbx.Params{"until": store.Stamp(s.Store.Now())}, func(t *store.Tx, c *store.Conversation) error {
		if c.SnoozedUntil.IsZero() || c.SnoozedUntil.Time().After(t.Now) {
			return nil
		}
		return s.unsnooze(t, c, store.BySystem)
	})
}
