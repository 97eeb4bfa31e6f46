package editor

import (
	"context"
	"fmt"

	"mostrador/flows"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

// What happened at the nodes of flows is counted by day from the events that the conversations have anyway, behind the
// traffic: a step writes no row for it. An event is counted in the transaction that remembers up to where was counted, so
// each counts once, whatever is interrupted.

// CountBatch is how many events are counted in one transaction.
const CountBatch = 500

const (
	CountedQuery   = `SELECT COALESCE(MAX(pos), 0) FROM flow_counts`
	UncountedQuery = `SELECT pos, at, data FROM events WHERE kind = 'flow' AND pos > ? ORDER BY pos LIMIT ?`
)

// Uncounted is a flow event that is not counted yet.
type Uncounted struct {
	Pos  int64          `db:"pos"`
	At   types.DateTime `db:"at"`
	Data types.JSONRaw  `db:"data"`
}

// CountVisits brings the counts up to now.
func (ed *Editor) CountVisits(ctx context.Context) error {
	for ctx.Err() == nil {
		var from int64
		db := store.Execer(ed.Store.App.ConcurrentDB())
		if err := store.First(db, &from, CountedQuery); err != nil {
			return fmt.Errorf("read up to where is counted: %w", err)
		}
		events, err := store.Many[Uncounted](db, UncountedQuery, from, CountBatch)
		if err != nil {
			return fmt.Errorf("read what is not counted: %w", err)
		}
		days := ed.VisitsByDay(events)
		if len(days) == 0 {
			return nil
		}
		to := events[len(events)-1].Pos
		if err := ed.Store.Write(ctx, func(t *store.Tx) error { return AddCounts(t, days, from, to) }); err != nil {
			return err
		}
		if len(events) < CountBatch {
			return nil
		}
	}
	return ctx.Err()
}

// VisitsByDay counts the visits of events by the day on the desk's clock.
func (ed *Editor) VisitsByDay(events []Uncounted) map[string]flows.Counts {
	days := map[string]flows.Counts{}
	zone := ed.Settings.Get().Location()
	for _, e := range events {
		var told struct {
			Visits []flows.Visit `json:"visits"`
		}
		store.Decode(e.Data, &told)
		day := e.At.Time().In(zone).Format("2006-01-02")
		if days[day] == nil {
			days[day] = flows.Counts{}
		}
		days[day].Add(told.Visits)
	}
	return days
}

// AddCounts writes what happened between two events, unless somebody else did meanwhile.
func AddCounts(t *store.Tx, days map[string]flows.Counts, from, to int64) error {
	var counted int64
	if err := t.First(&counted, CountedQuery); err != nil || counted != from {
		return err
	}
	for day, counts := range days {
		for v, n := range counts {
			_, err := t.DB().NewQuery(`INSERT INTO flow_counts (id, flow, version, node, what, port, day, n, pos)
				VALUES ({:id}, {:flow}, {:version}, {:node}, {:what}, {:port}, {:day}, {:n}, {:pos})
				ON CONFLICT (flow, day, version, node, what, port) DO UPDATE SET n = n + excluded.n, pos = excluded.pos`).
				Bind(dbx.Params{"id": store.NewID(t.Now), "flow": v.Flow, "version": v.Version, "node": v.Node, "what": string(v.What), "port": v.Port,
					"day": day, "n": n, "pos": to}).Execute()
			if err != nil {
				return fmt.Errorf("count visits: %w", err)
			}
		}
	}
	return nil
}
