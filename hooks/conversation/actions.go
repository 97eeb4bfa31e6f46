package conversation

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"mostrador/hooks/api"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"

	"github.com/pocketbase/dbx"
)

// Seen reads a conversation for somebody. One that they may not see is not there.
func Seen(t *store.Tx, v rights.Viewer, id string) (*store.Conversation, error) {
	c, err := t.Conversation(id)
	if store.IsNone(err) || err == nil && !v.Sees(c.Area, c.Assignee) {
		return nil, api.ErrNotFound
	}
	return c, err
}

// Mine reads a conversation that somebody may answer.
func Mine(t *store.Tx, v rights.Viewer, id string) (*store.Conversation, error) {
	c, err := Seen(t, v, id)
	if err == nil && !v.MayAnswer(c.Area, c.Assignee) {
		return nil, api.ErrForbidden
	}
	return c, err
}

// Act carries out what a person does to a conversation and answers how it is afterwards, as far as they see it then.
func (s *Conversations) Act(ctx context.Context, v rights.Viewer, fn func(*store.Tx) (*store.Conversation, error)) (view.Conversation, error) {
	var shown view.Conversation
	err := s.Store.Write(ctx, func(t *store.Tx) error {
		c, err := fn(t)
		if err != nil {
			return err
		}
		seen, by := view.LastSeen(t, v, c)
		shown, err = view.ViewConversation(t.DB(), by, seen)
		return err
	})
	return shown, err
}

// Claim makes a conversation that nobody has the viewer's. Of several who claim one wins; the others are refused with
// the winner's name. Who has it already has it.
func (s *Conversations) Claim(ctx context.Context, v rights.Viewer, id string) (view.Conversation, error) {
	return s.Act(ctx, v, func(t *store.Tx) (*store.Conversation, error) {
		c, err := t.Conversation(id)
		switch {
		case store.IsNone(err):
			return nil, api.ErrNotFound
		case err != nil:
			return nil, err
		case !v.Sees(c.Area, c.Assignee) && !(c.Status == store.StatusOpen && v.Sees(c.Area, "")): // the loser of a race saw it until a moment ago
			return nil, api.ErrNotFound
		case c.Status == store.StatusOpen && c.Assignee == v.ID:
			return c, nil
		case c.Status == store.StatusOpen:
			return nil, tooLate(t, c)
		}
		return c, Claim(t, c, v.ID)
	})
}

// Claim gives a conversation to the person who takes it.
func Claim(t *store.Tx, c *store.Conversation, user string) error {
	before := *c
	if err := Move(c, CauseClaim); err != nil {
		return err
	}
	if c.Area == "" {
		home, err := homeOf(t, user)
		if err != nil {
			return err
		}
		c.Area = home
	}
	return nowHas(t, c, before, user, user)
}

// tooLate names who has the conversation.
func tooLate(t *store.Tx, c *store.Conversation) error {
	name, err := t.NameOf(c.Assignee)
	if err != nil {
		return err
	}
	return ErrTaken.With("name", name).Carrying(map[string]any{"assignee": c.Assignee, "name": name})
}

// Return puts an open conversation back into its area's queue.
func (s *Conversations) Return(ctx context.Context, v rights.Viewer, id string) (view.Conversation, error) {
	return s.Act(ctx, v, func(t *store.Tx) (*store.Conversation, error) {
		c, err := Mine(t, v, id)
		if err != nil {
			return nil, err
		}
		return c, s.GiveBack(t, c, v.ID)
	})
}

// Transfer is where a conversation goes: an area, a person, or a person in an area.
type Transfer struct {
	Area string `json:"area"` // id or key; empty: where User works
	User string `json:"user"` // empty: whoever the area's policy finds
	Note string `json:"note"` // for whoever gets it
}

// Transfer moves a live conversation to another area or person.
func (s *Conversations) Transfer(ctx context.Context, v rights.Viewer, id string, to Transfer) (view.Conversation, error) {
	return s.Act(ctx, v, func(t *store.Tx) (*store.Conversation, error) {
		c, err := Mine(t, v, id)
		if err != nil {
			return nil, err
		}
		if err := api.TooLong("note", to.Note); err != nil {
			return nil, err
		}
		area, err := destination(t, v, c, to)
		if err != nil {
			return nil, err
		}
		return c, s.TransferIn(t, c, area, to.User, to.Note, v.ID)
	})
}

// destination is the id of the area that a transfer leads to. Who works in an area that the viewer does not is not theirs to
// know: such a person is as unknown to them as one who is not there.
func destination(t *store.Tx, v rights.Viewer, c *store.Conversation, to Transfer) (string, error) {
	if to.Area == "" && to.User == "" {
		return "", api.BadValue("area")
	}
	home := ""
	if to.User != "" {
		known, err := false, error(nil)
		if home, known, err = colleagueOf(t, v, to.User); err != nil {
			return "", err
		}
		if !known {
			return "", ErrUnknownUser
		}
	}
	if to.Area != "" {
		a, err := activeArea(t, to.Area)
		if err != nil {
			return "", err
		}
		if a == nil {
			return "", api.ErrUnknownArea
		}
		if to.User == "" {
			return a.ID, nil
		}
		switch works, err := worksIn(t, to.User, a.ID); {
		case err != nil || works && (knowsPerson(v, a.ID) || home == ""):
			return a.ID, err
		case knowsPerson(v, a.ID):
			return "", ErrNotInArea
		}
		return "", ErrUnknownUser
	}
	if knowsPerson(v, c.Area) || home == "" {
		if works, err := worksIn(t, to.User, c.Area); err != nil || works {
			return c.Area, err
		}
	}
	return cmp.Or(home, c.Area), nil // who works in no area takes it where it is
}

// knowsPerson tells whether a viewer may know who works in an area.
func knowsPerson(v rights.Viewer, area string) bool {
	return v.Role == rights.Admin || slices.Contains(v.Areas, area)
}

// colleagueOf tells whether somebody who may work is known to a viewer as who can take a conversation: an admin, or somebody with
// whom they share an area. home is the area of theirs where such a person gets it; empty for admins, who work everywhere.
func colleagueOf(t *store.Tx, v rights.Viewer, user string) (home string, known bool, err error) {
	var role string
	err = t.DB().NewQuery("SELECT role FROM users WHERE id = {:id} AND active").Bind(dbx.Params{"id": user}).Row(&role)
	switch {
	case store.IsNone(err):
		return "", false, nil
	case err != nil || rights.Role(role) == rights.Admin:
		return "", err == nil, err
	case v.Role == rights.Admin:
		home, err = homeOf(t, user)
		return home, true, err
	}
	err = t.DB().Select("a.id").From("users u").InnerJoin("memberships m", dbx.NewExp("m.user = u.id")).
		InnerJoin("areas a", dbx.NewExp("a.id = m.area AND a.active")).Where(dbx.HashExp{"u.id": user}).AndWhere(dbx.In("a.id", store.Anys(v.Areas)...)).
		OrderBy("(a.id = u.defaultArea) DESC", "a.order", "a.name").Limit(1).Row(&home)
	return home, home != "", store.MissingRow(err)
}

// isActive tells whether there is such a user and they may work.
func isActive(t *store.Tx, user string) (bool, error) {
	var n int
	err := t.DB().NewQuery("SELECT COUNT(*) FROM users WHERE id = {:id} AND active").Bind(dbx.Params{"id": user}).Row(&n)
	return n > 0, err
}

// Closing is how a conversation is closed by hand.
type Closing struct {
	Reason  string `json:"reason"`  // empty: none given
	Message string `json:"message"` // last words to the customer; empty: none
}

// CloseConversation ends a live conversation, with its last words in the same commit.
func (s *Conversations) CloseConversation(ctx context.Context, v rights.Viewer, id string, how Closing) (view.Conversation, error) {
	return s.Act(ctx, v, func(t *store.Tx) (*store.Conversation, error) {
		c, err := Mine(t, v, id)
		if err != nil {
			return nil, err
		}
		if err := api.TooLong("message", how.Message); err != nil {
			return nil, err
		}
		if len([]rune(how.Reason)) > 200 {
			return nil, api.ErrTooLong.With("field", "reason").With("max", 200)
		}
		return c, s.Close(t, c, v.ID, how.Reason, how.Message)
	})
}

// Reopen lets a closed conversation go on with the viewer.
func (s *Conversations) Reopen(ctx context.Context, v rights.Viewer, id string) (view.Conversation, error) {
	return s.Act(ctx, v, func(t *store.Tx) (*store.Conversation, error) {
		c, err := Seen(t, v, id)
		if err != nil {
			return nil, err
		}
		live, err := t.Live(c.Contact, c.Line)
		if err == nil && live.ID != c.ID {
			return nil, otherLive(v, live)
		} else if err != nil && !store.IsNone(err) {
			return nil, err
		}
		return c, s.ReopenIn(t, c, v.ID)
	})
}

// otherLive names the conversation that goes on already, to who may see it.
func otherLive(v rights.Viewer, live *store.Conversation) *api.Refusal {
	if !v.Sees(live.Area, live.Assignee) {
		return ErrLive
	}
	return ErrLive.Carrying(map[string]any{"conversation": live.ID})
}

// MarkRead notes that a person has seen everything so far. It counts for those who answer the customer; others may look
// without leaving a trace.
func (s *Conversations) MarkRead(ctx context.Context, v rights.Viewer, id string) (view.Conversation, error) {
	return s.Act(ctx, v, func(t *store.Tx) (*store.Conversation, error) {
		c, err := Seen(t, v, id)
		if err != nil || !v.MayAnswer(c.Area, c.Assignee) {
			return c, err
		}
		before := *c
		err = t.DB().NewQuery("SELECT COALESCE(MAX(pos), 0) FROM messages WHERE conversation = {:id}").Bind(dbx.Params{"id": c.ID}).Row(&c.ReadPos)
		if err != nil {
			return nil, fmt.Errorf("find the last message: %w", err)
		}
		c.Unread = 0
		return c, t.Save(c, before)
	})
}
