package editor

import (
	"context"

	"mostrador/flows"
	"mostrador/hooks/api"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

// FlowImport says what becomes of a flow that comes from a file.
type FlowImport struct {
	Publish bool // at work from now on; else it is a draft
	First   bool // with Publish: it answers first messages, before every flow that did so until now
}

// Import makes a new flow of a file, or of a flow alone, with its tests and triggers. The problems are those on this
// desk; with errors among them nothing is published, and the id is empty. A test that does not pass is a Refusal.
func (ed *Editor) Import(ctx context.Context, text []byte, how FlowImport) (id string, problems []flows.Problem, err error) {
	s, err := seedlingOf(text, ed.Settings.Get().Lang)
	if err != nil {
		return "", nil, err
	}
	s.By = store.BySystem
	f, err := flows.Parse(s.draft)
	if err != nil {
		return "", nil, unreadable(err)
	}
	known, err := ed.knownHere(f)
	if err != nil {
		return "", nil, err
	}
	problems = judge(f, s.triggers, known)
	if how.Publish {
		if !flows.Publishable(problems) {
			return "", problems, nil
		}
		if err := ed.passes(f, s.testRows(), ed.Settings.Get().Lang); err != nil {
			return "", problems, err
		}
	}
	err = ed.Store.Write(ctx, func(t *store.Tx) error {
		row, err := Plant(t, s)
		if err != nil {
			return err
		}
		id = row.ID
		if err := t.Event(nil, "flow_created", store.BySystem, flowEvent{Flow: id, Name: row.Name}); err != nil || !how.Publish {
			return err
		}
		if how.First {
			if err := putFirst(t, row); err != nil {
				return err
			}
		}
		_, err = PublishFlow(t, row, VersionRow{Definition: row.Draft})
		return err
	})
	return id, problems, err
}

// putFirst lets a flow answer first messages before all others.
func putFirst(t *store.Tx, row *flowRow) error {
	list := []flows.Trigger{}
	for _, trigger := range row.ReadTriggers() {
		if trigger.On != flows.OnFirst {
			list = append(list, trigger)
		}
	}
	row.Triggers = store.Raw(append(list, flows.Trigger{On: flows.OnFirst}))
	if err := t.DB().NewQuery("SELECT COALESCE(MIN(`order`), 0) - 1 FROM flows").Row(&row.Order); err != nil {
		return err
	}
	return saveFlow(t, row, "Triggers", "Order")
}

// Export is a flow as a file: with its tests, triggers and the names of what it sends. which is a version's number, or
// draft; empty: what is published, else the draft.
func (ed *Editor) Export(id, which string) ([]byte, error) {
	row, err := ed.Row(id)
	if err != nil {
		return nil, err
	}
	text, err := ed.definitionText(row, which)
	if err != nil {
		return nil, err
	}
	file := flows.File{Triggers: row.ReadTriggers()}
	if file.JSON, err = flows.Upgrade(text); err == nil {
		file.Flow, err = flows.Parse(file.JSON)
	}
	if err != nil {
		return nil, unreadable(err)
	}
	tests, err := ed.flowTests(id)
	for _, test := range tests {
		file.Tests = append(file.Tests, flows.FileTest{Name: test.Name, Text: test.Text})
	}
	if err != nil {
		return nil, err
	}
	return file.Encode()
}

// AreaKeyed finds an area by what flows call it.
func (ed *Editor) AreaKeyed(ctx context.Context, key string) (id string, err error) {
	err = ed.Store.App.ConcurrentDB().NewQuery("SELECT id FROM areas WHERE `key` = {:key}").Bind(dbx.Params{"key": key}).WithContext(ctx).Row(&id)
	if err := api.Missing(err); err != nil {
		return "", api.ErrUnknownArea
	}
	return id, nil
}
