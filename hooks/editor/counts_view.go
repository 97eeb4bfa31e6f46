package editor

import (
	"context"
	"fmt"
	"time"

	"mostrador/flows"
	"mostrador/hooks/api"
	"mostrador/hooks/store"
)

// CountsView is what happened at the nodes of a flow.
type CountsView struct {
	Version int                         `json:"version"` // 0: all of them
	From    string                      `json:"from"`    // days, both included
	To      string                      `json:"to"`
	Nodes   map[string]flows.NodeCounts `json:"nodes"`
}

const (
	CountsQuery = `SELECT version, node, what, port, SUM(n) AS n FROM flow_counts WHERE flow = ? AND day >= ? AND day <= ? AND (? = 0 OR version = ?)
		GROUP BY version, node, what, port`
	countedDays = 30  // when nothing is said
	maxDays     = 366 // that one answer sums
)

// Counts sums the days from first to last; empty: the last thirty.
func (ed *Editor) Counts(ctx context.Context, id string, version int, first, last string) (CountsView, error) {
	if _, err := ed.Row(id); err != nil {
		return CountsView{}, err
	}
	from, to, err := ed.days(first, last)
	if err != nil {
		return CountsView{}, err
	}
	if err := ed.CountVisits(ctx); err != nil {
		return CountsView{}, err
	}
	shown := CountsView{Version: version, From: from.Format(time.DateOnly), To: to.Format(time.DateOnly)}
	rows, err := store.Many[struct {
		Version int    `db:"version"`
		Node    string `db:"node"`
		What    string `db:"what"`
		Port    string `db:"port"`
		N       int    `db:"n"`
	}](store.Execer(ed.Store.App.ConcurrentDB()), CountsQuery, id, shown.From, shown.To, version, version)
	if err != nil {
		return CountsView{}, fmt.Errorf("read the counts of flow %s: %w", id, err)
	}
	counts := flows.Counts{}
	for _, row := range rows {
		counts[flows.Visit{Ref: flows.Ref{Flow: id, Version: row.Version}, Node: row.Node, What: flows.What(row.What), Port: row.Port}] += row.N
	}
	shown.Nodes = counts.Nodes(flows.Ref{Flow: id, Version: version})
	return shown, nil
}

// days reads a span of days in the desk's zone.
func (ed *Editor) days(first, last string) (from, to time.Time, err error) {
	to, err = time.Parse(time.DateOnly, ed.Store.Now().In(ed.Settings.Get().Location()).Format(time.DateOnly))
	if err == nil && last != "" {
		to, err = time.Parse(time.DateOnly, last)
	}
	if err != nil {
		return from, to, api.BadValue("to")
	}
	from = to.AddDate(0, 0, 1-countedDays)
	if first != "" {
		if from, err = time.Parse(time.DateOnly, first); err != nil {
			return from, to, api.BadValue("from")
		}
	}
	if from.After(to) || to.Sub(from) >= maxDays*24*time.Hour {
		return from, to, api.ErrBadValue.With("field", "from")
	}
	return from, to, nil
}
