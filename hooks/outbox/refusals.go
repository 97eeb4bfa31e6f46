package outbox

import "mostrador/hooks/api"

// What this room refuses, and what it warns of.
var (
	// ErrBehind: messages came since; Data has them
	ErrBehind = api.Refuses(409, "behind",
		"Llegaron mensajes mientras escribías. Revísalos antes de enviar.",
		"Chegaram mensagens enquanto você escrevia. Veja antes de enviar.",
		"Messages arrived while you were writing. Read them before sending.")
	// ErrNothing: neither text nor anything else to send
	ErrNothing = api.Refuses(400, "nothing",
		"Escribe algo o adjunta un archivo.",
		"Escreva algo ou anexe um arquivo.",
		"Write something or attach a file.")
	// ErrNoVoice: what is to leave as a voice note is none
	ErrNoVoice = api.Refuses(400, "no_voice",
		"Esto no es un mensaje de voz. Envíalo como archivo.",
		"Isto não é uma mensagem de voz. Envie como arquivo.",
		"This is not a voice note. Send it as a file.")
	// ErrNoTarget: the message to react to, edit or take back is not there or not ours
	ErrNoTarget = api.Refuses(400, "no_target",
		"Ese mensaje no existe o no se puede cambiar.",
		"Essa mensagem não existe ou não pode ser alterada.",
		"That message does not exist or cannot be changed.")
	// ErrTooLate: WhatsApp does not let it be changed any more; Args minutes
	ErrTooLate = api.Refuses(409, "too_late",
		"WhatsApp solo deja cambiarlo durante {minutes} minutos.",
		"O WhatsApp só deixa alterar durante {minutes} minutos.",
		"WhatsApp only lets it be changed for {minutes} minutes.")
	// ErrNotFailed: only what failed can be tried again
	ErrNotFailed = api.Refuses(409, "not_failed",
		"Este mensaje no falló: no hay nada que reintentar.",
		"Esta mensagem não falhou: não há o que tentar de novo.",
		"This message did not fail: there is nothing to try again.")
)
