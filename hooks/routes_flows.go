package hooks

import (
	"encoding/json"
	"net/http"
	"strconv"

	"mostrador/flows"
)

// flowBody is the limit of a body with a flow in it; a flow has 1 MB at most, a file with its tests more.
const flowBody = flows.MaxFileBytes + bodyLimit

var flowRoutes = []route{
	{method: "GET", path: "/api/flows", who: admins, run: (*request).flows},
	{method: "POST", path: "/api/flows", who: admins, run: (*request).createFlow, limit: 2 * flowBody},
	{method: "GET", path: "/api/flows/ready", who: admins, run: (*request).readyFlows},
	{method: "POST", path: "/api/flows/check", who: admins, run: (*request).checkFlow, limit: flowBody},
	{method: "POST", path: "/api/flows/simulate", who: admins, run: (*request).simulate, limit: flowBody},
	{method: "GET", path: "/api/flows/{id}", who: admins, run: (*request).flow},
	{method: "PUT", path: "/api/flows/{id}", who: admins, run: (*request).saveFlow, limit: flowBody},
	{method: "DELETE", path: "/api/flows/{id}", who: admins, run: (*request).archiveFlow},
	{method: "POST", path: "/api/flows/{id}/publish", who: admins, run: (*request).publishFlow},
	{method: "POST", path: "/api/flows/{id}/rollback", who: admins, run: (*request).rollbackFlow},
	{method: "GET", path: "/api/flows/{id}/versions", who: admins, run: (*request).flowVersions},
	{method: "GET", path: "/api/flows/{id}/versions/{number}", who: admins, run: (*request).flowVersion},
	{method: "GET", path: "/api/flows/{id}/diff", who: admins, run: (*request).diffFlow},
	{method: "GET", path: "/api/flows/{id}/counts", who: admins, run: (*request).flowCounts},
	{method: "GET", path: "/api/flows/{id}/export", who: admins, run: (*request).exportFlow},
	{method: "POST", path: "/api/flows/{id}/media", who: admins, run: (*request).uploadForFlow, limit: uploadLimit},
	{method: "GET", path: "/api/flows/{id}/tests", who: admins, run: (*request).flowTests},
	{method: "POST", path: "/api/flows/{id}/tests", who: admins, run: (*request).addTest, limit: flowBody},
	{method: "POST", path: "/api/flows/{id}/tests/run", who: admins, run: (*request).runTests, limit: flowBody},
	{method: "PUT", path: "/api/flows/{id}/tests/{test}", who: admins, run: (*request).changeTest, limit: flowBody},
	{method: "DELETE", path: "/api/flows/{id}/tests/{test}", who: admins, run: (*request).dropTest},
}

// listOf answers a whole list.
func listOf[T any](r *request, items []T, err error) error {
	if err != nil {
		return err
	}
	return r.ok(page[T]{Items: items})
}

// okay answers a value.
func okay[T any](r *request, v T, err error) error {
	if err != nil {
		return err
	}
	return r.ok(v)
}

func (r *request) flows() error {
	list, err := r.desk.Flows(r.query("archived") == "true")
	return listOf(r, list, err)
}

func (r *request) flow() error {
	detail, err := r.desk.Flow(r.id(), lang(r.RequestEvent))
	return okay(r, detail, err)
}

func (r *request) createFlow() error {
	var n NewFlow
	if err := r.read(&n); err != nil {
		return err
	}
	n.Key = r.Request.Header.Get(idempotencyKey)
	id, err := r.desk.CreateFlow(r.Request.Context(), r.me.Viewer, n)
	if err != nil {
		return err
	}
	detail, err := r.desk.Flow(id, lang(r.RequestEvent))
	if err != nil {
		return err
	}
	return r.created(detail)
}

func (r *request) saveFlow() error {
	var c FlowChange
	if err := r.read(&c); err != nil {
		return err
	}
	if err := r.desk.SaveFlow(r.Request.Context(), r.me.Viewer, r.id(), c); err != nil {
		return err
	}
	return r.flow()
}

func (r *request) archiveFlow() error {
	if err := r.desk.ArchiveFlow(r.Request.Context(), r.me.Viewer, r.id()); err != nil {
		return err
	}
	return r.done()
}

func (r *request) publishFlow() error {
	var p Publication
	if err := r.read(&p); err != nil {
		return err
	}
	answer, err := r.desk.PublishFlow(r.Request.Context(), r.me.Viewer, r.id(), lang(r.RequestEvent), p)
	return okay(r, answer, err)
}

func (r *request) rollbackFlow() error {
	var b Rollback
	if err := r.read(&b); err != nil {
		return err
	}
	answer, err := r.desk.RollbackFlow(r.Request.Context(), r.me.Viewer, r.id(), lang(r.RequestEvent), b)
	return okay(r, answer, err)
}

func (r *request) flowVersions() error {
	limit, err := r.limit()
	if err != nil {
		return err
	}
	before, err := r.number("before")
	if err != nil {
		return err
	}
	list, err := r.desk.FlowVersions(r.id(), before, limit+1)
	if err != nil {
		return err
	}
	answer := page[VersionView]{Items: list[:min(limit, len(list))]}
	if len(list) > limit {
		answer.Next = strconv.Itoa(list[limit-1].Number)
	}
	return r.ok(answer)
}

// number reads a parameter of the address that is one; 0 when it is left out.
func (r *request) number(name string) (int, error) {
	text := r.query(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, badValue(name)
	}
	return n, nil
}

func (r *request) flowVersion() error {
	number, err := strconv.Atoi(r.Request.PathValue("number"))
	if err != nil {
		return errNotFound
	}
	view, err := r.desk.FlowVersion(r.id(), number)
	return okay(r, view, err)
}

// flowDiff is what is different between two definitions of a flow.
type flowDiff struct {
	From    string         `json:"from"`
	To      string         `json:"to"`
	Changes []flows.Change `json:"changes"`
}

func (r *request) diffFlow() error {
	answer := flowDiff{From: r.query("from"), To: r.query("to")}
	if answer.To == "" {
		answer.To = theDraft
	}
	var err error
	answer.Changes, err = r.desk.DiffFlow(r.id(), answer.From, answer.To)
	return okay(r, answer, err)
}

func (r *request) flowCounts() error {
	version, err := r.number("version")
	if err != nil {
		return err
	}
	view, err := r.desk.FlowCounts(r.Request.Context(), r.id(), version, r.query("from"), r.query("to"))
	return okay(r, view, err)
}

func (r *request) exportFlow() error {
	text, err := r.desk.ExportFlow(r.id(), r.query("version"))
	if err != nil {
		return err
	}
	r.Response.Header().Set("Content-Disposition", `attachment; filename="flow-`+r.id()+`.json"`)
	return r.Blob(http.StatusOK, "application/json", text)
}

// checkForm is a flow that is not saved.
type checkForm struct {
	Flow     json.RawMessage `json:"flow"`
	ID       string          `json:"id"`       // of the flow that it is a draft of; empty: a new one
	Triggers json.RawMessage `json:"triggers"` // absent: they are not checked
}

func (r *request) checkFlow() error {
	var in checkForm
	if err := r.read(&in); err != nil {
		return err
	}
	row := flowRow{ID: in.ID, Draft: []byte(in.Flow), Triggers: []byte(in.Triggers)}
	found, err := r.desk.judge(&row)
	if !absent(in.Triggers) {
		_, unread := flows.ParseTriggers(in.Triggers)
		if problem, ok := misread(unread); ok {
			found = append([]flows.Problem{problem}, found...)
		}
	}
	return listOf(r, sayProblems(found, lang(r.RequestEvent)), err)
}

func (r *request) simulate() error {
	var in flows.Simulation
	if err := r.read(&in); err != nil {
		return err
	}
	out, err := r.desk.Simulate(in)
	return okay(r, out, err)
}

// readyFlow is a flow that comes with the program.
type readyFlow struct {
	Key      string          `json:"key"`
	Lang     string          `json:"lang"`
	Name     string          `json:"name"`
	Tests    int             `json:"tests"`
	Triggers []flows.Trigger `json:"triggers"`
}

// readyFlows lists those that can be chosen for a new flow, in every language.
func (r *request) readyFlows() error {
	list := []readyFlow{}
	for _, key := range flows.ReadyKeys() {
		for _, lang := range flows.Languages() {
			made, err := readySeedling(key, lang)
			if err != nil {
				return err
			}
			list = append(list, readyFlow{key, string(lang), made.name, len(made.tests), made.triggers})
		}
	}
	return listOf(r, list, nil)
}

func (r *request) flowTests() error {
	list, err := r.desk.FlowTests(r.id())
	return listOf(r, list, err)
}

func (r *request) addTest() error {
	var c TestChange
	if err := r.read(&c); err != nil {
		return err
	}
	c.Key = r.Request.Header.Get(idempotencyKey)
	view, err := r.desk.AddTest(r.Request.Context(), r.me.Viewer, r.id(), c)
	if err != nil {
		return err
	}
	return r.created(view)
}

func (r *request) changeTest() error {
	var c TestChange
	if err := r.read(&c); err != nil {
		return err
	}
	view, err := r.desk.ChangeTest(r.Request.Context(), r.me.Viewer, r.id(), r.Request.PathValue("test"), c)
	return okay(r, view, err)
}

func (r *request) dropTest() error {
	if err := r.desk.DropTest(r.Request.Context(), r.me.Viewer, r.id(), r.Request.PathValue("test")); err != nil {
		return err
	}
	return r.done()
}

// runForm may have a flow that is not saved.
type runForm struct {
	Flow json.RawMessage `json:"flow"` // absent: the draft
}

func (r *request) runTests() error {
	var in runForm
	if err := r.read(&in); err != nil {
		return err
	}
	results, err := r.desk.RunTests(r.id(), lang(r.RequestEvent), in.Flow)
	return listOf(r, results, err)
}
