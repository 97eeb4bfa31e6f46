package hooks

import "net/http"

func (d *Desk) conversationRoutes() []route {
	return []route{
		{method: "GET", path: "/api/conversations", who: everybody, run: d.conversations},
		{method: "GET", path: "/api/conversations/{id}", who: everybody, run: d.conversation},
		{method: "GET", path: "/api/conversations/{id}/messages", who: everybody, run: d.messages},
		{method: "GET", path: "/api/conversations/{id}/messages/{message}", who: everybody, run: d.showMessage},
		{method: "GET", path: "/api/changes", who: everybody, run: d.missed},
	}
}

// conversationPage is a page of the list, with the cursor from which changes to it may be asked.
type conversationPage struct {
	page[ConversationView]
	Cursor int64 `json:"cursor,string"`
}

func (d *Desk) conversations(r *request) error {
	w, err := readWanted(r)
	if err != nil {
		return err
	}
	answer := conversationPage{Cursor: d.Hub.now()} // before reading: what comes later is above it
	if answer.page, err = d.list(r.Request.Context(), r.me.Viewer, w); err != nil {
		return err
	}
	return r.ok(answer)
}

func (d *Desk) conversation(r *request) error {
	c, err := d.see(r.Request.Context(), r.me.Viewer, r.id())
	if err != nil {
		return err
	}
	shown, err := viewConversation(r.App.ConcurrentDB(), r.me.Viewer, *c)
	if err != nil {
		return err
	}
	return r.ok(shown)
}

func (d *Desk) messages(r *request) error {
	limit, err := r.limit()
	if err != nil {
		return err
	}
	before, err := beginning(r)
	if err != nil {
		return err
	}
	ctx := r.Request.Context()
	if err := d.maySee(r.me.Viewer, r.id()); err != nil {
		return err
	}
	answer, err := d.thread(ctx, r.me.Viewer, r.id(), before, limit)
	if err != nil {
		return err
	}
	return r.ok(answer)
}

// created answers 201 with what was made.
func (r *request) created(v any) error { return r.JSON(http.StatusCreated, v) }
