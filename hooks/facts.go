package hooks

import (
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"mostrador/flows"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

// facts is what flows need to know about the desk: areas, opening hours, published flows. It is read once and kept until
// one of its tables changes.
type facts struct {
	mark     string // of the tables as they were read
	areas    map[string]areaFacts
	ids      map[string]string // area ids by key
	hours    map[string]flows.Calendar
	flows    map[flows.Ref]flows.Flow
	triggers []flows.Trigger
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

// factsNow are those that hold in this transaction.
func (d *Desk) factsNow(t *store.Tx) (*facts, error) {
	f, err := d.factsReaderIn(t).since(d.facts)
	if err == nil {
		d.facts = f
	}
	return f, err
}

// lastFacts are those that were committed last, for whoever only reads: the simulator, the check of a draft.
func (d *Desk) lastFacts() (*facts, error) {
	d.seen.mu.Lock()
	defer d.seen.mu.Unlock()
	f, err := d.factsReader(d.Store.App.ConcurrentDB()).since(d.seen.facts)
	if err == nil {
		d.seen.facts = f
	}
	return f, err
}

// seenFacts is what lastFacts keeps.
type seenFacts struct {
	mu    sync.Mutex
	facts *facts
}

// factsReader reads facts by one connection.
type factsReader struct {
	db   dbx.Builder
	zone *time.Location // of areas without their own
	mark string         // of the zone
	log  *slog.Logger
}

func (d *Desk) factsReaderIn(t *store.Tx) factsReader { return d.factsReader(t.DB()) }

func (d *Desk) factsReader(db dbx.Builder) factsReader {
	s := d.Settings.Get()
	return factsReader{db, s.Location(), s.Zone, d.Store.App.Logger()}
}

// since answers the facts given, unless something changed since they were read.
func (r factsReader) since(known *facts) (*facts, error) {
	var mark string
	if err := store.First(store.Execer(r.db), &mark, factsMark, r.mark); err != nil {
		return nil, fmt.Errorf("look at flows, areas and hours: %w", err)
	}
	if known != nil && known.mark == mark && mark != "" {
		return known, nil
	}
	f := &facts{mark: mark, areas: map[string]areaFacts{}, ids: map[string]string{}, hours: map[string]flows.Calendar{}, flows: map[flows.Ref]flows.Flow{}}
	for _, read := range []func(*facts) error{r.readAreas, r.readHours, r.readFlows} {
		if err := read(f); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (r factsReader) readAreas(f *facts) error {
	var rows []areaFacts
	if err := r.db.Select("id", "key", "name", "zone", "awayText", "active").From("areas").All(&rows); err != nil {
		return fmt.Errorf("read areas: %w", err)
	}
	for _, a := range rows {
		f.areas[a.ID] = a
		f.ids[a.Key] = a.ID
	}
	return nil
}

func (r factsReader) readFlows(f *facts) error {
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
		f.flows[flow.Ref()] = flow
		f.flows[flows.Ref{Flow: row.ID}] = flow
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
			f.triggers = append(f.triggers, trigger)
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
	_, unread := misread(err)
	return unread || store.IsNone(err)
}

// need makes sure that the versions a session stands in are at hand; one that is gone is left out, and the flow engine
// hands over.
func (d *Desk) need(t *store.Tx, f *facts, refs []flows.Ref) error {
	for _, ref := range refs {
		if _, ok := f.flows[ref]; ok {
			continue
		}
		flow, err := d.factsReaderIn(t).version(ref)
		switch {
		case store.IsNone(err):
			continue
		case err != nil && !unusable(err):
			return err
		case err != nil:
			t.App.Logger().Error("a flow's version cannot be read", "flow", ref.Flow, "version", ref.Version, "error", err)
			continue
		}
		all := maps.Clone(f.flows) // what was given to an engine is never changed
		all[ref] = flow
		f.flows = all
	}
	return nil
}

// begin finds the flow for the first message of a conversation.
func (f *facts) begin(c *store.Conversation, text string, now time.Time) (flows.Flow, bool) {
	trigger, ok := flows.Choose(f.triggers, flows.Facts{Text: text, First: true, Ended: c.Status == store.StatusClosed,
		Open: f.calendar(c.Area).Open(now), Line: c.Line, Area: f.areas[c.Area].Key})
	return f.flows[flows.Ref{Flow: trigger.Flow}], ok
}

// names are the names of the areas in use, by key.
func (f *facts) names() map[string]string {
	names := make(map[string]string, len(f.areas))
	for _, a := range f.areas {
		if a.Active {
			names[a.Key] = a.Name
		}
	}
	return names
}
