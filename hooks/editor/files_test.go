package editor_test

import (
	"strings"
	"testing"

	"mostrador/flows"
	"mostrador/hooks/api"
	"mostrador/hooks/desktest"
	"mostrador/hooks/editor"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

// TestExportAndImport: a flow with all that belongs to it goes to another desk and comes back the same.
func TestExportAndImport(t *testing.T) {
	w := desktest.NewWorkshop(t)
	f := w.Made(map[string]any{"from": "callback", "lang": "en"})
	path := "/api/flows/" + f.ID
	w.Area("support")
	pic := w.Insert("media", dbx.Params{"conversation": "x", "state": "ready", "file": "x.png"})
	draft := strings.Replace(string(f.Draft), `"closed-long": {`, `"closed-long": {"media":{"kind":"image","ref":"`+pic+`"},`, 1)
	draft = strings.Replace(draft, `"closed-long":{`, `"closed-long":{"media":{"kind":"image","ref":"`+pic+`"},`, 1)
	draft = strings.Replace(draft, `"start":"start"`, `"start":"start","ui":{"zoom":1.50,"note":"<b>&"}`, 1)
	w.Put(path, `{"draft":`+draft+`,"triggers":[{"on":"word","words":["llámame"]}]}`).Want(200).Into(&f)
	file := w.Get(path + "/export").Want(200)
	if got := file.Header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment; filename=") {
		t.Errorf("got Content-Disposition %q, want a file", got)
	}
	if !strings.Contains(string(file.Body), `"`+pic+`"`) || !strings.Contains(string(file.Body), "<b>&") {
		t.Errorf("got %.300s, want the picture's name and texts as they are", file.Body)
	}

	there := desktest.NewWorkshop(t)
	there.Headers["Accept-Language"] = "en"
	for name, body := range map[string]any{"as JSON": `{"file":` + string(file.Body) + `}`, "as text": map[string]any{"file": string(file.Body)}} {
		g := there.Made(body)
		if string(g.Draft) != string(f.Draft) || g.Name != f.Name || len(g.Triggers) != 1 || g.Triggers[0].Words[0] != "llámame" || g.Tests != 5 || g.Active {
			t.Errorf("%s: got %+v\n%s\nwant\n%s", name, g, g.Draft, f.Draft)
		}
		if g.Errors != 2 || g.Problems[0].Code != "no_media" || g.Problems[1].Code != "unknown_area" {
			t.Errorf("%s: got problems %+v, want the picture and an area that are not here", name, g.Problems)
		}
		again := there.Get("/api/flows/" + g.ID + "/export?version=draft").Want(200)
		if string(again.Body) != string(file.Body) {
			t.Errorf("%s: exported again: got\n%s\nwant\n%s", name, again.Body, file.Body)
		}
	}
	// The picture and the area: then its tests run, and it can go to work.
	there.Area("support")
	there.Insert("media", dbx.Params{"id": pic, "conversation": "x", "state": "ready", "file": "x.png"})
	there.Exec("UPDATE media SET id = '" + pic + "', conversation = (SELECT id FROM flows LIMIT 1)")
	var list api.Page[editor.FlowView]
	there.Get("/api/flows").Want(200).Into(&list)
	// The test of the picture's step knows nothing of a picture.
	e := there.Post("/api/flows/"+list.Items[0].ID+"/publish", nil).Want(400).Refusal()
	failed := e.Data.(map[string]any)["tests"].([]any)
	if e.Code != "flow_test_failed" || len(failed) != 1 {
		t.Fatalf("got %+v, want one test to fail", e)
	}
	there.Do("DELETE", "/api/flows/"+list.Items[0].ID+"/tests/"+failed[0].(map[string]any)["id"].(string), nil).Want(204)
	there.Publish(list.Items[0].ID, nil)
	there.Get("/api/flows/" + list.Items[0].ID + "/export?version=9").Want(404)
	there.Get("/api/flows/" + list.Items[0].ID + "/export?version=x").Want(400)
}

func TestImportRefuses(t *testing.T) {
	w := desktest.NewWorkshop(t)
	w.Headers["Accept-Language"] = "en"
	for body, says := range map[string]string{
		`{"file":{"spec":1,"flow":{"spec":1,"nodes":{"a":{"type":"bomb"}}}}}`:             "The flow can't be read. a.type: There are no steps of type “bomb”.",
		`{"file":{"spec":1,"flow":{"spec":1},"tests":[{"name":"x","text":"","more":1}]}}`: "The flow can't be read. more: The field “more” does not exist.",
		`{"file":"{\"spec\":1,\n\"flow\" x}"}`:                                            "The flow can't be read. There is a mistake",
		`{"file":5}`:                                                                      "The flow can't be read.",
		`{"file":"hi"}`:                                                                   "The flow can't be read.",
	} {
		e := w.Post("/api/flows", body).Want(400).Refusal()
		if e.Code != "bad_flow" || !strings.Contains(strings.ReplaceAll(e.Message, "Can't be read: there", "There"), says) {
			t.Errorf("%s: got %+v, want %q", body, e, says)
		}
	}
	if w.Count("flows") != 0 {
		t.Errorf("got %d flows of what can't be read", w.Count("flows"))
	}
}

// TestImportFromTheCommandLine: a flow with a test that does not pass is not published.
func TestImportFromTheCommandLine(t *testing.T) {
	w := desktest.NewWorld(t)
	test := func(want string) []byte {
		f := flows.File{JSON: desktest.Ending("A", "one"), Tests: []flows.FileTest{{Name: "Says it", Text: "-- chat --\n> hi\n< " + want + "\n* close\n"}},
			Triggers: []flows.Trigger{{On: flows.OnWord, Words: []string{"x"}}}}
		b, err := f.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if _, _, err := w.Desk.Editor.Import(t.Context(), test("two"), editor.FlowImport{Publish: true}); desktest.CodeOf(err) != editor.ErrTestFailed.Code || w.Count("flows") != 0 {
		t.Errorf("got %v and %d flows, want the test to fail and nothing", err, w.Count("flows"))
	}
	id, _, err := w.Desk.Editor.Import(t.Context(), test("two"), editor.FlowImport{})
	if row, _ := w.Desk.Editor.Row(id); err != nil || row.Version != 0 || row.DraftBy != store.BySystem {
		t.Errorf("as a draft: got %+v, %v", row, err)
	}
	id, _, err = w.Desk.Editor.Import(t.Context(), test("one"), editor.FlowImport{Publish: true, First: true})
	if row, _ := w.Desk.Editor.Row(id); err != nil || row.Version != 1 || !row.Active || row.Order != 0 || len(row.ReadTriggers()) != 2 {
		t.Errorf("published: got %+v, %v, want it first of all", row, err)
	}
	if w.Count("flow_tests") != 2 {
		t.Errorf("got %d tests, want one of each", w.Count("flow_tests"))
	}
}

func TestFlowCounts(t *testing.T) {
	w := desktest.NewWorkshop(t)
	f := w.Flow(desktest.MenuFlow, "[]")
	count := func(flow string, version int, what flows.What, port, day string, n int) {
		w.Insert("flow_counts", dbx.Params{"flow": flow, "version": version, "node": "menu", "what": string(what), "port": port, "day": day, "n": n})
	}
	count(f, 1, flows.Entered, "", "2026-03-02", 10)
	count(f, 2, flows.Entered, "", "2026-03-02", 1)
	count(f, 1, flows.Entered, "", "2026-02-01", 5) // thirty days ago, the first that is counted
	count(f, 1, flows.Entered, "", "2026-01-31", 100)
	count(f, 1, flows.Left, "sales", "2026-03-01", 4)
	count(f, 1, flows.Left, "sales", "2026-03-02", 3)
	count(f, 1, flows.Left, "bye", "2026-03-02", 2)
	count(f, 1, flows.Missed, "", "2026-03-02", 6)
	count(f, 1, flows.HandedOver, "", "2026-03-02", 7)
	count(f, 1, flows.Abandoned, "", "2026-03-02", 8)
	count("other", 1, flows.Entered, "", "2026-03-02", 1000)
	for query, want := range map[string]string{
		"":                              `{"version":0,"from":"2026-02-01","to":"2026-03-02","nodes":{"menu":{"entered":16,"left":{"bye":2,"sales":7},"missed":6,"handedOver":7,"abandoned":8}}}`,
		"version=2":                     `{"version":2,"from":"2026-02-01","to":"2026-03-02","nodes":{"menu":{"entered":1}}}`,
		"from=2026-03-01&to=2026-03-01": `{"version":0,"from":"2026-03-01","to":"2026-03-01","nodes":{"menu":{"entered":0,"left":{"sales":4}}}}`,
		"from=2026-01-31":               `{"version":0,"from":"2026-01-31","to":"2026-03-02","nodes":{"menu":{"entered":116,"left":{"bye":2,"sales":7},"missed":6,"handedOver":7,"abandoned":8}}}`,
		"to=2020-01-01":                 `{"version":0,"from":"2019-12-03","to":"2020-01-01","nodes":{}}`,
	} {
		if got := strings.TrimSpace(string(w.Get("/api/flows/" + f + "/counts?" + query).Want(200).Body)); got != want {
			t.Errorf("%s: got  %s\nwant %s", query, got, want)
		}
	}
	for _, query := range []string{"from=yesterday", "to=x", "version=x", "version=-1", "from=2026-03-02&to=2026-03-01", "from=2024-01-01"} {
		w.Get("/api/flows/" + f + "/counts?" + query).Want(400)
	}
	w.Get("/api/flows/nothing/counts").Want(404)
}
