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
	string(fetch.BadURL):    {Es: "La dirección no se puede leer.", Pt: "O endereço não pode ser lido.", En: "The address cannot be read."},
	string(fetch.BadScheme): {Es: "La dirección no empieza con https:// ni http://.", Pt: "O endereço não começa com https:// nem http://.", En: "The address begins with neither https:// nor http://."},
	string(fetch.UserInfo): {Es: "La dirección lleva un usuario o una contraseña. Ponlos en un encabezado.", Pt: "O endereço traz um usuário ou uma senha. Coloque-os em um cabeçalho.",
		En: "The address has a user name or a password in it. Put them into a header."},
	string(fetch.BadHost): {Es: "El servidor tiene que ser un nombre o una dirección IP en su forma normal.", Pt: "O servidor tem que ser um nome ou um endereço IP na forma normal.",
		En: "The host has to be a name, or an IP address in its usual form."},
	string(fetch.BadMethod): {Es: "Ese método no existe.", Pt: "Esse método não existe.", En: "There is no such method."},
	string(fetch.BadHeader): {Es: "Un encabezado tiene un nombre o un valor que no se permite.", Pt: "Um cabeçalho tem um nome ou um valor que não é permitido.", En: "A header has a name or a value that is not allowed."},
	string(fetch.Forbidden): {Es: "{host} está en una red interna y no se consulta. Quien opera el programa puede permitirlo con --allow-host.",
		Pt: "{host} está em uma rede interna e não é consultado. Quem opera o programa pode permitir com --allow-host.",
		En: "{host} is in an internal network and is not asked. Whoever operates the program can allow it with --allow-host."},
	string(fetch.Downgrade):        {Es: "{host} redirige de https a http, y eso no se sigue.", Pt: "{host} redireciona de https para http, e isso não é seguido.", En: "{host} redirects from https to http, which is not followed."},
	string(fetch.TooManyRedirects): {Es: "{host} redirige demasiadas veces.", Pt: "{host} redireciona vezes demais.", En: "{host} redirects too often."},
	string(fetch.UnknownHost):      {Es: "El nombre {host} no existe.", Pt: "O nome {host} não existe.", En: "The name {host} does not exist."},
	string(fetch.Unreachable):      {Es: "{host} no acepta conexiones.", Pt: "{host} não aceita conexões.", En: "{host} does not take connections."},
	string(fetch.BadTLS):           {Es: "El certificado de {host} no es de confianza.", Pt: "O certificado de {host} não é confiável.", En: "The certificate of {host} cannot be trusted."},
	CallLate:                       {Es: "{host} no respondió a tiempo.", Pt: "{host} não respondeu a tempo.", En: "{host} did not answer in time."},
	string(fetch.TooLarge):         {Es: "La respuesta de {host} es demasiado grande.", Pt: "A resposta de {host} é grande demais.", En: "The answer of {host} is too large."},
	string(fetch.BadAnswer):        {Es: "La conexión con {host} se cortó o la respuesta no se entiende.", Pt: "A conexão com {host} caiu ou a resposta não se entende.", En: "The connection with {host} broke, or its answer cannot be understood."},
	CallInterrupted: {Es: "El programa se detuvo durante la consulta a {host}, y repetirla podría duplicarla.", Pt: "O programa parou durante a consulta a {host}, e repeti-la poderia duplicá-la.",
		En: "The program stopped while {host} was being asked, and asking again might do it twice."},
	CallFault:       {Es: "Algo falló en el servidor al hacer la consulta.", Pt: "Algo falhou no servidor ao fazer a consulta.", En: "Something went wrong on the server while asking."},
	CallNoModel:     {Es: "No hay ningún modelo de lenguaje configurado.", Pt: "Nenhum modelo de linguagem está configurado.", En: "No language model is set up."},
	CallModelStatus: {Es: "El modelo de lenguaje en {host} respondió con un error.", Pt: "O modelo de linguagem em {host} respondeu com um erro.", En: "The language model at {host} answered with an error."},
	CallModelSilent: {Es: "El modelo de lenguaje en {host} no dijo nada.", Pt: "O modelo de linguagem em {host} não disse nada.", En: "The language model at {host} said nothing."},
	secrets.OtherHost: {Es: "La clave que pide este paso no se puede enviar a {host}.", Pt: "A chave que este passo pede não pode ser enviada a {host}.",
		En: "The secret that this step needs may not be sent to {host}."},
	secrets.OnlyTLS: {Es: "Una clave solo se envía por https, y la dirección de {host} no lo es.", Pt: "Uma chave só é enviada por https, e o endereço de {host} não é.",
		En: "A secret is sent over https only, and the address of {host} is not."},
	secrets.NoSecret: {Es: "La clave que pide este paso no existe o no se puede leer. Guárdala otra vez.", Pt: "A chave que este passo pede não existe ou não pode ser lida. Guarde-a de novo.",
		En: "The secret that this step needs does not exist or cannot be read. Save it again."},
}

// SayReason is a reason in words. An unknown one, which a test forbids, reads as a mistake of ours.
func SayReason(lang, code, host string) string {
	texts, ok := CallReasons[code]
	if !ok {
		texts = CallReasons[CallFault]
	}
	return texts.In(lang, map[string]any{"host": host})
}
