package conversation

import (
	"context"

	"mostrador/hooks/api"
	"mostrador/hooks/rights"
	"mostrador/hooks/view"
)

func (s *Conversations) Routes() []api.Route {
	return []api.Route{
		{Method: "POST", Path: "/api/conversations/{id}/claim", Who: api.Everybody, Run: api.Act(s.Claim)},
		{Method: "POST", Path: "/api/conversations/{id}/return", Who: api.Everybody, Run: api.Act(s.Return)},
		{Method: "POST", Path: "/api/conversations/{id}/reopen", Who: api.Everybody, Run: api.Act(s.Reopen)},
		{Method: "POST", Path: "/api/conversations/{id}/read", Who: api.Everybody, Run: api.Act(s.MarkRead)},
		{Method: "POST", Path: "/api/conversations/{id}/transfer", Who: api.Everybody, Run: api.ActWith(s.Transfer)},
		{Method: "POST", Path: "/api/conversations/{id}/close", Who: api.Everybody, Run: api.ActWith(s.CloseConversation)},
		{Method: "POST", Path: "/api/conversations/{id}/snooze", Who: api.Everybody, Run: api.ActWith(func(ctx context.Context, v rights.Viewer, id string, in snoozing) (view.Conversation, error) {
			return s.Snooze(ctx, v, id, in.Until.Time)
		})},
	}
}

// snoozing is until when; null or nothing takes it back.
type snoozing struct {
	Until api.Moment `json:"until"`
}
