package editor

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"mostrador/flows"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"
)

// FlowView is a flow without its definition.
type FlowView struct {
	ID         string          `json:"id"`
	Name       string          `json:"name"`
	Lang       string          `json:"lang"`
	Kind       string          `json:"kind,omitempty"` // the ready-made flow that it was made of
	Active     bool            `json:"active"`         // its triggers are looked at
	Order      int             `json:"order"`          // among flows that would begin by equal triggers, the lowest wins
	Triggers   []flows.Trigger `json:"triggers"`
	Version    int             `json:"version"`  // published; 0: none yet
	Revision   int             `json:"revision"` // of the draft, the name and the triggers; send it back when you save
	Changed    bool            `json:"changed"`  // the draft is not what is published
	Errors     int             `json:"errors"`   // of the draft
	Warnings   int             `json:"warnings"`
	Inside     []InsideView    `json:"inside"`            // conversations that stand in it now, by version
	DraftBy    string          `json:"draftBy,omitempty"` // who saved Revision; absent: the system
	DraftAt    string          `json:"draftAt"`
	ArchivedAt string          `json:"archivedAt,omitempty"`
}

// InsideView counts the conversations that stand in one version of a flow.
type InsideView struct {
	Version       int `json:"version"`
	Conversations int `json:"conversations"`
}

// FlowDetail is a flow with its draft and what is wrong with it.
type FlowDetail struct {
	FlowView
	Draft    json.RawMessage `json:"draft"`
	Problems []ProblemView   `json:"problems"`
	Tests    int             `json:"tests"` // how many it has
}

// maxFlows is how many flows one desk has at most, archived ones apart.
const maxFlows = 500

// flowList is the flows in use, or the archived ones, without their texts.
const flowList = "SELECT id, name, lang, kind, triggers, version, revision, `order`, active, draftBy, draftAt, archivedAt, created, updated, seq FROM flows WHERE (archivedAt = '') = {:used} ORDER BY `order`, name, id LIMIT {:limit}"

// List lists the flows in use, or the archived ones.
func (ed *Editor) List(archived bool) ([]FlowView, error) {
	var rows []flowRow
	if err := ed.Store.App.ConcurrentDB().NewQuery(flowList).Bind(dbx.Params{"used": !archived, "limit": maxFlows}).All(&rows); err != nil {
		return nil, fmt.Errorf("read flows: %w", err)
	}
	inside, err := ed.inside(FlowsInside, nil)
	if err != nil {
		return nil, err
	}
	states, err := ed.states(rows)
	if err != nil {
		return nil, err
	}
	views := make([]FlowView, len(rows))
	for i := range rows {
		views[i] = rows[i].view(inside[rows[i].ID], states[rows[i].ID])
	}
	return views, nil
}

// Flow shows one, with its draft. lang is that of the sentences.
func (ed *Editor) Flow(id, lang string) (FlowDetail, error) {
	row, err := ed.Row(id)
	if err != nil {
		return FlowDetail{}, err
	}
	found, err := ed.judge(row)
	if err != nil {
		return FlowDetail{}, err
	}
	inside, err := ed.inside(InsideQuery, []any{id})
	if err != nil {
		return FlowDetail{}, err
	}
	states, err := ed.states([]flowRow{*row})
	if err != nil {
		return FlowDetail{}, err
	}
	detail := FlowDetail{FlowView: row.view(inside[id], states[id]), Draft: json.RawMessage(row.Draft), Problems: sayProblems(found, lang)}
	if now, err := flows.Upgrade(row.Draft); err == nil {
		detail.Draft = now // of an older format, as this program writes it
	}
	err = store.First(store.Execer(ed.Store.App.ConcurrentDB()), &detail.Tests, "SELECT COUNT(*) FROM flow_tests WHERE flow = ?", id)
	return detail, err
}

func (f *flowRow) view(inside []InsideView, s flowState) FlowView {
	at := f.DraftAt
	if at.IsZero() {
		at = f.Created
	}
	return FlowView{ID: f.ID, Name: f.Name, Lang: f.Lang, Kind: f.Kind, Active: f.Active, Order: f.Order, Triggers: f.ReadTriggers(), Version: f.Version,
		Revision: f.Revision, Changed: s.changed, Errors: s.errors, Warnings: s.warnings, Inside: append([]InsideView{}, inside...), DraftBy: f.DraftBy,
		DraftAt: store.ISO(at), ArchivedAt: store.ISO(f.ArchivedAt)}
}

// FlowsInside counts by the index alone, among the conversations that are in a flow now.
const FlowsInside = "SELECT flow, version, COUNT(*) AS n FROM conversations WHERE flow != '' AND flow > '' GROUP BY flow, version"

func (ed *Editor) inside(query string, args []any) (map[string][]InsideView, error) {
	rows, err := store.Many[struct {
		Flow    string `db:"flow"`
		Version int    `db:"version"`
		N       int    `db:"n"`
	}](store.Execer(ed.Store.App.ConcurrentDB()), query, args...)
	if err != nil {
		return nil, fmt.Errorf("count conversations in flows: %w", err)
	}
	byFlow := map[string][]InsideView{}
	for _, row := range rows {
		byFlow[row.Flow] = append(byFlow[row.Flow], InsideView{row.Version, row.N})
	}
	return byFlow, nil
}

// flowState is what takes a look into the texts of a flow.
type flowState struct {
	mark             string // of what it was made of
	changed          bool
	errors, warnings int
	leans            bool // on more than the mark tells: people, files, secrets, lines
}

// flowStates keeps them: a list of flows does not read all texts again each time.
type flowStates struct {
	mu   sync.Mutex
	byID map[string]flowState
}

// stateBatch is how many flows are read at a time; one may have megabytes.
const stateBatch = 20

// states looks into flows, reading only those that are not known as they are now.
func (ed *Editor) states(rows []flowRow) (map[string]flowState, error) {
	f, err := ed.Facts.Last()
	if err != nil {
		return nil, err
	}
	known, marks := map[string]flowState{}, map[string]string{}
	var unknown []any
	ed.flowStates.mu.Lock()
	for _, row := range rows {
		marks[row.ID] = f.Mark + "/" + strconv.FormatInt(row.Seq, 10)
		if s, ok := ed.flowStates.byID[row.ID]; ok && s.mark == marks[row.ID] {
			known[row.ID] = s
		} else {
			unknown = append(unknown, row.ID)
		}
	}
	ed.flowStates.mu.Unlock()
	for ids := range slices.Chunk(unknown, stateBatch) {
		if err := ed.lookInto(ids, known); err != nil {
			return nil, err
		}
	}
	ed.flowStates.mu.Lock()
	defer ed.flowStates.mu.Unlock()
	if ed.flowStates.byID == nil {
		ed.flowStates.byID = map[string]flowState{}
	}
	for _, id := range unknown {
		s := known[id.(string)]
		if s.mark = marks[id.(string)]; s.leans {
			s.mark = "" // looked into again each time
		}
		ed.flowStates.byID[id.(string)] = s
	}
	return known, nil
}

// lookInto reads the texts of flows and writes their states.
func (ed *Editor) lookInto(ids []any, into map[string]flowState) error {
	rows, err := store.WhereIn[struct {
		ID        string        `db:"id"`
		Draft     types.JSONRaw `db:"draft"`
		Triggers  types.JSONRaw `db:"triggers"`
		Published types.JSONRaw `db:"published"`
	}](ed.Store.App.ConcurrentDB(), "flows f LEFT JOIN flow_versions v ON v.flow = f.id AND v.number = f.version", "f.id", ids,
		"f.id", "f.draft", "f.triggers", "v.definition AS published")
	if err != nil {
		return fmt.Errorf("read the texts of flows: %w", err)
	}
	drafts := make([]flows.Flow, len(rows))
	for i, row := range rows {
		drafts[i], _ = (&flowRow{ID: row.ID, Draft: row.Draft}).parse() // told below
	}
	known, err := ed.knownHere(drafts...)
	if err != nil {
		return err
	}
	for i, row := range rows {
		s := flowState{changed: true}
		if drafts[i].Spec == 0 {
			into[row.ID] = flowState{changed: true, errors: 1} // it can't be read
			continue
		}
		if published, err := flows.Parse(row.Published); err == nil {
			s.changed = len(flows.Diff(drafts[i], published)) > 0
		}
		triggers := (&flowRow{Triggers: row.Triggers}).ReadTriggers()
		s.leans = len(drafts[i].Users())+len(drafts[i].Media())+len(drafts[i].Secrets()) > 0 ||
			slices.ContainsFunc(triggers, func(t flows.Trigger) bool { return t.Line != "" })
		for _, p := range judge(drafts[i], triggers, known) {
			if p.Level == flows.Error {
				s.errors++
			} else {
				s.warnings++
			}
		}
		into[row.ID] = s
	}
	return nil
}
