package runner

import "mostrador/hooks/api"

// What this room refuses, and what it warns of.
var (
	// ErrNoFlow: no such flow is at work here
	ErrNoFlow = api.Refuses(409, "no_flow",
		"Ese flujo no está publicado o no se ofrece aquí. Elige otro.",
		"Esse fluxo não está publicado ou não é oferecido aqui. Escolha outro.",
		"That flow is not published or not offered here. Choose another one.")
	// ErrPaused: the bot of the line is switched off
	ErrPaused = api.Refuses(409, "paused",
		"El bot está en pausa. Reanúdalo antes de iniciar un flujo.",
		"O bot está em pausa. Retome-o antes de iniciar um fluxo.",
		"The bot is paused. Resume it before starting a flow.")
)
