package editor

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

func (ed *Editor) Routes() []api.Route {
	return []api.Route{
		{Method: "GET", Path: "/api/flows", Who: api.Admins, Run: ed.flows},
		{Method: "POST", Path: "/api/flows", Who: api.Admins, Run: ed.createFlow, Limit: 2 * flowBody},
		{Method: "GET", Path: "/api/flows/ready", Who: api.Admins, Run: readyFlows},
		{Method: "POST", Path: "/api/flows/check", Who: api.Admins, Run: ed.checkFlow, Limit: flowBody},
		{Method: "POST", Path: "/api/flows/simulate", Who: api.Admins, Run: ed.simulate, Limit: flowBody},
		{Method: "GET", Path: "/api/flows/{id}", Who: api.Admins, Run: ed.showFlow},
		{Method: "PUT", Path: "/api/flows/{id}", Who: api.Admins, Run: ed.saveFlow, Limit: flowBody},
		{Method: "DELETE", Path: "/api/flows/{id}", Who: api.Admins, Run: ed.archiveFlow},
		{Method: "POST", Path: "/api/flows/{id}/publish", Who: api.Admins, Run: ed.publishFlow},
		{Method: "POST", Path: "/api/flows/{id}/rollback", Who: api.Admins, Run: ed.rollbackFlow},
		{Method: "GET", Path: "/api/flows/{id}/versions", Who: api.Admins, Run: ed.flowVersions},
		{Method: "GET", Path: "/api/flows/{id}/versions/{number}", Who: api.Admins, Run: ed.showFlowVersion},
		{Method: "GET", Path: "/api/flows/{id}/diff", Who: api.Admins, Run: ed.diffFlow},
		{Method: "GET", Path: "/api/flows/{id}/counts", Who: api.Admins, Run: ed.flowCounts},
		{Method: "GET", Path: "/api/flows/{id}/export", Who: api.Admins, Run: ed.exportFlow},
		{Method: "POST", Path: "/api/flows/{id}/media", Who: api.Admins, Run: ed.uploadForFlow, Limit: api.UploadLimit},
		{Method: "GET", Path: "/api/flows/{id}/tests", Who: api.Admins, Run: ed.listFlowTests},
		{Method: "POST", Path: "/api/flows/{id}/tests", Who: api.Admins, Run: ed.addTest, Limit: flowBody},
		{Method: "POST", Path: "/api/flows/{id}/tests/run", Who: api.Admins, Run: ed.runTests, Limit: flowBody},
		{Method: "PUT", Path: "/api/flows/{id}/tests/{test}", Who: api.Admins, Run: ed.changeTest, Limit: flowBody},
		{Method: "DELETE", Path: "/api/flows/{id}/tests/{test}", Who: api.Admins, Run: ed.dropTest},
	}
}

func (ed *Editor) flows(r *api.Request) error {
	list, err := ed.List(r.Query("archived") == "true")
	return api.ListOf(r, list, err)
}

func (ed *Editor) showFlow(r *api.Request) error {
	detail, err := ed.Flow(r.ID(), api.Lang(r.RequestEvent))
	return api.Okay(r, detail, err)
}

func (ed *Editor) createFlow(r *api.Request) error {
	var n NewFlow
	if err := r.Read(&n); err != nil {
		return err
	}
	n.Key = r.Request.Header.Get(api.IdempotencyKey)
	id, err := ed.Create(r.Request.Context(), r.Me.Viewer, n)
	if err != nil {
		return err
	}
	detail, err := ed.Flow(id, api.Lang(r.RequestEvent))
	if err != nil {
		return err
	}
	return r.Created(detail)
}

func (ed *Editor) saveFlow(r *api.Request) error {
	var c FlowChange
	if err := r.Read(&c); err != nil {
		return err
	}
	if err := ed.Save(r.Request.Context(), r.Me.Viewer, r.ID(), c); err != nil {
		return err
	}
	return ed.showFlow(r)
}

func (ed *Editor) archiveFlow(r *api.Request) error {
	if err := ed.Archive(r.Request.Context(), r.Me.Viewer, r.ID()); err != nil {
		return err
	}
	return r.Done()
}

func (ed *Editor) publishFlow(r *api.Request) error {
	var p Publication
	if err := r.Read(&p); err != nil {
		return err
	}
	answer, err := ed.Publish(r.Request.Context(), r.Me.Viewer, r.ID(), api.Lang(r.RequestEvent), p)
	return api.Okay(r, answer, err)
}

func (ed *Editor) rollbackFlow(r *api.Request) error {
	var b Rollback
	if err := r.Read(&b); err != nil {
		return err
	}
	answer, err := ed.Rollback(r.Request.Context(), r.Me.Viewer, r.ID(), api.Lang(r.RequestEvent), b)
	return api.Okay(r, answer, err)
}

func (ed *Editor) flowVersions(r *api.Request) error {
	limit, err := r.Limit()
	if err != nil {
		return err
	}
	before, err := r.Number("before")
	if err != nil {
		return err
	}
	list, err := ed.Versions(r.ID(), before, limit+1)
	if err != nil {
		return err
	}
	answer := api.Page[VersionView]{Items: list[:min(limit, len(list))]}
	if len(list) > limit {
		answer.Next = strconv.Itoa(list[limit-1].Number)
	}
	return r.OK(answer)
}

func (ed *Editor) showFlowVersion(r *api.Request) error {
	number, err := strconv.Atoi(r.Request.PathValue("number"))
	if err != nil {
		return api.ErrNotFound
	}
	shown, err := ed.Version(r.ID(), number)
	return api.Okay(r, shown, err)
}

// FlowDiff is what is different between two definitions of a flow.
type FlowDiff struct {
	From    string         `json:"from"`
	To      string         `json:"to"`
	Changes []flows.Change `json:"changes"`
}

func (ed *Editor) diffFlow(r *api.Request) error {
	answer := FlowDiff{From: r.Query("from"), To: r.Query("to")}
	if answer.To == "" {
		answer.To = theDraft
	}
	var err error
	answer.Changes, err = ed.Diff(r.ID(), answer.From, answer.To)
	return api.Okay(r, answer, err)
}

func (ed *Editor) flowCounts(r *api.Request) error {
	version, err := r.Number("version")
	if err != nil {
		return err
	}
	shown, err := ed.Counts(r.Request.Context(), r.ID(), version, r.Query("from"), r.Query("to"))
	return api.Okay(r, shown, err)
}

func (ed *Editor) exportFlow(r *api.Request) error {
	text, err := ed.Export(r.ID(), r.Query("version"))
	if err != nil {
		return err
	}
	r.Response.Header().Set("Content-Disposition", `attachment; filename="flow-`+r.ID()+`.json"`)
	return r.Blob(http.StatusOK, "application/json", text)
}

// CheckForm is a flow that is not saved.
type CheckForm struct {
	Flow     json.RawMessage `json:"flow"`
	ID       string          `json:"id"`       // of the flow that it is a draft of; empty: a new one
	Triggers json.RawMessage `json:"triggers"` // absent: they are not checked
}

func (ed *Editor) checkFlow(r *api.Request) error {
	var in CheckForm
	if err := r.Read(&in); err != nil {
		return err
	}
	row := flowRow{ID: in.ID, Draft: []byte(in.Flow), Triggers: []byte(in.Triggers)}
	found, err := ed.judge(&row)
	if !absent(in.Triggers) {
		_, unread := flows.ParseTriggers(in.Triggers)
		if problem, ok := facts.Misread(unread); ok {
			found = append([]flows.Problem{problem}, found...)
		}
	}
	return api.ListOf(r, sayProblems(found, api.Lang(r.RequestEvent)), err)
}

func (ed *Editor) simulate(r *api.Request) error {
	var in flows.Simulation
	if err := r.Read(&in); err != nil {
		return err
	}
	out, err := ed.Simulate(in)
	return api.Okay(r, out, err)
}

// ReadyFlow is a flow that comes with the program.
type ReadyFlow struct {
	Key      string          `json:"key"`
	Lang     string          `json:"lang"`
	Name     string          `json:"name"`
	Tests    int             `json:"tests"`
	Triggers []flows.Trigger `json:"triggers"`
}

// readyFlows lists those that can be chosen for a new flow, in every language.
func readyFlows(r *api.Request) error {
	list := []ReadyFlow{}
	for _, key := range flows.ReadyKeys() {
		for _, lang := range flows.Languages() {
			made, err := ReadySeedling(key, lang)
			if err != nil {
				return err
			}
			list = append(list, ReadyFlow{key, string(lang), made.Name, len(made.tests), made.triggers})
		}
	}
	return api.ListOf(r, list, nil)
}

func (ed *Editor) listFlowTests(r *api.Request) error {
	list, err := ed.Tests(r.ID())
	return api.ListOf(r, list, err)
}

func (ed *Editor) addTest(r *api.Request) error {
	var c TestChange
	if err := r.Read(&c); err != nil {
		return err
	}
	c.Key = r.Request.Header.Get(api.IdempotencyKey)
	shown, err := ed.AddTest(r.Request.Context(), r.Me.Viewer, r.ID(), c)
	if err != nil {
		return err
	}
	return r.Created(shown)
}

func (ed *Editor) changeTest(r *api.Request) error {
	var c TestChange
	if err := r.Read(&c); err != nil {
		return err
	}
	shown, err := ed.ChangeTest(r.Request.Context(), r.Me.Viewer, r.ID(), r.Request.PathValue("test"), c)
	return api.Okay(r, shown, err)
}

func (ed *Editor) dropTest(r *api.Request) error {
	if err := ed.DropTest(r.Request.Context(), r.Me.Viewer, r.ID(), r.Request.PathValue("test")); err != nil {
		return err
	}
	return r.Done()
}

// RunForm may have a flow that is not saved.
type RunForm struct {
	Flow json.RawMessage `json:"flow"` // absent: the draft
}

func (ed *Editor) runTests(r *api.Request) error {
	var in RunForm
	if err := r.Read(&in); err != nil {
		return err
	}
	results, err := ed.RunTests(r.ID(), api.Lang(r.RequestEvent), in.Flow)
	return api.ListOf(r, results, err)
}
