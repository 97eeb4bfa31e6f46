package editor_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"mostrador/flows"
	"mostrador/hooks/api"
	"mostrador/hooks/desktest"
	"mostrador/hooks/editor"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

func TestPublish(t *testing.T) {
	w := desktest.NewWorkshop(t)
	f := w.Made(map[string]any{"draft": desktest.Ending("A", "one")})
	path := "/api/flows/" + f.ID
	if got := w.Publish(f.ID, map[string]any{"note": "first", "revision": 1}); got.Version != 1 || !got.Published || got.Warnings == nil {
		t.Errorf("first: got %+v, want version 1", got)
	}
	var shown editor.FlowDetail
	if w.Get(path).Want(200).Into(&shown); !shown.Active || shown.Changed || shown.Version != 1 {
		t.Errorf("published: got %+v, want it at work", shown)
	}
	// Published already, also when only the nodes stand elsewhere in the editor.
	w.Put(path, `{"draft":{"spec":1,"name":"A","lang":"en","start":"end","nodes":{"end":{"type":"end","say":"one"}},"ui":{"x":1}}}`).Want(200)
	if got := w.Publish(f.ID, nil); got.Version != 1 || got.Published {
		t.Errorf("again: got %+v, want version 1 as before", got)
	}
	w.Put(path, map[string]any{"draft": desktest.Ending("A", "two"), "active": false}).Want(200)
	if w.Get(path).Want(200).Into(&shown); !shown.Changed {
		t.Errorf("saved: got %+v, want it changed", shown)
	}
	e := w.Post(path+"/publish", map[string]any{"revision": 1}).Want(409).Refusal()
	if e.Code != "flow_changed" || e.Data.(map[string]any)["revision"] != 3.0 {
		t.Errorf("of an old revision: got %+v, want to be told the newest", e)
	}
	if got := w.Publish(f.ID, map[string]any{"note": "second"}); got.Version != 2 || !got.Published {
		t.Errorf("got %+v, want version 2", got)
	}
	if w.Get(path).Want(200).Into(&shown); shown.Active {
		t.Error("publishing switched on what was switched off")
	}
	w.Post(path+"/publish", map[string]any{"note": strings.Repeat("x", 501)}).Want(400)
	list := w.Versions(f.ID)
	if len(list) != 2 || list[0].Number != 2 || list[0].Note != "second" || !list[0].Published || list[0].Author != w.Admin.ID || list[1].Published || list[0].Definition != nil {
		t.Errorf("got versions %+v", list)
	}
	var one editor.VersionView
	if w.Get(path + "/versions/1").Want(200).Into(&one); !strings.Contains(string(one.Definition), `"say":"one"`) {
		t.Errorf("got version %+v %s, want what was published first", one, one.Definition)
	}
	w.Get(path + "/versions/3").Want(404)
	w.Get(path + "/versions/x").Want(404)
}

// TestPublishRefusesErrors: each is told by node, field and sentence.
func TestPublishRefusesErrors(t *testing.T) {
	w := desktest.NewWorkshop(t)
	w.Headers["Accept-Language"] = "es"
	f := w.Made(map[string]any{"draft": json.RawMessage(`{"spec":1,"lang":"es","start":"a","nodes":{"a":{"type":"menu","say":"x","options":[{"id":"o","label":"O","next":"gone"}]},"b":{"type":"redirect"}}}`)})
	w.Put("/api/flows/"+f.ID, `{"triggers":[{"on":"word"}]}`).Want(200)
	e := w.Post("/api/flows/"+f.ID+"/publish", nil).Want(400).Refusal()
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
	if w.Count("flow_versions") != 0 {
		t.Error("a flow with errors was published")
	}
}

// TestFailingTestBlocks: publishing plays the flow's tests and names the line.
func TestFailingTestBlocks(t *testing.T) {
	w := desktest.NewWorkshop(t)
	w.Headers["Accept-Language"] = "en"
	f := w.Made(map[string]any{"draft": desktest.Ending("A", "one")})
	path := "/api/flows/" + f.ID
	var test editor.TestView
	w.Post(path+"/tests", map[string]any{"text": "Says one.\n-- flow.json --\n{}\n-- chat --\n> hi\n< one\n* close\n"}).Want(201).Into(&test)
	if test.Name != "Says one." || strings.Contains(test.Text, "flow.json") || test.Position != 1 {
		t.Errorf("got test %+v, want its sentence as its name, without the flow", test)
	}
	w.Publish(f.ID, nil)
	w.Put(path, map[string]any{"draft": desktest.Ending("A", "two")}).Want(200)
	e := w.Post(path+"/publish", nil).Want(400).Refusal()
	want := map[string]any{"id": test.ID, "name": "Says one.", "ok": false, "line": 2.0, "got": "< two", "want": "< one"}
	if got := e.Data.(map[string]any)["tests"].([]any)[0]; e.Code != "flow_test_failed" || fmt.Sprint(got) != fmt.Sprint(want) ||
		e.Message != `The test "Says one." fails at line 2. Correct the flow or the test.` {
		t.Errorf("got %+v, want %v", e, want)
	}
	var results api.Page[editor.TestResult]
	w.Post(path+"/tests/run", map[string]any{"flow": desktest.Ending("A", "one")}).Want(200).Into(&results)
	if len(results.Items) != 1 || !results.Items[0].OK {
		t.Errorf("an unsaved flow: got %+v, want it to pass", results.Items)
	}
	w.Post(path+"/tests/run", nil).Want(200).Into(&results)
	if results.Items[0].OK || results.Items[0].Line != 2 {
		t.Errorf("the draft: got %+v, want it to fail at line 2", results.Items)
	}
	w.Put(path+"/tests/"+test.ID, map[string]any{"text": "-- chat --\n> hi\n< two\n* close\n", "name": "Says two."}).Want(200).Into(&test)
	if test.Name != "Says two." {
		t.Errorf("got %+v, want its new name", test)
	}
	if got := w.Publish(f.ID, nil); got.Version != 2 {
		t.Errorf("got %+v, want version 2", got)
	}
	w.Put(path, map[string]any{"draft": desktest.Ending("A", "three")}).Want(200)
	w.Do("DELETE", path+"/tests/"+test.ID, nil).Want(204)
	w.Do("DELETE", path+"/tests/"+test.ID, nil).Want(404)
	if got := w.Publish(f.ID, nil); got.Version != 3 {
		t.Errorf("without its test: got %+v, want version 3", got)
	}
	if got := strings.Count(w.Kinds(), "flow_tests_changed"); got != 3 {
		t.Errorf("got %d events of tests, want 3: %s", got, w.Kinds())
	}
}

func TestTestsThatCannotBeKept(t *testing.T) {
	w := desktest.NewWorkshop(t)
	f := w.Made(nil)
	path := "/api/flows/" + f.ID + "/tests"
	for name, body := range map[string]map[string]any{
		"no text": {"name": "x"}, "no conversation": {"name": "x", "text": "About.\n"}, "an empty one": {"name": "x", "text": "-- chat --\n"},
		"a broken world": {"name": "x", "text": "-- world.json --\n{\"nwo\":1}\n-- chat --\n> a\n"},
		"a broken flow":  {"name": "x", "text": "-- flows/b.json --\n{}\n-- chat --\n> a\n"},
		"no name":        {"text": "-- chat --\n> a\n"}, "a long name": {"name": strings.Repeat("x", 201), "text": "-- chat --\n> a\n"},
	} {
		if e := w.Post(path, body).Want(400).Refusal(); len(e.Data.(map[string]any)) != 1 {
			t.Errorf("%s: got %+v, want the field to be named", name, e)
		}
	}
	w.Post(path, map[string]any{"name": "x", "text": "-- chat --\n> " + strings.Repeat("x", flows.MaxTest)}).Want(413)
	w.Headers["Idempotency-Key"] = "once"
	for range 2 {
		w.Post(path, map[string]any{"name": "x", "text": "-- chat --\n> (waits a while)\n"}).Want(201)
	}
	delete(w.Headers, "Idempotency-Key")
	var results api.Page[editor.TestResult]
	w.Post(path+"/run", nil).Want(200).Into(&results)
	if len(results.Items) != 1 || results.Items[0].OK || results.Items[0].Line != 1 || results.Items[0].Error != "This line cannot be understood: (waits a while)" {
		t.Errorf("got %+v, want one that can't be played at line 1", results.Items)
	}
	for i := range flows.MaxTests {
		w.Insert("flow_tests", dbx.Params{"flow": f.ID, "name": fmt.Sprint(i), "text": "-- chat --\n> a\n", "position": i})
	}
	w.Post(path, map[string]any{"name": "x", "text": "-- chat --\n> a\n"}).Want(409)
	w.Get("/api/flows/nothing/tests").Want(404)
}

func TestRollback(t *testing.T) {
	w := desktest.NewWorkshop(t)
	f := w.Made(map[string]any{"draft": desktest.Ending("A", "one")})
	path := "/api/flows/" + f.ID
	w.Publish(f.ID, nil)
	w.Post(path+"/tests", map[string]any{"name": "Says two.", "text": "-- chat --\n> hi\n< two\n* close\n"}).Want(201)
	w.Put(path, map[string]any{"draft": desktest.Ending("A", "two")}).Want(200)
	w.Publish(f.ID, nil)
	var got editor.Published
	w.Post(path+"/rollback", map[string]any{"version": 1, "note": "no"}).Want(200).Into(&got) // although its test does not pass
	list := w.Versions(f.ID)
	if got.Version != 3 || !got.Published || list[0].Kind != "rollback" || list[0].Base != 1 || list[0].Note != "no" || !list[0].Published {
		t.Errorf("got %+v and %+v, want version 1 again as version 3", got, list[0])
	}
	var shown editor.FlowDetail
	if w.Get(path).Want(200).Into(&shown); !strings.Contains(string(shown.Draft), "two") || !shown.Changed || shown.Revision != 2 {
		t.Errorf("got %+v %s, want the draft as it was", shown, shown.Draft)
	}
	w.Post(path+"/rollback", map[string]any{"version": 1}).Want(200).Into(&got)
	if got.Version != 3 || got.Published || len(w.Versions(f.ID)) != 3 {
		t.Errorf("again: got %+v, want no new version", got)
	}
	w.Post(path+"/rollback", map[string]any{"version": 1, "draft": true, "revision": 1}).Want(409)
	w.Post(path+"/rollback", map[string]any{"version": 1, "draft": true, "revision": 2}).Want(200).Into(&got)
	if w.Get(path).Want(200).Into(&shown); !strings.Contains(string(shown.Draft), "one") || shown.Changed || shown.Revision != 3 || got.Version != 3 {
		t.Errorf("with the draft: got %+v %s, want version 1 in it", shown, shown.Draft)
	}
	w.Post(path+"/rollback", map[string]any{"version": 2, "draft": true}).Want(200).Into(&got)
	if w.Get(path).Want(200).Into(&shown); got.Version != 4 || shown.Changed || !strings.Contains(string(shown.Draft), "two") {
		t.Errorf("both at once: got %+v, %+v, want version 2 published and in the draft", got, shown)
	}
	w.Post(path+"/rollback", map[string]any{"version": 9}).Want(400)
	if !strings.HasSuffix(w.Kinds(), "flow_rolled_back flow_saved flow_rolled_back flow_saved") {
		t.Errorf("got events %s", w.Kinds())
	}
	// What an older version leads to may be gone.
	w.Insert("flow_versions", dbx.Params{"flow": f.ID, "number": 10, "definition": `{"spec":1,"start":"a","nodes":{"a":{"type":"redirect","area":"gone"}}}`})
	if e := w.Post(path+"/rollback", map[string]any{"version": 10}).Want(400).Refusal(); e.Code != "flow_errors" {
		t.Errorf("to an area that is gone: got %+v, want its errors", e)
	}
}

// TestATestIsChangedByWhatMakesOne: the steps of a simulation and a flow of any size.
func TestATestIsChangedByWhatMakesOne(t *testing.T) {
	w := desktest.NewWorkshop(t)
	f := w.Made(map[string]any{"draft": desktest.Ending("A", "one")})
	big := json.RawMessage(strings.Replace(string(desktest.Ending("A", "one")), `"spec":1`, `"spec":1,"ui":"`+strings.Repeat("x", 900<<10)+`"`, 1))
	body := map[string]any{"name": "T", "flow": big, "steps": []any{map[string]any{"input": map[string]any{"input": "text", "body": "hi"}}},
		"stubs": map[string]any{"look": map[string]any{"status": 200, "body": strings.Repeat("x", 180<<10)}}}
	var test editor.TestView
	w.Post("/api/flows/"+f.ID+"/tests", body).Want(201).Into(&test)
	w.Put("/api/flows/"+f.ID+"/tests/"+test.ID, body).Want(200)
}

// TestWhyATestCannotBePlayed is told in the language of whoever runs it.
func TestWhyATestCannotBePlayed(t *testing.T) {
	w := desktest.NewWorkshop(t)
	f := w.Made(map[string]any{"draft": desktest.Ending("A", "one")})
	w.Post("/api/flows/"+f.ID+"/tests", map[string]any{"name": "T", "text": "-- chat --\n> hi\n< one\n* close\n> (waits soon)\n"}).Want(201)
	for lang, want := range map[string]string{"es": "Esta línea no se entiende: (waits soon)", "pt-BR": "Não dá para entender esta linha: (waits soon)"} {
		w.Headers["Accept-Language"] = lang
		var results api.Page[editor.TestResult]
		w.Post("/api/flows/"+f.ID+"/tests/run", nil).Want(200).Into(&results)
		if got := results.Items[0]; got.OK || got.Line != 4 || got.Error != want {
			t.Errorf("%s: got %+v, want line 4 and %q", lang, got, want)
		}
	}
}

// TestRollbackToWhatNewerRulesRefuse: what was live yesterday comes back in a hurry, and the answer says what is wrong with it.
func TestRollbackToWhatNewerRulesRefuse(t *testing.T) {
	w := desktest.NewWorkshop(t)
	f := w.Made(map[string]any{"draft": desktest.Ending("A", "one")})
	path := "/api/flows/" + f.ID
	w.Publish(f.ID, nil)
	w.Insert("flow_versions", dbx.Params{"flow": f.ID, "number": 10, "definition": `{"spec":1,"start":"a","nodes":{"a":{"type":"menu","say":"x","options":[{"id":"o","label":""}]}}}`})
	var got editor.Published
	w.Post(path+"/rollback", map[string]any{"version": 10}).Want(200).Into(&got)
	if got.Version != 11 || len(got.Warnings) == 0 || got.Warnings[0].Level != flows.Error || got.Warnings[0].Field != "options.o.label" {
		t.Errorf("got %+v, want it published and its error told", got)
	}
}

func TestDiffOfVersions(t *testing.T) {
	w := desktest.NewWorkshop(t)
	f := w.Made(map[string]any{"draft": desktest.Ending("A", "one")})
	path := "/api/flows/" + f.ID
	w.Publish(f.ID, nil)
	w.Put(path, map[string]any{"draft": desktest.Ending("B", "two")}).Want(200)
	w.Publish(f.ID, nil)
	w.Put(path, `{"draft":{"spec":1,"name":"B","lang":"en","start":"end","nodes":{"end":{"type":"end","say":"two"},"more":{"type":"end","name":"More"}}}}`).Want(200)
	for query, want := range map[string]string{
		"from=1&to=2":     `{"from":"1","to":"2","changes":[{"what":"changed","fields":["name"]},{"node":"end","what":"changed","fields":["say"]}]}`,
		"from=2&to=draft": `{"from":"2","to":"draft","changes":[{"node":"more","what":"added","name":"More"}]}`,
		"":                `{"from":"","to":"draft","changes":[{"node":"more","what":"added","name":"More"}]}`,
		"from=2&to=2":     `{"from":"2","to":"2","changes":[]}`,
	} {
		if got := strings.TrimSpace(string(w.Get(path + "/diff?" + query).Want(200).Body)); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
	w.Get(path + "/diff?from=x").Want(400)
	w.Get(path + "/diff?from=7").Want(404)
	w.Get("/api/flows/nothing/diff").Want(404)
}

// TestVersionsAreReadPageByPage, newest first.
func TestVersionsAreReadPageByPage(t *testing.T) {
	w := desktest.NewWorkshop(t)
	f := w.Flow(desktest.MenuFlow, "[]")
	for n := 2; n <= 5; n++ {
		w.Insert("flow_versions", dbx.Params{"flow": f, "number": n, "definition": desktest.MenuFlow})
	}
	var numbers []int
	next := ""
	for {
		var p api.Page[editor.VersionView]
		w.Get("/api/flows/" + f + "/versions?limit=2&before=" + next).Want(200).Into(&p)
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
	w.Get("/api/flows/" + f + "/versions?before=x").Want(400)
}

// TestVersionsAreArchivedWhenTheLastOneLeft, also those that called the flow in which somebody stands.
func TestVersionsAreArchivedWhenTheLastOneLeft(t *testing.T) {
	w := desktest.NewWorkshop(t)
	f := w.Flow(desktest.MenuFlow, "[]")
	for n := 2; n <= 5; n++ {
		w.Insert("flow_versions", dbx.Params{"flow": f, "number": n, "definition": desktest.MenuFlow})
	}
	w.Exec("UPDATE flows SET version = 4")
	c := w.Conversation(store.StatusBot, "", "")
	w.Exec("UPDATE conversations SET flow = '" + f + "', version = 2, session = '{\"frames\":[{\"flow\":\"" + f + "\",\"version\":2}]}'")
	called := w.Conversation(store.StatusBot, "", "")
	w.Exec("UPDATE conversations SET flow = 'other', version = 1, session = '{\"frames\":[{\"flow\":\"" + f + "\",\"version\":5},{\"flow\":\"other\",\"version\":1}]}' WHERE id = '" + called + "'")
	archived := func() (numbers []int) {
		if err := w.Desk.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, v := range w.Versions(f) {
			if v.ArchivedAt != "" {
				numbers = append(numbers, v.Number)
			}
		}
		return numbers
	}
	if got := fmt.Sprint(archived()); got != "[3 1]" {
		t.Errorf("got %s archived, want 1 and 3: 4 is published, people are in 2 and 5", got)
	}
	w.Write(func(tx *store.Tx) error {
		one, err := tx.Conversation(c)
		if err != nil {
			return err
		}
		return w.Desk.Conversations.Close(tx, one, store.BySystem, "", "")
	})
	w.Exec("UPDATE conversations SET flow = '', session = NULL WHERE id = '" + called + "'")
	if got := fmt.Sprint(archived()); got != "[5 3 2 1]" {
		t.Errorf("got %s archived, want all but the published one", got)
	}
}
