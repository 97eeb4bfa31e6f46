package hooks

import "net/http"

var conversationRoutes = []route{
	{method: "GET", path: "/api/conversations", who: everybody, run: (*request).conversations},
	{method: "GET", path: "/api/conversations/{id}", who: everybody, run: (*request).conversation},
	{method: "GET", path: "/api/conversations/{id}/messages", who: everybody, run: (*request).messages},
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
	views, err := viewConversations(r.App.ConcurrentDB(), []Conversation{*c})
	if err != nil {
		return err
	}
	return r.ok(views[0])
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
	if _, err := r.desk.see(ctx, r.me.Viewer, r.id()); err != nil {
		return err
	}
	answer, err := r.desk.thread(ctx, r.id(), before, limit)
	if err != nil {
		return err
	}
	return r.ok(answer)
}

// presence is what somebody does at a conversation right now. It is told and not kept.
type presence struct {
	Conversation string `json:"conversation"`
	User         string `json:"user"`
	Name         string `json:"name"`
	State        string `json:"state,omitempty"` // typing: composing or paused
	On           bool   `json:"on"`
}

// tell lets everybody who sees the conversation know what the sender does at it.
func (r *request) tell(event, conversation string, p presence) error {
	c, err := r.desk.see(r.Request.Context(), r.me.Viewer, conversation)
	if err != nil {
		return err
	}
	p.Conversation, p.User, p.Name = c.ID, r.me.ID, r.me.Name
	r.desk.publish([]Event{{Name: event, Data: p, Conversation: true, Area: c.Area, Assignee: c.Assignee, ID: c.ID}})
	return nil
}

// typing tells colleagues that somebody writes here; the body {"on":false} that they stopped.
func (r *request) typing() error {
	on, err := r.readOn()
	if err != nil {
		return err
	}
	state := "paused"
	if on {
		state = "composing"
	}
	if err := r.tell(eventTyping, r.id(), presence{On: on, State: state}); err != nil {
		return err
	}
	return r.done()
}

// viewing tells colleagues that somebody has this conversation before their eyes.
func (r *request) viewing() error {
	on, err := r.readOn()
	if err != nil {
		return err
	}
	if err := r.tell(eventPresence, r.id(), presence{On: on}); err != nil {
		return err
	}
	return r.done()
}

// readOn reads {"on":…}; nothing means on.
func (r *request) readOn() (bool, error) {
	var in struct {
		On *bool `json:"on"`
	}
	if err := r.read(&in); err != nil {
		return false, err
	}
	return in.On == nil || *in.On, nil
}

// created answers 201 with what was made.
func (r *request) created(v any) error { return r.JSON(http.StatusCreated, v) }
