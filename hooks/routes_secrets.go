package hooks

import "mostrador/hooks/api"

func (d *Desk) secretRoutes() []api.Route {
	return []api.Route{
		{Method: "GET", Path: "/api/secrets", Who: api.Admins, Run: d.secrets},
		{Method: "PUT", Path: "/api/secrets/{name}", Who: api.Admins, Run: d.saveSecret},
		{Method: "DELETE", Path: "/api/secrets/{name}", Who: api.Admins, Run: d.deleteSecret},
	}
}

// secretForm is what makes or changes a secret.
type secretForm struct {
	Value string   `json:"value"`
	Hosts []string `json:"hosts"` // left out: as before
}

func (d *Desk) secrets(r *api.Request) error {
	all, err := d.Secrets(r.Request.Context(), r.Me.Viewer)
	if err != nil {
		return err
	}
	return r.OK(api.Page[SecretView]{Items: all})
}

func (d *Desk) saveSecret(r *api.Request) error {
	var in secretForm
	if err := r.Read(&in); err != nil {
		return err
	}
	shown, err := d.SaveSecret(r.Request.Context(), r.Me.Viewer, r.Request.PathValue("name"), in.Value, in.Hosts)
	if err != nil {
		return err
	}
	return r.OK(shown)
}

func (d *Desk) deleteSecret(r *api.Request) error {
	if err := d.DeleteSecret(r.Request.Context(), r.Me.Viewer, r.Request.PathValue("name")); err != nil {
		return err
	}
	return r.Done()
}
