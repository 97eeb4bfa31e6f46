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

// Freed lets a person have what waits in their areas, after their areas, capacity or role were changed.
func (d *Desk) Freed(ctx context.Context, user string) error {
	return d.Write(ctx, func(t *Tx) error { return t.freed(user, "") })
}
