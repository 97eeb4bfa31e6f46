package hooks

import (
	"context"

	"mostrador/hooks/rights"
)

func (d *Desk) actionRoutes() []route {
	return []route{
		{method: "POST", path: "/api/conversations/{id}/claim", who: everybody, run: act(d.Claim)},
		{method: "POST", path: "/api/conversations/{id}/return", who: everybody, run: act(d.Return)},
		{method: "POST", path: "/api/conversations/{id}/reopen", who: everybody, run: act(d.Reopen)},
		{method: "POST", path: "/api/conversations/{id}/read", who: everybody, run: act(d.MarkRead)},
		{method: "POST", path: "/api/conversations/{id}/transfer", who: everybody, run: actWith(d.Transfer)},
		{method: "POST", path: "/api/conversations/{id}/close", who: everybody, run: actWith(d.CloseConversation)},
		{method: "POST", path: "/api/conversations/{id}/snooze", who: everybody, run: actWith(func(ctx context.Context, v rights.Viewer, id string, in snoozing) (ConversationView, error) {
			return d.Snooze(ctx, v, id, in.Until.Time)
		})},
	}
}

// snoozing is until when; null or nothing takes it back.
type snoozing struct {
	Until moment `json:"until"`
}

// act makes a route of what a person does to a conversation; the answer is how it is then.
func act[A any](do func(context.Context, rights.Viewer, string) (A, error)) func(*request) error {
	return func(r *request) error {
		shown, err := do(r.Request.Context(), r.me.Viewer, r.id())
		if err != nil {
			return err
		}
		return r.ok(shown)
	}
}

// actWith is act for what needs to be told how.
func actWith[T, A any](do func(context.Context, rights.Viewer, string, T) (A, error)) func(*request) error {
	return func(r *request) error {
		var how T
		if err := r.read(&how); err != nil {
			return err
		}
		shown, err := do(r.Request.Context(), r.me.Viewer, r.id(), how)
		if err != nil {
			return err
		}
		return r.ok(shown)
	}
}
