package editor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
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

// ErrMoved means that a flow is not what it was when it was looked at.
var ErrMoved = errors.New("the flow changed meanwhile")

const (
	maxNote      = 500 // characters of a version's note
	publishTries = 5   // how often a flow that is saved again and again is looked at
)

// Publish makes the draft the version in which conversations begin. One with errors, or with a test that does not
// pass, is refused. The first time it also switches the flow on. Nothing happens when the draft is what is published.
func (ed *Editor) Publish(ctx context.Context, v rights.Viewer, id, lang string, p Publication) (Published, error) {
	return ed.TryPublishing(p.Note, func() (answer Published, err error) {
		row, err := ed.Row(id)
		if err != nil {
			return answer, err
		}
		f, err := row.parse()
		if err != nil {
			return answer, unreadable(err)
		}
		if p.Revision != nil && *p.Revision != row.Revision {
			return answer, ed.Store.Write(ctx, func(t *store.Tx) error { return ed.stale(t, row) })
		}
		if same, err := ed.isPublished(row, f); err != nil || same {
			return Published{Version: row.Version, Warnings: []ProblemView{}}, err
		}
		found, err := ed.mayPublish(f, row.ReadTriggers())
		if err != nil {
			return answer, err
		}
		tests, err := ed.flowTests(id)
		if err != nil {
			return answer, err
		}
		if err := ed.passes(f, tests, lang); err != nil {
			return answer, err
		}
		answer = Published{Published: true, Warnings: sayProblems(found, lang)}
		answer.Version, err = ed.PublishAs(ctx, row, VersionRow{Author: v.ID, Note: p.Note, Definition: row.Draft}, nil)
		return answer, err
	})
}

// Rollback publishes an older version again, as a new one. The flow's tests are those of its draft and are not run: going
// back must work in a hurry. For the same reason what was live comes back although a rule that this program has learnt since
// finds an error in it; the answer tells of it. It is refused when what it leads to is gone from the desk.
func (ed *Editor) Rollback(ctx context.Context, v rights.Viewer, id, lang string, r Rollback) (Published, error) {
	return ed.TryPublishing(r.Note, func() (answer Published, err error) {
		row, err := ed.Row(id)
		if err != nil {
			return answer, err
		}
		older, err := ed.flowVersion(id, r.Version)
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
		redraft := func(t *store.Tx) error { return ed.redraft(t, v, id, older, r) }
		if same, err := ed.isPublished(row, f); err != nil || same {
			if err == nil {
				err = ed.Store.Write(ctx, redraft)
			}
			return Published{Version: row.Version, Warnings: []ProblemView{}}, err
		}
		found, err := ed.mayReturn(f)
		if err != nil {
			return answer, err
		}
		answer = Published{Published: true, Warnings: sayProblems(found, lang)}
		answer.Version, err = ed.PublishAs(ctx, row, VersionRow{Author: v.ID, Note: r.Note, Definition: older.Definition, Kind: kindRollback, Base: r.Version}, redraft)
		return answer, err
	})
}

// kindRollback marks a version that is an older one again.
const kindRollback = "rollback"

// redraft makes an older version the draft, if that is asked for.
func (ed *Editor) redraft(t *store.Tx, v rights.Viewer, id string, older *VersionRow, r Rollback) error {
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
		return ed.stale(t, &before)
	}
	row.revise(v, t)
	return keepFlow(t, v, row, before)
}

// TryPublishing looks at a flow and publishes what was looked at, again when it changed in between: checking a flow and
// playing its tests takes too long for a transaction.
func (ed *Editor) TryPublishing(note string, try func() (Published, error)) (answer Published, err error) {
	if len([]rune(note)) > maxNote {
		return answer, api.ErrTooLong.With("field", "note").With("max", maxNote)
	}
	for range publishTries {
		if answer, err = try(); !errors.Is(err, ErrMoved) {
			return answer, err
		}
	}
	return answer, err
}

// isPublished tells whether a definition is the one that is published. Where its nodes stand in the editor is no
// difference.
func (ed *Editor) isPublished(row *flowRow, f flows.Flow) (bool, error) {
	if !row.ArchivedAt.IsZero() {
		return false, errFlowArchived
	}
	if row.Version == 0 {
		return false, nil
	}
	published, err := ed.flowVersion(row.ID, row.Version)
	if err != nil {
		return false, fmt.Errorf("read the published version of flow %s: %w", row.ID, err)
	}
	is, err := flows.Parse(published.Definition)
	return err == nil && len(flows.Diff(is, f)) == 0, nil // one that can't be read is replaced
}

// mayPublish refuses a flow with errors, and answers its warnings.
func (ed *Editor) mayPublish(f flows.Flow, triggers []flows.Trigger) ([]flows.Problem, error) {
	known, err := ed.knownHere(f)
	if err != nil {
		return nil, err
	}
	found := judge(f, triggers, known)
	if !flows.Publishable(found) {
		return nil, errFlowErrors.InWords(foundProblems(found).inWords)
	}
	return found, nil
}

// mayReturn refuses a version that was live when it leads to something that is gone from the desk, and answers its problems.
func (ed *Editor) mayReturn(f flows.Flow) ([]flows.Problem, error) {
	known, err := ed.knownHere(f)
	if err != nil {
		return nil, err
	}
	found, own := judge(f, nil, known), flows.Check(f, flows.Known{})
	gone := slices.DeleteFunc(slices.Clone(found), func(p flows.Problem) bool { return slices.Contains(own, p) })
	if !flows.Publishable(gone) {
		return nil, errFlowErrors.InWords(foundProblems(gone).inWords)
	}
	return found, nil
}

// PublishAs makes a definition the published version of a flow that is still as row says, and does what belongs to it.
func (ed *Editor) PublishAs(ctx context.Context, row *flowRow, version VersionRow, also func(*store.Tx) error) (number int, err error) {
	err = ed.Store.Write(ctx, func(t *store.Tx) error {
		now, err := flowRowOf(t, row.ID)
		if err != nil {
			return err
		}
		if now.Seq != row.Seq {
			return ErrMoved
		}
		if number, err = PublishFlow(t, now, version); err != nil || also == nil {
			return err
		}
		return also(t)
	})
	return number, err
}

// PublishFlow writes the next version of a flow, and what happened.
func PublishFlow(t *store.Tx, row *flowRow, v VersionRow) (number int, err error) {
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
