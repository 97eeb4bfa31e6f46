package hooks

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"mostrador/flows"
	"mostrador/hooks/api"
	"mostrador/hooks/editor"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

// publish publishes a flow's draft and answers what came of it.
func (w *workshop) publish(id string, body any) (p editor.Published) {
	w.site.t.Helper()
	w.post("/api/flows/"+id+"/publish", body).want(200).into(&p)
	return p
}

func (w *workshop) versions(id string) []editor.VersionView {
	w.site.t.Helper()
	var list api.Page[editor.VersionView]
	w.get("/api/flows/" + id + "/versions").want(200).into(&list)
	return list.Items
}

func TestPublish(t *testing.T) {
	w := newWorkshop(t)
	f := w.made(map[string]any{"draft": ending("A", "one")})
	path := "/api/flows/" + f.ID
	if got := w.publish(f.ID, map[string]any{"note": "first", "revision": 1}); got.Version != 1 || !got.Published || got.Warnings == nil {
		t.Errorf("first: got %+v, want version 1", got)
	}
	var shown editor.FlowDetail
	if w.get(path).want(200).into(&shown); !shown.Active || shown.Changed || shown.Version != 1 {
		t.Errorf("published: got %+v, want it at work", shown)
	}
	// Published already, also when only the nodes stand elsewhere in the editor.
	w.put(path, `{"draft":{"spec":1,"name":"A","lang":"en","start":"end","nodes":{"end":{"type":"end","say":"one"}},"ui":{"x":1}}}`).want(200)
	if got := w.publish(f.ID, nil); got.Version != 1 || got.Published {
		t.Errorf("again: got %+v, want version 1 as before", got)
	}
	w.put(path, map[string]any{"draft": ending("A", "two"), "active": false}).want(200)
	if w.get(path).want(200).into(&shown); !shown.Changed {
		t.Errorf("saved: got %+v, want it changed", shown)
	}
	e := w.post(path+"/publish", map[string]any{"revision": 1}).want(409).refusal()
	if e.Code != "flow_changed" || e.Data.(map[string]any)["revision"] != 3.0 {
		t.Errorf("of an old revision: got %+v, want to be told the newest", e)
	}
	if got := w.publish(f.ID, map[string]any{"note": "second"}); got.Version != 2 || !got.Published {
		t.Errorf("got %+v, want version 2", got)
	}
	if w.get(path).want(200).into(&shown); shown.Active {
		t.Error("publishing switched on what was switched off")
	}
	w.post(path+"/publish", map[string]any{"note": strings.Repeat("x", 501)}).want(400)
	list := w.versions(f.ID)
	if len(list) != 2 || list[0].Number != 2 || list[0].Note != "second" || !list[0].Published || list[0].Author != w.admin.ID || list[1].Published || list[0].Definition != nil {
		t.Errorf("got versions %+v", list)
	}
	var one editor.VersionView
	if w.get(path + "/versions/1").want(200).into(&one); !strings.Contains(string(one.Definition), `"say":"one"`) {
		t.Errorf("got version %+v %s, want what was published first", one, one.Definition)
	}
	w.get(path + "/versions/3").want(404)
	w.get(path + "/versions/x").want(404)
}

// TestPublishRefusesErrors: each is told by node, field and sentence.
func TestPublishRefusesErrors(t *testing.T) {
	w := newWorkshop(t)
	w.headers["Accept-Language"] = "es"
	f := w.made(map[string]any{"draft": json.RawMessage(`{"spec":1,"lang":"es","start":"a","nodes":{"a":{"type":"menu","say":"x","options":[{"id":"o","label":"O","next":"gone"}]},"b":{"type":"redirect"}}}`)})
	w.put("/api/flows/"+f.ID, `{"triggers":[{"on":"word"}]}`).want(200)
	e := w.post("/api/flows/"+f.ID+"/publish", nil).want(400).refusal()
	if e.Message != "El flujo tiene errores y no se puede publicar. a.options.o.next: Lleva al paso «gone», que no existe." {
		t.Errorf("got %q", e.Message)
	}
	var data struct{ Problems []editor.ProblemView }
	b, _ := json.Marshal(e.Data)
	if err := json.Unmarshal(b, &data); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range data.Problems {
		got = append(got, fmt.Sprintf("%s %s/%s: %s", p.Level, p.Node, p.Field, p.Message))
	}
	want := "error a/options.o.next: Lleva al paso «gone», que no existe.\nerror b/area: Falta elegir el área.\nerror /triggers.0.words: Falta una palabra con la que empiece.\nwarning b/: Ningún camino llega a este paso."
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	if w.count("flow_versions") != 0 {
		t.Error("a flow with errors was published")
	}
}

// TestFailingTestBlocks: publishing plays the flow's tests and names the line.
func TestFailingTestBlocks(t *testing.T) {
	w := newWorkshop(t)
	w.headers["Accept-Language"] = "en"
	f := w.made(map[string]any{"draft": ending("A", "one")})
	path := "/api/flows/" + f.ID
	var test editor.TestView
	w.post(path+"/tests", map[string]any{"text": "Says one.\n-- flow.json --\n{}\n-- chat --\n> hi\n< one\n* close\n"}).want(201).into(&test)
	if test.Name != "Says one." || strings.Contains(test.Text, "flow.json") || test.Position != 1 {
		t.Errorf("got test %+v, want its sentence as its name, without the flow", test)
	}
	w.publish(f.ID, nil)
	w.put(path, map[string]any{"draft": ending("A", "two")}).want(200)
	e := w.post(path+"/publish", nil).want(400).refusal()
	want := map[string]any{"id": test.ID, "name": "Says one.", "ok": false, "line": 2.0, "got": "< two", "want": "< one"}
	if got := e.Data.(map[string]any)["tests"].([]any)[0]; e.Code != "flow_test_failed" || fmt.Sprint(got) != fmt.Sprint(want) ||
		e.Message != `The test "Says one." fails at line 2. Correct the flow or the test.` {
		t.Errorf("got %+v, want %v", e, want)
	}
	var results api.Page[editor.TestResult]
	w.post(path+"/tests/run", map[string]any{"flow": ending("A", "one")}).want(200).into(&results)
	if len(results.Items) != 1 || !results.Items[0].OK {
		t.Errorf("an unsaved flow: got %+v, want it to pass", results.Items)
	}
	w.post(path+"/tests/run", nil).want(200).into(&results)
	if results.Items[0].OK || results.Items[0].Line != 2 {
		t.Errorf("the draft: got %+v, want it to fail at line 2", results.Items)
	}
	w.put(path+"/tests/"+test.ID, map[string]any{"text": "-- chat --\n> hi\n< two\n* close\n", "name": "Says two."}).want(200).into(&test)
	if test.Name != "Says two." {
		t.Errorf("got %+v, want its new name", test)
	}
	if got := w.publish(f.ID, nil); got.Version != 2 {
		t.Errorf("got %+v, want version 2", got)
	}
	w.put(path, map[string]any{"draft": ending("A", "three")}).want(200)
	w.do("DELETE", path+"/tests/"+test.ID, nil).want(204)
	w.do("DELETE", path+"/tests/"+test.ID, nil).want(404)
	if got := w.publish(f.ID, nil); got.Version != 3 {
		t.Errorf("without its test: got %+v, want version 3", got)
	}
	if got := strings.Count(w.kinds(), "flow_tests_changed"); got != 3 {
		t.Errorf("got %d events of tests, want 3: %s", got, w.kinds())
	}
}

func TestTestsThatCannotBeKept(t *testing.T) {
	w := newWorkshop(t)
	f := w.made(nil)
	path := "/api/flows/" + f.ID + "/tests"
	for name, body := range map[string]map[string]any{
		"no text": {"name": "x"}, "no conversation": {"name": "x", "text": "About.\n"}, "an empty one": {"name": "x", "text": "-- chat --\n"},
		"a broken world": {"name": "x", "text": "-- world.json --\n{\"nwo\":1}\n-- chat --\n> a\n"},
		"a broken flow":  {"name": "x", "text": "-- flows/b.json --\n{}\n-- chat --\n> a\n"},
		"no name":        {"text": "-- chat --\n> a\n"}, "a long name": {"name": strings.Repeat("x", 201), "text": "-- chat --\n> a\n"},
	} {
		if e := w.post(path, body).want(400).refusal(); len(e.Data.(map[string]any)) != 1 {
			t.Errorf("%s: got %+v, want the field to be named", name, e)
		}
	}
	w.post(path, map[string]any{"name": "x", "text": "-- chat --\n> " + strings.Repeat("x", flows.MaxTest)}).want(413)
	w.headers["Idempotency-Key"] = "once"
	for range 2 {
		w.post(path, map[string]any{"name": "x", "text": "-- chat --\n> (waits a while)\n"}).want(201)
	}
	delete(w.headers, "Idempotency-Key")
	var results api.Page[editor.TestResult]
	w.post(path+"/run", nil).want(200).into(&results)
	if len(results.Items) != 1 || results.Items[0].OK || results.Items[0].Line != 1 || results.Items[0].Error != "This line cannot be understood: (waits a while)" {
		t.Errorf("got %+v, want one that can't be played at line 1", results.Items)
	}
	for i := range flows.MaxTests {
		w.insert("flow_tests", dbx.Params{"flow": f.ID, "name": fmt.Sprint(i), "text": "-- chat --\n> a\n", "position": i})
	}
	w.post(path, map[string]any{"name": "x", "text": "-- chat --\n> a\n"}).want(409)
	w.get("/api/flows/nothing/tests").want(404)
}

func TestRollback(t *testing.T) {
	w := newWorkshop(t)
	f := w.made(map[string]any{"draft": ending("A", "one")})
	path := "/api/flows/" + f.ID
	w.publish(f.ID, nil)
	w.post(path+"/tests", map[string]any{"name": "Says two.", "text": "-- chat --\n> hi\n< two\n* close\n"}).want(201)
	w.put(path, map[string]any{"draft": ending("A", "two")}).want(200)
	w.publish(f.ID, nil)
	var got editor.Published
	w.post(path+"/rollback", map[string]any{"version": 1, "note": "no"}).want(200).into(&got) // although its test does not pass
	list := w.versions(f.ID)
	if got.Version != 3 || !got.Published || list[0].Kind != "rollback" || list[0].Base != 1 || list[0].Note != "no" || !list[0].Published {
		t.Errorf("got %+v and %+v, want version 1 again as version 3", got, list[0])
	}
	var shown editor.FlowDetail
	if w.get(path).want(200).into(&shown); !strings.Contains(string(shown.Draft), "two") || !shown.Changed || shown.Revision != 2 {
		t.Errorf("got %+v %s, want the draft as it was", shown, shown.Draft)
	}
	w.post(path+"/rollback", map[string]any{"version": 1}).want(200).into(&got)
	if got.Version != 3 || got.Published || len(w.versions(f.ID)) != 3 {
		t.Errorf("again: got %+v, want no new version", got)
	}
	w.post(path+"/rollback", map[string]any{"version": 1, "draft": true, "revision": 1}).want(409)
	w.post(path+"/rollback", map[string]any{"version": 1, "draft": true, "revision": 2}).want(200).into(&got)
	if w.get(path).want(200).into(&shown); !strings.Contains(string(shown.Draft), "one") || shown.Changed || shown.Revision != 3 || got.Version != 3 {
		t.Errorf("with the draft: got %+v %s, want version 1 in it", shown, shown.Draft)
	}
	w.post(path+"/rollback", map[string]any{"version": 2, "draft": true}).want(200).into(&got)
	if w.get(path).want(200).into(&shown); got.Version != 4 || shown.Changed || !strings.Contains(string(shown.Draft), "two") {
		t.Errorf("both at once: got %+v, %+v, want version 2 published and in the draft", got, shown)
	}
	w.post(path+"/rollback", map[string]any{"version": 9}).want(400)
	if !strings.HasSuffix(w.kinds(), "flow_rolled_back flow_saved flow_rolled_back flow_saved") {
		t.Errorf("got events %s", w.kinds())
	}
	// What an older version leads to may be gone.
	w.insert("flow_versions", dbx.Params{"flow": f.ID, "number": 10, "definition": `{"spec":1,"start":"a","nodes":{"a":{"type":"redirect","area":"gone"}}}`})
	if e := w.post(path+"/rollback", map[string]any{"version": 10}).want(400).refusal(); e.Code != "flow_errors" {
		t.Errorf("to an area that is gone: got %+v, want its errors", e)
	}
}

// TestATestIsChangedByWhatMakesOne: the steps of a simulation and a flow of any size.
func TestATestIsChangedByWhatMakesOne(t *testing.T) {
	w := newWorkshop(t)
	f := w.made(map[string]any{"draft": ending("A", "one")})
	big := json.RawMessage(strings.Replace(string(ending("A", "one")), `"spec":1`, `"spec":1,"ui":"`+strings.Repeat("x", 900<<10)+`"`, 1))
	body := map[string]any{"name": "T", "flow": big, "steps": []any{map[string]any{"input": map[string]any{"input": "text", "body": "hi"}}},
		"stubs": map[string]any{"look": map[string]any{"status": 200, "body": strings.Repeat("x", 180<<10)}}}
	var test editor.TestView
	w.post("/api/flows/"+f.ID+"/tests", body).want(201).into(&test)
	w.put("/api/flows/"+f.ID+"/tests/"+test.ID, body).want(200)
}

// TestWhyATestCannotBePlayed is told in the language of whoever runs it.
func TestWhyATestCannotBePlayed(t *testing.T) {
	w := newWorkshop(t)
	f := w.made(map[string]any{"draft": ending("A", "one")})
	w.post("/api/flows/"+f.ID+"/tests", map[string]any{"name": "T", "text": "-- chat --\n> hi\n< one\n* close\n> (waits soon)\n"}).want(201)
	for lang, want := range map[string]string{"es": "Esta línea no se entiende: (waits soon)", "pt-BR": "Não dá para entender esta linha: (waits soon)"} {
		w.headers["Accept-Language"] = lang
		var results api.Page[editor.TestResult]
		w.post("/api/flows/"+f.ID+"/tests/run", nil).want(200).into(&results)
		if got := results.Items[0]; got.OK || got.Line != 4 || got.Error != want {
			t.Errorf("%s: got %+v, want line 4 and %q", lang, got, want)
		}
	}
}

// TestRollbackToWhatNewerRulesRefuse: what was live yesterday comes back in a hurry, and the answer says what is wrong with it.
func TestRollbackToWhatNewerRulesRefuse(t *testing.T) {
	w := newWorkshop(t)
	f := w.made(map[string]any{"draft": ending("A", "one")})
	path := "/api/flows/" + f.ID
	w.publish(f.ID, nil)
	w.insert("flow_versions", dbx.Params{"flow": f.ID, "number": 10, "definition": `{"spec":1,"start":"a","nodes":{"a":{"type":"menu","say":"x","options":[{"id":"o","label":""}]}}}`})
	var got editor.Published
	w.post(path+"/rollback", map[string]any{"version": 10}).want(200).into(&got)
	if got.Version != 11 || len(got.Warnings) == 0 || got.Warnings[0].Level != flows.Error || got.Warnings[0].Field != "options.o.label" {
		t.Errorf("got %+v, want it published and its error told", got)
	}
}

func TestDiffOfVersions(t *testing.T) {
	w := newWorkshop(t)
	f := w.made(map[string]any{"draft": ending("A", "one")})
	path := "/api/flows/" + f.ID
	w.publish(f.ID, nil)
	w.put(path, map[string]any{"draft": ending("B", "two")}).want(200)
	w.publish(f.ID, nil)
	w.put(path, `{"draft":{"spec":1,"name":"B","lang":"en","start":"end","nodes":{"end":{"type":"end","say":"two"},"more":{"type":"end","name":"More"}}}}`).want(200)
	for query, want := range map[string]string{
		"from=1&to=2":     `{"from":"1","to":"2","changes":[{"what":"changed","fields":["name"]},{"node":"end","what":"changed","fields":["say"]}]}`,
		"from=2&to=draft": `{"from":"2","to":"draft","changes":[{"node":"more","what":"added","name":"More"}]}`,
		"":                `{"from":"","to":"draft","changes":[{"node":"more","what":"added","name":"More"}]}`,
		"from=2&to=2":     `{"from":"2","to":"2","changes":[]}`,
	} {
		if got := strings.TrimSpace(string(w.get(path + "/diff?" + query).want(200).body)); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
	w.get(path + "/diff?from=x").want(400)
	w.get(path + "/diff?from=7").want(404)
	w.get("/api/flows/nothing/diff").want(404)
}

// TestVersionsAreReadPageByPage, newest first.
func TestVersionsAreReadPageByPage(t *testing.T) {
	w := newWorkshop(t)
	f := w.flow(menuFlow, "[]")
	for n := 2; n <= 5; n++ {
		w.insert("flow_versions", dbx.Params{"flow": f, "number": n, "definition": menuFlow})
	}
	var numbers []int
	next := ""
	for {
		var p api.Page[editor.VersionView]
		w.get("/api/flows/" + f + "/versions?limit=2&before=" + next).want(200).into(&p)
		for _, v := range p.Items {
			numbers = append(numbers, v.Number)
		}
		if next = p.Next; next == "" {
			break
		}
	}
	if got := fmt.Sprint(numbers); got != "[5 4 3 2 1]" {
		t.Errorf("got %s, want all five once", got)
	}
	w.get("/api/flows/" + f + "/versions?before=x").want(400)
}

// TestVersionsAreArchivedWhenTheLastOneLeft, also those that called the flow in which somebody stands.
func TestVersionsAreArchivedWhenTheLastOneLeft(t *testing.T) {
	w := newWorkshop(t)
	f := w.flow(menuFlow, "[]")
	for n := 2; n <= 5; n++ {
		w.insert("flow_versions", dbx.Params{"flow": f, "number": n, "definition": menuFlow})
	}
	w.exec("UPDATE flows SET version = 4")
	c := w.conversation(store.StatusBot, "", "")
	w.exec("UPDATE conversations SET flow = '" + f + "', version = 2, session = '{\"frames\":[{\"flow\":\"" + f + "\",\"version\":2}]}'")
	called := w.conversation(store.StatusBot, "", "")
	w.exec("UPDATE conversations SET flow = 'other', version = 1, session = '{\"frames\":[{\"flow\":\"" + f + "\",\"version\":5},{\"flow\":\"other\",\"version\":1}]}' WHERE id = '" + called + "'")
	archived := func() (numbers []int) {
		if err := w.d.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, v := range w.versions(f) {
			if v.ArchivedAt != "" {
				numbers = append(numbers, v.Number)
			}
		}
		return numbers
	}
	if got := fmt.Sprint(archived()); got != "[3 1]" {
		t.Errorf("got %s archived, want 1 and 3: 4 is published, people are in 2 and 5", got)
	}
	w.write(func(tx *store.Tx) error {
		one, err := tx.Conversation(c)
		if err != nil {
			return err
		}
		return w.d.Conversations.Close(tx, one, store.BySystem, "", "")
	})
	w.exec("UPDATE conversations SET flow = '', session = NULL WHERE id = '" + called + "'")
	if got := fmt.Sprint(archived()); got != "[5 3 2 1]" {
		t.Errorf("got %s archived, want all but the published one", got)
	}
}
