package view

import (
	"context"

	"mostrador/hooks/api"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
)

// LastSeen is a conversation as a person may see it. To one whose sight it left by this cause it is as it was before, and where
// it went, but neither who has it now nor what was said since: that row is shown whoever sees it.
func LastSeen(t *store.Tx, v rights.Viewer, c *store.Conversation) (seen store.Conversation, by rights.Viewer) {
	old := t.Touched(c.ID)
	if v.Sees(c.Area, c.Assignee) || old == nil || !v.Sees(old.Before.Area, old.Before.Assignee) {
		return *c, v
	}
	seen = old.Before
	seen.Seq, seen.Status, seen.Area, seen.Assignee = c.Seq, c.Status, c.Area, ""
	return seen, Everyone
}

// Do carries out what a person does to a message and answers how it looks afterwards.
func (s *Views) Do(ctx context.Context, v rights.Viewer, fn func(*store.Tx) (*store.Message, error)) (Message, error) {
	var shown Message
	err := s.Store.Write(ctx, func(t *store.Tx) error {
		m, err := fn(t)
		if err != nil {
			return err
		}
		views, err := Messages(t.DB(), v, []store.Message{*m})
		if err == nil && len(views) == 0 {
			err = api.ErrNotFound
		}
		if err == nil {
			shown = views[0]
		}
		return err
	})
	return shown, err
}
