// Package facts: what flows need to know of the desk: areas, opening hours, published flows.
package facts

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"mostrador/flows"
	"mostrador/hooks/settings"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Keeper reads what flows may know, and reads it again when it changed.
type Keeper struct {
	Settings *settings.Keeper
	Store    *store.Store

	writers *Facts    // the writer's alone
	seen    seenFacts // of whoever only reads
}

// Facts is what flows need to know about the desk: areas, opening hours, published flows. It is read once and kept until
// one of its tables changes.
type Facts struct {
	Mark     string // of the tables as they were read
	Areas    map[string]areaFacts
	IDs      map[string]string // area ids by key
	Hours    map[string]flows.Calendar
	Flows    map[flows.Ref]flows.Flow
	Triggers []flows.Trigger
}

type areaFacts struct {
	ID       string `db:"id"`
	Key      string `db:"key"`
	Name     string `db:"name"`
	Zone     string `db:"zone"`
	AwayText string `db:"awayText"`
	Active   bool   `db:"active"`
}

// factsMark changes whenever one of the tables does, also when the clock was turned back: areas and hours, which have no
// numbers, count with the sum of their times. Every index scanned here is small: the texts of flows are not touched.
const factsMark = `SELECT (SELECT COUNT(*) || COALESCE(MAX(updated), '') FROM flows) || '/' || (SELECT COALESCE(MAX(seq), 0) FROM flows)
	|| '/' || (SELECT COUNT(*) || '-' || COALESCE(SUM(CAST(unixepoch(updated, 'subsec') * 1000 AS INTEGER)), 0) FROM areas)
	|| '/' || (SELECT COUNT(*) || '-' || COALESCE(SUM(CAST(unixepoch(updated, 'subsec') * 1000 AS INTEGER)), 0) FROM hours) || '/' || ?`

// Of are those that hold in this transaction.
func (k *Keeper) Of(t *store.Tx) (*Facts, error) {
	f, err := k.factsReaderIn(t).since(k.writers)
	if err == nil {
		k.writers = f
	}
	return f, err
}

// Last are those that were committed last, for whoever only reads: the simulator, the check of a draft.
func (k *Keeper) Last() (*Facts, error) {
	k.seen.mu.Lock()
	defer k.seen.mu.Unlock()
	f, err := k.factsReader(k.Store.App.ConcurrentDB()).since(k.seen.facts)
	if err == nil {
		k.seen.facts = f
	}
	return f, err
}

// seenFacts is what lastFacts keeps.
type seenFacts struct {
	mu    sync.Mutex
	facts *Facts
}

// factsReader reads facts by one connection.
type factsReader struct {
	db   dbx.Builder
	zone *time.Location // of areas without their own
	mark string         // of the zone
	log  *slog.Logger
}

func (k *Keeper) factsReaderIn(t *store.Tx) factsReader { return k.factsReader(t.DB()) }

func (k *Keeper) factsReader(db dbx.Builder) factsReader {
	s := k.Settings.Get()
	return factsReader{db, s.Location(), s.Zone, k.Store.App.Logger()}
}

// since answers the facts given, unless something changed since they were read.
func (r factsReader) since(known *Facts) (*Facts, error) {
	var mark string
	if err := store.First(store.Execer(r.db), &mark, factsMark, r.mark); err != nil {
		return nil, fmt.Errorf("look at flows, areas and hours: %w", err)
	}
	if known != nil && known.Mark == mark && mark != "" {
		return known, nil
	}
	f := &Facts{Mark: mark, Areas: map[string]areaFacts{}, IDs: map[string]string{}, Hours: map[string]flows.Calendar{}, Flows: map[flows.Ref]flows.Flow{}}
	for _, read := range []func(*Facts) error{r.readAreas, r.readHours, r.readFlows} {
		if err := read(f); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (r factsReader) readAreas(f *Facts) error {
	var rows []areaFacts
	if err := r.db.Select("id", "key", "name", "zone", "awayText", "active").From("areas").All(&rows); err != nil {
		return fmt.Errorf("read areas: %w", err)
	}
	for _, a := range rows {
		f.Areas[a.ID] = a
		f.IDs[a.Key] = a.ID
	}
	return nil
}

func (r factsReader) readFlows(f *Facts) error {
	var rows []struct {
		ID       string        `db:"id"`
		Version  int           `db:"version"`
		Active   bool          `db:"active"`
		Order    int           `db:"order"`
		Triggers types.JSONRaw `db:"triggers"`
	}
	err := r.db.NewQuery("SELECT id, version, active, `order`, triggers FROM flows WHERE archivedAt = '' AND version > 0 ORDER BY `order`, name, id").All(&rows)
	if err != nil {
		return fmt.Errorf("read flows: %w", err)
	}
	for _, row := range rows {
		flow, err := r.version(flows.Ref{Flow: row.ID, Version: row.Version})
		if err != nil && !unusable(err) {
			return err
		}
		if err != nil {
			r.log.Error("a published flow cannot be read", "flow", row.ID, "version", row.Version, "error", err)
			continue
		}
		f.Flows[flow.Ref()] = flow
		f.Flows[flows.Ref{Flow: row.ID}] = flow
		if !row.Active {
			continue
		}
		var triggers []flows.Trigger
		if err := store.UnmarshalOr(row.Triggers, &triggers); err != nil {
			r.log.Error("the triggers of a flow cannot be read", "flow", row.ID, "error", err)
			continue
		}
		for _, trigger := range triggers {
			trigger.Flow, trigger.Order = row.ID, row.Order
			f.Triggers = append(f.Triggers, trigger)
		}
	}
	return nil
}

// version reads one version of a flow. Those inside an archived flow finish on theirs; nothing new begins there, because
// readFlows leaves it out.
func (r factsReader) version(ref flows.Ref) (flows.Flow, error) {
	var definition types.JSONRaw
	err := r.db.NewQuery(`SELECT definition FROM flow_versions WHERE flow = {:flow} AND number = {:number}`).
		Bind(dbx.Params{"flow": ref.Flow, "number": ref.Version}).Row(&definition)
	if err != nil {
		return flows.Flow{}, fmt.Errorf("read version %d of flow %s: %w", ref.Version, ref.Flow, err)
	}
	flow, err := flows.Parse(definition)
	flow.ID, flow.Version = ref.Flow, ref.Version
	return flow, err
}

// unusable tells that a version is not there or is no flow. Any other error is the database's, which may read it another time.
func unusable(err error) bool {
	_, unread := Misread(err)
	return unread || store.IsNone(err)
}

// Need makes sure that the versions a session stands in are at hand; one that is gone is left out, and the flow engine
// hands over.
func (k *Keeper) Need(t *store.Tx, f *Facts, refs []flows.Ref) error {
	for _, ref := range refs {
		if _, ok := f.Flows[ref]; ok {
			continue
		}
		flow, err := k.factsReaderIn(t).version(ref)
		switch {
		case store.IsNone(err):
			continue
		case err != nil && !unusable(err):
			return err
		case err != nil:
			t.App.Logger().Error("a flow's version cannot be read", "flow", ref.Flow, "version", ref.Version, "error", err)
			continue
		}
		all := maps.Clone(f.Flows) // what was given to an engine is never changed
		all[ref] = flow
		f.Flows = all
	}
	return nil
}

// Begin finds the flow for the first message of a conversation.
func (f *Facts) Begin(c *store.Conversation, text string, now time.Time) (flows.Flow, bool) {
	trigger, ok := flows.Choose(f.Triggers, flows.Facts{Text: text, First: true, Ended: c.Status == store.StatusClosed,
		Open: f.Calendar(c.Area).Open(now), Line: c.Line, Area: f.Areas[c.Area].Key})
	return f.Flows[flows.Ref{Flow: trigger.Flow}], ok
}

// Names are the names of the areas in use, by key.
func (f *Facts) Names() map[string]string {
	names := make(map[string]string, len(f.Areas))
	for _, a := range f.Areas {
		if a.Active {
			names[a.Key] = a.Name
		}
	}
	return names
}

// Misread is the problem of a flow that can't be read.
func Misread(err error) (flows.Problem, bool) {
	var u *flows.Unreadable
	if !errors.As(err, &u) {
		return flows.Problem{}, false
	}
	return u.Problem, true
}
