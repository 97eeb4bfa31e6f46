package editor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"mostrador/flows"
	"mostrador/hooks/api"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

// TestView is a test of a flow: a conversation as it has to go.
type TestView struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Text      string `json:"text"`     // docs/flows.md: world.json and chat, without the flow
	Position  int    `json:"position"` // among the flow's tests
	UpdatedAt string `json:"updatedAt"`
}

func (t *testRow) view() TestView {
	return TestView{ID: t.ID, Name: t.Name, Text: t.Text, Position: t.Position, UpdatedAt: store.ISO(t.Updated)}
}

// TestResult is how a test went.
type TestResult struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	OK    bool   `json:"ok"`
	Line  int    `json:"line,omitempty"`  // of the conversation, from 1: the first that is different
	Got   string `json:"got"`             // what the flow does there; empty: nothing more
	Want  string `json:"want"`            // what the test says; empty: nothing more
	Error string `json:"error,omitempty"` // why it can't be played, as a sentence in the user's language
}

// TestChange is what is said about a test; nil leaves a field as it is. A new one has Text, or the Steps of a simulation.
type TestChange struct {
	Name     *string `json:"name"`
	Text     *string `json:"text"`
	Position *int    `json:"position"` // nil: after all others
	Tried
	Key string `json:"-"` // the same key again answers the first test; empty: always a new one
}

// Tests lists the tests of a flow in their order.
func (ed *Editor) Tests(flow string) ([]TestView, error) {
	if _, err := ed.Row(flow); err != nil {
		return nil, err
	}
	rows, err := ed.flowTests(flow)
	views := make([]TestView, len(rows))
	for i := range rows {
		views[i] = rows[i].view()
	}
	return views, err
}

// AddTest keeps a test with a flow. It need not pass; but while it does not, the flow is not published.
func (ed *Editor) AddTest(ctx context.Context, v rights.Viewer, flow string, c TestChange) (shown TestView, err error) {
	if err := ed.recordInto(&c, flow); err != nil {
		return shown, err
	}
	row := testRow{Flow: flow}
	if c.Key != "" {
		row.ID = store.IDOf("test", v.ID, flow, c.Key)
	}
	if c.Text == nil {
		return shown, api.BadValue("text")
	}
	err = ed.changeTests(ctx, v, flow, func(t *store.Tx) (*testRow, error) {
		if old, err := store.One[testRow](t.SQL(), TestQuery, flow, row.ID); err == nil {
			row = *old // kept by an earlier try
			return nil, nil
		} else if !store.IsNone(err) {
			return nil, err
		}
		var n, last int
		err := t.DB().NewQuery("SELECT COUNT(*), COALESCE(MAX(position), 0) FROM flow_tests WHERE flow = {:flow}").Bind(dbx.Params{"flow": flow}).Row(&n, &last)
		if err != nil {
			return nil, fmt.Errorf("count the tests: %w", err)
		}
		if n >= flows.MaxTests {
			return nil, api.ErrTooMany.With("max", flows.MaxTests).At(http.StatusConflict)
		}
		row.ID, row.Position, row.Created = cmp.Or(row.ID, store.NewID(t.Now)), last+1, store.Stamp(t.Now)
		if err := c.fill(&row); err != nil {
			return nil, err
		}
		row.Updated = store.Stamp(t.Now)
		return &row, t.Insert(&row)
	})
	return row.view(), err
}

// ChangeTest changes one.
func (ed *Editor) ChangeTest(ctx context.Context, v rights.Viewer, flow, id string, c TestChange) (shown TestView, err error) {
	if err := ed.recordInto(&c, flow); err != nil {
		return shown, err
	}
	var row *testRow
	err = ed.changeTests(ctx, v, flow, func(t *store.Tx) (*testRow, error) {
		if row, err = store.One[testRow](t.SQL(), TestQuery, flow, id); err != nil {
			return nil, api.Missing(err)
		}
		if err := c.fill(row); err != nil {
			return nil, err
		}
		row.Updated = store.Stamp(t.Now)
		return row, t.Update(row, "Name", "Text", "Position", "Updated")
	})
	if err != nil {
		return shown, err
	}
	return row.view(), nil
}

// DropTest deletes one.
func (ed *Editor) DropTest(ctx context.Context, v rights.Viewer, flow, id string) error {
	return ed.changeTests(ctx, v, flow, func(t *store.Tx) (*testRow, error) {
		row, err := store.One[testRow](t.SQL(), TestQuery, flow, id)
		if err != nil {
			return nil, api.Missing(err)
		}
		_, err = t.DB().Delete("flow_tests", dbx.HashExp{"id": id}).Execute()
		return row, err
	})
}

// recordInto makes the text of a test of a simulation, if there is one.
func (ed *Editor) recordInto(c *TestChange, flow string) error {
	if len(c.Steps) == 0 {
		return nil
	}
	text, err := ed.record(flow, c.Tried)
	c.Text = &text
	return err
}

const TestQuery = "SELECT * FROM flow_tests WHERE flow = ? AND id = ?"

// changeTests changes one test of a flow; do answers which, nil when nothing changed. The flow's row changes with it, so
// that nothing is published of which the tests were looked at before.
func (ed *Editor) changeTests(ctx context.Context, v rights.Viewer, flow string, do func(*store.Tx) (*testRow, error)) error {
	return ed.Store.Write(ctx, func(t *store.Tx) error {
		row, err := flowRowOf(t, flow)
		if err != nil {
			return err
		}
		test, err := do(t)
		if err != nil || test == nil {
			return err
		}
		if err := saveFlow(t, row); err != nil {
			return err
		}
		return t.Event(nil, "flow_tests_changed", v.ID, flowEvent{Flow: flow, Name: row.Name, Test: test.ID})
	})
}

// fill puts what is said into a test, and refuses what could not be played.
func (c TestChange) fill(row *testRow) error {
	if c.Text != nil {
		text, about, err := playable(*c.Text)
		if err != nil {
			return err
		}
		row.Text, row.Name = text, cmp.Or(row.Name, about)
	}
	if c.Name != nil {
		row.Name = strings.TrimSpace(*c.Name)
	}
	if c.Position != nil {
		row.Position = *c.Position
	}
	switch {
	case row.Name == "":
		return api.BadValue("name")
	case utf8.RuneCountInString(row.Name) > flows.MaxTestName:
		return api.ErrTooLong.With("field", "name").With("max", flows.MaxTestName)
	}
	return nil
}

// playable is a transcript without a flow of its own, and the sentence about it.
func playable(text string) (kept, about string, err error) {
	if len(text) > flows.MaxTest {
		return "", "", api.ErrTooBig
	}
	script := flows.ParseTranscript(text)
	parts := script.Parts
	script.Parts = nil
	for _, p := range parts {
		if p.Name != "flow.json" {
			script.Parts = append(script.Parts, p)
		}
	}
	_, badWorld := script.Env()
	_, badFlows := script.Flows()
	if strings.TrimSpace(script.Part("chat")) == "" || badWorld != nil || badFlows != nil {
		return "", "", api.BadValue("text")
	}
	return script.String(), store.CutRunes(script.About, flows.MaxTestName), nil
}

// RunTests plays all tests of a flow: with its draft, or with a definition that is not saved yet. lang is that of the sentences.
func (ed *Editor) RunTests(id, lang string, definition []byte) ([]TestResult, error) {
	row, err := ed.Row(id)
	if err != nil {
		return nil, err
	}
	if !absent(definition) {
		row.Draft = definition
	}
	f, err := row.parse()
	if err != nil {
		return nil, unreadable(err)
	}
	rows, err := ed.flowTests(id)
	if err != nil {
		return nil, err
	}
	return ed.play(f, rows, lang)
}

// passes refuses a flow of which a test does not pass, naming the line.
func (ed *Editor) passes(f flows.Flow, tests []testRow, lang string) error {
	results, err := ed.play(f, tests, lang)
	if err != nil {
		return err
	}
	var failed []TestResult
	for _, r := range results {
		if !r.OK {
			failed = append(failed, r)
		}
	}
	if len(failed) == 0 {
		return nil
	}
	return ErrTestFailed.With("name", failed[0].Name).With("line", failed[0].Line).Carrying(map[string]any{"tests": failed})
}

// play plays the tests of a flow.
func (ed *Editor) play(f flows.Flow, rows []testRow, lang string) ([]TestResult, error) {
	known, err := ed.Facts.Last()
	if err != nil {
		return nil, err
	}
	results := make([]TestResult, len(rows))
	for i, row := range rows {
		results[i] = tried(f, row.Text, known.Flows, lang)
		results[i].ID, results[i].Name = row.ID, row.Name
	}
	return results, nil
}

// tried plays one test. It may lead into flows that are published here, or into those that it brings along.
func tried(f flows.Flow, text string, published map[flows.Ref]flows.Flow, lang string) TestResult {
	script := flows.ParseTranscript(text)
	env, badWorld := script.Env()
	own, badFlows := script.Flows()
	if badWorld != nil || badFlows != nil {
		return TestResult{Error: saidBadTest.In(lang, nil)}
	}
	env.Flows = withOwn(published, own)
	chat := script.Part("chat")
	err := flows.Test(f, env, chat)
	var at flows.Difference
	var bad *flows.LineError
	switch {
	case err == nil:
		return TestResult{OK: true}
	case errors.As(err, &at):
		return TestResult{Line: at.Line, Got: at.Got, Want: at.Want}
	case errors.As(err, &bad) && errors.Is(err, flows.ErrTooLong):
		return TestResult{Line: bad.Line, Error: saidLongTest.In(lang, nil)}
	case errors.As(err, &bad):
		said := strings.Split(chat, "\n")[bad.Line-1]
		return TestResult{Line: bad.Line, Error: saidBadLine.In(lang, map[string]any{"line": strings.TrimPrefix(strings.TrimSuffix(said, "\r"), "> ")})}
	}
	return TestResult{Error: saidBadTest.In(lang, nil)}
}
