package hooks

func (d *Desk) secretRoutes() []route {
	return []route{
		{method: "GET", path: "/api/secrets", who: admins, run: d.secrets},
		{method: "PUT", path: "/api/secrets/{name}", who: admins, run: d.saveSecret},
		{method: "DELETE", path: "/api/secrets/{name}", who: admins, run: d.deleteSecret},
	}
}

// secretForm is what makes or changes a secret.
type secretForm struct {
	Value string   `json:"value"`
	Hosts []string `json:"hosts"` // left out: as before
}

func (d *Desk) secrets(r *request) error {
	all, err := d.Secrets(r.Request.Context(), r.me.Viewer)
	if err != nil {
		return err
	}
	return r.ok(page[SecretView]{Items: all})
}

func (d *Desk) saveSecret(r *request) error {
	var in secretForm
	if err := r.read(&in); err != nil {
		return err
	}
	shown, err := d.SaveSecret(r.Request.Context(), r.me.Viewer, r.Request.PathValue("name"), in.Value, in.Hosts)
	if err != nil {
		return err
	}
	return r.ok(shown)
}

func (d *Desk) deleteSecret(r *request) error {
	if err := d.DeleteSecret(r.Request.Context(), r.me.Viewer, r.Request.PathValue("name")); err != nil {
		return err
	}
	return r.done()
}
