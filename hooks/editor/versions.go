package editor

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"

	"mostrador/flows"
	"mostrador/hooks/api"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

// VersionView is a version of a flow that was published once.
type VersionView struct {
	Number        int             `json:"number"`
	Author        string          `json:"author"` // a user id, or system
	At            string          `json:"at"`
	Note          string          `json:"note,omitempty"`
	Kind          string          `json:"kind,omitempty"`       // rollback: the version Base again
	Base          int             `json:"base,omitempty"`       // rollback only
	Published     bool            `json:"published"`            // conversations begin in it
	Conversations int             `json:"conversations"`        // that stand in it now
	ArchivedAt    string          `json:"archivedAt,omitempty"` // it was replaced, and the last conversation has left it
	Definition    json.RawMessage `json:"definition,omitempty"` // not in lists
}

func (v *VersionRow) view(row *flowRow, inside []InsideView) VersionView {
	shown := VersionView{Number: v.Number, Author: v.Author, At: store.ISO(v.Created), Note: v.Note, Kind: v.Kind, Base: v.Base,
		Published: v.Number == row.Version, ArchivedAt: store.ISO(v.ArchivedAt)}
	for _, n := range inside {
		if n.Version == v.Number {
			shown.Conversations = n.Conversations
		}
	}
	return shown
}

// Versions lists the versions of a flow, newest first, below a number; 0: from the newest on.
func (ed *Editor) Versions(id string, before, limit int) ([]VersionView, error) {
	row, err := ed.Row(id)
	if err != nil {
		return nil, err
	}
	if before <= 0 {
		before = math.MaxInt32
	}
	versions, err := store.Many[VersionRow](store.Execer(ed.Store.App.ConcurrentDB()), VersionsQuery, id, before, limit)
	if err != nil {
		return nil, fmt.Errorf("read the versions of flow %s: %w", id, err)
	}
	inside, err := ed.inside(InsideQuery, []any{id})
	views := make([]VersionView, len(versions))
	for i := range versions {
		views[i] = versions[i].view(row, inside[id])
	}
	return views, err
}

// Version shows one, with its definition.
func (ed *Editor) Version(id string, number int) (VersionView, error) {
	row, err := ed.Row(id)
	if err != nil {
		return VersionView{}, err
	}
	version, err := ed.flowVersion(id, number)
	if err != nil {
		return VersionView{}, err
	}
	inside, err := ed.inside(InsideQuery, []any{id})
	shown := version.view(row, inside[id])
	shown.Definition = json.RawMessage(version.Definition)
	if now, err := flows.Upgrade(version.Definition); err == nil {
		shown.Definition = now
	}
	return shown, err
}

// Diff lists what is different between two definitions of a flow: numbers of versions, or draft.
func (ed *Editor) Diff(id, from, to string) ([]flows.Change, error) {
	a, err := ed.definition(id, from)
	if err != nil {
		return nil, err
	}
	b, err := ed.definition(id, to)
	if err != nil {
		return nil, err
	}
	return append([]flows.Change{}, flows.Diff(a, b)...), nil
}

// theDraft names the draft where a version is asked for.
const theDraft = "draft"

// definition reads a version, or the draft.
func (ed *Editor) definition(id, which string) (flows.Flow, error) {
	row, err := ed.Row(id)
	if err != nil {
		return flows.Flow{}, err
	}
	text, err := ed.definitionText(row, which)
	if err != nil {
		return flows.Flow{}, err
	}
	f, err := flows.Parse(text)
	f.ID = id
	return f, unreadable(err)
}

// definitionText is a version, or the draft, as it is stored. Empty: what is published, else the draft.
func (ed *Editor) definitionText(row *flowRow, which string) ([]byte, error) {
	if which == theDraft || which == "" && row.Version == 0 {
		return row.Draft, nil
	}
	number := row.Version
	if which != "" {
		var err error
		if number, err = strconv.Atoi(which); err != nil {
			return nil, api.BadValue("version")
		}
	}
	version, err := ed.flowVersion(row.ID, number)
	if err != nil {
		return nil, err
	}
	return version.Definition, nil
}

// Versions that were replaced and in which nobody stands; where one flow called another, people stand in both, so the
// sessions of the few who are in several flows are read, too.
const (
	LeftVersions = `SELECT v.id, v.flow, v.number FROM flow_versions v JOIN flows f ON f.id = v.flow WHERE v.archivedAt = '' AND v.flow > '' AND v.number != f.version
		AND NOT EXISTS (SELECT 1 FROM conversations c WHERE c.flow = v.flow AND c.version = v.number AND c.flow != '') LIMIT {:limit}`
	callingVersions = `SELECT DISTINCT json_extract(frame.value, '$.flow') AS flow, json_extract(frame.value, '$.version') AS number
		FROM conversations c, json_each(c.session, '$.frames') frame
		WHERE c.flow != '' AND c.flow > '' AND json_array_length(c.session, '$.frames') > 1`
)

// RetireVersions archives versions that the last conversation has left. They stay: they can be looked at and published
// again.
func (ed *Editor) RetireVersions(ctx context.Context) error {
	var left []VersionRow
	if err := ed.Store.App.ConcurrentDB().NewQuery(LeftVersions).Bind(dbx.Params{"limit": store.ClockBatch}).WithContext(ctx).All(&left); err != nil {
		return fmt.Errorf("look for versions of flows that nobody is in: %w", err)
	}
	if len(left) == 0 {
		return nil
	}
	calling, err := store.Many[VersionRow](store.Execer(ed.Store.App.ConcurrentDB()), callingVersions)
	if err != nil {
		return fmt.Errorf("look for flows that called another: %w", err)
	}
	used := map[flows.Ref]bool{}
	for _, v := range calling {
		used[flows.Ref{Flow: v.Flow, Version: v.Number}] = true
	}
	left = slices.DeleteFunc(left, func(v VersionRow) bool { return used[flows.Ref{Flow: v.Flow, Version: v.Number}] })
	if len(left) == 0 {
		return nil
	}
	return ed.Store.Write(ctx, func(t *store.Tx) error {
		for _, v := range left {
			if err := retire(t, &v); err != nil {
				return err
			}
		}
		return nil
	})
}

// retire judges one version again inside the transaction that archives it.
func retire(t *store.Tx, v *VersionRow) error {
	_, err := t.DB().NewQuery(`UPDATE flow_versions SET archivedAt = {:now} WHERE id = {:id} AND archivedAt = ''
		AND number != (SELECT version FROM flows WHERE id = flow)
		AND NOT EXISTS (SELECT 1 FROM conversations c WHERE c.flow = {:flow} AND c.version = {:number} AND c.flow != '')`).
		Bind(dbx.Params{"now": store.Stamp(t.Now), "id": v.ID, "flow": v.Flow, "number": v.Number}).Execute()
	if err != nil {
		return fmt.Errorf("archive version %d of flow %s: %w", v.Number, v.Flow, err)
	}
	return nil
}
