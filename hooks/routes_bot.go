package hooks

import "context"

func (d *Desk) botRoutes() []route {
	return []route{
		{method: "GET", path: "/api/bot/status", who: everybody, run: line(d.LineStatus)},
		{method: "GET", path: "/api/bot/lines", who: everybody, run: d.listLines},
		{method: "GET", path: "/api/bot/qr", who: admins, run: line(d.LineQR)},
		{method: "POST", path: "/api/bot/start", who: admins, run: line(d.StartLine)},
		{method: "POST", path: "/api/bot/stop", who: admins, run: line(d.StopLine)},
		{method: "POST", path: "/api/bot/logout", who: admins, run: line(d.LogoutLine)},
		{method: "POST", path: "/api/bot/pause", who: admins, run: d.pauseLine},
		{method: "PATCH", path: "/api/bot/metadata", who: admins, run: d.patchLine},
		{method: "POST", path: "/api/bot/pair-code", who: admins, run: d.pairCode},
	}
}

// line makes a route of something about one line: ?line= names it, else it is the standard one.
func line[T any](do func(context.Context, string) (T, error)) func(*request) error {
	return func(r *request) error {
		shown, err := do(r.Request.Context(), r.query("line"))
		if err != nil {
			return err
		}
		return r.ok(shown)
	}
}

func (d *Desk) listLines(r *request) error {
	all, err := d.Lines(r.Request.Context())
	if err != nil {
		return err
	}
	return r.ok(page[LineView]{Items: all})
}

// pauseLine silences the bot; {"paused":false} lets it speak again.
func (d *Desk) pauseLine(r *request) error {
	var in struct {
		Paused *bool `json:"paused"`
	}
	if err := r.read(&in); err != nil {
		return err
	}
	shown, err := d.PauseLine(r.Request.Context(), r.query("line"), in.Paused == nil || *in.Paused)
	if err != nil {
		return err
	}
	return r.ok(shown)
}

func (d *Desk) patchLine(r *request) error {
	var change LineChange
	if err := r.read(&change); err != nil {
		return err
	}
	shown, err := d.UpdateLine(r.Request.Context(), r.query("line"), change)
	if err != nil {
		return err
	}
	return r.ok(shown)
}

// pairCode answers the code that the owner types into the phone.
func (d *Desk) pairCode(r *request) error {
	var in struct {
		Phone string `json:"phone"`
	}
	if err := r.read(&in); err != nil {
		return err
	}
	code, err := d.PairCode(r.Request.Context(), r.query("line"), in.Phone)
	if err != nil {
		return err
	}
	return r.ok(map[string]string{"code": code})
}
