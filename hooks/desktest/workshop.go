package desktest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"mostrador/hooks/api"
	"mostrador/hooks/editor"
	"mostrador/hooks/rights"
)

// Publish publishes a flow's draft and answers what came of it.
func (w *Workshop) Publish(id string, body any) (p editor.Published) {
	w.Site.T.Helper()
	w.Post("/api/flows/"+id+"/publish", body).Want(200).Into(&p)
	return p
}

func (w *Workshop) Versions(id string) []editor.VersionView {
	w.Site.T.Helper()
	var list api.Page[editor.VersionView]
	w.Get("/api/flows/" + id + "/versions").Want(200).Into(&list)
	return list.Items
}

// Workshop is a desk with an admin at the builder.
type Workshop struct {
	*Site
	Admin rights.Viewer
	*Browser
}

func NewWorkshop(t testing.TB) *Workshop {
	t.Helper()
	s := NewSite(t)
	s.Area("sales")
	boss := s.User("boss", rights.Admin)
	return &Workshop{s, boss, s.SignIn(boss)}
}

// Made makes a flow.
func (w *Workshop) Made(body any) editor.FlowDetail {
	w.Site.T.Helper()
	var f editor.FlowDetail
	w.Post("/api/flows", body).Want(201).Into(&f)
	return f
}

func (w *Workshop) Put(path string, body any) *Answer {
	w.Site.T.Helper()
	return w.Do("PUT", path, body)
}

// Ending is a flow that says something and ends.
func Ending(name, says string) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"spec":1,"name":%q,"lang":"en","start":"end","nodes":{"end":{"type":"end","say":%q}}}`, name, says))
}

// Kinds lists the kinds of the desk's events, oldest first.
func (w *World) Kinds() string {
	w.T.Helper()
	var kinds []string
	if err := w.Desk.Store.App.DB().Select("kind").From("events").Where(Hash("conversation", "")).OrderBy("pos").Column(&kinds); err != nil {
		w.T.Fatal(err)
	}
	return strings.Join(kinds, " ")
}
