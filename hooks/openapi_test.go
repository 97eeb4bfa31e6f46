package hooks_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"mostrador/flows"
	"mostrador/hooks"
	"mostrador/hooks/api"
	"mostrador/hooks/auth"
	"mostrador/hooks/contacts"
	"mostrador/hooks/desktest"
	"mostrador/hooks/editor"
	"mostrador/hooks/lines"
	"mostrador/hooks/outbox"
	"mostrador/hooks/people"
	"mostrador/hooks/presence"
	"mostrador/hooks/secrets"
	"mostrador/hooks/settings"
	"mostrador/hooks/view"
	"mostrador/whatsapp"
)

var update = flag.Bool("update", false, "write the schemas of docs/openapi.yaml anew")

const openAPI = "../docs/openapi.yaml"

// schemas are the types of the API by the names that the document gives them. Its last part is made of them.
var schemas = []struct {
	name string
	of   any
}{
	{"Error", api.APIError{}}, {"Me", auth.MeView{}}, {"AreaName", auth.AreaName{}}, {"Session", auth.SessionView{}}, {"Line", lines.LineView{}}, {"QR", lines.QRView{}},
	{"Area", people.AreaView{}}, {"User", people.UserView{}}, {"Person", people.Person{}}, {"Colleague", people.Colleague{}}, {"Viewer", presence.ViewerView{}},
	{"Conversation", view.Conversation{}}, {"ContactName", view.Contact{}}, {"Preview", view.Preview{}}, {"Message", view.Message{}}, {"Event", view.Event{}},
	{"Media", view.Media{}}, {"Quote", view.Quote{}}, {"Reaction", view.Reaction{}}, {"Vote", view.VoteView{}}, {"Location", whatsapp.Place{}},
	{"Card", whatsapp.Card{}}, {"Poll", whatsapp.PollQuestion{}}, {"NewMessage", outbox.MessageForm{}}, {"NewReaction", outbox.NewReaction{}}, {"NewEdit", outbox.NewEdit{}},
	{"NewRevoke", outbox.NewRevoke{}}, {"Changes", view.ChangesView{}}, {"Counts", view.CountsView{}}, {"AreaCounts", view.AreaCounts{}}, {"Contact", contacts.ContactCard{}}, {"Settings", settings.Settings{}}, {"QuickReply", settings.QuickReply{}},
	{"Tag", settings.TagView{}}, {"Ready", hooks.Readiness{}}, {"Secret", secrets.SecretView{}}, {"NewSecret", secrets.SecretForm{}}, {"FlowName", secrets.FlowName{}},
	{"Flow", editor.FlowView{}}, {"FlowDetail", editor.FlowDetail{}}, {"Trigger", flows.Trigger{}}, {"Inside", editor.InsideView{}}, {"Problem", editor.ProblemView{}},
	{"NewFlow", editor.NewFlow{}}, {"FlowChange", editor.FlowChange{}}, {"Publication", editor.Publication{}}, {"Rollback", editor.Rollback{}}, {"Published", editor.Published{}},
	{"Version", editor.VersionView{}}, {"FlowDiff", editor.FlowDiff{}}, {"NodeChange", flows.Change{}}, {"FlowCounts", editor.CountsView{}},
	{"FlowTest", editor.TestView{}}, {"FlowTestChange", editor.TestChange{}}, {"FlowTestResult", editor.TestResult{}}, {"TriedStep", editor.TriedStep{}}, {"FlowTestRun", editor.RunForm{}},
	{"FlowCheck", editor.CheckForm{}}, {"Simulation", flows.Simulation{}}, {"Simulated", flows.Simulated{}}, {"World", flows.World{}}, {"Visit", flows.Visit{}},
	{"FlowContact", flows.Contact{}}, {"FlowLine", flows.Line{}}, {"ReadyFlow", editor.ReadyFlow{}}, {"Warning", api.Warning{}},
}

// TestOpenAPIDescribesEveryRoute holds the document against the routes, both ways.
func TestOpenAPIDescribesEveryRoute(t *testing.T) {
	text, err := os.ReadFile(openAPI)
	if err != nil {
		t.Fatal(err)
	}
	var described []string
	path := ""
	for _, line := range strings.Split(string(text), "\n") {
		if at := regexp.MustCompile(`^  (/api/[^:]*):$`).FindStringSubmatch(line); at != nil {
			path = at[1]
		}
		if method := regexp.MustCompile(`^    (get|post|put|patch|delete):$`).FindStringSubmatch(line); method != nil {
			described = append(described, strings.ToUpper(method[1])+" "+path)
		}
	}
	real := []string{"GET /api/settings", "GET /api/health", "GET /api/realtime", "POST /api/realtime"} // paths shared with PocketBase
	for _, r := range desktest.NewDesk(t).Routes() {
		real = append(real, r.Method+" "+r.Path)
	}
	for _, r := range real {
		if !slices.Contains(described, r) {
			t.Errorf("%s is not described", r)
		}
	}
	for _, r := range described {
		if !slices.Contains(real, r) {
			t.Errorf("%s is described, and there is no such route", r)
		}
	}
	for _, ref := range regexp.MustCompile(`#/components/([a-z]+)/(\w+)`).FindAllStringSubmatch(string(text), -1) {
		if !regexp.MustCompile(`(?m)^    ` + ref[2] + `:`).Match(text) {
			t.Errorf("%s leads nowhere", ref[0])
		}
	}
}

// TestOpenAPISchemas holds the fields of the document against those of the code. Run with -update after a change.
func TestOpenAPISchemas(t *testing.T) {
	text, err := os.ReadFile(openAPI)
	if err != nil {
		t.Fatal(err)
	}
	head, have, _ := strings.Cut(string(text), "\n  schemas:\n")
	var want strings.Builder
	for _, s := range schemas {
		fmt.Fprintf(&want, "    %s:\n      type: object\n      properties:\n", s.name)
		for _, f := range fields(reflect.TypeOf(s.of)) {
			fmt.Fprintf(&want, "        %s\n", f)
		}
	}
	if *update {
		if err := os.WriteFile(openAPI, []byte(head+"\n  schemas:\n"+want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if have != want.String() {
		t.Errorf("the schemas of %s are not those of the code; run go test ./hooks -run OpenAPI -update", openAPI)
	}
}

// fields are the lines of a struct's properties; embedded structs count as its own, and a shadowed field not.
func fields(of reflect.Type) (rows []string) {
	seen := map[string]bool{}
	for _, f := range reflect.VisibleFields(of) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || name == "-" || name == "" || seen[name] {
			continue
		}
		if named, ok := of.FieldByName(f.Name); ok && len(named.Index) < len(f.Index) {
			continue // the outer one is meant
		}
		seen[name] = true
		kind := schema(f.Type)
		if options == "string" {
			kind = "{type: string}"
		}
		rows = append(rows, name+": "+kind)
	}
	return rows
}

// schema is a type as the document writes it.
func schema(of reflect.Type) string {
	for _, s := range schemas {
		if reflect.TypeOf(s.of) == of {
			return `{$ref: "#/components/schemas/` + s.name + `"}`
		}
	}
	switch of {
	case reflect.TypeFor[time.Time](), reflect.TypeFor[api.Moment]():
		return "{type: string, format: date-time}"
	case reflect.TypeFor[json.RawMessage]():
		return "{}"
	case reflect.TypeFor[api.Number]():
		return "{type: string}"
	}
	switch of.Kind() {
	case reflect.Pointer:
		return schema(of.Elem())
	case reflect.Slice:
		return "{type: array, items: " + schema(of.Elem()) + "}"
	case reflect.String:
		return "{type: string}"
	case reflect.Bool:
		return "{type: boolean}"
	case reflect.Int, reflect.Int64:
		return "{type: integer}"
	case reflect.Float64:
		return "{type: number}"
	}
	return "{}"
}
