// Package presence: who is at the desk: availability, coming and going, who types and looks.
package presence

import (
	"context"

	"mostrador/hooks/api"
	"mostrador/hooks/auth"
	"mostrador/hooks/store"
	"mostrador/hooks/view"
)

// Presence knows who is at the desk and what they look at.
type Presence struct {
	Guard *auth.Guard
	Store *store.Store
	Views *view.Views

	Attendance *attendance
	viewers    Viewers
	ShowTyping func(ctx context.Context, c *store.Conversation, on bool) // the customer sees that somebody writes
}

// Doing is what somebody does at a conversation right now. It is told, and kept in memory only: viewers.
type Doing struct {
	Conversation string `json:"conversation"`
	User         string `json:"user"`
	Name         string `json:"name"`
	State        string `json:"state,omitempty"` // typing: composing or paused
	On           bool   `json:"on"`
}

// tell lets everybody who sees the conversation know what the sender does at it.
func (s *Presence) tell(r *api.Request, event string, p Doing) (*store.Conversation, error) {
	c, err := s.Views.See(r.Request.Context(), r.Me.Viewer, r.ID())
	if err != nil {
		return nil, err
	}
	p.Conversation, p.User, p.Name = c.ID, r.Me.ID, r.Me.Name
	s.viewers.Note(event, c.ID, r.Me.ID, p.On)
	s.Store.Publish([]store.Event{{Name: event, Data: p, Conversation: true, Area: c.Area, Assignee: c.Assignee, ID: c.ID}})
	return c, nil
}

// typing tells colleagues, and the customer, that somebody writes here; the body {"on":false} that they stopped.
func (s *Presence) typing(r *api.Request) error {
	on, err := readOn(r)
	if err != nil {
		return err
	}
	state := "paused"
	if on {
		state = "composing"
	}
	c, err := s.tell(r, store.EventTyping, Doing{On: on, State: state})
	if err != nil {
		return err
	}
	if r.Me.MayAnswer(c.Area, c.Assignee) && c.Status == store.StatusOpen {
		go s.ShowTyping(context.WithoutCancel(r.Request.Context()), c, on)
	}
	return r.Done()
}

// ViewersAnswer is who else has a conversation before their eyes.
type ViewersAnswer struct {
	Viewers []ViewerView `json:"viewers"`
}

// viewing tells colleagues that somebody has this conversation before their eyes, and them who else has.
func (s *Presence) viewing(r *api.Request) error {
	on, err := readOn(r)
	if err != nil {
		return err
	}
	c, err := s.tell(r, store.EventPresence, Doing{On: on})
	if err != nil {
		return err
	}
	return r.OK(ViewersAnswer{s.others(r.Request.Context(), c, r.Me.ID)})
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

func (s *Presence) Routes() []api.Route {
	return []api.Route{
		{Method: "POST", Path: "/api/conversations/{id}/typing", Who: api.Everybody, Run: s.typing},
		{Method: "POST", Path: "/api/conversations/{id}/view", Who: api.Everybody, Run: s.viewing},
	}
}
