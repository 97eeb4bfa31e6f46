package editor

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mostrador/flows"
	"mostrador/hooks/facts"
	"mostrador/hooks/secrets"
	"mostrador/hooks/store"
)

// ProblemView is something about a flow that its maker should know, as a sentence in their language.
type ProblemView struct {
	Level   flows.Level `json:"level"` // error: it cannot be published
	Code    flows.Code  `json:"code"`
	Node    string      `json:"node,omitempty"`  // empty: the flow itself, or its triggers
	Field   string      `json:"field,omitempty"` // of the node's JSON: options.sales.next
	Message string      `json:"message"`
}

func sayProblems(found []flows.Problem, lang string) []ProblemView {
	views := make([]ProblemView, len(found))
	for i, p := range found {
		views[i] = ProblemView{Level: p.Level, Code: p.Code, Node: p.Node, Field: p.Field, Message: p.Say(flows.Lang(lang))}
	}
	return views
}

// foundProblems is what a refusal about a flow carries.
type foundProblems []flows.Problem

// inWords are the problems as sentences, the first one in the refusal's own.
func (found foundProblems) inWords(lang string) (args map[string]any, data any) {
	first := found[0].Say(flows.Lang(lang))
	if place := strings.Trim(found[0].Node+"."+found[0].Field, "."); place != "" {
		first = place + ": " + first
	}
	return map[string]any{"problem": first}, map[string]any{"problems": sayProblems(found, lang)}
}

// judge finds what is wrong with a flow and its triggers on this desk, errors first.
func judge(f flows.Flow, triggers []flows.Trigger, known flows.Known) []flows.Problem {
	known.Flows = maps.Clone(known.Flows)
	known.Flows[f.ID] = true // it may lead back to its own beginning
	found := append(flows.Check(f, known), flows.CheckTriggers(triggers, known)...)
	slices.SortStableFunc(found, func(a, b flows.Problem) int { return cmp.Compare(a.Level, b.Level) })
	return found
}

// judge finds what is wrong with one flow. One that can't be read has that as its only problem.
func (ed *Editor) judge(row *flowRow) ([]flows.Problem, error) {
	f, err := row.parse()
	if problem, ok := facts.Misread(err); ok {
		return []flows.Problem{problem}, nil
	}
	known, err := ed.knownHere(f)
	if err != nil {
		return nil, err
	}
	return judge(f, row.ReadTriggers(), known), nil
}

// unreadable refuses what is no flow, naming where; other errors stay as they are.
func unreadable(err error) error {
	if problem, ok := facts.Misread(err); ok {
		return errBadFlow.InWords(foundProblems{problem}.inWords)
	}
	return err
}

// knownHere is what these flows can rely on here.
func (ed *Editor) knownHere(all ...flows.Flow) (flows.Known, error) {
	now, err := ed.Facts.Last()
	if err != nil {
		return flows.Known{}, err
	}
	known := flows.Known{Areas: now.Names(), Flows: map[string]bool{}}
	for ref := range now.Flows {
		known.Flows[ref.Flow] = true
	}
	var users, file []string
	for _, f := range all {
		users, file = append(users, f.Users()...), append(file, f.Media()...)
	}
	if known.Users, err = ed.present("users", "active", users); err != nil {
		return flows.Known{}, err
	}
	if known.Media, err = ed.present("media", flowFiles, file); err != nil {
		return flows.Known{}, err
	}
	if known.Lines, err = ed.ids("lines", "id", maxLines); err != nil {
		return flows.Known{}, err
	}
	known.Secrets, err = ed.ids("secrets", "name", secrets.MaxSecrets)
	return known, err
}

// present tells which ids there are in a table, among the rows that count.
func (ed *Editor) present(table, counts string, ids []string) (map[string]bool, error) {
	rows, err := store.WhereIn[struct {
		ID string `db:"id"`
	}](ed.Store.App.ConcurrentDB(), table, counts+" AND id", store.Anys(slices.Compact(slices.Sorted(slices.Values(ids)))), "id")
	if err != nil {
		return nil, fmt.Errorf("look for what flows name in %s: %w", table, err)
	}
	found := map[string]bool{}
	for _, row := range rows {
		found[row.ID] = true
	}
	return found, nil
}

// ids reads a column of a small table.
func (ed *Editor) ids(table, column string, most int64) (map[string]bool, error) {
	var list []string
	if err := ed.Store.App.ConcurrentDB().Select(column).From(table).Limit(most).Column(&list); err != nil {
		return nil, fmt.Errorf("read the %s: %w", table, err)
	}
	known := map[string]bool{}
	for _, id := range list {
		known[id] = true
	}
	return known, nil
}

// maxLines is how many lines one desk has at most.
const maxLines = 1000
