package presence

import (
	"context"
	"fmt"

	"mostrador/hooks/api"
	"mostrador/hooks/conversation"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

// SetAvailability says whether a person takes conversations: available, away or offline. Who comes online gets what waits.
// Away holds until they say otherwise; the other two follow their coming and going (attendance.go).
func (s *Presence) SetAvailability(ctx context.Context, v rights.Viewer, to string) error {
	if to != store.Available && to != store.Away && to != store.Offline {
		return api.BadValue("availability")
	}
	err := s.Store.Write(ctx, func(t *store.Tx) error {
		moved, err := setAvailability(t, v.ID, "", to)
		if err != nil {
			return err
		}
		if moved {
			publishAvailability(t, []Availability{{v.ID, to}})
		}
		return conversation.Freed(t, v.ID, "")
	})
	if err == nil && to == store.Available {
		s.Attendance.Expect(v.ID)
	}
	return err
}

const AvailabilityUpdate = `UPDATE users SET availability = {:to}, updated = {:now} WHERE id = {:id} AND (active OR {:to} = 'offline')
	AND COALESCE(NULLIF(availability, ''), 'offline') != {:to} AND {:from} IN ('', COALESCE(NULLIF(availability, ''), 'offline'))`

// setAvailability tells whether it changed anything. from is what it must be now; empty: anything else.
func setAvailability(t *store.Tx, user, from, to string) (moved bool, err error) {
	result, err := t.DB().NewQuery(AvailabilityUpdate).
		Bind(dbx.Params{"id": user, "from": from, "to": to, "now": store.Stamp(t.Now)}).Execute()
	if err != nil {
		return false, fmt.Errorf("set availability: %w", err)
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// Availability is what a presence event says of somebody.
type Availability struct {
	User         string `json:"user"`
	Availability string `json:"availability"`
}

// tellEach is up to how many changes of one commit are an event each. More go out as one, {"people":[…]}: five hundred who
// come at nine would make a quarter of a million events.
const tellEach = 8

// publishAvailability tells everybody about changes.
func publishAvailability(t *store.Tx, changed []Availability) {
	if len(changed) > tellEach {
		t.Publish(store.Event{Name: store.EventPresence, All: true, Data: map[string]any{"people": changed}})
		return
	}
	for _, one := range changed {
		t.Publish(store.Event{Name: store.EventPresence, All: true, Data: one})
	}
}
