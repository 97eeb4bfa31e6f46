package lines

import (
	"context"

	"mostrador/hooks/api"
)

func (l *Lines) Routes() []api.Route {
	return []api.Route{
		{Method: "GET", Path: "/api/bot/status", Who: api.Everybody, Run: line(l.Status)},
		{Method: "GET", Path: "/api/bot/lines", Who: api.Everybody, Run: l.listLines},
		{Method: "GET", Path: "/api/bot/qr", Who: api.Admins, Run: line(l.QR)},
		{Method: "POST", Path: "/api/bot/start", Who: api.Admins, Run: line(l.Start)},
		{Method: "POST", Path: "/api/bot/stop", Who: api.Admins, Run: line(l.Stop)},
		{Method: "POST", Path: "/api/bot/logout", Who: api.Admins, Run: line(l.Logout)},
		{Method: "POST", Path: "/api/bot/pause", Who: api.Admins, Run: l.pauseLine},
		{Method: "PATCH", Path: "/api/bot/metadata", Who: api.Admins, Run: l.patchLine},
		{Method: "POST", Path: "/api/bot/pair-code", Who: api.Admins, Run: l.pairCode},
	}
}

// line makes a route of something about one line: ?line= names it, else it is the standard one.
func line[T any](do func(context.Context, string) (T, error)) func(*api.Request) error {
	return func(r *api.Request) error {
		shown, err := do(r.Request.Context(), r.Query("line"))
		if err != nil {
			return err
		}
		return r.OK(shown)
	}
}

func (l *Lines) listLines(r *api.Request) error {
	all, err := l.All(r.Request.Context())
	return api.ListOf(r, all, err)
}

// pauseLine silences the bot; {"paused":false} lets it speak again.
func (l *Lines) pauseLine(r *api.Request) error {
	var in struct {
		Paused *bool `json:"paused"`
	}
	if err := r.Read(&in); err != nil {
		return err
	}
	shown, err := l.Pause(r.Request.Context(), r.Query("line"), in.Paused == nil || *in.Paused)
	return api.Okay(r, shown, err)
}

func (l *Lines) patchLine(r *api.Request) error {
	var change LineChange
	if err := r.Read(&change); err != nil {
		return err
	}
	shown, err := l.Update(r.Request.Context(), r.Query("line"), change)
	return api.Okay(r, shown, err)
}

// pairCode answers the code that the owner types into the phone.
func (l *Lines) pairCode(r *api.Request) error {
	var in struct {
		Phone string `json:"phone"`
	}
	if err := r.Read(&in); err != nil {
		return err
	}
	code, err := l.PairCode(r.Request.Context(), r.Query("line"), in.Phone)
	if err != nil {
		return err
	}
	return r.OK(map[string]string{"code": code})
}
