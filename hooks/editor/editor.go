// Package editor: flows as people make them: drafts, versions, tests, publishing, counts.
package editor

import (
	"mostrador/hooks/facts"
	"mostrador/hooks/media"
	"mostrador/hooks/settings"
	"mostrador/hooks/store"
)

// Editor keeps flows: drafts, versions, tests.
type Editor struct {
	Facts    *facts.Keeper
	Files    *media.Files
	Settings *settings.Keeper
	Store    *store.Store

	flowStates flowStates
	parsed     parsedFlows
}
