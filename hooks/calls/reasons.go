package calls

import (
	"mostrador/hooks/api"
	"mostrador/hooks/fetch"
	"mostrador/hooks/secrets"
)

// noAnswer is a reason of our own why a call has no answer; its text is the code.
type noAnswer string

func (n noAnswer) Error() string { return SayReason("en", string(n), "") }

// Reasons why a call has no answer, besides those of fetch.
const (
	CallLate        = string(fetch.TimedOut) // its deadline came first
	CallInterrupted = "interrupted"          // the desk stopped while it was under way, and it may not be asked twice
	CallFault       = "fault"                // a mistake of the desk's own
	CallNoModel     = "ai_off"               // no endpoint of a language model is set
	CallModelStatus = "ai_status"            // the endpoint answers with an error
	CallModelSilent = "ai_silent"            // the model says nothing
)

// CallReasons says them, for the line in the conversation and for the log; {host} is who was asked.
var CallReasons = map[string]api.Said{
	string(fetch.BadURL): api.Says("La dirección no se puede leer.", "O endereço não pode ser lido.",
		"The address cannot be read."),
	string(fetch.BadScheme): api.Says("La dirección no empieza con https:// ni http://.", "O endereço não começa com https:// nem http://.",
		"The address begins with neither https:// nor http://."),
	string(fetch.UserInfo): api.Says("La dirección lleva un usuario o una contraseña. Ponlos en un encabezado.", "O endereço traz um usuário ou uma senha. Coloque-os em um cabeçalho.",
		"The address has a user name or a password in it. Put them into a header."),
	string(fetch.BadHost): api.Says("El servidor tiene que ser un nombre o una dirección IP en su forma normal.", "O servidor tem que ser um nome ou um endereço IP na forma normal.",
		"The host has to be a name, or an IP address in its usual form."),
	string(fetch.BadMethod): api.Says("Ese método no existe.", "Esse método não existe.",
		"There is no such method."),
	string(fetch.BadHeader): api.Says("Un encabezado tiene un nombre o un valor que no se permite.", "Um cabeçalho tem um nome ou um valor que não é permitido.",
		"A header has a name or a value that is not allowed."),
	string(fetch.Forbidden): api.Says("{host} está en una red interna y no se consulta. Quien opera el programa puede permitirlo con --allow-host.", "{host} está em uma rede interna e não é consultado. Quem opera o programa pode permitir com --allow-host.",
		"{host} is in an internal network and is not asked. Whoever operates the program can allow it with --allow-host."),
	string(fetch.Downgrade): api.Says("{host} redirige de https a http, y eso no se sigue.", "{host} redireciona de https para http, e isso não é seguido.",
		"{host} redirects from https to http, which is not followed."),
	string(fetch.TooManyRedirects): api.Says("{host} redirige demasiadas veces.", "{host} redireciona vezes demais.",
		"{host} redirects too often."),
	string(fetch.UnknownHost): api.Says("El nombre {host} no existe.", "O nome {host} não existe.",
		"The name {host} does not exist."),
	string(fetch.Unreachable): api.Says("{host} no acepta conexiones.", "{host} não aceita conexões.",
		"{host} does not take connections."),
	string(fetch.BadTLS): api.Says("El certificado de {host} no es de confianza.", "O certificado de {host} não é confiável.",
		"The certificate of {host} cannot be trusted."),
	CallLate: api.Says("{host} no respondió a tiempo.", "{host} não respondeu a tempo.",
		"{host} did not answer in time."),
	string(fetch.TooLarge): api.Says("La respuesta de {host} es demasiado grande.", "A resposta de {host} é grande demais.",
		"The answer of {host} is too large."),
	string(fetch.BadAnswer): api.Says("La conexión con {host} se cortó o la respuesta no se entiende.", "A conexão com {host} caiu ou a resposta não se entende.",
		"The connection with {host} broke, or its answer cannot be understood."),
	CallInterrupted: api.Says("El programa se detuvo durante la consulta a {host}, y repetirla podría duplicarla.", "O programa parou durante a consulta a {host}, e repeti-la poderia duplicá-la.",
		"The program stopped while {host} was being asked, and asking again might do it twice."),
	CallFault: api.Says("Algo falló en el servidor al hacer la consulta.", "Algo falhou no servidor ao fazer a consulta.",
		"Something went wrong on the server while asking."),
	CallNoModel: api.Says("No hay ningún modelo de lenguaje configurado.", "Nenhum modelo de linguagem está configurado.",
		"No language model is set up."),
	CallModelStatus: api.Says("El modelo de lenguaje en {host} respondió con un error.", "O modelo de linguagem em {host} respondeu com um erro.",
		"The language model at {host} answered with an error."),
	CallModelSilent: api.Says("El modelo de lenguaje en {host} no dijo nada.", "O modelo de linguagem em {host} não disse nada.",
		"The language model at {host} said nothing."),
	secrets.OtherHost: api.Says("La clave que pide este paso no se puede enviar a {host}.", "A chave que este passo pede não pode ser enviada a {host}.",
		"The secret that this step needs may not be sent to {host}."),
	secrets.OnlyTLS: api.Says("Una clave solo se envía por https, y la dirección de {host} no lo es.", "Uma chave só é enviada por https, e o endereço de {host} não é.",
		"A secret is sent over https only, and the address of {host} is not."),
	secrets.NoSecret: api.Says("La clave que pide este paso no existe o no se puede leer. Guárdala otra vez.", "A chave que este passo pede não existe ou não pode ser lida. Guarde-a de novo.",
		"The secret that this step needs does not exist or cannot be read. Save it again."),
}

// SayReason is a reason in words. An unknown one, which a test forbids, reads as a mistake of ours.
func SayReason(lang, code, host string) string {
	texts, ok := CallReasons[code]
	if !ok {
		texts = CallReasons[CallFault]
	}
	return texts.In(lang, map[string]any{"host": host})
}
