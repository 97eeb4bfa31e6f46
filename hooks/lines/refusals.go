package lines

import "mostrador/hooks/api"

// What this room refuses, and what it warns of.
var (
	// errNoLine: there is no such line
	errNoLine = api.Refuses(404, "no_line",
		"Esa línea no existe.",
		"Essa linha não existe.",
		"There is no such line.")
	// errNoScan: the line does not wait for a scan
	errNoScan = api.Refuses(409, "no_scan",
		"La línea no está esperando que se escanee un código.",
		"A linha não está esperando a leitura de um código.",
		"The line is not waiting for a code to be scanned.")
)
