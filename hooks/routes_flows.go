package hooks

import (
	"encoding/json"
	"net/http"
	"strconv"

	"mostrador/flows"
)

// flowBody is the limit of a body with a flow in it; a flow has 1 MB at most, a file with its tests more.
const flowBody = flows.MaxFileBytes + bodyLimit

func (d *Desk) flowRoutes() []route {
	return []route{
		{method: "GET", path: "/api/flows", who: admins, run: d.flows},
		{method: "POST", path: "/api/flows", who: admins, run: d.createFlow, limit: 2 * flowBody},
		{method: "GET", path: "/api/flows/ready", who: admins, run: readyFlows},
		{method: "POST", path: "/api/flows/check", who: admins, run: d.checkFlow, limit: flowBody},
		{method: "POST", path: "/api/flows/simulate", who: admins, run: d.simulate, limit: flowBody},
		{method: "GET", path: "/api/flows/{id}", who: admins, run: d.showFlow},
		{method: "PUT", path: "/api/flows/{id}", who: admins, run: d.saveFlow, limit: flowBody},
		{method: "DELETE", path: "/api/flows/{id}", who: admins, run: d.archiveFlow},
		{method: "POST", path: "/api/flows/{id}/publish", who: admins, run: d.publishFlow},
		{method: "POST", path: "/api/flows/{id}/rollback", who: admins, run: d.rollbackFlow},
		{method: "GET", path: "/api/flows/{id}/versions", who: admins, run: d.flowVersions},
		{method: "GET", path: "/api/flows/{id}/versions/{number}", who: admins, run: d.showFlowVersion},
		{method: "GET", path: "/api/flows/{id}/diff", who: admins, run: d.diffFlow},
		{method: "GET", path: "/api/flows/{id}/counts", who: admins, run: d.flowCounts},
		{method: "GET", path: "/api/flows/{id}/export", who: admins, run: d.exportFlow},
		{method: "POST", path: "/api/flows/{id}/media", who: admins, run: d.uploadForFlow, limit: uploadLimit},
		{method: "GET", path: "/api/flows/{id}/tests", who: admins, run: d.listFlowTests},
		{method: "POST", path: "/api/flows/{id}/tests", who: admins, run: d.addTest, limit: flowBody},
		{method: "POST", path: "/api/flows/{id}/tests/run", who: admins, run: d.runTests, limit: flowBody},
		{method: "PUT", path: "/api/flows/{id}/tests/{test}", who: admins, run: d.changeTest, limit: flowBody},
		{method: "DELETE", path: "/api/flows/{id}/tests/{test}", who: admins, run: d.dropTest},
	}
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

func (d *Desk) flows(r *request) error {
	list, err := d.Flows(r.query("archived") == "true")
	return listOf(r, list, err)
}

func (d *Desk) showFlow(r *request) error {
	detail, err := d.Flow(r.id(), lang(r.RequestEvent))
	return okay(r, detail, err)
}

func (d *Desk) createFlow(r *request) error {
	var n NewFlow
	if err := r.read(&n); err != nil {
		return err
	}
	n.Key = r.Request.Header.Get(idempotencyKey)
	id, err := d.CreateFlow(r.Request.Context(), r.me.Viewer, n)
	if err != nil {
		return err
	}
	detail, err := d.Flow(id, lang(r.RequestEvent))
	if err != nil {
		return err
	}
	return r.created(detail)
}

func (d *Desk) saveFlow(r *request) error {
	var c FlowChange
	if err := r.read(&c); err != nil {
		return err
	}
	if err := d.SaveFlow(r.Request.Context(), r.me.Viewer, r.id(), c); err != nil {
		return err
	}
	return d.showFlow(r)
}

func (d *Desk) archiveFlow(r *request) error {
	if err := d.ArchiveFlow(r.Request.Context(), r.me.Viewer, r.id()); err != nil {
		return err
	}
	return r.done()
}

func (d *Desk) publishFlow(r *request) error {
	var p Publication
	if err := r.read(&p); err != nil {
		return err
	}
	answer, err := d.PublishFlow(r.Request.Context(), r.me.Viewer, r.id(), lang(r.RequestEvent), p)
	return okay(r, answer, err)
}

func (d *Desk) rollbackFlow(r *request) error {
	var b Rollback
	if err := r.read(&b); err != nil {
		return err
	}
	answer, err := d.RollbackFlow(r.Request.Context(), r.me.Viewer, r.id(), lang(r.RequestEvent), b)
	return okay(r, answer, err)
}

func (d *Desk) flowVersions(r *request) error {
	limit, err := r.limit()
	if err != nil {
		return err
	}
	before, err := r.number("before")
	if err != nil {
		return err
	}
	list, err := d.FlowVersions(r.id(), before, limit+1)
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

func (d *Desk) showFlowVersion(r *request) error {
	number, err := strconv.Atoi(r.Request.PathValue("number"))
	if err != nil {
		return errNotFound
	}
	shown, err := d.FlowVersion(r.id(), number)
	return okay(r, shown, err)
}

// flowDiff is what is different between two definitions of a flow.
type flowDiff struct {
	From    string         `json:"from"`
	To      string         `json:"to"`
	Changes []flows.Change `json:"changes"`
}

func (d *Desk) diffFlow(r *request) error {
	answer := flowDiff{From: r.query("from"), To: r.query("to")}
	if answer.To == "" {
		answer.To = theDraft
	}
	var err error
	answer.Changes, err = d.DiffFlow(r.id(), answer.From, answer.To)
	return okay(r, answer, err)
}

func (d *Desk) flowCounts(r *request) error {
	version, err := r.number("version")
	if err != nil {
		return err
	}
	shown, err := d.FlowCounts(r.Request.Context(), r.id(), version, r.query("from"), r.query("to"))
	return okay(r, shown, err)
}

func (d *Desk) exportFlow(r *request) error {
	text, err := d.ExportFlow(r.id(), r.query("version"))
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

func (d *Desk) checkFlow(r *request) error {
	var in checkForm
	if err := r.read(&in); err != nil {
		return err
	}
	row := flowRow{ID: in.ID, Draft: []byte(in.Flow), Triggers: []byte(in.Triggers)}
	found, err := d.judge(&row)
	if !absent(in.Triggers) {
		_, unread := flows.ParseTriggers(in.Triggers)
		if problem, ok := misread(unread); ok {
			found = append([]flows.Problem{problem}, found...)
		}
	}
	return listOf(r, sayProblems(found, lang(r.RequestEvent)), err)
}

func (d *Desk) simulate(r *request) error {
	var in flows.Simulation
	if err := r.read(&in); err != nil {
		return err
	}
	out, err := d.Simulate(in)
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
func readyFlows(r *request) error {
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

func (d *Desk) listFlowTests(r *request) error {
	list, err := d.FlowTests(r.id())
	return listOf(r, list, err)
}

func (d *Desk) addTest(r *request) error {
	var c TestChange
	if err := r.read(&c); err != nil {
		return err
	}
	c.Key = r.Request.Header.Get(idempotencyKey)
	shown, err := d.AddTest(r.Request.Context(), r.me.Viewer, r.id(), c)
	if err != nil {
		return err
	}
	return r.created(shown)
}

func (d *Desk) changeTest(r *request) error {
	var c TestChange
	if err := r.read(&c); err != nil {
		return err
	}
	shown, err := d.ChangeTest(r.Request.Context(), r.me.Viewer, r.id(), r.Request.PathValue("test"), c)
	return okay(r, shown, err)
}

func (d *Desk) dropTest(r *request) error {
	if err := d.DropTest(r.Request.Context(), r.me.Viewer, r.id(), r.Request.PathValue("test")); err != nil {
		return err
	}
	return r.done()
}

// runForm may have a flow that is not saved.
type runForm struct {
	Flow json.RawMessage `json:"flow"` // absent: the draft
}

func (d *Desk) runTests(r *request) error {
	var in runForm
	if err := r.read(&in); err != nil {
		return err
	}
	results, err := d.RunTests(r.id(), lang(r.RequestEvent), in.Flow)
	return listOf(r, results, err)
}
