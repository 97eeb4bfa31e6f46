package hooks

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mostrador/flows"
	"mostrador/hooks/api"
	"mostrador/hooks/editor"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

// workshop is a desk with an admin at the builder.
type workshop struct {
	*site
	admin rights.Viewer
	*browser
}

func newWorkshop(t testing.TB) *workshop {
	t.Helper()
	s := newSite(t)
	s.area("sales")
	boss := s.user("boss", rights.Admin)
	return &workshop{s, boss, s.signIn(boss)}
}

// made makes a flow.
func (w *workshop) made(body any) editor.FlowDetail {
	w.site.t.Helper()
	var f editor.FlowDetail
	w.post("/api/flows", body).want(201).into(&f)
	return f
}

func (w *workshop) put(path string, body any) *answer {
	w.site.t.Helper()
	return w.do("PUT", path, body)
}

// ending is a flow that says something and ends.
func ending(name, says string) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"spec":1,"name":%q,"lang":"en","start":"end","nodes":{"end":{"type":"end","say":%q}}}`, name, says))
}

// kinds lists the kinds of the desk's events, oldest first.
func (w *world) kinds() string {
	w.t.Helper()
	var kinds []string
	if err := w.d.Store.App.DB().Select("kind").From("events").Where(hash("conversation", "")).OrderBy("pos").Column(&kinds); err != nil {
		w.t.Fatal(err)
	}
	return strings.Join(kinds, " ")
}

func TestNewFlows(t *testing.T) {
	w := newWorkshop(t)
	w.setting("lang", `"en"`)
	small := w.made(nil)
	if small.Name != "New flow" || small.Lang != "en" || small.Errors+small.Warnings != 0 || small.Version != 0 || small.Active || !small.Changed || small.Revision != 1 {
		t.Errorf("of nothing: got %+v, want a small draft without problems", small)
	}
	named := w.made(map[string]any{"name": "  Meu fluxo ", "lang": "pt-BR"})
	if named.Name != "Meu fluxo" || named.Lang != "pt-BR" || !strings.Contains(string(named.Draft), `"name":"Meu fluxo"`) {
		t.Errorf("with a name: got %+v, %s, want it in both places", named, named.Draft)
	}
	ready := w.made(map[string]any{"from": "reception", "lang": "es"})
	if ready.Kind != "reception" || ready.Name != "Recepción" || ready.Tests != 4 || len(ready.Triggers) != 1 || ready.Errors != 2 {
		t.Errorf("ready-made: got %+v, want its 4 tests, its trigger, and two areas that are not here", ready)
	}
	again := w.made(map[string]any{"from": ready.ID})
	if again.Name != "Recepción 2" || again.Tests != 4 || len(again.Triggers) != 0 || again.Lang != "es" {
		t.Errorf("a copy: got %+v, want its tests and no triggers", again)
	}
	drawn := w.made(map[string]any{"draft": ending("Drawn", "x")})
	if drawn.Name != "Drawn" || drawn.Order != 5 {
		t.Errorf("of a draft: got %+v, want the last of five", drawn)
	}
	for field, body := range map[string]map[string]any{"lang": {"lang": "fr"}, "from": {"from": "nothing"}, "name": {"name": strings.Repeat("x", 121)}} {
		if e := w.post("/api/flows", body).want(400).refusal(); e.Data.(map[string]any)[field] == nil {
			t.Errorf("bad %s: got %+v, want it to be named", field, e)
		}
	}
	var list api.Page[editor.FlowView]
	w.get("/api/flows").want(200).into(&list)
	if len(list.Items) != 5 || list.Items[0].ID != small.ID || list.Items[2].Errors != 2 || strings.Contains(string(w.get("/api/flows").body), "nodes") {
		t.Errorf("got %d flows: %+v, want five in their order, without definitions", len(list.Items), list.Items)
	}
	if got := w.kinds(); got != "settings_changed flow_created flow_created flow_created flow_created flow_created" {
		t.Errorf("got events %q", got)
	}
	var made api.Page[editor.ReadyFlow]
	w.get("/api/flows/ready").want(200).into(&made)
	if len(made.Items) != 12 || made.Items[0].Name == "" || made.Items[0].Tests == 0 {
		t.Errorf("got ready-made flows %+v, want four in three languages", made.Items)
	}
}

func TestSameKeyMakesOneFlow(t *testing.T) {
	w := newWorkshop(t)
	w.headers["Idempotency-Key"] = "once"
	a, b := w.made(map[string]any{"name": "A"}), w.made(map[string]any{"name": "B"})
	if a.ID != b.ID || b.Name != "A" || w.count("flows") != 1 {
		t.Errorf("got %s %q and %s %q, want one flow", a.ID, a.Name, b.ID, b.Name)
	}
	other := w.signIn(w.user("other", rights.Admin))
	other.headers["Idempotency-Key"] = "once"
	other.post("/api/flows", nil).want(201)
	if w.count("flows") != 2 {
		t.Errorf("another admin's key: got %d flows, want 2", w.count("flows"))
	}
}

func TestSaveFlow(t *testing.T) {
	w := newWorkshop(t)
	f := w.made(map[string]any{"name": "One"})
	path := "/api/flows/" + f.ID
	var got editor.FlowDetail
	w.put(path, map[string]any{"revision": 1, "draft": ending("Two", "x")}).want(200).into(&got)
	if got.Name != "Two" || got.Revision != 2 || got.DraftBy != w.admin.ID {
		t.Errorf("a draft: got %+v, want its name, revision 2 and who", got)
	}
	w.put(path, map[string]any{"revision": 2, "name": "Three"}).want(200).into(&got)
	if got.Name != "Three" || got.Revision != 3 || !strings.Contains(string(got.Draft), `"name":"Three"`) {
		t.Errorf("a name: got %+v %s, want it in both places", got, got.Draft)
	}
	// A retry of a save that got through, and a save of nothing.
	events := w.count("events")
	w.put(path, map[string]any{"revision": 2, "name": "Three"}).want(200)
	w.put(path, map[string]any{"draft": got.Draft, "revision": 1}).want(200).into(&got)
	if got.Revision != 3 || w.count("events") != events {
		t.Errorf("saved again: got revision %d and %d events, want no trace", got.Revision, w.count("events")-events)
	}
	w.put(path, map[string]any{"triggers": []flows.Trigger{{On: flows.OnWord, Words: []string{"hola"}, Flow: "x", Order: 4}}, "order": 7, "active": true}).want(200).into(&got)
	if len(got.Triggers) != 1 || got.Triggers[0].Flow != "" || got.Order != 7 || !got.Active || got.Revision != 4 {
		t.Errorf("the rest: got %+v, want triggers, order and active under revision 4", got)
	}
	w.put(path, map[string]any{"active": false, "revision": 1}).want(200).into(&got) // a switch is not an edit
	if got.Active || got.Revision != 4 {
		t.Errorf("a switch: got %+v, want it off under the same revision", got)
	}
	w.put(path, map[string]any{"draft": nil, "triggers": nil, "name": nil}).want(200).into(&got)
	if got.Name != "Three" || len(got.Triggers) != 1 {
		t.Errorf("nothing: got %+v, want it as it was", got)
	}
	w.put(path, map[string]any{"name": "  "}).want(400)
	w.put("/api/flows/nothing", map[string]any{"name": "x"}).want(404)
	for _, text := range all[struct {
		Data string `db:"data"`
	}](w.world, "SELECT data FROM events") {
		if strings.Contains(text.Data, "nodes") || strings.Contains(text.Data, "hola") {
			t.Errorf("an event has the text of a flow: %s", text.Data)
		}
	}
}

// TestSaveOverSomebodyElses: the second of two who edit hears whose save it would undo, in their language.
func TestSaveOverSomebodyElses(t *testing.T) {
	w := newWorkshop(t)
	w.setting("zone", `"America/Argentina/Buenos_Aires"`)
	f := w.made(nil)
	path := "/api/flows/" + f.ID
	ana := w.user("ana", rights.Admin)
	w.signIn(ana).do("PUT", path, map[string]any{"revision": 1, "name": "Hers"}).want(200)
	w.headers["Accept-Language"] = "pt"
	for _, body := range []map[string]any{{"draft": ending("Mine", "x")}, {"name": "Mine"}, {"triggers": []any{map[string]any{"on": "hand"}}}} {
		body["revision"] = 1
		e := w.put(path, body).want(409).refusal()
		data := e.Data.(map[string]any)
		if e.Message != "ana salvou este fluxo em 02/03 09:00. Carregue essa versão antes de salvar a sua." || data["by"] != ana.ID || data["revision"] != 2.0 ||
			data["at"] != "2026-03-02T12:00:00.000Z" {
			t.Errorf("got %+v, want who saved it when", e)
		}
	}
	w.put(path, map[string]any{"revision": 2, "draft": ending("Mine", "x")}).want(200)
	w.put(path, map[string]any{"draft": ending("Script", "x")}).want(200) // without a revision whatever is there is replaced
}

func TestUnreadableDraftsAreToldWhere(t *testing.T) {
	w := newWorkshop(t)
	f := w.made(nil)
	w.headers["Accept-Language"] = "es"
	for says, draft := range map[string]string{
		"El flujo no se puede leer. a.nxet: El campo «nxet» no existe.":                           `{"spec":1,"nodes":{"a":{"type":"end","nxet":"b"}}}`,
		"El flujo no se puede leer. a.type: No hay pasos del tipo «bomb».":                        `{"spec":1,"nodes":{"a":{"type":"bomb"}}}`,
		"El flujo no se puede leer. «start» no tiene la forma esperada.":                          `{"spec":1,"start":5}`,
		"El flujo no se puede leer. spec: El formato 0 no se conoce.":                             `{}`,
		"El flujo no se puede leer. a.options.label: «options.label» no tiene la forma esperada.": `{"spec":1,"nodes":{"a":{"type":"menu","options":[{"label":1}]}}}`,
	} {
		e := w.put("/api/flows/"+f.ID, `{"draft":`+draft+`}`).want(400).refusal()
		if got := strings.Replace(e.Message, "start: ", "", 1); got != says || e.Code != "bad_flow" || len(e.Data.(map[string]any)["problems"].([]any)) != 1 {
			t.Errorf("%s: got %+v, want %q", draft, e, says)
		}
	}
	w.put("/api/flows/"+f.ID, `{"draft":{"spec":1,"lang":"es","start":"gone","nodes":{}}}`).want(200) // errors are no hindrance
	w.put("/api/flows/"+f.ID, `{"triggers":[{"wrods":[]}]}`).want(400)
	w.put("/api/flows/"+f.ID, `{"draft":`).want(400)
	w.put("/api/flows/"+f.ID, `{"draft":{"spec":1,"ui":"`+strings.Repeat("x", flows.MaxFlowBytes)+`"}}`).want(400)
	var got editor.FlowDetail
	w.get("/api/flows/" + f.ID).want(200).into(&got)
	if len(got.Problems) != 1 || got.Problems[0].Code != "no_start" || got.Problems[0].Message != "El flujo no tiene un paso inicial." || got.Problems[0].Field != "start" {
		t.Errorf("got problems %+v, want that the start is missing", got.Problems)
	}
}

// TestProblemsOnThisDesk: what a flow names has to be here.
func TestProblemsOnThisDesk(t *testing.T) {
	w := newWorkshop(t)
	w.headers["Accept-Language"] = "en"
	other := w.flow(menuFlow, "[]")
	draft := `{"spec":1,"lang":"en","start":"a","nodes":{"a":{"type":"menu","say":"x","options":[
		{"id":"a","label":"A","next":"sales"},{"id":"b","label":"B","next":"gone"},{"id":"c","label":"C","next":"jump"},{"id":"d","label":"D","next":"lost"},
		{"id":"e","label":"E","next":"self"},{"id":"f","label":"F","next":"pic"}]},
		"sales":{"type":"redirect","area":"sales","user":"` + w.admin.ID + `"},"gone":{"type":"redirect","area":"gone","user":"nobody"},
		"jump":{"type":"jump","flow":"` + other + `"},"lost":{"type":"jump","flow":"lost"},"self":{"type":"jump","flow":"SELF"},
		"pic":{"type":"message","media":{"kind":"image","ref":"nothing"},"next":"ask"},
		"ask":{"type":"http","url":"https://a.example/","headers":[{"name":"X","secret":"lost"}],"next":"sales","fail":"sales"}}}`
	f := w.made(nil)
	draft = strings.Replace(draft, "SELF", f.ID, 1)
	var got api.Page[editor.ProblemView]
	w.post("/api/flows/check", `{"id":"`+f.ID+`","flow":`+draft+`,"triggers":[{"on":"message","line":"gone"}]}`).want(200).into(&got)
	var places []string
	for _, p := range got.Items {
		places = append(places, fmt.Sprint(p.Level, " ", p.Node, ".", p.Field, " ", p.Code))
	}
	want := "error gone.area unknown_area, error lost.flow unknown_flow, error pic.media.ref no_media, error .triggers.0.line unknown_line, warning ask.headers.0.secret unknown_secret, warning gone.user unknown_user"
	if got := strings.Join(places, ", "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, triggers := range []string{`{}`, `[{"on":"word","wrods":[]}]`} { // a save refuses them, too
		var unread api.Page[editor.ProblemView]
		w.post("/api/flows/check", `{"id":"`+f.ID+`","flow":`+draft+`,"triggers":`+triggers+`}`).want(200).into(&unread)
		if len(unread.Items) == 0 || !strings.HasPrefix(unread.Items[0].Field, "triggers") {
			t.Errorf("triggers %s: got %+v, want them named first", triggers, unread.Items)
		}
	}
	var shown editor.FlowDetail
	w.put("/api/flows/"+f.ID, `{"draft":`+draft+`,"triggers":[{"on":"message","line":"gone"}]}`).want(200).into(&shown)
	if shown.Errors != 4 || shown.Warnings != 2 || len(shown.Problems) != 6 {
		t.Errorf("got %d errors and %d warnings, want 4 and 2", shown.Errors, shown.Warnings)
	}
	errors := func() int {
		var list api.Page[editor.FlowView]
		w.get("/api/flows").want(200).into(&list)
		i := slices.IndexFunc(list.Items, func(one editor.FlowView) bool { return one.ID == f.ID })
		return list.Items[i].Errors
	}
	if got := errors(); got != 4 {
		t.Errorf("in the list: got %d errors, want 4", got)
	}
	w.area("gone") // the list does not say what held before
	if got := errors(); got != 3 {
		t.Errorf("with the area: got %d errors, want 3", got)
	}
	w.insert("media", dbx.Params{"conversation": "x", "state": "ready", "file": "x.png"})
	w.exec("UPDATE media SET id = 'nothing'")
	if got := errors(); got != 3 {
		t.Errorf("with a customer's file: got %d errors, want 3", got)
	}
	w.exec("UPDATE media SET conversation = '" + f.ID + "'")
	if got := errors(); got != 2 {
		t.Errorf("with the file: got %d errors, want 2", got)
	}
	w.post("/api/flows/check", `{"flow":{"spec":9}}`).want(200).into(&got)
	if len(got.Items) != 1 || got.Items[0].Code != "newer_spec" {
		t.Errorf("unreadable: got %+v, want that as its problem", got.Items)
	}
}

// TestWriterHearsOfFlowsAtOnce: two changes in the same moment are two changes.
func TestWriterHearsOfFlowsAtOnce(t *testing.T) {
	w := newWorkshop(t)
	f := w.made(map[string]any{"draft": ending("A", "one")})
	path := "/api/flows/" + f.ID
	for i, says := range []string{"one", "two", "three"} {
		w.put(path, map[string]any{"draft": ending("A", says)}).want(200)
		w.post(path+"/publish", nil).want(200)
		w.write(func(tx *store.Tx) error {
			known, err := w.d.Facts.Of(tx)
			if err != nil {
				return err
			}
			if got := known.Flows[flows.Ref{Flow: f.ID}].Version; got != i+1 {
				t.Errorf("the writer has version %d, want %d", got, i+1)
			}
			return nil
		})
	}
}

func TestArchive(t *testing.T) {
	w := newWorkshop(t)
	f := w.made(nil)
	path := "/api/flows/" + f.ID
	w.put(path, map[string]any{"triggers": []any{map[string]any{"on": "message"}}}).want(200)
	w.post(path+"/publish", nil).want(200)
	for range 2 { // the second time it is archived already
		w.do("DELETE", path, nil).want(204)
	}
	begins := func() (ok bool) {
		w.write(func(tx *store.Tx) error {
			known, err := w.d.Facts.Of(tx)
			if err == nil {
				_, ok = known.Begin(&store.Conversation{}, "hola", tx.Now)
			}
			return err
		})
		return ok
	}
	if begins() {
		t.Error("an archived flow begins")
	}
	var list api.Page[editor.FlowView]
	if w.get("/api/flows").want(200).into(&list); len(list.Items) != 0 {
		t.Errorf("got %+v, want it out of the list", list.Items)
	}
	if w.get("/api/flows?archived=true").want(200).into(&list); len(list.Items) != 1 || list.Items[0].ArchivedAt == "" {
		t.Errorf("got %+v, want it among the archived ones", list.Items)
	}
	w.put(path, map[string]any{"name": "Still mine"}).want(200)
	if e := w.post(path+"/publish", nil).want(409).refusal(); e.Code != "flow_archived" {
		t.Errorf("published: got %+v, want a refusal", e)
	}
	w.put(path, map[string]any{"archived": false}).want(200)
	if !begins() {
		t.Error("a restored flow does not begin")
	}
	if got := w.kinds(); got != "flow_created flow_saved flow_published flow_archived flow_saved flow_restored" {
		t.Errorf("got events %q", got)
	}
	w.do("DELETE", "/api/flows/nothing", nil).want(404)
}

// TestListReadsNoTextTwice: what it says about a draft is kept until something changes.
func TestListReadsNoTextTwice(t *testing.T) {
	w := newWorkshop(t)
	for i := range 45 {
		w.made(map[string]any{"name": fmt.Sprint("Flow ", i)})
	}
	w.conversation(store.StatusBot, "", "")
	w.exec("UPDATE conversations SET flow = (SELECT id FROM flows WHERE name = 'Flow 3'), version = 2")
	queries := w.record()
	var list api.Page[editor.FlowView]
	w.get("/api/flows").want(200).into(&list)
	first := len(*queries)
	w.get("/api/flows").want(200).into(&list)
	second := len(*queries) - first
	if len(list.Items) != 45 || second != 1 || first > 7 {
		t.Errorf("got %d flows with %d reads, then %d, want 45 with few, then the list alone", len(list.Items), first, second)
	}
	if got := list.Items[3].Inside; len(got) != 1 || got[0] != (editor.InsideView{Version: 2, Conversations: 1}) {
		t.Errorf("got %+v inside the fourth, want one in version 2", got)
	}
	w.pass(time.Second)
	w.put("/api/flows/"+list.Items[0].ID, map[string]any{"draft": json.RawMessage(`{"spec":1,"start":"x","nodes":{}}`)}).want(200)
	w.get("/api/flows").want(200).into(&list)
	if list.Items[0].Errors != 1 {
		t.Errorf("got %d errors after a save, want 1", list.Items[0].Errors)
	}
}

// TestAFlowWithoutANameIsCalledOneInItsLanguage: a file may have a language of its own.
func TestAFlowWithoutANameIsCalledOneInItsLanguage(t *testing.T) {
	w := newWorkshop(t)
	for lang, want := range map[string]string{"es": "Flujo ", "pt-BR": "Fluxo ", "en": "Flow "} {
		f := w.made(map[string]any{"draft": json.RawMessage(`{"spec":1,"lang":"` + lang + `","start":"end","nodes":{"end":{"type":"end"}}}`)})
		if f.Name != want+f.ID {
			t.Errorf("%s: got %q, want %q and its id", lang, f.Name, want)
		}
	}
	f := w.made(map[string]any{"lang": "pt-BR", "draft": json.RawMessage(`{"spec":1,"start":"end","nodes":{"end":{"type":"end"}}}`)})
	if f.Name != "Fluxo "+f.ID {
		t.Errorf("a flow that says no language: got %q, want the language that was asked for", f.Name)
	}
}
