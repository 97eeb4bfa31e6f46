package runner

import (
	"context"
	"slices"

	"mostrador/flows"
	"mostrador/hooks/api"
	"mostrador/hooks/conversation"
	"mostrador/hooks/facts"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
	"mostrador/hooks/view"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Starting is which flow a conversation is given to.
type Starting struct {
	Flow string `json:"flowId"` // null or empty: back to the bot, with the flow that greets new customers
}

// StartFlow gives a live conversation to the bot, which speaks at once. When the flow leads back to people and names no
// area, whoever gave it away gets it again, if they can take it.
func (ru *Runner) StartFlow(ctx context.Context, v rights.Viewer, id string, how Starting) (view.Conversation, error) {
	return ru.Conversations.Act(ctx, v, func(t *store.Tx) (*store.Conversation, error) {
		c, err := conversation.Mine(t, v, id)
		if err != nil {
			return nil, err
		}
		if err := conversation.MayHear(t, c.Contact); err != nil {
			return nil, err
		}
		return c, ru.startFlow(t, c, v, how.Flow)
	})
}

func (ru *Runner) startFlow(t *store.Tx, c *store.Conversation, v rights.Viewer, id string) error {
	f, err := ru.Facts.Of(t)
	if err != nil {
		return err
	}
	line, err := readLineFacts(t, c.Line)
	if err != nil {
		return err
	}
	first, ok := f.Begin(c, "", t.Now)
	if id != "" {
		first, ok = byHand(f, v, c, id)
	}
	before := *c
	switch err := conversation.Move(c, conversation.CauseFlow); {
	case err != nil:
		return err
	case !ok:
		return ErrNoFlow
	case line.Paused:
		return ErrPaused
	}
	conversation.LeaveFlow(c, before.Status, t.Now)
	c.WaitingSince, c.EscalatedAt, c.SnoozedUntil = types.DateTime{}, types.DateTime{}, types.DateTime{}
	if err := t.Save(c, before); err != nil {
		return err
	}
	if err := t.Event(c, "flow_started", v.ID, map[string]string{"flow": first.ID, "name": first.Name}); err != nil {
		return err
	}
	if err := ru.step(t, c, f, line, first, flows.Start{}); err != nil {
		return err
	}
	return conversation.Freed(t, before.Assignee, c.ID)
}

// byHand finds a flow that somebody may start here: an admin every published one, others those that are offered for it.
func byHand(f *facts.Facts, v rights.Viewer, c *store.Conversation, id string) (flows.Flow, bool) {
	flow, ok := f.Flows[flows.Ref{Flow: id}]
	return flow, ok && (v.Role == rights.Admin || slices.ContainsFunc(f.Triggers, func(t flows.Trigger) bool {
		return t.Flow == id && t.OffersByHand(c.Line, f.Areas[c.Area].Key)
	}))
}

// Startable is a flow as the menu of a conversation shows it.
type Startable struct {
	ID   string `json:"id" db:"id"`
	Name string `json:"name" db:"name"`
}

// startableFlows lists the flows that I may start in a conversation.
func (ru *Runner) startableFlows(r *api.Request) error {
	ctx := r.Request.Context()
	c, err := ru.Views.See(ctx, r.Me.Viewer, r.ID())
	if err != nil {
		return err
	}
	db := r.App.ConcurrentDB()
	var area string
	err = db.Select("key").From("areas").Where(dbx.HashExp{"id": c.Area}).WithContext(ctx).Row(&area)
	if err != nil && !store.IsNone(err) {
		return err
	}
	var rows []struct {
		Startable
		Triggers types.JSONRaw `db:"triggers"`
	}
	err = db.NewQuery("SELECT id, name, triggers FROM flows WHERE archivedAt = '' AND version > 0 AND active ORDER BY `order`, name, id").WithContext(ctx).All(&rows)
	if err != nil {
		return err
	}
	answer := api.Page[Startable]{Items: []Startable{}}
	for _, row := range rows {
		var triggers []flows.Trigger
		store.Decode(row.Triggers, &triggers)
		if r.Me.Role == rights.Admin || slices.ContainsFunc(triggers, func(t flows.Trigger) bool { return t.OffersByHand(c.Line, area) }) {
			answer.Items = append(answer.Items, row.Startable)
		}
	}
	return r.OK(answer)
}

func (ru *Runner) Routes() []api.Route {
	return []api.Route{
		{Method: "GET", Path: "/api/conversations/{id}/flows", Who: api.Everybody, Run: ru.startableFlows},
		{Method: "POST", Path: "/api/conversations/{id}/flow", Who: api.Everybody, Run: api.ActWith(ru.StartFlow)},
	}
}
