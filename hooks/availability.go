package hooks

import (
	"context"
	"fmt"

	"github.com/pocketbase/dbx"
)

// SetAvailability says whether a person takes conversations: available, away or offline. Who comes online gets what waits.
func (d *Desk) SetAvailability(ctx context.Context, v Viewer, availability string) error {
	if availability != "available" && availability != "away" && availability != "offline" {
		return badValue("availability")
	}
	return d.Write(ctx, func(t *Tx) error {
		_, err := t.DB().NewQuery("UPDATE users SET availability = {:state}, updated = {:now} WHERE id = {:id}").
			Bind(dbx.Params{"state": availability, "now": stamp(t.Now), "id": v.ID}).Execute()
		if err != nil {
			return fmt.Errorf("set availability: %w", err)
		}
		t.Publish(Event{Name: "presence", All: true, Data: map[string]string{"user": v.ID, "availability": availability}})
		return t.freed(v.ID, "")
	})
}

// Freed follows a change of somebody's areas, capacity, role or activation: they get what waits for them; who was
// switched off leaves what they had to the line, so that no customer is with nobody.
func (d *Desk) Freed(ctx context.Context, user string) error {
	active := false
	err := d.Write(ctx, func(t *Tx) (err error) {
		if active, err = t.isActive(user); err != nil {
			return err
		}
		return t.freed(user, "")
	})
	if err != nil || active {
		return err
	}
	return d.sweep(ctx, "let go", heldBy, dbx.Params{"user": user}, func(t *Tx, c *Conversation) error {
		if c.Assignee != user || c.Status != statusOpen {
			return nil
		}
		return t.giveBack(c, bySystem)
	})
}

const heldBy = `SELECT id, lastAt AS at FROM conversations WHERE assignee = {:user} AND status = 'open' AND status != 'closed'
	AND (lastAt, id) > ({:at}, {:id}) ORDER BY lastAt, id LIMIT {:limit}`
