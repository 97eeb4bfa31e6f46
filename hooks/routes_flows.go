package hooks

import (
	"encoding/json"
	"net/http"
	"strconv"

	"mostrador/flows"
	"mostrador/hooks/api"
	"mostrador/hooks/facts"
)

// flowBody is the limit of a body with a flow in it; a flow has 1 MB at most, a file with its tests more.
const flowBody = flows.MaxFileBytes + api.BodyLimit

func (d *Desk) flowRoutes() []api.Route {
	return []api.Route{
		{Method: "GET", Path: "/api/flows", Who: api.Admins, Run: d.flows},
		{Method: "POST", Path: "/api/flows", Who: api.Admins, Run: d.createFlow, Limit: 2 * flowBody},
		{Method: "GET", Path: "/api/flows/ready", Who: api.Admins, Run: readyFlows},
		{Method: "POST", Path: "/api/flows/check", Who: api.Admins, Run: d.checkFlow, Limit: flowBody},
		{Method: "POST", Path: "/api/flows/simulate", Who: api.Admins, Run: d.simulate, Limit: flowBody},
		{Method: "GET", Path: "/api/flows/{id}", Who: api.Admins, Run: d.showFlow},
		{Method: "PUT", Path: "/api/flows/{id}", Who: api.Admins, Run: d.saveFlow, Limit: flowBody},
		{Method: "DELETE", Path: "/api/flows/{id}", Who: api.Admins, Run: d.archiveFlow},
		{Method: "POST", Path: "/api/flows/{id}/publish", Who: api.Admins, Run: d.publishFlow},
		{Method: "POST", Path: "/api/flows/{id}/rollback", Who: api.Admins, Run: d.rollbackFlow},
		{Method: "GET", Path: "/api/flows/{id}/versions", Who: api.Admins, Run: d.flowVersions},
		{Method: "GET", Path: "/api/flows/{id}/versions/{number}", Who: api.Admins, Run: d.showFlowVersion},
		{Method: "GET", Path: "/api/flows/{id}/diff", Who: api.Admins, Run: d.diffFlow},
		{Method: "GET", Path: "/api/flows/{id}/counts", Who: api.Admins, Run: d.flowCounts},
		{Method: "GET", Path: "/api/flows/{id}/export", Who: api.Admins, Run: d.exportFlow},
		{Method: "POST", Path: "/api/flows/{id}/media", Who: api.Admins, Run: d.uploadForFlow, Limit: api.UploadLimit},
		{Method: "GET", Path: "/api/flows/{id}/tests", Who: api.Admins, Run: d.listFlowTests},
		{Method: "POST", Path: "/api/flows/{id}/tests", Who: api.Admins, Run: d.addTest, Limit: flowBody},
		{Method: "POST", Path: "/api/flows/{id}/tests/run", Who: api.Admins, Run: d.runTests, Limit: flowBody},
		{Method: "PUT", Path: "/api/flows/{id}/tests/{test}", Who: api.Admins, Run: d.changeTest, Limit: flowBody},
		{Method: "DELETE", Path: "/api/flows/{id}/tests/{test}", Who: api.Admins, Run: d.dropTest},
	}
}

func (d *Desk) flows(r *api.Request) error {
	list, err := d.Flows(r.Query("archived") == "true")
	return api.ListOf(r, list, err)
}

func (d *Desk) showFlow(r *api.Request) error {
	detail, err := d.Flow(r.ID(), api.Lang(r.RequestEvent))
	return api.Okay(r, detail, err)
}

func (d *Desk) createFlow(r *api.Request) error {
	var n NewFlow
	if err := r.Read(&n); err != nil {
		return err
	}
	n.Key = r.Request.Header.Get(api.IdempotencyKey)
	id, err := d.CreateFlow(r.Request.Context(), r.Me.Viewer, n)
	if err != nil {
		return err
	}
	detail, err := d.Flow(id, api.Lang(r.RequestEvent))
	if err != nil {
		return err
	}
	return r.Created(detail)
}

func (d *Desk) saveFlow(r *api.Request) error {
	var c FlowChange
	if err := r.Read(&c); err != nil {
		return err
	}
	if err := d.SaveFlow(r.Request.Context(), r.Me.Viewer, r.ID(), c); err != nil {
		return err
	}
	return d.showFlow(r)
}

func (d *Desk) archiveFlow(r *api.Request) error {
	if err := d.ArchiveFlow(r.Request.Context(), r.Me.Viewer, r.ID()); err != nil {
		return err
	}
	return r.Done()
}

func (d *Desk) publishFlow(r *api.Request) error {
	var p Publication
	if err := r.Read(&p); err != nil {
		return err
	}
	answer, err := d.PublishFlow(r.Request.Context(), r.Me.Viewer, r.ID(), api.Lang(r.RequestEvent), p)
	return api.Okay(r, answer, err)
}

func (d *Desk) rollbackFlow(r *api.Request) error {
	var b Rollback
	if err := r.Read(&b); err != nil {
		return err
	}
	answer, err := d.RollbackFlow(r.Request.Context(), r.Me.Viewer, r.ID(), api.Lang(r.RequestEvent), b)
	return api.Okay(r, answer, err)
}

func (d *Desk) flowVersions(r *api.Request) error {
	limit, err := r.Limit()
	if err != nil {
		return err
	}
	before, err := r.Number("before")
	if err != nil {
		return err
	}
	list, err := d.FlowVersions(r.ID(), before, limit+1)
	if err != nil {
		return err
	}
	answer := api.Page[VersionView]{Items: list[:min(limit, len(list))]}
	if len(list) > limit {
		answer.Next = strconv.Itoa(list[limit-1].Number)
	}
	return r.OK(answer)
}

func (d *Desk) showFlowVersion(r *api.Request) error {
	number, err := strconv.Atoi(r.Request.PathValue("number"))
	if err != nil {
		return api.ErrNotFound
	}
	shown, err := d.FlowVersion(r.ID(), number)
	return api.Okay(r, shown, err)
}

// flowDiff is what is different between two definitions of a flow.
type flowDiff struct {
	From    string         `json:"from"`
	To      string         `json:"to"`
	Changes []flows.Change `json:"changes"`
}

func (d *Desk) diffFlow(r *api.Request) error {
	answer := flowDiff{From: r.Query("from"), To: r.Query("to")}
	if answer.To == "" {
		answer.To = theDraft
	}
	var err error
	answer.Changes, err = d.DiffFlow(r.ID(), answer.From, answer.To)
	return api.Okay(r, answer, err)
}

func (d *Desk) flowCounts(r *api.Request) error {
	version, err := r.Number("version")
	if err != nil {
		return err
	}
	shown, err := d.FlowCounts(r.Request.Context(), r.ID(), version, r.Query("from"), r.Query("to"))
	return api.Okay(r, shown, err)
}

func (d *Desk) exportFlow(r *api.Request) error {
	text, err := d.ExportFlow(r.ID(), r.Query("version"))
	if err != nil {
		return err
	}
	r.Response.Header().Set("Content-Disposition", `attachment; filename="flow-`+r.ID()+`.json"`)
	return r.Blob(http.StatusOK, "application/json", text)
}

// checkForm is a flow that is not saved.
type checkForm struct {
	Flow     json.RawMessage `json:"flow"`
	ID       string          `json:"id"`       // of the flow that it is a draft of; empty: a new one
	Triggers json.RawMessage `json:"triggers"` // absent: they are not checked
}

func (d *Desk) checkFlow(r *api.Request) error {
	var in checkForm
	if err := r.Read(&in); err != nil {
		return err
	}
	row := flowRow{ID: in.ID, Draft: []byte(in.Flow), Triggers: []byte(in.Triggers)}
	found, err := d.judge(&row)
	if !absent(in.Triggers) {
		_, unread := flows.ParseTriggers(in.Triggers)
		if problem, ok := facts.Misread(unread); ok {
			found = append([]flows.Problem{problem}, found...)
		}
	}
	return api.ListOf(r, sayProblems(found, api.Lang(r.RequestEvent)), err)
}

func (d *Desk) simulate(r *api.Request) error {
	var in flows.Simulation
	if err := r.Read(&in); err != nil {
		return err
	}
	out, err := d.Simulate(in)
	return api.Okay(r, out, err)
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
func readyFlows(r *api.Request) error {
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
	return api.ListOf(r, list, nil)
}

func (d *Desk) listFlowTests(r *api.Request) error {
	list, err := d.FlowTests(r.ID())
	return api.ListOf(r, list, err)
}

func (d *Desk) addTest(r *api.Request) error {
	var c TestChange
	if err := r.Read(&c); err != nil {
		return err
	}
	c.Key = r.Request.Header.Get(api.IdempotencyKey)
	shown, err := d.AddTest(r.Request.Context(), r.Me.Viewer, r.ID(), c)
	if err != nil {
		return err
	}
	return r.Created(shown)
}

func (d *Desk) changeTest(r *api.Request) error {
	var c TestChange
	if err := r.Read(&c); err != nil {
		return err
	}
	shown, err := d.ChangeTest(r.Request.Context(), r.Me.Viewer, r.ID(), r.Request.PathValue("test"), c)
	return api.Okay(r, shown, err)
}

func (d *Desk) dropTest(r *api.Request) error {
	if err := d.DropTest(r.Request.Context(), r.Me.Viewer, r.ID(), r.Request.PathValue("test")); err != nil {
		return err
	}
	return r.Done()
}

// runForm may have a flow that is not saved.
type runForm struct {
	Flow json.RawMessage `json:"flow"` // absent: the draft
}

func (d *Desk) runTests(r *api.Request) error {
	var in runForm
	if err := r.Read(&in); err != nil {
		return err
	}
	results, err := d.RunTests(r.ID(), api.Lang(r.RequestEvent), in.Flow)
	return api.ListOf(r, results, err)
}
