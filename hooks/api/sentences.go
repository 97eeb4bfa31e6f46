package api

// The codes that the routes themselves refuse with; those of the business are beside Refusal.
const (
	CodeSignedOut    = "signed_out"      // 401
	CodeWrongLogin   = "wrong_login"     // 401: unknown user, wrong password or switched off: not told apart
	codeOtherUser    = "other_user"      // 412: the cookie is not that of X-User
	CodeTooFast      = "too_fast"        // 429: Args seconds
	CodeTwoIdentity  = "two_identities"  // 400: a cookie and an Authorization header
	CodeCrossOrigin  = "cross_origin"    // 403: the request comes from another site's page
	codeBadBody      = "bad_body"        // 400: not JSON, or not the JSON that belongs here
	CodeTooBig       = "too_big"         // 413
	CodeReload       = "reload"          // 410: too far behind to be told what changed
	CodeStopping     = "stopping"        // 503
	CodeBusy         = "busy"            // 503: others are served first; Args seconds
	CodeCrowded      = "crowded"         // 429: this browser, or this person, has too much under way; Args seconds
	CodeManyStreams  = "many_streams"    // 429: this browser, or this person, has the desk open too often; Args seconds
	CodeTooSlow      = "too_slow"        // 408: the rest of the request did not come
	CodeUnnamedProxy = "unnamed_proxy"   // a warning
	CodeInternal     = "internal"        // 500
	CodeBadLink      = "bad_link"        // 400: the set-up link is used, replaced or too old
	CodeSwitchedOff  = "switched_off"    // 409: nobody who is switched off gets a link
	CodeWeakPassword = "weak_password"   // 400: Args min
	CodeNameTaken    = "name_taken"      // 409: Args field
	CodeAreaTaken    = "area_taken"      // 409: an area in use is called like that; Args field
	CodeLastAdmin    = "last_admin"      // 409: somebody has to be left who may manage the desk
	CodeNoLine       = "no_line"         // 404: there is no such line
	CodeNoScan       = "no_scan"         // 409: the line does not wait for a scan
	CodeNoFile       = "no_file"         // 400: an upload without a file
	CodeNotReady     = "not_ready"       // 409: a file that is not here yet
	CodeFileGone     = "file_gone"       // 409: neither WhatsApp nor the sender's phone has it any more
	CodeFileLarge    = "file_large"      // 409: more than the desk takes
	CodeFileDamaged  = "file_damaged"    // 409: not what its sender said
	CodeDiskFull     = "disk_full"       // 507: a file would take what is reserved of the disk
	CodeOpenFiles    = "open_files"      // a warning: others on the machine can read the desk's files; Args files
	CodeDiskReserve  = "disk_reserve"    // a warning: no files are fetched or taken any more; Args percent, free, reserve
	CodeDiskFills    = "disk_fills"      // a warning; Args percent, free
	CodeTopic        = "forbidden_topic" // 403: realtime topics are event names

	CodeBadFlow      = "bad_flow"         // 400: it can't be read; Args problem, Data problems
	CodeFlowErrors   = "flow_errors"      // 400: it must not be published like that; Args problem, Data problems
	CodeTestFailed   = "flow_test_failed" // 400: a test of its own does not pass; Args name, line, Data tests
	CodeBadLine      = "bad_test_line"    // in a test's result; Args line
	CodeLongTest     = "long_test"        // in a test's result
	CodeBadTest      = "bad_test"         // in a test's result: its world, or a flow that it brings along
	CodeFlowChanged  = "flow_changed"     // 409: somebody saved it in between; Args name, at
	CodeFlowArchived = "flow_archived"    // 409: it is out of use
	CodeUnsayable    = "unsayable"        // 400: a step of a simulation that no test can tell; Args step
)

// Said is one sentence in the languages of the desk; {name} is replaced by what Refusal.Args holds under it.
type Said struct{ Es, Pt, En string }

// Sentences says every refusal. Short, second person, what to do next; no blame, no jargon.
var Sentences = map[string]Said{
	CodeNotFound: {"Eso no existe o no está a tu vista.", "Isso não existe ou não está à sua vista.", "That does not exist, or is not yours to see."},
	CodeForbidden: {"Tu rol no permite hacer esto. Pídeselo a un administrador.", "Seu perfil não permite fazer isto. Peça a um administrador.",
		"Your role does not allow this. Ask an admin."},
	CodeTaken: {"{name} tomó la conversación antes.", "{name} pegou a conversa antes.", "{name} took the conversation first."},
	CodeClosed: {"La conversación está cerrada. Reábrela para seguir.", "A conversa está encerrada. Reabra para continuar.",
		"The conversation is closed. Reopen it to go on."},
	CodeNotClosed: {"La conversación ya está abierta.", "A conversa já está aberta.", "The conversation is open already."},
	CodeLive: {"Este cliente ya tiene otra conversación abierta. Sigue en esa.", "Este cliente já tem outra conversa aberta. Continue nela.",
		"This customer has another open conversation. Go on there."},
	CodeNotPossible: {"La conversación no está en un estado que lo permita.", "A conversa não está em um estado que permita isso.",
		"The conversation is not in a state for that."},
	CodeNotOpen: {"Nadie atiende esta conversación todavía.", "Ninguém está atendendo esta conversa ainda.", "Nobody has this conversation yet."},
	CodeBehind: {"Llegaron mensajes mientras escribías. Revísalos antes de enviar.", "Chegaram mensagens enquanto você escrevia. Veja antes de enviar.",
		"Messages arrived while you were writing. Read them before sending."},
	CodeUnknownArea: {"Esa área no existe o está desactivada.", "Essa área não existe ou está desativada.", "That area does not exist or is switched off."},
	CodeUnknownUser: {"Esa persona no existe o está desactivada.", "Essa pessoa não existe ou está desativada.", "That person does not exist or is switched off."},
	CodeNotInArea:   {"Esa persona no trabaja en esa área.", "Essa pessoa não trabalha nessa área.", "That person does not work in that area."},
	CodeNothing:     {"Escribe algo o adjunta un archivo.", "Escreva algo ou anexe um arquivo.", "Write something or attach a file."},
	CodeTooLong:     {"El texto es demasiado largo: como máximo {max} caracteres.", "O texto é longo demais: no máximo {max} caracteres.", "The text is too long: {max} characters at most."},
	CodeTooMany:     {"Son demasiados: como máximo {max}.", "São muitos: no máximo {max}.", "Too many: {max} at most."},
	CodePastTime:    {"Elige un momento que aún no haya pasado.", "Escolha um momento que ainda não passou.", "Choose a time that is still ahead."},
	CodeTooFar:      {"Es demasiado lejos: elige un momento dentro de un año.", "É longe demais: escolha um momento dentro de um ano.", "That is too far ahead: choose a time within a year."},
	CodeUnknownMedia: {"Ese archivo no está en esta conversación. Súbelo otra vez.", "Esse arquivo não está nesta conversa. Envie de novo.",
		"That file is not in this conversation. Upload it again."},
	CodeNoTarget: {"Ese mensaje no existe o no se puede cambiar.", "Essa mensagem não existe ou não pode ser alterada.", "That message does not exist or cannot be changed."},
	CodeTooLate: {"WhatsApp solo deja cambiarlo durante {minutes} minutos.", "O WhatsApp só deixa alterar durante {minutes} minutos.",
		"WhatsApp only lets it be changed for {minutes} minutes."},
	CodeNotFailed: {"Este mensaje no falló: no hay nada que reintentar.", "Esta mensagem não falhou: não há o que tentar de novo.",
		"This message did not fail: there is nothing to try again."},
	CodeNoFlow: {"Ese flujo no está publicado o no se ofrece aquí. Elige otro.", "Esse fluxo não está publicado ou não é oferecido aqui. Escolha outro.",
		"That flow is not published or not offered here. Choose another one."},
	CodeBlocked: {"Este contacto está bloqueado. Desbloquéalo para escribirle.", "Este contato está bloqueado. Desbloqueie para escrever.",
		"This contact is blocked. Unblock them to write."},
	CodePaused: {"El bot está en pausa. Reanúdalo antes de iniciar un flujo.", "O bot está em pausa. Retome-o antes de iniciar um fluxo.",
		"The bot is paused. Resume it before starting a flow."},
	CodeBadValue: {"Revisa «{field}»: ese valor no sirve.", "Confira \"{field}\": esse valor não serve.", "Check \"{field}\": that value does not fit."},

	CodeSignedOut: {"Tu sesión terminó. Entra otra vez.", "Sua sessão terminou. Entre de novo.", "You are signed out. Sign in again."},
	codeOtherUser: {"En este navegador inició sesión otra persona. Vuelve a cargar la página.", "Outra pessoa entrou neste navegador. Recarregue a página.",
		"Somebody else signed in in this browser. Reload the page."},
	CodeWrongLogin: {"El usuario o la contraseña no son correctos.", "O usuário ou a senha não estão corretos.",
		"The user name or the password is not right."},
	CodeTooFast: {"Demasiados intentos. Prueba otra vez en {seconds} segundos.", "Tentativas demais. Tente de novo em {seconds} segundos.",
		"Too many tries. Try again in {seconds} seconds."},
	CodeTwoIdentity: {"La petición trae una sesión y además una clave. Usa una sola.", "A requisição traz uma sessão e também uma chave. Use só uma.",
		"The request carries a session and a key. Use one of them."},
	CodeCrossOrigin: {"La petición viene de otra página web y no se acepta.", "A requisição vem de outra página da web e não é aceita.",
		"The request comes from another website and is not accepted."},
	codeBadBody: {"No se entiende lo que se envió.", "Não dá para entender o que foi enviado.", "What was sent cannot be understood."},
	CodeTooBig:  {"Es demasiado grande para enviarlo.", "É grande demais para enviar.", "That is too big to send."},
	CodeReload:  {"Pasó demasiado tiempo. Vuelve a cargar la página.", "Passou tempo demais. Recarregue a página.", "Too much happened since. Load the page again."},
	CodeBusy: {"Hay muchas peticiones a la vez. Prueba otra vez en un momento.", "Há muitas solicitações ao mesmo tempo. Tente de novo em instantes.",
		"There is a lot going on. Try again in a moment."},
	CodeCrowded: {"Hay demasiadas cosas a la vez en este navegador. Espera un momento y prueba otra vez.", "Há coisas demais ao mesmo tempo neste navegador. Espere um momento e tente de novo.",
		"This browser does too much at a time. Wait a moment and try again."},
	CodeManyStreams: {"El escritorio está abierto en demasiadas pestañas. Cierra alguna.", "O painel está aberto em abas demais. Feche alguma.",
		"The desk is open in too many tabs. Close some of them."},
	CodeTooSlow: {"Lo que enviaste no terminó de llegar. Prueba otra vez.", "O que você enviou não terminou de chegar. Tente de novo.",
		"What you sent did not arrive in full. Try again."},
	CodeUnnamedProxy: {"Todos llegan por un proxy que nadie nombró y cuentan como una sola dirección. Nombra su cabecera en /_/, Ajustes, «Trusted proxy» (suele ser X-Forwarded-For): si no, los intentos fallidos de una persona frenan el ingreso de todas.",
		"Todos chegam por um proxy que ninguém nomeou e contam como um só endereço. Nomeie o cabeçalho dele em /_/, configurações, «Trusted proxy» (costuma ser X-Forwarded-For): senão, as tentativas erradas de uma pessoa atrasam o acesso de todas.",
		"Everybody comes through a proxy that nobody named, and counts as one address. Name its header at /_/ under Settings, Trusted proxy (X-Forwarded-For as a rule): else one person's failed sign-ins slow down everybody's."},
	CodeStopping: {"El servidor se está deteniendo. Prueba otra vez en un momento.", "O servidor está parando. Tente de novo em instantes.", "The server is stopping. Try again in a moment."},
	CodeInternal: {"Algo falló en el servidor. Prueba otra vez; si sigue, avisa a un administrador.", "Algo falhou no servidor. Tente de novo; se continuar, avise um administrador.",
		"Something went wrong on the server. Try again; if it goes on, tell an admin."},
	CodeBadLink: {"Este enlace ya se usó o venció. Pide uno nuevo a un administrador.", "Este link já foi usado ou venceu. Peça um novo a um administrador.",
		"This link was used or is too old. Ask an admin for a new one."},
	CodeSwitchedOff: {"Esta persona está desactivada. Actívala antes de darle un enlace.", "Esta pessoa está desativada. Ative-a antes de dar um link.",
		"This person is switched off. Switch them on before giving them a link."},
	CodeWeakPassword: {"La contraseña necesita al menos {min} caracteres.", "A senha precisa de pelo menos {min} caracteres.", "The password needs at least {min} characters."},
	CodeAreaTaken: {"Ya hay un área en uso con ese nombre. Elige otro.", "Já existe uma área em uso com esse nome. Escolha outro.",
		"An area in use has that name already. Choose another one."},
	CodeNameTaken: {"Ya existe otro igual: cambia «{field}».", "Já existe outro igual: altere \"{field}\".", "There is one like that already: change \"{field}\"."},
	CodeLastAdmin: {"Tiene que quedar al menos un administrador activo.", "Precisa restar pelo menos um administrador ativo.",
		"At least one active admin has to be left."},
	CodeOpenFiles: {"Otros usuarios de esta máquina pueden leer los archivos del escritorio: {files}. Ejecuta chmod 600 sobre ellos.",
		"Outros usuários desta máquina podem ler os arquivos do painel: {files}. Execute chmod 600 neles.",
		"Other users of this machine can read the desk's files: {files}. Run chmod 600 on them."},
	CodeNoLine: {"Esa línea no existe.", "Essa linha não existe.", "There is no such line."},
	CodeNoScan: {"La línea no está esperando que se escanee un código.", "A linha não está esperando a leitura de um código.",
		"The line is not waiting for a code to be scanned."},
	CodeNoFile: {"Falta el archivo.", "Falta o arquivo.", "The file is missing."},
	CodeFileGone: {"El archivo ya no está en WhatsApp ni en el teléfono que lo envió. Pide que lo manden de nuevo.",
		"O arquivo não está mais no WhatsApp nem no celular que o enviou. Peça que enviem de novo.",
		"The file is neither on WhatsApp nor on the sender's phone any more. Ask them to send it again."},
	CodeFileLarge: {"El archivo es más grande de lo que se puede guardar.", "O arquivo é maior do que se pode guardar.", "The file is larger than can be stored."},
	CodeFileDamaged: {"El archivo llegó dañado. Pide que lo manden de nuevo.", "O arquivo chegou danificado. Peça que enviem de novo.",
		"The file came damaged. Ask them to send it again."},
	CodeDiskFull: {"El servidor casi no tiene espacio en disco y no guarda más archivos. Avisa a quien lo administra; los textos siguen llegando.",
		"O servidor está quase sem espaço em disco e não guarda mais arquivos. Avise quem o administra; os textos continuam chegando.",
		"The server is almost out of disk space and stores no more files. Tell whoever runs it; texts still go through."},
	CodeDiskReserve: {"El disco está lleno al {percent} %: quedan {free} MB y {reserve} MB se reservan para los mensajes. No se descargan ni se aceptan archivos hasta que haya lugar. No se borra nada.",
		"O disco está {percent} % cheio: restam {free} MB e {reserve} MB ficam reservados para as mensagens. Nenhum arquivo é baixado nem aceito até haver espaço. Nada é apagado.",
		"The disk is {percent} % full: {free} MB are left, and {reserve} MB are kept for messages. No files are fetched or taken until there is room. Nothing is deleted."},
	CodeDiskFills: {"El disco está lleno al {percent} %: quedan {free} MB. Libera espacio o agranda el disco antes de que se llene.",
		"O disco está {percent} % cheio: restam {free} MB. Libere espaço ou aumente o disco antes que encha.",
		"The disk is {percent} % full: {free} MB are left. Free some space or enlarge the disk before it is full."},
	CodeNotReady: {"El archivo todavía no llegó. Prueba en un momento.", "O arquivo ainda não chegou. Tente em instantes.", "The file is not here yet. Try in a moment."},
	CodeTopic:    {"No puedes suscribirte a «{topic}».", "Você não pode assinar \"{topic}\".", "You cannot subscribe to \"{topic}\"."},

	CodeBadFlow: {"El flujo no se puede leer. {problem}", "Não dá para ler o fluxo. {problem}", "The flow can't be read. {problem}"},
	CodeFlowErrors: {"El flujo tiene errores y no se puede publicar. {problem}", "O fluxo tem erros e não pode ser publicado. {problem}",
		"The flow has errors and can't be published. {problem}"},
	CodeTestFailed: {"La prueba «{name}» falla en la línea {line}. Corrige el flujo o la prueba.", "O teste \"{name}\" falha na linha {line}. Corrija o fluxo ou o teste.",
		"The test \"{name}\" fails at line {line}. Correct the flow or the test."},
	CodeBadLine:  {"Esta línea no se entiende: {line}", "Não dá para entender esta linha: {line}", "This line cannot be understood: {line}"},
	CodeLongTest: {"La conversación de esta prueba es demasiado larga.", "A conversa deste teste é longa demais.", "The conversation of this test is too long."},
	CodeBadTest: {"No se puede leer el mundo de esta prueba, o un flujo que trae.", "Não dá para ler o mundo deste teste, ou um fluxo que ele traz.",
		"The world of this test cannot be read, or a flow that it brings along."},
	CodeFlowChanged: {"{name} guardó este flujo el {at}. Carga su versión antes de guardar la tuya.", "{name} salvou este fluxo em {at}. Carregue essa versão antes de salvar a sua.",
		"{name} saved this flow on {at}. Load that version before you save yours."},
	CodeFlowArchived: {"El flujo está archivado. Recupéralo primero.", "O fluxo está arquivado. Recupere-o primeiro.", "The flow is archived. Restore it first."},
	CodeUnsayable:    {"El paso {step} no se puede escribir en una prueba.", "O passo {step} não pode ser escrito em um teste.", "Step {step} can't be written in a test."},
}
