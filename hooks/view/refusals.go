package view

import "mostrador/hooks/api"

// What this room refuses, and what it warns of.
var (
	// ErrReload: too far behind to be told what changed
	ErrReload = api.Refuses(410, "reload",
		"Pasó demasiado tiempo. Vuelve a cargar la página.",
		"Passou tempo demais. Recarregue a página.",
		"Too much happened since. Load the page again.")
)
