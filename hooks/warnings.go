package hooks

import "mostrador/hooks/api"

// warnings asks everything that may have something to warn of. Each looks at what it is now: a warning goes when its reason does.
func (d *Desk) warnings() (all []api.Warning) {
	all = append(all, d.Files.DiskWarnings()...)
	all = append(all, d.Guard.ProxyWarnings()...)
	all = append(all, d.privacyWarnings()...)
	return all
}

func (d *Desk) warningRoutes() []api.Route {
	return []api.Route{
		{Method: "GET", Path: "/api/warnings", Who: api.Admins, Run: d.listWarnings},
	}
}

// listWarnings lists what an admin should see to; the dashboard shows it.
func (d *Desk) listWarnings(r *api.Request) error {
	answer := api.Page[api.Warning]{Items: []api.Warning{}}
	for _, w := range d.warnings() {
		answer.Items = append(answer.Items, w.In(api.Lang(r.RequestEvent)))
	}
	return r.OK(answer)
}
