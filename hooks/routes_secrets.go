package hooks

var secretRoutes = []route{
	{method: "GET", path: "/api/secrets", who: admins, run: (*request).secrets},
	{method: "PUT", path: "/api/secrets/{name}", who: admins, run: (*request).saveSecret},
	{method: "DELETE", path: "/api/secrets/{name}", who: admins, run: (*request).deleteSecret},
}

// secretForm is what makes or changes a secret.
type secretForm struct {
	Value string   `json:"value"`
	Hosts []string `json:"hosts"` // left out: as before
}

func (r *request) secrets() error {
	all, err := r.desk.Secrets(r.Request.Context(), r.me.Viewer)
	if err != nil {
		return err
	}
	return r.ok(page[SecretView]{Items: all})
}

func (r *request) saveSecret() error {
	var in secretForm
	if err := r.read(&in); err != nil {
		return err
	}
	view, err := r.desk.SaveSecret(r.Request.Context(), r.me.Viewer, r.Request.PathValue("name"), in.Value, in.Hosts)
	if err != nil {
		return err
	}
	return r.ok(view)
}

func (r *request) deleteSecret() error {
	if err := r.desk.DeleteSecret(r.Request.Context(), r.me.Viewer, r.Request.PathValue("name")); err != nil {
		return err
	}
	return r.done()
}
