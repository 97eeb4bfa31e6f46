package view

import "mostrador/hooks/api"

func (s *Views) Routes() []api.Route {
	return []api.Route{
		{Method: "GET", Path: "/api/conversations", Who: api.Everybody, Run: s.conversations},
		{Method: "GET", Path: "/api/conversations/{id}", Who: api.Everybody, Run: s.conversation},
		{Method: "GET", Path: "/api/conversations/{id}/messages", Who: api.Everybody, Run: s.messages},
		{Method: "GET", Path: "/api/conversations/{id}/messages/{message}", Who: api.Everybody, Run: s.showMessage},
		{Method: "GET", Path: "/api/changes", Who: api.Everybody, Run: s.missed},
		{Method: "GET", Path: "/api/counts", Who: api.Everybody, Run: s.counts},
	}
}

// ConversationPage is a page of the list, with the cursor from which changes to it may be asked.
type ConversationPage struct {
	api.Page[Conversation]
	Cursor int64 `json:"cursor,string"`
}

func (s *Views) conversations(r *api.Request) error {
	w, err := ReadWanted(r)
	if err != nil {
		return err
	}
	answer := ConversationPage{Cursor: s.Hub.Now()} // before reading: what comes later is above it
	if answer.Page, err = s.List(r.Request.Context(), r.Me.Viewer, w); err != nil {
		return err
	}
	return r.OK(answer)
}

func (s *Views) conversation(r *api.Request) error {
	c, err := s.See(r.Request.Context(), r.Me.Viewer, r.ID())
	if err != nil {
		return err
	}
	shown, err := ViewConversation(r.App.ConcurrentDB(), r.Me.Viewer, *c)
	return api.Okay(r, shown, err)
}

func (s *Views) messages(r *api.Request) error {
	limit, err := r.Limit()
	if err != nil {
		return err
	}
	before, err := beginning(r)
	if err != nil {
		return err
	}
	ctx := r.Request.Context()
	if err := s.MaySee(r.Me.Viewer, r.ID()); err != nil {
		return err
	}
	answer, err := s.Thread(ctx, r.Me.Viewer, r.ID(), before, limit)
	return api.Okay(r, answer, err)
}
