package wasim

import "go.mau.fi/whatsmeow/util/keys"

func (s *Server) open() (*keys.KeyPair, error) { return sharedRoot(), nil }
func (s *Server) releaseState()                {}
func (s *Server) saver()                       { <-s.done; close(s.saved) }
func (s *Server) saveState(bool) error         { return nil }
func (s *Server) changed()                     {}
func (s *Server) keepMedia(string, []byte)     {}
func (s *Server) removeMedia(string)           {}
