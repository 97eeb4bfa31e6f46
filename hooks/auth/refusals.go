package auth

import "mostrador/hooks/api"

// What this room refuses, and what it warns of.
var (
	// ErrWrongLogin: unknown user, wrong password or switched off: not told apart
	ErrWrongLogin = api.Refuses(401, "wrong_login",
		"El usuario o la contraseña no son correctos.",
		"O usuário ou a senha não estão corretos.",
		"The user name or the password is not right.")
	// ErrTooFast: Args seconds
	ErrTooFast = api.Refuses(429, "too_fast",
		"Demasiados intentos. Prueba otra vez en {seconds} segundos.",
		"Tentativas demais. Tente de novo em {seconds} segundos.",
		"Too many tries. Try again in {seconds} seconds.")
	// ErrTwoIdentity: a cookie and an Authorization header
	ErrTwoIdentity = api.Refuses(400, "two_identities",
		"La petición trae una sesión y además una clave. Usa una sola.",
		"A requisição traz uma sessão e também uma chave. Use só uma.",
		"The request carries a session and a key. Use one of them.")
	// ErrCrowded: this browser, or this person, has too much under way; Args seconds
	ErrCrowded = api.Refuses(429, "crowded",
		"Hay demasiadas cosas a la vez en este navegador. Espera un momento y prueba otra vez.",
		"Há coisas demais ao mesmo tempo neste navegador. Espere um momento e tente de novo.",
		"This browser does too much at a time. Wait a moment and try again.")
	WarnUnnamedProxy = api.Warns("unnamed_proxy",
		"Todos llegan por un proxy que nadie nombró y cuentan como una sola dirección. Nombra su cabecera en /_/, Ajustes, «Trusted proxy» (suele ser X-Forwarded-For): si no, los intentos fallidos de una persona frenan el ingreso de todas.",
		"Todos chegam por um proxy que ninguém nomeou e contam como um só endereço. Nomeie o cabeçalho dele em /_/, configurações, «Trusted proxy» (costuma ser X-Forwarded-For): senão, as tentativas erradas de uma pessoa atrasam o acesso de todas.",
		"Everybody comes through a proxy that nobody named, and counts as one address. Name its header at /_/ under Settings, Trusted proxy (X-Forwarded-For as a rule): else one person's failed sign-ins slow down everybody's.")
	// ErrBadLink: the set-up link is used, replaced or too old
	ErrBadLink = api.Refuses(400, "bad_link",
		"Este enlace ya se usó o venció. Pide uno nuevo a un administrador.",
		"Este link já foi usado ou venceu. Peça um novo a um administrador.",
		"This link was used or is too old. Ask an admin for a new one.")
	// ErrSwitchedOff: nobody who is switched off gets a link
	ErrSwitchedOff = api.Refuses(409, "switched_off",
		"Esta persona está desactivada. Actívala antes de darle un enlace.",
		"Esta pessoa está desativada. Ative-a antes de dar um link.",
		"This person is switched off. Switch them on before giving them a link.")
	// ErrWeakPassword: Args min
	ErrWeakPassword = api.Refuses(400, "weak_password",
		"La contraseña necesita al menos {min} caracteres.",
		"A senha precisa de pelo menos {min} caracteres.",
		"The password needs at least {min} characters.")
)
