package realtime

import "mostrador/hooks/api"

// What this room refuses, and what it warns of.
var (
	// ErrManyStreams: this browser, or this person, has the desk open too often; Args seconds
	ErrManyStreams = api.Refuses(429, "many_streams",
		"El escritorio está abierto en demasiadas pestañas. Cierra alguna.",
		"O painel está aberto em abas demais. Feche alguma.",
		"The desk is open in too many tabs. Close some of them.")
	// errTopic: realtime topics are event names
	errTopic = api.Refuses(403, "forbidden_topic",
		"No puedes suscribirte a «{topic}».",
		"Você não pode assinar \"{topic}\".",
		"You cannot subscribe to \"{topic}\".")
)
