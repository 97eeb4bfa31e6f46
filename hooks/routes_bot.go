package hooks

import (
	"context"

	"mostrador/hooks/api"
)

func (d *Desk) botRoutes() []api.Route {
	return []api.Route{
		{Method: "GET", Path: "/api/bot/status", Who: api.Everybody, Run: line(d.LineStatus)},
		{Method: "GET", Path: "/api/bot/lines", Who: api.Everybody, Run: d.listLines},
		{Method: "GET", Path: "/api/bot/qr", Who: api.Admins, Run: line(d.LineQR)},
		{Method: "POST", Path: "/api/bot/start", Who: api.Admins, Run: line(d.StartLine)},
		{Method: "POST", Path: "/api/bot/stop", Who: api.Admins, Run: line(d.StopLine)},
		{Method: "POST", Path: "/api/bot/logout", Who: api.Admins, Run: line(d.LogoutLine)},
		{Method: "POST", Path: "/api/bot/pause", Who: api.Admins, Run: d.pauseLine},
		{Method: "PATCH", Path: "/api/bot/metadata", Who: api.Admins, Run: d.patchLine},
		{Method: "POST", Path: "/api/bot/pair-code", Who: api.Admins, Run: d.pairCode},
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

func (d *Desk) listLines(r *api.Request) error {
	all, err := d.Lines(r.Request.Context())
	if err != nil {
		return err
	}
	return r.OK(api.Page[LineView]{Items: all})
}

// pauseLine silences the bot; {"paused":false} lets it speak again.
func (d *Desk) pauseLine(r *api.Request) error {
	var in struct {
		Paused *bool `json:"paused"`
	}
	if err := r.Read(&in); err != nil {
		return err
	}
	shown, err := d.PauseLine(r.Request.Context(), r.Query("line"), in.Paused == nil || *in.Paused)
	if err != nil {
		return err
	}
	return r.OK(shown)
}

func (d *Desk) patchLine(r *api.Request) error {
	var change LineChange
	if err := r.Read(&change); err != nil {
		return err
	}
	shown, err := d.UpdateLine(r.Request.Context(), r.Query("line"), change)
	if err != nil {
		return err
	}
	return r.OK(shown)
}

// pairCode answers the code that the owner types into the phone.
func (d *Desk) pairCode(r *api.Request) error {
	var in struct {
		Phone string `json:"phone"`
	}
	if err := r.Read(&in); err != nil {
		return err
	}
	code, err := d.PairCode(r.Request.Context(), r.Query("line"), in.Phone)
	if err != nil {
		return err
	}
	return r.OK(map[string]string{"code": code})
}
