package hooks_test

import (
	"fmt"
	"strings"
	"testing"

	"mostrador/hooks/desktest"
	"mostrador/hooks/rights"
	"mostrador/hooks/store"
)

// TestRolesAndRoutes has a row for each route: what a guest, an operator, a supervisor and an admin get. The operator
// and the supervisor work in an area; the conversation is in it and is another's ("theirs" in the path), or in an area
// that only the admin sees ("hidden").
func TestRolesAndRoutes(t *testing.T) {
	rows := map[string][4]int{
		"POST /api/auth/login":           {401, 401, 401, 401},
		"POST /api/auth/setup":           {400, 400, 400, 400},
		"POST /api/auth/logout":          {401, 204, 204, 204},
		"GET /api/auth/me":               {401, 200, 200, 200},
		"GET /api/auth/sessions":         {401, 200, 200, 200},
		"DELETE /api/auth/sessions":      {401, 204, 204, 204},
		"DELETE /api/auth/sessions/{id}": {401, 404, 404, 404},

		"GET /api/bot/status":     {401, 404, 404, 404}, // there is no line
		"GET /api/bot/lines":      {401, 200, 200, 200},
		"GET /api/bot/qr":         {401, 403, 403, 404},
		"POST /api/bot/start":     {401, 403, 403, 404},
		"POST /api/bot/stop":      {401, 403, 403, 404},
		"POST /api/bot/logout":    {401, 403, 403, 404},
		"POST /api/bot/pause":     {401, 403, 403, 404},
		"PATCH /api/bot/metadata": {401, 403, 403, 404},
		"POST /api/bot/pair-code": {401, 403, 403, 404},

		"GET /api/areas":       {401, 200, 200, 200},
		"POST /api/areas":      {401, 403, 403, 400},
		"GET /api/areas/names": {401, 200, 200, 200},
		"GET /api/areas/{id}":  {401, 404, 200, 200}, // an area that is not the operator's
		"PUT /api/areas/{id}":  {401, 403, 403, 200},

		"GET /api/users":                  {401, 403, 200, 200},
		"POST /api/users":                 {401, 403, 403, 400},
		"GET /api/users/{id}":             {401, 403, 404, 200},
		"PUT /api/users/{id}":             {401, 403, 403, 200},
		"POST /api/users/{id}/setup":      {401, 403, 403, 201},
		"DELETE /api/users/{id}/sessions": {401, 403, 403, 204},
		"PUT /api/users/me/availability":  {401, 400, 400, 400},
		"GET /api/colleagues":             {401, 200, 200, 200},

		"GET /api/conversations": {401, 200, 200, 200},
		"GET /api/changes":       {401, 400, 400, 400},
		"GET /api/counts":        {401, 200, 200, 200},

		"GET /api/conversations/{theirs}":                           {401, 404, 200, 200},
		"GET /api/conversations/{theirs}/messages":                  {401, 404, 200, 200},
		"GET /api/conversations/{theirs}/messages/{message}":        {401, 404, 200, 200},
		"POST /api/conversations/{theirs}/messages":                 {401, 404, 400, 400}, // without a text
		"POST /api/conversations/{theirs}/messages/{message}/retry": {401, 404, 404, 404},
		"POST /api/conversations/{theirs}/messages/{message}/fetch": {401, 404, 404, 404},
		"POST /api/conversations/{theirs}/media":                    {401, 404, 400, 400},
		"POST /api/conversations/{theirs}/claim":                    {401, 409, 409, 409},
		"POST /api/conversations/{theirs}/transfer":                 {401, 404, 400, 400},
		"GET /api/conversations/{theirs}/flows":                     {401, 404, 200, 200},
		"POST /api/conversations/{theirs}/flow":                     {401, 404, 409, 409}, // nothing is published
		"POST /api/conversations/{theirs}/snooze":                   {401, 404, 200, 200},
		"POST /api/conversations/{theirs}/read":                     {401, 404, 200, 200},
		"POST /api/conversations/{theirs}/typing":                   {401, 404, 204, 204},
		"POST /api/conversations/{theirs}/view":                     {401, 404, 200, 200},
		"POST /api/conversations/{theirs}/return":                   {401, 404, 200, 200},
		"POST /api/conversations/{theirs}/close":                    {401, 404, 200, 200},
		"POST /api/conversations/{theirs}/reopen":                   {401, 404, 409, 409},
		"GET /api/files/{id}":                                       {401, 404, 200, 200},
		"GET /api/files/{id}/{name}":                                {401, 404, 200, 200},
		"GET /api/contacts/{id}":                                    {401, 404, 200, 200},

		"GET /api/secrets":                      {401, 403, 403, 200},
		"PUT /api/secrets/{name}":               {401, 403, 403, 400}, // without a value
		"DELETE /api/secrets/{name}":            {401, 403, 403, 404},
		"GET /api/flows":                        {401, 403, 403, 200},
		"POST /api/flows":                       {401, 403, 403, 201},
		"GET /api/flows/ready":                  {401, 403, 403, 200},
		"POST /api/flows/check":                 {401, 403, 403, 200},
		"POST /api/flows/simulate":              {401, 403, 403, 400},
		"GET /api/flows/{id}":                   {401, 403, 403, 200},
		"PUT /api/flows/{id}":                   {401, 403, 403, 200},
		"DELETE /api/flows/{id}":                {401, 403, 403, 204},
		"POST /api/flows/{id}/publish":          {401, 403, 403, 200},
		"POST /api/flows/{id}/rollback":         {401, 403, 403, 400}, // to no version
		"GET /api/flows/{id}/versions":          {401, 403, 403, 200},
		"GET /api/flows/{id}/versions/{number}": {401, 403, 403, 200},
		"GET /api/flows/{id}/diff":              {401, 403, 403, 200},
		"GET /api/flows/{id}/counts":            {401, 403, 403, 200},
		"GET /api/flows/{id}/export":            {401, 403, 403, 200},
		"POST /api/flows/{id}/media":            {401, 403, 403, 400}, // without a file
		"GET /api/flows/{id}/tests":             {401, 403, 403, 200},
		"POST /api/flows/{id}/tests":            {401, 403, 403, 400}, // without a text
		"POST /api/flows/{id}/tests/run":        {401, 403, 403, 200},
		"PUT /api/flows/{id}/tests/{test}":      {401, 403, 403, 404},
		"DELETE /api/flows/{id}/tests/{test}":   {401, 403, 403, 404},

		"PUT /api/settings":      {401, 403, 403, 200},
		"GET /api/quick-replies": {401, 200, 200, 200},
		"GET /api/tags":          {401, 200, 200, 200},
		"GET /api/ready":         {200, 200, 200, 200},
		"GET /api/warnings":      {401, 403, 403, 200},

		"GET /api/settings": {401, 403, 403, 200}, // shares its path with PocketBase
		"GET /api/health":   {200, 200, 200, 200}, // PocketBase's
	}
	roles := []rights.Role{"", rights.Operator, rights.Supervisor, rights.Admin}
	d := desktest.NewDesk(t)
	listed := []string{"GET /api/settings", "GET /api/health"}
	for _, r := range d.Routes() {
		listed = append(listed, r.Method+" "+r.Path)
	}
	casts := make([]*cast, len(roles))
	for i, role := range roles {
		casts[i] = newCast(t, role)
	}
	for _, pattern := range listed {
		want, ok := rows[pattern]
		if !ok {
			want, ok = rows[strings.Replace(pattern, "/api/conversations/{id}", "/api/conversations/{theirs}", 1)]
		}
		if !ok {
			t.Errorf("%s: no row for this route", pattern)
			continue
		}
		for i, role := range roles {
			got := casts[i].try(pattern)
			if got.Status != want[i] {
				t.Errorf("%s as %q: got %d, want %d: %.200s", pattern, role, got.Status, want[i], got.Body)
			}
		}
	}
	if len(listed) != len(rows) {
		t.Errorf("got %d rows for %d routes", len(rows), len(listed))
	}
}

// cast is a desk with the people that the rows above speak of.
type cast struct {
	*desktest.Site
	sales, help     string
	owner, me       rights.Viewer
	colleague, role string
}

func newCast(t *testing.T, role rights.Role) *cast {
	t.Helper()
	s := desktest.NewSite(t)
	w := &cast{Site: s, sales: s.Area("sales"), help: s.Area("help"), role: string(role)}
	w.owner = s.User("owner", rights.Operator, w.sales)
	w.colleague = s.Member("colleague", rights.Operator).Id
	if role != "" {
		w.me = s.User("me", role, w.sales)
	}
	return w
}

// try calls a route from a new browser, about a new conversation.
func (w *cast) try(pattern string) *desktest.Answer {
	w.T.Helper()
	theirs := w.Conversation(store.StatusOpen, w.sales, w.owner.ID)
	b := w.Guest()
	if w.role != "" {
		b = w.SignIn(w.me)
	}
	method, path, _ := strings.Cut(pattern, " ")
	id, message := "nothing", "nothing"
	switch {
	case method == "GET" && strings.HasSuffix(path, "/{message}"):
		id, message = theirs, w.Says(theirs, strings.Repeat("x", store.ShownText+1)).ID
	case strings.Contains(path, "/conversations/"):
		id = theirs
	case strings.Contains(path, "/files/"):
		id = w.Attachment(theirs, w.owner.ID, "image/png", "x.png", "picture")
	case strings.Contains(path, "/contacts/"):
		id = w.Get(theirs).Contact
	case strings.Contains(path, "/users/"):
		id = w.colleague
	case strings.Contains(path, "/areas/"):
		id = w.help
	case strings.Contains(path, "/flows/"):
		id = w.Flow(desktest.MenuFlow, "[]")
	}
	path = strings.NewReplacer("{id}", id, "{name}", "x.png", "{message}", message, "{number}", "1", "{test}", "nothing").Replace(path)
	var body any
	if method != "GET" {
		body = map[string]any{}
	}
	if strings.HasSuffix(path, "/media") {
		return b.Form(path, map[string]string{}, "", "")
	}
	return b.Do(method, path, body)
}

// TestHiddenIsHidden tries what is done to a conversation in an area that one does not work in: it does not exist.
func TestHiddenIsHidden(t *testing.T) {
	s := desktest.NewSite(t)
	sales, help := s.Area("sales"), s.Area("help")
	hidden := s.Conversation(store.StatusWaiting, help, "")
	file := s.Attachment(hidden, "", "image/png", "x.png", "picture")
	contact := s.Get(hidden).Contact
	long, own := s.Says(hidden, strings.Repeat("x", store.ShownText+1)).ID, s.Conversation(store.StatusWaiting, sales, "")
	for _, v := range []rights.Viewer{s.User("op", rights.Operator, sales), s.User("sup", rights.Supervisor, sales), s.User("lone", rights.Operator)} {
		b := s.SignIn(v)
		for _, action := range []string{"claim", "return", "transfer", "close", "reopen", "snooze", "flow", "read", "typing", "view", "messages"} {
			b.Post(fmt.Sprintf("/api/conversations/%s/%s", hidden, action), map[string]string{"text": "hola", "area": sales}).Want(404)
		}
		for _, path := range []string{"/api/conversations/" + hidden, "/api/conversations/" + hidden + "/messages", "/api/conversations/" + hidden + "/messages/" + long,
			"/api/conversations/" + own + "/messages/" + long, "/api/files/" + file, "/api/contacts/" + contact} {
			b.Get(path).Want(404)
		}
	}
}
