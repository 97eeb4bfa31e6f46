package hooks

import (
	"slices"

	"mostrador/hooks/api"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
)

// Register binds the desk's routes, sessions and streams to the app. Call it once, before the app serves.
func (d *Desk) Register() {
	d.Hub.Bind(d.Store.App)
	d.Store.App.OnServe().BindFunc(func(e *core.ServeEvent) error {
		for _, origin := range d.Guard.Web.Origins {
			if err := d.Guard.CrossOrigin.AddTrustedOrigin(origin); err != nil {
				return err
			}
		}
		d.Guard.Bind(e)
		d.Guard.Own = map[string]bool{}
		for _, r := range d.routes() {
			d.Guard.Own[r.Method+" "+r.Path] = true
			bound := e.Router.Route(r.Method, r.Path, func(e *core.RequestEvent) error { return d.API.Serve(r, e) })
			bound.Unbind(apis.DefaultBodyLimitMiddlewareId).Bind(apis.BodyLimit(r.BodyLimit()))
		}
		if err := e.Next(); err != nil {
			return err
		}
		e.Server.Handler = d.API.OpenDoor(e.Server.Handler)
		// For whoever is not known; letIn gives the others more.
		e.Server.ReadHeaderTimeout, e.Server.ReadTimeout = api.GuestTime, api.GuestTime
		e.Server.WriteTimeout, e.Server.IdleTimeout, e.Server.MaxHeaderBytes = api.WriteTime, api.IdleTime, api.HeaderMax
		return nil
	})
}

// routes lists the whole API, subject by subject.
func (d *Desk) routes() []api.Route {
	return slices.Concat(d.Guard.Routes(), d.Views.Routes(), d.Outbox.Routes(), d.Conversations.Routes(), d.Files.Routes(), d.Contacts.Routes(),
		d.Settings.Routes(), d.Lines.Routes(), d.People.Routes(), d.People.AreaRoutes(), d.Secrets.Routes(), d.Editor.Routes(), d.Presence.Routes(),
		d.Runner.Routes(), d.probeRoutes(), d.warningRoutes())
}
