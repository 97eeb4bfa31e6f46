package editor

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"mostrador/flows"
	"mostrador/hooks/api"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/pocketbase/tools/types"
)

// NewFlow says what a new flow is made of: From, a File, a Draft, or nothing: then it is a small flow that works.
type NewFlow struct {
	Name  string          `json:"name"`  // empty: that of what it is made of
	Lang  string          `json:"lang"`  // of a ready-made or a small flow: es, pt-BR, en; empty: the desk's
	From  string          `json:"from"`  // the key of a ready-made flow, or the id of one to copy
	File  json.RawMessage `json:"file"`  // as an export writes it, or a flow alone
	Draft json.RawMessage `json:"draft"` // a flow
	Key   string          `json:"-"`     // the same key again answers the first flow; empty: always a new one
}

// seedling is a flow that is not in the database yet.
type seedling struct {
	id, Name, kind string
	lang           string
	draft          []byte
	triggers       []flows.Trigger
	tests          []flows.FileTest
	By             string // who makes it
}

const (
	maxFlowName    = 120      // characters
	maxTriggerText = 60 << 10 // bytes of a flow's triggers
)

// Create makes a flow that is a draft, and answers its id. It is at work once it was published.
func (ed *Editor) Create(ctx context.Context, v rights.Viewer, n NewFlow) (id string, err error) {
	s, err := ed.seedling(n)
	if err != nil {
		return "", err
	}
	s.By = v.ID
	if n.Key != "" {
		s.id = store.IDOf("flow", v.ID, n.Key)
	}
	if name := strings.TrimSpace(n.Name); name != "" {
		s.Name = name
	}
	err = ed.Store.Write(ctx, func(t *store.Tx) error {
		if s.id != "" {
			if row, err := flowRowOf(t, s.id); err == nil {
				id = row.ID // made by an earlier try
				return nil
			} else if !errors.Is(err, api.ErrNotFound) {
				return err
			}
		}
		row, err := Plant(t, s)
		if err != nil {
			return err
		}
		id = row.ID
		return t.Event(nil, "flow_created", v.ID, flowEvent{Flow: id, Name: row.Name, From: n.From})
	})
	return id, err
}

// flowEvent is what the log of events has about a flow: never its text.
type flowEvent struct {
	Flow     string   `json:"flow"`
	Name     string   `json:"name"`
	From     string   `json:"from,omitempty"`     // created: what it was made of
	Revision int      `json:"revision,omitempty"` // saved
	Fields   []string `json:"fields,omitempty"`   // saved
	Version  int      `json:"version,omitempty"`  // published, rolled back
	Base     int      `json:"base,omitempty"`     // rolled back: whose definition it is again
	Test     string   `json:"test,omitempty"`     // a test's id
}

// seedling finds what a new flow is made of.
func (ed *Editor) seedling(n NewFlow) (seedling, error) {
	lang := cmp.Or(n.Lang, ed.Settings.Get().Lang)
	if !slices.Contains(api.Languages, lang) {
		return seedling{}, api.BadValue("lang")
	}
	switch {
	case !absent(n.File):
		return seedlingOf(unquoted(n.File), lang)
	case !absent(n.Draft):
		return seedlingOf(n.Draft, lang)
	case slices.Contains(flows.ReadyKeys(), n.From):
		return ReadySeedling(n.From, flows.Lang(lang))
	case n.From != "":
		return ed.copyOf(n.From)
	}
	return seedlingOf(flows.Blank(flows.Lang(lang)), lang)
}

// unquoted is a file that was sent as JSON, or as text in a JSON string.
func unquoted(file json.RawMessage) []byte {
	var text string
	if bytes.HasPrefix(file, []byte(`"`)) && json.Unmarshal(file, &text) == nil {
		return []byte(text)
	}
	return file
}

// seedlingOf reads a file, or a flow alone.
func seedlingOf(text []byte, lang string) (seedling, error) {
	file, err := flows.ParseFile(text)
	if err != nil {
		return seedling{}, unreadable(err)
	}
	return seedling{Name: file.Flow.Name, lang: cmp.Or(string(file.Flow.Lang), lang), draft: file.JSON, triggers: file.Triggers, tests: file.Tests}, nil
}

func ReadySeedling(key string, lang flows.Lang) (seedling, error) {
	made, err := flows.Ready(key, lang)
	if err != nil {
		return seedling{}, err
	}
	s, err := seedlingOf(made.JSON, string(lang))
	s.kind, s.triggers = key, made.Triggers
	for _, test := range made.Tests {
		name := cmp.Or(test.About, key)
		test.About = ""
		s.tests = append(s.tests, flows.FileTest{Name: name, Text: test.String()})
	}
	return s, err
}

// copyOf is another flow's draft with its tests. It begins by nothing until somebody says by what.
func (ed *Editor) copyOf(id string) (seedling, error) {
	row, err := ed.Row(id)
	if errors.Is(err, api.ErrNotFound) {
		return seedling{}, api.BadValue("from")
	}
	if err != nil {
		return seedling{}, err
	}
	s, err := seedlingOf(row.Draft, row.Lang)
	if err != nil {
		return seedling{}, err
	}
	tests, err := ed.flowTests(id)
	for _, test := range tests {
		s.tests = append(s.tests, flows.FileTest{Name: test.Name, Text: test.Text})
	}
	s.Name = store.CutRunes(row.Name, maxFlowName-2) + " 2"
	return s, err
}

// unnamed is what a flow without a name is called, before its id.
var unnamed = api.Says("Flujo", "Fluxo", "Flow")

// Plant writes the rows of a new flow, a draft that comes after all others.
func Plant(t *store.Tx, s seedling) (*flowRow, error) {
	var used, order int
	err := t.DB().NewQuery("SELECT COUNT(*), COALESCE(MAX(`order`), 0) + 1 FROM flows WHERE archivedAt = ''").Row(&used, &order)
	if err != nil {
		return nil, fmt.Errorf("count the flows: %w", err)
	}
	if used >= maxFlows {
		return nil, api.ErrTooMany.With("max", maxFlows).At(http.StatusConflict)
	}
	row := &flowRow{ID: cmp.Or(s.id, store.NewID(t.Now)), Lang: s.lang, Kind: s.kind, Triggers: store.Raw(s.triggers), Order: order, Revision: 1,
		DraftBy: s.By, DraftAt: store.Stamp(t.Now), Created: store.Stamp(t.Now), Updated: store.Stamp(t.Now), Seq: t.Seq()}
	if s.triggers == nil {
		row.Triggers = types.JSONRaw("[]")
	}
	if err := row.setDraft(s.draft, cmp.Or(s.Name, unnamed.In(row.Lang, nil)+" "+row.ID)); err != nil {
		return nil, err
	}
	if err := t.Insert(row); err != nil {
		return nil, fmt.Errorf("write the flow: %w", err)
	}
	for _, test := range s.testRows() {
		test.ID, test.Flow, test.Created, test.Updated = store.NewID(t.Now), row.ID, store.Stamp(t.Now), store.Stamp(t.Now)
		if err := t.Insert(&test); err != nil {
			return nil, fmt.Errorf("write a test: %w", err)
		}
	}
	return row, nil
}

// testRows are the seedling's tests in their order.
func (s seedling) testRows() []testRow {
	rows := make([]testRow, len(s.tests))
	for i, test := range s.tests {
		rows[i] = testRow{Name: store.CutRunes(test.Name, flows.MaxTestName), Text: test.Text, Position: i + 1}
	}
	return rows
}

// setDraft puts a definition that was read before into the row, under a name: the flow's name in the list and in its own
// texts are one.
func (f *flowRow) setDraft(definition []byte, name string) error {
	if utf8.RuneCountInString(name) > maxFlowName {
		return api.ErrTooLong.With("field", "name").With("max", maxFlowName)
	}
	var head struct {
		Name string     `json:"name"`
		Lang flows.Lang `json:"lang"`
	}
	err := json.Unmarshal(definition, &head)
	if err == nil && head.Name != name {
		definition, err = named(definition, name)
	}
	if err != nil {
		return fmt.Errorf("name the flow: %w", err)
	}
	if len(definition) > flows.MaxFlowBytes {
		return api.ErrTooBig
	}
	f.Draft, f.Name, f.Lang = definition, name, cmp.Or(string(head.Lang), f.Lang)
	return nil
}
