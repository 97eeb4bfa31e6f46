package conversation

import "mostrador/hooks/api"

// What this room refuses, and what it warns of.
var (
	// ErrTaken: somebody was faster; Args name
	ErrTaken = api.Refuses(409, "taken",
		"{name} tomó la conversación antes.",
		"{name} pegou a conversa antes.",
		"{name} took the conversation first.")
	// ErrClosed: the conversation is closed
	ErrClosed = api.Refuses(409, "closed",
		"La conversación está cerrada. Reábrela para seguir.",
		"A conversa está encerrada. Reabra para continuar.",
		"The conversation is closed. Reopen it to go on.")
	// ErrNotClosed: the conversation is live
	ErrNotClosed = api.Refuses(409, "not_closed",
		"La conversación ya está abierta.",
		"A conversa já está aberta.",
		"The conversation is open already.")
	// ErrNotOpen: nobody has it
	ErrNotOpen = api.Refuses(409, "not_open",
		"Nadie atiende esta conversación todavía.",
		"Ninguém está atendendo esta conversa ainda.",
		"Nobody has this conversation yet.")
	// errNotPossible: the conversation is not in a state for that
	errNotPossible = api.Refuses(409, "not_possible",
		"La conversación no está en un estado que lo permita.",
		"A conversa não está em um estado que permita isso.",
		"The conversation is not in a state for that.")
	// ErrLive: the contact has a live conversation on this line already; Args conversation
	ErrLive = api.Refuses(409, "live",
		"Este cliente ya tiene otra conversación abierta. Sigue en esa.",
		"Este cliente já tem outra conversa aberta. Continue nela.",
		"This customer has another open conversation. Go on there.")
	ErrUnknownUser = api.Refuses(400, "unknown_user",
		"Esa persona no existe o está desactivada.",
		"Essa pessoa não existe ou está desativada.",
		"That person does not exist or is switched off.")
	// ErrNotInArea: that person does not work there
	ErrNotInArea = api.Refuses(400, "not_in_area",
		"Esa persona no trabaja en esa área.",
		"Essa pessoa não trabalha nessa área.",
		"That person does not work in that area.")
	// ErrPastTime: a time that is not ahead; Args field
	ErrPastTime = api.Refuses(400, "past_time",
		"Elige un momento que aún no haya pasado.",
		"Escolha um momento que ainda não passou.",
		"Choose a time that is still ahead.")
	// ErrTooFar: a time that is more than maxAhead ahead; Args field
	ErrTooFar = api.Refuses(400, "too_far",
		"Es demasiado lejos: elige un momento dentro de un año.",
		"É longe demais: escolha um momento dentro de um ano.",
		"That is too far ahead: choose a time within a year.")
	// ErrBlocked: nothing is said to a contact who is blocked
	ErrBlocked = api.Refuses(409, "blocked",
		"Este contacto está bloqueado. Desbloquéalo para escribirle.",
		"Este contato está bloqueado. Desbloqueie para escrever.",
		"This contact is blocked. Unblock them to write.")
)
