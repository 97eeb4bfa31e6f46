package hooks

import (
	"context"
	"fmt"
	"net/http"

	"mostrador/flows"

	"github.com/pocketbase/dbx"
)

// FlowImport says what becomes of a flow that comes from a file.
type FlowImport struct {
	Publish bool // at work from now on; else it is a draft
	First   bool // with Publish: it answers first messages, before every flow that did so until now
}

// ImportFlow makes a new flow of a file's text. The problems are what flows.Check finds with this desk's areas; with
// errors among them nothing is published, and the id is empty.
func (d *Desk) ImportFlow(ctx context.Context, definition []byte, how FlowImport) (id string, problems []flows.Problem, err error) {
	flow, err := flows.Parse(definition)
	if err != nil {
		return "", nil, fmt.Errorf("read the flow: %w", err)
	}
	err = d.Write(ctx, func(t *Tx) error {
		known := flows.Known{Areas: map[string]string{}}
		var areas []struct{ Key, Name string }
		if err := t.DB().NewQuery("SELECT `key`, name FROM areas WHERE active").All(&areas); err != nil {
			return fmt.Errorf("read areas: %w", err)
		}
		for _, a := range areas {
			known.Areas[a.Key] = a.Name
		}
		if problems = flows.Check(flow, known); how.Publish && !flows.Publishable(problems) {
			return nil
		}
		id, err = t.addFlow(flow, definition, how)
		return err
	})
	return id, problems, err
}

// addFlow writes the rows of a new flow.
func (t *Tx) addFlow(flow flows.Flow, definition []byte, how FlowImport) (id string, err error) {
	id = newID(t.Now)
	row := dbx.Params{"id": id, "name": flow.Name, "lang": string(flow.Lang), "draft": string(definition), "triggers": "[]", "order": 0,
		"version": 0, "active": false, "created": stamp(t.Now), "updated": stamp(t.Now)}
	if row["name"] == "" {
		row["name"] = "Flow " + id
	}
	if how.Publish {
		row["version"], row["active"] = 1, true
		if how.First {
			row["triggers"] = `[{"on":"message"}]`
			var order int
			if err := t.DB().NewQuery("SELECT COALESCE(MIN(`order`), 0) - 1 FROM flows").Row(&order); err != nil {
				return "", fmt.Errorf("read the order of flows: %w", err)
			}
			row["order"] = order
		}
		err := t.sow("flow_versions", dbx.Params{"flow": id, "number": 1, "definition": string(definition), "author": bySystem, "created": stamp(t.Now)})
		if err != nil {
			return "", err
		}
	}
	if _, err := t.DB().Insert("flows", row).Execute(); err != nil {
		return "", fmt.Errorf("write the flow: %w", err)
	}
	return id, nil
}

// ExportFlow is a flow's published version, or its draft when it has none, as the text of a file.
func (d *Desk) ExportFlow(ctx context.Context, id string) ([]byte, error) {
	var text string
	err := d.App.ConcurrentDB().NewQuery(`SELECT COALESCE(v.definition, f.draft) FROM flows f
		LEFT JOIN flow_versions v ON v.flow = f.id AND v.number = f.version WHERE f.id = {:id}`).
		Bind(dbx.Params{"id": id}).WithContext(ctx).Row(&text)
	if err := missing(err); err != nil {
		return nil, err
	}
	return []byte(text), nil
}

// AreaKeyed finds an area by what flows call it.
func (d *Desk) AreaKeyed(ctx context.Context, key string) (id string, err error) {
	err = d.App.ConcurrentDB().NewQuery("SELECT id FROM areas WHERE `key` = {:key}").Bind(dbx.Params{"key": key}).WithContext(ctx).Row(&id)
	if err := missing(err); err != nil {
		return "", &Refusal{Status: http.StatusBadRequest, Code: codeUnknownArea}
	}
	return id, nil
}
