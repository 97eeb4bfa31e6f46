package media

import "mostrador/hooks/api"

// What this room refuses, and what it warns of.
var (
	// ErrUnknownMedia: no such upload of this user in this conversation
	ErrUnknownMedia = api.Refuses(400, "unknown_media",
		"Ese archivo no está en esta conversación. Súbelo otra vez.",
		"Esse arquivo não está nesta conversa. Envie de novo.",
		"That file is not in this conversation. Upload it again.")
	// errNoFile: an upload without a file
	errNoFile = api.Refuses(400, "no_file",
		"Falta el archivo.",
		"Falta o arquivo.",
		"The file is missing.")
	// errNotReady: a file that is not here yet
	errNotReady = api.Refuses(409, "not_ready",
		"El archivo todavía no llegó. Prueba en un momento.",
		"O arquivo ainda não chegou. Tente em instantes.",
		"The file is not here yet. Try in a moment.")
	// ErrFileGone: neither WhatsApp nor the sender's phone has it any more
	ErrFileGone = api.Refuses(409, "file_gone",
		"El archivo ya no está en WhatsApp ni en el teléfono que lo envió. Pide que lo manden de nuevo.",
		"O arquivo não está mais no WhatsApp nem no celular que o enviou. Peça que enviem de novo.",
		"The file is neither on WhatsApp nor on the sender's phone any more. Ask them to send it again.")
	// ErrFileLarge: more than the desk takes
	ErrFileLarge = api.Refuses(409, "file_large",
		"El archivo es más grande de lo que se puede guardar.",
		"O arquivo é maior do que se pode guardar.",
		"The file is larger than can be stored.")
	// ErrFileDamaged: not what its sender said
	ErrFileDamaged = api.Refuses(409, "file_damaged",
		"El archivo llegó dañado. Pide que lo manden de nuevo.",
		"O arquivo chegou danificado. Peça que enviem de novo.",
		"The file came damaged. Ask them to send it again.")
	// ErrDiskFull: a file would take what is reserved of the disk
	ErrDiskFull = api.Refuses(507, "disk_full",
		"El servidor casi no tiene espacio en disco y no guarda más archivos. Avisa a quien lo administra; los textos siguen llegando.",
		"O servidor está quase sem espaço em disco e não guarda mais arquivos. Avise quem o administra; os textos continuam chegando.",
		"The server is almost out of disk space and stores no more files. Tell whoever runs it; texts still go through.")
	// WarnDiskReserve: a warning: no files are fetched or taken any more; Args percent, free, reserve
	WarnDiskReserve = api.Warns("disk_reserve",
		"El disco está lleno al {percent} %: quedan {free} MB y {reserve} MB se reservan para los mensajes. No se descargan ni se aceptan archivos hasta que haya lugar. No se borra nada.",
		"O disco está {percent} % cheio: restam {free} MB e {reserve} MB ficam reservados para as mensagens. Nenhum arquivo é baixado nem aceito até haver espaço. Nada é apagado.",
		"The disk is {percent} % full: {free} MB are left, and {reserve} MB are kept for messages. No files are fetched or taken until there is room. Nothing is deleted.")
	// WarnDiskFills: a warning; Args percent, free
	WarnDiskFills = api.Warns("disk_fills",
		"El disco está lleno al {percent} %: quedan {free} MB. Libera espacio o agranda el disco antes de que se llene.",
		"O disco está {percent} % cheio: restam {free} MB. Libere espaço ou aumente o disco antes que encha.",
		"The disk is {percent} % full: {free} MB are left. Free some space or enlarge the disk before it is full.")
)
