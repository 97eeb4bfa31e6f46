// Package api: how the desk is asked and answers: routes, requests, pages, refusals in three languages.
package api

import "mostrador/hooks/store"

// API serves the desk's routes.
type API struct {
	Store *store.Store

	Door Door
	// What a room has to ask of, or tell, a room above it: set in join.
	HasRoom func(bytes int64) error // refuses what the disk has no room for
}
