package editor_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mostrador/flows"
	"mostrador/hooks/api"
	"mostrador/hooks/desktest"
	"mostrador/hooks/editor"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"

	"github.com/pocketbase/dbx"
)

func TestNewFlows(t *testing.T) {
	w := desktest.NewWorkshop(t)
	w.Setting("lang", `"en"`)
	small := w.Made(nil)
	if small.Name != "New flow" || small.Lang != "en" || small.Errors+small.Warnings != 0 || small.Version != 0 || small.Active || !small.Changed || small.Revision != 1 {
		t.Errorf("of nothing: got %+v, want a small draft without problems", small)
	}
	named := w.Made(map[string]any{"name": "  Meu fluxo ", "lang": "pt-BR"})
	if named.Name != "Meu fluxo" || named.Lang != "pt-BR" || !strings.Contains(string(named.Draft), `"name":"Meu fluxo"`) {
		t.Errorf("with a name: got %+v, %s, want it in both places", named, named.Draft)
	}
	ready := w.Made(map[string]any{"from": "reception", "lang": "es"})
	if ready.Kind != "reception" || ready.Name != "Recepción" || ready.Tests != 4 || len(ready.Triggers) != 1 || ready.Errors != 2 {
		t.Errorf("ready-made: got %+v, want its 4 tests, its trigger, and two areas that are not here", ready)
	}
	again := w.Made(map[string]any{"from": ready.ID})
	if again.Name != "Recepción 2" || again.Tests != 4 || len(again.Triggers) != 0 || again.Lang != "es" {
		t.Errorf("a copy: got %+v, want its tests and no triggers", again)
	}
	drawn := w.Made(map[string]any{"draft": desktest.Ending("Drawn", "x")})
	if drawn.Name != "Drawn" || drawn.Order != 5 {
		t.Errorf("of a draft: got %+v, want the last of five", drawn)
	}
	for field, body := range map[string]map[string]any{"lang": {"lang": "fr"}, "from": {"from": "nothing"}, "name": {"name": strings.Repeat("x", 121)}} {
		if e := w.Post("/api/flows", body).Want(400).Refusal(); e.Data.(map[string]any)[field] == nil {
			t.Errorf("bad %s: got %+v, want it to be named", field, e)
		}
	}
	var list api.Page[editor.FlowView]
	w.Get("/api/flows").Want(200).Into(&list)
	if len(list.Items) != 5 || list.Items[0].ID != small.ID || list.Items[2].Errors != 2 || strings.Contains(string(w.Get("/api/flows").Body), "nodes") {
		t.Errorf("got %d flows: %+v, want five in their order, without definitions", len(list.Items), list.Items)
	}
	if got := w.Kinds(); got != "settings_changed flow_created flow_created flow_created flow_created flow_created" {
		t.Errorf("got events %q", got)
	}
	var made api.Page[editor.ReadyFlow]
	w.Get("/api/flows/ready").Want(200).Into(&made)
	if len(made.Items) != 12 || made.Items[0].Name == "" || made.Items[0].Tests == 0 {
		t.Errorf("got ready-made flows %+v, want four in three languages", made.Items)
	}
}

func TestSameKeyMakesOneFlow(t *testing.T) {
	w := desktest.NewWorkshop(t)
	w.Headers["Idempotency-Key"] = "once"
	a, b := w.Made(map[string]any{"name": "A"}), w.Made(map[string]any{"name": "B"})
	if a.ID != b.ID || b.Name != "A" || w.Count("flows") != 1 {
		t.Errorf("got %s %q and %s %q, want one flow", a.ID, a.Name, b.ID, b.Name)
	}
	other := w.SignIn(w.User("other", rights.Admin))
	other.Headers["Idempotency-Key"] = "once"
	other.Post("/api/flows", nil).Want(201)
	if w.Count("flows") != 2 {
		t.Errorf("another admin's key: got %d flows, want 2", w.Count("flows"))
	}
}

func TestSaveFlow(t *testing.T) {
	w := desktest.NewWorkshop(t)
	f := w.Made(map[string]any{"name": "One"})
	path := "/api/flows/" + f.ID
	var got editor.FlowDetail
	w.Put(path, map[string]any{"revision": 1, "draft": desktest.Ending("Two", "x")}).Want(200).Into(&got)
	if got.Name != "Two" || got.Revision != 2 || got.DraftBy != w.Admin.ID {
		t.Errorf("a draft: got %+v, want its name, revision 2 and who", got)
	}
	w.Put(path, map[string]any{"revision": 2, "name": "Three"}).Want(200).Into(&got)
	if got.Name != "Three" || got.Revision != 3 || !strings.Contains(string(got.Draft), `"name":"Three"`) {
		t.Errorf("a name: got %+v %s, want it in both places", got, got.Draft)
	}
	// A retry of a save that got through, and a save of nothing.
	events := w.Count("events")
	w.Put(path, map[string]any{"revision": 2, "name": "Three"}).Want(200)
	w.Put(path, map[string]any{"draft": got.Draft, "revision": 1}).Want(200).Into(&got)
	if got.Revision != 3 || w.Count("events") != events {
		t.Errorf("saved again: got revision %d and %d events, want no trace", got.Revision, w.Count("events")-events)
	}
	w.Put(path, map[string]any{"triggers": []flows.Trigger{{On: flows.OnWord, Words: []string{"hola"}, Flow: "x", Order: 4}}, "order": 7, "active": true}).Want(200).Into(&got)
	if len(got.Triggers) != 1 || got.Triggers[0].Flow != "" || got.Order != 7 || !got.Active || got.Revision != 4 {
		t.Errorf("the rest: got %+v, want triggers, order and active under revision 4", got)
	}
	w.Put(path, map[string]any{"active": false, "revision": 1}).Want(200).Into(&got) // a switch is not an edit
	if got.Active || got.Revision != 4 {
		t.Errorf("a switch: got %+v, want it off under the same revision", got)
	}
	w.Put(path, map[string]any{"draft": nil, "triggers": nil, "name": nil}).Want(200).Into(&got)
	if got.Name != "Three" || len(got.Triggers) != 1 {
		t.Errorf("nothing: got %+v, want it as it was", got)
	}
	w.Put(path, map[string]any{"name": "  "}).Want(400)
	w.Put("/api/flows/nothing", map[string]any{"name": "x"}).Want(404)
	for _, text := range desktest.All[struct {
		Data string `db:"data"`
	}](w.World, "SELECT data FROM events") {
		if strings.Contains(text.Data, "nodes") || strings.Contains(text.Data, "hola") {
			t.Errorf("an event has the text of a flow: %s", text.Data)
		}
	}
}

// TestSaveOverSomebodyElses: the second of two who edit hears whose save it would undo, in their language.
func TestSaveOverSomebodyElses(t *testing.T) {
	w := desktest.NewWorkshop(t)
	w.Setting("zone", `"America/Argentina/Buenos_Aires"`)
	f := w.Made(nil)
	path := "/api/flows/" + f.ID
	ana := w.User("ana", rights.Admin)
	w.SignIn(ana).Do("PUT", path, map[string]any{"revision": 1, "name": "Hers"}).Want(200)
	w.Headers["Accept-Language"] = "pt"
	for _, body := range []map[string]any{{"draft": desktest.Ending("Mine", "x")}, {"name": "Mine"}, {"triggers": []any{map[string]any{"on": "hand"}}}} {
		body["revision"] = 1
		e := w.Put(path, body).Want(409).Refusal()
		data := e.Data.(map[string]any)
		if e.Message != "ana salvou este fluxo em 02/03 09:00. Carregue essa versão antes de salvar a sua." || data["by"] != ana.ID || data["revision"] != 2.0 ||
			data["at"] != "2026-03-02T12:00:00.000Z" {
			t.Errorf("got %+v, want who saved it when", e)
		}
	}
	w.Put(path, map[string]any{"revision": 2, "draft": desktest.Ending("Mine", "x")}).Want(200)
	w.Put(path, map[string]any{"draft": desktest.Ending("Script", "x")}).Want(200) // without a revision whatever is there is replaced
}

func TestUnreadableDraftsAreToldWhere(t *testing.T) {
	w := desktest.NewWorkshop(t)
	f := w.Made(nil)
	w.Headers["Accept-Language"] = "es"
	for says, draft := range map[string]string{
		"El flujo no se puede leer. a.nxet: El campo «nxet» no existe.":                           `{"spec":1,"nodes":{"a":{"type":"end","nxet":"b"}}}`,
		"El flujo no se puede leer. a.type: No hay pasos del tipo «bomb».":                        `{"spec":1,"nodes":{"a":{"type":"bomb"}}}`,
		"El flujo no se puede leer. «start» no tiene la forma esperada.":                          `{"spec":1,"start":5}`,
		"El flujo no se puede leer. spec: El formato 0 no se conoce.":                             `{}`,
		"El flujo no se puede leer. a.options.label: «options.label» no tiene la forma esperada.": `{"spec":1,"nodes":{"a":{"type":"menu","options":[{"label":1}]}}}`,
	} {
		e := w.Put("/api/flows/"+f.ID, `{"draft":`+draft+`}`).Want(400).Refusal()
		if got := strings.Replace(e.Message, "start: ", "", 1); got != says || e.Code != "bad_flow" || len(e.Data.(map[string]any)["problems"].([]any)) != 1 {
			t.Errorf("%s: got %+v, want %q", draft, e, says)
		}
	}
	w.Put("/api/flows/"+f.ID, `{"draft":{"spec":1,"lang":"es","start":"gone","nodes":{}}}`).Want(200) // errors are no hindrance
	w.Put("/api/flows/"+f.ID, `{"triggers":[{"wrods":[]}]}`).Want(400)
	w.Put("/api/flows/"+f.ID, `{"draft":`).Want(400)
	w.Put("/api/flows/"+f.ID, `{"draft":{"spec":1,"ui":"`+strings.Repeat("x", flows.MaxFlowBytes)+`"}}`).Want(400)
	var got editor.FlowDetail
	w.Get("/api/flows/" + f.ID).Want(200).Into(&got)
	if len(got.Problems) != 1 || got.Problems[0].Code != "no_start" || got.Problems[0].Message != "El flujo no tiene un paso inicial." || got.Problems[0].Field != "start" {
		t.Errorf("got problems %+v, want that the start is missing", got.Problems)
	}
}

// TestProblemsOnThisDesk: what a flow names has to be here.
func TestProblemsOnThisDesk(t *testing.T) {
	w := desktest.NewWorkshop(t)
	w.Headers["Accept-Language"] = "en"
	other := w.Flow(desktest.MenuFlow, "[]")
	draft := `{"spec":1,"lang":"en","start":"a","nodes":{"a":{"type":"menu","say":"x","options":[
		{"id":"a","label":"A","next":"sales"},{"id":"b","label":"B","next":"gone"},{"id":"c","label":"C","next":"jump"},{"id":"d","label":"D","next":"lost"},
		{"id":"e","label":"E","next":"self"},{"id":"f","label":"F","next":"pic"}]},
		"sales":{"type":"redirect","area":"sales","user":"` + w.Admin.ID + `"},"gone":{"type":"redirect","area":"gone","user":"nobody"},
		"jump":{"type":"jump","flow":"` + other + `"},"lost":{"type":"jump","flow":"lost"},"self":{"type":"jump","flow":"SELF"},
		"pic":{"type":"message","media":{"kind":"image","ref":"nothing"},"next":"ask"},
		"ask":{"type":"http","url":"https://a.example/","headers":[{"name":"X","secret":"lost"}],"next":"sales","fail":"sales"}}}`
	f := w.Made(nil)
	draft = strings.Replace(draft, "SELF", f.ID, 1)
	var got api.Page[editor.ProblemView]
	w.Post("/api/flows/check", `{"id":"`+f.ID+`","flow":`+draft+`,"triggers":[{"on":"message","line":"gone"}]}`).Want(200).Into(&got)
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
		w.Post("/api/flows/check", `{"id":"`+f.ID+`","flow":`+draft+`,"triggers":`+triggers+`}`).Want(200).Into(&unread)
		if len(unread.Items) == 0 || !strings.HasPrefix(unread.Items[0].Field, "triggers") {
			t.Errorf("triggers %s: got %+v, want them named first", triggers, unread.Items)
		}
	}
	var shown editor.FlowDetail
	w.Put("/api/flows/"+f.ID, `{"draft":`+draft+`,"triggers":[{"on":"message","line":"gone"}]}`).Want(200).Into(&shown)
	if shown.Errors != 4 || shown.Warnings != 2 || len(shown.Problems) != 6 {
		t.Errorf("got %d errors and %d warnings, want 4 and 2", shown.Errors, shown.Warnings)
	}
	errors := func() int {
		var list api.Page[editor.FlowView]
		w.Get("/api/flows").Want(200).Into(&list)
		i := slices.IndexFunc(list.Items, func(one editor.FlowView) bool { return one.ID == f.ID })
		return list.Items[i].Errors
	}
	if got := errors(); got != 4 {
		t.Errorf("in the list: got %d errors, want 4", got)
	}
	w.Area("gone") // the list does not say what held before
	if got := errors(); got != 3 {
		t.Errorf("with the area: got %d errors, want 3", got)
	}
	w.Insert("media", dbx.Params{"conversation": "x", "state": "ready", "file": "x.png"})
	w.Exec("UPDATE media SET id = 'nothing'")
	if got := errors(); got != 3 {
		t.Errorf("with a customer's file: got %d errors, want 3", got)
	}
	w.Exec("UPDATE media SET conversation = '" + f.ID + "'")
	if got := errors(); got != 2 {
		t.Errorf("with the file: got %d errors, want 2", got)
	}
	w.Post("/api/flows/check", `{"flow":{"spec":9}}`).Want(200).Into(&got)
	if len(got.Items) != 1 || got.Items[0].Code != "newer_spec" {
		t.Errorf("unreadable: got %+v, want that as its problem", got.Items)
	}
}

// TestWriterHearsOfFlowsAtOnce: two changes in the same moment are two changes.
func TestWriterHearsOfFlowsAtOnce(t *testing.T) {
	w := desktest.NewWorkshop(t)
	f := w.Made(map[string]any{"draft": desktest.Ending("A", "one")})
	path := "/api/flows/" + f.ID
	for i, says := range []string{"one", "two", "three"} {
		w.Put(path, map[string]any{"draft": desktest.Ending("A", says)}).Want(200)
		w.Post(path+"/publish", nil).Want(200)
		w.Write(func(tx *store.Tx) error {
			known, err := w.Desk.Facts.Of(tx)
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
	w := desktest.NewWorkshop(t)
	f := w.Made(nil)
	path := "/api/flows/" + f.ID
	w.Put(path, map[string]any{"triggers": []any{map[string]any{"on": "message"}}}).Want(200)
	w.Post(path+"/publish", nil).Want(200)
	for range 2 { // the second time it is archived already
		w.Do("DELETE", path, nil).Want(204)
	}
	begins := func() (ok bool) {
		w.Write(func(tx *store.Tx) error {
			known, err := w.Desk.Facts.Of(tx)
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
	if w.Get("/api/flows").Want(200).Into(&list); len(list.Items) != 0 {
		t.Errorf("got %+v, want it out of the list", list.Items)
	}
	if w.Get("/api/flows?archived=true").Want(200).Into(&list); len(list.Items) != 1 || list.Items[0].ArchivedAt == "" {
		t.Errorf("got %+v, want it among the archived ones", list.Items)
	}
	w.Put(path, map[string]any{"name": "Still mine"}).Want(200)
	if e := w.Post(path+"/publish", nil).Want(409).Refusal(); e.Code != "flow_archived" {
		t.Errorf("published: got %+v, want a refusal", e)
	}
	w.Put(path, map[string]any{"archived": false}).Want(200)
	if !begins() {
		t.Error("a restored flow does not begin")
	}
	if got := w.Kinds(); got != "flow_created flow_saved flow_published flow_archived flow_saved flow_restored" {
		t.Errorf("got events %q", got)
	}
	w.Do("DELETE", "/api/flows/nothing", nil).Want(404)
}

// TestListReadsNoTextTwice: what it says about a draft is kept until something changes.
func TestListReadsNoTextTwice(t *testing.T) {
	w := desktest.NewWorkshop(t)
	for i := range 45 {
		w.Made(map[string]any{"name": fmt.Sprint("Flow ", i)})
	}
	w.Conversation(store.StatusBot, "", "")
	w.Exec("UPDATE conversations SET flow = (SELECT id FROM flows WHERE name = 'Flow 3'), version = 2")
	queries := w.Record()
	var list api.Page[editor.FlowView]
	w.Get("/api/flows").Want(200).Into(&list)
	first := len(*queries)
	w.Get("/api/flows").Want(200).Into(&list)
	second := len(*queries) - first
	if len(list.Items) != 45 || second != 1 || first > 7 {
		t.Errorf("got %d flows with %d reads, then %d, want 45 with few, then the list alone", len(list.Items), first, second)
	}
	if got := list.Items[3].Inside; len(got) != 1 || got[0] != (editor.InsideView{Version: 2, Conversations: 1}) {
		t.Errorf("got %+v inside the fourth, want one in version 2", got)
	}
	w.Pass(time.Second)
	w.Put("/api/flows/"+list.Items[0].ID, map[string]any{"draft": json.RawMessage(`{"spec":1,"start":"x","nodes":{}}`)}).Want(200)
	w.Get("/api/flows").Want(200).Into(&list)
	if list.Items[0].Errors != 1 {
		t.Errorf("got %d errors after a save, want 1", list.Items[0].Errors)
	}
}

// TestAFlowWithoutANameIsCalledOneInItsLanguage: a file may have a language of its own.
func TestAFlowWithoutANameIsCalledOneInItsLanguage(t *testing.T) {
	w := desktest.NewWorkshop(t)
	for lang, want := range map[string]string{"es": "Flujo ", "pt-BR": "Fluxo ", "en": "Flow "} {
		f := w.Made(map[string]any{"draft": json.RawMessage(`{"spec":1,"lang":"` + lang + `","start":"end","nodes":{"end":{"type":"end"}}}`)})
		if f.Name != want+f.ID {
			t.Errorf("%s: got %q, want %q and its id", lang, f.Name, want)
		}
	}
	f := w.Made(map[string]any{"lang": "pt-BR", "draft": json.RawMessage(`{"spec":1,"start":"end","nodes":{"end":{"type":"end"}}}`)})
	if f.Name != "Fluxo "+f.ID {
		t.Errorf("a flow that says no language: got %q, want the language that was asked for", f.Name)
	}
}
