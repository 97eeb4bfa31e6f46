package hooks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"mostrador/flows"
	"mostrador/hooks/api"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Publication is how a draft is published.
type Publication struct {
	Note     string `json:"note"`     // for whoever reads the list of versions
	Revision *int   `json:"revision"` // that was looked at; a save in between refuses; nil: whatever is there
}

// Rollback is which older version comes back.
type Rollback struct {
	Version  int    `json:"version"`
	Note     string `json:"note"`
	Draft    bool   `json:"draft"`    // the draft becomes that version, too
	Revision *int   `json:"revision"` // with Draft: that was looked at
}

// Published is the version that customers who begin now meet.
type Published struct {
	Version   int           `json:"version"`
	Published bool          `json:"published"` // false: it was so already, and there is no new version
	Warnings  []ProblemView `json:"warnings"`  // of a rollback the errors, too, that are no reason to refuse it
}

// errMoved means that a flow is not what it was when it was looked at.
var errMoved = errors.New("the flow changed meanwhile")

const (
	maxNote      = 500 // characters of a version's note
	publishTries = 5   // how often a flow that is saved again and again is looked at
)

// PublishFlow makes the draft the version in which conversations begin. One with errors, or with a test that does not
// pass, is refused. The first time it also switches the flow on. Nothing happens when the draft is what is published.
func (d *Desk) PublishFlow(ctx context.Context, v rights.Viewer, id, lang string, p Publication) (Published, error) {
	return d.tryPublishing(p.Note, func() (answer Published, err error) {
		row, err := d.flow(id)
		if err != nil {
			return answer, err
		}
		f, err := row.parse()
		if err != nil {
			return answer, unreadable(err)
		}
		if p.Revision != nil && *p.Revision != row.Revision {
			return answer, d.Store.Write(ctx, func(t *store.Tx) error { return d.stale(t, row) })
		}
		if same, err := d.isPublished(row, f); err != nil || same {
			return Published{Version: row.Version, Warnings: []ProblemView{}}, err
		}
		found, err := d.mayPublish(f, row.triggers())
		if err != nil {
			return answer, err
		}
		tests, err := d.flowTests(id)
		if err != nil {
			return answer, err
		}
		if err := d.passes(f, tests, lang); err != nil {
			return answer, err
		}
		answer = Published{Published: true, Warnings: sayProblems(found, lang)}
		answer.Version, err = d.publishAs(ctx, row, versionRow{Author: v.ID, Note: p.Note, Definition: row.Draft}, nil)
		return answer, err
	})
}

// RollbackFlow publishes an older version again, as a new one. The flow's tests are those of its draft and are not run: going
// back must work in a hurry. For the same reason what was live comes back although a rule that this program has learnt since
// finds an error in it; the answer tells of it. It is refused when what it leads to is gone from the desk.
func (d *Desk) RollbackFlow(ctx context.Context, v rights.Viewer, id, lang string, r Rollback) (Published, error) {
	return d.tryPublishing(r.Note, func() (answer Published, err error) {
		row, err := d.flow(id)
		if err != nil {
			return answer, err
		}
		older, err := d.flowVersion(id, r.Version)
		if errors.Is(err, api.ErrNotFound) {
			return answer, api.BadValue("version")
		}
		if err != nil {
			return answer, err
		}
		f, err := flows.Parse(older.Definition)
		if err != nil {
			return answer, unreadable(err)
		}
		f.ID = id
		redraft := func(t *store.Tx) error { return d.redraft(t, v, id, older, r) }
		if same, err := d.isPublished(row, f); err != nil || same {
			if err == nil {
				err = d.Store.Write(ctx, redraft)
			}
			return Published{Version: row.Version, Warnings: []ProblemView{}}, err
		}
		found, err := d.mayReturn(f)
		if err != nil {
			return answer, err
		}
		answer = Published{Published: true, Warnings: sayProblems(found, lang)}
		answer.Version, err = d.publishAs(ctx, row, versionRow{Author: v.ID, Note: r.Note, Definition: older.Definition, Kind: kindRollback, Base: r.Version}, redraft)
		return answer, err
	})
}

// kindRollback marks a version that is an older one again.
const kindRollback = "rollback"

// redraft makes an older version the draft, if that is asked for.
func (d *Desk) redraft(t *store.Tx, v rights.Viewer, id string, older *versionRow, r Rollback) error {
	if !r.Draft {
		return nil
	}
	row, err := flowRowOf(t, id)
	if err != nil {
		return err
	}
	before := *row
	definition, err := flows.Upgrade(older.Definition)
	if err != nil {
		return unreadable(err)
	}
	if err := (FlowChange{}).rewrite(row, definition, nil); err != nil {
		return err
	}
	if len(row.editedSince(before)) == 0 {
		return nil
	}
	if r.Revision != nil && *r.Revision != before.Revision {
		return d.stale(t, &before)
	}
	row.revise(v, t)
	return keepFlow(t, v, row, before)
}

// tryPublishing looks at a flow and publishes what was looked at, again when it changed in between: checking a flow and
// playing its tests takes too long for a transaction.
func (d *Desk) tryPublishing(note string, try func() (Published, error)) (answer Published, err error) {
	if len([]rune(note)) > maxNote {
		return answer, &api.Refusal{Status: http.StatusBadRequest, Code: api.CodeTooLong, Args: map[string]any{"field": "note", "max": maxNote}}
	}
	for range publishTries {
		if answer, err = try(); !errors.Is(err, errMoved) {
			return answer, err
		}
	}
	return answer, err
}

// isPublished tells whether a definition is the one that is published. Where its nodes stand in the editor is no
// difference.
func (d *Desk) isPublished(row *flowRow, f flows.Flow) (bool, error) {
	if !row.ArchivedAt.IsZero() {
		return false, api.Refuse(http.StatusConflict, api.CodeFlowArchived)
	}
	if row.Version == 0 {
		return false, nil
	}
	published, err := d.flowVersion(row.ID, row.Version)
	if err != nil {
		return false, fmt.Errorf("read the published version of flow %s: %w", row.ID, err)
	}
	is, err := flows.Parse(published.Definition)
	return err == nil && len(flows.Diff(is, f)) == 0, nil // one that can't be read is replaced
}

// mayPublish refuses a flow with errors, and answers its warnings.
func (d *Desk) mayPublish(f flows.Flow, triggers []flows.Trigger) ([]flows.Problem, error) {
	known, err := d.knownHere(f)
	if err != nil {
		return nil, err
	}
	found := judge(f, triggers, known)
	if !flows.Publishable(found) {
		return nil, &api.Refusal{Status: http.StatusBadRequest, Code: api.CodeFlowErrors, InWords: foundProblems(found).inWords}
	}
	return found, nil
}

// mayReturn refuses a version that was live when it leads to something that is gone from the desk, and answers its problems.
func (d *Desk) mayReturn(f flows.Flow) ([]flows.Problem, error) {
	known, err := d.knownHere(f)
	if err != nil {
		return nil, err
	}
	found, own := judge(f, nil, known), flows.Check(f, flows.Known{})
	gone := slices.DeleteFunc(slices.Clone(found), func(p flows.Problem) bool { return slices.Contains(own, p) })
	if !flows.Publishable(gone) {
		return nil, &api.Refusal{Status: http.StatusBadRequest, Code: api.CodeFlowErrors, InWords: foundProblems(gone).inWords}
	}
	return found, nil
}

// publishAs makes a definition the published version of a flow that is still as row says, and does what belongs to it.
func (d *Desk) publishAs(ctx context.Context, row *flowRow, version versionRow, also func(*store.Tx) error) (number int, err error) {
	err = d.Store.Write(ctx, func(t *store.Tx) error {
		now, err := flowRowOf(t, row.ID)
		if err != nil {
			return err
		}
		if now.Seq != row.Seq {
			return errMoved
		}
		if number, err = publishFlow(t, now, version); err != nil || also == nil {
			return err
		}
		return also(t)
	})
	return number, err
}

// publishFlow writes the next version of a flow, and what happened.
func publishFlow(t *store.Tx, row *flowRow, v versionRow) (number int, err error) {
	err = t.DB().NewQuery("SELECT COALESCE(MAX(number), 0) + 1 FROM flow_versions WHERE flow = {:flow}").Bind(dbx.Params{"flow": row.ID}).Row(&number)
	if err != nil {
		return 0, fmt.Errorf("number the version: %w", err)
	}
	v.ID, v.Flow, v.Number, v.Created, v.Author = store.NewID(t.Now), row.ID, number, store.Stamp(t.Now), cmp.Or(v.Author, store.BySystem)
	v.ArchivedAt = types.DateTime{}
	if err := t.Insert(&v); err != nil {
		return 0, fmt.Errorf("write the version: %w", err)
	}
	row.Active = row.Active || row.Version == 0
	row.Version = number
	if err := saveFlow(t, row, "Version", "Active"); err != nil {
		return 0, fmt.Errorf("publish flow %s: %w", row.ID, err)
	}
	kind := "flow_published"
	if v.Kind == kindRollback {
		kind = "flow_rolled_back"
	}
	return number, t.Event(nil, kind, v.Author, flowEvent{Flow: row.ID, Name: row.Name, Version: number, Base: v.Base})
}
