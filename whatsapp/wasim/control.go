package wasim

import "net/http"

// Control serves the control API.
func (s *Server) Control() http.Handler { return http.NotFoundHandler() }
