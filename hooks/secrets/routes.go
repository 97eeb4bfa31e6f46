package secrets

import "mostrador/hooks/api"

func (s *Secrets) Routes() []api.Route {
	return []api.Route{
		{Method: "GET", Path: "/api/secrets", Who: api.Admins, Run: s.secrets},
		{Method: "PUT", Path: "/api/secrets/{name}", Who: api.Admins, Run: s.saveSecret},
		{Method: "DELETE", Path: "/api/secrets/{name}", Who: api.Admins, Run: s.deleteSecret},
	}
}

// SecretForm is what makes or changes a secret.
type SecretForm struct {
	Value string   `json:"value"`
	Hosts []string `json:"hosts"` // left out: as before
}

func (s *Secrets) secrets(r *api.Request) error {
	all, err := s.List(r.Request.Context(), r.Me.Viewer)
	return api.ListOf(r, all, err)
}

func (s *Secrets) saveSecret(r *api.Request) error {
	var in SecretForm
	if err := r.Read(&in); err != nil {
		return err
	}
	shown, err := s.Save(r.Request.Context(), r.Me.Viewer, r.Request.PathValue("name"), in.Value, in.Hosts)
	return api.Okay(r, shown, err)
}

func (s *Secrets) deleteSecret(r *api.Request) error {
	if err := s.Delete(r.Request.Context(), r.Me.Viewer, r.Request.PathValue("name")); err != nil {
		return err
	}
	return r.Done()
}
