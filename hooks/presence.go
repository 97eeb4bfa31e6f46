package hooks

import (
	"context"
	"errors"
	"time"

	"mostrador/hooks/api"
	"mostrador/hooks/store"
	"mostrador/whatsapp"

	"github.com/pocketbase/dbx"
)

// presence is what somebody does at a conversation right now. It is told, and kept in memory only: viewers.
type presence struct {
	Conversation string `json:"conversation"`
	User         string `json:"user"`
	Name         string `json:"name"`
	State        string `json:"state,omitempty"` // typing: composing or paused
	On           bool   `json:"on"`
}

// tell lets everybody who sees the conversation know what the sender does at it.
func (d *Desk) tell(r *api.Request, event string, p presence) (*store.Conversation, error) {
	c, err := d.Views.See(r.Request.Context(), r.Me.Viewer, r.ID())
	if err != nil {
		return nil, err
	}
	p.Conversation, p.User, p.Name = c.ID, r.Me.ID, r.Me.Name
	d.viewers.note(event, c.ID, r.Me.ID, p.On)
	d.Store.Publish([]store.Event{{Name: event, Data: p, Conversation: true, Area: c.Area, Assignee: c.Assignee, ID: c.ID}})
	return c, nil
}

// typing tells colleagues, and the customer, that somebody writes here; the body {"on":false} that they stopped.
func (d *Desk) typing(r *api.Request) error {
	on, err := readOn(r)
	if err != nil {
		return err
	}
	state := "paused"
	if on {
		state = "composing"
	}
	c, err := d.tell(r, store.EventTyping, presence{On: on, State: state})
	if err != nil {
		return err
	}
	if r.Me.MayAnswer(c.Area, c.Assignee) && c.Status == store.StatusOpen {
		go d.tellTyping(context.WithoutCancel(r.Request.Context()), c, on)
	}
	return r.Done()
}

// viewersAnswer is who else has a conversation before their eyes.
type viewersAnswer struct {
	Viewers []ViewerView `json:"viewers"`
}

// viewing tells colleagues that somebody has this conversation before their eyes, and them who else has.
func (d *Desk) viewing(r *api.Request) error {
	on, err := readOn(r)
	if err != nil {
		return err
	}
	c, err := d.tell(r, store.EventPresence, presence{On: on})
	if err != nil {
		return err
	}
	return r.OK(viewersAnswer{d.others(r.Request.Context(), c, r.Me.ID)})
}

// readOn reads {"on":…}; nothing means on.
func readOn(r *api.Request) (bool, error) {
	var in struct {
		On *bool `json:"on"`
	}
	if err := r.Read(&in); err != nil {
		return false, err
	}
	return in.On == nil || *in.On, nil
}

// typingFor is how long the customer's phone is tried to be told that somebody writes; later it is not true any more.
const typingFor = 5 * time.Second

// showTyping tells the customer's phone. A line that is not connected tells nobody, and that is all right.
func (d *Desk) showTyping(ctx context.Context, c *store.Conversation, on bool) {
	run := d.lineRun(c.Line)
	if run == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, typingFor)
	defer cancel()
	var to struct {
		Phone string `db:"phone"`
		LID   string `db:"lid"`
	}
	err := d.Store.App.ConcurrentDB().Select("phone", "lid").From("contacts").Where(dbx.HashExp{"id": c.Contact}).WithContext(ctx).One(&to)
	if err == nil {
		err = run.line.Typing(ctx, whatsapp.Address{Phone: to.Phone, LID: to.LID}, false, on)
	}
	if err != nil && !errors.Is(err, whatsapp.ErrOffline) {
		d.Store.App.Logger().Debug("show typing", "conversation", c.ID, "error", err)
	}
}

func (d *Desk) presenceRoutes() []api.Route {
	return []api.Route{
		{Method: "POST", Path: "/api/conversations/{id}/typing", Who: api.Everybody, Run: d.typing},
		{Method: "POST", Path: "/api/conversations/{id}/view", Who: api.Everybody, Run: d.viewing},
	}
}
