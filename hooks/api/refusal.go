package api

import (
	"fmt"
	"maps"
	"unicode/utf8"
)

// Refusal is what the desk answers to a request that it understands and does not carry out: a reason that Refuses declared, with what
// there is to say of this once. The routes answer in the user's language; Data goes along as it is.
type Refusal struct {
	Status int            // HTTP
	Code   string         // what a client tells it by
	Args   map[string]any // what the places of the sentence hold; field names the field at fault, seconds when to come again
	Data   any

	said    Said
	inWords func(lang string) (args map[string]any, data any) // Args and Data in a language; nil: as they are
}

// Refuses declares a reason to refuse: its status, its code and its sentence in Spanish, Portuguese and English. Short, second person,
// what to do next; no blame, no jargon. {name} in it is replaced by what With gives for it.
func Refuses(status int, code, es, pt, en string) *Refusal {
	return &Refusal{Status: status, Code: code, said: Said{es, pt, en}}
}

func (r *Refusal) Error() string { return fmt.Sprintf("refused: %s (%d)", r.Code, r.Status) }

// Is holds for the same reason, whatever was said of it.
func (r *Refusal) Is(other error) bool {
	o, ok := other.(*Refusal)
	return ok && o.Code == r.Code
}

// With fills a place of the sentence.
func (r *Refusal) With(name string, value any) *Refusal {
	filled := *r
	filled.Args = maps.Clone(r.Args)
	if filled.Args == nil {
		filled.Args = map[string]any{}
	}
	filled.Args[name] = value
	return &filled
}

// Carrying brings along what the page needs to help.
func (r *Refusal) Carrying(data any) *Refusal {
	full := *r
	full.Data = data
	return &full
}

// InWords says arguments and data that depend on the language, once that is known.
func (r *Refusal) InWords(say func(lang string) (args map[string]any, data any)) *Refusal {
	later := *r
	later.inWords = say
	return &later
}

// At refuses for the same reason with another HTTP status.
func (r *Refusal) At(status int) *Refusal {
	moved := *r
	moved.Status = status
	return &moved
}

// Say is the refusal in a person's words.
func (r *Refusal) Say(lang string) string {
	r = r.in(lang)
	return r.said.In(lang, r.Args)
}

// in is a refusal in a language.
func (r *Refusal) in(lang string) *Refusal {
	if r.inWords == nil {
		return r
	}
	args, data := r.inWords(lang)
	return &Refusal{Status: r.Status, Code: r.Code, Args: args, Data: data, said: r.said}
}

// What every room may refuse.
var (
	// ErrNotFound: it is not there, or not for this viewer's eyes
	ErrNotFound = Refuses(404, "not_found",
		"Eso no existe o no está a tu vista.",
		"Isso não existe ou não está à sua vista.",
		"That does not exist, or is not yours to see.")
	// ErrForbidden: seen, but not theirs to do
	ErrForbidden = Refuses(403, "forbidden",
		"Tu rol no permite hacer esto. Pídeselo a un administrador.",
		"Seu perfil não permite fazer isto. Peça a um administrador.",
		"Your role does not allow this. Ask an admin.")
	// ErrBadValue: Args field
	ErrBadValue = Refuses(400, "bad_value",
		"Revisa «{field}»: ese valor no sirve.",
		"Confira \"{field}\": esse valor não serve.",
		"Check \"{field}\": that value does not fit.")
	// ErrTooLong: Args max
	ErrTooLong = Refuses(400, "too_long",
		"El texto es demasiado largo: como máximo {max} caracteres.",
		"O texto é longo demais: no máximo {max} caracteres.",
		"The text is too long: {max} characters at most.")
	// ErrTooMany: Args max
	ErrTooMany = Refuses(400, "too_many",
		"Son demasiados: como máximo {max}.",
		"São muitos: no máximo {max}.",
		"Too many: {max} at most.")
	// ErrNameTaken: Args field
	ErrNameTaken = Refuses(409, "name_taken",
		"Ya existe otro igual: cambia «{field}».",
		"Já existe outro igual: altere \"{field}\".",
		"There is one like that already: change \"{field}\".")
	ErrSignedOut = Refuses(401, "signed_out",
		"Tu sesión terminó. Entra otra vez.",
		"Sua sessão terminou. Entre de novo.",
		"You are signed out. Sign in again.")
	// errOtherUser: the cookie is not that of X-User
	errOtherUser = Refuses(412, "other_user",
		"En este navegador inició sesión otra persona. Vuelve a cargar la página.",
		"Outra pessoa entrou neste navegador. Recarregue a página.",
		"Somebody else signed in in this browser. Reload the page.")
	// errBadBody: not JSON, or not the JSON that belongs here
	errBadBody = Refuses(400, "bad_body",
		"No se entiende lo que se envió.",
		"Não dá para entender o que foi enviado.",
		"What was sent cannot be understood.")
	ErrTooBig = Refuses(413, "too_big",
		"Es demasiado grande para enviarlo.",
		"É grande demais para enviar.",
		"That is too big to send.")
	ErrStopping = Refuses(503, "stopping",
		"El servidor se está deteniendo. Prueba otra vez en un momento.",
		"O servidor está parando. Tente de novo em instantes.",
		"The server is stopping. Try again in a moment.")
	// ErrBusy: others are served first; Args seconds
	ErrBusy = Refuses(503, "busy",
		"Hay muchas peticiones a la vez. Prueba otra vez en un momento.",
		"Há muitas solicitações ao mesmo tempo. Tente de novo em instantes.",
		"There is a lot going on. Try again in a moment.")
	// ErrTooSlow: the rest of the request did not come
	ErrTooSlow = Refuses(408, "too_slow",
		"Lo que enviaste no terminó de llegar. Prueba otra vez.",
		"O que você enviou não terminou de chegar. Tente de novo.",
		"What you sent did not arrive in full. Try again.")
	ErrInternal = Refuses(500, "internal",
		"Algo falló en el servidor. Prueba otra vez; si sigue, avisa a un administrador.",
		"Algo falhou no servidor. Tente de novo; se continuar, avise um administrador.",
		"Something went wrong on the server. Try again; if it goes on, tell an admin.")
	// ErrCrossOrigin: the request comes from another site's page
	ErrCrossOrigin = Refuses(403, "cross_origin",
		"La petición viene de otra página web y no se acepta.",
		"A requisição vem de outra página da web e não é aceita.",
		"The request comes from another website and is not accepted.")
	ErrUnknownArea = Refuses(400, "unknown_area",
		"Esa área no existe o está desactivada.",
		"Essa área não existe ou está desativada.",
		"That area does not exist or is switched off.")
)

const MaxText = 65_536 // characters that WhatsApp takes in one text

// TooLong refuses a text that WhatsApp would not take.
func TooLong(field, text string) error {
	if utf8.RuneCountInString(text) > MaxText {
		return ErrTooLong.With("field", field).With("max", MaxText)
	}
	return nil
}

// BadValue refuses one field of a request.
func BadValue(field string) *Refusal { return ErrBadValue.With("field", field) }

// Busy is the answer while others are served, also where no route is.
func Busy() *Refusal { return ErrBusy.With("seconds", 5) }
