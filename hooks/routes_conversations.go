package hooks

import "mostrador/hooks/api"

func (d *Desk) conversationRoutes() []api.Route {
	return []api.Route{
		{Method: "GET", Path: "/api/conversations", Who: api.Everybody, Run: d.conversations},
		{Method: "GET", Path: "/api/conversations/{id}", Who: api.Everybody, Run: d.conversation},
		{Method: "GET", Path: "/api/conversations/{id}/messages", Who: api.Everybody, Run: d.messages},
		{Method: "GET", Path: "/api/conversations/{id}/messages/{message}", Who: api.Everybody, Run: d.showMessage},
		{Method: "GET", Path: "/api/changes", Who: api.Everybody, Run: d.missed},
	}
}

// conversationPage is a page of the list, with the cursor from which changes to it may be asked.
type conversationPage struct {
	api.Page[ConversationView]
	Cursor int64 `json:"cursor,string"`
}

func (d *Desk) conversations(r *api.Request) error {
	w, err := readWanted(r)
	if err != nil {
		return err
	}
	answer := conversationPage{Cursor: d.Hub.Now()} // before reading: what comes later is above it
	if answer.Page, err = d.list(r.Request.Context(), r.Me.Viewer, w); err != nil {
		return err
	}
	return r.OK(answer)
}

func (d *Desk) conversation(r *api.Request) error {
	c, err := d.see(r.Request.Context(), r.Me.Viewer, r.ID())
	if err != nil {
		return err
	}
	shown, err := viewConversation(r.App.ConcurrentDB(), r.Me.Viewer, *c)
	if err != nil {
		return err
	}
	return r.OK(shown)
}

func (d *Desk) messages(r *api.Request) error {
	limit, err := r.Limit()
	if err != nil {
		return err
	}
	before, err := beginning(r)
	if err != nil {
		return err
	}
	ctx := r.Request.Context()
	if err := d.maySee(r.Me.Viewer, r.ID()); err != nil {
		return err
	}
	answer, err := d.thread(ctx, r.Me.Viewer, r.ID(), before, limit)
	if err != nil {
		return err
	}
	return r.OK(answer)
}
