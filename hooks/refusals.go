package hooks

import "mostrador/hooks/api"

// What this room refuses, and what it warns of.
var (
	// WarnOpenFiles: a warning: others on the machine can read the desk's files; Args files
	WarnOpenFiles = api.Warns("open_files",
		"Otros usuarios de esta máquina pueden leer los archivos del escritorio: {files}. Ejecuta chmod 600 sobre ellos.",
		"Outros usuários desta máquina podem ler os arquivos do painel: {files}. Execute chmod 600 neles.",
		"Other users of this machine can read the desk's files: {files}. Run chmod 600 on them.")
)
