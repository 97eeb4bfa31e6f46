package hooks

import "net/http"

var conversationRoutes = []route{
	{method: "GET", path: "/api/conversations", who: everybody, run: (*request).conversations},
	{method: "GET", path: "/api/conversations/{id}", who: everybody, run: (*request).conversation},
	{method: "GET", path: "/api/conversations/{id}/messages", who: everybody, run: (*request).messages},
	{method: "GET", path: "/api/conversations/{id}/messages/{message}", who: everybody, run: (*request).message},
	{method: "POST", path: "/api/conversations/{id}/typing", who: everybody, run: (*request).typing},
	{method: "POST", path: "/api/conversations/{id}/view", who: everybody, run: (*request).viewing},
	{method: "GET", path: "/api/changes", who: everybody, run: (*request).missed},
}

// conversationPage is a page of the list, with the cursor from which changes to it may be asked.
type conversationPage struct {
	page[ConversationView]
	Cursor int64 `json:"cursor,string"`
}

func (r *request) conversations() error {
	w, err := r.readWanted()
	if err != nil {
		return err
	}
	answer := conversationPage{Cursor: r.desk.hub.now()} // before reading: what comes later is above it
	if answer.page, err = r.desk.list(r.Request.Context(), r.me.Viewer, w); err != nil {
		return err
	}
	return r.ok(answer)
}

func (r *request) conversation() error {
	c, err := r.desk.see(r.Request.Context(), r.me.Viewer, r.id())
	if err != nil {
		return err
	}
	view, err := viewConversation(r.App.ConcurrentDB(), r.me.Viewer, *c)
	if err != nil {
		return err
	}
	return r.ok(view)
}

func (r *request) messages() error {
	limit, err := r.limit()
	if err != nil {
		return err
	}
	before, err := r.beginning()
	if err != nil {
		return err
	}
	ctx := r.Request.Context()
	if err := r.desk.maySee(r.me.Viewer, r.id()); err != nil {
		return err
	}
	answer, err := r.desk.thread(ctx, r.me.Viewer, r.id(), before, limit)
	if err != nil {
		return err
	}
	return r.ok(answer)
}

// created answers 201 with what was made.
func (r *request) created(v any) error { return r.JSON(http.StatusCreated, v) }
