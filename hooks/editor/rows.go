package editor

import (
	"bytes"
	"encoding/json"

	"mostrador/flows"
	"mostrador/hooks/api"
	"mostrador/hooks/store"

	"github.com/pocketbase/pocketbase/tools/types"
)

// flowRow is a row of flows.
type flowRow struct {
	ID         string         `db:"id"`
	Name       string         `db:"name"`
	Lang       string         `db:"lang"`
	Kind       string         `db:"kind"`
	Draft      types.JSONRaw  `db:"draft"` // left out of lists
	Triggers   types.JSONRaw  `db:"triggers"`
	Version    int            `db:"version"`
	Revision   int            `db:"revision"`
	Order      int            `db:"order"`
	Active     bool           `db:"active"`
	DraftBy    string         `db:"draftBy"`
	DraftAt    types.DateTime `db:"draftAt"`
	ArchivedAt types.DateTime `db:"archivedAt"`
	Created    types.DateTime `db:"created"`
	Updated    types.DateTime `db:"updated"`
	Seq        int64          `db:"seq"`
}

// TableName tells dbx where a row lives.
func (flowRow) TableName() string { return "flows" }

// VersionRow is a row of flow_versions.
type VersionRow struct {
	ID         string         `db:"id"`
	Flow       string         `db:"flow"`
	Number     int            `db:"number"`
	Definition types.JSONRaw  `db:"definition"`
	Author     string         `db:"author"`
	Note       string         `db:"note"`
	Kind       string         `db:"kind"`
	Base       int            `db:"base"`
	ArchivedAt types.DateTime `db:"archivedAt"`
	Created    types.DateTime `db:"created"`
}

// TableName tells dbx where a row lives.
func (VersionRow) TableName() string { return "flow_versions" }

// testRow is a row of flow_tests.
type testRow struct {
	ID       string         `db:"id"`
	Flow     string         `db:"flow"`
	Name     string         `db:"name"`
	Text     string         `db:"text"`
	Position int            `db:"position"`
	Created  types.DateTime `db:"created"`
	Updated  types.DateTime `db:"updated"`
}

// TableName tells dbx where a row lives.
func (testRow) TableName() string { return "flow_tests" }

const (
	flowQuery     = "SELECT * FROM flows WHERE id = ?"
	VersionQuery  = "SELECT * FROM flow_versions WHERE flow = ? AND number = ?"
	VersionsQuery = "SELECT id, flow, number, author, note, kind, base, archivedAt, created FROM flow_versions WHERE flow = ? AND number < ? ORDER BY number DESC LIMIT ?"
	TestsQuery    = "SELECT * FROM flow_tests WHERE flow = ? ORDER BY position, id LIMIT ?"
	InsideQuery   = "SELECT flow, version, COUNT(*) AS n FROM conversations WHERE flow != '' AND flow = ? GROUP BY version"
)

// flowRowOf reads one inside the transaction.
func flowRowOf(t *store.Tx, id string) (*flowRow, error) {
	row, err := store.One[flowRow](t.SQL(), flowQuery, id)
	return row, api.Missing(err)
}

// saveFlow writes the named fields of a flow. Whatever they are, the writer reads its facts again.
func saveFlow(t *store.Tx, row *flowRow, fields ...string) error {
	row.Updated, row.Seq = store.Stamp(t.Now), t.Seq()
	return t.Update(row, append(fields, "Updated", "Seq")...)
}

// Row reads one.
func (ed *Editor) Row(id string) (*flowRow, error) {
	row, err := store.One[flowRow](store.Execer(ed.Store.App.ConcurrentDB()), flowQuery, id)
	return row, api.Missing(err)
}

func (ed *Editor) flowVersion(flow string, number int) (*VersionRow, error) {
	row, err := store.One[VersionRow](store.Execer(ed.Store.App.ConcurrentDB()), VersionQuery, flow, number)
	return row, api.Missing(err)
}

func (ed *Editor) flowTests(flow string) ([]testRow, error) {
	return store.Many[testRow](store.Execer(ed.Store.App.ConcurrentDB()), TestsQuery, flow, flows.MaxTests)
}

// ReadTriggers are those of the row; none when they can't be read.
func (f *flowRow) ReadTriggers() []flows.Trigger {
	list := []flows.Trigger{}
	store.Decode(f.Triggers, &list)
	return list
}

// parse reads the draft.
func (f *flowRow) parse() (flows.Flow, error) {
	flow, err := flows.Parse(f.Draft)
	flow.ID = f.ID
	return flow, err
}

// named is a flow's JSON with another name in it, and nothing else changed.
func named(definition []byte, name string) ([]byte, error) {
	doc := map[string]json.RawMessage{}
	if err := json.Unmarshal(definition, &doc); err != nil {
		return nil, err
	}
	doc["name"] = json.RawMessage(store.Raw(name))
	return plainJSON(doc)
}

// plainJSON writes JSON without the escapes for web pages, which would let a flow grow.
func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false)
	err := out.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
